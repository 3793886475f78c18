"""Pictures of the ground: no seams, always the same, damage where it belongs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, box

from flight.simulator.district import District, build_district
from flight.simulator.ground_rendering import CHUNK_M, CHUNK_PX, Ground
from flight.simulator.noise import noise
from flight.simulator.raster import GROUND_PIXEL_M, Window, area_mask, stroke_mask
from pipeline.sites.site_reading import Site


@pytest.fixture(scope="module")
def district() -> District:
    road = Site("r", "Road", "road", LineString([(106.84, -6.3), (106.84025, -6.3)]), 6.0)
    return build_district([road], seed=4, spacing_m=7)


@pytest.fixture(scope="module")
def ground(district: District) -> Ground:
    return Ground(district)


@settings(max_examples=25, deadline=None)
@given(
    left=st.integers(-5000, 5000),
    top=st.integers(-5000, 5000),
    shift=st.integers(1, 60),
    cell=st.sampled_from([1, 2, 8, 32, 64, 320, 1280]),
)
def test_noise_depends_on_the_place_alone(left: int, top: int, shift: int, cell: int) -> None:
    here = noise(Window(left, top, 90, 40), cell, seed=5)
    beside = noise(Window(left + shift, top, 90, 40), cell, seed=5)
    np.testing.assert_allclose(here[:, shift:], beside[:, : 90 - shift], atol=1e-4)


def test_noise_has_mean_0_and_about_unit_variance() -> None:
    for cell in (1, 2, 4, 16):
        values = noise(Window(0, 0, 800, 800), cell, seed=1)
        assert abs(values.mean()) < 0.1
        assert 0.6 < values.std() < 1.4


def test_masks_cover_what_they_should() -> None:
    window = Window.around((0.0, 0.0, 2.0, 1.0))
    line = LineString([(0.2, 0.5), (1.8, 0.5)])
    stroke = stroke_mask(window, np.array(line.coords), np.array([0.1, 0.1]))
    area = area_mask(window, line.buffer(0.05, cap_style="flat"))
    assert area.sum() * GROUND_PIXEL_M**2 == pytest.approx(0.16, rel=0.2)
    assert stroke.sum() * GROUND_PIXEL_M**2 == pytest.approx(0.16, rel=0.2)
    row, column = np.unravel_index(area.argmax(), area.shape)
    east, north = window.centres_m()[row, column]
    assert 0.2 < east < 1.8 and 0.45 < north < 0.55


def test_no_seam_between_chunks(ground: Ground, district: District) -> None:
    """The step across a border is no larger than between other neighbouring pixels."""
    column, row = np.floor(district.damages[0].centre_m / CHUNK_M * (1, -1)).astype(int)
    for other, axis in (((column + 1, row), 1), ((column, row + 1), 0)):
        pair = [ground.chunk(column, row), ground.chunk(*other)]
        both = np.concatenate(pair, axis=axis).astype(float)
        steps = np.abs(np.diff(both, axis=axis)).mean(axis=(1 - axis, 2))
        near = steps[CHUNK_PX - 40 : CHUNK_PX + 40]
        assert steps[CHUNK_PX - 1] < 1.3 * np.median(near)


def test_a_damage_across_a_border_continues(district: District) -> None:
    """Rendered as one window or as two, the ground is the same."""
    from flight.simulator.damage_rendering import render_damage

    for damage in district.damages:
        whole = Window.around(damage.geometry_m.bounds, 0.8)
        left = Window(whole.left, whole.top, whole.width // 2, whole.height)
        pictures = []
        for window in (whole, left):
            picture = np.full((window.height, window.width, 3), 140.0, np.float32)
            render_damage(picture, window, damage, 140.0)
            pictures.append(picture)
        assert np.abs(pictures[0] - 140).max() > 10
        np.testing.assert_allclose(pictures[0][:, : left.width], pictures[1], atol=0.5)


def test_ground_is_the_same_each_time(district: District, ground: Ground) -> None:
    area = box(-1.0, -1.0, 1.0, 1.0)
    np.testing.assert_array_equal(ground.picture(area)[0], Ground(district).picture(area)[0])


def test_picture_window_holds_the_bounds(ground: Ground) -> None:
    picture, window = ground.picture(box(-3.0, -2.0, 4.0, 3.0), reduce=4)
    west, south, east, north = window.bounds_m
    assert west <= -3 and south <= -2 and east >= 4 and north >= 3
    assert picture.shape[:2] == (window.height, window.width)


def test_damage_is_darker_than_the_road(ground: Ground, district: District) -> None:
    cracks = [damage for damage in district.damages if isinstance(damage.geometry_m, LineString)]
    for crack in cracks:
        picture, window = ground.picture(box(*crack.geometry_m.bounds))
        mask = area_mask(window, crack.geometry_m.buffer(0.004)) > 0.5
        beside = area_mask(window, crack.geometry_m.buffer(0.2)) > 0.5
        grey = picture.mean(axis=2)
        assert grey[mask].mean() < 0.85 * grey[beside].mean()


def test_memory_stays_bounded(district: District) -> None:
    ground = Ground(district, chunks_kept=2)
    for column in range(4):
        ground.chunk(column + 100, 0)
    assert len(ground._chunks) == 2
