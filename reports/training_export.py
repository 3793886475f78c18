"""Reviewed findings as a folder of labelled tiles that a detector can be trained on."""

from __future__ import annotations

import csv
import io
import json
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

import cv2
import shapely

from models.kinds import ROAD_KINDS
from models.labelled.coco import coco_document
from models.labelled.dataset import OVERLAP_GROUPS
from models.labelled.pictures import LabelledPicture
from models.labelled.yolo import label_lines
from models.labelled.yolo_names import write_names
from pipeline.register import Register
from reports.export_formats import ExportFormat
from reports.inspected_photo import Problem, read_inspected
from reports.reviewed_findings import read_findings
from reports.training_tiles import KnownDefects, TrainingTile, plan_tiles
from vision.detector import Picture
from vision.disjoint_sets import DisjointSets
from vision.errors import PantauError
from vision.frames import LocalFrame
from vision.reading_resolution import reading_scale
from vision.resampling import resample
from vision.tiling import PADDING_GREY
from vision.video_decoding import FrameReader

PROVENANCE = "provenance.csv"
ANNOTATIONS = "annotations.json"
_JPEG_QUALITY = 95
_PHOTO_ID_LENGTH = 12
_NOTE = (
    "Tiles of drone photos around findings that people confirmed or rejected. What neither the detector "
    "nor a person found is not labelled. Whoever owns the photos decides on the licence."
)

Advance = Callable[[int, str], None]


@dataclass(frozen=True)
class TileStyle:
    """The network's tile size, and the ground resolution it is trained at (cm per pixel, as an interval)."""

    tile_px: int
    gsd_cm: tuple[float, float] | None


@dataclass
class TrainingExport:
    """What was written. `lost_photos` cannot be read any more; `left_out` counts tiles by the reason."""

    folder: Path
    tiles: int = 0
    boxes: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)
    lost_photos: list[tuple[Path, Problem]] = field(default_factory=list)


