"""The ground raster: windows of whole pixels on the ground, and shapes drawn into them.

Pixel (column c, row r) of the raster has its centre at east (c + ½) · GROUND_PIXEL_M and north
−(r + ½) · GROUND_PIXEL_M in the district's local frame: north is up, as on a map.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from vision.camera import FloatArray

FloatPicture = NDArray[np.float32]  # (height, width) masks in 0…1, or (height, width, 3) BGR in 0…255
# Finer than the finest photos the rendering is meant for (8 mm), so that the camera always reduces.
GROUND_PIXEL_M = 0.00625
_SUBPIXEL_BITS = 6


@dataclass(frozen=True)
class Window:
    """A rectangle of the ground raster in whole pixels; `pixel_m` grows where it is coarser."""

    left: int
    top: int
    width: int
    height: int
    pixel_m: float = GROUND_PIXEL_M

    @classmethod
    def around(cls, bounds_m: tuple[float, float, float, float], margin_m: float = 0.0) -> Window:
        """The window that holds bounds (west, south, east, north) and a margin."""
        west, south, east, north = bounds_m
        left = math.floor((west - margin_m) / GROUND_PIXEL_M)
        top = math.floor(-(north + margin_m) / GROUND_PIXEL_M)
        right = math.ceil((east + margin_m) / GROUND_PIXEL_M)
        bottom = math.ceil(-(south - margin_m) / GROUND_PIXEL_M)
        return cls(left, top, right - left, bottom - top)

    @property
    def bounds_m(self) -> tuple[float, float, float, float]:
        """West, south, east and north."""
        west, north = self.left * self.pixel_m, -self.top * self.pixel_m
        return west, north - self.height * self.pixel_m, west + self.width * self.pixel_m, north

    def common(self, other: Window) -> Window | None:
        """The part that both windows hold, None for none."""
        left, top = max(self.left, other.left), max(self.top, other.top)
        right = min(self.left + self.width, other.left + other.width)
        bottom = min(self.top + self.height, other.top + other.height)
        return Window(left, top, right - left, bottom - top) if right > left and bottom > top else None

    def part(self, rows_columns: tuple[slice, slice]) -> Window | None:
        """The window of some of this window's rows and columns, None for none."""
        rows, columns = rows_columns
        width, height = columns.stop - columns.start, rows.stop - rows.start
        left, top = self.left + columns.start, self.top + rows.start
        return Window(left, top, width, height, self.pixel_m) if width and height else None

    def view(self, picture: FloatPicture, part: Window) -> FloatPicture:
        """The pixels of `part` in this window's `picture`, shared, not copied."""
        x, y = part.left - self.left, part.top - self.top
        return picture[y : y + part.height, x : x + part.width]

    def coarser(self, factor: int, pad: int = 2) -> Window:
        """The window of `factor` times larger pixels that holds this one and `pad` pixels around."""
        left, top = self.left // factor - pad, self.top // factor - pad
        right = -(-(self.left + self.width) // factor) + pad
        bottom = -(-(self.top + self.height) // factor) + pad
        return Window(left, top, right - left, bottom - top, self.pixel_m * factor)

    def from_coarser(
        self, values: FloatPicture, coarse: Window, factor: int, smooth: bool = False
    ) -> FloatPicture:
        """This window's pixels, interpolated from `values` in the window `coarse`.

        The same whatever the window: neighbouring windows agree along their border.
        """
        size = (coarse.width * factor, coarse.height * factor)
        how = cv2.INTER_CUBIC if smooth else cv2.INTER_LINEAR
        large = np.asarray(cv2.resize(values, size, interpolation=how), np.float32)
        x, y = self.left - coarse.left * factor, self.top - coarse.top * factor
        return large[y : y + self.height, x : x + self.width]

    def centres_m(self) -> FloatArray:
        """East and north (height, width, 2) of the pixels' centres."""
        east = (np.arange(self.left, self.left + self.width) + 0.5) * self.pixel_m
        north = -(np.arange(self.top, self.top + self.height) + 0.5) * self.pixel_m
        return np.stack(np.meshgrid(east, north), axis=-1)

    def offset_m(self, from_m: ArrayLike, axis: ArrayLike) -> FloatPicture:
        """How far the pixels' centres (height, width) lie from a point in the direction of a unit vector."""
        (east, north), (to_east, to_north) = np.asarray(from_m), np.asarray(axis)
        x = ((np.arange(self.left, self.left + self.width) + 0.5) * self.pixel_m - east) * to_east
        y = (-(np.arange(self.top, self.top + self.height) + 0.5) * self.pixel_m - north) * to_north
        return np.asarray(y.astype(np.float32)[:, None] + x.astype(np.float32)[None, :])

    def to_px(self, points_m: ArrayLike) -> FloatArray:
        """Pixel coordinates (N, 2) in this window of points (N, 2) east and north."""
        points = np.asarray(points_m, dtype=np.float64).reshape(-1, 2) / self.pixel_m
        return np.column_stack([points[:, 0] - 0.5 - self.left, -points[:, 1] - 0.5 - self.top])


def _fixed_point(points_px: FloatArray) -> NDArray[np.int32]:
    return np.round(points_px * (1 << _SUBPIXEL_BITS)).astype(np.int32)


def area_mask(window: Window, area: shapely.Geometry) -> FloatPicture:
    """1 inside a polygon or several, 0 outside, smooth at the edges."""
    mask = np.zeros((window.height, window.width), np.uint8)
    near = shapely.intersection(area, shapely.box(*window.bounds_m).buffer(1.0))
    for polygon in shapely.get_parts(near):
        if polygon.geom_type == "Polygon" and not polygon.is_empty:
            rings = [polygon.exterior, *polygon.interiors]
            corners = [_fixed_point(window.to_px(shapely.get_coordinates(ring))) for ring in rings]
            cv2.fillPoly(mask, corners, 255, cv2.LINE_AA, _SUBPIXEL_BITS)
    return mask.astype(np.float32) / 255.0


def stroke_mask(window: Window, points_m: FloatArray, widths_m: FloatArray) -> FloatPicture:
    """A line of varying width: points (N, 2) with the width at each point (N,).

    Where the line is thinner than a pixel it covers that part of the pixel.
    """
    mask = np.zeros((window.height, window.width), np.uint8)
    draw_stroke(mask, window, points_m, widths_m)
    return mask.astype(np.float32) / 255.0


def draw_stroke(mask: NDArray[np.uint8], window: Window, points_m: FloatArray, widths_m: FloatArray) -> None:
    """As `stroke_mask`, drawn over what the mask (bytes, 255 for 1) holds already."""
    points = window.to_px(points_m)
    width_px = np.asarray(widths_m, dtype=np.float64) / window.pixel_m
    along = np.diff(points, axis=0)
    across = np.column_stack([-along[:, 1], along[:, 0]])
    across /= np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-9)
    # An antialiased polygon covers about half a pixel more on each side than its corners say.
    half = np.maximum(width_px - 1.0, 0.0)[:, None] / 2
    strength = np.clip((width_px[:-1] + width_px[1:]) / 2, 0.0, 1.0)
    quads = np.stack(
        [
            points[:-1] + across * half[:-1],
            points[1:] + across * half[1:],
            points[1:] - across * half[1:],
            points[:-1] - across * half[:-1],
        ],
        axis=1,
    )
    for quad, value in zip(_fixed_point(quads), strength, strict=True):
        cv2.fillConvexPoly(mask, quad, int(255 * value), cv2.LINE_AA, _SUBPIXEL_BITS)


def soften(mask: FloatPicture, sigma_m: float) -> FloatPicture:
    """Blur a mask by a Gaussian of `sigma_m` metres on the ground."""
    sigma_px = sigma_m / GROUND_PIXEL_M
    return np.asarray(cv2.GaussianBlur(mask, (0, 0), sigma_px), np.float32)


def coloured(level: FloatPicture, colour_bgr: ArrayLike) -> FloatPicture:
    """A picture (H, W, 3) of one colour (3,) plus a level (H, W) that is the same in all channels."""
    return np.asarray(cv2.merge([level + np.float32(value) for value in np.asarray(colour_bgr)]), np.float32)


def blend(picture: FloatPicture, mask: FloatPicture, colour: ArrayLike) -> None:
    """Paint a colour (3,) or a picture over `picture` (H, W, 3) where the mask (H, W) is 1."""
    part = covered(mask)
    strength, paint = mask[part], np.asarray(colour, dtype=np.float32)
    if not strength.size:
        return
    paint = coloured(np.zeros_like(strength), paint) if paint.ndim == 1 else paint[part]
    change = paint - picture[part]
    change *= cv2.merge([strength] * 3)
    picture[part] += change


def darken(picture: FloatPicture, mask: FloatPicture, factors: ArrayLike) -> None:
    """Multiply colours by `factors` (number, or (3,) for BGR) where the mask is 1."""
    part = covered(mask)
    strength = mask[part]
    if strength.size:
        changes = np.broadcast_to(np.asarray(factors, dtype=np.float32) - 1, 3)
        picture[part] *= cv2.merge([1 + strength * change for change in changes])


def brighten(picture: FloatPicture, mask: FloatPicture, levels: float) -> None:
    """Add grey levels to all colours where the mask is 1."""
    part = covered(mask)
    strength = mask[part]
    if strength.size:
        picture[part] += cv2.merge([strength * np.float32(levels)] * 3)


def covered(mask: FloatPicture) -> tuple[slice, slice]:
    """Rows and columns of the smallest rectangle that holds all of a mask that is not 0."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not len(rows):
        return slice(0, 0), slice(0, 0)
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)
