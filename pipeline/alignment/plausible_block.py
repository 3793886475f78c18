"""An adjusted block of those photos whose recorded poses it does not contradict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from pipeline.alignment.adjustment import Adjusted, adjust, adjusted_photo, sighted_ground
from pipeline.alignment.control_points import ControlPoint
from pipeline.alignment.posterior import with_posterior_errors
from pipeline.alignment.tie_points import Indices, TiePoints
from pipeline.photo import Photo
from vision.camera import FloatArray
from vision.frames import LocalFrame

_FEWEST_SIGHTINGS = 10
# Of its 1-σ errors: how far a pose may be from what was recorded.
_MOST_SIGMAS = 5.0
# One wrong photo pulls its neighbours along: first go those that are nearly as wrong as the worst.
_AMONG_THE_WORST = 0.5
_MOST_ROUNDS = 6

_OF_ALIGNED = " aligned "


def is_of_aligned(flight: str) -> bool:
    """Whether a flight's name is that of photos which were aligned."""
    return _OF_ALIGNED in flight


@dataclass(frozen=True)
class Block:
    """Aligned photos, by their places in the list of all, and the places of those that cannot be."""

    aligned: dict[int, Photo]
    implausible: Indices


def align_plausible(
    photos: Sequence[Photo], ties: TiePoints, frame: LocalFrame, control_points: Sequence[ControlPoint]
) -> Block:
    """Adjust the photos that are tied to others, each with its errors, connected ones as one flight.

    Photos that would have to be wrong beyond reason are left out, and the others are adjusted anew.
    """
    implausible = np.empty(0, dtype=np.intp)
    for rounds_left in reversed(range(_MOST_ROUNDS)):
        ties = _of_tied_photos(ties.where(~np.isin(ties.photo, implausible)), len(photos))
        numbers = np.unique(ties.photo).astype(np.intp)
        if len(numbers) < 2:
            break
        of_block = replace(ties, photo=np.searchsorted(numbers, ties.photo).astype(np.intp))
        adjusted = adjust([photos[number] for number in numbers], of_block, frame, control_points)
        moved = [adjusted_photo(adjusted, place, frame) for place in range(len(numbers))]
        sigmas = _sigmas_from_recorded(adjusted)
        sigmas[_blind(moved, adjusted.ties, frame)] = np.inf
        least = max(_MOST_SIGMAS, _AMONG_THE_WORST * sigmas.max()) if rounds_left else _MOST_SIGMAS
        worst = sigmas >= least
        implausible = np.union1d(implausible, numbers[worst])
        if not (worst.any() and rounds_left) and np.isfinite(sigmas).all():
            stating = _as_one_flight(adjusted, with_posterior_errors(adjusted, moved, frame))
            good = ~worst & (np.bincount(adjusted.ties.photo, minlength=len(numbers)) >= _FEWEST_SIGHTINGS)
            return Block({int(numbers[k]): stating[k] for k in np.flatnonzero(good)}, implausible)
    return Block({}, implausible)


def stating_disagreement(
    photos: Sequence[Photo], doubtful: Indices, ties: TiePoints, frame: LocalFrame
) -> list[Photo]:
    """The photos, doubtful ones with how far they put tie points from the others as an error of position."""
    stating = list(photos)
    places_m = sighted_ground(photos, ties, frame)[:, :2]
    known = np.isfinite(places_m).all(axis=1)
    means_m, times = ties.means(places_m, known & ~np.isin(ties.photo, doubtful))
    away_m = np.hypot(*(places_m - means_m[ties.point]).T)
    for number in doubtful:
        mine = known & (times[ties.point] > 0) & (ties.photo == number)
        if mine.any():
            pose = photos[number].pose
            sigma_m = float(np.hypot(pose.sigma_position_m, np.median(away_m[mine])))
            stating[number] = replace(photos[number], pose=replace(pose, sigma_position_m=sigma_m))
    return stating


def _of_tied_photos(ties: TiePoints, photos: int) -> TiePoints:
    """The sightings of photos that have enough of them, again and again until it stays so."""
    while True:
        sightings = np.bincount(ties.photo, minlength=photos)
        poor = (sightings > 0) & (sightings < _FEWEST_SIGHTINGS)
        if not poor.any():
            return ties
        ties = ties.where(~poor[ties.photo])


def _sigmas_from_recorded(adjusted: Adjusted) -> FloatArray:
    """How far each adjusted pose (N,) is from the recorded one, on its worst axis, in units of its error."""
    state, prior = adjusted.state, adjusted.equations.priors
    turn_rad = np.einsum("nij,nj->ni", prior.axes, state.turn_rad)
    total_m = np.hypot(prior.own_position_m, prior.shared_position_m[prior.flight])
    total_rad = np.hypot(prior.own_attitude_rad, prior.shared_attitude_rad[prior.flight])
    away = np.abs(np.hstack([state.shift_m / total_m, turn_rad / total_rad]))
    return np.asarray(away.max(axis=1))


def _blind(photos: Sequence[Photo], ties: TiePoints, frame: LocalFrame) -> Indices:
    """The photos that show no ground where they are sighted to show some."""
    nowhere = ~np.isfinite(sighted_ground(photos, ties, frame)).all(axis=1)
    return np.unique(ties.photo[nowhere])


def _as_one_flight(adjusted: Adjusted, photos: Sequence[Photo]) -> list[Photo]:
    """The photos, connected ones named as a flight of their own."""
    names = _names_of_components(adjusted)
    return [replace(photo, flight=name) for photo, name in zip(photos, names, strict=True)]


def _names_of_components(adjusted: Adjusted) -> list[str]:
    """For each photo the name of the flight or photo that its connected ones are named after."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    ties, count = adjusted.ties, len(adjusted.photos)
    size = count + ties.count
    graph = coo_array((np.ones(len(ties.photo)), (ties.photo, count + ties.point)), shape=(size, size))
    _, component = connected_components(graph, directed=False)
    first: dict[int, str] = {}
    for number, photo in enumerate(adjusted.photos):
        first.setdefault(
            int(component[number]), f"{photo.flight or photo.id}{_OF_ALIGNED}{component[number]}"
        )
    return [first[int(component[number])] for number in range(count)]
