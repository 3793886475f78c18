"""Photos that cannot be right, and those that had better stay as recorded."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pipeline.alignment.gain import without_gain
from pipeline.alignment.plausible_block import align_plausible, is_of_aligned, stating_disagreement
from pipeline.alignment.priors import priors_of
from pipeline.alignment.tie_points import TiePoints
from pipeline.photo import Photo
from tests.benchmarks.synthetic_flights import FRAME, Truth, errors_m, recorded, strips, tie_points

_TRUTH = strips(2, 4)
_WRONG = 5


@pytest.fixture(scope="module")
def ties() -> TiePoints:
    return tie_points(_TRUTH, 1, per_photo=40)


def _moved(photo: Photo, east_m: float) -> Photo:
    place_m = FRAME.to_metres(photo.pose.lat, photo.pose.lon) + np.array([east_m, 0.0])
    lat, lon = FRAME.to_lat_lon(place_m)[0]
    return replace(photo, pose=replace(photo.pose, lat=float(lat), lon=float(lon)))


def _with_one_wrong() -> list[Photo]:
    photos = recorded(_TRUTH, 1, rtk=True)
    photos[_WRONG] = _moved(photos[_WRONG], 8.0)
    return photos


def _only(numbers: list[int]) -> Truth:
    return replace(_TRUTH, places_m=_TRUTH.places_m[numbers], rotations=_TRUTH.rotations[numbers])


def test_nothing_tied_is_nothing_aligned() -> None:
    nothing = np.empty(0, np.intp)
    block = align_plausible([], TiePoints(nothing, nothing, np.empty((0, 2)), np.empty(0), 0), FRAME, ())
    assert (block.aligned, len(block.implausible)) == ({}, 0)


def test_one_photo_8_m_off_spoils_no_other(ties: TiePoints) -> None:
    block = align_plausible(_with_one_wrong(), ties, FRAME, ())
    assert block.implausible.tolist() == [_WRONG]
    assert sorted(block.aligned) == [number for number in range(8) if number != _WRONG]
    away_m, _ = errors_m(list(block.aligned.values()), _only(sorted(block.aligned)))
    assert np.percentile(away_m, 90) < 0.4  # as without the wrong photo
    assert all(is_of_aligned(photo.flight) for photo in block.aligned.values())


def test_a_photo_that_contradicts_the_others_says_by_how_much(ties: TiePoints) -> None:
    photos = _with_one_wrong()
    stating = stating_disagreement(photos, np.array([_WRONG]), ties, FRAME)
    assert stating[_WRONG].pose.sigma_position_m == pytest.approx(8.0, abs=1.5)
    assert [photo for number, photo in enumerate(stating) if number != _WRONG] == [
        photo for number, photo in enumerate(photos) if number != _WRONG
    ]


def test_a_pattern_that_moves_with_the_camera_aligns_nothing() -> None:
    """Landing gear in the picture: every photo shows it at the same pixels."""
    pixels_px = np.random.default_rng(1).uniform((0, 0), (1367, 300), (40, 2))
    ties = TiePoints(
        np.repeat(np.arange(8), 40), np.tile(np.arange(40), 8), np.tile(pixels_px, (8, 1)), np.ones(320), 40
    )
    assert align_plausible(recorded(_TRUTH, 1, rtk=True), ties, FRAME, ()).aligned == {}


def test_a_photo_that_agreed_more_as_recorded_stays(ties: TiePoints) -> None:
    exact = replace(_TRUTH.camera, focal_sigma_rel=0.0)
    photos = [replace(photo, camera=exact) for photo in recorded(_TRUTH, 1, rtk=True)]
    aligned = align_plausible(photos, ties, FRAME, ()).aligned
    good = [aligned[number] for number in range(8)]
    spoilt = [*good[:3], _moved(good[3], 1.0), *good[4:]]
    assert without_gain(photos, good, range(8), ties, FRAME) == []
    assert without_gain(photos, spoilt, range(8), ties, FRAME) == [3]


def test_copies_of_photos_are_no_second_flight() -> None:
    photos = recorded(strips(1, 3), 1, rtk=False)
    copies = [replace(photo, id=f"{photo.id} copy", flight="copies") for photo in photos]
    others = [replace(photo, flight="another") for photo in recorded(strips(1, 3), 2, rtk=False)]
    assert len(priors_of([*photos, *copies], FRAME).shared_position_m) == 1
    assert len(priors_of([*photos, *others], FRAME).shared_position_m) == 2
