"""The cells of a raster file as heights, read tile by tile and remembered: files may be gigabytes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vision.errors import PantauError

Cells = NDArray[np.float32]

_TILE_CELLS = 256
_REMEMBERED_TILES = 768  # of 256 KiB: at most 192 MiB
# Lower than the Dead Sea's shore and higher than Everest is no ground but a placeholder (−9999, −32768,
# 3.4e38) that the file does not declare as such.
_PLAUSIBLE_HEIGHTS_M = (-1000.0, 10_000.0)


class RasterCells:
    """One band of an open raster dataset as heights in metres; NaN where nothing is known.

    Cells are counted from the upper left corner. `block` (1 or more) joins squares of so many cells on
    a side into one, which has the greatest height among them. For one thread at a time.
    """

    def __init__(self, path: Path, dataset: Any, band: int, metres_per_unit: float) -> None:
        self._path = path
        self._dataset = dataset
        self._band = band
        self._scale = dataset.scales[band - 1] * metres_per_unit
        self._offset = dataset.offsets[band - 1] * metres_per_unit
        self.rows: int = dataset.height
        self.columns: int = dataset.width
        self._tile = lru_cache(maxsize=_REMEMBERED_TILES)(self._read_tile)

    def window(self, row: int, column: int, rows: int, columns: int, block: int = 1) -> Cells:
        """The cells (rows, columns) from a row and column on, which may lie outside of the raster."""
        cells = np.full((rows, columns), np.nan, dtype=np.float32)
        for top, left, tile in self.tiles(row, column, rows, columns, block):
            first_row, last_row = max(row, top), min(row + rows, top + len(tile))
            first, last = max(column, left), min(column + columns, left + tile.shape[1])
            cells[first_row - row : last_row - row, first - column : last - column] = tile[
                first_row - top : last_row - top, first - left : last - left
            ]
        return cells

    def tiles(
        self, row: int, column: int, rows: int, columns: int, block: int = 1
    ) -> Iterator[tuple[int, int, Cells]]:
        """All tiles that have a part in a window, each with the row and column of its first cell."""
        last_row = min(row + rows, -(-self.rows // block)) - 1
        last_column = min(column + columns, -(-self.columns // block)) - 1
        if row > last_row or column > last_column:
            return
        for down in range(max(row, 0) // _TILE_CELLS, last_row // _TILE_CELLS + 1):
            for across in range(max(column, 0) // _TILE_CELLS, last_column // _TILE_CELLS + 1):
                yield down * _TILE_CELLS, across * _TILE_CELLS, self._tile(down, across, block)

    def _read_tile(self, down: int, across: int, block: int) -> Cells:
        from rasterio.errors import RasterioError
        from rasterio.windows import Window

        side = _TILE_CELLS * block
        row, column = down * side, across * side
        window = Window(column, row, min(side, self.columns - column), min(side, self.rows - row))
        try:
            stored = self._dataset.read(self._band, window=window, masked=True)
        except RasterioError as error:
            raise PantauError(
                f"{self._path}: the heights cannot be read ({error}); the file seems to be damaged, "
                "get it anew."
            ) from error
        cells: Cells = np.where(np.ma.getmaskarray(stored), np.nan, stored.data).astype(np.float32)
        cells = (cells * self._scale + self._offset).astype(np.float32)
        low_m, high_m = _PLAUSIBLE_HEIGHTS_M
        cells[~((cells >= low_m) & (cells <= high_m))] = np.nan
        return cells if block == 1 else _highest_of_blocks(cells, block)


def _highest_of_blocks(cells: Cells, block: int) -> Cells:
    rows, columns = (-(-count // block) for count in cells.shape)
    padded = np.full((rows * block, columns * block), np.nan, dtype=np.float32)
    padded[: cells.shape[0], : cells.shape[1]] = cells
    highest: Cells = np.fmax.reduce(padded.reshape(rows, block, columns, block), axis=(1, 3))
    return highest
