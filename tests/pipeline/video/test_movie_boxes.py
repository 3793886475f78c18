"""What the boxes of a video file tell beside its pictures."""

from __future__ import annotations

import struct
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.video.movie_boxes import MovieHeader, Subtitle, read_movie_header
from tests.pipeline.made_videos import add_to_movie, box, number_shown, write_video
from vision.video_decoding import read_frame

BEGUN = datetime(2026, 5, 27, 11, 14, 22, tzinfo=UTC)


def test_a_plain_video_tells_nothing(tmp_path):
    assert read_movie_header(write_video(tmp_path / "plain.mp4", frames=3)) == MovieHeader()


def test_what_cameras_write(tmp_path):
    video = write_video(tmp_path / "flight.mp4", frames=5)
    add_to_movie(
        video,
        {b"\xa9mdl": "FC330", b"\xa9gpt": "-89.90", b"\xa9grl": "+0.00", b"\xa9gyw": "+71.20"},
        BEGUN,
        ["first", "second, with °"],
        subtitle_step_s=0.5,
    )
    header = read_movie_header(video)
    assert header.created_at == BEGUN
    assert (header.model, header.gimbal_pitch_deg, header.gimbal_roll_deg) == ("FC330", -89.9, 0.0)
    assert header.subtitles == (Subtitle(0.0, "first"), Subtitle(0.5, "second, with °"))
    assert number_shown(read_frame(video, 4)) == 4


@pytest.mark.parametrize("content", [b"", b"\0" * 7, b"\0" * 64, b"\0\0\0\1mdat", box(b"moov", b"\0" * 5)])
def test_what_is_no_movie_tells_nothing(tmp_path, content):
    path = tmp_path / "video.mp4"
    path.write_bytes(content)
    assert read_movie_header(path) == MovieHeader()
    assert read_movie_header(tmp_path / "none.mp4") == MovieHeader()


def test_boxes_of_more_than_four_gigabytes_are_skipped(tmp_path):
    path = tmp_path / "long.mp4"
    wide = struct.pack(">I4sQ", 1, b"mdat", 16 + 10) + bytes(10)
    path.write_bytes(wide + box(b"moov", box(b"udta", box(b"\xa9mdl", struct.pack(">HH", 5, 0) + b"FC220"))))
    assert read_movie_header(path).model == "FC220"


@given(data=st.data())
def test_damaged_movies_never_raise(tmp_path_factory, data):
    video = tmp_path_factory.getbasetemp() / "damaged.mp4"
    if not video.exists():
        write_video(video, frames=2)
        add_to_movie(video, {b"\xa9mdl": "FC330"}, BEGUN, ["first", "second"])
        video.with_suffix(".whole").write_bytes(video.read_bytes())
    content = bytearray(video.with_suffix(".whole").read_bytes())
    begin = content.index(b"moov")
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(begin, len(content) - 1))] = data.draw(st.integers(0, 255))
    video.write_bytes(content[: data.draw(st.integers(begin, len(content)))])
    assert isinstance(read_movie_header(video), MovieHeader)
