"""The recorded flights of a real ArduCopter, played to our client: does it understand what happened?"""

from __future__ import annotations

from math import asin, degrees

import pytest
from pyproj import Geod

from flight.driving import takeoff
from flight.driving.vehicle import AUTO, GUIDED
from tests.flight.recorded import read_recording
from tests.flight.recorded_vehicle import connected_to, leave_the_ground, served, watch
from vision.errors import PantauError

pytestmark = pytest.mark.real_data

ARM, MODE, START, TRIGGER = 400, 176, 300, 206


def flown_after(recording, at_s, height_m=1.0):
    """When the vehicle is first above a height, from a time on."""
    positions = recording.told("GLOBAL_POSITION_INT", from_s=at_s)
    return next(message.at_s for message in positions if message.relative_alt > 1e3 * height_m)


def commands_heard(player):
    """The commands that our client sent, with their first parameter."""
    return [(m.command, m.param1) for m in player.heard if m.get_type() == "COMMAND_LONG"]


def check_photos(watched, feedback):
    """Each recorded CAMERA_FEEDBACK is one line of the log, as it was told."""
    photos = watched.of("photo")
    assert watched.photos == len(photos) == len(feedback)
    assert watched.photos_unheard == 0
    for number, (photo, told) in enumerate(zip(photos, feedback, strict=True), start=1):
        assert (photo.photo, photo.image) == (number, told.img_idx)
        assert (photo.lat, photo.lon) == pytest.approx((told.lat / 1e7, told.lng / 1e7), abs=1e-9)
        assert (photo.alt_rel_m, photo.yaw_deg) == pytest.approx((told.alt_rel, told.yaw % 360), abs=0.01)
        assert photo.at.timestamp() == pytest.approx(told.time_usec / 1e6, abs=1e-3)


def items_told(recording, from_s, to_s):
    """The items by MISSION_CURRENT, each time it changes; home left out."""
    items = [m.seq for m in recording.told("MISSION_CURRENT", from_s=from_s, to_s=to_s) if m.seq > 0]
    return [str(item) for before, item in zip([None, *items], items, strict=False) if before != item]


def way_m(recording, from_s, to_s):
    """The length of the recorded way over ground."""
    places = recording.told("GLOBAL_POSITION_INT", from_s=from_s, to_s=to_s)
    return Geod(ellps="WGS84").line_length([m.lon / 1e7 for m in places], [m.lat / 1e7 for m in places])


def played(recording, from_s, to_s, tmp_path, mode=AUTO, **options):
    """Watch a stretch; what the client made of it, and the commands it sent."""
    with served(recording, from_s, to_s, **options) as player, connected_to(player) as vehicle:
        watched = watch(player, vehicle, tmp_path / "log.jsonl", to_s, mode)
        return watched, commands_heard(player)


def test_a_mission_is_started_and_watched_to_its_end(shared, tmp_path):
    recording = read_recording(shared, "auto-mission")
    in_the_air_s = flown_after(recording, 24) + 0.2
    said = []
    with served(recording, 20.0, 66, waits_for=["COMMAND_LONG"]) as player, connected_to(player) as vehicle:
        player.play(in_the_air_s, player.caught_up)
        leave_the_ground(vehicle, said.append)
        player.wait_until_played()
        assert commands_heard(player) == [(MODE, 1), (ARM, 1), (MODE, 1), (START, 0)]
        watched = watch(player, vehicle, tmp_path / "log.jsonl", 66)
        assert len(commands_heard(player)) == 4
    assert watched.outcome == "completed"
    check_photos(watched, recording.told("CAMERA_FEEDBACK"))
    assert watched.texts("item") == items_told(recording, in_the_air_s, 66)
    assert watched.distance_m == pytest.approx(way_m(recording, in_the_air_s, 66), rel=0.03)
    assert len(watched.of("disarmed")) == 1
    assert (said, watched.told) == ([], ["The mission is complete."])


def test_without_mission_start_in_time_it_is_noticed_and_disarmed(shared, monkeypatch):
    monkeypatch.setattr(takeoff, "TRIES", 1)
    recording = read_recording(shared, "auto-without-mission-start")
    others = [read_recording(shared, "failsafes")]
    said = []
    with (
        served(recording, 20.0, 27, waits_for=["COMMAND_LONG"], others=others) as player,
        connected_to(player) as vehicle,
    ):
        player.play(27, player.caught_up)
        with pytest.raises(PantauError, match="did not leave the ground"):
            leave_the_ground(vehicle, said.append)
        assert commands_heard(player) == [(MODE, 1), (ARM, 1), (MODE, 1), (START, 0), (ARM, 0)]
        assert not vehicle.armed
    assert said == ["The vehicle did not leave the ground; trying again."]


