"""Alignment: better poses for photos that show the same ground, and never worse ones.

Features of overlapping photos are matched and joined into tie points; all poses, lenses and points are
adjusted together, what was recorded being as sure as its errors say. A part of the tie points is kept out of
the adjustment and tells how well the photos agree before and after. A photo with too few tie points, one
whose pose would have to be wrong beyond reason, and one that would agree less with its neighbours keep what
was recorded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec

import numpy as np
from numpy.typing import NDArray

from pipeline.alignment.adjustment import Adjusted, adjust, adjusted_photo, sighted_ground
from pipeline.alignment.consistency import Consistency, consistency, scatter_m
from pipeline.alignment.control_points import ControlPoint
from pipeline.alignment.headings import with_found_headings
from pipeline.alignment.posterior import with_posterior_errors
from pipeline.alignment.report import AlignmentReport, control_residuals
from pipeline.alignment.tie_points import Indices, TiePoints, thinned
from pipeline.alignment.tying import Advance, Tied, tie_photos
from pipeline.photo import Photo
from vision.errors import PantauError
from vision.frames import LocalFrame

ALIGNED = "aligned"
TOO_FEW_MATCHES = "not_aligned_few_matches"
IMPLAUSIBLE = "not_aligned_implausible"
NO_GAIN = "not_aligned_no_gain"

_OF_ALIGNED = " aligned "

_FEWEST_SIGHTINGS = 10
# One tie point of so many is kept to check with.
_CHECK_EVERY = 5
_FEWEST_CHECKS = 4
# Of its 1-σ errors: how far a pose may be from what was recorded.
_MOST_SIGMAS = 5.0


@dataclass(frozen=True)
class Alignment:
    """All photos, in their order, with better poses where there are any, and what was done."""

    photos: tuple[Photo, ...]
    report: AlignmentReport


def align(
    photos: Sequence[Photo],
    control_points: Sequence[ControlPoint] = (),
    advance: Advance = lambda steps, detail: None,
) -> Alignment:
    """Align photos with each other, and to control points (see `pipeline.alignment.control_points`).

    Every photo carries a remark afterwards: `aligned`, or why its recorded pose stays. The errors of aligned
    poses are those of the adjustment; photos that are tied together become one flight, as they share them.
    `advance(1, name)` is called for every photo.

    Raises PantauError when scipy is not installed.
    """
    check_alignment_possible()
    if not photos:
        return Alignment((), _report(photos, photos, _no_ties(), Tied((), (), 0), (), None))
    frame = LocalFrame(*np.mean([(photo.pose.lat, photo.pose.lon) for photo in photos], axis=0))
    tied = tie_photos(photos, frame, advance)
    headed = with_found_headings(photos, tied.views, tied.matches)
    sizes_px = [(photo.camera.width_px, photo.camera.height_px) for photo in photos]
    ties = thinned(tied.ties, sizes_px)
    checking = np.arange(ties.count) % _CHECK_EVERY == _CHECK_EVERY - 1
    used = _of_tied_photos(ties.of_points(~checking), len(photos))
    checks = ties.of_points(checking)
    result = list(photos)
    remarks = [TOO_FEW_MATCHES] * len(photos)
    adjusted = _adjusted(headed, used, frame, control_points)
    if adjusted is not None:
        _take_over(result, remarks, adjusted, photos, checks, frame)
    final = [
        replace(photo, remarks=(*photo.remarks, remark))
        for photo, remark in zip(result, remarks, strict=True)
    ]
    return Alignment(tuple(final), _report(photos, final, checks, tied, control_points, frame))


def is_of_aligned(flight: str) -> bool:
    """Whether a flight's name is that of photos which were aligned."""
    return _OF_ALIGNED in flight


def check_alignment_possible() -> None:
    """Raises PantauError when scipy is not installed."""
    if find_spec("scipy") is None:
        raise PantauError(
            "aligning photos needs scipy; install it with: pip install '.[align]' in Pantau's folder."
        )


@dataclass(frozen=True)
class _Block:
    """An adjusted block of some photos, by their places in the list of all."""

    adjusted: Adjusted
    numbers: Indices


def _of_tied_photos(ties: TiePoints, photos: int) -> TiePoints:
    """The sightings of photos that have enough of them, again and again until it stays so."""
    while True:
        sightings = np.bincount(ties.photo, minlength=photos)
        poor = (sightings > 0) & (sightings < _FEWEST_SIGHTINGS)
        if not poor.any():
            return ties
        ties = ties.where(~poor[ties.photo])


def _adjusted(
    photos: Sequence[Photo], ties: TiePoints, frame: LocalFrame, control_points: Sequence[ControlPoint]
) -> _Block | None:
    numbers = np.unique(ties.photo).astype(np.intp)
    if len(numbers) < 2:
        return None
    of_block = replace(ties, photo=np.searchsorted(numbers, ties.photo).astype(np.intp))
    members = [photos[number] for number in numbers]
    return _Block(adjust(members, of_block, frame, control_points), numbers)


