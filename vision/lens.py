"""Lenses: where a direction lands in the image plane at a focal length of one, and back.

A direction (x, y) stands for the ray (x, y, 1) in camera axes. Every lens has a field, a disc about its
axis in which its model is one-to-one. What lies outside is NaN both ways: there a polynomial folds back
into the picture, and every answer would be nonsense.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import pi, radians
from typing import Protocol

import numpy as np
from numpy.polynomial import Polynomial
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

# A field ends where the picture hardly moves any more with the direction: a pixel there says nothing.
_LEAST_SLOPE = 1e-3
_WIDEST_RAD = radians(87)
_SAMPLES = 512
_SAMPLED_AXES = 24

_MOST_ITERATIONS = 30
_EXACT = 1e-12


class Lens(Protocol):
    """A model of how directions become places in the image plane."""

    def distort(self, directions: FloatArray) -> FloatArray:
        """Places (N, 2) in the image plane of directions (N, 2); NaN outside of the field."""

    def undistort(self, places: FloatArray) -> FloatArray:
        """Directions (N, 2) of places (N, 2) in the image plane; NaN where none leads there."""


@dataclass(frozen=True)
class PinholeLens:
    """No distortion: direction and place are one."""

    def distort(self, directions: FloatArray) -> FloatArray:
        """As in `Lens`."""
        return directions

    def undistort(self, places: FloatArray) -> FloatArray:
        """As in `Lens`."""
        return places


@dataclass(frozen=True)
class BrownLens:
    """Brown's radial and tangential distortion, in the order and with the signs of OpenCV."""

    k1: float
    k2: float
    p1: float
    p2: float
    k3: float

    def distort(self, directions: FloatArray) -> FloatArray:
        """As in `Lens`."""
        return self._polynomial(_brown_field(self).within(directions))

    def undistort(self, places: FloatArray) -> FloatArray:
        """As in `Lens`, by Newton's method from the solution without tangential terms.

        The model's Jacobian is symmetric, and positive definite all over the field, so that the model is
        one-to-one there: the gradient of a convex function on a convex set.
        """
        field = _brown_field(self)
        distance = np.hypot(*places.T)
        with np.errstate(divide="ignore", invalid="ignore"):
            scale = np.where(distance > 0, np.interp(distance, field.distorted, field.radii) / distance, 1.0)
        directions = places * scale[:, None]
        for _ in range(_MOST_ITERATIONS):
            missing = places - self._polynomial(directions)
            if _is_exact(missing, places, _EXACT / 10).all():
                break
            directions = field.nearest(directions + self._newton_step(directions, missing))
        directions[~_is_exact(places - self._polynomial(directions), places, _EXACT)] = np.nan
        return directions

    def _polynomial(self, directions: FloatArray) -> FloatArray:
        x, y = directions.T
        r2 = x * x + y * y
        radial = 1 + r2 * (self.k1 + r2 * (self.k2 + r2 * self.k3))
        return np.column_stack(
            [
                x * radial + 2 * self.p1 * x * y + self.p2 * (r2 + 2 * x * x),
                y * radial + self.p1 * (r2 + 2 * y * y) + 2 * self.p2 * x * y,
            ]
        )

    def jacobian(self, directions: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """The Jacobian of `distort` at directions (N, 2): its elements xx, xy = yx and yy, (N,) each."""
        x, y = directions.T
        r2 = x * x + y * y
        radial = 1 + r2 * (self.k1 + r2 * (self.k2 + r2 * self.k3))
        growth = 2 * (self.k1 + r2 * (2 * self.k2 + r2 * 3 * self.k3))
        return (
            radial + x * x * growth + 2 * self.p1 * y + 6 * self.p2 * x,
            x * y * growth + 2 * self.p1 * x + 2 * self.p2 * y,
            radial + y * y * growth + 6 * self.p1 * y + 2 * self.p2 * x,
        )

    def _newton_step(self, directions: FloatArray, missing: FloatArray) -> FloatArray:
        xx, xy, yy = self.jacobian(directions)
        x, y = missing.T
        return np.column_stack([yy * x - xy * y, xx * y - xy * x]) / (xx * yy - xy * xy)[:, None]


@dataclass(frozen=True)
class FisheyeLens:
    """A fisheye by Pix4D's model: the place's distance from the axis is a polynomial of the angle.

    distance = θ + c₂ θ² + c₃ θ³ + …, θ in radians off the axis, then the affine matrix (c, d, e, f) by
    rows. Of what such a lens sees, the field has what lies within 87° of its axis.
    """

    polynomial: tuple[float, ...] = ()
    affine: tuple[float, float, float, float] = (1.0, 0.0, 0.0, 1.0)

    @classmethod
    def from_pix4d(
        cls, affine_px: tuple[float, float, float, float], polynomial: tuple[float, ...]
    ) -> tuple[FisheyeLens, float]:
        """The lens and its focal length in pixels, by `FisheyeAffineMatrix` and `FisheyePolynomial`.

        There the angle counts in right angles, ρ = p₀ + p₁ t + p₂ t² + … with t = 2 θ / π, and the
        matrix is in pixels (Pix4D, "Camera internals for fisheye lens").

        Raises ValueError unless p₀ is 0, and p₁ and the determinant of the matrix are greater than 0.
        """
        c, d, e, f = affine_px
        if (
            len(polynomial) < 2
            or polynomial[0] != 0
            or not polynomial[1] > 0
            or not (c > 0 and c * f - d * e > 0)
        ):
            raise ValueError(f"no lens has the polynomial {polynomial} and the matrix {affine_px}")
        first = polynomial[1]
        scaled = tuple(p * (2 / pi) ** power / first for power, p in enumerate(polynomial[2:], start=1))
        return cls(scaled, (1.0, d / c, e / c, f / c)), c * first * 2 / pi

    def turned(self) -> FisheyeLens:
        """The lens of a camera whose pictures are turned clockwise by a quarter of a circle."""
        c, d, e, f = self.affine
        return FisheyeLens(self.polynomial, (f, -e, -d, c))

    def distort(self, directions: FloatArray) -> FloatArray:
        """As in `Lens`."""
        field = _fisheye_field(self)
        off_axis = np.hypot(*directions.T)
        angle = np.arctan(off_axis)
        with np.errstate(divide="ignore", invalid="ignore"):
            scale = np.where(off_axis > 0, self.distance(angle) / off_axis, 1.0)
        scale[~(angle <= field.radii[-1])] = np.nan
        return directions * scale[:, None] @ self._matrix().T

    def undistort(self, places: FloatArray) -> FloatArray:
        """As in `Lens`, by Newton's method."""
        field = _fisheye_field(self)
        places = places @ np.linalg.inv(self._matrix()).T
        distance = np.hypot(*places.T)
        angle = np.asarray(np.interp(distance, field.distorted, field.radii))
        for _ in range(_MOST_ITERATIONS):
            missing = distance - self.distance(angle)
            if not np.nanmax(np.abs(missing), initial=0.0) > _EXACT / 10:
                break
            angle = np.clip(angle + missing / self.slope(angle), 0.0, field.radii[-1])
        with np.errstate(divide="ignore", invalid="ignore"):
            scale = np.where(distance > 0, np.tan(angle) / distance, 1.0)
        scale[~(np.abs(distance - self.distance(angle)) <= _EXACT)] = np.nan
        return places * scale[:, None]

    def distance(self, angle_rad: FloatArray) -> FloatArray:
        """How far from the axis of the picture a lens without affine matrix puts angles off the axis."""
        distance: FloatArray = Polynomial([0.0, 1.0, *self.polynomial])(angle_rad)
        return distance

    def slope(self, angle_rad: FloatArray) -> FloatArray:
        """How the distance grows with the angle."""
        slope: FloatArray = Polynomial([0.0, 1.0, *self.polynomial]).deriv()(angle_rad)
        return slope

    def _matrix(self) -> FloatArray:
        return np.array(self.affine).reshape(2, 2)


@dataclass(frozen=True, eq=False)
class _Field:
    """The disc in which a lens is one-to-one, and how far from the axis it puts its radii.

    `radii` rise from 0 to that of the disc (of a fisheye: angles); `distorted` rise, too.
    """

    radii: FloatArray
    distorted: FloatArray

    def within(self, directions: FloatArray) -> FloatArray:
        """Directions, those outside of the disc NaN."""
        inside = np.hypot(*directions.T) <= self.radii[-1]
        return np.where(inside[:, None], directions, np.nan)

    def nearest(self, directions: FloatArray) -> FloatArray:
        """Directions, those outside of the disc put on its edge."""
        within: FloatArray = directions / np.maximum(np.hypot(*directions.T) / self.radii[-1], 1.0)[:, None]
        return within


@lru_cache(maxsize=256)
def _brown_field(lens: BrownLens) -> _Field:
    """Where the smaller eigenvalue of the Jacobian is positive, in all axes."""
    radii = np.tan(np.linspace(0, _WIDEST_RAD, _SAMPLES))
    axes = np.linspace(0, 2 * pi, _SAMPLED_AXES, endpoint=False)
    around = np.column_stack([np.cos(axes), np.sin(axes)])
    xx, xy, yy = lens.jacobian((radii[:, None, None] * around).reshape(-1, 2))
    smaller = ((xx + yy) / 2 - np.hypot((xx - yy) / 2, xy)).reshape(_SAMPLES, _SAMPLED_AXES)
    radii = _before_first(smaller.min(axis=1) < _LEAST_SLOPE, radii)
    r2 = radii * radii
    return _Field(radii, radii * (1 + r2 * (lens.k1 + r2 * (lens.k2 + r2 * lens.k3))))


@lru_cache(maxsize=256)
def _fisheye_field(lens: FisheyeLens) -> _Field:
    angles = np.linspace(0, _WIDEST_RAD, _SAMPLES)
    angles = _before_first(lens.slope(angles) < _LEAST_SLOPE, angles)
    return _Field(angles, lens.distance(angles))


def _is_exact(missing: FloatArray, places: FloatArray, tolerance: float) -> NDArray[np.bool_]:
    """Whether little is missing (N, 2) to places (N, 2), by their distance from the axis."""
    exact: NDArray[np.bool_] = np.hypot(*missing.T) <= tolerance * (1 + np.hypot(*places.T))
    return exact


def _before_first(ends: NDArray[np.bool_], radii: FloatArray) -> FloatArray:
    """The radii before the first one at which a field has ended; at least that of the axis."""
    within: FloatArray = radii[: max(int(np.argmax(ends)), 1)] if ends.any() else radii
    return within
