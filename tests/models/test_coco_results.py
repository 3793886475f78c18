"""COCO results, read back by a scorer that shares no code with ours."""

from __future__ import annotations

import json
from collections import defaultdict

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.scoring.average_precision import score
from models.scoring.coco_results import coco_categories, write_coco_results
from tests.models.scored_readings import KINDS, reading, readings

LOWEST = dict.fromkeys(KINDS, 0.0)


def overlap(first, second) -> float:
    """Intersection over union of two boxes (left, top, width, height)."""
    wide = min(first[0] + first[2], second[0] + second[2]) - max(first[0], second[0])
    high = min(first[1] + first[3], second[1] + second[3]) - max(first[1], second[1])
    if wide <= 0 or high <= 0:
        return 0.0
    return wide * high / (first[2] * first[3] + second[2] * second[3] - wide * high)


def average_precision_by_hand(results, labels, category: int) -> float:
    """AP50 by COCO's rules in plain Python; `labels` are (picture, category, box)."""
    free = defaultdict(list)
    for picture, kind, box in labels:
        if kind == category:
            free[picture].append(box)
    boxes = sum(map(len, free.values()))
    curve, right = [], 0
    own = [one for one in results if one["category_id"] == category]
    for seen, one in enumerate(sorted(own, key=lambda one: -one["score"]), start=1):
        best = max(free[one["image_id"]], key=lambda box: overlap(one["bbox"], box), default=None)
        if best is not None and overlap(one["bbox"], best) >= 0.5:
            free[one["image_id"]].remove(best)
            right += 1
        curve.append((right / boxes, right / seen))
    points = [max((p for r, p in curve if r >= level / 100), default=0.0) for level in range(101)]
    return sum(points) / 101


def test_no_finding_is_an_empty_list(tmp_path):
    write_coco_results(tmp_path / "found.json", [reading([], [])], KINDS)
    assert json.loads((tmp_path / "found.json").read_text(encoding="utf-8")) == []


def test_boxes_have_sides_and_pictures_their_names(tmp_path):
    write_coco_results(
        tmp_path / "found.json", [reading([], [("pothole", 0.75, (5, 6, 15, 26))], "tile")], KINDS
    )
    assert json.loads((tmp_path / "found.json").read_text(encoding="utf-8")) == [
        {"image_id": "tile", "category_id": 2, "bbox": [5.0, 6.0, 10.0, 20.0], "score": 0.75}
    ]
    assert coco_categories(KINDS) == [{"id": 1, "name": "crack"}, {"id": 2, "name": "pothole"}]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tiles=readings(), kind=st.sampled_from(KINDS))
def test_another_scorer_gives_the_same_average_precision(tmp_path, tiles, kind):
    write_coco_results(tmp_path / "found.json", tiles, KINDS)
    results = json.loads((tmp_path / "found.json").read_text(encoding="utf-8"))
    labels = [
        (tile.picture.name, KINDS.index(box.kind) + 1, (left, top, right - left, bottom - top))
        for tile in tiles
        for box in tile.picture.boxes
        for left, top, right, bottom in [box.xyxy_px]
    ]
    ours = {one.kind: one.ap50 for one in score(tiles, LOWEST).per_kind}[kind]
    if ours is not None:
        assert abs(ours - average_precision_by_hand(results, labels, KINDS.index(kind) + 1)) < 1e-9
