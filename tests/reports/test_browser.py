"""The page in a real browser: it draws, and its policy lets its own script run."""

from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from pipeline.register import Register
from reports.report import write_report


@pytest.mark.slow
def test_the_page_runs_in_a_browser(
    sample_register: Path, tmp_path: Path, browse: Callable[[Path], CompletedProcess[str]]
) -> None:
    with Register.open(sample_register, read_only=True) as register:
        files = write_report(register, tmp_path / "report")
    done = browse(files.folder / "index.html")
    assert 'class="scripted"' in done.stdout
    assert "20 dari 20 kerusakan ditampilkan" in done.stdout
    assert "CONSOLE" not in done.stderr
