"""The piece of ground that a map shows, and how shapes on it become SVG paths."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from math import floor, log10

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from vision.camera import FloatArray

_MARGIN = 0.05
_SMALLEST_WIDTH_M = 60.0
_ZOOMED_DETAIL_M = 0.5


@dataclass(frozen=True)
class MapView:
    """A map of `width_m` × `height_m`, north up, drawn in metres from its top left corner.

    `unit_m` are the metres that one CSS pixel stands for when the map has its assumed width,
    `detail_m` is how far its lines may be off.
    """

    west_m: float
    north_m: float
    width_m: float
    height_m: float
    unit_m: float
    detail_m: float

    @classmethod
    def around(
        cls,
        bounds_m: tuple[float, float, float, float],
        aspects: tuple[float, float],
        width_px: int,
        zooms: bool = False,
    ) -> MapView:
        """A view of these bounds; its width to height is the bounds' own within the two `aspects`.

        `zooms` keeps the detail of what one sees only when looking closer.
        """
        west, south, east, north = bounds_m
        across_m, up_m = east - west, north - south
        aspect = float(np.clip(across_m / max(up_m, 1e-9), *aspects))
        width_m = max(max(across_m, up_m * aspect) * (1 + 2 * _MARGIN), _SMALLEST_WIDTH_M)
        height_m = width_m / aspect
        unit_m = width_m / width_px
        return cls(
            west_m=(west + east - width_m) / 2,
            north_m=(south + north + height_m) / 2,
            width_m=width_m,
            height_m=height_m,
            unit_m=unit_m,
            detail_m=min(unit_m / 4, _ZOOMED_DETAIL_M) if zooms else unit_m / 4,
        )

    def seen_from(self, nearer: float) -> MapView:
        """The same ground, looked at from so many times nearer."""
        return replace(self, unit_m=self.unit_m / nearer)

    @property
    def frame(self) -> BaseGeometry:
        """The ground that the map shows."""
        return shapely.box(
            self.west_m, self.north_m - self.height_m, self.west_m + self.width_m, self.north_m
        )

    @property
    def scale_m(self) -> float:
        """A round length for the scale bar."""
        return round_length_m(self.width_m / 5)

    def xy(self, points_m: FloatArray) -> FloatArray:
        """Drawing positions (N, 2) of places (N, 2) in metres east and north."""
        return np.column_stack([points_m[:, 0] - self.west_m, self.north_m - points_m[:, 1]])

    def xy_of(self, east_m: float, north_m: float) -> tuple[float, float]:
        """The drawing position of one place, rounded."""
        return round(east_m - self.west_m, 1), round(self.north_m - north_m, 1)

    def path(self, shapes: BaseGeometry | Iterable[BaseGeometry]) -> str:
        """The SVG path of lines and areas (a hole is a ring of the same path)."""
        parts = shapely.get_parts(np.atleast_1d(np.asarray(shapes, dtype=object)))
        return "".join(self._part_path(part) for part in shapely.simplify(parts, self.detail_m))

    def _part_path(self, part: BaseGeometry) -> str:
        if part.is_empty:
            return ""
        if part.geom_type == "Polygon":
            return "".join(self._line_path(ring) + "z" for ring in (part.exterior, *part.interiors))
        if part.geom_type in ("LineString", "LinearRing"):
            return self._line_path(part)
        return self.path(part) if hasattr(part, "geoms") else ""

    def _line_path(self, line: BaseGeometry) -> str:
        tenths = np.rint(self.xy(shapely.get_coordinates(line)) * 10).astype(int)
        steps = np.diff(tenths, axis=0)
        moves = [f"{_tenths(dx)} {_tenths(dy)}" for dx, dy in steps[np.any(steps != 0, axis=1)]]
        start = f"M{_tenths(tenths[0, 0])} {_tenths(tenths[0, 1])}"
        return start + ("l" + " ".join(moves) if moves else "")


def round_length_m(most_m: float) -> float:
    """The longest of 1, 2, 5, 10, 20, 50 … m that is not longer than this."""
    power = 10.0 ** floor(log10(most_m))
    return max(step * power for step in (1, 2, 5) if step * power <= most_m * (1 + 1e-9))


def _tenths(value: int) -> str:
    return f"{value / 10:g}" if abs(value) < 1_000_000 else f"{value / 10:.1f}"
