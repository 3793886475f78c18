"""Surveyed points, and where photos show them: OpenDroneMap's `gcp_list.txt`.

The first line names the reference system (an EPSG code, a PROJ string, or `WGS84 UTM 33N`); every other one
is `x y z pixel_x pixel_y photo [label …]`, separated by blanks or tabs, x before y whatever the system says;
what follows the label means nothing. Points whose label begins with `CHK-` are not to be used but to be
checked with. A height that nobody knows is `NaN`, or 0 at every point.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PureWindowsPath
from typing import Any
from urllib.parse import unquote

from vision.errors import PantauError
from vision.frames import geodesic_m

_CHECK_PREFIX = "CHK-"
_UTM = re.compile(r"WGS84\s+UTM\s+(\d{1,2})\s*([NS])", re.IGNORECASE)
_FORM = "x y z pixel_x pixel_y photo [label]"
# Lines of one point farther apart than this are a mistake, and no rounding.
_SAME_PLACE_M = 0.05


@dataclass(frozen=True)
class Mark:
    """Where a photo, by its file name, shows a control point."""

    photo_name: str
    x_px: float
    y_px: float


@dataclass(frozen=True)
class ControlPoint:
    """A surveyed point in WGS 84 with the marks of it in photos.

    `height_m` counts from any zero, the same for all points of a file; None where it is unknown. `is_check`
    points are only compared with.
    """

    name: str
    lat: float
    lon: float
    height_m: float | None
    marks: tuple[Mark, ...]
    is_check: bool = False


def read_control_points(path: Path) -> tuple[ControlPoint, ...]:
    """Read a file of control points.

    Raises PantauError when the file cannot be read, names no reference system, has a line of another form, or
    puts one label at two places.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise PantauError(f"{path}: cannot be read ({error}); give OpenDroneMap's gcp_list.txt") from error
    numbered = [(number, line.strip()) for number, line in enumerate(lines, 1)]
    numbered = [(number, line) for number, line in numbered if line and not line.startswith("#")]
    if len(numbered) < 2:
        raise PantauError(
            f"{path}: holds no control points; write the reference system, then lines of {_FORM}"
        )
    to_degrees = _transformer(path, numbered[0][1])
    rows = [_row(path, number, line) for number, line in numbered[1:]]
    return _without_meaningless_heights(_points(rows, to_degrees, path))


@dataclass(frozen=True)
class _Row:
    number: int
    x: float
    y: float
    z: float
    mark: Mark
    label: str


def _transformer(path: Path, system: str) -> Any:
    """To longitude and latitude on WGS 84, from the system that the first line names."""
    from pyproj import CRS, Transformer
    from pyproj.exceptions import CRSError

    system = system.strip("'\"")
    utm = _UTM.fullmatch(system)
    if utm:
        system = f"EPSG:{(32600 if utm[2].upper() == 'N' else 32700) + int(utm[1])}"
    try:
        return Transformer.from_crs(CRS.from_user_input(system).to_2d(), "EPSG:4326", always_xy=True)
    except CRSError as error:
        raise PantauError(
            f"{path}: its first line, {system!r}, names no reference system; write one, as EPSG:4326"
        ) from error


def _row(path: Path, number: int, line: str) -> _Row:
    parts = line.split()
    try:
        x, y, z, x_px, y_px = (float(part) for part in parts[:5])
        photo_name = PureWindowsPath(unquote(parts[5])).name
        if not all(map(math.isfinite, (x, y, x_px, y_px))):
            raise ValueError
    except (ValueError, IndexError):
        raise PantauError(f"{path}: line {number} is not of the form {_FORM}; correct it") from None
    return _Row(number, x, y, z, Mark(photo_name, x_px, y_px), parts[6] if len(parts) > 6 else "")


def _points(rows: Iterable[_Row], to_degrees: Any, path: Path) -> list[ControlPoint]:
    """The points, in the file's order; lines of one label, or else of one place, are one point."""
    groups: dict[tuple[Any, ...], list[_Row]] = {}
    for row in rows:
        key = (row.label,) if row.label else (row.x, row.y)
        groups.setdefault(key, []).append(row)
    return [_point(group, to_degrees, path) for group in groups.values()]


def _point(rows: Sequence[_Row], to_degrees: Any, path: Path) -> ControlPoint:
    lons, lats = to_degrees.transform([row.x for row in rows], [row.y for row in rows])
    first = rows[0]
    for row, lat, lon in zip(rows, lats, lons, strict=True):
        if not (math.isfinite(lat) and math.isfinite(lon)):
            raise PantauError(f"{path}: line {row.number} lies outside its reference system; correct it")
        if geodesic_m((lats[0], lons[0]), (lat, lon)) > _SAME_PLACE_M:
            raise PantauError(
                f"{path}: lines {first.number} and {row.number} put {row.label} at two places; correct one"
            )
    name = first.label or f"line {first.number}"
    height_m = first.z if math.isfinite(first.z) else None
    marks = tuple(row.mark for row in rows)
    return ControlPoint(name, lats[0], lons[0], height_m, marks, name.upper().startswith(_CHECK_PREFIX))


def _without_meaningless_heights(points: Sequence[ControlPoint]) -> tuple[ControlPoint, ...]:
    if any(point.height_m for point in points):
        return tuple(points)
    return tuple(replace(point, height_m=None) for point in points)
