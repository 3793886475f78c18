"""The parts of alignment: joining matches, thinning, tilted ground, headings, overlap."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.alignment.features import Features
from pipeline.alignment.headings import with_found_headings
from pipeline.alignment.matching import View, match_views
from pipeline.alignment.overlap import overlapping_pairs
from pipeline.alignment.tie_points import Match, TiePoints, join_matches, thinned
from pipeline.alignment.tilted_ground import TiltedGround, plane_through
from pipeline.geotagging.ground_error import ground_offsets
from tests.benchmarks.synthetic_flights import CAMERA, FRAME, recorded, strips
from vision.frames import LocalFrame


def _pixels(count: int) -> np.ndarray:
    return np.arange(2.0 * count).reshape(count, 2)


def test_nothing_joins_to_nothing() -> None:
    assert join_matches([], [_pixels(2), _pixels(2)], [1.0, 1.0]).count == 0


def test_matches_of_three_photos_join_to_one_point() -> None:
    matches = [Match(0, 1, np.array([[0, 1]])), Match(1, 2, np.array([[1, 0]]))]
    ties = join_matches(matches, [_pixels(2)] * 3, [1.0, 2.0, 3.0])
    assert (ties.count, ties.photo.tolist(), ties.sigma_px.tolist()) == (1, [0, 1, 2], [1.0, 2.0, 3.0])
    assert ties.pixels_px[1].tolist() == [2.0, 3.0]


def test_a_point_at_two_places_of_one_photo_is_dropped() -> None:
    matches = [
        Match(0, 1, np.array([[0, 0], [1, 1]])),
        Match(1, 2, np.array([[0, 0]])),
        Match(0, 2, np.array([[1, 0]])),
    ]
    assert join_matches(matches, [_pixels(2)] * 3, [1.0] * 3).count == 0


def test_thinning_keeps_what_ties_an_empty_field() -> None:
    crowd = np.tile([[5.0, 5.0]], (100, 1))
    pixels = np.vstack([crowd, [[590.0, 390.0]]])
    photo = np.repeat([0, 1], 101)
    ties = TiePoints(photo, np.tile(np.arange(101), 2), np.vstack([pixels, pixels]), np.ones(202), 101)
    fewer = thinned(ties, [(600, 400)] * 2)
    assert fewer.count == 5
    assert [590.0, 390.0] in fewer.pixels_px.tolist()


@given(st.floats(-0.3, 0.3), st.floats(-0.3, 0.3), st.floats(-5, 5), st.floats(-5, 5))
def test_rays_meet_the_tilted_ground_where_it_is(
    east: float, north: float, right: float, ahead: float
) -> None:
    ground = TiltedGround(FRAME.lat, FRAME.lon, east, north)
    ray = np.array([[right / 10, ahead / 10, -1.0]])
    lat, lon = FRAME.to_lat_lon([[3.0, -4.0]])[0]
    (offset_m,) = ground.meet(ray, lat, lon, 30.0)
    length = 30.0 - ground.heights_m(*LocalFrame(lat, lon).to_lat_lon(offset_m[None]).T)[0]
    assert offset_m == pytest.approx(ray[0, :2] * length, abs=1e-4)


def test_rays_that_never_come_down_to_it_meet_nothing() -> None:
    ground = TiltedGround(0.0, 0.0, -0.4, 0.0)
    rays = np.array([[3.0, 0.0, -1.0], [0.0, 0.0, 1.0]])
    assert np.isnan(ground.meet(rays, 0.0, 0.0, 30.0)).all()


def test_a_plane_is_found_among_gross_errors() -> None:
    random = np.random.default_rng(1)
    places_m = random.uniform(-20, 20, (80, 2))
    heights_m = 2.0 + places_m @ (0.06, -0.04)
    heights_m[:10] += 6
    height_m, east, north = plane_through(places_m, heights_m, 30.0)
    assert (height_m, east, north) == pytest.approx((2.0, 0.06, -0.04), abs=0.1)
    assert east == pytest.approx(0.06, abs=0.012)


def test_neighbours_in_the_strip_and_beside_it_overlap() -> None:
    photos = recorded(strips(2, 4), 1, rtk=True)
    pairs = overlapping_pairs(photos, FRAME)
    assert {(0, 1), (1, 2), (0, 7), (3, 4)} <= set(pairs)
    assert overlapping_pairs(photos[:1], FRAME) == []
    assert (
        overlapping_pairs([photos[0], replace(photos[1], pose=replace(photos[1].pose, lat=0.0))], FRAME) == []
    )


@pytest.mark.parametrize("turn_deg", [37.0, 140.0, -90.0])
def test_an_unknown_yaw_is_found_from_matches(turn_deg: float) -> None:
    truth = strips(2, 2)
    photos = recorded(truth, 1, rtk=True)
    pose = photos[1].pose
    photos[1] = replace(photos[1], pose=replace(pose, yaw_deg=pose.yaw_deg + turn_deg, sigma_yaw_deg=180.0))
    views, matches = _perfect_matches(photos)
    found = with_found_headings(photos, views, matches)[1].pose
    assert (found.yaw_deg + found.roll_deg - pose.yaw_deg - pose.roll_deg + 180) % 360 - 180 == pytest.approx(
        0, abs=10
    )


def _perfect_matches(photos: list) -> tuple[list[View], list[Match]]:
    """What all photos of two strips of two see of twenty points, the first with the others."""
    truth = strips(2, 2)
    points_m = np.random.default_rng(5).uniform((-5, -5), (15, 12), (60, 2))
    points_m = np.column_stack([points_m, np.zeros(len(points_m))])
    views = []
    for number, photo in enumerate(photos):
        pixels = truth.camera.project((points_m - truth.places_m[number]) @ truth.rotations[number])
        foot_m = FRAME.to_metres(photo.pose.lat, photo.pose.lon)[0]
        features = Features(pixels, np.eye(60, 128, dtype=np.float32), 0.5)
        views.append(View(features, ground_offsets(photo, pixels) + foot_m, foot_m, photo.pose))
    every = np.column_stack([np.arange(60)] * 2)
    return views, [Match(0, 1, every), Match(1, 2, every), Match(1, 3, every)]


def test_the_same_descriptions_at_fitting_places_match() -> None:
    photos = recorded(strips(2, 2), 1, rtk=True)
    views, _ = _perfect_matches(photos)
    matches = match_views(views[0], views[1])
    assert len(matches) > 50
    assert (matches[:, 0] == matches[:, 1]).all()


def test_descriptions_at_places_without_a_pattern_do_not_match() -> None:
    photos = recorded(strips(2, 2), 1, rtk=True)
    views, _ = _perfect_matches(photos)
    shuffled = np.random.default_rng(3).permutation(60)
    features = replace(views[1].features, descriptors=views[1].features.descriptors[shuffled])
    assert len(match_views(views[0], replace(views[1], features=features))) == 0
    nothing = replace(views[1], features=Features.none(), ground_m=np.empty((0, 2)))
    assert len(match_views(views[0], nothing)) == 0
    assert CAMERA.width_px == 1368
