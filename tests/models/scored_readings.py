"""Readings made by hand, and a strategy that makes them by chance."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from hypothesis import strategies as st

from models.labelled.pictures import LabelledBox, LabelledPicture
from models.scoring.average_precision import Reading
from vision.detector import Detections

KINDS = ("crack", "pothole")


def reading(truth, found, name="a") -> Reading:
    """A picture of 100 × 100 px with boxes labelled (kind, box), and findings (kind, score, box)."""
    boxes = tuple(LabelledBox(kind, box) for kind, box in truth)
    detections = Detections.of_boxes(
        np.array([box for _, _, box in found], dtype=float).reshape(-1, 4),
        np.array([value for _, value, _ in found], dtype=float),
        [kind for kind, _, _ in found],
    )
    return Reading(LabelledPicture(Path(f"{name}.jpg"), 100, 100, boxes), detections)


_SIDE = st.integers(5, 40)
_BOXES = st.builds(
    lambda x, y, w, h: (float(x), float(y), float(x + w), float(y + h)),
    st.integers(0, 60),
    st.integers(0, 60),
    _SIDE,
    _SIDE,
)
_KIND = st.sampled_from(KINDS)
_TRUTH = st.lists(st.tuples(_KIND, _BOXES), max_size=4)
_FOUND = st.lists(st.tuples(_KIND, st.sampled_from([0.1, 0.3, 0.5, 0.7, 0.9]), _BOXES), max_size=6)


@st.composite
def readings(draw, most=6) -> list[Reading]:
    """Some pictures, with labels and findings, no two of one score; some findings lie right on a label."""
    made = []
    for number in range(draw(st.integers(0, most))):
        truth = draw(_TRUTH)
        found = draw(_FOUND)
        copied = draw(st.lists(st.sampled_from(truth), max_size=3)) if truth else []
        score = st.sampled_from([0.2, 0.6, 0.8])
        found += [(kind, draw(score), box) for kind, box in copied]
        apart = [
            (kind, value + number / 1e3 + place / 1e5, box) for place, (kind, value, box) in enumerate(found)
        ]
        made.append(reading(truth, apart, f"p{number}"))
    return made
