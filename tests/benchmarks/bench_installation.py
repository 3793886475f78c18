"""Size of an installation without extras, and how fast the command answers."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.benchmarks.figure import Figure, at_most

ROOT = Path(__file__).resolve().parents[2]


def figures() -> Iterator[Figure]:
    """Install into fresh environments and look."""
    with tempfile.TemporaryDirectory() as folder:
        scripts, size_mb = _install(Path(folder) / "default")
        yield at_most("installed size without extras, as pip does it", size_mb(), "MB", 800)
        help_s = statistics.median(_seconds([scripts / "pantau", "--help"]) for _ in range(7))
        yield at_most("pantau --help, median of 7", help_s, "s", 0.3)
        scripts, size_mb = _install(Path(folder) / "lean", "--no-compile")
        subprocess.run([scripts / "pantau", "doctor"], check=True, stdout=subprocess.DEVNULL)
        yield at_most("the same with pip's --no-compile, after first use", size_mb(), "MB", 800)


def _install(environment: Path, *options: str) -> tuple[Path, Callable[[], float]]:
    """Where the commands lie, and what asks for the size of what was installed."""
    venv.create(environment, with_pip=True)
    scripts = environment / ("Scripts" if sys.platform == "win32" else "bin")
    before_mb = _size_mb(environment)
    subprocess.run([scripts / "python", "-m", "pip", "install", "--quiet", *options, str(ROOT)], check=True)
    return scripts, lambda: _size_mb(environment) - before_mb


def _size_mb(folder: Path) -> float:
    return sum(file.lstat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6


def _seconds(command: list[Path | str]) -> float:
    start_s = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start_s
