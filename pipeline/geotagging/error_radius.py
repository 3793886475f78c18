"""The circle that holds a place 95 % of the time, from its 1-σ ellipse."""

from __future__ import annotations

import numpy as np

# In half axes of the longer side, by the shorter one's share of it (0, 0.1, … 1): the integral of the
# normal distribution over a circle, solved for 95 %.
_SHARES = np.linspace(0, 1, 11)
_RADII = (1.9600, 1.9625, 1.9704, 1.9842, 2.0051, 2.0359, 2.0813, 2.1460, 2.2303, 2.3318, 2.4477)


def radius_95_m(sigma_major_m: float, sigma_minor_m: float) -> float:
    """The radius in metres; NaN where an error is unknown."""
    if not sigma_major_m > 0:
        return sigma_major_m
    return sigma_major_m * float(np.interp(sigma_minor_m / sigma_major_m, _SHARES, _RADII))
