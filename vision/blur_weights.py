"""Weights of the blur score of `vision.photo_quality`: the intercept, then one a feature.

Fitted and printed by tests/benchmarks/fit_blur_weights.py.
"""

from __future__ import annotations

import numpy as np

BLUR_WEIGHTS = np.array(
    [
        4.9607,
        0.2512,
        -0.5078,
        1.7789,
        0.4253,
        -0.0681,
        -0.7959,
        0.2540,
        -0.4834,
        0.2204,
        0.6329,
        1.3152,
        0.5099,
        -0.4676,
        0.3456,
        0.0025,
        -2.0790,
        -0.9152,
        -1.8111,
        -0.3287,
        -0.5902,
        -0.7349,
        0.1426,
        0.4086,
        -0.0396,
        0.7738,
        -0.9839,
        -0.6270,
        -1.1489,
        -0.9329,
        -0.6779,
        -1.5134,
        0.1388,
        -0.5773,
        -1.4986,
        0.1993,
        0.2618,
        -0.2865,
        -0.1206,
        0.8871,
        0.9508,
        -0.0136,
        1.7882,
        -3.4018,
    ]
)
