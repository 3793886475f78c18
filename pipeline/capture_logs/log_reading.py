"""Logs of all kinds behind one interface. To add a kind, write its module and put it into `FORMATS`."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from pipeline.capture_logs.capture_log import CaptureLog, LogFormat
from pipeline.capture_logs.dataflash import is_dataflash, read_dataflash
from pipeline.capture_logs.flight_log_file import is_flight_log, read_flight_log
from pipeline.capture_logs.gpx import is_gpx, read_gpx
from pipeline.capture_logs.mrk import is_mrk, read_mrk
from vision.errors import PantauError

FORMATS = (
    LogFormat("a DJI event file (.MRK)", is_mrk, read_mrk),
    LogFormat("an ArduPilot dataflash log (.bin, .log)", is_dataflash, read_dataflash),
    LogFormat("a log of `pantau fly` (.flight.jsonl)", is_flight_log, read_flight_log),
    LogFormat("a GPX track (.gpx)", is_gpx, read_gpx),
)


def format_of(path: Path) -> LogFormat:
    """The kind of a log that somebody named.

    Raises PantauError when it is missing or of no kind that is understood.
    """
    if not path.is_file():
        raise PantauError(f"{path}: there is no such file; check the path of the flight's log.")
    known = next((entry for entry in FORMATS if entry.recognises(path)), None)
    if known is None:
        kinds = ", ".join(entry.name for entry in FORMATS)
        raise PantauError(f"{path}: is no log that is understood; give {kinds}.")
    return known


def read_log(path: Path) -> CaptureLog:
    """A log that somebody named.

    Raises PantauError when it is missing, of no kind that is understood, or tells no place at any time.
    """
    known = format_of(path)
    try:
        log = known.read(path)
    except OSError as error:
        raise PantauError(
            f"{path}: cannot be read ({error.strerror or error}); check its permissions."
        ) from error
    if not log.captures and not log.track:
        raise PantauError(
            f"{path}: is {known.name}, but tells no photo and no position with a time; "
            "give the log of the flight that took the photos."
        )
    return log


def event_files_beside(photo_files: Iterable[Path]) -> list[Path]:
    """DJI's event files in the photos' folders, which belong to the photos beside them."""
    folders = dict.fromkeys(file.parent for file in photo_files)
    return [
        file
        for folder in folders
        if folder.is_dir()
        for file in sorted(folder.iterdir())
        if file.suffix.lower() == ".mrk" and not file.name.startswith(".") and file.is_file()
    ]
