"""Outlines, lengths and widths from pixels: errors against drawn cracks, eyes, and pothole masks."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, pairwise
from math import pi, sqrt
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from tests.benchmarks.figure import Figure, at_most
from tests.vision.synthetic_cracks import SyntheticCrack, draw_crack, plain_surfaces
from vision.detector import Detections, Picture
from vision.shapes import outline_damage

PROJECT = Path(__file__).resolve().parents[2]
ROAD_DAMAGE = PROJECT.parent / "shared/data/road-damage"
DRAWN = 240
# From so many pixels on the masks of the forward views are more than a smear.
SMALLEST_MASK_PX = 12


def figures() -> Iterator[Figure]:
    """All errors; nothing without the data."""
    if not ROAD_DAMAGE.is_dir():
        return
    cv2.setNumThreads(1)
    yield from drawn_cracks()
    yield from cracks_by_eye()
    yield from potholes_by_eye()
    yield from potholes()
    yield from costs()


def shape_of(picture: Picture, xyxy_px: Sequence[float], kind: str) -> Detections:
    """What one detection with this box becomes."""
    return outline_damage(picture, Detections.of_boxes(np.array([xyxy_px]), np.array([0.5]), [kind]))


def train_tiles() -> list[Path]:
    """The drone tiles that may be learnt from."""
    names = json.loads((ROAD_DAMAGE / "drone/split.json").read_text(encoding="utf-8"))["train"]
    return [ROAD_DAMAGE / "drone/images" / f"{name}.jpg" for name in sorted(names)]


def drawn_cracks() -> Iterator[Figure]:
    """Lengths and widths of cracks drawn on real road surface, by width."""
    measured = [(crack, _measure(crack)) for crack in _drawn(np.random.default_rng(2026))]
    outlined = [(crack, length, width) for crack, (length, width) in measured if length is not None]
    yield Figure(f"drawn cracks outlined, of {len(measured)}", 100 * len(outlined) / len(measured), "%")
    lengths = [length / crack.length_px - 1 for crack, length, _ in outlined]
    yield from _errors("length of drawn cracks", lengths, 100, "%")
    thin = [width for crack, _, width in outlined if crack.width_px <= 1]
    given = 100 * np.isfinite(thin).mean()
    yield at_most(f"drawn cracks of 1 px given a width, of {len(thin)}", given, "%", 20)
    for low, high in pairwise((1.9, 3.5, 6.5, 12.5)):
        widths = [(c.width_px, w) for c, _, w in outlined if low <= c.width_px < high]
        known = [width - truth for truth, width in widths if np.isfinite(width)]
        name = f"width of drawn cracks of {max(np.ceil(low), 2):.0f}–{np.floor(high):.0f} px"
        yield Figure(f"{name}: measurable, of {len(widths)}", 100 * len(known) / len(widths), "%")
        yield from _errors(name, known, 1, "px")


def cracks_by_eye() -> Iterator[Figure]:
    """Lengths and widths of real cracks that a person measured on enlarged crops."""
    labels = _labels("cracks")
    lengths, widths, thin, outlined = [], [], 0, 0
    for label in labels:
        picture = _tile(label)
        shape = shape_of(picture, label["xyxy_px"], label["kind"])
        outlined += bool(shape.outlined[0])
        if shape.outlined[0] and label["length_px"]:
            lengths.append(float(shape.length_px[0]) / label["length_px"] - 1)
        if np.isfinite(shape.mean_width_px[0]):
            widths.append(float(shape.mean_width_px[0]) - label["width_px"])
        else:
            thin += label["width_px"] < 2.5
    yield Figure(f"real cracks outlined, of {len(labels)}", 100 * outlined / len(labels), "%")
    yield from _errors(f"length of {len(lengths)} real cracks, against the eye", lengths, 100, "%")
    yield from _errors(f"width of {len(widths)} real cracks, against the eye", widths, 1, "px")
    unmeasured = len(labels) - len(widths)
    yield Figure(f"not measurable, of these below 2.5 px by eye (of {unmeasured})", thin, "")


def potholes_by_eye() -> Iterator[Figure]:
    """Diameters of real potholes on drone tiles that a person outlined on enlarged crops.

    Beside them those of the ellipses in their boxes, which people draw loosely on drone tiles.
    """
    labels, errors, of_ellipses = _labels("potholes"), [], []
    for label in labels:
        shape = shape_of(_tile(label), label["xyxy_px"], "pothole")
        if shape.outlined[0]:
            area_px = cv2.contourArea(shape.outline_px[0].astype(np.float32))
            errors.append(2 * sqrt(area_px / pi) / label["diameter_px"] - 1)
            left, top, right, bottom = label["xyxy_px"]
            of_ellipses.append(sqrt((right - left) * (bottom - top)) / label["diameter_px"] - 1)
    yield Figure(f"real potholes outlined, of {len(labels)}", 100 * len(errors) / len(labels), "%")
    yield from _errors(f"diameter of {len(errors)} real potholes, against the eye", errors, 100, "%")
    yield from _errors("diameter of the ellipses in their boxes", of_ellipses, 100, "%")


def potholes() -> Iterator[Figure]:
    """Outlines of potholes against the masks of forward views, which are drawn generously.

    The half of the photos that nothing was chosen on. A box and the ellipse in it are measured beside.
    """
    found = {"trusted": [], "their boxes": [], "their ellipses": []}
    total = 0
    for picture, mask, box in _masked_potholes():
        total += 1
        shape = shape_of(picture, box, "pothole")
        if not shape.outlined[0]:
            continue
        left, top, right, bottom = (int(edge) for edge in box)
        drawn = {name: np.zeros(mask.shape, np.uint8) for name in found}
        cv2.fillPoly(drawn["trusted"], [np.round(shape.outline_px[0]).astype(np.int32)], 1)
        drawn["their boxes"][top:bottom, left:right] = 1
        middle, half = ((left + right) // 2, (top + bottom) // 2), ((right - left) // 2, (bottom - top) // 2)
        cv2.ellipse(drawn["their ellipses"], middle, half, 0, 0, 360, 1, -1)
        for name, area in drawn.items():
            found[name].append((_iou(area > 0, mask), sqrt(area.sum() / mask.sum()) - 1))
    share = 100 * len(found["trusted"]) / total
    yield Figure(f"potholes of forward views outlined, of {total}", share, "%")
    for name, pairs in found.items():
        ious, diameters = zip(*pairs, strict=True)
        yield Figure(f"median IoU with the masks, {name}", float(np.median(ious)), "")
        yield from _errors(f"diameter, {name}", diameters, 100, "%")


def costs() -> Iterator[Figure]:
    """What a detection costs, on the labelled cracks (one thread)."""
    labels = _labels("cracks")
    spent_ms = []
    for label in labels:
        picture = _tile(label)
        start_s = time.process_time()
        shape_of(picture, label["xyxy_px"], label["kind"])
        spent_ms.append(1000 * (time.process_time() - start_s))
    yield at_most("a crack's outline, median", float(np.median(spent_ms)), "ms", 10)


def _labels(of: str) -> list[dict[str, Any]]:
    text = (PROJECT / "tests/vision/shape_labels.json").read_text(encoding="utf-8")
    labels: list[dict[str, Any]] = json.loads(text)[of]
    return labels


def _tile(label: dict[str, Any]) -> Picture:
    return cv2.imread(str(ROAD_DAMAGE / "drone/images" / f"{label['image']}.jpg"))


def _drawn(rng: np.random.Generator) -> Iterator[SyntheticCrack]:
    for surface in islice(plain_surfaces(train_tiles(), 200, rng), DRAWN):
        width_px = rng.choice([1.0, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0, 12.0])
        contrast = rng.choice([0.15, 0.25, 0.4, 0.6])
        yield draw_crack(surface, rng, float(width_px), float(contrast), rng.uniform(0.5, 1.5))


def _measure(crack: SyntheticCrack) -> tuple[float | None, float]:
    shape = shape_of(crack.picture, crack.xyxy_px, "longitudinal_crack")
    length_px = float(shape.length_px[0]) if shape.outlined[0] else None
    return length_px, float(shape.mean_width_px[0])


def _masked_potholes() -> Iterator[tuple[Picture, np.ndarray, tuple[int, int, int, int]]]:
    masks = sorted((ROAD_DAMAGE / "forward-view/pothole_masks").glob("*.png"))
    for path in masks[1::2]:
        mask = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
        picture = cv2.imread(str(ROAD_DAMAGE / "forward-view/images" / f"{path.stem}.jpg"))
        _, labels, stats, _ = cv2.connectedComponentsWithStats((mask > 127).astype(np.uint8))
        for number, (left, top, width, height, _) in enumerate(stats[1:], start=1):
            whole = left > 0 and top > 0 and left + width < mask.shape[1] and top + height < mask.shape[0]
            if whole and min(width, height) >= SMALLEST_MASK_PX:
                yield picture, labels == number, (left, top, left + width, top + height)


def _iou(area: np.ndarray, other: np.ndarray) -> float:
    return float((area & other).sum() / (area | other).sum())


def _errors(name: str, errors: Iterable[float], factor: float, unit: str) -> Iterator[Figure]:
    values = np.array(list(errors)) * factor
    if len(values):
        yield Figure(f"{name}: bias (median)", float(np.median(values)), unit)
        yield Figure(f"{name}: error, median", float(np.median(np.abs(values))), unit)
        yield Figure(f"{name}: error, 90 %", float(np.percentile(np.abs(values), 90)), unit)
