"""The errors of places on the ground: what a flight shares of them, against drawn errors."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import ArrayLike
from scipy.spatial.transform import Rotation

from pipeline.geotagging.geotag import observe
from pipeline.geotagging.ground_error import SHARED_CAUSES, ground_covariances, ground_offsets, shared_factors
from pipeline.photo import Photo, Pose, SharedErrors
from tests.benchmarks.bench_uncertainty import AS_ASSUMED
from tests.benchmarks.drawn_flights import share_inside
from vision.attitude import camera_to_enu
from vision.camera import Camera, FloatArray
from vision.detector import Detections
from vision.frames import LocalFrame
from vision.ground import FlatGround

CAMERA = Camera("test", 4000, 3000, 3000.0, 1999.5, 1499.5, (0.02, -0.01, 0.0004, 0.0, 0.0))
HALF = SharedErrors(position_m=1.2, alt_m=2.5, tilt_deg=0.7, yaw_deg=1.5)
NADIR = Pose(-1.2654, 116.8312, 30.0, yaw_deg=0.0, pitch_deg=-90.0, roll_deg=0.0, shared=HALF)
CORNER_PX = np.array([[3500.0, 2600.0]])


def photo_of(pose: Pose = NADIR, **changes: object) -> Photo:
    return replace(Photo("id", Path("photo.jpg"), None, CAMERA, pose), **changes)


def column(photo: Photo, cause: str, pixels_px: FloatArray = CORNER_PX) -> FloatArray:
    return shared_factors(photo, pixels_px)[0, :, SHARED_CAUSES.index(cause)]


def test_no_pixels_have_no_errors() -> None:
    none = np.empty((0, 2))
    assert ground_covariances(photo_of(), none).shape == (0, 2, 2)
    assert shared_factors(photo_of(), none).shape == (0, 2, len(SHARED_CAUSES))


def test_the_sky_has_no_errors_on_the_ground() -> None:
    level = photo_of(replace(NADIR, pitch_deg=0.0))
    assert np.isnan(shared_factors(level, np.array([[2000.0, 10.0]]))).all()


def test_what_the_position_and_the_height_move() -> None:
    offset_m = ground_offsets(photo_of(), CORNER_PX)[0]
    assert column(photo_of(), "east") == pytest.approx([1.2, 0])
    assert column(photo_of(), "north") == pytest.approx([0, 1.2])
    assert column(photo_of(), "height") == pytest.approx(offset_m / 30 * 2.5)
    assert column(photo_of(ground=FlatGround(0.5)), "ground") == pytest.approx(offset_m / 30 * 0.5)


def test_a_greater_yaw_turns_places_clockwise() -> None:
    east_px = np.array([[3999.0, 1499.5]])
    east_m, north_m = column(photo_of(), "yaw", east_px)
    assert north_m < 0 and abs(east_m) < 0.01
    assert north_m == pytest.approx(-ground_offsets(photo_of(), east_px)[0, 0] * np.radians(1.5), rel=1e-3)


@pytest.mark.parametrize("cause", ["tilt_across", "tilt_along"])
def test_a_boresight_turns_with_the_picture(cause) -> None:
    centre_px = np.array([[1999.5, 1499.5]])
    there = column(photo_of(), cause, centre_px)
    back = column(photo_of(replace(NADIR, yaw_deg=180.0)), cause, centre_px)
    upside_down = column(photo_of(replace(NADIR, roll_deg=180.0)), cause, centre_px)
    assert np.hypot(*there) == pytest.approx(30 * np.radians(0.7), rel=1e-3)
    assert back == pytest.approx(-there, abs=1e-9)
    assert upside_down == pytest.approx(-there, abs=1e-9)


def test_an_observation_keeps_what_its_flight_shares() -> None:
    box = Detections.of_boxes(np.array([[3490.0, 2590.0, 3510.0, 2610.0]]), np.array([0.7]), ["pothole"])
    [found] = observe(photo_of(), box)
    assert found.shared_m == pytest.approx(shared_factors(photo_of(), CORNER_PX)[0], rel=1e-3, abs=1e-4)


@given(
    st.floats(-180, 180), st.floats(-90, -15), st.floats(-180, 180), st.floats(0, 3999), st.floats(0, 2999)
)
@settings(max_examples=60)
def test_what_is_shared_is_a_part_of_the_whole(yaw, pitch, roll, x, y) -> None:
    photo = photo_of(replace(NADIR, yaw_deg=yaw, pitch_deg=pitch, roll_deg=roll), ground=FlatGround(1.0))
    pixels_px = np.array([[x, y]])
    shared_m = shared_factors(photo, pixels_px)[0]
    whole_m2 = ground_covariances(photo, pixels_px)[0]
    assume(np.isfinite(shared_m).all() and np.isfinite(whole_m2).all())
    assert np.linalg.eigvalsh(whole_m2 - shared_m @ shared_m.T)[0] > -1e-9 * np.trace(whole_m2)


@dataclass(frozen=True)
class Slope:
    """Ground that rises to the east, its zero below the camera of `NADIR`."""

    rise: float
    sigma_m: float = 0.4

    def meet(self, rays_enu: FloatArray, lat: float, lon: float, height_m: float) -> FloatArray:
        down = self.rise * rays_enu[:, 0] - rays_enu[:, 2]
        places: FloatArray = rays_enu[:, :2] * (height_m / down)[:, None]
        return places

    def heights_m(self, lat: ArrayLike, lon: ArrayLike) -> FloatArray:
        heights_m: FloatArray = self.rise * LocalFrame(NADIR.lat, NADIR.lon).to_metres(lat, lon)[:, 0]
        return heights_m

    def height_above_m(self, lat: float, lon: float, height_m: float) -> float:
        return height_m - float(self.heights_m(lat, lon)[0])


def drawn_places(photo: Photo, pixel_px: FloatArray, shared: FloatArray, own: FloatArray) -> FloatArray:
    """Where a pixel (1, 2) lands (D, 2) with drawn errors (D, 8) in units of σ, as shared and alone."""
    pose, common = photo.pose, photo.pose.shared
    yaw = np.radians(pose.yaw_deg)
    level = np.array([[np.cos(yaw), -np.sin(yaw), 0.0], [np.sin(yaw), np.cos(yaw), 0.0], [0.0, 0.0, -1.0]])
    true = camera_to_enu(pose.yaw_deg, pose.pitch_deg, pose.roll_deg)
    totals = np.array([pose.sigma_position_m, pose.sigma_alt_m, pose.sigma_tilt_deg, pose.sigma_yaw_deg])
    parts = np.array([common.position_m, common.alt_m, common.tilt_deg, common.yaw_deg])
    each = [0, 0, 1, 2, 2, 3]
    errors = shared[:, :6] * parts[each] + own[:, :6] * np.sqrt(totals**2 - parts**2)[each]
    focal, ground = shared[:, 6:].T
    centre_px = np.array([CAMERA.cx_px, CAMERA.cy_px])
    seen_px = pixel_px + own[:, 6:] - centre_px
    rays = CAMERA.rays(centre_px + seen_px / (1 + focal * CAMERA.focal_sigma_rel)[:, None])
    turned = Rotation.from_rotvec(errors[:, 3:] @ level, degrees=True).apply(rays @ true.T)
    foot = LocalFrame(pose.lat, pose.lon).to_lat_lon(errors[:, :2])
    heights_m = (
        pose.alt_agl_m + errors[:, 2] - ground * photo.ground.sigma_m - photo.ground.heights_m(*foot.T)
    )
    per_metre = photo.ground.meet(turned, pose.lat, pose.lon, 1.0)
    places: FloatArray = per_metre * heights_m[:, None] + errors[:, :2]
    return places


NORTH_AND_BACK = (replace(NADIR, yaw_deg=20.0), replace(NADIR, yaw_deg=-160.0))
OBLIQUE = (replace(NADIR, yaw_deg=20.0, pitch_deg=-70.0), replace(NADIR, yaw_deg=35.0, pitch_deg=-65.0))
PRECISE = tuple(
    replace(pose, sigma_position_m=0.02, sigma_alt_m=0.03, shared=SharedErrors(0.01, 0.02, 0.7, 1.5))
    for pose in NORTH_AND_BACK
)


@pytest.mark.parametrize("poses", [NORTH_AND_BACK, OBLIQUE, PRECISE])
@pytest.mark.parametrize("ground", [FlatGround(0.4), Slope(0.15)])
def test_the_errors_of_two_photos_agree_with_monte_carlo(poses, ground) -> None:
    rng = np.random.default_rng(3)
    shared, owns = rng.standard_normal((40_000, 8)), rng.standard_normal((2, 40_000, 8))
    photos = [photo_of(pose, ground=ground) for pose in poses]
    pixels_px = [CORNER_PX, np.array([[900.0, 2200.0]])]
    found = [
        drawn_places(photo, pixel_px, shared, own) - ground_offsets(photo, pixel_px)
        for photo, pixel_px, own in zip(photos, pixels_px, owns, strict=True)
    ]
    whole = [ground_covariances(photo, px)[0] for photo, px in zip(photos, pixels_px, strict=True)]
    factors = [shared_factors(photo, px)[0] for photo, px in zip(photos, pixels_px, strict=True)]
    within = 0.04 * max(np.trace(covariance) for covariance in whole)
    for covariance, errors in zip(whole, found, strict=True):
        assert covariance == pytest.approx(errors.T @ errors / len(errors), abs=within)
    assert factors[0] @ factors[1].T == pytest.approx(found[0].T @ found[1] / len(shared), abs=within)


# Within 2 % with the many flights of tests/benchmarks/bench_uncertainty.py.
@pytest.mark.slow
@pytest.mark.parametrize("name", ["without RTK", "with RTK, ground known to 1 m", "without RTK, two flights"])
def test_the_95_percent_ellipse_holds_95_percent_when_errors_are_drawn_as_assumed(name) -> None:
    share = share_inside(AS_ASSUMED[name], surveys=150, seed=5)
    assert share.observations == pytest.approx(0.95, abs=0.03)
    assert share.defects == pytest.approx(0.95, abs=0.03)
