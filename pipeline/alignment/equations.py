"""The observation equations of a block: what poses, lenses and points make of every sighting and prior.

Unknowns, in this order: of each photo the shift in metres (east, north, up) and the turn in radians (in
camera axes) from its recorded pose; of each flight the shift and the turn that its photos share; of each lens
the changes of ln f, k1 and k2; the height of the control points' zero; and of each point its place in metres.
All residuals are in units of their 1-σ errors.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from pipeline.alignment.priors import Priors
from pipeline.alignment.tie_points import Indices, TiePoints
from vision.camera import Camera, FloatArray

_SIGMA_RELIEF = 0.1

_STEP = 1e-5
_STEPS_LENS = (1e-5, 1e-5, 1e-5)


@dataclass(frozen=True)
class Control:
    """Points of the block (K,) whose places (K, 3) are surveyed, with their 1-σ errors (K, 3); NaN: unknown.

    Heights count from a zero that is another unknown, about `zero_m` below or above that of the ground.
    """

    point: Indices
    place_m: FloatArray
    sigma_m: FloatArray
    zero_m: float
    zero_sigma_m: float = 1e4

    @classmethod
    def none(cls) -> Control:
        """No surveyed points."""
        return cls(np.empty(0, np.intp), np.empty((0, 3)), np.empty((0, 3)), 0.0, 1.0)


@dataclass(frozen=True)
class State:
    """Unknowns by what they are; see the module."""

    shift_m: FloatArray
    turn_rad: FloatArray
    flight_shift_m: FloatArray
    flight_turn_rad: FloatArray
    lens: FloatArray
    points_m: FloatArray
    zero_m: float


@dataclass(frozen=True)
class Equations:
    """A block's residuals and their Jacobian. `guess_m` (P, 3) is where the points are thought to be."""

    priors: Priors
    ties: TiePoints
    guess_m: FloatArray
    control: Control

    @cached_property
    def _starts(self) -> FloatArray:
        photos, flights = len(self.priors.position_m), len(self.priors.shared_position_m)
        sizes = [6 * photos, 6 * flights, 3 * len(self.priors.cameras), 1, 3 * self.ties.count]
        return np.concatenate([[0], np.cumsum(sizes)]).astype(np.intp)

    @property
    def _relief_m(self) -> float:
        """1-σ of a point's height against the ground. Ground rises and falls over long ways: all points
        together say no more than one would that may lie by a share of the flying height beside it."""
        height_m = float(np.median(self.priors.position_m[:, 2]))
        return _SIGMA_RELIEF * height_m * float(np.sqrt(max(self.ties.count, 1)))

    @property
    def camera_unknowns(self) -> int:
        """How many unknowns come before those of the points."""
        return int(self._starts[4])

    def start(self) -> FloatArray:
        """All unknowns as they are recorded or guessed."""
        unknowns = np.zeros(int(self._starts[-1]))
        unknowns[self._starts[4] :] = self.guess_m.ravel()
        unknowns[self._starts[3]] = self.control.zero_m
        return unknowns

    def state(self, unknowns: FloatArray) -> State:
        """The unknowns, named."""
        photos, flights, lenses, zero, points = np.split(unknowns, self._starts[1:-1])
        own, shared = photos.reshape(-1, 6), flights.reshape(-1, 6)
        return State(
            own[:, :3],
            own[:, 3:],
            shared[:, :3],
            shared[:, 3:],
            lenses.reshape(-1, 3),
            points.reshape(-1, 3),
            float(zero[0]),
        )

    def rotations(self, state: State) -> FloatArray:
        """The adjusted camera-to-ENU rotations (N, 3, 3)."""
        from scipy.spatial.transform import Rotation

        turns: FloatArray = Rotation.from_rotvec(state.turn_rad).as_matrix()
        return self.priors.rotation @ turns

    def residuals(self, unknowns: FloatArray) -> FloatArray:
        """All residuals (M,), each in units of its 1-σ error."""
        state = self.state(unknowns)
        sighted = self._projected(state, self._seen_from(state)) - self.ties.pixels_px
        sighted = np.nan_to_num(sighted, nan=1e4) / self.ties.sigma_px[:, None]
        return np.concatenate([sighted.ravel(), self._prior_residuals(state)])

    def jacobian(self, unknowns: FloatArray) -> Any:
        """The Jacobian (M, unknowns) of `residuals`, sparse."""
        from scipy.sparse import csr_array, vstack

        state = self.state(unknowns)
        rows, columns, values = self._sighting_slopes(state)
        shape = (2 * len(self.ties.photo), int(self._starts[-1]))
        sightings = csr_array((values.ravel(), (rows.ravel(), columns.ravel())), shape=shape)
        return vstack([sightings, self._prior_slopes], format="csr")

    def _seen_from(self, state: State) -> FloatArray:
        """The points of all sightings (M, 3) in the axes of their cameras."""
        photo, point = self.ties.photo, self.ties.point
        away_m = state.points_m[point] - (self.priors.position_m + state.shift_m)[photo]
        turned: FloatArray = np.einsum("nji,nj->ni", self.rotations(state)[photo], away_m)
        return turned

    def _projected(self, state: State, seen_m: FloatArray) -> FloatArray:
        pixels_px = np.empty((len(seen_m), 2))
        lens_of = self.priors.lens[self.ties.photo]
        for number, camera in enumerate(self.priors.cameras):
            mine = lens_of == number
            pixels_px[mine] = changed(camera, state.lens[number]).project(seen_m[mine])
        return pixels_px

    def _sighting_slopes(self, state: State) -> tuple[Indices, Indices, FloatArray]:
        """Rows, columns and values (2M, 15) of the sightings' part of the Jacobian."""
        photo, point = self.ties.photo, self.ties.point
        seen_m = self._seen_from(state)
        by_seen = self._slopes_by_place(state, seen_m)
        to_camera = self.rotations(state)[photo].transpose(0, 2, 1)
        by_point = by_seen @ to_camera
        # Of exp(−[ω]) v: [q]× (I − ½[ω]×) to first order in ω.
        half = np.eye(3) - 0.5 * _cross_matrices(state.turn_rad[photo])
        by_turn = by_seen @ _cross_matrices(seen_m) @ half
        values = np.concatenate([-by_point, by_turn, self._slopes_by_lens(state, seen_m), by_point], axis=2)
        values = np.nan_to_num(values / self.ties.sigma_px[:, None, None])
        starts, six, three = self._starts, np.arange(6), np.arange(3)
        columns = np.concatenate(
            [
                starts[0] + 6 * photo[:, None] + six,
                starts[2] + 3 * self.priors.lens[photo][:, None] + three,
                starts[4] + 3 * point[:, None] + three,
            ],
            axis=1,
        )
        rows = np.broadcast_to(np.arange(2 * len(photo)).reshape(-1, 2, 1), values.shape)
        return rows, np.broadcast_to(columns[:, None, :], values.shape), values

    def _slopes_by_place(self, state: State, seen_m: FloatArray) -> FloatArray:
        """Of the pixels (M, 2, 3) by the place in camera axes."""
        steps = _STEP * seen_m[:, 2:]
        slopes = np.empty((len(seen_m), 2, 3))
        for axis in range(2):
            step = np.zeros(3)
            step[axis] = 1.0
            higher, lower = (self._projected(state, seen_m + sign * steps * step) for sign in (1, -1))
            slopes[:, :, axis] = (higher - lower) / (2 * steps)
        # A pixel stays where the place moves along its ray.
        slopes[:, :, 2] = -(slopes[:, :, :2] * (seen_m[:, None, :2] / seen_m[:, None, 2:])).sum(axis=2)
        return slopes

    def _slopes_by_lens(self, state: State, seen_m: FloatArray) -> FloatArray:
        """Of the pixels (M, 2, 3) by ln f, k1, k2."""
        slopes = np.empty((len(seen_m), 2, 3))
        for parameter, size in enumerate(_STEPS_LENS):
            step = np.zeros(3)
            step[parameter] = size
            higher, lower = (
                self._projected(replace(state, lens=state.lens + sign * step), seen_m) for sign in (1, -1)
            )
            slopes[:, :, parameter] = (higher - lower) / (2 * size)
        return slopes

    def _prior_residuals(self, state: State) -> FloatArray:
        prior, control = self.priors, self.control
        flight = prior.flight
        turn = np.einsum("nij,nj->ni", prior.axes, state.turn_rad)
        surveyed = control.place_m - state.points_m[control.point]
        surveyed[:, 2] -= state.zero_m
        groups = [
            (state.shift_m - state.flight_shift_m[flight]) / prior.own_position_m,
            (turn - state.flight_turn_rad[flight]) / prior.own_attitude_rad,
            state.flight_shift_m / prior.shared_position_m,
            state.flight_turn_rad / prior.shared_attitude_rad,
            state.lens / prior.lens_sigma,
            (state.points_m[:, 2] - self.guess_m[:, 2]) / self._relief_m,
            np.nan_to_num(surveyed / control.sigma_m),
            np.array([(state.zero_m - control.zero_m) / control.zero_sigma_m]),
        ]
        return np.concatenate([group.ravel() for group in groups])

    @cached_property
    def _prior_slopes(self) -> Any:
        """The priors' part of the Jacobian, in the order of their residuals; they are linear."""
        from scipy.sparse import csr_array

        prior, control, starts = self.priors, self.control, self._starts
        flight = prior.flight
        photos, flights, points = len(flight), len(prior.shared_position_m), self.ties.count
        three = np.arange(3)
        rows: list[Any] = []
        columns: list[Any] = []
        values: list[Any] = []
        here = 0

        def put(count: int, column: Any, value: Any, row: Any = None) -> None:
            rows.append(here + (np.arange(count) if row is None else row))
            columns.append(np.broadcast_to(column, (count,)))
            values.append(np.broadcast_to(value, (count,)))

        own = starts[0] + 6 * np.arange(photos)[:, None] + three
        of_flight = starts[1] + 6 * flight[:, None] + three
        put(3 * photos, own.ravel(), (1 / prior.own_position_m).ravel())
        put(3 * photos, of_flight.ravel(), (-1 / prior.own_position_m).ravel())
        here += 3 * photos
        weighted = prior.axes / prior.own_attitude_rad[:, :, None]
        put(
            9 * photos,
            np.broadcast_to((own + 3)[:, None, :], weighted.shape).ravel(),
            weighted.ravel(),
            np.repeat(np.arange(3 * photos), 3),
        )
        put(3 * photos, (of_flight + 3).ravel(), (-1 / prior.own_attitude_rad).ravel())
        here += 3 * photos
        shared = starts[1] + 6 * np.arange(flights)[:, None] + three
        put(3 * flights, shared.ravel(), (1 / prior.shared_position_m).ravel())
        here += 3 * flights
        put(3 * flights, (shared + 3).ravel(), (1 / prior.shared_attitude_rad).ravel())
        here += 3 * flights
        put(prior.lens_sigma.size, starts[2] + np.arange(prior.lens_sigma.size), 1 / prior.lens_sigma.ravel())
        here += prior.lens_sigma.size
        put(points, starts[4] + 3 * np.arange(points) + 2, 1 / self._relief_m)
        here += points
        known = np.isfinite(control.place_m / control.sigma_m)
        weight = np.where(known, 1 / control.sigma_m, 0.0)
        put(known.size, (starts[4] + 3 * control.point[:, None] + three).ravel(), -weight.ravel())
        put(len(known), starts[3], -weight[:, 2], 3 * np.arange(len(known)) + 2)
        here += known.size
        put(1, starts[3], 1 / control.zero_sigma_m)
        here += 1
        return csr_array(
            (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))),
            shape=(here, int(starts[-1])),
        )


def changed(camera: Camera, lens: FloatArray) -> Camera:
    """A camera whose ln f, k1 and k2 are changed by so much."""
    k1, k2, p1, p2, k3 = camera.distortion
    distortion = (k1 + float(lens[1]), k2 + float(lens[2]), p1, p2, k3)
    return replace(camera, focal_px=camera.focal_px * float(np.exp(lens[0])), distortion=distortion)


def _cross_matrices(vectors: FloatArray) -> FloatArray:
    x, y, z = vectors.T
    zero = np.zeros_like(x)
    return np.stack([zero, -z, y, z, zero, -x, -y, x, zero], axis=1).reshape(-1, 3, 3)
