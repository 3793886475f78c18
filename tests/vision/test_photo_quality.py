"""Blur and exposure of photos."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from pipeline.reasons import REJECTED, REMARKS
from tests.vision.degraded_photos import degraded, moved, out_of_focus
from vision.detector import Picture
from vision.photo_quality import judge_quality

TILE = "data/road-damage/drone/images/China_Drone_000573.jpg"
PHOTO = "data/photos/brighton-beach/DJI_0026.JPG"


def read(path) -> Picture:
    return cv2.imread(str(path), cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION)


@pytest.mark.parametrize("size", [(1, 1), (63, 500), (500, 63)])
def test_a_picture_too_small_to_judge_has_no_blur(size):
    assert judge_quality(np.full((*size, 3), 128, np.uint8)).blur is None


def test_a_picture_without_structure_has_no_blur():
    assert judge_quality(np.full((600, 800, 3), 128, np.uint8)).faults == ()


def test_a_white_picture_is_overexposed_and_a_black_one_underexposed():
    white = np.full((600, 800, 3), 255, np.uint8)
    assert "overexposed" in judge_quality(white).faults
    assert "underexposed" in judge_quality(np.zeros_like(white)).faults
    partly = np.full_like(white, 128)
    partly[:, :200] = 255
    assert "partly_overexposed" in judge_quality(partly).faults


@pytest.mark.real_data
def test_a_sharp_photo_has_no_faults(shared):
    for path in (TILE, PHOTO):
        assert judge_quality(read(shared / path)).faults == ()


@pytest.mark.real_data
@pytest.mark.parametrize("kernel", [moved(8, 0.4), moved(8, 1.7), out_of_focus(8)])
def test_a_photo_blurred_by_8_px_is_blurred_in_spite_of_noise(shared, kernel):
    photo = read(shared / PHOTO)[:1500, :2000]
    assert "blurred" in judge_quality(degraded(photo, kernel, np.random.default_rng(1))).faults


@pytest.mark.real_data
def test_noise_and_compression_alone_are_no_blur(shared):
    photo = read(shared / PHOTO)[:1500, :2000]
    assert judge_quality(degraded(photo, None, np.random.default_rng(1))).faults == ()


@pytest.mark.real_data
def test_a_blur_that_is_gone_where_the_photo_is_read_is_none(shared):
    photo = cv2.resize(read(shared / PHOTO)[:800, :1200], None, fx=4, fy=4, interpolation=cv2.INTER_CUBIC)
    assert "blurred" in judge_quality(photo).faults
    assert judge_quality(photo, gsd_cm=0.25).faults == ()


def test_every_fault_is_a_reason_or_a_remark():
    faults = ("blurred", "overexposed", "underexposed")
    assert set(faults) <= REJECTED.keys()
    weak = ("slightly_blurred", "partly_overexposed", "partly_underexposed", "tilted")
    assert set(weak) <= REMARKS.keys()
