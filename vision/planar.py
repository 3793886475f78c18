"""Areas in metres, joined and cut without the failures that rounding causes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

GRID_M = 1e-4  # places are rounded to it where the fast way fails; GEOS never fails on a grid


def union(shapes: Iterable[BaseGeometry | None]) -> BaseGeometry:
    """The union of shapes in metres; None counts as empty."""
    parts: Any = np.array(list(shapes), dtype=object)
    try:
        joined: BaseGeometry = shapely.union_all(parts)
    except shapely.errors.GEOSException:
        joined = shapely.union_all(parts, grid_size=GRID_M)
    return joined


def intersection(shape: BaseGeometry, other: BaseGeometry) -> BaseGeometry:
    """What two shapes in metres share."""
    try:
        shared: BaseGeometry = shape.intersection(other)
    except shapely.errors.GEOSException:
        shared = shapely.intersection(shape, other, grid_size=GRID_M)
    return shared


def difference(shape: BaseGeometry, other: BaseGeometry) -> BaseGeometry:
    """What a shape in metres has and the other has not."""
    try:
        rest: BaseGeometry = shape.difference(other)
    except shapely.errors.GEOSException:
        rest = shapely.difference(shape, other, grid_size=GRID_M)
    return rest
