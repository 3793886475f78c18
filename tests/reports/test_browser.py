"""The page in a real browser: it draws, and its policy lets its own script run."""

import shutil
import subprocess
from pathlib import Path

import pytest

from pipeline.register import Register
from reports.report import write_report

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
# No sandbox, since tests may run as root in a container; nothing that speaks to the network.
OPTIONS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--virtual-time-budget=3000",
    "--enable-logging=stderr",
)  # fmt: skip


@pytest.mark.slow
def test_the_page_runs_in_a_browser(sample_register: Path, tmp_path: Path) -> None:
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        pytest.skip("needs Chromium or Chrome")
    with Register.open(sample_register, read_only=True) as register:
        files = write_report(register, tmp_path / "report")
    page = (files.folder / "index.html").as_uri()
    words = [browser, *OPTIONS, f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", page]
    done = subprocess.run(words, capture_output=True, text=True, encoding="utf-8", timeout=60)
    assert 'class="scripted"' in done.stdout
    assert "20 dari 20 kerusakan ditampilkan" in done.stdout
    assert "CONSOLE" not in done.stderr
