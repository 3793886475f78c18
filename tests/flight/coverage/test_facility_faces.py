from __future__ import annotations

import math
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from shapely import LineString, Polygon

from flight.coverage.facility_faces import LOWEST_M, Faces, face_tracks
from flight.coverage.photo_geometry import Swath, photo_positions
from flight.coverage.tracks import Track
from pipeline.sites.site_reading import Site
from vision.attitude import camera_to_enu
from vision.camera import Camera

CAMERA = Camera.centred("quad", 2400, 1800, 2500.0)
DRONE: Any = SimpleNamespace(camera=lambda: CAMERA)
SWATH = Swath(
    across_m=19.2, along_m=14.4, photo_spacing_m=4.32, pass_spacing_m=6.08, margin_m=1, tolerance_m=2
)
STAND_OFF_M = 20.0
HALL = shapely.box(0, 0, 40, 20)


def faces_of(polygon: Polygon, height_m: float) -> Faces:
    site = Site("hall", "Balai", "facility", polygon, height_m=height_m)
    return face_tracks(site, polygon, height_m, DRONE, SWATH, STAND_OFF_M)


def shown_by(track: Track, points: np.ndarray, backwards: bool, polygon: Polygon) -> np.ndarray:
    """Which points (N, 3) the photos of a pass show, with free sight: by projecting each into each."""
    line = track.line.reverse() if backwards else track.line
    seen = np.zeros(len(points), dtype=bool)
    opaque = polygon.buffer(-0.05)
    shapely.prepare(opaque)
    look_at, height_m = np.array(track.look_at), track.height_agl_m or 0.0
    for east, north, _ in photo_positions(line, SWATH.photo_spacing_m):
        place = np.array([east, north, height_m])
        ahead = look_at - place
        yaw_deg = math.degrees(math.atan2(ahead[0], ahead[1]))
        pitch_deg = math.degrees(math.atan2(ahead[2], math.hypot(ahead[0], ahead[1])))
        pixels = CAMERA.project((points - place) @ camera_to_enu(yaw_deg, pitch_deg, 0.0))
        with np.errstate(invalid="ignore"):
            inside = ((pixels >= -0.5) & (pixels <= (2399.5, 1799.5))).all(axis=1)
        new = np.flatnonzero(inside & ~seen)
        rays = shapely.linestrings([[(east, north), (x, y)] for x, y, _ in points[new]])
        seen[new] = ~shapely.intersects(opaque, rays)
    return seen


def visible_points(polygon: Polygon, height_m: float) -> np.ndarray:
    """Points (N, 3) of outer faces that the stand-off shows square-on, give or take 25°."""
    ring = shapely.orient_polygons(Polygon(polygon.exterior)).exterior
    solid, corners, found = Polygon(ring), shapely.get_coordinates(ring), []
    for start, end in pairwise(corners):
        length_m = math.dist(start, end)
        along = (end - start) / length_m
        outwards = np.array([along[1], -along[0]])
        for share in (np.arange(math.ceil(length_m / 2)) + 0.5) / math.ceil(length_m / 2):
            point = start + along * length_m * share + outwards * 0.01
            for angle in np.radians([0, -12, 12, -24, 24]):
                camera = point + (outwards + along * math.tan(angle)) * STAND_OFF_M
                sight = LineString([point, camera])
                if solid.distance(shapely.Point(camera)) >= STAND_OFF_M - 0.02 and not sight.intersects(
                    solid
                ):
                    found += [(*point, up_m) for up_m in np.linspace(0, height_m, 5)]
                    break
    return np.array(found).reshape(-1, 3)


def hidden(polygon: Polygon, height_m: float) -> float:
    """The share of the visible points that no photo shows, whichever way the passes are flown."""
    points = visible_points(polygon, height_m)
    tracks = faces_of(polygon, height_m).tracks
    ways = [
        np.any(
            [np.zeros(len(points), dtype=bool), *(shown_by(t, points, way, polygon) for t in tracks)], axis=0
        )
        for way in (False, True)
    ]
    return float(1 - np.logical_and(*ways).mean()) if len(points) else 0.0


