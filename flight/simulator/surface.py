"""The bare ground: carriageways with their wheel tracks, paved places, kerbs, footways, verges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import shapely
from shapely import MultiPolygon, Polygon

from flight.simulator.district_parts import Surface
from flight.simulator.noise import layered, noise, noise_at
from flight.simulator.raster import FloatPicture, Window, area_mask, blend, coloured, covered

# Asphalt photographed from above in daylight: a median grey near 145 of 255, and a contrast of 1.5
# to 2.5 grey levels in each octave of detail from 1 to 24 pixels of 8 mm, as in published drone
# pictures of roads. Feature size in ground pixels → contrast in grey levels.
_AGGREGATE = {1: 3.4, 2: 7.0, 4: 4.4, 8: 3.0, 16: 2.4}
_TONE = {32: 2.4, 64: 1.8, 128: 2.4, 320: 2.2, 1280: 3.2}
_SOIL_BGR, _GRASS_BGR = (96.0, 122.0, 138.0), (58.0, 104.0, 84.0)
_CONCRETE_BGR = (158.0, 163.0, 166.0)
_FOOTWAY_BGR = ((140.0, 142.0, 158.0), (150.0, 152.0, 154.0), (116.0, 122.0, 150.0))
_KERB_M, _FOOTWAY_M, _BLOCK_M = 0.28, 1.3, 0.2
_TRACK_M = 0.85  # of a wheel from its lane's middle
_COARSE = 8  # roads' coordinates vary slowly: computed on every 8th pixel


@dataclass(frozen=True)
class _RoadCoordinates:
    """Distance along a road and to the left of it, in metres, on a window's pixels."""

    station_m: FloatPicture
    aside_m: FloatPicture


def render_bare_ground(window: Window, surfaces: Sequence[Surface], seed: int) -> FloatPicture:
    """The ground of a window (height, width, 3) without anything lying on it."""
    picture = _verge(window, seed)
    near = [surface for surface in surfaces if _reaches(surface, window)]
    for surface in near:
        _pave_edges(picture, window, surface)
    laid = Polygon()
    for surface in sorted(near, key=lambda surface: -surface.width_m):  # side roads end at main roads
        _pave(picture, window, surface, laid)
        laid = laid.union(surface.outline_m)
    return picture


def asphalt_grey(surface: Surface) -> float:
    """The mean value, 0…255, of a surface's asphalt: light when old, dark when new."""
    return float(np.random.default_rng([surface.seed, 2]).uniform(130, 154))


def asphalt_grain(window: Window, seed: int) -> FloatPicture:
    """The contrast (height, width), in grey levels, of the stones in asphalt."""
    grain = layered(window, _AGGREGATE, seed)
    # Single light stones stand out, single pores look dark: more than a normal distribution has.
    stones = noise(window, 2, seed + 7)
    grain += 4.0 * np.maximum(stones - 1.6, 0)
    grain -= 5.0 * np.maximum(-1.75 - stones, 0)
    return grain


def _reaches(surface: Surface, window: Window) -> bool:
    return bool(surface.outline_m.distance(shapely.box(*window.bounds_m)) < _KERB_M + _FOOTWAY_M)


def _verge(window: Window, seed: int) -> FloatPicture:
    """Grass and bare soil in turns."""
    fine = layered(window, {1: 5.0, 2: 7.0, 4: 7.0, 8: 5.0, 16: 3.0}, seed + 11)
    grown = np.clip(0.5 + 0.6 * layered(window, {32: 0.25, 128: 0.4, 640: 0.7}, seed + 12), 0, 1)
    fine *= 0.8 + 0.8 * grown
    channels = [
        fine + np.float32(soil) + grown * np.float32(grass - soil)
        for soil, grass in zip(_SOIL_BGR, _GRASS_BGR, strict=True)
    ]
    return np.asarray(cv2.merge(channels), np.float32)


def _pave_edges(picture: FloatPicture, window: Window, surface: Surface) -> None:
    """A concrete kerb along the surface, and along a road a footway of paving blocks."""
    rng = np.random.default_rng(surface.seed)
    footway_bgr = _FOOTWAY_BGR[rng.integers(len(_FOOTWAY_BGR))]
    if not surface.paved:
        return
    if surface.centreline_m is not None:
        edge = surface.width_m / 2 + _KERB_M
        footway = surface.centreline_m.buffer(edge + _FOOTWAY_M, cap_style="flat")
        mask = area_mask(window, footway.difference(surface.outline_m))
        part = window.part(covered(mask))
        if part is not None:
            blend(window.view(picture, part), window.view(mask, part), _blocks(part, surface, footway_bgr))
    kerb = area_mask(window, surface.outline_m.buffer(_KERB_M, cap_style="flat", join_style="mitre"))
    part = window.part(covered(kerb))
    if part is not None:
        concrete = coloured(layered(part, {1: 3, 2: 3, 32: 5}, 21), _CONCRETE_BGR)
        blend(window.view(picture, part), window.view(kerb, part), concrete)


