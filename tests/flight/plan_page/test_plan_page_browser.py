"""plan.html in a real browser: it draws, and its policy lets its own script run."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from flight.plan_page.page import write_plan_page
from flight.planning.plan import Plan

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
# No sandbox, since tests may run as root in a container; nothing that speaks to the network.
OPTIONS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--virtual-time-budget=3000",
    "--enable-logging=stderr",
)  # fmt: skip


@pytest.mark.slow
def test_the_plan_runs_in_a_browser(rich_plan: Plan, tmp_path: Path) -> None:
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        pytest.skip("needs Chromium or Chrome")
    write_plan_page(rich_plan, tmp_path / "plan.html", "id")
    page = (tmp_path / "plan.html").as_uri()
    words = [browser, *OPTIONS, f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", page]
    done = subprocess.run(words, capture_output=True, text=True, encoding="utf-8", timeout=60)
    assert 'class="scripted"' in done.stdout
    assert 'tabindex="0"' in done.stdout  # the script came to its end
    assert "CONSOLE" not in done.stderr
