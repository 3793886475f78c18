"""Photos that clearly contradict the log they were found in: then it belongs to others.

Numbers and times can fit by chance; of a single photo they always do. A photo's own position and time are
evidence against that. They need not be exact: only what no receiver and no clock could explain counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, timedelta
from math import hypot, sqrt
from pathlib import Path

from pipeline.capture_logs.shot import Shot
from pipeline.metadata.recorded import Position, Recorded, distance_m

# A fix that is ten seconds old in flight, or a base station set up roughly, stays below this.
_ELSEWHERE_M = 100.0
_CLEARLY_DIFFERENT_SIGMAS = 3.0
# Steps in which rough coordinates are written, degrees and minutes, and how far apart those of a step lie.
_COARSE_STEPS_PER_DEG = (1, 10, 60, 100, 600, 1000)
_ACROSS_DEG_M = 111_320.0 * sqrt(2)
_ROUNDING_STEPS = 1e-6
# By satellites, which a camera asks now and then only; and by a clock in an unknown zone.
_SAME_TIME = timedelta(minutes=5)
_SAME_DAY = timedelta(days=1)
# Of the photos that can tell. A log of these photos is contradicted by a stray at most.
_LEAST_AGREEING_SHARE = 0.75

_Pair = tuple[Shot, Recorded]


@dataclass(frozen=True)
class Verdict:
    """What may be taken of a log, by photo, and what each photo that contradicts it says, in words."""

    found: Mapping[Path, Recorded]
    contradicted: Mapping[Path, str]


def judge(found: Mapping[Path, Recorded], shots: Iterable[Shot], clock_is_set: bool) -> Verdict:
    """Take from what a log tells of shots what these contradict; all of it where too many do.

    `clock_is_set` says that the camera's clock cannot be days off, in whatever zone.
    """
    pairs = [(shot, found[shot.path]) for shot in shots if shot.path in found]
    moved_m = _moved_m(pairs)
    contradicted: dict[Path, str] = {}
    agreeing = 0
    for shot, recorded in pairs:
        place = _objection_of_place(shot, recorded, moved_m)
        objection = place or _objection_of_time(shot, recorded, clock_is_set)
        if objection is not None:
            contradicted[shot.path] = objection
        elif shot.position is not None and recorded.position is not None:
            agreeing += 1
    if contradicted and agreeing < _LEAST_AGREEING_SHARE * (agreeing + len(contradicted)):
        return Verdict({}, contradicted)
    return Verdict({path: told for path, told in found.items() if path not in contradicted}, contradicted)


def _objection_of_place(shot: Shot, recorded: Recorded, moved_m: Mapping[Position, float]) -> str | None:
    if shot.position is None or recorded.position is None:
        return None
    sigma_m = hypot(shot.sigma_position_m or 0.0, recorded.sigma_position_m or 0.0)
    rough_m = max(_rounding_m(shot.position), moved_m[shot.position])
    apart_m = distance_m(shot.position, recorded.position)
    if apart_m <= max(_ELSEWHERE_M, _CLEARLY_DIFFERENT_SIGMAS * sigma_m, rough_m):
        return None
    apart = f"{apart_m / 1000:,.0f} km" if apart_m >= 10_000 else f"{apart_m:,.0f} m"
    return f"by its own position was taken {apart} from where the log has it"


def _objection_of_time(shot: Shot, recorded: Recorded, clock_is_set: bool) -> str | None:
    if recorded.taken_at is None:
        return None
    if shot.utc is not None and shot.by_gnss:
        moment, tolerance = shot.utc, _SAME_TIME
    elif shot.clock is not None and clock_is_set:
        moment, tolerance = shot.clock.replace(tzinfo=UTC), _SAME_DAY
    else:
        return None
    if abs(moment - recorded.taken_at) <= tolerance:
        return None
    own, logged = (f"{at:%Y-%m-%d %H:%M}" for at in (moment, recorded.taken_at))
    return f"by its own clock was taken at {own}, by the log at {logged}"


def _moved_m(pairs: Sequence[_Pair]) -> dict[Position, float]:
    """How far the log's positions move while a photo's own stays exactly the same: that is as coarse."""
    at_one_place: dict[Position, list[Position]] = {}
    for shot, recorded in pairs:
        if shot.position is not None and recorded.position is not None:
            at_one_place.setdefault(shot.position, []).append(recorded.position)
    return {
        own: max(distance_m(places[0], place) for place in places) for own, places in at_one_place.items()
    }


def _rounding_m(position: Position) -> float:
    """How far off a position is that is written in a coarse step; 0 for a finely written one."""
    for per_deg in _COARSE_STEPS_PER_DEG:
        steps = (position.lat * per_deg, position.lon * per_deg)
        if all(abs(step - round(step)) < _ROUNDING_STEPS for step in steps):
            return _ACROSS_DEG_M / per_deg
    return 0.0
