"""Prints every figure that we claim: `python -m tests.benchmarks [part of a name …]`."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path


def main(wanted: list[str]) -> None:
    """Run the benchmarks whose names contain one of `wanted`, or all."""
    for file in sorted(Path(__file__).parent.glob("bench_*.py")):
        if wanted and not any(word in file.stem for word in wanted):
            continue
        benchmark = importlib.import_module(f"tests.benchmarks.{file.stem}")
        print(f"\n{benchmark.__doc__.splitlines()[0]}   [python -m tests.benchmarks {file.stem}]", flush=True)
        for figure in benchmark.figures():
            print(f"  {figure.line()}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
