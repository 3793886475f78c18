"""What a photo's quality means for its use."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pipeline.inspecting.photo_verdict import Verdict, off_nadir_deg, quality_verdict, resolution_verdict
from pipeline.photo import Photo, Pose
from pipeline.reasons import REJECTED, REMARKS
from vision.camera import Camera

CAMERA = Camera.centred("test", 800, 600, 800.0)
SHARP = np.random.default_rng(0).integers(60, 200, (600, 800, 3), dtype=np.uint8)


def photo(pitch_deg: float = -90.0, roll_deg: float = 0.0) -> Photo:
    return Photo("p", Path("p.jpg"), None, CAMERA, Pose(-6.3, 106.8, 10.0, 40.0, pitch_deg, roll_deg))


def test_a_good_photo_is_used_without_remarks():
    assert quality_verdict(photo(), SHARP) == Verdict(None, "", ())


def test_a_white_photo_is_rejected_with_a_detail():
    verdict = quality_verdict(photo(), np.full_like(SHARP, 255))
    assert verdict.rejected == "overexposed" and verdict.rejected in REJECTED
    assert "100%" in verdict.detail


@pytest.mark.parametrize(("pitch_deg", "tilted"), [(-90, False), (-61, False), (-59, True), (-45, True)])
def test_a_tilted_camera_is_a_remark(pitch_deg, tilted):
    verdict = quality_verdict(photo(pitch_deg), SHARP)
    assert verdict.rejected is None
    assert verdict.remarks == (("tilted",) if tilted else ()) and set(verdict.remarks) <= REMARKS.keys()


def test_a_photo_too_coarse_for_some_kinds_is_a_remark_and_for_all_a_rejection():
    coarsest_cm = {"crack": 2.5, "pothole": 1.9}
    assert resolution_verdict(1.8, coarsest_cm) == Verdict(None, "", ())
    assert resolution_verdict(2.0, coarsest_cm).remarks == ("too_coarse_for:pothole",)
    rejected = resolution_verdict(2.6, coarsest_cm)
    assert rejected.rejected == "too_coarse" and rejected.rejected in REJECTED
    assert "2.60 cm" in rejected.detail and "2.50 cm" in rejected.detail


def test_what_is_unknown_of_the_resolution_rejects_nothing():
    assert resolution_verdict(None, {"crack": 2.5}) == resolution_verdict(9.0, {}) == Verdict(None, "", ())
    assert resolution_verdict(9.0, {"crack": None, "pothole": 1.9}).rejected is None


def test_off_nadir_is_the_angle_of_the_axis_whatever_the_yaw_and_roll():
    assert off_nadir_deg(photo(-90).pose) == pytest.approx(0, abs=1e-6)
    assert off_nadir_deg(photo(-60, roll_deg=180.0).pose) == pytest.approx(30)
