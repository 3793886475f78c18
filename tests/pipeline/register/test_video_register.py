"""Frames of videos in a register: entered, found again, and cut out for reports."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from models.catalogue import OpenedDetector
from pipeline.coverage.sites_read import first_looks
from pipeline.inspecting.batch import sort_out
from pipeline.inspecting.run_of_photos import Run, look_at_photos
from pipeline.photo import Photo
from pipeline.register import Register
from pipeline.register.batches import Model, begin_run, note_path, survey_number
from pipeline.register.photo_paths import path_and_frame, path_text
from pipeline.video import read_video
from reports.inspected_photo import read_inspected
from tests.pipeline.made_videos import flying_north, number_shown, write_srt, write_video
from vision.detector import Detections
from vision.video_decoding import FrameReader

MODEL = Model("bars", "0" * 64, "{}")


class BarFinder:
    """Keeps the frame's number of every picture that it is shown, and finds a pothole in each."""

    kinds = ("pothole",)

    def __init__(self) -> None:
        self.seen: list[int] = []

    def detect(self, picture, *, gsd_cm=None, within=None) -> Detections:
        self.seen.append(number_shown(picture))
        return Detections.of_boxes(np.array([[100.0, 60.0, 140.0, 90.0]]), np.array([0.9]), ["pothole"])


@pytest.fixture
def register(tmp_path) -> Iterator[Register]:
    with Register.open(tmp_path / "register.db", create=True) as opened:
        yield opened


def look(register: Register, photos: list[Photo]) -> BarFinder:
    finder = BarFinder()
    detector = OpenedDetector("bars", "0" * 64, (), None, {"pothole": 0.5}, finder)
    with register.transaction() as db:
        survey = survey_number(db, "march", None)
        run = Run(survey, begin_run(db, survey, MODEL, "0"), MODEL)
    looked = look_at_photos(register, run, first_looks(photos, (), {}), detector, lambda steps, name: None)
    assert looked.used == len(photos)
    return finder


def frames_of(video: Path, dated: bool = True) -> list[Photo]:
    write_video(video, frames=60, texture=True)
    blocks = flying_north(7)
    write_srt(video, blocks if dated else [block.replace("2026-05-27", "") for block in blocks])
    photos = read_video(video, spacing_m=4.9)
    return list(sort_out(photos, {}, MODEL).fresh)


def test_rows_name_the_video_and_the_frame(register, tmp_path):
    finder = look(register, frames_of(tmp_path / "DJI_0001.MP4"))
    rows = sqlite3.connect(register.path).execute("SELECT path FROM photos ORDER BY taken_at").fetchall()
    assert rows == [(f"DJI_0001.MP4#frame={frame}",) for frame in range(0, 60, 10)]
    assert finder.seen == list(range(0, 60, 10))


def test_records_tell_video_and_frame(register, tmp_path):
    look(register, frames_of(tmp_path / "DJI_0001.MP4"))
    records = register.photos()
    assert {record.path for record in records} == {tmp_path / "DJI_0001.MP4"}
    assert [record.frame for record in records] == list(range(0, 60, 10))
    assert records[1].name == "DJI_0001.MP4#frame=10"


def test_frames_without_a_time_are_read_in_their_order(register, tmp_path, monkeypatch):
    photos = frames_of(tmp_path / "DJI_0001.MP4", dated=False)
    opened = []
    capture = cv2.VideoCapture
    monkeypatch.setattr(cv2, "VideoCapture", lambda *names: opened.append(names) or capture(*names))
    assert look(register, photos).seen == list(range(0, 60, 10))
    assert len(opened) == 1
    assert len({photo.flight for photo in photos}) == 1 and photos[0].flight


def test_reports_see_the_inspected_pixels_again(register, tmp_path):
    look(register, frames_of(tmp_path / "DJI_0001.MP4"))
    with FrameReader() as frames:
        shown = [number_shown(read_inspected(record, frames)) for record in register.photos()]
    assert shown == list(range(0, 60, 10))


def test_a_video_that_moved_is_found_where_it_lies_now(register, tmp_path):
    photos = frames_of(tmp_path / "DJI_0001.MP4")
    look(register, photos)
    (tmp_path / "later").mkdir()
    moved = (tmp_path / "DJI_0001.MP4").rename(tmp_path / "later" / "DJI_0001.MP4")
    (tmp_path / "DJI_0001.SRT").rename(tmp_path / "later" / "DJI_0001.SRT")
    with register.transaction() as db:
        for photo in read_video(moved, spacing_m=4.9):
            note_path(db, photo, register.folder)
    assert {record.path for record in register.photos()} == {moved}
    assert [record.frame for record in register.photos()] == list(range(0, 60, 10))


@pytest.mark.parametrize("name", ["DJI_0001.MP4", "pass #3.mp4", "odd#frame=7.mp4", "straße.mov"])
@pytest.mark.parametrize("frame", [None, 0, 1234])
def test_paths_with_and_without_frame_are_told_and_understood(tmp_path, name, frame):
    text = path_text(tmp_path / name, tmp_path.resolve(), frame)
    assert path_and_frame(text, tmp_path.resolve()) == (tmp_path.resolve() / name, frame)
