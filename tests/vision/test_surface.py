"""Plants on paved ground: found where they are, outlined, measured, and as right as is claimed."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from shapely import Polygon, box, union_all

from tests.vision.surface_points import count_points, labelled_pictures
from vision.surface import find_neglect
from vision.surface.accuracy import VEGETATION_ACCURACY
from vision.surface.ground_patch import GroundPatch
from vision.surface.outlines import LEAST_AREA_M2, patch_outlines

GRASS, PAVING = (45, 130, 70), (128, 130, 131)  # blue, green, red
GSD_CM = 2.0
WHOLE = np.array([[0.0, 0.0], [800.0, 0.0], [800.0, 600.0], [0.0, 600.0]])


def yard(*patches: tuple[int, int, int, int], colour: tuple[int, int, int] = GRASS) -> np.ndarray:
    """Paving of 16 × 12 m with patches (left, top, right, bottom) of a colour."""
    picture = np.empty((600, 800, 3), np.uint8)
    picture[:] = PAVING
    for left, top, right, bottom in patches:
        picture[top:bottom, left:right] = colour
    noise = np.random.default_rng(1).normal(0, 4, picture.shape)
    return np.clip(picture + noise, 0, 255).astype(np.uint8)


def test_bare_paving_and_no_paving_show_nothing():
    assert len(find_neglect(yard(), GSD_CM, [WHOLE])) == 0
    assert len(find_neglect(yard((100, 100, 300, 200)), GSD_CM, [])) == 0
    assert len(find_neglect(yard((100, 100, 300, 200)), GSD_CM, [WHOLE + 5000])) == 0


def test_a_patch_is_outlined_where_it_is():
    found = find_neglect(yard((100, 150, 300, 250)), GSD_CM, [WHOLE])
    assert found.kind == ("vegetation",) and found.outlined.all()
    truth, outline = box(100, 150, 300, 250), Polygon(found.outline_px[0])
    assert truth.intersection(outline).area / truth.union(outline).area > 0.93
    assert found.xyxy_px[0] == pytest.approx([100, 150, 300, 250], abs=4)


def test_only_what_lies_on_the_paving_counts():
    paved = np.array([[0.0, 0.0], [200.0, 0.0], [200.0, 600.0], [0.0, 600.0]])
    found = find_neglect(yard((100, 150, 300, 250), (500, 100, 700, 500)), GSD_CM, [], [paved])
    assert len(found) == 1
    assert found.xyxy_px[0] == pytest.approx([100, 150, 200, 250], abs=4)


@pytest.mark.parametrize(("side_px", "count"), [(20, 0), (30, 1)])  # 0.16 m² and 0.36 m²
def test_a_tuft_is_too_small(side_px: int, count: int):
    assert len(find_neglect(yard((400, 300, 400 + side_px, 300 + side_px)), GSD_CM, [WHOLE])) == count


@pytest.mark.parametrize(
    "colour",
    [(60, 200, 230), (140, 145, 20), (90, 105, 5), (120, 60, 20), (60, 105, 130), (0, 0, 0), (250, 250, 250)],
    ids=["yellow paint", "teal paint", "dark teal", "blue sign", "dry grass", "black", "white paint"],
)
def test_other_colours_are_no_plants(colour: tuple[int, int, int]):
    assert len(find_neglect(yard((100, 100, 500, 400), colour=colour), GSD_CM, [WHOLE])) == 0


def test_bluish_green_is_paint_where_it_is_even_and_plants_where_it_is_not():
    painted = yard((100, 100, 500, 400), colour=(90, 150, 92))
    blotches = cv2.resize(np.random.default_rng(2).uniform(0.5, 1.5, (150, 200)), (800, 600))[..., None]
    assert len(find_neglect(painted, GSD_CM, [WHOLE])) == 0
    assert len(find_neglect((painted * blotches).clip(0, 255).astype(np.uint8), GSD_CM, [WHOLE])) == 1


@pytest.mark.parametrize("light", [(0.85, 1.0, 1.15), (1.15, 1.0, 0.9), (0.3, 0.3, 0.3), (1.4, 1.4, 1.4)])
def test_the_colour_and_strength_of_the_light_matter_little(light: tuple[float, float, float]):
    lit = np.clip(yard((100, 100, 400, 400)) * np.array(light), 0, 255).astype(np.uint8)
    (outline,) = find_neglect(lit, GSD_CM, [WHOLE]).outline_px
    assert Polygon(outline).area == pytest.approx(300 * 300, rel=0.05)


def test_a_bare_place_within_a_ring_of_plants_is_not_counted():
    ring = yard((100, 100, 600, 500))
    ring[160:440, 160:540] = PAVING
    outlines = [Polygon(outline) for outline in find_neglect(ring, GSD_CM, [WHOLE]).outline_px]
    assert all(outline.is_valid for outline in outlines)
    assert union_all(outlines).area == pytest.approx(500 * 400 - 380 * 280, rel=0.06)


def test_the_area_hardly_depends_on_the_resolution():
    fine = yard((100, 100, 400, 300))
    areas_m2 = []
    for shrunk in (1.0, 0.5, 0.25):
        smaller = cv2.resize(fine, None, fx=shrunk, fy=shrunk, interpolation=cv2.INTER_AREA)
        found = find_neglect(smaller, GSD_CM / shrunk, [WHOLE * shrunk])
        areas_m2.append(sum(Polygon(o).area for o in found.outline_px) * (GSD_CM / shrunk / 100) ** 2)
    assert areas_m2 == pytest.approx([24.0] * 3, rel=0.06)


def test_a_picture_too_coarse_shows_nothing():
    assert len(find_neglect(yard((100, 100, 400, 300)), 15.0, [WHOLE])) == 0


def test_halves_of_the_labels_share_no_ground():
    groups = [{label["group"] for label in labelled_pictures(half)} for half in ("choose", "report")]
    assert groups[0].isdisjoint(groups[1]) and all(groups)
    assert len(labelled_pictures("report")) >= 60


@pytest.mark.real_data
def test_the_accuracy_is_what_is_claimed(shared: Path):
    count = count_points(labelled_pictures("report"), shared / "data")
    assert (len(count.share_errors), count.points) == (
        VEGETATION_ACCURACY.pictures,
        VEGETATION_ACCURACY.points,
    )
    assert count.precision == pytest.approx(VEGETATION_ACCURACY.precision, abs=0.005)
    assert count.recall == pytest.approx(VEGETATION_ACCURACY.recall, abs=0.005)
    assert count.share_error_points == pytest.approx(VEGETATION_ACCURACY.share_error_points, abs=0.1)
    assert VEGETATION_ACCURACY.f1 >= 0.8


@pytest.mark.real_data
def test_a_lawn_with_trees_and_shade_is_outlined_whole(shared: Path):
    picture = cv2.imread(
        str(shared / "data/photos/brighton-beach/DJI_0026.JPG"), cv2.IMREAD_IGNORE_ORIENTATION | 1
    )
    height, width = picture.shape[:2]
    whole = np.array([[0.0, 0.0], [width, 0.0], [width, height], [0.0, height]])
    outlines = [Polygon(outline) for outline in find_neglect(picture, 1.71, [whole]).outline_px]
    assert all(outline.is_valid for outline in outlines)
    lawn, road = box(1900, 1700, 2900, 2200), box(1250, 1100, 1550, 1900)
    covered = union_all(outlines)
    assert covered.intersection(lawn).area / lawn.area > 0.85
    assert covered.intersection(road).area / road.area < 0.02


@given(st.integers(0, 2**32 - 1), st.floats(1, 4), st.floats(0.2, 0.6))
@example(2991, 1.5, 0.3)
def test_no_outline_is_far_smaller_than_the_least_patch(seed, blur_px, share):
    noise = np.random.default_rng(seed).random((60, 60)).astype(np.float32)
    smooth = cv2.GaussianBlur(noise, (0, 0), blur_px)
    mask = (smooth > np.quantile(smooth, share)).astype(np.uint8)
    patch = GroundPatch(
        np.zeros((60, 60, 3), np.uint8), np.full((60, 60), 255, np.uint8), 4.0, np.zeros(2), 1
    )
    areas_m2 = [Polygon(outline).area * 0.04**2 for outline in patch_outlines(mask, patch)]
    assert min(areas_m2, default=1.0) >= 0.8 * LEAST_AREA_M2  # simplifying takes some off
