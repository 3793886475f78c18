"""From logs and tracks to what they tell of each photo file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import inf
from pathlib import Path

from pipeline.capture_logs.capture_log import CaptureLog
from pipeline.capture_logs.contradiction import Verdict, judge
from pipeline.capture_logs.log_reading import event_files_beside, read_log
from pipeline.capture_logs.number_matching import match_numbers
from pipeline.capture_logs.shot import Shot, read_shot
from pipeline.capture_logs.time_matching import match_releases, match_tracks
from pipeline.metadata.recorded import Recorded
from pipeline.photo_gathering import is_video
from vision.errors import PantauError

# A camera that lost its clock says 2015; the times between so many photos are evidence enough.
_FEWEST_BY_WRONG_CLOCK = 10
_EARLIEST = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class OutsideRecords(Mapping[Path, Sequence[Recorded]]):
    """What logs tell of files, by the files' paths as they were given.

    For a photo the records of its moment, the surest first; for a video the whole way that was flown, in
    the order of time, each with its `taken_at`. Files that no log tells of are not in it. `notes` say what
    became of each log.
    """

    records: Mapping[Path, Sequence[Recorded]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def __getitem__(self, file: Path) -> Sequence[Recorded]:
        return self.records[file]

    def __iter__(self) -> Iterator[Path]:
        return iter(self.records)

    def __len__(self) -> int:
        return len(self.records)


def records_for(photo_files: Sequence[Path], log_files: Sequence[Path] = ()) -> OutsideRecords:
    """What the named logs, and DJI's event files beside the photos, tell of photo files and videos.

    Raises PantauError when a named log is missing, not understood or empty; an event file that was only
    found beside the photos is passed over then, with a note.
    """
    photos = [file for file in photo_files if not is_video(file)]
    videos = [file for file in photo_files if is_video(file)]
    logs, notes = _read_logs(photos, log_files)
    shots = [read_shot(file) for file in photos] if logs else []
    found: dict[Path, list[Recorded]] = {}
    for log, verdict in zip(logs, _match(logs, shots), strict=True):
        for file, recorded in verdict.found.items():
            found.setdefault(file, []).append(recorded)
        for file in videos:
            found.setdefault(file, []).extend(point.recorded for point in log.track)
        notes.append(_note(log, verdict, len(shots)))
    records = {
        file: tuple(sorted(entries, key=_time if is_video(file) else _sigma_m))
        for file, entries in found.items()
        if entries
    }
    return OutsideRecords(records, tuple(notes))


def _read_logs(photos: Sequence[Path], log_files: Sequence[Path]) -> tuple[list[CaptureLog], list[str]]:
    """The logs, each once, with a note on each that was found and could not be read."""
    logs = {file.resolve(): read_log(file) for file in log_files}
    notes = []
    for file in event_files_beside(photos):
        if file.resolve() not in logs:
            try:
                logs[file.resolve()] = read_log(file)
            except PantauError as error:
                notes.append(f"passed over {error}")
    return list(logs.values()), notes


def _match(logs: Sequence[CaptureLog], shots: Sequence[Shot]) -> list[Verdict]:
    """What may be taken of each log: by the shots' numbers, else by its releases, else by its track."""
    by_number = [match_numbers(log, shots) if log.files_numbered else {} for log in logs]
    verdicts = [judge(found, shots, clock_is_set=True) for found in by_number]  # by the drone that counts
    by_time = [index for index, log in enumerate(logs) if log.captures and not verdicts[index].found]
    tracks = [index for index, log in enumerate(logs) if not log.captures]
    for indices, match in ((by_time, match_releases), (tracks, match_tracks)):
        matched = match([logs[index] for index in indices], shots)
        few = sum(map(len, matched)) < _FEWEST_BY_WRONG_CLOCK
        for index, found in zip(indices, matched, strict=True):
            verdict = judge(found, shots, clock_is_set=few)
            before = verdicts[index].contradicted if not verdict.found else {}
            verdicts[index] = Verdict(verdict.found, {**before, **verdict.contradicted})
    return verdicts


def _note(log: CaptureLog, verdict: Verdict, photos: int) -> str:
    if not photos:
        return f"{log.path.name}: tells of a way of {len(log.track)} points"
    objection = next((f"{file.name} {words}" for file, words in verdict.contradicted.items()), "")
    if not verdict.found and objection:
        return (
            f"{log.path.name}: belongs to other photos, and nothing was taken from it: {objection}; "
            "take it away, or give the log of these photos' flight"
        )
    if verdict.found:
        strays = (
            f"; not of {len(verdict.contradicted)}, which contradict it: {objection}" if objection else ""
        )
        return f"{log.path.name}: tells of {len(verdict.found)} of {photos} photos{strays}"
    return (
        f"{log.path.name}: none of {photos} photos could be found in it beyond doubt; "
        "check that it is the log of their flight, and that the camera's clock was set"
    )


def _time(recorded: Recorded) -> datetime:
    return recorded.taken_at or _EARLIEST


def _sigma_m(recorded: Recorded) -> float:
    return recorded.sigma_position_m or inf
