"""The ground as planes: errors of places on slopes, at edges and on walls."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import ArrayLike

from pipeline.geotagging.ground_planes import GroundPlanes
from pipeline.photo import Photo, Pose
from vision.camera import Camera, FloatArray
from vision.frames import LocalFrame
from vision.ground import FLAT_GROUND, Ground

POSE = Pose(-1.2654, 116.8312, 30.0, 0.0, -90.0, 0.0)
PHOTO = Photo("id", Path("p.jpg"), None, Camera.centred("c", 400, 300, 300.0), POSE)
FRAME = LocalFrame(POSE.lat, POSE.lon)
RAYS = np.array([[0.0, 0.0, -1.0], [0.3, 0.1, -1.0], [-0.4, 0.2, -1.0]])


@dataclass(frozen=True)
class Eastward:
    """Ground that rises to the east, up to an edge beyond which it is unknown."""

    rise: float
    edge_m: float = np.inf
    sigma_m: float = 0.0

    def heights_m(self, lat: ArrayLike, lon: ArrayLike) -> FloatArray:
        east_m = FRAME.to_metres(lat, lon)[:, 0]
        return np.where(east_m < self.edge_m, self.rise * east_m, np.nan)

    def height_above_m(self, lat: float, lon: float, height_m: float) -> float:
        return height_m - float(self.heights_m(lat, lon)[0])

    def meet(self, rays_enu: FloatArray, lat: float, lon: float, height_m: float) -> FloatArray:
        places_m: FloatArray = (
            rays_enu[:, :2] * (height_m / (self.rise * rays_enu[:, 0] - rays_enu[:, 2]))[:, None]
        )
        return places_m


def planes_of(ground: Ground) -> GroundPlanes:
    return GroundPlanes.about(
        replace(PHOTO, ground=ground), ground.meet(RAYS, POSE.lat, POSE.lon, POSE.alt_agl_m), RAYS
    )


def test_no_places_have_no_planes():
    steep = replace(PHOTO, ground=Eastward(0.1))
    assert GroundPlanes.about(steep, np.empty((0, 2)), np.empty((0, 3))).meet(np.empty((0, 3))).shape == (
        0,
        2,
    )


@pytest.mark.parametrize("rise", [0.0, 0.2, -0.2])
def test_rays_that_are_a_little_wrong_meet_the_slope(rise):
    wrong, moved_m = RAYS + np.array([0.01, -0.02, 0.0]), np.array([0.3, -0.2, 0.5])
    height_m = POSE.alt_agl_m + 0.5 - 0.3 * rise
    expected = moved_m[:2] + Eastward(rise).meet(wrong, POSE.lat, POSE.lon, height_m)
    assert planes_of(Eastward(rise)).meet(wrong, moved_m) == pytest.approx(expected, abs=1e-4)


def test_flat_ground_is_level():
    assert planes_of(FLAT_GROUND).rises == pytest.approx(0)


def test_at_the_edge_of_a_model_the_ground_is_level():
    planes = planes_of(Eastward(0.2, edge_m=8.0))
    assert planes.rises[:, 0] == pytest.approx([0.2, 0.0, 0.2], abs=1e-6)
    assert np.isfinite(planes.meet(RAYS)).all()


def test_walls_are_no_steeper_than_45_degrees():
    assert planes_of(Eastward(5.0)).rises[:, 0] == pytest.approx([1, 1, 1])


def test_ground_that_a_ray_only_grazes_is_level():
    assert planes_of(Eastward(0.9)).rises[:, 0] == pytest.approx([0.9, 0.9, 0.9])
    steep = replace(PHOTO, ground=Eastward(-0.9))
    grazing = np.array([[0.7, 0.0, -1.0]])
    assert GroundPlanes.about(steep, np.array([[21.0, 0.0]]), grazing).rises == pytest.approx(0)
