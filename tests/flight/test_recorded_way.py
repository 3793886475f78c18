"""The simulated vehicle, told what a real ArduCopter was told: does it fly and photograph like it?"""

from __future__ import annotations

from functools import partial
from math import asin, degrees, hypot

import numpy as np
import pytest

from tests.flight.recorded import STANDS_AT
from tests.flight.recorded_differences import cases
from tests.flight.recorded_replay import real_and_simulated
from vision.frames import LocalFrame

pytestmark = pytest.mark.real_data

FRAME = LocalFrame(STANDS_AT["lat"], STANDS_AT["lon"])
# Flights, by seconds since boot, from just before arming until after disarming.
FLIGHTS = {
    "mission with photos": ("auto-mission", 69.0, 200.0),
    "mission with a hold": ("arming-and-mission-protocol", 163.5, 269.5),
    "hop and return": ("arming-and-mission-protocol", 269.6, 344.2),
    "fence": ("arming-and-mission-protocol", 352.0, 446.2),
    "pause and modes": ("failsafes", 164.0, 270.4),
    "return with the trigger on": ("failsafes", 270.5, 355.0),
}


@pytest.fixture
def both(shared, bench):
    """Gives a recording and what the simulated vehicle makes of it."""
    return partial(real_and_simulated, bench, shared)


# --- photos ----------------------------------------------------------------------------------


def of_flight(both, flight, *kinds):
    """What both vehicles told of some kinds during a flight."""
    name, from_s, to_s = FLIGHTS[flight]
    return [[m for m in one.told(*kinds) if from_s < m.boot_s < to_s] for one in both(name)]


def metres(messages):
    """East, north of home and height, of positions or photos."""
    lat = [m.lat / 1e7 for m in messages]
    lon = [(m.lon if m.name == "GLOBAL_POSITION_INT" else m.lng) / 1e7 for m in messages]
    up = [m.relative_alt / 1e3 if m.name == "GLOBAL_POSITION_INT" else m.alt_rel for m in messages]
    return np.column_stack([FRAME.to_metres(lat, lon), up])


@pytest.mark.parametrize(
    "flight", cases("photos", ["mission with photos", "mission with a hold", "return with the trigger on"])
)
def test_as_many_photos_are_taken(both, flight):
    real, simulated = of_flight(both, flight, "CAMERA_FEEDBACK")
    assert [m.img_idx for m in simulated] == [m.img_idx for m in real]


@pytest.mark.parametrize(
    "flight",
    cases("photo places", ["mission with photos", "mission with a hold", "return with the trigger on"]),
)
def test_photos_lie_where_they_did(both, flight):
    real, simulated = (metres(photos) for photos in of_flight(both, flight, "CAMERA_FEEDBACK"))
    apart_m = np.linalg.norm(simulated[:, :2] - real[:, :2], axis=1)
    assert apart_m.max() < 3.0


@pytest.mark.parametrize("flight", ["mission with photos", "mission with a hold"])
def test_photos_are_as_far_apart_as_recorded(both, flight):
    real, simulated = (metres(photos) for photos in of_flight(both, flight, "CAMERA_FEEDBACK"))
    spacing_m = [
        np.median(np.linalg.norm(np.diff(places[:, :2], axis=0), axis=1)) for places in (real, simulated)
    ]
    assert spacing_m[1] == pytest.approx(spacing_m[0], abs=0.1)


# --- the way ---------------------------------------------------------------------------------


def track(messages):
    """Seconds since boot, and metres east, north, up."""
    return np.array([m.boot_s for m in messages]), metres(messages)


@pytest.mark.parametrize("flight", cases("way", FLIGHTS))
def test_the_way_is_flown_as_recorded(both, flight):
    """Each recorded place is passed within metres and within seconds."""
    (real_s, real), (simulated_s, simulated) = (
        track(m) for m in of_flight(both, flight, "GLOBAL_POSITION_INT")
    )
    every_s = np.arange(simulated_s[0], simulated_s[-1], 0.1)
    fine = np.column_stack([np.interp(every_s, simulated_s, simulated[:, axis]) for axis in range(3)])
    off_m = []
    for at_s, place in zip(real_s, real, strict=True):
        near = fine[abs(every_s - at_s) <= 3.0]
        off_m.append(np.linalg.norm(near - place, axis=1).min() if len(near) else np.inf)
    assert np.max(off_m) < 4.0
    assert np.mean(off_m) < 1.0


def figures(messages):
    """Speed over ground, of climbing and of sinking that a flight reaches, and seconds in the air."""
    speed = [hypot(m.vx, m.vy) / 100 for m in messages]
    up = [-m.vz / 100 for m in messages]
    airborne = [m.boot_s for m in messages if m.relative_alt > 300]
    return np.array([max(speed), max(up), -min(up), airborne[-1] - airborne[0]])


@pytest.mark.parametrize("flight", cases("speeds", FLIGHTS))
def test_speeds_and_durations_are_as_recorded(both, flight):
    real, simulated = (figures(m) for m in of_flight(both, flight, "GLOBAL_POSITION_INT"))
    assert simulated[:3] == pytest.approx(real[:3], rel=0.12)
    assert simulated[3] == pytest.approx(real[3], abs=3.0)


def landing_s(messages):
    """Seconds from 10 m to the ground, at the end."""
    high = [m.boot_s for m in messages if m.relative_alt > 9_500][-1]
    low = next(m.boot_s for m in messages if m.boot_s > high and m.relative_alt < 200)
    return low - high


@pytest.mark.parametrize("flight", cases("landing", FLIGHTS))
def test_landing_takes_as_long_as_recorded(both, flight):
    real, simulated = (landing_s(m) for m in of_flight(both, flight, "GLOBAL_POSITION_INT"))
    assert simulated == pytest.approx(real, abs=1.5)


def gimbal_pitch_deg(messages):
    pitches = []
    for message in messages:
        w, x, y, z = message.q
        pitches.append(degrees(asin(max(-1.0, min(1.0, 2 * (w * y - z * x))))))
    return np.array([m.boot_s for m in messages]), np.array(pitches)


@pytest.mark.parametrize("flight", cases("mount", ["mission with photos", "mission with a hold"]))
def test_the_mount_tells_the_recorded_angles(both, flight):
    (real_s, real), (simulated_s, simulated) = (
        gimbal_pitch_deg(m) for m in of_flight(both, flight, "GIMBAL_DEVICE_ATTITUDE_STATUS")
    )
    off_deg = abs(np.interp(real_s, simulated_s, simulated) - real)
    assert np.median(off_deg) < 2
    assert np.percentile(off_deg, 90) < 6


@pytest.mark.parametrize("flight", cases("battery", FLIGHTS))
def test_the_battery_drains_as_recorded(both, flight):
    used = []
    for messages in of_flight(both, flight, "SYS_STATUS"):
        used.append(messages[0].battery_remaining - messages[-1].battery_remaining)
    assert used[1] == pytest.approx(used[0], abs=3)
