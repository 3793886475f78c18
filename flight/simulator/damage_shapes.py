"""Shapes of damage in local metres: paths of cracks, outlines of potholes and patches."""

from __future__ import annotations

import numpy as np
from shapely import Polygon

from vision.camera import FloatArray

# Spacing of the points of a crack: about the size of the aggregate that it goes around.
_CRACK_STEP_M = 0.02


def heading(angle_deg: float) -> FloatArray:
    """The unit vector (east, north) of an angle counter-clockwise from east."""
    return np.array([np.cos(np.radians(angle_deg)), np.sin(np.radians(angle_deg))])


def _kinked(rng: np.random.Generator, along_m: FloatArray, wavelength_m: float) -> FloatArray:
    """Random values of unit variance along a line, straight between kinks `wavelength_m` apart."""
    kinks = max(2, int(np.ceil(along_m[-1] / wavelength_m)) + 2)
    places = (np.arange(kinks) - rng.random()) * wavelength_m + rng.normal(0, 0.25, kinks) * wavelength_m
    return np.interp(along_m, np.sort(places), rng.standard_normal(kinks))


def crack_path(
    rng: np.random.Generator, centre_m: FloatArray, angle_deg: float, length_m: float
) -> FloatArray:
    """A jagged path (N, 2) around `centre_m`: it wanders by decimetres, kinks by centimetres."""
    along = np.linspace(0.0, length_m, max(4, int(length_m / _CRACK_STEP_M)))
    wander = 0.035 * min(length_m, 4.0) ** 0.5
    aside = (
        wander * _kinked(rng, along, 1.1)
        + 0.024 * _kinked(rng, along, 0.25)
        + 0.012 * _kinked(rng, along, 0.08)
        + 0.005 * rng.standard_normal(along.size)
    )
    forward = heading(angle_deg)
    left = np.array([-forward[1], forward[0]])
    return centre_m + np.outer(along - length_m / 2, forward) + np.outer(aside - aside.mean(), left)


def rough_outline(
    rng: np.random.Generator,
    centre_m: FloatArray,
    angle_deg: float,
    length_m: float,
    width_m: float,
    roughness: float,
) -> Polygon:
    """An irregular round outline, `length_m` along the angle and `width_m` across."""
    turn = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    radius = np.ones_like(turn)
    for waves in range(2, 9):
        radius += roughness / waves * rng.normal() * np.cos(waves * turn + rng.uniform(0, 2 * np.pi))
    radius += rng.normal(0, roughness / 8, turn.size)
    radius = np.clip(radius, 0.55, 1.45)
    local = np.column_stack([np.cos(turn) * radius * length_m / 2, np.sin(turn) * radius * width_m / 2])
    forward = heading(angle_deg)
    left = np.array([-forward[1], forward[0]])
    return Polygon(centre_m + local @ np.array([forward, left])).buffer(0)


def patch_outline(
    rng: np.random.Generator, centre_m: FloatArray, angle_deg: float, length_m: float, width_m: float
) -> Polygon:
    """A rectangle as a saw cuts it: corners not quite square, edges not quite straight."""
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * (length_m / 2, width_m / 2)
    corners = corners + rng.normal(0, 0.02, corners.shape)
    steps = np.linspace(0, 1, 10, endpoint=False)[:, None]
    edges = [a + (b - a) * steps for a, b in zip(corners, np.roll(corners, -1, axis=0), strict=True)]
    local = np.vstack(edges) + rng.normal(0, 0.004, (40, 2))
    forward = heading(angle_deg)
    left = np.array([-forward[1], forward[0]])
    return Polygon(centre_m + local @ np.array([forward, left])).buffer(0)
