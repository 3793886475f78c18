"""How alike damage is read from different heights: one set of tiles, made as coarse as from farther up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from models.catalogue import DEFAULT_MODEL, OpenedDetector, find_model
from models.kinds import ROAD_KINDS, labels_of
from models.labelled.parts import PartShares, gather_parts
from models.labelled.pictures import LabelledPicture
from models.scoring.evaluation import evaluate
from models.scoring.ground_resolution import MEASUREMENTS
from models.scoring.resolution import read_coarser
from models.training.data_resolution import read_data_resolution
from tests.benchmarks.figure import Figure
from vision.decoding import Undecodable, read_picture
from vision.detector import Picture

FINE_CM = (0.5, 0.7)  # what a mapping drone photographs from 20 m
FACTORS = (1, 2, 3)  # from 20, 40, 60 m


def heights_alike(opened: OpenedDetector, folder: Path) -> Iterator[Figure]:
    """F1 of the fine held-out tiles (nobody measured the resolution of the scored ones) from 20, 40, 60 m."""
    tiles, groups = _fine_tiles(folder)
    pixels = [_pixels(tile) for tile, _ in tiles]
    for factor in FACTORS:
        readings = [
            read_coarser(opened.detector, tile, shown, own_cm, factor * own_cm)
            for (tile, own_cm), shown in zip(tiles, pixels, strict=True)
        ]
        found = evaluate(readings, opened.thresholds, groups, opened.gsd_cm).scores
        where = f"{len(tiles)} held-out tiles of {FINE_CM[0]}–{FINE_CM[1]} cm"
        yield Figure(f"F1 on {where}, as from {20 * factor} m", found.f1, "")


def _fine_tiles(folder: Path) -> tuple[Sequence[tuple[LabelledPicture, float]], Mapping[str, int]]:
    with TemporaryDirectory() as work:
        parts = gather_parts([folder], labels_of(ROAD_KINDS), PartShares(), Path(work))
    measured = read_data_resolution(find_model(DEFAULT_MODEL).path / MEASUREMENTS)
    own_cm = measured.of_pictures(parts.held_out, parts.groups)
    low, high = FINE_CM
    fine = [(tile, own_cm[tile.name]) for tile in parts.held_out if low <= own_cm[tile.name] < high]
    return fine, parts.groups


def _pixels(tile: LabelledPicture) -> Picture:
    pixels = read_picture(tile.path)
    assert not isinstance(pixels, Undecodable)
    return pixels
