"""Association and fusion: whether neighbours are told apart, and what large surveys take."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from pipeline.defects.association import Group, associate
from pipeline.defects.defect_update import update_defects
from pipeline.defects.fusion import fuse_each
from pipeline.register import Register
from pipeline.register.batches import add_sites
from pipeline.sighting import Sighting, frame_around
from tests.benchmarks.drawn_surveys import (
    Damages,
    along_streets,
    enter,
    everywhere,
    feet_along,
    looks,
    sightings_of,
    street_sites,
)
from tests.benchmarks.figure import Figure
from tests.benchmarks.large_photos import peak_mb

_SEED = 20
_TELLING_APART = 100
_FEET_M = np.column_stack([np.arange(-9.0, 9.0, 3.0), np.zeros(6)])
_NEIGHBOURS_M = {
    "a pothole in six photos": ([[0, 0]], 1),
    "a pothole in two flights": ([[0, 0]], 2),
    "two potholes 0.8 m apart": ([[0, 0], [0.8, 0]], 1),
    "two potholes 1.5 m apart": ([[0, 0], [1.5, 0]], 1),
    "three potholes in a row 1 m apart": ([[0, 0], [1, 0], [2, 0]], 1),
    "four potholes some 3 m apart, two flights": ([[0, 0], [3, 0], [6, 1], [4, -3]], 2),
}
_STREETS, _STREETS_OF_REGISTER = 20, 2  # some 100,000 and 10,000 observations
_CROWDED, _CROWDED_M = 500, 8.0


def figures() -> Iterator[Figure]:
    """Tell neighbours apart in drawn surveys without RTK; then time large ones, each in its own process."""
    for name, (places_m, flights) in _NEIGHBOURS_M.items():
        right = [_told_apart(places_m, flights, seed) for seed in range(_TELLING_APART)]
        yield Figure(f"{name}: told apart, none mixed up", 100 * float(np.mean(right)), "%")
    for what in ("register", "streets", "crowd"):
        command = [sys.executable, "-m", "tests.benchmarks.bench_association", what]
        measured = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
        yield from (Figure(name, value, unit) for name, value, unit in measured)


def _told_apart(places_m: list[list[float]], flights: int, seed: int) -> bool:
    """Whether each damage became one defect of all its sightings and no other's."""
    rng = np.random.default_rng([_SEED, seed])
    damages = Damages(np.array(places_m, dtype=float), np.zeros(len(places_m), dtype=np.intp))
    seen = [look for flight in range(flights) for look in looks(damages, _FEET_M, rng, flight)]
    groups = associate(sightings_of(seen))
    return len(groups) == len(places_m) and all(len(_damages_of(group)) == 1 for group in groups)


def _damages_of(group: Group) -> set[str]:
    return {member.id.rpartition("-")[2] for member in group.members}


def _of_register() -> Iterator[tuple[str, float, str]]:
    """Two surveys of the same streets, as `pantau inspect` enters them."""
    rng = np.random.default_rng(_SEED)
    damages, feet_m = along_streets(_STREETS_OF_REGISTER, rng), feet_along(_STREETS_OF_REGISTER)
    with TemporaryDirectory() as folder, Register.open(Path(folder) / "register.db", create=True) as register:
        with register.transaction() as db:
            add_sites(db, street_sites(_STREETS_OF_REGISTER))
        for name in ("first", "second"):
            survey = list(looks(damages, feet_m, rng, name == "second"))
            count = sum(len(look.observations) for look in survey)
            entering_s = _cpu_s(lambda survey=survey, name=name: enter(register, survey, name))
            yield f"{name} survey, {count:,} observations entered into a register", entering_s, "s CPU"
            before_mb = peak_mb()
            yield f"{name} survey: its defects brought up to date", _cpu_s(lambda: _update(register)), "s CPU"
            yield f"{name} survey: memory that takes", peak_mb() - before_mb, "MB"
        yield "brought up to date again without news", _cpu_s(lambda: _update(register)), "s CPU"


def _update(register: Register) -> None:
    with register.transaction() as db:
        update_defects(db)


def _of_streets() -> Iterator[tuple[str, float, str]]:
    rng = np.random.default_rng(_SEED)
    return _of(sightings_of(looks(along_streets(_STREETS, rng), feet_along(_STREETS), rng)), "on streets")


def _of_crowd() -> Iterator[tuple[str, float, str]]:
    rng = np.random.default_rng(_SEED)
    crowd = looks(everywhere(_CROWDED, _CROWDED_M / 2, rng), _FEET_M, rng)
    return _of(sightings_of(crowd), "within 8 m of each other")


def _of(seen: list[Sighting], where: str) -> Iterator[tuple[str, float, str]]:
    """Associate sightings and fuse them."""
    before_mb, began_s = peak_mb(), time.process_time()
    groups = associate(seen)
    fuse_each([group.members for group in groups], frame_around(seen))
    yield f"{len(seen):,} sightings {where} to defects", time.process_time() - began_s, "s CPU"
    yield f"{len(seen):,} sightings {where}: memory that takes", peak_mb() - before_mb, "MB"


def _cpu_s(work: Callable[[], None]) -> float:
    began_s = time.process_time()
    work()
    return time.process_time() - began_s


if __name__ == "__main__":
    measured_of = {"register": _of_register, "streets": _of_streets, "crowd": _of_crowd}
    print(json.dumps(list(measured_of[sys.argv[1]]())))
