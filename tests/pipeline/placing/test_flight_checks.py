from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.capture_logs.log_reading import read_log
from pipeline.photo import Photo, Pose, RejectedPhoto
from pipeline.placing.flight_checks import check_flight
from pipeline.placing.flights import with_flights
from vision.camera import Camera
from vision.frames import LocalFrame

FRAME = LocalFrame(-1.2654, 116.8312)
START = datetime(2026, 3, 1, 9, tzinfo=UTC)
CAMERA = Camera.centred("DJI TEST", 4000, 3000, 3000.0)


def flight(places_m, seconds=None, camera=CAMERA, remarks=(), height_m=30.0, **pose) -> list[Photo]:
    """Photos two seconds apart at places east and north of a point."""
    photos = []
    for index, (lat, lon) in enumerate(FRAME.to_lat_lon(places_m)):
        at = START + timedelta(seconds=2 * index if seconds is None else seconds[index])
        values = {"yaw_deg": 0.0, "pitch_deg": -90.0, "roll_deg": 0.0} | pose
        shot = Pose(float(lat), float(lon), height_m, **values)
        photos.append(Photo(f"{index:04}", Path(f"DJI_{index:04}.JPG"), at, camera, shot, tuple(remarks)))
    return with_flights(photos)


def along(count: int, step_m: float = 10.0, wobble_m: float = 0.3) -> np.ndarray:
    """Places on the way north, as flown: not quite even."""
    wobble = np.random.default_rng(3).normal(0, wobble_m, (count, 2))
    return np.column_stack([np.zeros(count), step_m * np.arange(count)]) + wobble


def east_north_m(photo) -> np.ndarray:
    return FRAME.to_metres(photo.pose.lat, photo.pose.lon)[0]


def test_no_photos_and_a_photo_alone() -> None:
    assert check_flight([]) == []
    alone = flight(along(1))
    assert check_flight(alone) == alone
    rejected = RejectedPhoto("x", Path("x.jpg"), "no_position", "none")
    assert check_flight([rejected, *alone]) == [rejected, *alone]


def test_a_flight_as_flown_stays_as_it_is() -> None:
    photos = flight(along(20))
    assert check_flight(photos) == photos


def test_a_jump_is_put_back_between_its_neighbours() -> None:
    places_m = along(12)
    places_m[5] += (800, -300)
    checked = check_flight(flight(places_m))
    assert east_north_m(checked[5]) == pytest.approx((places_m[4] + places_m[6]) / 2, abs=0.01)
    assert checked[5].remarks == ("position_jumped",)
    assert 9 < checked[5].pose.sigma_position_m < 11
    assert all(not photo.remarks for index, photo in enumerate(checked) if index != 5)


def test_a_height_that_jumps_is_put_back_too() -> None:
    photos = flight(along(12))
    photos[5] = replace(photos[5], pose=replace(photos[5].pose, alt_agl_m=95.0))
    photos[9] = replace(photos[9], pose=replace(photos[9].pose, alt_agl_m=55.0))  # climbed at 12.5 m/s
    checked = check_flight(photos)
    assert checked[5].pose.alt_agl_m == pytest.approx(30)
    assert (checked[5].pose.sigma_alt_m, checked[5].remarks) == (3, ("position_jumped",))
    assert checked[9] == photos[9]


def test_a_jump_that_nothing_bridges_is_rejected() -> None:
    places_m = along(12)
    places_m[11] += (0, 5000)
    checked = check_flight(flight(places_m))
    assert isinstance(checked[11], RejectedPhoto) and checked[11].reason == "position_contradicted"
    assert checked[11].photo is None  # nobody knows which place it would have shown
    assert [type(photo) for photo in checked[:11]] == [Photo] * 11


def test_a_fast_flight_with_whole_seconds_does_not_jump() -> None:
    places_m = along(20, step_m=18.0)
    checked = check_flight(flight(places_m, seconds=np.floor(np.arange(20) * 0.8)))
    assert all(not photo.remarks for photo in checked)


def test_where_all_jump_nobody_is_put_anywhere() -> None:
    places_m = np.random.default_rng(5).uniform(-40_000, 40_000, (12, 2))
    checked = check_flight(flight(places_m))
    assert all(photo.remarks == ("positions_jump",) for photo in checked)
    assert east_north_m(checked[3]) == pytest.approx(places_m[3], abs=0.1)


def test_two_drones_in_turns_do_not_jump_to_each_other() -> None:
    seconds = sorted([2.0 * index for index in range(24)] + [4.0 * index + 1 for index in range(12)])
    one, other = iter(along(24)), iter(along(12) + np.array([900.0, 0.0]))
    places_m = np.array([next(one) if second % 2 == 0 else next(other) for second in seconds])
    checked = check_flight(flight(places_m, seconds))
    assert {photo.remarks for photo in checked} == {("positions_jump",)}
    assert np.array([east_north_m(photo) for photo in checked]) == pytest.approx(places_m, abs=0.01)


