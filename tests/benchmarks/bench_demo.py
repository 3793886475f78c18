"""The whole chain on the simulated district: time, and what was found of what was there."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.figure import Figure, at_most


def figures() -> Iterator[Figure]:
    """Run `pantau demo` of this environment for two seeds."""
    for seed in (1, 2):
        result = _demo(seed)
        total = result["score"]["total"]
        yield at_most(f"pantau demo --seed {seed}", result["seconds"], "s", 300)
        yield Figure(f"  found, of {total['there']} damages photographed", total["found"], "")
        yield Figure("  found, taken for another kind", total["found_other_kind"], "")
        yield Figure("  false findings", total["false"], "")
        error_m = result["score"]["position_error_m"]["to_centre"]["median"]
        yield Figure("  position error to the damage's centre, median", error_m or 0.0, "m")


def _demo(seed: int) -> dict:
    with tempfile.TemporaryDirectory() as folder:
        script = Path(sys.executable).parent / ("pantau.exe" if sys.platform == "win32" else "pantau")
        words = ["demo", "-o", f"{folder}/demo", "--seed", str(seed), "--json", "--quiet"]
        done = subprocess.run([script, *words], capture_output=True, encoding="utf-8", check=True)
        return json.loads(done.stdout)
