"""The circle of 95 %."""

from __future__ import annotations

from math import isnan, nan

import numpy as np
import pytest

from pipeline.geotagging.error_radius import radius_95_m

DRAWN = np.random.default_rng(1).standard_normal((400_000, 2))


def test_without_error_it_is_a_point_and_unknown_errors_stay_unknown():
    assert radius_95_m(0.0, 0.0) == 0.0
    assert isnan(radius_95_m(nan, nan))


@pytest.mark.parametrize("share", [0.0, 0.05, 0.33, 0.5, 0.77, 1.0])
def test_it_holds_95_percent_however_long_the_ellipse_is(share):
    distances_m = np.hypot(*(DRAWN * (2.0, 2.0 * share)).T)
    assert (distances_m <= radius_95_m(2.0, 2.0 * share)).mean() == pytest.approx(0.95, abs=0.0015)
