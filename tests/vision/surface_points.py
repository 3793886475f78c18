"""Surface labels: points on pictures labelled by eye, and what find_neglect says of them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from vision.decoding import Undecodable, read_picture
from vision.detector import Picture
from vision.surface import find_neglect

LABELS = Path(__file__).parent / "surface_labels" / "vegetation.json"
POINTS_ACROSS = 10
WEEDS = frozenset("w")
GREEN = frozenset("VC") | WEEDS
NOT_GREEN = frozenset("PpMQWSO")
DRY = frozenset("DA")
PAINT_AND_THINGS = frozenset("O")


@dataclass(frozen=True)
class PointCount:
    """What was found on the points of pictures, by their letters; the shares are per picture, in per cent.

    `share_errors` are signed: found less labelled, over the points of which the label is sure.
    """

    labelled: Counter[str]
    found: Counter[str]
    share_errors: tuple[float, ...]

    @property
    def points(self) -> int:
        """How many points say something about living plants."""
        return self.labelled_points(GREEN) + self.labelled_points(NOT_GREEN)

    @property
    def precision(self) -> float:
        """The share of the points found that are living plants; dry ones count neither way."""
        return self._found(GREEN) / (self._found(GREEN) + self._found(NOT_GREEN))

    @property
    def recall(self) -> float:
        """The share of the points on living plants that are found."""
        return self.share_found(GREEN)

    @property
    def share_error_points(self) -> float:
        """The mean error of a picture's share, without sign."""
        return float(np.mean(np.abs(self.share_errors)))

    def labelled_points(self, letters: frozenset[str]) -> int:
        """How many points have one of these letters."""
        return sum(self.labelled[letter] for letter in letters)

    def share_found(self, letters: frozenset[str]) -> float:
        """The share of the points with one of these letters that is taken for living plants."""
        return self._found(letters) / max(1, self.labelled_points(letters))

    def _found(self, letters: frozenset[str]) -> int:
        return sum(self.found[letter] for letter in letters)


def labelled_pictures(half: str) -> list[dict[str, Any]]:
    """The labelled pictures of a half, `choose` or `report`."""
    pictures = json.loads(LABELS.read_text(encoding="utf-8"))["pictures"]
    return [picture for picture in pictures if picture["half"] == half]


def picked_for_paving() -> list[dict[str, Any]]:
    """The pictures of the reporting half that were picked for weeds, painted green and difficult light."""
    return [picture for picture in labelled_pictures("report") if "picked" in picture]


def count_points(pictures: Iterable[dict[str, Any]], data: Path) -> PointCount:
    """Read labelled pictures (below the folder `data`) and hold what is found against the labels."""
    labelled: Counter[str] = Counter()
    found: Counter[str] = Counter()
    errors = []
    for label in pictures:
        letters = "".join(label["rows"])
        hits = _points_found(_pixels(label, data), label["gsd_cm"])
        labelled.update(letters)
        found.update(letter for letter, hit in zip(letters, hits, strict=True) if hit)
        pairs = zip(letters, hits, strict=True)
        excess = [int(hit) - (letter in GREEN) for letter, hit in pairs if letter in GREEN | NOT_GREEN]
        errors.append(100 * float(np.mean(excess)))
    return PointCount(labelled, found, tuple(errors))


def _pixels(label: dict[str, Any], data: Path) -> Picture:
    picture = read_picture(data / label["image"])
    assert not isinstance(picture, Undecodable), label["image"]
    if label["crop_px"] is None:
        return picture
    left, top, right, bottom = label["crop_px"]
    return picture[top:bottom, left:right]


def _points_found(pixels: Picture, gsd_cm: float) -> list[bool]:
    """For each point, row by row, whether it lies in an outline; the whole picture is taken as paved."""
    height, width = pixels.shape[:2]
    whole = np.array([[0, 0], [width, 0], [width, height], [0, height]], float)
    covered = np.zeros((height, width), np.uint8)
    for outline in find_neglect(pixels, gsd_cm, [whole]).outline_px:
        cv2.fillPoly(covered, [np.rint(outline).astype(np.int32)], 1)
    return [bool(covered[y, x]) for y, x in _grid(height, width)]


def _grid(height: int, width: int) -> Iterator[tuple[int, int]]:
    for row in range(POINTS_ACROSS):
        for column in range(POINTS_ACROSS):
            yield int((row + 0.5) * height / POINTS_ACROSS), int((column + 0.5) * width / POINTS_ACROSS)
