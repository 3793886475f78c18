"""A distance that no plan can undercut, to measure plans against.

Whoever flies every pass and returns to the launch point flies closed tours. Passes and transits
together meet every place an even number of times, so the transits alone join up the places where an
odd number of passes end. The shortest way to join these up in straight lines is their least-weight
perfect matching.
"""

from __future__ import annotations

import numpy as np

from flight.routing.joints import joints, middles
from flight.routing.matching import least_weight_at_least_m
from vision.camera import FloatArray


def lower_bound_m(starts: FloatArray, ends: FloatArray, lengths_m: FloatArray) -> float:
    """The length of all passes plus the least-weight matching of their odd ends in straight lines.

    `starts` and `ends` are (N, 2) in metres. Whatever is simplified makes it less: ends that nearly meet
    are taken as one place, and the way there deducted; with more than a few hundred odd places the
    matching is bounded from below (`flight.routing.matching`), by some per mille of the whole.
    """
    places = np.vstack([starts, ends])
    numbers = joints(places)
    joint_places = middles(places, numbers)
    moved_m = float(np.hypot(*(joint_places[numbers] - places).T).sum())
    odd = joint_places[np.bincount(numbers) % 2 == 1]
    return float(lengths_m.sum()) + max(0.0, least_weight_at_least_m(odd) - moved_m)
