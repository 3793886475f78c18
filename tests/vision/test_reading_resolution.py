"""Photos of any height are read at a resolution the detector knows, or a kind is left out."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vision.reading_resolution import kinds_shown, reading_scale, too_coarse_remarks
from vision.resampling import resample

TRAINED_CM = (0.5, 2.0)


@pytest.mark.parametrize(
    ("gsd_cm", "trained", "scale"),
    [
        (None, TRAINED_CM, 1),
        (0.5, None, 1),
        (0.0, TRAINED_CM, 1),
        (0.25, TRAINED_CM, 0.25),
        (0.5, TRAINED_CM, 0.5),
        (0.99, TRAINED_CM, 1),
        (1.6, TRAINED_CM, 1),
        (2.0, TRAINED_CM, 1),
        (3.0, TRAINED_CM, 1.5),
        (9.0, TRAINED_CM, 2),
    ],
)
def test_finer_photos_are_shrunk_to_the_middle_and_coarser_ones_enlarged_at_most_twofold(
    gsd_cm, trained, scale
):
    assert reading_scale(gsd_cm, trained) == pytest.approx(scale)


@given(st.floats(0.05, 4.0), st.floats(0.2, 2.0), st.floats(1.0, 5.0))
def test_a_photo_is_never_read_outside_the_trained_interval(gsd_cm, finest_cm, ratio):
    trained = (finest_cm, finest_cm * ratio)
    read_at_cm = gsd_cm / reading_scale(gsd_cm, trained)
    if gsd_cm <= 2 * trained[1]:
        assert 0.97 * trained[0] <= read_at_cm <= 1.03 * trained[1]


def test_resampling_keeps_means_and_never_ends_at_nothing():
    picture = np.zeros((40, 60, 3), np.uint8)
    picture[::2] = 200
    assert resample(picture, 1) is picture
    assert resample(picture, 0.5).shape == (20, 30, 3)
    assert resample(picture, 0.5).mean() == pytest.approx(100, abs=1)
    assert resample(picture, 2).shape == (80, 120, 3)
    assert resample(picture, 0.001).shape == (1, 1, 3)


def test_no_kinds_show_nothing():
    assert kinds_shown(1.0, {}) == ((), ())


def test_a_photo_too_coarse_for_a_kind_says_so():
    limits = {"crack": 1.5, "pothole": 3.0, "repair": None}
    assert kinds_shown(1.5, limits) == (("crack", "pothole", "repair"), ())
    assert kinds_shown(2.0, limits) == (("pothole", "repair"), ("crack",))
    assert kinds_shown(9.0, limits) == (("repair",), ("crack", "pothole"))
    assert kinds_shown(None, limits)[1] == ()
    assert too_coarse_remarks(("crack",)) == ("too_coarse_for:crack",)
