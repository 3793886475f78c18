from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from shapely.geometry import Point

from pipeline.geotagging.geotag import ground_sample_distance_cm, locate_pixels, observe, photo_footprint
from pipeline.geotagging.ground_error import error_ellipses, ground_covariances, ground_offsets
from pipeline.photo import Photo, Pose
from vision.attitude import camera_to_enu
from vision.camera import Camera
from vision.detector import Detections
from vision.frames import LocalFrame

CAMERA = Camera("test", 4000, 3000, 3000.0, 1999.5, 1499.5, (0.02, -0.01, 0.0004, 0.0, 0.0))
PINHOLE = replace(CAMERA, distortion=(0.0, 0.0, 0.0, 0.0, 0.0))
POSE = Pose(-1.2654, 116.8312, 30.0, yaw_deg=0.0, pitch_deg=-90.0, roll_deg=0.0)


def photo_of(camera: Camera = PINHOLE, **pose: float) -> Photo:
    return Photo("id", Path("photo.jpg"), None, camera, replace(POSE, **pose))


def boxes(*xyxy_px: tuple[float, float, float, float]) -> Detections:
    return Detections.of_boxes(np.array(xyxy_px), np.full(len(xyxy_px), 0.7), ["pothole"] * len(xyxy_px))


def test_nothing_asked_nothing_told() -> None:
    assert locate_pixels(photo_of(), np.empty((0, 2))) == []
    assert observe(photo_of(), Detections.none()) == []


def test_the_middle_of_a_nadir_photo_is_below_the_drone() -> None:
    point = locate_pixels(photo_of(), [(1999.5, 1499.5)])[0]
    assert point is not None
    assert (point.lat, point.lon) == pytest.approx((POSE.lat, POSE.lon), abs=1e-12)
    # 1.5 m of position and 1° of tilt at 30 m (0.52 m)
    assert point.sigma_m == pytest.approx(np.hypot(1.5, 0.5236), abs=0.01)


@pytest.mark.parametrize(("yaw", "north", "east"), [(0, 1, 0), (90, 0, 1), (180, -1, 0), (-90, 0, -1)])
def test_the_top_of_the_picture_lies_towards_the_yaw(yaw, north, east) -> None:
    point = locate_pixels(photo_of(yaw_deg=yaw), [(1999.5, 499.5)])[0]
    assert point is not None
    offset_m = LocalFrame(POSE.lat, POSE.lon).to_metres(point.lat, point.lon)[0]
    assert offset_m == pytest.approx([10 * east, 10 * north], abs=1e-6)


def test_what_was_measured_in_pixels_is_measured_on_the_ground() -> None:
    found = boxes((1000, 1000, 1100, 1060), (2000, 1500, 2400, 1510), (100, 100, 130, 130))
    found = replace(
        found,
        kind=("pothole", "transverse_crack", "pothole"),
        outlined=np.array([True, True, False]),
        length_px=np.array([np.nan, 420.0, np.nan]),
        mean_width_px=np.array([np.nan, 2.5, np.nan]),
    )
    hole, crack, box = observe(photo_of(), found)  # 1 cm a pixel
    assert hole.diameter_m == pytest.approx(2 * (1.0 * 0.6 / np.pi) ** 0.5)
    assert (hole.crack_length_m, hole.crack_width_m, crack.diameter_m) == (None, None, None)
    assert (crack.crack_length_m, crack.crack_width_m) == pytest.approx((4.2, 0.025))
    assert (box.outlined, box.diameter_m) == (False, None)


def test_a_crack_is_measured_at_its_own_place_in_an_oblique_photo() -> None:
    found = replace(boxes((1990, 2900, 2010, 2910)), outlined=np.array([True]), length_px=np.array([20.0]))
    near = observe(photo_of(pitch_deg=-50.0), found)[0]
    far = observe(photo_of(pitch_deg=-50.0), replace(found, xyxy_px=found.xyxy_px - (0, 2800, 0, 2800)))[0]
    assert near.crack_length_m is not None and far.crack_length_m is not None
    assert far.crack_length_m > 2 * near.crack_length_m


