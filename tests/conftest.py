"""What all tests share."""

from __future__ import annotations

import os
from pathlib import Path

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


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real data beside the checkout; the test is skipped where it is absent."""
    if not (SHARED / "data").is_dir():
        pytest.skip(f"needs real data in {SHARED}")
    return SHARED
