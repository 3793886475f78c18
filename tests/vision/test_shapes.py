"""Outlines, lengths and widths from the pixels inside a box."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from tests.vision.synthetic_cracks import draw_crack
from vision.detector import Detections, Picture
from vision.shapes import outline_damage
from vision.shapes.crack_path import find_path, without_faint_ends
from vision.shapes.region import cut_out

ROAD = 200


def surface(seed: int = 0, size_px: int = ROAD) -> Picture:
    """Asphalt: grey with a fine texture."""
    grain = np.random.default_rng(seed).normal(0, 6, (size_px, size_px, 1))
    return (
        np.clip(128 + cv2.GaussianBlur(grain, (0, 0), 0.8)[..., None], 0, 255).astype(np.uint8).repeat(3, 2)
    )


def outlined(picture: Picture, kind: str, *box: float) -> Detections:
    return outline_damage(picture, Detections.of_boxes(np.array([box]), np.array([0.5]), [kind]))


def cracked(width_px: float, seed: int, contrast: float = 0.5, blur_px: float = 0.8):
    rng = np.random.default_rng(seed)
    crack = draw_crack(surface(seed), rng, width_px, contrast, blur_px)
    return crack, outlined(crack.picture, "transverse_crack", *crack.xyxy_px)


def area_px(outline: np.ndarray) -> float:
    return cv2.contourArea(outline.astype(np.float32))


def test_nothing_has_no_shape():
    assert len(outline_damage(surface(), Detections.none())) == 0


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("width_px", [4.0, 6.0, 10.0])
def test_a_crack_has_its_length_and_width(width_px, seed):
    crack, shape = cracked(width_px, seed)
    assert shape.outlined[0]
    assert shape.length_px[0] == pytest.approx(crack.length_px, rel=0.12)
    assert shape.mean_width_px[0] == pytest.approx(width_px, abs=0.8)
    assert area_px(shape.outline_px[0]) == pytest.approx(crack.length_px * width_px, rel=0.25)


@pytest.mark.parametrize("seed", range(6))
def test_a_hairline_has_a_length_and_no_width(seed):
    crack, shape = cracked(0.8, seed, contrast=0.6)
    assert shape.length_px[0] == pytest.approx(crack.length_px, rel=0.12)
    assert np.isnan(shape.mean_width_px[0])


def test_a_crack_where_there_is_none_stays_a_box():
    box = (40.0, 30.0, 60.0, 170.0)
    shape = outlined(surface(3), "longitudinal_crack", *box)
    assert not shape.outlined[0]
    assert np.array_equal(shape.outline_px[0], Detections.of_boxes(np.array([box]), [0.5], "x").outline_px[0])
    assert np.isnan(shape.length_px[0]) and np.isnan(shape.mean_width_px[0])


def test_a_crack_in_a_large_picture_is_measured_in_its_own_pixels():
    crack, _ = cracked(4.0, 1)
    larger = cv2.resize(crack.picture, None, fx=8, fy=8, interpolation=cv2.INTER_CUBIC)
    shape = outlined(larger, "transverse_crack", *(8 * np.array(crack.xyxy_px)))
    assert shape.length_px[0] == pytest.approx(8 * crack.length_px, rel=0.12)
    assert shape.mean_width_px[0] == pytest.approx(32, rel=0.2)


@pytest.mark.parametrize("grey", [50, 215])
def test_a_pothole_has_its_outline(grey):
    picture = surface(7)
    cv2.ellipse(picture, (100, 95), (30, 20), 20, 0, 360, (grey, grey, grey), -1)
    shape = outlined(picture, "pothole", 64, 66, 136, 124)
    assert shape.outlined[0]
    assert area_px(shape.outline_px[0]) == pytest.approx(np.pi * 30 * 20, rel=0.15)
    assert np.isnan(shape.length_px[0])


def test_a_patch_has_its_outline_and_a_sealed_crack_stays_a_box():
    picture = surface(8)
    cv2.fillConvexPoly(picture, np.array([[50, 60], [140, 50], [150, 120], [60, 130]]), (70, 70, 70))
    patch = outlined(picture, "repair", 48, 48, 152, 132)
    assert patch.outlined[0] and area_px(patch.outline_px[0]) == pytest.approx(6300, rel=0.15)
    sealed = surface(9)
    cv2.polylines(sealed, [np.array([[40, 60], [90, 80], [120, 60], [160, 140]])], False, (40, 40, 40), 5)
    assert not outlined(sealed, "repair", 36, 50, 164, 144).outlined[0]


def test_a_network_has_the_area_it_covers_and_the_length_of_all_its_cracks():
    picture = surface(10)
    lines = [((at, 40), (at, 160)) for at in range(40, 161, 30)] + [
        ((40, at), (160, at)) for at in range(40, 161, 30)
    ]
    for start, end in lines:
        cv2.line(picture, start, end, (50, 50, 50), 3)
    shape = outlined(picture, "alligator_crack", 30, 30, 170, 170)
    assert shape.outlined[0]
    assert area_px(shape.outline_px[0]) == pytest.approx(120 * 120, rel=0.15)
    assert shape.length_px[0] == pytest.approx(10 * 120, rel=0.25)


def test_boxes_that_leave_the_picture_or_hold_nothing_stay():
    boxes = np.array([[-20.0, -20.0, 4.0, 4.0], [190.0, 190.0, 260.0, 260.0], [50.0, 50.0, 50.0, 50.0]])
    for kind in ("pothole", "repair", "alligator_crack", "transverse_crack", "sinkhole"):
        found = Detections.of_boxes(boxes, np.full(3, 0.5), [kind] * 3)
        shapes = outline_damage(surface(), found)
        assert len(shapes) == 3 and all(len(outline) >= 3 for outline in shapes.outline_px)


def test_the_same_picture_gives_the_same_outline_twice():
    picture = surface(11)
    cv2.circle(picture, (100, 100), 25, (60, 60, 60), -1)
    first, second = (cut_out(picture, np.array([70, 70, 130, 130.0]), "ellipse") for _ in range(2))
    assert np.array_equal(first.outline_px, second.outline_px)


def test_the_path_of_a_diagonal_crack_goes_from_corner_to_corner():
    lines = np.ones((60, 60), np.float32)
    lines[:, 2] = 6.0  # a kerb at the edge of the box
    for at in range(60):
        lines[at, at] = 7.0
    path = find_path(lines)
    assert np.ptp(path.points_px[:, 0]) > 50


def test_faint_ends_of_a_path_go_and_a_faint_middle_stays():
    lines = np.ones((100, 11), np.float32)
    lines[20:45, 5] = lines[52:80, 5] = 6.0
    path = without_faint_ends(find_path(lines))
    assert (path.points_px[0, 1], path.points_px[-1, 1]) == (20, 79)