def write_training_export(
    register: Register,
    format: ExportFormat,
    folder: Path,
    style: TileStyle,
    advance: Advance = lambda steps, detail: None,
) -> TrainingExport:
    """Cut tiles around reviewed findings and write them with their labels, in YOLO's or COCO's layout.

    Confirmed, assigned, repaired and verified defects are labels, rejected ones show no damage;
    undecided findings are painted over. `overlap_groups.json` keeps tiles that may show the same ground
    together; `provenance.csv` names photo and defects of each tile. Tiles carry no metadata.

    Raises PantauError when the folder holds something already, or nothing has been reviewed.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise PantauError(f"{folder}: is there already; name a new folder for the tiles.")
    planned, left_out = _plan(register, style)
    if not planned:
        raise PantauError(_why_nothing(register.path, left_out))
    result = TrainingExport(folder, left_out=left_out)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as unfinished:
        draft = Path(unfinished) / "export"
        _write(draft, format, planned, result, advance)
        if folder.exists():
            folder.rmdir()
        shutil.move(draft, folder)
    return result


def _why_nothing(register: Path, left_out: Counter[str]) -> str:
    """What to do where no tile can be cut: nothing was decided, or too little around what was."""
    if not left_out:
        return (
            f"{register}: no finding was confirmed or rejected; decide on some with "
            f'`pantau review -r "{register}"`.'
        )
    reasons = "; ".join(f"{count} tiles are left out because {reason}" for reason, count in left_out.items())
    return f"{register}: {reasons}; decide on more of the findings."


def _plan(register: Register, style: TileStyle) -> tuple[list[TrainingTile], Counter[str]]:
    findings = read_findings(register)
    known = KnownDefects(register.defects())
    planned: list[TrainingTile] = []
    left_out: Counter[str] = Counter()
    for photo in register.photos("used"):
        scale = reading_scale(photo.gsd_cm, style.gsd_cm)
        tiles, missing = plan_tiles(photo, findings.get(photo.id, ()), known, style.tile_px, scale)
        planned += tiles
        left_out += missing
    return planned, left_out


def _write(
    draft: Path,
    format: ExportFormat,
    planned: Sequence[TrainingTile],
    result: TrainingExport,
    advance: Advance,
) -> None:
    (draft / "images").mkdir(parents=True)
    written: list[tuple[TrainingTile, LabelledPicture]] = []
    with FrameReader() as frames:
        in_order = sorted(planned, key=lambda tile: tile.photo.place_in_video)
        for _, of_photo in groupby(in_order, key=lambda tile: tile.photo.id):
            tiles = list(of_photo)
            photo = tiles[0].photo
            pixels = read_inspected(photo, frames)
            if isinstance(pixels, str):
                result.lost_photos.append((photo.path, pixels))
            else:
                resampled = resample(pixels, tiles[0].scale)
                written += [(tile, _write_tile(resampled, tile, draft / "images")) for tile in tiles]
            advance(1, photo.name)
    if not written:
        path, problem = result.lost_photos[0]
        raise PantauError(
            f"{path}: is {problem}, and no other photo of a reviewed finding can be read; "
            "put the photos back where they were inspected."
        )
    pictures = [picture for _, picture in written]
    result.tiles = len(pictures)
    result.boxes = Counter(box.kind for picture in pictures for box in picture.boxes)
    _write_labels(draft, format, pictures)
    (draft / OVERLAP_GROUPS).write_text(json.dumps(_groups(written), indent=0), encoding="utf-8")
    (draft / PROVENANCE).write_text(_provenance(written), encoding="utf-8", newline="")


def _write_tile(resampled: Picture, tile: TrainingTile, folder: Path) -> LabelledPicture:
    window = tile.window
    pixels = resampled[window.top_px : window.bottom_px, window.left_px : window.right_px].copy()
    for left, top, right, bottom in tile.painted_over:
        pixels[int(top) : int(bottom) + 1, int(left) : int(right) + 1] = PADDING_GREY
    file = folder / f"{tile.photo.id[:_PHOTO_ID_LENGTH]}-{window.left_px}-{window.top_px}.jpg"
    _, jpeg = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
    file.write_bytes(jpeg.tobytes())
    return LabelledPicture(file, pixels.shape[1], pixels.shape[0], tile.boxes)


def _write_labels(draft: Path, format: ExportFormat, pictures: Sequence[LabelledPicture]) -> None:
    kinds = _kinds_of(pictures)
    if format is ExportFormat.COCO:
        document = coco_document(pictures, kinds, {"description": _NOTE})
        (draft / ANNOTATIONS).write_text(json.dumps(document, indent=1), encoding="utf-8")
        return
    (draft / "labels").mkdir()
    for picture in pictures:
        lines = "".join(label_lines(picture, kinds))
        (draft / "labels" / f"{picture.name}.txt").write_text(lines, encoding="utf-8")
    head = f"# {_NOTE}\n# Split it by {OVERLAP_GROUPS}, never at random.\n"
    (draft / "data.yaml").write_text(head + write_names(kinds), encoding="utf-8")


def _kinds_of(pictures: Sequence[LabelledPicture]) -> list[str]:
    """The road kinds in their own order, then others by the alphabet: numbers do not change with the data."""
    road = [kind.name for kind in ROAD_KINDS]
    return road + sorted({box.kind for picture in pictures for box in picture.boxes} - set(road))


def _groups(written: Sequence[tuple[TrainingTile, LabelledPicture]]) -> dict[str, int]:
    """Numbers that tiles share which show the same defect, or whose circles on the ground meet."""
    tiles = [tile for tile, _ in written]
    frame = LocalFrame(tiles[0].lat, tiles[0].lon)
    centres_m = frame.to_metres([tile.lat for tile in tiles], [tile.lon for tile in tiles])
    circles = shapely.buffer(shapely.points(centres_m), [tile.reach_m for tile in tiles])
    meeting = shapely.STRtree(circles).query(circles, predicate="intersects")
    groups = DisjointSets(len(tiles))
    for first, second in meeting.T.tolist():
        groups.join(first, second)
    tile_of_defect: dict[str, int] = {}
    for number, tile in enumerate(tiles):
        for defect in tile.defects:
            groups.join(number, tile_of_defect.setdefault(defect, number))
    return dict(zip((picture.name for _, picture in written), groups.numbers(), strict=True))


def _provenance(written: Sequence[tuple[TrainingTile, LabelledPicture]]) -> str:
    """A row a tile: the photo, the window in the photo's own pixels, its ground resolution, the defects."""
    text = io.StringIO(newline="")
    table = csv.writer(text)
    table.writerow(["tile", "photo", "left_px", "top_px", "right_px", "bottom_px", "gsd_cm", "defects"])
    for tile, picture in written:
        window = (tile.window.left_px, tile.window.top_px, tile.window.right_px, tile.window.bottom_px)
        corners = [round(side / tile.scale) for side in window]
        gsd_cm = round((tile.photo.gsd_cm or 0) / tile.scale, 3)
        table.writerow([picture.path.name, tile.photo.name, *corners, gsd_cm, " ".join(tile.defects)])
    return text.getvalue()
