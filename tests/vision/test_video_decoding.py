"""Frames of videos: the right ones, each video decoded once, and reasons instead of exceptions."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from tests.pipeline.made_videos import HEIGHT_PX, WIDTH_PX, number_shown, write_video
from vision.decoding import Undecodable
from vision.video_decoding import FrameReader, VideoFacts, read_frame, read_video_facts


@pytest.fixture(scope="module")
def video(tmp_path_factory):
    return write_video(tmp_path_factory.mktemp("video") / "flight.mp4", frames=60)


def test_facts_of_a_video(video):
    assert read_video_facts(video) == VideoFacts(WIDTH_PX, HEIGHT_PX, 10.0, 60)
    assert read_video_facts(video).length_s == 6.0


@pytest.mark.parametrize("order", [range(0, 60, 7), [59], [5, 5, 4, 30], [30, 2]])
def test_frames_are_those_asked_for_in_any_order(video, order):
    with FrameReader() as frames:
        assert [number_shown(frames.read(video, frame)) for frame in order] == list(order)


def test_frames_in_order_are_decoded_once(video, monkeypatch):
    opened = []
    capture = cv2.VideoCapture
    monkeypatch.setattr(cv2, "VideoCapture", lambda *names: opened.append(names) or capture(*names))
    with FrameReader() as frames:
        for frame in range(0, 60, 5):
            frames.read(video, frame)
    assert len(opened) == 1


def test_two_videos_in_turn_are_each_decoded_once(video, tmp_path, monkeypatch):
    other = write_video(tmp_path / "other.mp4", frames=20)
    opened = []
    capture = cv2.VideoCapture
    monkeypatch.setattr(cv2, "VideoCapture", lambda *names: opened.append(names) or capture(*names))
    with FrameReader() as frames:
        shown = [number_shown(frames.read(path, frame)) for frame in (3, 9, 15) for path in (video, other)]
    assert shown == [3, 3, 9, 9, 15, 15]
    assert len(opened) == 2


def test_a_frame_behind_the_end_is_truncated_and_reading_goes_on(video):
    with FrameReader() as frames:
        assert frames.read(video, 60).reason == "truncated"
        assert "end after 60 frames" in frames.read(video, 80).detail
        assert number_shown(frames.read(video, 7)) == 7


def test_a_video_that_was_cut_gives_its_first_frames(tmp_path, monkeypatch):
    video = write_video(tmp_path / "cut.avi", frames=60)
    content = video.read_bytes()
    video.write_bytes(content[: len(content) // 2])
    opened = []
    capture = cv2.VideoCapture
    monkeypatch.setattr(cv2, "VideoCapture", lambda *names: opened.append(names) or capture(*names))
    with FrameReader() as frames:
        assert number_shown(frames.read(video, 10)) == 10
        assert [frames.read(video, frame).reason for frame in (57, 58, 59)] == ["truncated"] * 3
        assert len(opened) == 1
        assert number_shown(frames.read(video, 5)) == 5


@pytest.mark.parametrize("content", [b"", b"\0" * 5000, b"\xff\xd8\xff", b"RIFF", b"\0\0\0\x18ftypmp42"])
def test_what_is_no_video_has_a_reason(tmp_path, content, capfd):
    path = tmp_path / "video.mp4"
    path.write_bytes(content)
    assert read_video_facts(path).reason == "not_a_video"
    assert isinstance(read_frame(path, 0), Undecodable)
    assert "cap.cpp" not in capfd.readouterr().err


def test_a_missing_video_has_a_reason(tmp_path):
    assert read_video_facts(tmp_path / "none.mp4").detail == "there is no such file"


def test_pixels_are_blue_green_red(tmp_path):
    path = tmp_path / "blue.mp4"
    writer = cv2.VideoWriter(str(path), cv2.CAP_FFMPEG, cv2.VideoWriter.fourcc(*"mp4v"), 5.0, (64, 48))
    for _ in range(3):
        writer.write(np.full((48, 64, 3), (200, 20, 20), np.uint8))
    writer.release()
    blue, green, red = read_frame(path, 1).reshape(-1, 3).mean(axis=0)
    assert blue > 150 > 80 > max(green, red)
