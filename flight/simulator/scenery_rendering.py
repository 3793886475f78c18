"""How scenery looks from above: markings, manholes, stains, cars, roofs, trees, and their shadows.

Everything lies flat on the ground: photos from straight above show little else.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import shapely
from shapely import LineString, Polygon, affinity

from flight.simulator.damage_rendering import SHADOW_EAST, SHADOW_NORTH
from flight.simulator.damage_shapes import heading
from flight.simulator.district_parts import SceneryItem
from flight.simulator.noise import layered
from flight.simulator.raster import (
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
from flight.simulator.scenery import CAR_WIDTH_M

# How far items reach beyond their outline, shadows included.
REACH_M = 3.0
_SHADOW_BGR = np.array([0.62, 0.55, 0.52])  # lit by the blue sky only
_SHADOW_LENGTH_M = {"car": 0.4, "roof": 1.2, "tree": 0.8}  # near noon
_CAR_BGR = ((60, 55, 52), (205, 208, 210), (150, 152, 155), (52, 50, 120), (110, 84, 58))
_ROOF_BGR = ((74, 96, 158), (64, 80, 132), (142, 146, 148), (120, 116, 104))


def render_shadow(picture: FloatPicture, window: Window, item: SceneryItem) -> None:
    """Darken the ground where the item keeps the sun away; soft-edged, dappled below a tree."""
    if item.kind not in _SHADOW_LENGTH_M:
        return
    length = _SHADOW_LENGTH_M[item.kind]
    moved = affinity.translate(item.outline_m, SHADOW_EAST * length, SHADOW_NORTH * length)
    if item.kind == "tree":
        gaps = np.clip(0.95 + 0.55 * layered(window, {16: 0.7, 32: 0.8}, item.seed + 5), 0.15, 1)
        mask = soften(_leafy(window, moved, item.seed) * gaps, 0.05)
    else:
        mask = soften(area_mask(window, shapely.convex_hull(shapely.union(moved, item.outline_m))), 0.03)
    darken(picture, mask * np.float32(0.85), _SHADOW_BGR)


def render_item(picture: FloatPicture, window: Window, item: SceneryItem) -> None:
    """Draw an item into the picture of a window."""
    _RENDERER_OF_KIND[item.kind](picture, window, item)


def _line_marking(picture: FloatPicture, window: Window, item: SceneryItem) -> None:
    worn = np.clip(0.75 + 0.5 * layered(window, {2: 0.35, 8: 0.4, 32: 0.5, 128: 0.5}, item.seed), 0.1, 0.95)
    mask = soften(area_mask(window, item.outline_m), 0.004) * worn
    paint = 212.0 + layered(window, {1: 4.0, 4: 4.0, 32: 3.0}, item.seed + 1)
    blend(picture, mask, coloured(paint, (-3, 0, 0)))


def _manhole(picture: FloatPicture, window: Window, item: SceneryItem) -> None:
    rng = np.random.default_rng(item.seed)
    lid = soften(area_mask(window, item.outline_m), 0.004)
    tone = rng.uniform(88, 120) + layered(window, {2: 5.0, 4: 4.0, 16: 4.0}, item.seed)
    blend(picture, lid, coloured(tone, (-2, 0, 1)))
    centre = shapely.get_coordinates(item.outline_m.centroid)[0]
    for across_m in np.arange(-0.24, 0.25, 0.08):
        half = (0.26**2 - across_m**2) ** 0.5
        middle = centre + heading(item.axis_deg + 90) * across_m
        bar = np.array([middle - heading(item.axis_deg) * half, middle + heading(item.axis_deg) * half])
        darken(picture, stroke_mask(window, bar, np.array([0.02, 0.02])) * np.float32(0.6), 0.7)
    rim = np.asarray(item.outline_m.exterior.coords)
    darken(picture, soften(stroke_mask(window, rim, np.full(len(rim), 0.025)), 0.004), 0.55)
    collar = np.asarray(item.outline_m.buffer(0.05).exterior.coords)
    brighten(picture, soften(stroke_mask(window, collar, np.full(len(collar), 0.05)), 0.01), 12)


def _stain(picture: FloatPicture, window: Window, item: SceneryItem) -> None:
    rng = np.random.default_rng(item.seed)
    mask = soften(area_mask(window, item.outline_m), 0.05)
    mask *= np.clip(0.8 + 0.4 * layered(window, {8: 0.5, 32: 0.7}, item.seed), 0, 1)
    darken(picture, mask * np.float32(rng.uniform(0.3, 0.7)), np.array([0.72, 0.72, 0.73]))


def _car(picture: FloatPicture, window: Window, item: SceneryItem) -> None:
    rng = np.random.default_rng(item.seed)
    centre = shapely.get_coordinates(item.outline_m.centroid)[0]
    forward, left = heading(item.axis_deg), heading(item.axis_deg + 90)
    along, across = window.offset_m(centre, forward), window.offset_m(centre, left)
    length = float(item.outline_m.area / CAR_WIDTH_M / 2)  # half of it
    # Seen from above the body is round across: a sheen along the bonnet, darker flanks.
    sheen = 1.12 + 0.16 * np.exp(-(((across - 0.2) / 0.25) ** 2)) - 0.45 * (across / 0.86) ** 4
    body = item.outline_m.buffer(-0.28).buffer(0.28)
    grain = layered(window, {1: 1.5}, item.seed)
    paint = cv2.merge([sheen * value + grain for value in _CAR_BGR[rng.integers(len(_CAR_BGR))]])
    blend(picture, soften(area_mask(window, body), 0.008), paint)

    def draw(corners: list[tuple[float, float]], colour: tuple[float, float, float]) -> None:
        """Fill a shape given as (share of half the length, metres to the left), and its mirror image."""
        for side in (-1, 1):
            points = [centre + forward * a * length + left * b * side for a, b in corners]
            blend(picture, soften(area_mask(window, Polygon(points)), 0.006), colour)

    draw([(0.42, 0.0), (0.46, 0.74), (0.22, 0.62), (0.20, 0.0)], (74, 62, 52))  # windscreen
    draw([(-0.72, 0.0), (-0.70, 0.66), (-0.52, 0.6), (-0.5, 0.0)], (66, 56, 48))  # rear window
    draw([(0.40, 0.79), (0.20, 0.67), (-0.50, 0.66), (-0.62, 0.76)], (58, 50, 44))  # side windows
    draw([(0.44, 0.84), (0.44, 1.0), (0.38, 1.0), (0.38, 0.84)], (48, 46, 46))  # mirrors
    draw([(0.98, 0.42), (0.90, 0.76), (0.83, 0.78), (0.93, 0.42)], (212, 214, 214))  # head lights
    draw([(-0.985, 0.5), (-0.95, 0.78), (-0.9, 0.78), (-0.94, 0.5)], (52, 44, 140))  # tail lights
    spot = ((along - 0.31 * length) / 0.12) ** 2 + ((across + 0.3) / 0.3) ** 2
    brighten(picture, area_mask(window, body) * np.exp(-spot), 70)


def _roof(picture: FloatPicture, window: Window, item: SceneryItem) -> None:
    rng = np.random.default_rng(item.seed)
    colour_bgr = _ROOF_BGR[rng.integers(len(_ROOF_BGR))]
    mask = soften(area_mask(window, item.outline_m), 0.01)
    if not mask.any():
        return
    centre = shapely.get_coordinates(item.outline_m.centroid)[0]
    forward, left = heading(item.axis_deg), heading(item.axis_deg + 90)
    along, across = window.offset_m(centre, forward), window.offset_m(centre, left)
    slope = np.sign(across) * 10.0
    waves = 12.0 * np.abs(np.sin(along * (np.pi / 0.24))) + 10.0 * (np.mod(across, 0.34) / 0.34)
    value = slope + waves - 12 + layered(window, {1: 4.0, 2: 5.0, 32: 6.0, 128: 8.0}, item.seed)
    blend(picture, mask, coloured(value.astype(np.float32), colour_bgr))
    ridge = LineString([centre - heading(item.axis_deg) * 20, centre + heading(item.axis_deg) * 20])
    ridge_m = np.asarray(ridge.intersection(item.outline_m).coords)
    darken(picture, stroke_mask(window, ridge_m, np.full(len(ridge_m), 0.12)), 0.7)


def _leafy(window: Window, crown: Polygon, seed: int) -> FloatPicture:
    """A crown's mask: full inside, in leaves and twigs towards its edge."""
    centre = shapely.get_coordinates(crown.centroid)[0]
    radius = np.sqrt(crown.area / np.pi)
    reach = np.hypot(window.offset_m(centre, (1, 0)), window.offset_m(centre, (0, 1))) / np.float32(radius)
    edge = layered(window, {4: 0.07, 8: 0.09, 16: 0.1, 64: 0.12}, seed)
    return np.clip((0.88 + edge - reach) * 12, 0, 1).astype(np.float32)


def _tree(picture: FloatPicture, window: Window, item: SceneryItem) -> None:
    rng = np.random.default_rng(item.seed)
    mask = _leafy(window, item.outline_m, item.seed)
    centre = shapely.get_coordinates(item.outline_m.centroid)[0]
    towards_sun = -window.offset_m(centre, (SHADOW_EAST, SHADOW_NORTH))
    leaves = layered(window, {2: 9.0, 4: 14.0, 8: 14.0, 16: 10.0, 64: 10.0}, item.seed + 1)
    value = np.maximum(1 + (leaves + 12 * towards_sun) / np.float32(95), 0.1)
    green_bgr = rng.uniform(45, 65), rng.uniform(95, 120), rng.uniform(70, 95)
    blend(picture, mask, cv2.merge([value * np.float32(channel) for channel in green_bgr]))


_RENDERER_OF_KIND: dict[str, Callable[[FloatPicture, Window, SceneryItem], None]] = {
    "line_marking": _line_marking,
    "manhole": _manhole,
    "stain": _stain,
    "car": _car,
    "roof": _roof,
    "tree": _tree,
}
