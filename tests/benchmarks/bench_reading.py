"""Reading photos: against SAHI + ultralytics, the gain of reading the sites alone, memory, start-up."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from models.catalogue import open_detector
from pipeline.geotagging.geotag import ground_sample_distance_cm, observe
from pipeline.inspecting.photo_verdict import quality_verdict
from pipeline.inspecting.reading_area import site_areas_px
from pipeline.photo import Photo
from pipeline.sites.siting import SiteShape, may_lie_on_sites
from tests.benchmarks.figure import Figure, at_most
from tests.benchmarks.large_photos import write_large
from tests.benchmarks.simulated_photos import SimulatedRoad
from tests.benchmarks.site_tiling import site_tiling
from tests.benchmarks.timing import medians
from vision.decoding import read_picture
from vision.detector import Detections, Detector, Picture
from vision.shapes import outline_damage

_COMMAND = "from pantau import main; main()"
_FIRST_TILE = (
    "import numpy; from models.catalogue import open_detector; "
    "open_detector().detector.detect(numpy.zeros((544, 544, 3), numpy.uint8))"
)


def figures() -> Iterator[Figure]:
    """Time on photos of 20 megapixels; on a machine that does nothing else."""
    with tempfile.TemporaryDirectory() as folder:
        road = SimulatedRoad()
        photo = road.photograph(Path(folder), 1, 0.3, 1.0)
        yield from _stages(photo, road.shapes)
        for gsd_cm in (0.5, 1.0, 2.0):
            photos = [road.photograph(Path(folder), 2 + i, at, gsd_cm) for i, at in enumerate((0.35, 0.6))]
            yield from site_tiling(photos, road.shapes, road.damages, gsd_cm)
        # After it OpenCV computes on one core only: ultralytics sees to that when it is imported.
        yield from _against_sahi(photo.path, Path(folder))
        yield from _memory(photo.path, Path(folder))
    yield at_most("pantau --help", _seconds_of(_COMMAND, "--help"), "s", 0.3)
    yield Figure("from start until the first tile is read", _seconds_of(_FIRST_TILE), "s")


def _stages(photo: Photo, shapes: Sequence[SiteShape]) -> Iterator[Figure]:
    """Where the time goes in one photo that is read as a whole."""
    detector = open_detector().detector
    picture = _pixels(photo.path)
    gsd_cm = ground_sample_distance_cm(photo)
    found = detector.detect(picture, gsd_cm=gsd_cm)
    outlined = outline_damage(picture, found)
    stages: dict[str, Callable[[], object]] = {
        "decoding": lambda: read_picture(photo.path),
        "judging its quality": lambda: quality_verdict(photo, picture),
        "finding the sites in it": lambda: site_areas_px(photo, shapes),
        "detecting": lambda: detector.detect(picture, gsd_cm=gsd_cm),
        f"outlining {len(found)} detections": lambda: outline_damage(picture, found),
        "putting them on the ground": lambda: may_lie_on_sites(observe(photo, outlined), shapes),
    }
    for (name, _), (wall_s, cpu_s) in zip(stages.items(), medians(list(stages.values())), strict=True):
        yield Figure(f"a 20 MP photo at 1 cm, {name}", wall_s * 1e3, f"ms ({cpu_s * 1e3:.0f} of CPU)")


def _against_sahi(file: Path, folder: Path) -> Iterator[Figure]:
    """The same weights, tile size, overlap and pixels: decoded and read, nothing resampled."""
    from tests.benchmarks.sahi_reading import TWO_VIEWS, missing, sahi_reader, same_weights

    if missing():
        print(f"  against SAHI + ultralytics: not measured, {missing()}", flush=True)
        return
    detectors = same_weights(folder)
    readers = [sahi_reader(), *(_reader(detector) for detector in detectors.values())]
    (sahi_s, sahi_cpu_s), *ours = medians([lambda read=read: read(file) for read in readers])
    yield Figure("SAHI + ultralytics, both cores, a 20 MP photo", sahi_s, f"s ({sahi_cpu_s:.1f} of CPU)")
    for name, (wall_s, cpu_s) in zip(detectors, ours, strict=True):
        yield Figure(f"Pantau {name}, the same weights and pixels", wall_s, f"s ({cpu_s:.1f} of CPU)")
        faster = sahi_s / wall_s
        if name.endswith(TWO_VIEWS):  # it reads each pixel twice, for better scores
            yield Figure(f"times faster, {name}", faster, "×")
        else:
            yield Figure(f"times faster, {name}", faster, "×", "≥ 3", faster >= 3)


def _reader(detector: Detector) -> Callable[[Path], Detections]:
    return lambda file: detector.detect(_pixels(file))


def _memory(photo_file: Path, folder: Path) -> Iterator[Figure]:
    """The most memory of an inspection of photos of 48 megapixels, in a process of its own."""
    if sys.platform == "win32":
        print("  peak memory: not measured on Windows", flush=True)
        return
    write_large(photo_file, folder)
    words = [sys.executable, "-m", "tests.benchmarks.large_photos", str(folder)]
    for name, sites in (("as a whole", "whole"), ("on their sites", "sites")):
        told = subprocess.run([*words, sites], check=True, capture_output=True, text=True).stdout
        yield at_most(f"peak memory, inspecting photos of 48 MP {name}", float(told) / 1000, "GB", 1.5)


def _seconds_of(code: str, *words: str) -> float:
    def start() -> None:
        subprocess.run([sys.executable, "-c", code, *words], check=True, stdout=subprocess.DEVNULL)

    ((wall_s, _),) = medians([start])
    return wall_s


def _pixels(file: Path) -> Picture:
    picture = read_picture(file)
    assert isinstance(picture, np.ndarray), picture
    return picture