def test_a_place_that_is_told_again_and_again_is_no_aircraft() -> None:
    places_m = along(30)
    places_m[2:29:4] = (900.0, 0.0)
    checked = check_flight(flight(places_m))
    assert [photo.remarks for photo in checked[2:29:4]] == [("position_jumped",)] * 7


def test_positions_on_a_perfect_line_are_those_of_the_plan() -> None:
    checked = check_flight(flight(along(12, wobble_m=0.0)))
    assert all(photo.remarks == ("positions_planned",) for photo in checked)
    poses = [photo.pose for photo in checked]
    assert {pose.sigma_position_m for pose in poses} == {pose.shared.position_m for pose in poses} == {25}


@pytest.mark.parametrize(
    "changes", [{"sigma_position_m": 0.02}, {"remarks": ("position_of_log",)}, {"wobble_m": 0.2}]
)
def test_even_positions_that_were_flown(changes) -> None:
    wobble_m = changes.pop("wobble_m", 0.0)
    checked = check_flight(flight(along(12, wobble_m=wobble_m), **changes))
    assert not any("positions_planned" in photo.remarks for photo in checked)


def unknown_yaw(places_m, camera=CAMERA) -> list[Photo]:
    return flight(places_m, None, camera, ("attitude_missing",), sigma_tilt_deg=10.0, sigma_yaw_deg=180.0)


def test_an_unknown_yaw_is_that_of_the_track() -> None:
    north = along(6, 20.0, 0.0)
    checked = check_flight(unknown_yaw(np.vstack([north, north[::-1] + np.array([60, 0])])))
    yaws_deg = [(photo.pose.yaw_deg + 90) % 360 - 90 for photo in checked]
    assert yaws_deg == pytest.approx([0] * 6 + [180] * 6, abs=1)
    assert {photo.pose.sigma_yaw_deg for photo in checked} == {20}
    assert checked[0].pose.shared.yaw_deg == pytest.approx(20 * 0.75**0.5)
    assert checked[0].remarks[-1] == "yaw_from_track"


def test_how_a_camera_of_another_maker_hangs_nobody_knows() -> None:
    compact = Camera.centred("Canon PowerShot SX260 HS", 4000, 3000, 3000.0)
    checked = check_flight(unknown_yaw(along(6, 20.0), compact))
    assert {photo.pose.sigma_yaw_deg for photo in checked} == {90}


def test_hovering_tells_no_yaw() -> None:
    checked = check_flight(unknown_yaw(along(6, 0.0, 0.2)))
    assert {photo.pose.sigma_yaw_deg for photo in checked} == {180}


def test_an_attitude_that_is_lacking_is_that_of_neighbours_who_agree() -> None:
    photos = flight(along(6), yaw_deg=40.0, pitch_deg=-80.0)
    lacking = unknown_yaw(along(6))[2]
    checked = check_flight([*photos[:2], lacking, *photos[3:]])
    pose = checked[2].pose
    assert (pose.yaw_deg, pose.pitch_deg, pose.sigma_tilt_deg, pose.sigma_yaw_deg) == (40, -80, 3, 10)
    assert checked[2].remarks == ("attitude_missing", "attitude_of_neighbours")


@pytest.mark.real_data
def test_real_positions_neither_jump_nor_are_they_planned(shared) -> None:
    """Those of Helenenschacht, by RTK, also when nobody knew that."""
    log = read_log(shared / "data/gcp/helenenschacht/101FTASK_Timestamp.mrk")
    photos = []
    for event in log.captures:
        position = event.recorded.position
        assert position is not None
        pose = Pose(position.lat, position.lon, 50.0, 0.0, -90.0, 0.0)
        photos.append(Photo(f"{event.number:04}", Path("x.JPG"), event.at, CAMERA, pose, flight="one"))
    assert len(photos) > 100
    assert check_flight(photos) == photos


RECORDED = st.tuples(
    st.floats(-1e5, 1e5), st.floats(-1e5, 1e5), st.floats(1, 1e4), st.floats(0, 1e4), st.booleans()
)


@given(st.lists(RECORDED, max_size=12))
def test_whatever_was_recorded_every_photo_gets_one_answer(drawn) -> None:
    if not drawn:
        return
    places_m = np.array([place[:2] for place in drawn])
    photos = flight(places_m, [second for *_, second, _ in drawn])
    photos = [
        replace(
            photo,
            taken_at=photo.taken_at if timed else None,
            pose=replace(photo.pose, alt_agl_m=height_m),
        )
        for photo, (*_, height_m, _, timed) in zip(photos, drawn, strict=True)
    ]
    checked = check_flight(photos)
    assert [photo.id for photo in checked] == [photo.id for photo in photos]
    assert all(np.isfinite(photo.pose.sigma_position_m) for photo in checked if isinstance(photo, Photo))


def test_the_order_of_the_photos_makes_no_difference() -> None:
    places_m = along(12)
    places_m[5] += (800, -300)
    photos = flight(places_m)
    shuffled = [photos[index] for index in np.random.default_rng(1).permutation(12)]
    assert sorted(check_flight(shuffled), key=lambda photo: photo.id) == check_flight(photos)
