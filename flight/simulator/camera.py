"""The simulated camera: develops exposures over a district into photo files."""

from __future__ import annotations

import hashlib
import os
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import cv2
import numpy as np

from flight.simulator.district import District
from flight.simulator.exposure import Exposure
from flight.simulator.ground_rendering import Ground
from flight.simulator.photo_rendering import render_photo
from flight.simulator.photo_writing import PhotoMetadata, is_complete_photo, write_photo
from flight.simulator.sensor_errors import measure
from vision.camera import Camera

# Fewer photos are developed sooner than a second process has started.
_WORTH_A_PROCESS = 6


@dataclass(frozen=True)
class _Order:
    """One photo to develop."""

    exposure: Exposure
    metadata: PhotoMetadata
    path: Path


def develop_photos(
    exposures: Sequence[Exposure],
    district: District,
    camera: Camera,
    folder: Path,
    *,
    seed: int,
    prefix: str = "",
    measured: Mapping[int, tuple[float, float, float]] | None = None,
    on_done: Callable[[Path], None] | None = None,
    processes: int | None = None,
) -> list[Path]:
    """Write one JPEG file per exposure into the folder, `{prefix}PANTAU_0001.JPG` and so on.

    The pictures show the ground from the true poses; the metadata say what the drone measured:
    `measured` (lat, lon, height above take-off) by photo number where the flight log has it, else
    the truth with seeded errors (see `sensor_errors`). Photos that are there already are kept.
    Returns all paths in the order of the exposures; calls `on_done` after each photo, in any order.
    Uses two processes at most (`processes`), about 0.6 GB of memory each.
    """
    folder.mkdir(parents=True, exist_ok=True)
    places = measured or {}
    what = _fingerprint(district, camera, seed)
    ids = [_photo_id(what, exposure, places.get(exposure.number)) for exposure in exposures]
    orders = [
        _Order(exposure, metadata, folder / f"{prefix}PANTAU_{exposure.number:04d}.JPG")
        for exposure, metadata in zip(exposures, measure(exposures, ids, seed, measured), strict=True)
    ]
    missing = [order for order in orders if not is_complete_photo(order.path, order.metadata.id)]
    done = on_done or (lambda path: None)
    for order in orders:
        if order not in missing:
            done(order.path)
    count = min(2, os.cpu_count() or 1) if processes is None else processes
    for path in _develop_all(missing, district, camera, seed, count):
        done(path)
    return [order.path for order in orders]


def _fingerprint(district: District, camera: Camera, seed: int) -> str:
    """What all photos of a flight depend on, in short."""
    damages = [(damage.kind, damage.geometry_m.wkt, damage.seed) for damage in district.damages]
    surfaces = [(surface.outline_m.wkt, surface.seed) for surface in district.surfaces]
    return hashlib.sha256(repr((damages, surfaces, district.seed, camera, seed)).encode()).hexdigest()


def _photo_id(what: str, exposure: Exposure, measured: tuple[float, float, float] | None) -> str:
    """32 hexadecimal digits that stand for all that a photo shows and says."""
    return hashlib.sha256(f"{what} {exposure.to_json()} {measured}".encode()).hexdigest()[:32]


def _develop_all(
    orders: Sequence[_Order], district: District, camera: Camera, seed: int, processes: int
) -> Iterator[Path]:
    if processes < 2 or len(orders) < _WORTH_A_PROCESS:
        darkroom = _Darkroom(district, camera, seed)
        yield from map(darkroom.develop, orders)
        return
    # Each process has its own half of the district, so that hardly any ground is rendered twice.
    # New interpreters, not forks: the program may run threads (vehicle link, inference).
    pools = [
        ProcessPoolExecutor(
            1, mp_context=get_context("spawn"), initializer=_open_darkroom, initargs=(district, camera, seed)
        )
        for _ in range(2)
    ]
    try:
        futures: list[Future[Path]] = []
        for pool, half in zip(pools, _halves(orders, district), strict=True):
            futures += [pool.submit(_develop_here, order) for order in half]
        for future in as_completed(futures):
            yield future.result()
    finally:
        for pool in pools:
            pool.shutdown(cancel_futures=True)


def _halves(orders: Sequence[_Order], district: District) -> tuple[list[_Order], list[_Order]]:
    """The photos on either side of the district's middle, across its longer extent, in order."""
    places = np.vstack([district.frame.to_metres(order.exposure.lat, order.exposure.lon) for order in orders])
    spread, directions = np.linalg.eigh(np.cov(places.T))
    along = places @ directions[:, spread.argmax()]
    first = set(np.argsort(along, kind="stable")[: len(orders) // 2].tolist())
    halves: tuple[list[_Order], list[_Order]] = [], []
    for number, order in enumerate(orders):
        halves[0 if number in first else 1].append(order)
    return halves


class _Darkroom:
    """Develops photos of one district, and keeps the ground that it has rendered."""

    def __init__(self, district: District, camera: Camera, seed: int) -> None:
        self._district, self._camera, self._seed = district, camera, seed
        self._ground = Ground(district)

    def develop(self, order: _Order) -> Path:
        picture = render_photo(order.exposure, self._district, self._ground, self._camera, self._seed)
        write_photo(order.path, picture, self._camera, order.metadata)
        return order.path


_darkroom: _Darkroom | None = None  # of this worker process


def _open_darkroom(district: District, camera: Camera, seed: int) -> None:
    global _darkroom
    cv2.setNumThreads(1)
    # An interrupt is the parent's to handle: it lets the photo in hand finish and cancels the rest.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _darkroom = _Darkroom(district, camera, seed)


def _develop_here(order: _Order) -> Path:
    assert _darkroom is not None
    return _darkroom.develop(order)
