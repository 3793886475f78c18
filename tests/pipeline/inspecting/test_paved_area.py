"""Paved ground in a photo: where it is, narrowed by what is unsure, and without holes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from shapely import LineString, Polygon, box

from pipeline.inspecting.paved_area import paved_areas_px
from pipeline.photo import Photo, Pose
from pipeline.sites.site_reading import Site
from vision.camera import Camera
from vision.frames import LocalFrame

FRAME = LocalFrame(-6.88, 107.54)


def photo(sigma_m: float = 0.0) -> Photo:
    """Straight down from 40 m, 2 cm a pixel: it shows 80 × 60 m."""
    camera = Camera.centred("test", 4000, 3000, focal_px=2000.0)
    pose = Pose(-6.88, 107.54, 40.0, 0.0, -90.0, 0.0, sigma_position_m=sigma_m)
    return Photo("p", Path("p.jpg"), None, camera, pose)


def facility(shape_m: Polygon, paved: bool = True) -> Site:
    return Site("f", "Lapangan", "facility", FRAME.shapes_to_lon_lat(shape_m), paved=paved)


def road(width_m: float) -> Site:
    line = FRAME.shapes_to_lon_lat(LineString([(-200, 0), (200, 0)]))
    return Site("r", "Jalan", "road", line, width_m=width_m)


def area_m2(polygons_px: list[np.ndarray]) -> float:
    return sum(Polygon(polygon).area for polygon in polygons_px) * 0.02**2


def test_without_paved_sites_nothing_is_paved():
    assert paved_areas_px(photo(), []) == ([], [])
    assert paved_areas_px(photo(), [facility(box(0, 0, 10, 10), paved=False)]) == ([], [])
    assert paved_areas_px(photo(), [facility(box(500, 0, 510, 10))]) == ([], [])


def test_a_facility_lies_where_it_lies():
    (polygon,), carriageways = paved_areas_px(photo(), [facility(box(0, 10, 20, 20))])
    assert carriageways == []
    assert (*polygon.min(axis=0), *polygon.max(axis=0)) == pytest.approx((2000, 500, 3000, 1000), abs=3)


def test_a_road_is_cut_at_the_photo_and_narrowed_by_sigma():
    for sigma_m, width_m in ((0.0, 6.0), (1.0, 4.0)):
        facilities, carriageways = paved_areas_px(photo(sigma_m), [road(6.0)])
        assert facilities == []
        assert area_m2(carriageways) == pytest.approx(80 * width_m, rel=0.01)
    assert paved_areas_px(photo(3.0), [road(6.0)]) == ([], [])


def test_a_hole_stays_out():
    yard = box(-20, -20, 20, 20).difference(box(-5, -5, 5, 5))
    facilities, _ = paved_areas_px(photo(), [facility(yard)])
    assert area_m2(facilities) == pytest.approx(1600 - 100, rel=0.01)
