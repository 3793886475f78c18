"""Size of an installation without extras, and how fast the command answers."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.figure import Figure, at_most

ROOT = Path(__file__).resolve().parents[2]


def figures() -> Iterator[Figure]:
    """Install into a fresh environment and look."""
    with tempfile.TemporaryDirectory() as folder:
        environment = Path(folder) / "venv"
        venv.create(environment, with_pip=True)
        scripts = environment / ("Scripts" if sys.platform == "win32" else "bin")
        before_mb = _size_mb(environment)
        subprocess.run([scripts / "python", "-m", "pip", "install", "--quiet", str(ROOT)], check=True)
        yield at_most("installed size without extras", _size_mb(environment) - before_mb, "MB", 800)
        help_s = statistics.median(_seconds([scripts / "pantau", "--help"]) for _ in range(7))
        yield at_most("pantau --help, median of 7", help_s, "s", 0.3)


def _size_mb(folder: Path) -> float:
    return sum(file.lstat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6


def _seconds(command: list[Path | str]) -> float:
    start_s = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start_s
