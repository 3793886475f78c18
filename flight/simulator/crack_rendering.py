"""How cracks look from above: thin dark jagged lines with branches, and networks of them."""

from __future__ import annotations

import cv2
import numpy as np
import shapely
from shapely import LineString, MultiPoint, Polygon

from flight.simulator.damage_shapes import crack_path, heading
from flight.simulator.district_parts import Damage
from flight.simulator.noise import layered, noise
from flight.simulator.raster import FloatPicture, Window, area_mask, brighten, darken, draw_stroke, soften
from vision.camera import FloatArray

_DARKEST = np.array([0.34, 0.33, 0.33], np.float32)  # a crack's own colour beside the asphalt's
_SPALL_SIGMA_M = 0.008  # the edges that broke off, or filled with dirt


def render_crack(picture: FloatPicture, window: Window, damage: Damage, grey: float) -> None:
    """Draw a single crack with a few branches into the picture of the window."""
    rng = np.random.default_rng(damage.seed)
    mask = np.zeros((window.height, window.width), np.uint8)
    path = shapely.get_coordinates(damage.geometry_m)
    for strand in _branches(rng, path, damage.axis_deg):
        draw_stroke(mask, window, strand, _openings(rng, strand, 0.45 * damage.width_m))
    widths = _openings(rng, path, damage.width_m)
    draw_stroke(mask, window, path, widths)
    _draw_cracks(picture, window, mask, depth=rng.uniform(0.4, 0.95), seed=damage.seed)


def render_alligator(picture: FloatPicture, window: Window, damage: Damage, grey: float) -> None:
    """Draw a network of cells, dirtier and wider open towards the middle."""
    rng = np.random.default_rng(damage.seed)
    assert isinstance(damage.geometry_m, Polygon)
    soiled = soften(area_mask(window, damage.geometry_m.buffer(-0.05)), 0.09)
    soiled *= np.clip(0.7 + 0.35 * layered(window, {16: 0.6, 64: 0.8}, damage.seed), 0, 1.3)
    darken(picture, soiled, rng.uniform(0.86, 0.93) + np.array([-0.012, 0.0, 0.006]))
    mask = np.zeros((window.height, window.width), np.uint8)
    for strand, opening in _cells(rng, damage.geometry_m):
        draw_stroke(mask, window, strand, _openings(rng, strand, opening, taper=False))
    _draw_cracks(picture, window, mask, depth=rng.uniform(0.45, 0.95), seed=damage.seed)


def draw_network(
    picture: FloatPicture, window: Window, outline_m: Polygon, rng: np.random.Generator, seed: int
) -> None:
    """Cracks all over an outline, as around a pothole."""
    mask = np.zeros((window.height, window.width), np.uint8)
    for strand, opening in _cells(rng, outline_m, cell_m=0.12):
        draw_stroke(mask, window, strand, _openings(rng, strand, opening, taper=False))
    _draw_cracks(picture, window, mask, depth=0.8, seed=seed)


def _draw_cracks(
    picture: FloatPicture, window: Window, mask_bytes: cv2.typing.MatLike, depth: float, seed: int
) -> None:
    mask = mask_bytes.astype(np.float32) / 255.0
    filled = np.clip(0.85 + 0.22 * layered(window, {2: 0.6, 8: 0.8, 32: 0.6}, seed + 3), 0.25, 1.0)
    spalled = soften(mask, _SPALL_SIGMA_M)
    darken(picture, spalled * filled * np.float32(0.6 * depth), 0.72)
    darken(picture, mask * filled * np.float32(depth), _DARKEST)
    # The lip towards the sun catches light.
    lip = np.roll(spalled, (-2, -2), axis=(0, 1)) - spalled
    brighten(picture, np.clip(lip, 0, 1), 9.0)


def _openings(rng: np.random.Generator, path: FloatArray, width_m: float, taper: bool = True) -> FloatArray:
    """Widths along a path: uneven, and closing towards the ends."""
    place = np.linspace(0, 1, len(path))
    knots = max(4, len(path) // 4)
    uneven = np.interp(place, np.linspace(0, 1, knots), np.exp(rng.normal(0, 0.45, knots)))
    closing = np.clip(np.minimum(place, 1 - place) * 7, 0.25, 1) if taper else 1.0
    return width_m * np.clip(uneven, 0.25, 2.2) * closing


def _branches(rng: np.random.Generator, path: FloatArray, axis_deg: float) -> list[FloatArray]:
    """Short side cracks, and strands beside the path that leave it and come back."""
    strands: list[FloatArray] = []
    length = float(np.linalg.norm(path[-1] - path[0]))
    run_deg = float(np.degrees(np.arctan2(*(path[-1] - path[0])[::-1])))
    for _ in range(rng.poisson(0.4 * length)):
        start = path[rng.integers(2, len(path) - 2)]
        reach = rng.uniform(0.1, 0.45)
        angle_deg = run_deg + rng.choice([-1, 1]) * rng.uniform(20, 70) + rng.choice([0, 180])
        strand = crack_path(rng, start, angle_deg, reach)
        strands.append(strand - strand[0] + start)
    for _ in range(rng.poisson(0.3 * length)):
        first = int(rng.integers(0, max(1, len(path) - 12)))
        part = path[first : first + int(rng.integers(10, 40))]
        bulge = np.sin(np.linspace(0, np.pi, len(part)))[:, None] * rng.uniform(0.03, 0.1)
        strands.append(part + bulge * rng.choice([-1, 1]) * heading(run_deg + 90))
    return strands


def _cells(
    rng: np.random.Generator, outline: Polygon, cell_m: float | None = None
) -> list[tuple[FloatArray, float]]:
    """Jagged edges of a Voronoi network in an outline, each with its opening in metres."""
    size = cell_m or float(rng.uniform(0.13, 0.21))
    west, south, east, north = outline.buffer(size).bounds
    columns, rows = int((east - west) / size) + 1, int((north - south) / size) + 1
    grid = np.stack(np.meshgrid(np.arange(columns), np.arange(rows)), axis=-1).reshape(-1, 2)
    seeds = (grid + rng.uniform(-0.42, 0.42, grid.shape)) * size + (west, south)
    edges = shapely.voronoi_polygons(MultiPoint(seeds), only_edges=True)
    edges = shapely.intersection(edges, outline)
    reach = max(np.sqrt(outline.area / np.pi), 0.1)
    strands = []
    for edge in shapely.get_parts(shapely.line_merge(edges)):
        if edge.geom_type != "LineString" or edge.length < 0.02:
            continue
        inward = float(outline.exterior.distance(edge.centroid)) / reach
        if rng.random() > 0.62 + 0.8 * inward:
            continue
        points = shapely.get_coordinates(LineString(edge).segmentize(0.03))
        points[1:-1] += rng.normal(0, 0.007, points[1:-1].shape)
        strands.append((points, float(rng.uniform(0.004, 0.009) + 0.008 * min(inward, 1))))
    return strands


def stones(window: Window, seed: int) -> FloatPicture:
    """Loose stones and the shadows between them, of about unit variance."""
    level = layered(window, {2: 0.35, 4: 0.7, 8: 0.6}, seed)
    level += np.float32(0.3) * np.abs(noise(window, 4, seed + 5))
    return level
