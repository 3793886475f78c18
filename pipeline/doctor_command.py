"""`pantau doctor`: is this installation well?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from vision.console import AsJson, Quiet, Verbose, emit
from vision.errors import PantauError

if TYPE_CHECKING:
    from vision.environment import Check

EXAMPLES = """\b
Examples:
  pantau doctor
  pantau doctor --json
"""

_MODULES = ("cv2", "openvino", "pyogrio", "pyproj", "shapely", "pyvrp", "jinja2")


def add_commands(app: typer.Typer, more_imports: Mapping[str, Callable[[], object]] | None = None) -> None:
    """Add `doctor`; `more_imports` are what the layers above need, by name."""

    @app.command(epilog=EXAMPLES)
    def doctor(as_json: AsJson = False, verbose: Verbose = False, quiet: Quiet = False) -> None:
        """Check this installation: Python, libraries, the model, the link to vehicles.

        Every check that fails names its remedy. Exit code 1 when one fails.
        """
        checks = _checks(more_imports or {})
        emit({"checks": [asdict(check) for check in checks]}, as_json, lambda: _table(checks))
        if not all(check.ok for check in checks):
            raise typer.Exit(1)


def _checks(more_imports: Mapping[str, Callable[[], object]]) -> list[Check]:
    from vision import environment

    return [
        environment.check_python(),
        environment.check_requirements("pantau"),
        environment.check_opencv_builds(),
        *(environment.check_import(module) for module in _MODULES),
        *(environment.check_works(name, action) for name, action in more_imports.items()),
        _check_detector(),
    ]


def _check_detector() -> Check:
    from vision.environment import REINSTALL, Check

    name = "detector"
    try:
        import numpy as np

        from models.catalogue import open_detector

        opened = open_detector()
        opened.detector.detect(np.full((512, 512, 3), 128, np.uint8))
    except (PantauError, ImportError, RuntimeError) as error:
        return Check(name, False, str(error).splitlines()[0], REINSTALL)
    return Check(name, True, f"{opened.name} reads a picture")


def _table(checks: Sequence[Check]) -> str:
    width = max(len(check.name) for check in checks)
    lines = [f"{'ok  ' if check.ok else 'FAIL'} {check.name:<{width}}  {check.detail}" for check in checks]
    remedies = [f"→ {check.name}: {check.remedy}" for check in checks if not check.ok]
    return "\n".join(lines + remedies)
