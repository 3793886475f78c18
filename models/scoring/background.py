"""False alarms on whole photos: on the road and beside it, where a person marked both.

A labels file is JSON: `{"pictures": [{"image": "a.jpg", "gsd_cm": 1.7, "road_px": [[[x, y], …], …],
"damage": [{"kind": "pothole", "xyxy_px": [left, top, right, bottom]}, …]}, …]}`. `road_px` outlines the
paved ground; `damage` boxes all damage in the picture, so that the file judges any detector. All but
`image` may be missing. Without a file every finding in a folder's pictures is a false alarm.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from shapely import Geometry, Polygon, union_all
from shapely import box as shapely_box

from models.labelled.pictures import PICTURE_SUFFIXES, LabelledBox
from models.scoring.false_alarms import damage_of, off_damage
from vision.decoding import Undecodable, read_picture
from vision.detector import Detector
from vision.errors import PantauError

LABELS = "background.json"
_ON_ROAD_SHARE = 0.5


@dataclass(frozen=True)
class BackgroundPicture:
    """A photo with all the damage in it; `gsd_cm` is None and `road` empty where nobody said."""

    path: Path
    gsd_cm: float | None = None
    road: Geometry = field(default_factory=Polygon)
    damage: tuple[LabelledBox, ...] = ()


@dataclass(frozen=True)
class Alarm:
    """A finding where there is no damage."""

    image: str
    kind: str
    score: float
    xyxy_px: tuple[float, float, float, float]
    on_road: bool


@dataclass(frozen=True)
class Ground:
    """How many false alarms one sort of ground raised, and on how much of it; None where nobody knows."""

    count: int
    per_kind: Mapping[str, int]
    area_m2: float | None
    per_100_m2: float | None


@dataclass(frozen=True)
class BackgroundAlarms:
    """False alarms on whole photos: on the road outside its damage, and on all other ground.

    Without `road_is_marked` nobody said what is road, and all of them are `elsewhere`.
    """

    pictures: int
    road_is_marked: bool
    per_picture: float
    on_road: Ground
    elsewhere: Ground
    alarms: tuple[Alarm, ...]

    def as_document(self) -> dict[str, Any]:
        """The false alarms as plain values."""
        return asdict(self)


def read_background(folder: Path, labels: Path | None = None) -> list[BackgroundPicture]:
    """The photos of a folder with what `labels`, or the folder's own `background.json`, says of them.

    Raises PantauError when the folder has no pictures, or the file cannot be read or names one that
    is not there.
    """
    if labels is None and (folder / LABELS).is_file():
        labels = folder / LABELS
    if labels is not None:
        return _read_labels(folder, labels)
    files = sorted(file for file in folder.glob("*") if file.suffix.lower() in PICTURE_SUFFIXES)
    if not files:
        raise PantauError(f"{folder}: no pictures found; name a folder of photos to count false alarms on.")
    return [BackgroundPicture(file) for file in files]


def count_on_background(
    detector: Detector,
    pictures: Sequence[BackgroundPicture],
    advance: Callable[[int, str], None] = lambda steps, detail: None,
) -> BackgroundAlarms:
    """Let a detector with its shipped thresholds read the photos as an inspection would, and count.

    `advance(1, name)` is called after each. Raises PantauError for a photo that cannot be decoded.
    """
    alarms: list[Alarm] = []
    road_m2, other_m2 = [], []
    for picture in pictures:
        pixels = read_picture(picture.path)
        if isinstance(pixels, Undecodable):
            raise PantauError(f"{picture.path}: cannot be read, {pixels.detail}; take it out.")
        found = detector.detect(pixels, gsd_cm=picture.gsd_cm)
        for index in off_damage(found, damage_of(picture.damage)):
            left, top, right, bottom = (round(float(edge), 1) for edge in found.xyxy_px[index])
            box = (left, top, right, bottom)
            score = round(float(found.score[index]), 4)
            alarms.append(Alarm(picture.path.name, found.kind[index], score, box, _is_on(picture.road, box)))
        bare = picture.road.difference(damage_of(picture.damage)).area
        road_m2.append(_square_metres(bare, picture.gsd_cm))
        rest = pixels.shape[0] * pixels.shape[1] - picture.road.area
        other_m2.append(_square_metres(rest, picture.gsd_cm))
        advance(1, picture.path.name)
    return BackgroundAlarms(
        len(pictures),
        any(not picture.road.is_empty for picture in pictures),
        len(alarms) / max(len(pictures), 1),
        _ground([alarm for alarm in alarms if alarm.on_road], road_m2),
        _ground([alarm for alarm in alarms if not alarm.on_road], other_m2),
        tuple(sorted(alarms, key=lambda alarm: -alarm.score)),
    )


def _read_labels(folder: Path, labels: Path) -> list[BackgroundPicture]:
    try:
        pictures = [
            _picture(folder, entry)
            for entry in json.loads(labels.read_text(encoding="utf-8-sig"))["pictures"]
        ]
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise PantauError(
            f"{labels}: cannot be read as labels of background photos ({error}); correct it."
        ) from error
    missing = [picture.path.name for picture in pictures if not picture.path.is_file()]
    if missing:
        raise PantauError(f"{labels}: names {missing[0]}, which is not in {folder}; give its own folder.")
    if not pictures:
        raise PantauError(f"{labels}: names no picture; name the photos to read.")
    return pictures


def _picture(folder: Path, entry: Mapping[str, Any]) -> BackgroundPicture:
    return BackgroundPicture(
        folder / entry["image"],
        float(entry["gsd_cm"]) if "gsd_cm" in entry else None,
        union_all([Polygon(outline) for outline in entry.get("road_px", ())]),
        tuple(LabelledBox(str(box["kind"]), _corners(box["xyxy_px"])) for box in entry.get("damage", ())),
    )


def _corners(values: Sequence[float]) -> tuple[float, float, float, float]:
    left, top, right, bottom = (float(value) for value in values)
    if not (left < right and top < bottom):
        raise ValueError(f"the box {values} has no area")
    return left, top, right, bottom


def _is_on(road: Geometry, xyxy_px: Sequence[float]) -> bool:
    box = shapely_box(*xyxy_px)
    return bool(box.intersection(road).area >= _ON_ROAD_SHARE * box.area)


def _square_metres(area_px: float, gsd_cm: float | None) -> float | None:
    return None if gsd_cm is None else area_px * (gsd_cm / 100) ** 2


def _ground(alarms: Sequence[Alarm], areas_m2: Sequence[float | None]) -> Ground:
    known = [area for area in areas_m2 if area is not None]
    area_m2 = sum(known) if len(known) == len(areas_m2) else None
    per_kind = Counter(alarm.kind for alarm in alarms)
    return Ground(
        len(alarms),
        dict(per_kind.most_common()),
        area_m2,
        100 * len(alarms) / area_m2 if area_m2 else None,
    )
