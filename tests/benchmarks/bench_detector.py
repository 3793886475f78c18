"""The shipped detector: its scores on pictures it has never seen, and its speed."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

from models.catalogue import DEFAULT_MODEL, find_model, open_detector
from models.folder import CROSS_VALIDATION
from models.kinds import ROAD_KINDS, labels_of
from models.labelled.dataset import OVERLAP_GROUPS, pictures_of_part, read_groups
from models.labelled.reading import read_labelled_folder
from models.scoring.average_precision import LOWEST_THRESHOLD, Reading, read_all
from models.scoring.background import BackgroundAlarms, count_on_background, read_background
from models.scoring.evaluation import Evaluation, evaluate
from models.scoring.evaluation_text import interval_text
from models.scoring.intervals import Interval
from pipeline.geotagging.geotag import ground_sample_distance_cm
from pipeline.metadata.photo_reading import read_photo
from pipeline.photo import Photo
from tests.benchmarks.figure import Figure
from tests.benchmarks.heights_alike import heights_alike
from vision.decoding import Undecodable, read_picture

SHARED = Path(__file__).resolve().parents[3] / "shared"
# Found by comparing the pictures (`models.labelled.overlap_groups`); the data's own groups miss them.
ON_TRAIN_GROUND = Path(__file__).with_name("val_tiles_on_train_ground.txt")
BACKGROUND_LABELS = Path(__file__).resolve().parents[1] / "models/brighton_beach_damage.json"
MAP50, F1, AP50_OF_EACH_KIND = 0.65, 0.65, 0.55


def figures() -> Iterator[Figure]:
    """Scores with 95 % intervals, false alarms, and the time of real photos; nothing without the data."""
    folder = SHARED / "data/road-damage/drone"
    if not folder.is_dir():
        return
    opened = open_detector()
    readings, groups = _readings(folder), read_groups(folder / OVERLAP_GROUPS)
    yield from _scores(evaluate(readings, opened.thresholds, groups, opened.gsd_cm))
    shown_in_training = set(ON_TRAIN_GROUND.read_text(encoding="utf-8").split())
    apart = [reading for reading in readings if reading.picture.path.stem not in shown_in_training]
    yield from _scores_apart(evaluate(apart, opened.thresholds, groups, opened.gsd_cm))
    yield from heights_alike(opened, folder)
    photos = SHARED / "data/photos/brighton-beach"
    alarms = count_on_background(open_detector().detector, read_background(photos, BACKGROUND_LABELS))
    yield from _false_alarms(alarms)
    yield from _cross_validated(find_model(DEFAULT_MODEL).path / CROSS_VALIDATION)
    yield Figure("decoding and reading a 9 MP photo, both cores", _seconds_per_photo(), "s")


def _readings(folder: Path) -> list[Reading]:
    # Average precision needs the candidates below the shipped thresholds too.
    eager = open_detector(thresholds=dict.fromkeys(open_detector().thresholds, LOWEST_THRESHOLD))
    pictures = pictures_of_part(folder, read_labelled_folder(folder, labels_of(ROAD_KINDS)), "val")
    return read_all(eager.detector, pictures)


def _scores(evaluation: Evaluation) -> Iterator[Figure]:
    scores, intervals = evaluation.scores, evaluation.intervals
    overall = intervals.overall
    yield _at_least(f"mAP50 on {scores.pictures} val tiles", scores.map50, overall["map50"], MAP50)
    yield _at_least("mAP50-95", scores.map50_95, overall["map50_95"])
    yield _at_least("F1 at the shipped thresholds, mean of the kinds", scores.f1, overall["f1"], F1)
    for kind in scores.per_kind:
        own, where = (
            intervals.per_kind[kind.kind],
            f"{kind.boxes} in {intervals.groups_with[kind.kind]} groups",
        )
        yield _at_least(f"AP50 {kind.kind}, {where}", kind.ap50 or 0.0, own["ap50"], AP50_OF_EACH_KIND)
        yield _at_least(f"F1 {kind.kind}", kind.f1, own["f1"])
    alarms = evaluation.false_alarms
    yield _at_least("false alarms off the labelled boxes, a tile", alarms.per_picture, alarms.interval)


def _scores_apart(evaluation: Evaluation) -> Iterator[Figure]:
    """Of the tiles whose ground no training tile shows: the split itself is not quite clean."""
    scores, overall = evaluation.scores, evaluation.intervals.overall
    where = f"on the {scores.pictures} val tiles whose ground no train tile shows"
    yield _at_least(f"mAP50 {where}", scores.map50, overall["map50"])
    yield _at_least(f"F1 {where}, mean of the kinds", scores.f1, overall["f1"])


def _false_alarms(alarms: BackgroundAlarms) -> Iterator[Figure]:
    yield Figure(f"false alarms on {alarms.pictures} whole photos, a photo", alarms.per_picture, "")
    for where, ground in (("on the road", alarms.on_road), ("beside it", alarms.elsewhere)):
        yield Figure(f"  {where}, on 100 m² of {ground.area_m2 or 0:.0f} m²", ground.per_100_m2 or 0.0, "")


def _cross_validated(kept: Path) -> Iterator[Figure]:
    """What `pantau cross-validate --json` printed for the shipped model: an hour of training, kept."""
    document = json.loads(kept.read_text(encoding="utf-8"))
    for name, source in document["sources"].items():
        where = (
            f"{document['kind']}, {document['folds']} folds of all of {name}, kept of `pantau cross-validate`"
        )
        yield _at_least(f"AP50 {where}", source["ap50"], source["ap50_interval"])
        yield Figure(f"F1 {where}", source["f1"], "")


def _at_least(name: str, value: float, interval: Interval | None, aim: float | None = None) -> Figure:
    """A figure with its interval, which should reach its aim where it has one."""
    name = f"{name} ({interval_text(interval)})"
    return Figure(name, value, "") if aim is None else Figure(name, value, "", f"≥ {aim:g}", value >= aim)


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