def _blocks(window: Window, surface: Surface, colour_bgr: tuple[float, float, float]) -> FloatPicture:
    """Paving blocks in rows along the road, each of its own tone, with joints between them."""
    coarse = window.coarser(2)
    road = _road_coordinates(coarse, surface)
    along, across = road.station_m / _BLOCK_M, road.aside_m / _BLOCK_M
    tone = noise_at(np.floor(along), np.floor(across), surface.seed % 9973) * 9.0
    tone -= 26.0 * ((np.mod(along, 1) < 0.06) | (np.mod(across, 1) < 0.06))
    value = window.from_coarser(tone, coarse, 2) + layered(window, {1: 2.5, 2: 2.5, 64: 4.0}, 23)
    return coloured(value, colour_bgr)


def _pave(picture: FloatPicture, window: Window, surface: Surface, laid: Polygon | MultiPolygon) -> None:
    mask = area_mask(window, surface.outline_m)
    if not laid.is_empty and mask.any():
        mask *= 1 - area_mask(window, laid)
    if not mask.any():
        return
    rng = np.random.default_rng([surface.seed, 1])
    warmth, coarse_grain = rng.uniform(-1, 4), rng.uniform(0.75, 1.15)
    grey = asphalt_grey(surface)
    level = asphalt_grain(window, surface.seed % 99991) * np.float32(coarse_grain)
    level += layered(window, _TONE, surface.seed % 99989)
    if surface.centreline_m is not None:
        level += _traffic_traces(window, surface)
    base = (grey - warmth, grey, grey + warmth) if surface.paved else _SOIL_BGR
    gain = 1.0 if surface.paved else 1.8
    blend(picture, mask, coloured(level * np.float32(gain), base))


def _traffic_traces(window: Window, surface: Surface) -> FloatPicture:
    """Wheel tracks worn light, oil dripped dark between them, dust at the edges, streaks along."""
    coarse = window.coarser(_COARSE)
    road = _road_coordinates_at(coarse, surface)
    aside, half = road.aside_m, surface.width_m / 2
    lane = half / 2 if surface.width_m >= 5 else 0.0
    lane_aside = np.abs(np.abs(aside) - lane)
    drift = 0.12 * noise_at(road.station_m / 9, np.zeros_like(aside), surface.seed % 997)
    tracks = np.exp(-(((lane_aside - _TRACK_M + drift) / 0.28) ** 2))
    drips = np.exp(-((lane_aside / 0.3) ** 2))
    dust = np.clip((np.abs(aside) - half + 0.7) / 0.7, 0, 1) ** 2
    streaks = noise_at(road.station_m / 7, aside / 0.11, surface.seed % 983)
    streaks += 1.3 * noise_at(road.station_m / 16, aside / 0.4, surface.seed % 977)
    along = 1 + 0.5 * noise_at(road.station_m / 5, aside / 2, surface.seed % 971)
    level = 3.5 * tracks * along - 4.5 * drips * along + 9.0 * dust + 2.0 * streaks
    return window.from_coarser(level.astype(np.float32), coarse, _COARSE)


def _road_coordinates(window: Window, surface: Surface) -> _RoadCoordinates:
    coarse = window.coarser(_COARSE)
    road = _road_coordinates_at(coarse, surface)
    return _RoadCoordinates(
        window.from_coarser(road.station_m, coarse, _COARSE),
        window.from_coarser(road.aside_m, coarse, _COARSE),
    )


def _road_coordinates_at(window: Window, surface: Surface) -> _RoadCoordinates:
    points = window.centres_m()
    line = surface.centreline_m
    vertices = shapely.get_coordinates(line)
    lengths = np.linalg.norm(np.diff(vertices, axis=0), axis=1)
    starts = np.concatenate([[0.0], np.cumsum(lengths)[:-1]])
    nearest = np.full(points.shape[:2], np.inf)
    station, aside = np.zeros_like(nearest), np.zeros_like(nearest)
    for vertex, following, length, start in zip(vertices[:-1], vertices[1:], lengths, starts, strict=True):
        forward = (following - vertex) / length
        offset = points - vertex
        along = np.clip(offset @ forward, 0, length)
        left = offset @ np.array([-forward[1], forward[0]])
        distance = np.hypot(offset[..., 0] - along * forward[0], offset[..., 1] - along * forward[1])
        closer = distance < nearest
        nearest = np.where(closer, distance, nearest)
        station = np.where(closer, start + along, station)
        aside = np.where(closer, np.copysign(distance, left), aside)
    return _RoadCoordinates(station.astype(np.float32), aside.astype(np.float32))
