"""Photo quality: good photos and tiles that are rejected, and blurred ones that are caught."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from pipeline.geotagging.geotag import ground_sample_distance_cm
from pipeline.metadata.photo_reading import read_photo
from pipeline.photo import Photo
from tests.benchmarks.figure import Figure, at_least, at_most
from tests.benchmarks.fit_blur_weights import BLURS_PX, ROAD_DAMAGE, fitting_pictures
from tests.vision.degraded_photos import degraded, moved, out_of_focus
from vision.decoding import read_picture
from vision.detector import Picture
from vision.photo_quality import READING_GSD_CM, judge_quality

PHOTOS = ROAD_DAMAGE.parent / "photos"
EVERY = 3  # of the pictures that the weights were not fitted on


def figures() -> Iterator[Figure]:
    """False rejections and catches; nothing without the data."""
    if not ROAD_DAMAGE.is_dir():
        return
    cv2.setNumThreads(1)
    yield from good_tiles()
    yield from blurred_tiles()
    yield from photos()
    yield cost()


def unseen_pictures() -> list[Path]:
    """Tiles and photos of the road data that the weights were not fitted on, val included."""
    folders = ("drone", "motorbike", "forward-view")
    pictures = [path for of in folders for path in sorted((ROAD_DAMAGE / of / "images").glob("*.jpg"))]
    seen = set(fitting_pictures())
    return [path for path in pictures if path not in seen][::EVERY]


def good_tiles() -> Iterator[Figure]:
    """Tiles as they are; some are blurred indeed, which counts against us here."""
    faults = [judge_quality(cv2.imread(str(path))).faults for path in unseen_pictures()]
    rejected = 100 * np.mean([bool({"blurred", "overexposed", "underexposed"} & {*of}) for of in faults])
    weak = 100 * np.mean([bool(of) for of in faults]) - rejected
    yield at_most(f"good tiles rejected, of {len(faults)}", float(rejected), "%", 1)
    yield Figure("good tiles with a remark", float(weak), "%")


def blurred_tiles() -> Iterator[Figure]:
    """Tiles blurred on purpose, with noise and compression, half by motion and half out of focus."""
    rng = np.random.default_rng(2026)
    pictures = unseen_pictures()
    for size_px in BLURS_PX:
        blurs = []
        for number, path in enumerate(pictures[:: len(BLURS_PX)]):
            kernel = moved(size_px, rng.uniform(0, np.pi)) if number % 2 else out_of_focus(size_px)
            blurs.append(judge_quality(degraded(cv2.imread(str(path)), kernel, rng)).faults)
        caught = 100 * np.mean(["blurred" in of or "slightly_blurred" in of for of in blurs])
        rejected = 100 * np.mean(["blurred" in of for of in blurs])
        yield at_least(f"tiles blurred by {size_px} px noticed, of {len(blurs)}", float(caught), "%", 95)
        yield Figure(f"tiles blurred by {size_px} px rejected", float(rejected), "%")


def photos() -> Iterator[Figure]:
    """Whole photos of several makers, as they are and blurred at the resolution they are read at."""
    rng = np.random.default_rng(2026)
    rejected, caught, rejected_blurred = [], {4: [], 8: []}, {4: [], 8: []}
    for path in sorted(path for path in PHOTOS.rglob("*") if path.suffix.lower() == ".jpg"):
        picture = read_picture(path)
        if not isinstance(picture, np.ndarray):
            continue
        photo = read_photo(path)
        gsd_cm = ground_sample_distance_cm(photo) if isinstance(photo, Photo) else None
        rejected.append("blurred" in judge_quality(picture, gsd_cm).faults)
        shrunk = min(1.0, (gsd_cm or READING_GSD_CM) / READING_GSD_CM)
        for size_px in caught:
            for kernel in (moved(size_px / shrunk, rng.uniform(0, np.pi)), out_of_focus(size_px / shrunk)):
                faults = judge_quality(degraded(picture, kernel, rng), gsd_cm).faults
                caught[size_px].append("blurred" in faults or "slightly_blurred" in faults)
                rejected_blurred[size_px].append("blurred" in faults)
    yield at_most(f"good photos rejected, of {len(rejected)}", 100 * float(np.mean(rejected)), "%", 1)
    for size_px, noticed in caught.items():
        name = f"photos blurred by {size_px} px"
        yield at_least(f"{name} noticed, of {len(noticed)}", 100 * float(np.mean(noticed)), "%", 95)
        yield Figure(f"{name} rejected", 100 * float(np.mean(rejected_blurred[size_px])), "%")


def cost() -> Figure:
    """The time of a 20 MP photo."""
    picture: Picture = np.random.default_rng(0).integers(0, 255, (3648, 5472, 3), dtype=np.uint8)
    judge_quality(picture, 0.5)
    start_s = time.process_time()
    for _ in range(5):
        judge_quality(picture, 0.5)
    return at_most("judging a 20 MP photo", 200 * (time.process_time() - start_s), "ms", 25)
