"""Elevation and surface models: how high the ground is, or what stands on it, at any place.

A model's heights are in metres above its own vertical datum. Reading them needs rasterio (the extra
`terrain`), which is imported when a model is opened.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.geometry.base import BaseGeometry

from vision.camera import FloatArray
from vision.frames import LocalFrame
from vision.raster_cells import RasterCells
from vision.raster_opening import open_heights

_FINEST_MAXIMUM_M = 1.0  # finer cells are joined to about this size where only the greatest height counts
_MOST_JOINED = 16  # cells on a side: bounds the memory of reading one tile
_LARGEST_WINDOW = 4_000_000  # cells held at once for one group of places
_MOST_LOOKUPS = 2_000_000  # cells looked up at once
# The size of a cell is taken at the middle of the places asked for; over a district it changes less.
_SIZE_ALLOWANCE = 1.01

Indices = NDArray[np.intp]


class ElevationModel:
    """A raster of heights in any reference system, read where it is asked for. For one thread at a time."""

    def __init__(self, path: Path, dataset: Any, cells: RasterCells) -> None:
        from pyproj import CRS, Transformer

        self.path = path
        self._cells = cells
        self._to_pixels = ~dataset.transform
        self._to_places = dataset.transform
        system = CRS.from_wkt(dataset.crs.to_wkt())
        self._transformer = Transformer.from_crs("EPSG:4326", system.to_2d(), always_xy=True)
        columns, rows = cells.columns / 2, cells.rows / 2
        self.cell_m = max(self._cell_size_m(columns, rows))
        self._block = int(min(max(_FINEST_MAXIMUM_M // self.cell_m, 1), _MOST_JOINED))

    @classmethod
    def open(cls, path: Path | str) -> ElevationModel:
        """Open a GeoTIFF, or any other raster with one band that GDAL reads.

        Heights in feet are turned into metres.

        Raises PantauError when rasterio or the file is missing, or when the file is no raster of one
        band of heights with a place on Earth.
        """
        return cls(Path(path), *open_heights(Path(path)))

    def heights_m(self, lat: ArrayLike, lon: ArrayLike) -> FloatArray:
        """Heights (N,) at WGS 84 places, bilinear between the middles of cells.

        NaN outside of the model, and where one of the four cells around a place is unknown.
        """
        return self.heights_in_cells_m(*self.cells_of(lat, lon))

    def heights_in_cells_m(self, across: FloatArray, down: FloatArray) -> FloatArray:
        """Heights (N,) as `heights_m` gives them, by columns and rows (see `cells_of`)."""
        heights_m = np.full(len(across), np.nan)
        inside = (across >= 0) & (across <= self._cells.columns) & (down >= 0) & (down <= self._cells.rows)
        for group in _compact_groups(across, down, np.flatnonzero(inside)):
            heights_m[group] = self._between_cells(across[group], down[group])
        return heights_m

    def highest_around_m(self, lat: ArrayLike, lon: ArrayLike, radius_m: float) -> FloatArray:
        """The greatest height (N,) of all cells that lie, if only in part, within a radius of each place.

        NaN where all of them are unknown. Cells finer than a metre are joined to about that size, so
        that a little more than the radius may count, never less.
        """
        across, down = (pixels / self._block for pixels in self.cells_of(lat, lon))
        highest_m = np.full(len(across), np.nan)
        usable = np.flatnonzero(np.isfinite(across) & np.isfinite(down))
        if not len(usable):
            return highest_m
        width_m, height_m = self._cell_size_m(
            float(across[usable].mean()) * self._block, float(down[usable].mean()) * self._block
        )
        size_m = (width_m * self._block, height_m * self._block)
        for group in _compact_groups(across, down, usable):
            highest_m[group] = self._highest_near(
                across[group], down[group], size_m, radius_m * _SIZE_ALLOWANCE
            )
        return highest_m

    def highest_m(self, area: BaseGeometry) -> float:
        """The greatest height of all cells that an area (lon, lat) touches; NaN where none is known.

        Cells finer than a metre are joined to about that size.
        """
        from rasterio.features import rasterize
        from rasterio.transform import Affine

        if area.is_empty:
            return math.nan
        grid = shapely.transform(area, self._joined_cells)
        left, top, right, bottom = (math.floor(edge) for edge in grid.bounds)
        highest_m = -math.inf
        window = (top, left, bottom - top + 1, right - left + 1)
        for row, column, tile in self._cells.tiles(*window, block=self._block):
            if not np.fmax.reduce(tile, axis=None) > highest_m:
                continue
            here = shapely.transform(grid, lambda corners, to=(column, row): corners - to)
            touched = rasterize(
                [here], tile.shape, all_touched=True, dtype=np.uint8, transform=Affine.identity()
            )
            highest_m = max(highest_m, float(np.fmax.reduce(tile[touched == 1], initial=-np.inf)))
        return highest_m if highest_m > -math.inf else math.nan

    def _joined_cells(self, lon_lat: FloatArray) -> FloatArray:
        return np.column_stack(self.cells_of(lon_lat[:, 1], lon_lat[:, 0])) / self._block

    def cells_of(self, lat: ArrayLike, lon: ArrayLike) -> tuple[FloatArray, FloatArray]:
        """Columns and rows (N,) of WGS 84 places, with fractions; infinite where there are none.

        They count from the upper left corner of the upper left cell.
        """
        lon_deg = np.atleast_1d(np.asarray(lon, dtype=np.float64))
        lat_deg = np.atleast_1d(np.asarray(lat, dtype=np.float64))
        x, y = self._transformer.transform(lon_deg, lat_deg)
        with np.errstate(invalid="ignore"):
            return _apply(self._to_pixels, np.asarray(x), np.asarray(y))

    def _cell_size_m(self, across: float, down: float) -> tuple[float, float]:
        """Width and height of a cell in metres at a column and row."""
        corners = np.array([(across, down), (across + 1, down), (across, down + 1)])
        x, y = _apply(self._to_places, corners[:, 0], corners[:, 1])
        lon, lat = self._transformer.transform(x, y, direction="INVERSE")
        here, right, below = LocalFrame(lat[0], lon[0]).to_metres(lat, lon)
        return float(np.hypot(*(right - here))), float(np.hypot(*(below - here)))

    def _between_cells(self, across: FloatArray, down: FloatArray) -> FloatArray:
        left, share_x = _neighbours(across, self._cells.columns)
        above, share_y = _neighbours(down, self._cells.rows)
        row, column = int(above.min()), int(left.min())
        window = self._cells.window(
            row, column, int(above.max()) - row + 2, int(left.max()) - column + 2
        ).astype(np.float64)
        right = np.minimum(left + 1, self._cells.columns - 1) - column
        below = np.minimum(above + 1, self._cells.rows - 1) - row
        left, above = left - column, above - row
        heights_m = np.zeros(len(across))
        for row_of, column_of, share in (
            (above, left, (1 - share_y) * (1 - share_x)),
            (above, right, (1 - share_y) * share_x),
            (below, left, share_y * (1 - share_x)),
            (below, right, share_y * share_x),
        ):
            heights_m += np.where(share > 0, window[row_of, column_of] * share, 0.0)
        return heights_m

    def _highest_near(
        self, across: FloatArray, down: FloatArray, size_m: tuple[float, float], radius_m: float
    ) -> FloatArray:
        reach_x, reach_y = (math.ceil(radius_m / size) for size in size_m)
        offset_x, offset_y = (
            offsets.ravel()
            for offsets in np.meshgrid(np.arange(-reach_x, reach_x + 1), np.arange(-reach_y, reach_y + 1))
        )
        left, above = np.floor(across).astype(np.intp), np.floor(down).astype(np.intp)
        column, row = int(left.min()) - reach_x, int(above.min()) - reach_y
        window = self._cells.window(
            row,
            column,
            int(above.max()) + reach_y - row + 1,
            int(left.max()) + reach_x - column + 1,
            self._block,
        )
        highest_m = np.empty(len(across))
        step = max(_MOST_LOOKUPS // len(offset_x), 1)
        for first in range(0, len(across), step):
            part = slice(first, first + step)
            x = left[part, None] + offset_x
            y = above[part, None] + offset_y
            beside_m = _outside(across[part, None] - x) * size_m[0]
            before_m = _outside(down[part, None] - y) * size_m[1]
            near = window[y - row, x - column]
            near[beside_m**2 + before_m**2 > radius_m**2] = np.nan
            highest_m[part] = np.fmax.reduce(near, axis=1)
        return highest_m


def _apply(affine: Any, x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
    return affine.a * x + affine.b * y + affine.c, affine.d * x + affine.e * y + affine.f


def _outside(position: FloatArray) -> FloatArray:
    """How far a position lies outside of the interval from 0 to 1."""
    outside: FloatArray = np.maximum(np.maximum(-position, position - 1), 0)
    return outside


def _neighbours(position: FloatArray, count: int) -> tuple[Indices, FloatArray]:
    """The cell whose middle lies before each position, and the share of the next one.

    In the outer half of the outermost cells their own height holds.
    """
    from_middle = np.clip(position - 0.5, 0, count - 1)
    before = np.minimum(np.floor(from_middle), max(count - 2, 0)).astype(np.intp)
    return before, from_middle - before


def _compact_groups(across: FloatArray, down: FloatArray, members: Indices) -> Iterator[Indices]:
    """Indices of places, in groups that each lie within a window of moderate size."""
    if not len(members):
        return
    x, y = across[members], down[members]
    width, height = np.ptp(x), np.ptp(y)
    if (width + 1) * (height + 1) <= _LARGEST_WINDOW:
        yield members
        return
    position = x if width > height else y
    first_half = position <= (position.min() + position.max()) / 2
    yield from _compact_groups(across, down, members[first_half])
    yield from _compact_groups(across, down, members[~first_half])
