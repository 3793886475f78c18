"""How damage looks from above: draws each kind into a picture of the ground."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from shapely import LineString, Polygon

from flight.simulator.crack_rendering import draw_network, render_alligator, render_crack, stones
from flight.simulator.damage_shapes import rough_outline
from flight.simulator.district_parts import Damage
from flight.simulator.noise import layered
from flight.simulator.raster import (
    GROUND_PIXEL_M,
    FloatPicture,
    Window,
    area_mask,
    blend,
    brighten,
    coloured,
    darken,
    soften,
    stroke_mask,
)
from flight.simulator.surface import asphalt_grain

# How far the traces of a damage reach beyond its geometry: branches, dust, broken edges.
REACH_M = 0.6
# The sun stands in the north-west: walls on that side throw their shadow into the hole.
SHADOW_EAST, SHADOW_NORTH = 0.7, -0.7


def render_damage(picture: FloatPicture, window: Window, damage: Damage, grey: float) -> None:
    """Draw one damage into the picture of a window, where it lies in ground of mean value `grey`."""
    part = Window.around(damage.geometry_m.bounds, REACH_M)
    common = window.common(part)
    if common is not None:
        # Drawn whole wherever the window ends, so that neighbouring windows agree at their border.
        whole = np.full((part.height, part.width, 3), grey, np.float32)
        here = part.view(whole, common)
        here[...] = window.view(picture, common)
        _RENDERER_OF_KIND[damage.kind](whole, part, damage, grey)
        window.view(picture, common)[...] = here


def _render_pothole(picture: FloatPicture, window: Window, damage: Damage, grey: float) -> None:
    rng = np.random.default_rng(damage.seed)
    outline = damage.geometry_m
    assert isinstance(outline, Polygon)
    centre, size = damage.centre_m, damage.length_m
    apron = rough_outline(rng, centre, damage.axis_deg, size * 1.6, damage.width_m * 1.7, 0.35)
    dust = soften(area_mask(window, apron), 0.05)
    dust *= np.clip(0.5 + 0.5 * layered(window, {8: 0.5, 32: 0.8}, damage.seed), 0, 1.2)
    blend(picture, dust * np.float32(rng.uniform(0.1, 0.3)), grey * np.array([1.1, 1.13, 1.16]))
    if rng.random() < 0.5:
        ring = rough_outline(rng, centre, damage.axis_deg, size + 0.22, damage.width_m + 0.22, 0.3)
        draw_network(picture, window, ring.union(outline).buffer(0), rng, damage.seed)
    _dig(picture, window, damage, rng)


def _dig(picture: FloatPicture, window: Window, damage: Damage, rng: np.random.Generator) -> None:
    """The hole itself: a stony floor, a wall in shadow, a rim that catches light."""
    hole = area_mask(window, damage.geometry_m)
    hole = (soften(hole, 0.012) + 0.16 * layered(window, {4: 0.6, 8: 0.7}, damage.seed + 1) > 0.5).astype(
        np.float32
    )
    hole = soften(hole, 0.005)
    depth_m = rng.uniform(0.03, 0.07)
    floor_grey = rng.uniform(78, 150)
    floor = stones(window, damage.seed + 2) * np.float32(rng.uniform(13, 21))
    floor += layered(window, {16: 5.0, 32: 6.0}, damage.seed + 4)
    blend(picture, hole, coloured(floor, (floor_grey * 0.9, floor_grey * 0.97, floor_grey * 1.03)))
    shifted = _shifted(hole, depth_m)
    shadow = soften(np.clip(hole - shifted, 0, 1), 0.005)
    darken(picture, np.clip(shadow * 1.1, 0, 1), np.array([0.42, 0.38, 0.36]))
    deeper = soften(np.clip(hole - _shifted(hole, 2.5 * depth_m), 0, 1), 0.025)
    darken(picture, deeper, 0.8)
    lit = soften(np.clip(_shifted(hole, 0.02) - hole, 0, 1), 0.006)
    brighten(picture, lit, rng.uniform(14, 30))


def _shifted(mask: FloatPicture, by_m: float) -> FloatPicture:
    """The mask moved in the direction of shadows."""
    x, y = SHADOW_EAST * by_m / GROUND_PIXEL_M, -SHADOW_NORTH * by_m / GROUND_PIXEL_M
    move = np.array([[1, 0, x], [0, 1, y]], np.float32)
    return cv2.warpAffine(mask, move, (mask.shape[1], mask.shape[0]))  # type: ignore[return-value]


def _render_repair(picture: FloatPicture, window: Window, damage: Damage, grey: float) -> None:
    """A patch of other asphalt: mostly darker and smoother, its seam sealed or open."""
    rng = np.random.default_rng(damage.seed)
    assert isinstance(damage.geometry_m, Polygon)
    mask = soften(area_mask(window, damage.geometry_m), 0.004)
    darker = rng.random() < 0.8
    own = grey + (rng.uniform(-44, -12) if darker else rng.uniform(9, 20))
    tint_bgr = own + rng.uniform(0, 5), own, own - rng.uniform(0, 3)
    level = asphalt_grain(window, damage.seed % 99991) * np.float32(rng.uniform(0.45, 0.9))
    level += layered(window, {32: 1.5, 128: 3.0}, damage.seed)
    blend(picture, mask, coloured(level, tint_bgr))
    _seam(picture, window, damage.geometry_m, rng, damage.seed)


def _seam(
    picture: FloatPicture, window: Window, outline: Polygon, rng: np.random.Generator, seed: int
) -> None:
    line = np.asarray(LineString(outline.exterior).segmentize(0.05).coords)
    if rng.random() < 0.45:  # sealed with bitumen
        widths = 0.035 * np.exp(rng.normal(0, 0.3, len(line)))
        sealed = soften(stroke_mask(window, line, widths), 0.004)
        darken(picture, sealed * np.float32(rng.uniform(0.5, 0.85)), 0.55)
        return
    dust = soften(stroke_mask(window, line, np.full(len(line), 0.06)), 0.02)
    dust *= np.clip(0.4 + 0.6 * layered(window, {8: 0.5, 32: 0.8}, seed + 9), 0, 1)
    brighten(picture, dust, rng.uniform(5, 20))
    opened = stroke_mask(window, line, 0.012 * np.exp(rng.normal(0, 0.5, len(line))))
    opened *= np.clip(0.5 + 0.7 * layered(window, {16: 0.6, 64: 0.8}, seed + 10), 0, 1)
    darken(picture, opened, 0.45)


_RENDERER_OF_KIND: dict[str, Callable[[FloatPicture, Window, Damage, float], None]] = {
    "longitudinal_crack": render_crack,
    "transverse_crack": render_crack,
    "alligator_crack": render_alligator,
    "pothole": _render_pothole,
    "repair": _render_repair,
}