def test_a_mission_is_watched_through_another_upload(shared, tmp_path):
    recording = read_recording(shared, "arming-and-mission-protocol")
    watched, commands = played(recording, 44.5, 67.29, tmp_path)
    assert watched.outcome == "completed"
    check_photos(watched, recording.told("CAMERA_FEEDBACK"))
    assert watched.texts("item") == items_told(recording, 44.5, 67.29)
    assert "The vehicle says: Auto mission changed, restarted command" in watched.told
    assert commands == []


def test_pausing_is_no_takeover_but_another_mode_is_and_then_hands_are_off(shared, tmp_path):
    recording = read_recording(shared, "failsafes")
    watched, commands = played(recording, 43.0, 67.48, tmp_path)
    assert watched.outcome == "taken_over"
    assert watched.texts("mode")[0] == "LOITER"
    hands_off = watched.of("hands_off")[0]
    taken = next(m for m in recording.told("HEARTBEAT", from_s=43) if m.custom_mode == 5)
    last = [m for m in recording.told("SYSTEM_TIME") if m.at_s <= taken.at_s][-1]
    assert hands_off.at.timestamp() == pytest.approx(last.time_unix_usec / 1e6, abs=2)
    assert set(commands) == {(TRIGGER, 0)}
    assert watched.texts("item") == items_told(recording, 43.0, 67.48)
    assert len(watched.of("disarmed")) == 1


def test_hands_are_off_once_however_often_the_pilot_changes_the_mode(shared, tmp_path):
    watched, commands = played(read_recording(shared, "failsafes"), 43.0, 67.48, tmp_path)
    assert watched.texts("mode") == ["LOITER", "AUTO", "BRAKE", "AUTO", "RTL"]
    assert commands == [(TRIGGER, 0)]
    assert len(watched.of("hands_off")) == 1


def test_photos_are_counted_while_somebody_else_returns_with_the_trigger_on(shared, tmp_path):
    recording = read_recording(shared, "failsafes")
    watched, commands = played(recording, 71.0, 89.2, tmp_path)
    assert watched.outcome == "taken_over"
    check_photos(watched, recording.told("CAMERA_FEEDBACK"))
    assert watched.photos == 27
    assert commands == [(TRIGGER, 0)]
    names = [event.event for event in watched.events]
    assert names.index("hands_off") < names.index("trigger_off") < names.index("disarmed")


def test_a_fence_breach_is_told_with_the_vehicles_words(shared, tmp_path):
    recording = read_recording(shared, "arming-and-mission-protocol")
    watched, commands = played(
        recording, 96.0, 111.58, tmp_path, others=[read_recording(shared, "failsafes")]
    )
    assert watched.outcome == "failsafe"
    assert watched.reason == "Polygon fence breached"
    assert set(commands) == {(TRIGGER, 0)}
    assert watched.texts("mode")[0] == "RTL"
    assert any("Polygon fence breached" in text for text in watched.told)


def test_a_battery_failsafe_is_told_with_the_vehicles_words(shared, tmp_path):
    recording, failsafes = (read_recording(shared, n) for n in ("arming-and-mission-protocol", "failsafes"))
    watched, commands = played(recording, 124.0, 131.5, tmp_path, mode=GUIDED, others=[failsafes])
    assert (watched.outcome, watched.reason) == ("failsafe", "Battery Failsafe")
    assert any("Battery 1 is low 10.50V" in text for text in watched.told)
    assert set(commands) == {(TRIGGER, 0)}


@pytest.mark.parametrize(
    "name, from_s, to_s",
    [("auto-mission", 30.0, 66.0), ("arming-and-mission-protocol", 46.5, 67.29)],
)
def test_the_camera_looks_down_in_the_log_as_it_did(shared, tmp_path, name, from_s, to_s):
    """The mount tells its angles in the vehicle's frame; it looked straight down as far as it turns.

    With the nose up it is at its stop, and the camera rises with the nose, by degrees between two messages.
    """
    recording = read_recording(shared, name)
    watched, _ = played(recording, from_s, to_s, tmp_path)
    taken = recording.told("CAMERA_FEEDBACK", from_s=from_s, to_s=to_s)
    for photo, feedback in zip(watched.of("photo"), taken, strict=True):
        nose_up_deg = max(0.0, feedback.pitch)
        assert photo.pitch_deg == pytest.approx(-90.0 + nose_up_deg, abs=5 if nose_up_deg else 2)


def test_the_recorded_mount_told_angles_in_the_vehicles_frame(shared):
    """Less the vehicle's own: what it told and how the vehicle leant add up to straight down."""
    recording = read_recording(shared, "auto-mission")
    leans = recording.told("ATTITUDE")
    down = []
    for message in recording.told("GIMBAL_DEVICE_ATTITUDE_STATUS", from_s=32.5, to_s=37):
        lean = next(m for m in leans if m.time_boot_ms == message.time_boot_ms)
        w, x, y, z = message.q
        down.append(degrees(asin(max(-1.0, min(1.0, 2 * (w * y - z * x)))) + lean.pitch))
    assert len(down) > 20
    assert down == pytest.approx([-90.0] * len(down), abs=0.5)
