"""Which photos are of one flight, and what they share of their errors."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.photo import Photo, Pose, SharedErrors
from pipeline.placing.flights import LONGEST_PAUSE, shared_errors, with_flights
from vision.camera import Camera

START = datetime(2025, 3, 1, 2, 0, tzinfo=UTC)
CAMERA = Camera.centred("FC300S", 4000, 3000, 3000.0)
POSE = Pose(-6.3, 106.84, 30.0, 0.0, -90.0, 0.0)
RTK = replace(POSE, sigma_position_m=0.02, sigma_alt_m=0.03)
FLOAT = replace(POSE, sigma_position_m=0.5, sigma_alt_m=1.0)


def photo(name: str, minutes: float | None = 0.0, folder: str = "card", **changes: object) -> Photo:
    taken_at = None if minutes is None else START + timedelta(minutes=minutes)
    return replace(Photo(name, Path(folder) / f"{name}.jpg", taken_at, CAMERA, POSE), **changes)


def flights(*photos: Photo) -> list[str]:
    return [photo.flight for photo in with_flights(photos)]


def test_no_photos_make_no_flight():
    assert with_flights([]) == []


def test_photos_taken_in_one_go_are_one_flight_named_after_the_first():
    assert flights(photo("b", 2), photo("a", 0), photo("c", 6)) == ["a", "a", "a"]


def test_a_flight_that_was_named_before_keeps_its_name():
    found = with_flights([photo("a", 0), photo("b", 2), photo("c", 60)], {"b": "b", "x": "x"})
    assert [photo.flight for photo in found] == ["b", "b", "c"]


def test_a_long_pause_parts_flights():
    pause = LONGEST_PAUSE.total_seconds() / 60
    assert flights(photo("a", 0), photo("b", pause), photo("c", 2.1 * pause)) == ["a", "a", "c"]


def test_other_folders_and_cameras_fly_on_their_own():
    other = replace(CAMERA, name="M3E")
    assert flights(photo("a"), photo("b", folder="card 2"), photo("c", camera=other)) == ["a", "b", "c"]


def test_the_folders_of_a_card_are_one_flight():
    pairs = [
        ("100MEDIA", "101MEDIA"),
        ("DJI_001", "DJI_002"),
        ("DJI_202603010900_001", "DJI_202603010905_002_a"),
    ]
    for one, other in pairs:
        card = [photo("a", 0, f"card/DCIM/{one}"), photo("b", 1, f"card/DCIM/{other}")]
        assert flights(*card, photo("c", 1, f"other/DCIM/{one}")) == ["a", "a", "c"]
    assert flights(photo("a", 0, "days/20260301"), photo("b", 1, "days/20260302")) == ["a", "b"]


def test_two_drones_of_one_model_fly_on_their_own():
    found = flights(photo("a", 0, serial="1"), photo("b", 0.1, serial="2"), photo("c", 0.2, serial="1"))
    assert found == ["a", "b", "a"]


def test_a_picture_that_was_turned_is_of_the_same_camera():
    assert flights(photo("a"), photo("b", camera=CAMERA.turned(1))) == ["a", "a"]


def test_photos_without_a_time_are_a_flight_of_their_folder():
    assert flights(photo("c", None), photo("b", 0), photo("a", None)) == ["a", "b", "a"]


def test_flights_and_shared_errors_that_are_known_are_kept():
    known = photo("a", flight="aligned", pose=replace(POSE, shared=SharedErrors(tilt_deg=0.1)))
    assert with_flights([known]) == [known]


@pytest.mark.parametrize(("pose", "share"), [(POSE, 0.9), (FLOAT, 0.9), (RTK, 0.5)])
def test_a_flight_shares_more_of_a_position_without_rtk(pose, share):
    shared = shared_errors(pose)
    assert shared.position_m**2 == pytest.approx(share * pose.sigma_position_m**2)
    assert shared.alt_m**2 == pytest.approx(share * pose.sigma_alt_m**2)


def test_what_only_one_photo_does_not_know_is_not_shared():
    lost = shared_errors(replace(POSE, sigma_position_m=110.0, sigma_yaw_deg=180.0))
    assert lost.position_m < 1.5
    assert lost.yaw_deg == 0


@given(*[st.floats(0.001, 200)] * 4)
def test_never_is_more_shared_than_there_is(position_m, alt_m, tilt_deg, yaw_deg):
    pose = replace(
        POSE,
        sigma_position_m=position_m,
        sigma_alt_m=alt_m,
        sigma_tilt_deg=tilt_deg,
        sigma_yaw_deg=yaw_deg,
    )
    shared = shared_errors(pose)
    assert shared.position_m <= position_m and shared.alt_m <= alt_m
    assert shared.tilt_deg <= tilt_deg and shared.yaw_deg <= yaw_deg
