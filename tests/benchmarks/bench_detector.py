"""The shipped detector: its scores on pictures it has never seen, and its speed."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from models.catalogue import open_detector
from models.kinds import ROAD_KINDS, labels_of
from models.labelled.dataset import pictures_of_part
from models.labelled.pictures import read_voc_folder
from models.scoring.average_precision import LOWEST_THRESHOLD, read_all, score
from pipeline.geotag import ground_sample_distance_cm
from pipeline.photo import Photo
from pipeline.photo_reading import read_photo
from tests.benchmarks.figure import Figure
from vision.decoding import Undecodable, read_picture

SHARED = Path(__file__).resolve().parents[3] / "shared"
FIRST_TRAINING_MAP50 = 0.431


def figures() -> Iterator[Figure]:
    """Score on the val part of the drone tiles, and time real photos; nothing without the data."""
    folder = SHARED / "data/road-damage/drone"
    if not folder.is_dir():
        return
    opened = open_detector()
    # Average precision needs the candidates below the shipped thresholds too.
    eager = open_detector(thresholds=dict.fromkeys(opened.thresholds, LOWEST_THRESHOLD))
    pictures = pictures_of_part(folder, read_voc_folder(folder, labels_of(ROAD_KINDS)), "val")
    scores = score(read_all(eager.detector, pictures), opened.thresholds)
    beaten = scores.map50 > FIRST_TRAINING_MAP50
    yield Figure(
        f"mAP50 on {scores.pictures} val tiles", scores.map50, "", f"> {FIRST_TRAINING_MAP50}", beaten
    )
    yield Figure("mAP50-95", scores.map50_95, "")
    for kind in scores.per_kind:
        yield Figure(f"AP50 {kind.kind}", kind.ap50 or 0.0, "")
        yield Figure(f"F1 {kind.kind}, at the shipped threshold", kind.f1 or 0.0, "")
    yield Figure("decoding and reading a 9 MP photo, both cores", _seconds_per_photo(), "s")


def _seconds_per_photo() -> float:
    detector = open_detector().detector
    files = sorted((SHARED / "data/photos/brighton-beach").glob("*.JPG"))[:3]
    photos = [photo for photo in map(read_photo, files) if isinstance(photo, Photo)]
    start_s = time.perf_counter()
    for photo in photos:
        picture = read_picture(photo.path)
        assert not isinstance(picture, Undecodable)
        detector.detect(picture, gsd_cm=ground_sample_distance_cm(photo))
    return (time.perf_counter() - start_s) / len(photos)
