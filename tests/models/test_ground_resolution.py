"""Ground resolution from things of known size: measured below pixels, and the interval they give."""

from __future__ import annotations

from dataclasses import astuple, fields
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import models.catalogue
from models.folder import read_model_folder
from models.labelled.dataset import read_groups, read_split
from models.scoring.ground_resolution import (
    FEATURES,
    JUDGED_BY_EYE,
    MEASUREMENTS,
    Measurement,
    estimate_resolution,
    picture_resolutions,
    read_judged_resolutions,
    read_measurements,
    stripe_width_px,
    tile_resolutions,
)
from vision.errors import PantauError

MODEL = Path(models.catalogue.__file__).parent / models.catalogue.DEFAULT_MODEL


def measured(tile: str, group: int, gsd_cm: float, error: float = 0.05, feature: str = "dash_length_2m"):
    size_m = FEATURES[feature].size_m
    return Measurement(tile, group, feature, size_m, 0, 0, 9, 9, size_m * 100 / gsd_cm, gsd_cm, error)


def drawn_stripe(width_px: float, angle_deg: float, grain: float = 6.0):
    """Asphalt with a bright stripe through its middle: (brightness, start, end)."""
    y, x = np.mgrid[:256, :256] - 127.5
    angle = np.radians(angle_deg)
    across = x * np.cos(angle) + y * np.sin(angle)
    stripe = np.clip(width_px / 2 + 0.5 - np.abs(across), 0, 1)
    noise = np.random.default_rng(0).normal(0, grain, (256, 256))
    brightness = cv2.GaussianBlur(100 + 90 * stripe + noise, (0, 0), 1.0)
    along = np.array([-np.sin(angle), np.cos(angle)]) * 100
    return brightness, 127.5 - along, 127.5 + along


@settings(max_examples=30)
@given(st.floats(6, 60), st.floats(-80, 80))
def test_a_stripes_width_is_measured_below_pixels(width_px, angle_deg):
    brightness, start_px, end_px = drawn_stripe(width_px, angle_deg)
    result = stripe_width_px(brightness, start_px, end_px, width_px * 1.15)
    assert result is not None
    assert result[0] == pytest.approx(width_px, abs=0.4)
    assert 0 <= result[1] < 0.5


def test_bare_asphalt_has_no_width():
    brightness = np.full((256, 256), 100.0)
    assert stripe_width_px(brightness, (50, 50), (200, 200), 20) is None
    assert stripe_width_px(brightness, (2, 0), (2, 255), 20) is None


def test_a_tile_takes_the_median_of_its_measurements_by_their_certainty():
    sure, unsure = measured("a", 1, 1.0, 0.02), measured("a", 1, 2.0, 0.2)
    assert tile_resolutions([]) == {}
    assert tile_resolutions([sure])["a"] == 1.0
    assert tile_resolutions([sure, unsure])["a"] == pytest.approx(1.0, abs=0.02)


def test_the_interval_counts_each_group_once_and_holds_the_truth():
    random = np.random.default_rng(1)
    true_cm = np.linspace(0.5, 2.0, 80)
    rows = [measured(f"t{i}", i, float(gsd * random.normal(1, 0.04))) for i, gsd in enumerate(true_cm)]
    crowd = [measured(f"c{i}", 999, 9.0) for i in range(50)]
    estimated = estimate_resolution(rows + crowd)
    assert (estimated.tiles, estimated.groups) == (130, 81)
    assert estimated.finest_cm[0] < 0.575 < estimated.finest_cm[1]
    assert estimated.coarsest_cm[0] < 1.925 < estimated.coarsest_cm[1]
    assert estimated.median_cm == pytest.approx(1.25, rel=0.1)


def test_one_group_gives_no_interval():
    with pytest.raises(ValueError, match="two overlap groups"):
        estimate_resolution([measured("a", 1, 1.0), measured("b", 1, 1.1)])


def test_a_picture_without_measurement_takes_its_groups_then_the_median():
    rows = [measured("a", 1, 0.5), measured("b", 2, 1.0), measured("c", 3, 1.5)]
    groups = {"a": 1, "b": 2, "c": 3, "beside_a": 1}
    names = ["a", "beside_a", "alone"]
    assert picture_resolutions(names, groups, rows) == {"a": 0.5, "beside_a": 0.5, "alone": 1.0}
    judged_cm = dict.fromkeys(names, 1.7)
    assert picture_resolutions(names, groups, rows, judged_cm)["alone"] == 1.7
    assert picture_resolutions(names, groups, rows, judged_cm)["beside_a"] == 0.5


def test_a_broken_file_is_named(tmp_path):
    file = tmp_path / MEASUREMENTS
    file.write_text("tile,gsd_cm\na,much\n", encoding="utf-8")
    with pytest.raises(PantauError, match=MEASUREMENTS):
        read_measurements(file)


def test_the_shipped_measurements_are_many_and_consistent():
    rows = read_measurements(MODEL / MEASUREMENTS)
    assert [len(astuple(row)) for row in rows[:1]] == [len(fields(Measurement))]
    assert len({row.tile for row in rows}) >= 100
    assert len({row.overlap_group for row in rows}) >= 60
    for row in rows:
        assert row.assumed_size_m == FEATURES[row.feature].size_m
        assert row.gsd_cm == pytest.approx(row.assumed_size_m * 100 / row.measured_px, rel=0.002)


def test_tiles_judged_by_eye_look_like_one_of_the_measured_clusters():
    judged = read_judged_resolutions(MODEL / JUDGED_BY_EYE)
    assert len(judged) > 100
    assert set(judged.values()) == {0.59, 1.02, 1.69}
    with pytest.raises(PantauError, match="judged"):
        read_judged_resolutions(MODEL / "CARD.md")


def test_the_shipped_models_interval_is_the_measured_one():
    estimated = estimate_resolution(read_measurements(MODEL / MEASUREMENTS))
    stated = read_model_folder(MODEL).gsd_cm
    assert stated == pytest.approx(estimated.gsd_cm, abs=0.006)


@pytest.mark.real_data
def test_the_shipped_measurements_can_be_made_again(shared):
    drone = shared / "data" / "road-damage" / "drone"
    train, groups = read_split(drone / "split.json").train, read_groups(drone / "overlap_groups.json")
    rows = read_measurements(MODEL / MEASUREMENTS)
    assert all(row.tile in train and groups[row.tile] == row.overlap_group for row in rows)
    for row in [row for row in rows if row.feature == "line_width"][::12]:
        picture = cv2.imread(str(drone / "images" / f"{row.tile}.jpg"))
        brightness = cv2.cvtColor(picture, cv2.COLOR_BGR2LAB)[..., 0].astype(np.float64)
        ends = (row.start_x_px, row.start_y_px), (row.end_x_px, row.end_y_px)
        again = stripe_width_px(brightness, *ends, row.measured_px)
        assert again is not None
        assert again[0] == pytest.approx(row.measured_px, rel=0.05)
