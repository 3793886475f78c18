"""The contact sheet shows what it should, whatever the picture's size."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.kinds import kind_for_label
from models.scoring.background import Alarm, BackgroundAlarms, Ground
from models.scoring.contact_sheet import (
    FOUND,
    LABELLED,
    Box,
    Crop,
    Row,
    draw_contact_sheet,
    shown_window,
    write_contact_sheet,
)
from models.scoring.worst_errors import background_rows, worst_rows
from tests.models.scored_readings import reading
from vision.errors import PantauError

HERE, THERE = (10.0, 10.0, 30.0, 30.0), (60.0, 60.0, 90.0, 70.0)


@pytest.fixture
def picture(tmp_path):
    file = tmp_path / "tile.png"
    cv2.imwrite(str(file), np.full((100, 100, 3), 128, np.uint8))
    return file


def test_a_sheet_without_rows_is_a_title():
    assert draw_contact_sheet("nothing wrong", []).size[1] < 100


@pytest.mark.parametrize("box", [HERE, (0.0, 0.0, 100.0, 100.0), (95.0, 0.0, 100.0, 2.0)])
def test_the_box_of_a_crop_is_drawn(picture, box):
    rows = [Row("a row", [Crop(picture, box, "caption", (Box(box, FOUND),))]), Row("empty", [])]
    pixels = np.asarray(draw_contact_sheet("title", rows))
    assert (pixels[70:] == FOUND).all(axis=2).sum() > 20


@given(st.integers(1, 5000), st.integers(1, 5000), st.floats(0, 1), st.floats(0, 1), st.floats(0.001, 1))
def test_a_window_shows_its_whole_box(width, height, x, y, size):
    left, top = x * width * (1 - size), y * height * (1 - size)
    box = (left, top, left + size * width, top + size * height)
    window = shown_window(box, width, height)
    assert window[0] >= 0
    assert window[1] >= 0
    assert window[2] - window[0] == window[3] - window[1] >= 1
    assert window[0] <= box[0] + 1
    assert window[1] <= box[1] + 1
    assert window[2] >= box[2] - 1
    assert window[3] >= box[3] - 1


def test_a_picture_that_is_gone_is_named(tmp_path):
    row = Row("a row", [Crop(tmp_path / "gone.png", HERE, "", ())])
    with pytest.raises(PantauError, match=r"gone\.png"):
        write_contact_sheet(tmp_path / "sheet.png", "title", [row])
    assert not (tmp_path / "sheet.png").exists()


def test_a_sheet_is_a_picture(picture, tmp_path):
    write_contact_sheet(tmp_path / "sheet.png", "title", [Row("row", [Crop(picture, HERE, "", ())])])
    assert cv2.imread(str(tmp_path / "sheet.png")) is not None


def test_the_worst_come_first_and_one_a_picture():
    tiles = [
        reading([("pothole", HERE)], [("pothole", 0.9, THERE), ("pothole", 0.8, THERE)], "sure"),
        reading([("pothole", HERE)], [("pothole", 0.6, THERE), ("pothole", 0.2, HERE)], "unsure"),
    ]
    alarms, misses = worst_rows(tiles, {"pothole": 0.5}, [kind_for_label("pothole")])
    assert [crop.caption for crop in alarms.crops] == ["0.90 nothing labelled", "0.60 nothing labelled"]
    assert alarms.heading == "pothole: 3 wrong findings from 0.50"
    assert [crop.caption for crop in misses.crops] == ["no candidate at all", "at best a candidate of 0.20"]
    assert misses.heading == "pothole: 2 of 2 labelled boxes missed"
    assert Box(HERE, LABELLED) in misses.crops[0].boxes


def test_a_wrong_kind_is_named_in_the_caption():
    tile = reading([("crack", HERE)], [("pothole", 0.9, HERE)])
    kinds = [kind_for_label("pothole"), kind_for_label("crack")]
    (alarms, *_) = worst_rows([tile], {"pothole": 0.5, "crack": 0.5}, kinds)
    assert alarms.crops[0].caption == "0.90 labelled crack"


def test_alarms_on_the_road_have_a_row_of_their_own(tmp_path):
    alarm = Alarm("a.jpg", "pothole", 0.7, HERE, True)
    found = (alarm, replace(alarm, on_road=False, score=0.8))
    alarms = BackgroundAlarms(1, True, 2.0, Ground(1, {}, None, None), Ground(1, {}, None, None), found)
    on_road, beside = background_rows(alarms, tmp_path)
    assert [crop.caption for crop in on_road.crops] == ["0.70 pothole"]
    assert beside.heading == "whole photos: 1 false alarms beside the road"
    (anywhere,) = background_rows(replace(alarms, road_is_marked=False), tmp_path)
    assert (anywhere.heading, len(anywhere.crops)) == ("whole photos: 2 findings", 2)
