"""Findings in the COCO results format, which other programs score and show."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from models.scoring.average_precision import Reading
from vision.whole_file import write_whole


def coco_categories(kinds: Sequence[str]) -> list[dict[str, Any]]:
    """The categories that results speak of: ids from 1, in the order of the model's kinds."""
    return [{"id": number, "name": kind} for number, kind in enumerate(kinds, start=1)]


def coco_results(readings: Sequence[Reading], kinds: Sequence[str]) -> list[dict[str, Any]]:
    """All findings of all readings as COCO results, picture by picture, by falling score.

    `image_id` is the picture's file name without its suffix, `bbox` its left, top, width and height in
    pixels. Scores are not rounded, so that their order, and with it every score, stays the same.
    """
    id_of = {category["name"]: category["id"] for category in coco_categories(kinds)}
    return [
        {
            "image_id": reading.picture.name,
            "category_id": id_of[kind],
            "bbox": [round(float(value), 3) for value in (left, top, right - left, bottom - top)],
            "score": float(score),
        }
        for reading in readings
        for (left, top, right, bottom), score, kind in zip(
            reading.found.xyxy_px, reading.found.score, reading.found.kind, strict=True
        )
    ]


def write_coco_results(file: Path, readings: Sequence[Reading], kinds: Sequence[str]) -> None:
    """Write the findings as a JSON list, one a line, atomically; PantauError where that is impossible."""
    lines = ",\n".join(json.dumps(result) for result in coco_results(readings, kinds))
    write_whole(file, f"[\n{lines}\n]\n" if lines else "[]\n")
