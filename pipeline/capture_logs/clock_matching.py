"""Photos and shutter releases of two clocks, matched by the times between them.

A camera's clock differs from GNSS time by something constant: a zone, and what it was set wrong by. Photos
may be missing (deleted, left on the card) and so may events (misfires). The difference is the one at which
most photos meet an event; it must stand out among all others, or nothing is said.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np
from numpy.typing import NDArray

Seconds = NDArray[np.float64]
ApartM = Callable[[int, int], float | None]

# How far photos' times may differ from their events' beside what the clock rounds (the shutter's delays),
# and at least, where it hardly rounds.
_JITTER_S = 0.2
_NARROWEST_WINDOW_S = 0.6
_FEWEST = 3
_LEAST_SHARE = 0.6  # of the photos, or of the events where those are fewer
# A regular row fits itself shifted by one and loses a pair: a trigger and a photo that are missing at its two
# ends would explain it as well. Each gap (a turn, a misfire) costs a wrong offset one more; two are proof.
_CLEARLY_MORE = 2
# An offset that the files' own UTC foresees this closely is believed, if no other one lies about as near.
_TRUSTED_UTC_S = 2.5
_CLEARLY_NEARER_S = 1.0
_CLEARLY_NEARER_RATIO = 0.5
_MOST_CANDIDATES = 12


@dataclass(frozen=True)
class ClockMatch:
    """Pairs of indices (photo, event), and the photos' clock less the events', in the middle, in seconds."""

    pairs: tuple[tuple[int, int], ...]
    offset_s: float


def match_clocks(
    photos_s: Seconds,
    events_s: Seconds,
    resolution_s: float,
    expected_offset_s: float | None = None,
    apart_m: ApartM = lambda photo, event: None,
) -> ClockMatch | None:
    """Match photos to events, both in the order of time (seconds); None when no match is beyond doubt.

    `resolution_s` is what the photos' clock rounds down to. `expected_offset_s` is the offset where it is
    known within seconds (0 where the photos' times are UTC). `apart_m(photo, event)` tells how far their
    positions lie apart, None where that is not known.
    """
    if not len(photos_s) or not len(events_s):
        return None
    window_s = _window_s(resolution_s)
    if expected_offset_s is not None:
        expected_offset_s -= resolution_s / 2  # rounded down
    matches = _matches(photos_s, events_s, window_s, expected_offset_s)
    most = max(len(match.pairs) for match in matches)
    foreseen = [
        match
        for match in matches
        if expected_offset_s is not None
        and abs(match.offset_s - expected_offset_s) <= _TRUSTED_UTC_S
        and len(match.pairs) > max(0, most - _CLEARLY_MORE)
    ]
    pool = foreseen or matches
    complete = (match for match in pool if len(match.pairs) == len(photos_s) == len(events_s) >= _FEWEST)
    chosen = next(complete, None) or _standing_out(
        pool, window_s, expected_offset_s if foreseen else None, apart_m
    )
    fewest = max(1 if foreseen else _FEWEST, _LEAST_SHARE * min(len(photos_s), len(events_s)))
    return chosen if chosen is not None and len(chosen.pairs) >= fewest else None


def constant_offset(differences_s: Seconds, resolution_s: float) -> NDArray[np.bool_]:
    """Which of these clock differences agree on one offset: those in the fullest window."""
    if not len(differences_s):
        return np.zeros(0, bool)
    window_s = _window_s(resolution_s)
    ordered = np.sort(differences_s)
    counts = np.searchsorted(ordered, ordered + window_s, side="right") - np.arange(len(ordered))
    start_s = ordered[int(np.argmax(counts))]
    agree: NDArray[np.bool_] = (differences_s >= start_s) & (differences_s <= start_s + window_s)
    return agree


def _window_s(resolution_s: float) -> float:
    """How far apart the clock differences of one camera may lie."""
    return max(resolution_s + _JITTER_S, _NARROWEST_WINDOW_S)


def _matches(
    photos_s: Seconds, events_s: Seconds, window_s: float, expected_offset_s: float | None
) -> list[ClockMatch]:
    """What the likely offsets come to, each set of pairs once."""
    offsets_s = _likely_offsets(photos_s, events_s, window_s)
    if expected_offset_s is not None:
        offsets_s.append(expected_offset_s)
    matches: dict[tuple[tuple[int, int], ...], ClockMatch] = {}
    for offset_s in offsets_s:
        rough = _aligned(photos_s, events_s, offset_s, window_s)
        match = _aligned(photos_s, events_s, rough.offset_s, window_s)
        matches.setdefault(match.pairs, match)
    return list(matches.values())


def _likely_offsets(photos_s: Seconds, events_s: Seconds, window_s: float) -> list[float]:
    """Middles of the windows that hold the most differences between a photo and an event."""
    differences_s = np.sort((photos_s[:, None] - events_s[None, :]).ravel())
    ends = np.searchsorted(differences_s, differences_s + window_s, side="right")
    counts = ends - np.arange(len(differences_s))
    offsets_s: list[float] = []
    for start in np.argsort(-counts, kind="stable"):
        if len(offsets_s) == _MOST_CANDIDATES or counts[start] < counts.max() / 2:
            break
        middle_s = float(differences_s[start] + differences_s[ends[start] - 1]) / 2
        if all(abs(middle_s - other_s) > window_s / 2 for other_s in offsets_s):
            offsets_s.append(middle_s)
    return offsets_s


def _aligned(photos_s: Seconds, events_s: Seconds, offset_s: float, window_s: float) -> ClockMatch:
    """The most pairs in order, at most half a window apart; with the least differences among equals.

    Dynamic programming: `best[p, e]` is what the first p photos and the first e events come to.
    """
    best = np.zeros((len(photos_s) + 1, len(events_s) + 1))
    for photo, photo_s in enumerate(photos_s):
        apart = np.abs(photo_s - events_s - offset_s) / (window_s / 2)
        gain = np.where(apart <= 1.0, 1.0 - 0.1 * apart**2, -np.inf)
        best[photo + 1, 1:] = np.maximum(best[photo, 1:], best[photo, :-1] + gain)
        np.maximum.accumulate(best[photo + 1], out=best[photo + 1])
    pairs = _traced(best)
    differences_s = [float(photos_s[photo] - events_s[event]) for photo, event in pairs]
    middle_s = (min(differences_s) + max(differences_s)) / 2 if pairs else offset_s
    return ClockMatch(tuple(pairs), middle_s)


def _traced(best: NDArray[np.float64]) -> list[tuple[int, int]]:
    """The pairs behind the best result, from the end back."""
    pairs = []
    photo, event = (size - 1 for size in best.shape)
    while photo and event:
        if best[photo, event] == best[photo - 1, event]:
            photo -= 1
        elif best[photo, event] == best[photo, event - 1]:
            event -= 1
        else:
            photo, event = photo - 1, event - 1
            pairs.append((photo, event))
    return pairs[::-1]


def _standing_out(
    matches: Sequence[ClockMatch], window_s: float, expected_offset_s: float | None, apart_m: ApartM
) -> ClockMatch | None:
    """The match with clearly the most pairs, else the one whose places or whose time fit clearly best."""
    by_count = sorted(matches, key=lambda match: len(match.pairs), reverse=True)
    rivals: list[ClockMatch] = []
    for match in by_count:
        nearly_as_many = len(match.pairs) > len(by_count[0].pairs) - _CLEARLY_MORE
        if nearly_as_many and all(abs(match.offset_s - rival.offset_s) > window_s for rival in rivals):
            rivals.append(_agreed(match, matches, window_s))
    if len(rivals) == 1:
        return rivals[0]
    by_place_m = [_typical_m(match, apart_m) for match in rivals]
    known_m = sorted(distance_m for distance_m in by_place_m if distance_m is not None)
    if len(known_m) == len(rivals) and known_m[0] < _CLEARLY_NEARER_RATIO * known_m[1]:
        return rivals[by_place_m.index(known_m[0])]
    if expected_offset_s is None:
        return None
    rivals.sort(key=lambda match: abs(match.offset_s - expected_offset_s))
    nearest_s, next_s = (abs(match.offset_s - expected_offset_s) for match in rivals[:2])
    return rivals[0] if next_s - nearest_s >= _CLEARLY_NEARER_S else None


def _agreed(match: ClockMatch, others: Sequence[ClockMatch], window_s: float) -> ClockMatch:
    """Those of its pairs that all matches about as good, at about the same offset, agree on."""
    pairs = set(match.pairs)
    for other in others:
        as_good = len(other.pairs) > len(match.pairs) - _CLEARLY_MORE
        if as_good and abs(other.offset_s - match.offset_s) <= window_s:
            pairs &= set(other.pairs)
    return ClockMatch(tuple(sorted(pairs)), match.offset_s)


def _typical_m(match: ClockMatch, apart_m: ApartM) -> float | None:
    distances_m = [apart_m(*pair) for pair in match.pairs]
    known_m = [distance_m for distance_m in distances_m if distance_m is not None]
    return median(known_m) if len(known_m) >= _FEWEST else None
