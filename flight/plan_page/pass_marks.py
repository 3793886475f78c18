"""What shows the direction of passes: arrow heads along them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely import LineString

from flight.plan_page.map_view import MapView


@dataclass(frozen=True)
class Arrow:
    """An arrow head at a point of the drawing, turned by degrees clockwise from pointing right."""

    x: float
    y: float
    turn_deg: int


def arrows_along(lines: Sequence[LineString], view: MapView, apart_px: float) -> list[Arrow]:
    """Arrow heads on passes: one in the middle of each, more on those longer than `apart_px` pixels."""
    apart_m = apart_px * view.unit_m
    return [
        _arrow(line, (number + 0.5) / count, view)
        for line in lines
        for count in [max(round(line.length / apart_m), 1)]
        for number in range(count)
    ]


def _arrow(line: LineString, share: float, view: MapView) -> Arrow:
    at_m = share * line.length
    around_m = np.clip([at_m - 0.5, at_m + 0.5], 0.0, line.length)
    (x0, y0), (x1, y1) = view.xy(shapely.get_coordinates(shapely.line_interpolate_point(line, around_m)))
    turn_deg = round(float(np.degrees(np.arctan2(y1 - y0, x1 - x0))))
    return Arrow(round(float(x0 + x1) / 2, 1), round(float(y0 + y1) / 2, 1), turn_deg)
