"""Ground as an elevation model has it: where rays meet its slopes.

Only differences of the model's heights count, so that its vertical datum does not matter.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from threading import Lock

import numpy as np
from numpy.typing import ArrayLike

from vision.camera import FloatArray
from vision.frames import LocalFrame
from vision.ground import runs_of
from vision.terrain import ElevationModel

# A ray is followed in steps of half a cell, so that it passes over no ridge, and of 1 % of the way it has
# come, where no attitude sensor can tell one ridge from the next.
_STEP_CELLS = 0.5
_STEP_OF_WAY = 0.01
# Straight down the ground cannot be missed: there the height alone bounds a step.
_STEP_OF_HEIGHT = 0.5

_STEPS_AT_ONCE = 32
_MOST_STEPS = 4096
_RAYS_AT_ONCE = 4096
# Three times cut by 8, a step of half a metre becomes one of a millimetre, in which the ground is straight.
_NARROWINGS, _CUTS = 3, 8
_REMEMBERED_PLACES = 64


# A map projection is a polynomial of second degree within a millimetre as far as 2 km from a place: what is
# left out is of the order of distance³ / (6 · earth radius²). It takes a tenth of the projection's time.
_FITTED_M = 1000.0 * np.stack(np.meshgrid([-1, 0, 1], [-1, 0, 1]), axis=-1).reshape(-1, 2)


def _terms(east_m: FloatArray, north_m: FloatArray) -> FloatArray:
    return np.stack([np.ones_like(east_m), east_m, north_m, east_m**2, east_m * north_m, north_m**2])


_TO_COEFFICIENTS: FloatArray = np.asarray(np.linalg.pinv(_terms(*_FITTED_M.T).T), dtype=np.float64)


@dataclass(frozen=True, eq=False)
class _LocalCells:
    """A model's columns and rows about a place: polynomials (6, 2) of metres east and north of it."""

    coefficients: FloatArray

    def of(self, east_m: FloatArray, north_m: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Columns and rows (N,) of places (N,) east and north."""
        across, down = self.coefficients.T @ _terms(east_m, north_m)
        return across, down


class TerrainGround:
    """Ground that rises and falls as an elevation model does; for any number of threads.

    `zero_m` is the model's height that the heights of cameras count from: that of the take-off place.
    """

    def __init__(self, model: ElevationModel, zero_m: float, sigma_m: float) -> None:
        self._model = model
        self._zero_m = zero_m
        self._sigma_m = sigma_m
        self._lock = Lock()
        self._cells_about = lru_cache(maxsize=_REMEMBERED_PLACES)(self._fit_cells)

    @property
    def sigma_m(self) -> float:
        """As in `vision.ground.Ground`."""
        return self._sigma_m

    def heights_m(self, lat: ArrayLike, lon: ArrayLike) -> FloatArray:
        """As in `vision.ground.Ground`."""
        with self._lock:
            return self._model.heights_m(lat, lon) - self._zero_m

    def height_above_m(self, lat: float, lon: float, height_m: float) -> float:
        """As in `vision.ground.Ground`."""
        return height_m - float(self.heights_m(lat, lon)[0])

    def meet(self, rays_enu: FloatArray, lat: float, lon: float, height_m: float) -> FloatArray:
        """As in `vision.ground.Ground`: the first place where a ray reaches the ground.

        NaN, too, for rays that pass over unknown ground before that, and for a camera below the ground.
        """
        runs = runs_of(rays_enu)
        met_m = np.full(runs.shape, np.nan)
        coming_down = np.flatnonzero(np.isfinite(runs[:, 0]))
        cells = self._cells_about(lat, lon)
        for first in range(0, len(coming_down), _RAYS_AT_ONCE):
            part = coming_down[first : first + _RAYS_AT_ONCE]
            met_m[part] = runs[part] * self._descents(runs[part], cells, height_m)[:, None]
        return met_m

    def _descents(self, runs: FloatArray, cells: _LocalCells, height_m: float) -> FloatArray:
        """How far (N,) rays come down until they reach the ground; NaN where that is unknown."""
        above_m, below_m = self._brackets(runs, cells, height_m)
        shares = np.linspace(0, 1, _CUTS + 1)
        every = np.arange(len(runs))
        for _ in range(_NARROWINGS):
            rungs_m = above_m[:, None] + (below_m - above_m)[:, None] * shares
            clear_m = self._clearances(runs, rungs_m, cells, height_m)
            reached = np.maximum(np.argmax(~(clear_m > 0), axis=1), 1)
            above_m, below_m = rungs_m[every, reached - 1], rungs_m[every, reached]
        clear_above_m, clear_below_m = clear_m[every, reached - 1], clear_m[every, reached]
        descents_m: FloatArray = above_m + (below_m - above_m) * clear_above_m / (
            clear_above_m - clear_below_m
        )
        return descents_m

    def _brackets(
        self, runs: FloatArray, cells: _LocalCells, height_m: float
    ) -> tuple[FloatArray, FloatArray]:
        """Descents (N,) at which rays are still above the ground, and next no longer; NaN where unknown."""
        above_m, below_m = np.full((2, len(runs)), np.nan)
        active, starts_m = np.arange(len(runs)), np.zeros(len(runs))
        for _ in range(_MOST_STEPS // _STEPS_AT_ONCE):
            if not len(active):
                break
            rungs_m = self._rungs(runs[active], starts_m, height_m)
            clear_m = self._clearances(runs[active], rungs_m, cells, height_m)
            ended = ~(clear_m > 0)
            reached = np.argmax(ended, axis=1)
            met = np.flatnonzero(ended.any(axis=1) & (reached > 0))
            met = met[clear_m[met, reached[met]] <= 0]
            above_m[active[met]] = rungs_m[met, reached[met] - 1]
            below_m[active[met]] = rungs_m[met, reached[met]]
            going_on = ~ended.any(axis=1)
            active, starts_m = active[going_on], rungs_m[going_on, -1]
        return above_m, below_m

    def _rungs(self, runs: FloatArray, starts_m: FloatArray, height_m: float) -> FloatArray:
        """Descents (N, steps + 1) at which rays are looked at, from their starts on."""
        run = np.hypot(*runs.T)
        way = np.hypot(run, 1.0)
        rungs_m = [starts_m]
        for _ in range(_STEPS_AT_ONCE):
            step_m = np.maximum(_STEP_CELLS * self._model.cell_m, _STEP_OF_WAY * way * rungs_m[-1])
            with np.errstate(divide="ignore"):
                step_m = np.minimum(step_m / run, _STEP_OF_HEIGHT * abs(height_m) + 1.0)
            rungs_m.append(rungs_m[-1] + step_m)
        return np.column_stack(rungs_m)

    def _clearances(
        self, runs: FloatArray, descents_m: FloatArray, cells: _LocalCells, height_m: float
    ) -> FloatArray:
        """How far above the ground (N, K) rays (N, 2) are after descents (N, K)."""
        east_m, north_m = (run[:, None] * descents_m for run in runs.T)
        across, down = cells.of(east_m.ravel(), north_m.ravel())
        with self._lock:
            ground_m = self._model.heights_in_cells_m(across, down) - self._zero_m
        clear_m: FloatArray = height_m - descents_m - ground_m.reshape(descents_m.shape)
        return clear_m

    def _fit_cells(self, lat: float, lon: float) -> _LocalCells:
        places = LocalFrame(lat, lon).to_lat_lon(_FITTED_M)
        with self._lock:
            cells = self._model.cells_of(*places.T)
        return _LocalCells(_TO_COEFFICIENTS @ np.column_stack(cells))
