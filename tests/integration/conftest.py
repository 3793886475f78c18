"""The installed command, run as a person runs it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest


@dataclass(frozen=True)
class Outcome:
    """What a run of the command gave back."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """What `--json` printed."""
        return json.loads(self.out)


Pantau = Callable[..., Outcome]


@pytest.fixture(scope="session")
def pantau() -> Pantau:
    """Run the installed `pantau` with the given words."""
    script = Path(sys.executable).parent / ("pantau.exe" if sys.platform == "win32" else "pantau")

    def run(*words: object, cwd: Path | None = None, timeout_s: float = 240) -> Outcome:
        done = subprocess.run(
            [script, *map(str, words)],
            capture_output=True,
            encoding="utf-8",
            cwd=cwd,
            timeout=timeout_s,
            stdin=subprocess.DEVNULL,
        )
        assert "Traceback" not in done.stderr, done.stderr
        return Outcome(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture
def one_road(tmp_path: Path) -> Path:
    """A sites file with one short road."""
    line = [[106.8400, -6.3000], [106.8404, -6.3000]]
    feature = {
        "type": "Feature",
        "properties": {"name": "Jalan Uji", "highway": "residential", "width": "6"},
        "geometry": {"type": "LineString", "coordinates": line},
    }
    file = tmp_path / "road.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8")
    return file