def test_pixels_above_the_horizon_are_none_in_their_place() -> None:
    points = locate_pixels(photo_of(pitch_deg=-10), [(2000, 0), (2000, 2900), (0, 0)])
    assert [point is None for point in points] == [True, False, True]


def test_azimuth_of_the_ellipse_is_clockwise_from_north() -> None:
    east_west = error_ellipses(np.array([[[4.0, 0.0], [0.0, 1.0]]]))[0]
    north_east = error_ellipses(np.array([[[4.0, 3.0], [3.0, 4.0]]]))[0]
    assert east_west == pytest.approx([2, 1, 90])
    assert north_east[2] == pytest.approx(45)


def draw_offsets(photo: Photo, pixel_px: tuple[float, float], count: int) -> np.ndarray:
    """Where one pixel lands when the photo's errors are drawn as they are stated."""
    rng = np.random.default_rng(3)
    pose, camera = photo.pose, photo.camera
    tilt_rad = np.radians(pose.sigma_tilt_deg) * rng.standard_normal((count, 2))
    yaw_rad = np.radians(pose.sigma_yaw_deg) * rng.standard_normal(count)
    focal = 1 + camera.focal_sigma_rel * rng.standard_normal((count, 1))
    centre = np.array([camera.cx_px, camera.cy_px])
    pixels = np.array(pixel_px) + rng.standard_normal((count, 2))
    rays = camera.rays(centre + (pixels - centre) / focal)  # a longer focal length sees less
    rays = rays @ camera_to_enu(pose.yaw_deg, pose.pitch_deg, pose.roll_deg).T
    east, north, up = rays.T
    cosine, sine = np.cos(yaw_rad), np.sin(yaw_rad)
    rays = np.column_stack([east * cosine + north * sine, north * cosine - east * sine, up])  # clockwise
    axes = np.column_stack([tilt_rad, np.zeros(count)])  # Rodrigues
    angles = np.linalg.norm(axes, axis=1, keepdims=True)
    axes /= angles
    rays = (
        rays * np.cos(angles)
        + np.cross(axes, rays) * np.sin(angles)
        + axes * (axes * rays).sum(axis=1, keepdims=True) * (1 - np.cos(angles))
    )
    heights_m = pose.alt_agl_m + pose.sigma_alt_m * rng.standard_normal((count, 1))
    return rays[:, :2] / -rays[:, 2:] * heights_m + pose.sigma_position_m * rng.standard_normal((count, 2))


@pytest.mark.parametrize(
    "pose",
    [
        {"sigma_position_m": 0.02, "sigma_alt_m": 0.03},
        {"yaw_deg": 130, "pitch_deg": -70, "roll_deg": 5},
        {"yaw_deg": -50, "pitch_deg": -55, "sigma_yaw_deg": 10.0, "sigma_position_m": 0.5},
        {"yaw_deg": 20, "sigma_yaw_deg": 180.0},
    ],
)
def test_the_ellipse_agrees_with_monte_carlo(pose) -> None:
    photo, pixel_px = photo_of(CAMERA, **pose), (3500.0, 2600.0)
    found = ground_covariances(photo, np.array([pixel_px]))[0]
    drawn = draw_offsets(photo, pixel_px, 40_000) - ground_offsets(photo, np.array([pixel_px]))
    expected = drawn.T @ drawn / len(drawn)
    assert found == pytest.approx(expected, rel=0.05, abs=0.05 * np.trace(expected))


def test_an_unknown_yaw_covers_the_whole_ring() -> None:
    photo = photo_of(sigma_yaw_deg=180.0, sigma_position_m=0.1, sigma_alt_m=0.1, sigma_tilt_deg=0.1)
    pixel = np.array([[3999.0, 1499.5]])
    offset, inverse = (
        ground_offsets(photo, pixel)[0],
        np.linalg.inv(ground_covariances(photo, pixel)[0]),
    )
    for angle in np.linspace(0, 2 * np.pi, 60):
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        error = turn @ offset - offset
        assert error @ inverse @ error < 5.991  # 95 % of χ² with two degrees of freedom


