"""Photos and the events of a log that bear the numbers in their file names."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, timedelta
from pathlib import Path

import numpy as np

from pipeline.capture_logs.capture_log import CaptureEvent, CaptureLog
from pipeline.capture_logs.clock_matching import constant_offset
from pipeline.capture_logs.shot import Shot
from pipeline.metadata.recorded import Recorded

# Numbers are believed when the clocks agree on one difference for this share of the events: numbers that slip
# fit a regular row all the same, but not over its gaps.
_LEAST_SHARE = 0.95
_FEWEST = 3
# A photo that knows its UTC is of the same moment as its event, but for leap seconds and slow clocks.
_SAME_TIME = timedelta(minutes=1)
_TIMESTAMP = "timestamp"


def match_numbers(log: CaptureLog, shots: Sequence[Shot]) -> dict[Path, Recorded]:
    """What a numbered log tells of each shot; empty when the clocks contradict the numbers.

    A log belongs to the photos in its folder, and where it bears their names' beginning (`100_0001_`), to
    those. Elsewhere some photos must agree with it in time.
    """
    beside = [shot for shot in shots if shot.path.resolve().parent == log.path.resolve().parent]
    named = [shot for shot in beside if shot.path.name.startswith(_prefix(log.path))]
    events = {event.number: event for event in log.captures}
    pairs = [(shot, events[shot.number]) for shot in named or beside or shots if shot.number in events]
    pairs = [pair for pair in pairs if not _is_of_another_time(*pair)]
    timed = [pair for pair in pairs if pair[0].clock is not None]
    if not timed:
        return {shot.path: event.recorded for shot, event in pairs} if beside else {}
    agreeing = [pair for pair, agrees in zip(timed, _agree(timed), strict=True) if agrees]
    share = len({event.number for _, event in agreeing}) / len({event.number for _, event in timed})
    if share < _LEAST_SHARE or (not beside and len(agreeing) < _FEWEST):
        return {}
    untimed = [pair for pair in pairs if pair[0].clock is None]
    return {shot.path: event.recorded for shot, event in (*agreeing, *untimed)}


def _prefix(path: Path) -> str:
    """`100_0001_Timestamp.MRK` → `100_0001_`."""
    at = path.stem.lower().find(_TIMESTAMP)
    return path.stem[:at] if at > 0 else path.stem


def _is_of_another_time(shot: Shot, event: CaptureEvent) -> bool:
    return shot.utc is not None and abs(shot.utc - event.at) > _SAME_TIME


def _agree(pairs: Sequence[tuple[Shot, CaptureEvent]]) -> list[bool]:
    differences_s = [
        (shot.clock.replace(tzinfo=UTC) - event.at).total_seconds()
        for shot, event in pairs
        if shot.clock is not None
    ]
    resolution_s = max(shot.resolution_s for shot, _ in pairs)
    agree: list[bool] = constant_offset(np.array(differences_s), resolution_s).tolist()
    return agree
