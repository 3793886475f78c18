"""Frames of a video are aligned as photos are."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import cv2
import numpy as np
import pytest

from pipeline.photo import Photo
from pipeline.placing.photo_placing import Placing, place_photos
from tests.benchmarks.synthetic_flights import FRAME, Truth, errors_m
from tests.pipeline.made_videos import write_srt
from tests.pipeline.patterned_ground import seen_by
from vision.attitude import camera_to_enu
from vision.camera import Camera

_WIDTH_PX, _HEIGHT_PX, _HEIGHT_M, _SPEED_M_S, _PER_S, _SECONDS = 480, 270, 20.0, 5.0, 10, 8
_CAMERA = Camera.centred("video", _WIDTH_PX, _HEIGHT_PX, 24 / 36 * _WIDTH_PX * 1.02)


def _place_m(second: float) -> np.ndarray:
    """North for four seconds and back again, without turning round."""
    return np.array([0.0, _SPEED_M_S * min(second, _SECONDS - second), _HEIGHT_M])


def _truth() -> Truth:
    """Where all frames were taken; the camera hangs 2° askew."""
    rotation = camera_to_enu(0.0, -88.0, 1.0)
    places_m = [_place_m(number / _PER_S) for number in range(_SECONDS * _PER_S)]
    return Truth(np.array(places_m), np.array([rotation] * len(places_m)), _CAMERA)


def _flown(folder: Path, truth: Truth) -> Path:
    """A video with positions 1 m beside the truth, and no attitude."""
    path = folder / "DJI_0001.MP4"
    code = cv2.VideoWriter.fourcc(*"mp4v")
    writer = cv2.VideoWriter(str(path), cv2.CAP_FFMPEG, code, float(_PER_S), (_WIDTH_PX, _HEIGHT_PX))
    for number in range(len(truth.places_m)):
        writer.write(cv2.cvtColor(seen_by(truth, number), cv2.COLOR_GRAY2BGR))
    writer.release()
    blocks = []
    for second in range(_SECONDS + 1):
        lat, lon = FRAME.to_lat_lon(_place_m(second)[None, :2] + (0.8, -0.6))[0]
        blocks.append(
            f"2026-05-27 13:14:{22 + second:02d}.911\n[focal_len: 24.00] [latitude: {lat:.6f}] "
            f"[longitude: {lon:.6f}] [rel_alt: {_HEIGHT_M:.3f} abs_alt: 720.000]"
        )
    write_srt(path, blocks)
    return path


def _silent(title: str, total: int | None) -> AbstractContextManager:
    return nullcontext(lambda steps, detail: None)


@pytest.mark.slow
def test_frames_of_a_video_are_aligned_though_it_was_flown_backwards(tmp_path: Path) -> None:
    truth = _truth()
    placed = place_photos([_flown(tmp_path, truth)], Placing(align=True), {}, _silent)
    photos = [reading for reading in placed.readings if isinstance(reading, Photo)]
    frames = [photo.frame for photo in photos]
    of_frames = Truth(truth.places_m[frames], truth.rotations[frames], truth.camera)
    assert {photo.remarks[-1] for photo in photos} == {"aligned"}
    assert np.percentile(errors_m(photos, of_frames)[0], 90) < 1.3  # of them 1 m of the satellites
    assert placed.alignment.after.percentile_90_m < 0.1
