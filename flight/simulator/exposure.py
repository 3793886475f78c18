"""Exposures: the moments at which the simulated camera's shutter opened, as they truly were."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path


@dataclass(frozen=True)
class Exposure:
    """One photo taken: number (from 1), UTC time, true position and true camera attitude.

    `alt_rel_m` is above the take-off point. Angles as in `vision.attitude`.
    """

    number: int
    at: datetime
    lat: float
    lon: float
    alt_rel_m: float
    yaw_deg: float
    pitch_deg: float
    roll_deg: float

    def to_json(self) -> str:
        """One line of an exposures file."""
        return json.dumps(asdict(self) | {"at": self.at.isoformat()})


def read_exposures(file: Path) -> list[Exposure]:
    """Read a file of exposures, one JSON object a line, in the order in which they were taken."""
    rows: Iterable[dict[str, object]] = map(json.loads, file.read_text(encoding="utf-8").splitlines())
    return [Exposure(**row | {"at": datetime.fromisoformat(str(row["at"]))}) for row in rows]  # type: ignore[arg-type]
