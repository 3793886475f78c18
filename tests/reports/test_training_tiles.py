"""Tiles in which everything is decided."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.register.records import PhotoRecord
from reports.reviewed_findings import Finding
from reports.training_tiles import TOO_NEAR, UNKNOWN_SIZE, UNSEEN, KnownDefects, plan_tiles

HERE = (-6.885, 107.542, 0.5)
PHOTO = PhotoRecord(
    "p" * 64, "s", 1, Path("a.jpg"), None, *[None] * 7, "cam", 4000, 3000, 1.0, None, "used", None, None, ()
)  # fmt: skip
NOTHING = KnownDefects(())


def finding(x: float, y: float, size: float = 60, kind: str | None = "pothole", decided: bool = True):
    outline = ((x, y), (x + size, y), (x + size, y + size), (x, y + size))
    return Finding(outline, decided, kind if decided else None, f"D-{x}-{y}", HERE)


def test_a_photo_without_decided_findings_gives_no_tiles():
    assert plan_tiles(PHOTO, [], NOTHING, 512, 1.0)[0] == []
    assert plan_tiles(PHOTO, [finding(9, 9, decided=False)], NOTHING, 512, 1.0)[0] == []


def test_a_tile_lies_around_its_finding_and_within_the_photo():
    (middle, corner), _ = plan_tiles(PHOTO, [finding(2000, 1500), finding(3970, 0, 30)], NOTHING, 512, 1.0)
    assert (middle.window.left_px, middle.window.top_px) == (1774, 1274)
    assert middle.boxes[0].xyxy_px == (226, 226, 286, 286)
    assert (corner.window.right_px, corner.window.top_px) == (4000, 0)


def test_neighbours_share_a_tile():
    (tile,), _ = plan_tiles(PHOTO, [finding(2000, 1500), finding(2100, 1500, kind="repair")], NOTHING, 512, 1)
    assert [box.kind for box in tile.boxes] == ["pothole", "repair"]


def test_a_large_finding_gets_several_tiles():
    tiles, _ = plan_tiles(PHOTO, [finding(1000, 1000, 1200)], NOTHING, 512, 1.0)
    assert len(tiles) == 9 and all(tile.boxes for tile in tiles)


def test_a_finer_photo_is_shrunk_with_its_boxes():
    (tile,), _ = plan_tiles(PHOTO, [finding(2000, 1500)], NOTHING, 512, 0.5)
    left, _, right, _ = tile.boxes[0].xyxy_px
    assert tile.scale == 0.5 and right - left == 30 and tile.window.right_px <= 2000


def test_weeds_are_nothing_that_a_detector_could_have_missed(make_defect):
    lat, lon, _ = HERE
    weeds = KnownDefects([make_defect(id="D-W", kind="vegetation", lat=lat, lon=lon)])
    assert len(plan_tiles(PHOTO, [finding(2000, 1500)], weeds, 512, 1.0)[0]) == 1


def test_a_rejected_finding_shows_no_damage():
    (tile,), _ = plan_tiles(PHOTO, [finding(2000, 1500, kind=None)], NOTHING, 512, 1.0)
    assert tile.boxes == () and tile.defects == ("D-2000-1500",)


def test_an_undecided_finding_in_the_tile_is_painted_over():
    (tile,), _ = plan_tiles(PHOTO, [finding(2000, 1500), finding(2150, 1500, decided=False)], NOTHING, 512, 1)
    assert [box.kind for box in tile.boxes] == ["pothole"]
    assert tile.painted_over == ((368, 218, 444, 294),)


@pytest.mark.parametrize("kind", ["pothole", None])
def test_an_undecided_finding_on_a_decided_one_leaves_no_tile(kind):
    findings = [finding(2000, 1500, kind=kind), finding(2050, 1500, decided=False)]
    tiles, left_out = plan_tiles(PHOTO, findings, NOTHING, 512, 1.0)
    assert tiles == [] and left_out == {TOO_NEAR: 1}


def test_a_defect_that_only_other_photos_show_leaves_no_tile_near_it(make_defect):
    found = finding(2000, 1500)
    near = make_defect(id="D-OTHER", lat=HERE[0] + 2e-5, lon=HERE[1])
    far = replace(near, lat=HERE[0] + 2e-4)
    for defect, count in ((near, 1), (far, 0), (replace(near, status="rejected"), 0)):
        _, left_out = plan_tiles(PHOTO, [found], KnownDefects([defect]), 512, 1.0)
        assert left_out[UNSEEN] == count
    seen = replace(near, id=found.defect)
    assert plan_tiles(PHOTO, [found], KnownDefects([seen]), 512, 1.0)[1] == {}


def test_without_a_ground_resolution_nobody_knows_what_else_is_there():
    tiles, left_out = plan_tiles(replace(PHOTO, gsd_cm=None), [finding(9, 9)], NOTHING, 512, 1.0)
    assert tiles == [] and left_out == {UNKNOWN_SIZE: 1}


def test_a_photo_smaller_than_a_tile_is_one_tile():
    small = replace(PHOTO, width_px=300, height_px=200)
    (tile,), _ = plan_tiles(small, [finding(100, 100)], NOTHING, 512, 1.0)
    assert (tile.window.right_px, tile.window.bottom_px) == (300, 200)
