"""Subtitle files as drones leave them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.video.subtitles import Cue, read_cues


@pytest.mark.parametrize("content", [b"", b"1\n", b"\xef\xbb\xbf", b"\n\n", b"no subtitles at all"])
def test_what_holds_no_block_has_none(content):
    assert read_cues(content) == []


def test_blocks_with_byte_order_mark_markup_and_carriage_returns():
    content = (
        '\ufeff1\r\n00:01:02,500 --> 00:01:03,500\r\n<font size="36">F/2.8\r\nISO 100</font>\r\n\r\n'.encode()
    )
    assert read_cues(content) == [Cue(62.5, "F/2.8\nISO 100")]


def test_blank_lines_in_and_between_blocks():
    content = b"1\n00:00:00,000 --> 00:00:01,000\nfirst\n\n\n2\n00:00:01,000 --> 00:00:02,000\n\nsecond\n"
    assert [cue.text for cue in read_cues(content)] == ["first", "second"]


def test_blocks_without_times():
    assert read_cues(b"1\n2017.08.05 14:11:51\nISO 100\n\n2\nISO 200\n") == [
        Cue(None, "2017.08.05 14:11:51\nISO 100"),
        Cue(None, "ISO 200"),
    ]


def test_a_last_block_that_was_cut():
    cues = read_cues(b"1\n00:00:00,000 --> 00:00:01,000\nwhole\n\n2\n00:00:01,000 --> 00:0")
    assert [cue.text for cue in cues] == ["whole", "00:00:01,000 --> 00:0"]


@given(st.binary(max_size=400))
def test_any_bytes_give_blocks_and_no_error(content):
    assert all(cue.text for cue in read_cues(content))
