"""A video's telemetry: from the subtitles beside it or in it to what was recorded at each time."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import hypot, inf
from pathlib import Path

from pipeline.metadata.trust import SIGMA_POSITION_M
from pipeline.video.dji_dialects import Reading, read_block
from pipeline.video.movie_boxes import Subtitle
from pipeline.video.subtitles import Cue, read_cues
from pipeline.video.track import Moment

_SUFFIX = ".srt"
_LARGEST_BYTES = 300_000_000
# Receivers measure ten times a second at most; blocks for every frame repeat what they told.
_SHORTEST_STEP_S = 0.1


@dataclass(frozen=True)
class Telemetry:
    """What was recorded over a video. `clock` is the drone's local time as the video began.

    `missing` says why there is no position in it, empty where there is one.
    """

    moments: tuple[Moment, ...] = ()
    clock: datetime | None = None
    missing: str = ""


def find_telemetry(video: Path, subtitles: Sequence[Subtitle]) -> Telemetry:
    """The telemetry in the subtitle file of the video's name, else in its own subtitles."""
    beside = _file_beside(video)
    if beside is not None:
        found = read_telemetry(beside)
        if not found.missing or not subtitles:
            return found
    if subtitles:
        cues = [Cue(subtitle.at_s, subtitle.text) for subtitle in subtitles]
        return _telemetry(cues, f"the subtitles in {video.name}")
    expected = video.with_suffix(_SUFFIX.upper()).name
    return Telemetry(missing=f"its telemetry {expected} is not beside it, nor are there subtitles in it")


def read_telemetry(path: Path) -> Telemetry:
    """The telemetry in a subtitle file. Never raises because of what the file holds."""
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            return Telemetry(missing=f"its telemetry {path.name} is too large to be subtitles")
        cues = read_cues(path.read_bytes())
    except OSError as error:
        return Telemetry(missing=f"its telemetry {path.name} cannot be read ({error.strerror or error})")
    return _telemetry(cues, f"its telemetry {path.name}")


def _file_beside(video: Path) -> Path | None:
    """The subtitle file that is named as the video is, in whatever case."""
    try:
        files = sorted(video.parent.iterdir())
    except OSError:
        return None
    wanted = video.stem.casefold() + _SUFFIX
    return next((file for file in files if file.name.casefold() == wanted and file.is_file()), None)


def _telemetry(cues: Sequence[Cue], source: str) -> Telemetry:
    timed = _in_order(_timed(_without_repeats(cues)))
    begins = [reading.clock - timedelta(seconds=at_s) for at_s, reading in timed if reading.clock]
    return Telemetry(
        moments=tuple(_moment(at_s, reading) for at_s, reading in timed),
        clock=statistics.median_low(begins) if begins else None,
        missing=_what_is_missing(cues, [reading for _, reading in timed], source),
    )


def _what_is_missing(cues: Sequence[Cue], readings: Sequence[Reading], source: str) -> str:
    if not cues:
        return f"{source} is empty"
    if not readings:
        return f"{source} is of no form that is understood"
    if not any(reading.recorded.position for reading in readings):
        return f"{source} tells no position in any of its {len(cues)} blocks"
    return ""


def _without_repeats(cues: Sequence[Cue]) -> Iterator[tuple[Cue, Reading]]:
    """The telemetry among the blocks; where a block told a position, the next ones are passed over."""
    told_s = -inf
    for cue in cues:
        if cue.start_s is not None and told_s <= cue.start_s < told_s + _SHORTEST_STEP_S:
            continue
        reading = read_block(cue.text)
        if reading is None:
            continue
        yield cue, reading
        if cue.start_s is not None and reading.recorded.position is not None:
            told_s = cue.start_s


def _timed(read: Iterable[tuple[Cue, Reading]]) -> list[tuple[float, Reading]]:
    """Readings with their times; where the file tells none, by the drone's clock from the first on."""
    timed: list[tuple[float, Reading]] = []
    begin: datetime | None = None
    for cue, reading in read:
        begin = begin or reading.clock
        if cue.start_s is not None:
            timed.append((cue.start_s, reading))
        elif reading.clock is not None and begin is not None:
            timed.append(((reading.clock - begin).total_seconds(), reading))
    return timed


def _in_order(timed: Sequence[tuple[float, Reading]]) -> list[tuple[float, Reading]]:
    """Without those that go back in time."""
    kept: list[tuple[float, Reading]] = []
    for at_s, reading in timed:
        if at_s >= 0 and (not kept or at_s > kept[-1][0]):
            kept.append((at_s, reading))
    return kept


def _moment(at_s: float, reading: Reading) -> Moment:
    recorded = reading.recorded
    if recorded.position is not None:
        sigma_m = hypot(recorded.sigma_position_m or SIGMA_POSITION_M, reading.rounding_m)
        recorded = replace(recorded, sigma_position_m=sigma_m)
    return Moment(at_s, recorded, reading.equivalent_mm)
