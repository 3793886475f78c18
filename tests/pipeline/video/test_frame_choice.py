"""Frames by the distance flown."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.video.frame_choice import choose_frames, default_spacing_m
from vision.camera import Camera


def north(*metres: float) -> np.ndarray:
    return np.array([[0.0, place] for place in metres])


def test_no_frames_of_no_video():
    assert choose_frames(np.empty((0, 2)), np.empty(0)) == []


def test_one_frame_a_step_however_fast():
    places = north(0, 1, 2, 3, 4, 5, 10, 15, 15, 15, 16)
    assert choose_frames(places, np.full(11, 5.0)) == [0, 5, 6, 7]


def test_a_drone_that_stands_gives_one_frame():
    wander = np.cumsum(np.random.default_rng(1).normal(0, 0.02, (3000, 2)), axis=0)
    assert choose_frames(wander - wander.mean(axis=0), np.full(3000, 8.0)) == [0]


def test_frames_without_a_place_are_not_chosen():
    places = north(0, 5, 10, 15)
    places[[0, 2]] = np.nan
    assert choose_frames(places, np.full(4, 5.0)) == [1, 3]


def test_the_spacing_follows_the_height():
    places, spacing = north(*range(0, 40, 1)), np.where(np.arange(40) < 20, 4.0, 10.0)
    assert choose_frames(places, spacing) == [0, 4, 8, 12, 16, 26, 36]


@given(st.floats(5, 120), st.floats(0.4, 1.5))
def test_the_default_spacing_leaves_seventy_percent_of_the_shorter_side(height_m, focal_rel):
    camera = Camera.centred("test", 1600, 900, focal_rel * 1600)
    footprint_m = height_m * 900 / camera.focal_px
    assert 1 - default_spacing_m(camera, np.array([height_m]))[0] / footprint_m == pytest.approx(0.7)
