"""What all tests share."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess, run

import pytest
from hypothesis import settings

# pymavlink chooses its protocol version when it is first imported, and dronekit's link needs the second.
# Whichever test imports it first must not choose for the others.
os.environ["MAVLINK20"] = "1"

# How long an example takes says more about the machine than about the code. In CI the examples are the
# same for the same code, so that it judges the change and not the luck of a draw; elsewhere they vary.
settings.register_profile("pantau", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("pantau")

SHARED = Path(__file__).resolve().parents[2] / "shared"

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
# No sandbox, since tests may run as root in a container; nothing that speaks to the network.
BROWSER_OPTIONS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--virtual-time-budget=3000",
    "--enable-logging=stderr",
)  # fmt: skip


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real data beside the checkout; the test is skipped where it is absent."""
    if not (SHARED / "data").is_dir():
        pytest.skip(f"needs real data in {SHARED}")
    return SHARED


@pytest.fixture
def browse(tmp_path: Path) -> Callable[[Path], CompletedProcess[str]]:
    """Opens a page in a real browser: its document on stdout, what its console said on stderr."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        pytest.skip("needs Chromium or Chrome")

    def open_page(page: Path) -> CompletedProcess[str]:
        profile = f"--user-data-dir={tmp_path / 'profile'}"
        words = [browser, *BROWSER_OPTIONS, profile, "--dump-dom", page.as_uri()]
        return run(words, capture_output=True, text=True, encoding="utf-8", timeout=60)

    return open_page
