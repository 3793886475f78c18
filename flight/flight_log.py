"""The log of a flight: `sortie-01.flight.jsonl`, one JSON object a line, written as it happens.

    {"time": "2026-11-22T04:21:42.339+00:00", "event": "photo", "lat": -6.3, "lon": 106.84,
     "alt_rel_m": 20.0, "yaw_deg": 90.1, "pitch_deg": -90.0, "roll_deg": 0.0, "photo": 7}

`time` is the vehicle's UTC, `alt_rel_m` is above the take-off point, positions are as the vehicle
measured them. With event `photo` the angles are the camera's (as in `vision.attitude`; pitch and roll
missing where no gimbal told them), with all others the vehicle's. `image` is the vehicle's own running
count of the photo, `photo` that of the flight. What is not known is left out.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType

EVENTS = (
    "start",  # about to arm
    "armed",
    "launched",
    "position",  # about once a second
    "item",  # the mission item (`text`) being flown now
    "photo",
    "mode",  # the flight mode (`text`) changed
    "said",  # a text of the vehicle
    "attached",  # another process of ours watches on, after the first one died
    "camera_silent",  # no photo where there should have been some
    "failsafe",  # the vehicle acts by itself; why is in `text`
    "link_lost",
    "link_back",
    "trigger_off",  # we switched the camera trigger off
    "paused",  # we told the vehicle to hover
    "continued",  # we told it to go on
    "returning",  # we told the vehicle to return
    "landing",  # we told the vehicle to land where it is
    "hands_off",  # somebody else took over; we only watch
    "disarmed",
    "completed",  # the mission was flown to its end
    "ended",  # the flight is over without that; why is in `text`
)


@dataclass(frozen=True)
class FlightEvent:
    """One line of the log; fields as in the module's description, None where not known."""

    at: datetime
    event: str
    lat: float | None = None
    lon: float | None = None
    alt_rel_m: float | None = None
    yaw_deg: float | None = None
    pitch_deg: float | None = None
    roll_deg: float | None = None
    photo: int | None = None
    image: int | None = None
    text: str | None = None

    def to_json(self) -> str:
        """The line."""
        values: dict[str, object] = {
            "time": self.at.isoformat(timespec="milliseconds"),
            "event": self.event,
            "lat": _rounded(self.lat, 7),
            "lon": _rounded(self.lon, 7),
            "alt_rel_m": _rounded(self.alt_rel_m, 2),
            "yaw_deg": _rounded(self.yaw_deg, 2),
            "pitch_deg": _rounded(self.pitch_deg, 2),
            "roll_deg": _rounded(self.roll_deg, 2),
            "photo": self.photo,
            "image": self.image,
            "text": self.text,
        }
        known = {key: value for key, value in values.items() if value is not None}
        return json.dumps(known, ensure_ascii=False)


class FlightLog:
    """Writes a log, each line at once. An earlier flight's log is kept beside it under another name.

    With `go_on` the same flight's log is written on.
    """

    def __init__(self, file: Path, go_on: bool = False) -> None:
        self.file = file
        if file.exists() and not go_on:
            file.rename(_free_name(file))
        cut_off = go_on and file.exists() and not file.read_bytes().endswith(b"\n")
        self._stream = file.open("a", encoding="utf-8", newline="\n")
        if cut_off:  # by the death of who wrote it
            self._stream.write("\n")

    def write(self, event: FlightEvent) -> None:
        """Add a line."""
        self._stream.write(event.to_json() + "\n")
        self._stream.flush()

    def __enter__(self) -> FlightLog:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stream.close()


def read_flight_log(file: Path) -> list[FlightEvent]:
    """The events of a log; a last line that was cut off (power, crash) is left out."""
    events = []
    for line in file.read_text(encoding="utf-8").split("\n"):  # splitlines() also splits inside texts
        try:
            values = json.loads(line)
        except json.JSONDecodeError:
            continue
        at = datetime.fromisoformat(values.pop("time"))
        events.append(FlightEvent(at, **values))
    return events


def is_complete(file: Path) -> bool:
    """Whether a log exists and tells of a mission that was flown to its end."""
    return file.is_file() and any(event.event == "completed" for event in read_flight_log(file))


def is_open(file: Path) -> bool:
    """Whether a log exists and tells of a flight without telling its end: who wrote it died."""
    events = read_flight_log(file) if file.is_file() else []
    return bool(events) and not any(event.event in ("completed", "ended") for event in events)


def flight_log_of(plan_file: Path) -> Path:
    """Where the log of a sortie's flight belongs: `sortie-01.plan` → `sortie-01.flight.jsonl`."""
    return plan_file.with_name(f"{plan_file.stem}.flight.jsonl")


def _free_name(file: Path) -> Path:
    """`sortie-01.flight.jsonl` → `sortie-01.flight-1.jsonl`, the first number that is free."""
    stem = file.name.removesuffix(".jsonl")
    number = 1
    while (other := file.with_name(f"{stem}-{number}.jsonl")).exists():
        number += 1
    return other


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)