def test_each_face_of_a_hall_is_flown_along_looking_at_its_middle() -> None:
    faces = faces_of(shapely.box(0, 0, 12, 12), 9.0)
    assert len(faces.tracks) == 4
    south = min(faces.tracks, key=lambda track: track.line.centroid.y)
    assert south.look_at == pytest.approx((6.0, 0.0, 4.5))
    assert south.height_agl_m == LOWEST_M
    assert [y for _, y in south.line.coords] == pytest.approx([-STAND_OFF_M] * 2)
    assert (faces.outline_m, faces.seen_m, faces.remarks) == (48.0, 48.0, ())


def test_long_faces_take_several_runs_and_high_ones_several_levels() -> None:
    assert len(faces_of(HALL, 5.0).tracks) < len(faces_of(shapely.box(0, 0, 80, 20), 5.0).tracks)
    heights_m = sorted({track.height_agl_m or 0.0 for track in faces_of(HALL, 40.0).tracks})
    assert heights_m[0] == LOWEST_M
    assert heights_m[-1] < 40
    assert np.diff(heights_m).max() < SWATH.along_m * 0.4


def test_views_stay_within_25_degrees_of_square_on() -> None:
    for track in faces_of(HALL, 12.0).tracks:
        middle = shapely.Point((track.look_at or (0, 0, 0))[:2])
        farthest_m = max(shapely.Point(end).distance(middle) for end in track.line.coords)
        assert math.degrees(math.acos(track.line.distance(middle) / farthest_m)) <= 25.01


def test_a_round_tank_becomes_a_few_faces() -> None:
    tank = shapely.Point(0, 0).buffer(10, quad_segs=16)
    faces = faces_of(tank, 5.0)
    assert 5 <= len(faces.tracks) <= 10
    assert hidden(tank, 5.0) == 0


def test_courtyards_are_left_out_and_said_so() -> None:
    court = shapely.box(0, 0, 60, 60) - shapely.box(15, 15, 45, 45)
    faces = faces_of(court, 5.0)
    assert not any(track.line.intersects(Polygon(court.exterior)) for track in faces.tracks)
    assert "1 courtyard" in faces.remarks[0]


def test_narrow_gaps_between_wings_are_not_flown_into_and_said_so() -> None:
    wings = shapely.box(0, 0, 60, 60) - shapely.box(20, 20, 40, 60)
    faces = faces_of(wings, 10.0)
    assert min(track.line.distance(wings) for track in faces.tracks) >= STAND_OFF_M * 0.95 - 0.1
    assert faces.seen_m < faces.outline_m
    assert "stand too close" in faces.remarks[-1]
    assert hidden(wings, 10.0) == 0


@pytest.mark.parametrize("height_m", [3.0, 12.0, 33.0])
@pytest.mark.parametrize(
    "polygon",
    [
        HALL,
        shapely.union(shapely.box(0, 0, 60, 20), shapely.box(0, 0, 20, 60)),
        shapely.box(0, 0, 140, 100) - shapely.box(20, 20, 120, 100),
    ],
    ids=["hall", "L", "wide U"],
)
def test_whatever_can_be_seen_of_a_face_is_photographed(polygon: Polygon, height_m: float) -> None:
    assert hidden(polygon, height_m) == 0


corner = st.tuples(st.floats(8, 60), st.floats(0.4, 1.6))


@settings(max_examples=25)
@given(corners=st.lists(corner, min_size=4, max_size=7), height_m=st.floats(2, 30))
def test_random_outlines_keep_the_stand_off_and_show_what_can_be_seen(
    corners: list[tuple[float, float]], height_m: float
) -> None:
    angles = np.cumsum([turn for _, turn in corners])
    angles *= 2 * np.pi / (angles[-1] + 1)
    radii = np.array([radius for radius, _ in corners])
    polygon = Polygon(np.column_stack([np.cos(angles), np.sin(angles)]) * radii[:, None])
    assume(polygon.is_valid and polygon.area > 50)
    for track in faces_of(polygon, height_m).tracks:
        assert track.line.distance(polygon) >= STAND_OFF_M * 0.95 - 0.1
        assert (track.height_agl_m or 0.0) >= LOWEST_M
    assert hidden(polygon, height_m) == 0