@given(
    st.floats(-180, 180), st.floats(-90, -15), st.floats(-180, 180), st.floats(0, 3999), st.floats(0, 2999)
)
@settings(max_examples=60)
def test_covariances_are_at_least_the_positions(yaw, pitch, roll, x, y) -> None:
    photo = photo_of(CAMERA, yaw_deg=yaw, pitch_deg=pitch, roll_deg=roll)
    covariance = ground_covariances(photo, np.array([[x, y]]))[0]
    assume(np.isfinite(covariance).all())
    assert np.linalg.eigvalsh(covariance)[0] >= 1.5**2 - 1e-6


def test_sizes_of_an_observation() -> None:
    [found] = observe(photo_of(yaw_deg=33), boxes((1000, 1000, 1200, 1050)))  # at 1 cm per pixel
    assert (found.length_m, found.width_m, found.area_m2) == pytest.approx((2.0, 0.5, 1.0), rel=1e-6)
    assert (found.kind, found.score, found.photo_id) == ("pothole", 0.7, "id")
    assert found.footprint.centroid.distance(Point(found.position.lon, found.position.lat)) < 1e-9


def test_the_observations_place_is_that_of_its_middle_pixel() -> None:
    photo = photo_of(CAMERA, yaw_deg=10, pitch_deg=-80)
    [found] = observe(photo, boxes((1000, 1000, 1004, 1004)))
    middle = locate_pixels(photo, [(1002, 1002)])[0]
    assert middle is not None
    assert (found.position.lat, found.position.lon) == pytest.approx((middle.lat, middle.lon), abs=1e-9)
    assert found.position.sigma_m == pytest.approx(middle.sigma_m, rel=1e-3)


def test_detections_across_the_horizon_are_dropped_and_the_order_kept() -> None:
    photo = photo_of(pitch_deg=-10)
    found = observe(photo, boxes((0, 0, 100, 2900), (0, 2600, 100, 2700), (50, 2800, 90, 2900)))
    assert [tuple(seen.outline_px[0]) for seen in found] == [(0, 2600), (50, 2800)]


def test_outlines_without_area_are_dropped_and_crossing_ones_kept() -> None:
    line, bow = np.array([[0, 0], [9, 9], [5, 5.0]]), np.array([[0, 0], [90, 90], [90, 0], [0, 90.0]])
    detections = replace(boxes((0, 0, 9, 9), (0, 0, 90, 90)), outline_px=(line, bow))
    [found] = observe(photo_of(), detections)
    assert found.area_m2 == pytest.approx(0.81, rel=1e-6)


def test_footprint_of_a_nadir_photo() -> None:
    footprint = photo_footprint(photo_of())
    assert footprint is not None
    frame = LocalFrame(POSE.lat, POSE.lon)
    corners = frame.to_metres(
        [y for _, y in footprint.exterior.coords], [x for x, _ in footprint.exterior.coords]
    )
    assert np.abs(corners).max(axis=0) == pytest.approx([19.995, 14.995], abs=1e-3)


def test_footprints_end_before_the_horizon_and_the_sky_has_none() -> None:
    low = photo_footprint(photo_of(pitch_deg=-10))
    assert low is not None and low.is_valid
    assert low.distance(Point(POSE.lon, POSE.lat)) < 300 / 111_000
    assert photo_footprint(photo_of(pitch_deg=60)) is None


def test_ground_sample_distance() -> None:
    assert ground_sample_distance_cm(photo_of()) == pytest.approx(1.0)
    assert ground_sample_distance_cm(photo_of(pitch_deg=-45)) > 1.4
    assert ground_sample_distance_cm(photo_of(pitch_deg=5)) == float("inf")


@pytest.mark.real_data
def test_brighton_beach(shared) -> None:
    from tests.benchmarks.bench_geotag import measure

    found = measure(shared)
    assert found.median_m < 3
    assert found.percentile_90_m < 4
    assert found.share_in_95 > 0.9
