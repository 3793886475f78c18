"""Plus codes: places as short texts that can be read out over the radio and typed into map apps.

Open Location Code, https://github.com/google/open-location-code/blob/main/Documentation/Specification/specification.md
"""

from __future__ import annotations

import math

_DIGITS = "23456789CFGHJMPQRVWX"
_STEPS_A_DEGREE = 8000  # ten digits, five each for latitude and longitude: cells of 14 m
_PAIRS = 5


def plus_code(lat: float, lon: float) -> str:
    """The plus code of the 14 m cell that holds a place, say 6P58PGGP+9V."""
    north = min(_steps(lat + 90.0), 180 * _STEPS_A_DEGREE - 1)
    east = _steps(lon + 180.0) % (360 * _STEPS_A_DEGREE)
    digits = ""
    for pair in reversed(range(_PAIRS)):
        digits += _DIGITS[north // 20**pair % 20] + _DIGITS[east // 20**pair % 20]
    return f"{digits[:8]}+{digits[8:]}"


def _steps(degrees: float) -> int:
    # Not the binary tail of a decimal number decides on which side of an edge it lies.
    return math.floor(round(degrees * _STEPS_A_DEGREE, 6))
