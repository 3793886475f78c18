"""The simulated copter in wind, and its battery."""

from __future__ import annotations

from itertools import pairwise
from math import hypot

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flight.simulator.battery import Battery
from flight.simulator.kinematics import MOST_AIRSPEED_MS, Body, Point, Wish
from flight.simulator.legs import Leg
from flight.simulator.parameters import Parameters
from flight.simulator.tasks import FlyLeg, Hold
from flight.simulator.wind import CALM, Wind

DT = 0.02
HEADWIND = {"SIM_WIND_SPD": 8.0, "SIM_WIND_DIR": 0.0}


def flown(task, wind, seconds, body=None):
    """The body after some time, and everywhere it was."""
    body, places = body or Body(up_m=20.0), []
    for _ in range(round(seconds / DT)):
        wind.blow(DT)
        body.move(task.steer(body, DT), DT, wind.velocity_ms)
        body.push(wind.sway_m)
        places.append(body.point)
    return body, places


def test_without_wind_the_air_stands_still():
    wind = Wind(Parameters({}), 1)
    for _ in range(100):
        wind.blow(DT)
        assert (wind.velocity_ms, wind.sway_m) == (CALM, CALM)


def test_the_wind_blows_from_its_direction_with_slow_gusts():
    wind = Wind(Parameters({"SIM_WIND_SPD": 10.0, "SIM_WIND_DIR": 90.0}), 1)
    seen = []
    for _ in range(30_000):
        wind.blow(DT)
        seen.append(wind.velocity_ms)
    east = [velocity[0] for velocity in seen]
    assert sum(east) / len(east) == pytest.approx(-10, abs=0.7)
    assert 2 < max(east) - min(east) < 14
    assert max(abs(after - before) for before, after in pairwise(east)) < 0.1
    again = Wind(Parameters({"SIM_WIND_SPD": 10.0, "SIM_WIND_DIR": 90.0}), 1)
    again.blow(DT)
    assert again.velocity_ms == seen[0]


def test_it_leans_into_the_wind_and_stays_within_decimetres():
    body, places = flown(Hold(), Wind(Parameters(HEADWIND), 3), 120)
    assert body.pitch_deg == pytest.approx(-18.0, abs=5)
    away_m = [hypot(place.east_m, place.north_m) for place in places]
    assert 0.05 < max(away_m) < 1.0


@pytest.mark.parametrize(("speed_ms", "flown_ms"), [(6.0, 6.0), (14.0, MOST_AIRSPEED_MS - 8.0)])
def test_it_holds_its_ground_speed_as_long_as_the_air_allows(speed_ms, flown_ms):
    task = FlyLeg(Leg(Point(0, 0, 20), Point(0, 2000, 20), speed_ms))
    body, _ = flown(task, Wind(Parameters(HEADWIND), 3), 40)
    assert body.ground_speed_ms == pytest.approx(flown_ms, abs=0.1 if speed_ms < 10 else 3.5)
    calm, _ = flown(task, Wind(Parameters({}), 3), 40)
    assert calm.ground_speed_ms == pytest.approx(speed_ms, abs=0.1)


@given(east=st.floats(-15, 15), north=st.floats(-15, 15), wind=st.floats(0, 30))
def test_the_air_is_never_faster_than_it_can_fly(east, north, wind):
    body = Body()
    for _ in range(1500):
        body.move(Wish(east, north), DT, (0.0, -wind))
    assert body.airspeed_ms((0.0, -wind)) <= MOST_AIRSPEED_MS + 1e-6


def test_without_a_position_it_comes_to_drift_with_the_air():
    body = Body(up_m=20.0, v_north_ms=8.0, pitch_deg=-12.0)
    for _ in range(1500):
        body.drift(0.0, DT, (3.0, 0.0))
    assert (body.v_east_ms, body.v_north_ms) == pytest.approx((3.0, 0.0), abs=0.05)
    assert body.pitch_deg == pytest.approx(0, abs=0.1)


def test_a_battery_lasts_as_long_as_it_should_and_shorter_at_speed():
    def left(airspeed_ms):
        battery = Battery(1000.0, Parameters({}))
        battery.drain(500.0, True, airspeed_ms)
        return battery.remaining_percent

    assert left(0) == pytest.approx(50)
    assert left(10) == pytest.approx(50 - 5.3, abs=0.1)


def test_the_voltage_falls_with_the_charge_and_under_load():
    parameters = Parameters({})
    battery = Battery(1000.0, parameters)
    full_v = battery.voltage_v
    assert full_v == pytest.approx(12.6)
    battery.drain(1.0, True)
    assert battery.voltage_v < full_v - 0.3
    volts = []
    for _ in range(99):
        battery.drain(10.0, True)
        volts.append(battery.voltage_v)
    assert all(after < before for before, after in pairwise(volts))
    assert volts[79] > 10.5 > volts[-4]  # BATT_LOW_VOLT comes between a fifth of the charge and its end
    parameters.set("SIM_BATT_VOLTAGE", 9.0)
    assert battery.voltage_v == 9.0


def test_the_current_empties_the_capacity_in_the_endurance():
    battery = Battery(1800.0, Parameters({"BATT_CAPACITY": 5000}))
    battery.drain(900.0, True)
    assert battery.used_mah == pytest.approx(2500)
    assert battery.current_a == pytest.approx(10)
