"""Robust sparse least squares of a block.

Gauss and Newton's method with Huber's weights, the points eliminated from the normal equations (Schur's
complement) and the rest factorised sparsely. Measured against `scipy.optimize.least_squares`, whose only
solver for sparse Jacobians is iterative: for 60 photos that had not converged after 30 steps and 6 s, where
this takes 5 steps and 2 s. The factors also give the covariances.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from pipeline.alignment.equations import Equations
from vision.camera import FloatArray

# Residuals beyond so many σ count linearly (Huber): gross errors pull little, normal ones keep their weight.
_HUBER_SIGMAS = 2.5
_MOST_STEPS = 25
_SMALL_GAIN = 1e-4
_FIRST_DAMPING, _LEAST_DAMPING, _MOST_DAMPING = 1e-4, 1e-9, 1e6


@dataclass(frozen=True)
class Solution:
    """The unknowns at the least cost, with the weighted Jacobian and the factors there."""

    unknowns: FloatArray
    weighted_jacobian: Any
    normal: ReducedNormal
    steps: int


class ReducedNormal:
    """Normal equations JᵀJ x = b whose last unknowns, by threes, are points that no equation joins."""

    def __init__(self, jacobian: Any, cameras: int, damping: float = 0.0) -> None:
        from scipy.sparse import bsr_array, diags_array
        from scipy.sparse.linalg import splu

        normal = (jacobian.T @ jacobian).tocsr()
        if damping:
            normal = (normal + diags_array(damping * normal.diagonal())).tocsr()
        self._cameras = cameras
        count = (normal.shape[0] - cameras) // 3
        blocks = _diagonal_blocks(normal[cameras:, cameras:], count)
        inverse = np.linalg.inv(blocks)
        here = np.arange(count)
        self._points_inverse = bsr_array(
            (inverse, here, np.arange(count + 1)), shape=(3 * count, 3 * count)
        ).tocsr()
        self._across = normal[:cameras, cameras:].tocsr()
        reduced = normal[:cameras, :cameras] - self._across @ self._points_inverse @ self._across.T
        self._factors = splu(
            reduced.tocsc(),
            permc_spec="MMD_AT_PLUS_A",
            diag_pivot_thresh=0.0,
            options={"SymmetricMode": True},
        )

    def solve(self, right: FloatArray) -> FloatArray:
        """The unknowns (n,) or (n, K) for right sides (n,) or (n, K)."""
        of_cameras, of_points = right[: self._cameras], right[self._cameras :]
        cameras = self._factors.solve(of_cameras - self._across @ (self._points_inverse @ of_points))
        points = self._points_inverse @ (of_points - self._across.T @ cameras)
        return np.concatenate([cameras, points])


def solve(equations: Equations, start: FloatArray | None = None) -> Solution:
    """The unknowns of least cost, from the recorded ones on (or from a start)."""
    unknowns = equations.start() if start is None else start
    residuals = equations.residuals(unknowns)
    damping, steps = _FIRST_DAMPING, 0
    while steps < _MOST_STEPS and damping < _MOST_DAMPING:
        jacobian, weighted = _weighted(equations.jacobian(unknowns), residuals)
        slope = jacobian.T @ weighted
        cost = _cost(residuals)
        gain = 0.0
        while damping < _MOST_DAMPING:
            moved = unknowns - ReducedNormal(jacobian, equations.camera_unknowns, damping).solve(slope)
            new_residuals = equations.residuals(moved)
            gain = 1 - _cost(new_residuals) / max(cost, 1e-12)
            if gain >= 0:
                unknowns, residuals = moved, new_residuals
                damping = max(damping / 10, _LEAST_DAMPING)
                break
            damping *= 10
        steps += 1
        if gain < _SMALL_GAIN:
            break
    jacobian, _ = _weighted(equations.jacobian(unknowns), residuals)
    return Solution(unknowns, jacobian, ReducedNormal(jacobian, equations.camera_unknowns), steps)


def _cost(residuals: FloatArray) -> float:
    size = np.abs(residuals)
    return float(
        np.where(size <= _HUBER_SIGMAS, size**2 / 2, _HUBER_SIGMAS * (size - _HUBER_SIGMAS / 2)).sum()
    )


def _weighted(jacobian: Any, residuals: FloatArray) -> tuple[Any, FloatArray]:
    from scipy.sparse import diags_array

    weight = np.sqrt(_HUBER_SIGMAS / np.maximum(np.abs(residuals), _HUBER_SIGMAS))
    return (diags_array(weight) @ jacobian).tocsr(), residuals * weight


def _diagonal_blocks(matrix: Any, count: int) -> FloatArray:
    """The blocks (count, 3, 3) on the diagonal of a sparse matrix that has no others."""
    entries = matrix.tocoo()
    blocks = np.zeros((count, 3, 3))
    blocks[entries.row // 3, entries.row % 3, entries.col % 3] = entries.data
    return blocks
