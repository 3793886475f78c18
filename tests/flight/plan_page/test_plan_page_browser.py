"""plan.html in a real browser: it draws, and its policy lets its own script run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from flight.plan_page.page import write_plan_page
from flight.planning.plan import Plan


@pytest.mark.slow
def test_the_plan_runs_in_a_browser(
    rich_plan: Plan, tmp_path: Path, browse: Callable[[Path], CompletedProcess[str]]
) -> None:
    write_plan_page(rich_plan, tmp_path / "plan.html", "id")
    done = browse(tmp_path / "plan.html")
    assert 'class="scripted"' in done.stdout
    assert 'tabindex="0"' in done.stdout  # the script came to its end
    assert "CONSOLE" not in done.stderr