def _take_over(
    result: list[Photo],
    remarks: list[str],
    block: _Block,
    recorded: Sequence[Photo],
    checks: TiePoints,
    frame: LocalFrame,
) -> None:
    """Put the adjusted photos into the result, but for those that had better stay as they are."""
    adjusted = block.adjusted
    moved = [adjusted_photo(adjusted, place, frame) for place in range(len(block.numbers))]
    moved = with_posterior_errors(adjusted, moved, frame)
    plausible = _plausible(adjusted)
    names = _names_of_components(adjusted)
    for place, number in enumerate(block.numbers):
        if plausible[place]:
            result[number], remarks[number] = replace(moved[place], flight=names[place]), ALIGNED
        else:
            remarks[number] = IMPLAUSIBLE
    worse = _of_worse_components(recorded, result, remarks, checks, frame)
    while worse:
        for number in worse:
            result[number], remarks[number] = recorded[number], NO_GAIN
        worse = _better_as_recorded(recorded, result, remarks, checks, frame)


def _plausible(adjusted: Adjusted) -> NDArray[np.bool_]:
    """Whether each photo's adjusted pose (N,) is one that could have been recorded as it was."""
    state, prior = adjusted.state, adjusted.equations.priors
    turn = np.einsum("nij,nj->ni", prior.axes, state.turn_rad)
    total_m = np.hypot(prior.own_position_m, prior.shared_position_m[prior.flight])
    total_rad = np.hypot(prior.own_attitude_rad, prior.shared_attitude_rad[prior.flight])
    believable: NDArray[np.bool_] = (
        (np.abs(state.shift_m) <= _MOST_SIGMAS * total_m) & (np.abs(turn) <= _MOST_SIGMAS * total_rad)
    ).all(axis=1)
    return believable


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


def _of_worse_components(
    recorded: Sequence[Photo],
    result: Sequence[Photo],
    remarks: Sequence[str],
    checks: TiePoints,
    frame: LocalFrame,
) -> list[int]:
    """Photos of connected ones that agree less with each other than they did, or cannot be checked."""
    before, after = scatter_m(recorded, checks, frame), scatter_m(result, checks, frame)
    members: dict[str, list[int]] = {}
    for number, photo in enumerate(result):
        if remarks[number] == ALIGNED:
            members.setdefault(photo.flight, []).append(number)
    worse: list[int] = []
    for numbers in members.values():
        mine = np.isin(checks.photo, numbers) & np.isfinite(before) & np.isfinite(after)
        if mine.sum() < _FEWEST_CHECKS or np.median(after[mine]) > np.median(before[mine]) + _noise_m(
            checks, mine, result[numbers[0]]
        ):
            worse += numbers
    return worse


def _better_as_recorded(
    recorded: Sequence[Photo],
    result: Sequence[Photo],
    remarks: Sequence[str],
    checks: TiePoints,
    frame: LocalFrame,
) -> list[int]:
    """Aligned photos that would agree more with all others if they were left as recorded."""
    places_m, recorded_m = (sighted_ground(photos, checks, frame)[:, :2] for photos in (result, recorded))
    known = np.isfinite(places_m + recorded_m).all(axis=1)
    sums = np.zeros((checks.count, 2))
    np.add.at(sums, checks.point[known], places_m[known])
    others = np.bincount(checks.point[known], minlength=checks.count)[checks.point] - 1
    known &= others > 0
    elsewhere_m = (sums[checks.point] - places_m) / np.maximum(others, 1)[:, None]
    away_m, recorded_away_m = (np.hypot(*(own - elsewhere_m).T) for own in (places_m, recorded_m))
    better = []
    for number in np.unique(checks.photo):
        mine = known & (checks.photo == number)
        if remarks[number] == ALIGNED and mine.sum() >= _FEWEST_CHECKS:
            noise_m = _noise_m(checks, mine, result[number])
            if np.median(away_m[mine]) > np.median(recorded_away_m[mine]) + noise_m:
                better.append(int(number))
    return better


def _noise_m(checks: TiePoints, mine: NDArray[np.bool_], photo: Photo) -> float:
    """What the sightings' own errors make on the ground."""
    return float(checks.sigma_px[mine].mean()) * photo.pose.alt_agl_m / photo.camera.focal_px


def _report(
    recorded: Sequence[Photo],
    final: Sequence[Photo],
    checks: TiePoints,
    tied: Tied,
    control_points: Sequence[ControlPoint],
    frame: LocalFrame | None,
) -> AlignmentReport:
    aligned = sum(ALIGNED in photo.remarks for photo in final)
    nothing = Consistency(0, float("nan"), float("nan"))
    return AlignmentReport(
        aligned=aligned,
        kept=len(final) - aligned,
        pairs_tried=tied.pairs_tried,
        pairs_matched=len(tied.matches),
        tie_points=checks.count * _CHECK_EVERY,
        before=consistency(recorded, checks, frame) if frame else nothing,
        after=consistency(final, checks, frame) if frame else nothing,
        control_before=control_residuals(recorded, control_points),
        control_after=control_residuals(final, control_points),
    )


def _no_ties() -> TiePoints:
    empty = np.empty(0, dtype=np.intp)
    return TiePoints(empty, empty, np.empty((0, 2)), np.empty(0), 0)
