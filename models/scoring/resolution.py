"""The coarsest ground resolution at which a detector still finds each kind of damage.

Held-out pictures are shrunk to one resolution after the other, as if flown higher, and read as the
detector reads a photo of that resolution; a picture joins at the step that it was taken at. A kind
counts as found down to the resolution at which its recall at the shipped threshold falls below 80 % of
its best, interpolated between the steps. A kind of which fewer than 15 boxes are found at best tells
nothing by itself: it takes what all kinds together say.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from models.labelled.pictures import LabelledBox, LabelledPicture
from models.scoring.average_precision import Judgement, Reading, average_precision, judge
from models.scoring.intervals import Interval, draw_weights, group_numbers, interval_of
from vision.camera import FloatArray
from vision.candidates import IntArray
from vision.decoding import Undecodable, read_picture
from vision.detector import Detector, Picture
from vision.errors import PantauError
from vision.resampling import resample

# Centimetres per pixel, in steps of the square root of two.
LADDER_CM = (0.6, 0.85, 1.2, 1.7, 2.4, 3.4, 4.8)
# A picture this much coarser than a step still joins it, as it is.
_JOINS_WITHIN = 1.1
FOUND_SHARE = 0.8
_FEWEST_FOUND = 15
_DRAWS = 500


@dataclass(frozen=True)
class KindResolution:
    """How a kind fares as photos get coarser.

    `recall` (at the shipped threshold) and `ap50` hold one value for each step of `LADDER_CM`, None where
    no box is labelled in the pictures as fine as that. `found` counts the boxes found at best.
    `coarsest_gsd_cm` is where recall falls below 80 % of its best, with its 95 % interval; where too few
    are found (`by_itself` is false) it is that of all kinds together, None where nothing is found.
    """

    kind: str
    boxes: int
    found: int
    recall: tuple[float | None, ...]
    ap50: tuple[float | None, ...]
    by_itself: bool
    coarsest_gsd_cm: float | None
    interval_cm: Interval | None


@dataclass(frozen=True)
class _Counts:
    """Boxes labelled and found (L, G) at each step, by overlap group."""

    labelled: FloatArray
    found: FloatArray

    def recall(self, weights: FloatArray) -> FloatArray:
        """Recall (L,) when the groups count with these weights (G,); NaN where nothing is labelled."""
        with np.errstate(invalid="ignore"):
            return np.asarray(self.found @ weights / (self.labelled @ weights))


def measure_resolutions(
    detector: Detector,
    pictures: Sequence[LabelledPicture],
    gsd_cm: Mapping[str, float],
    thresholds: Mapping[str, float],
    groups: Mapping[str, int] | None = None,
    advance: Callable[[int, str], None] = lambda steps, detail: None,
) -> tuple[KindResolution, ...]:
    """Read held-out pictures at each step of `LADDER` and tell for each kind how coarse is too coarse.

    `detector` was opened with the lowest threshold; `thresholds` are those it ships with. `gsd_cm` holds
    each picture's ground sample distance in centimetres per pixel, by name. Intervals draw overlap
    groups, each picture where `groups` is None. `advance(1, name)` is called after each picture.

    Raises PantauError for a picture that cannot be decoded.
    """
    ladder: list[list[Reading]] = [[] for _ in LADDER_CM]
    for labelled in pictures:
        pixels = read_picture(labelled.path)
        if isinstance(pixels, Undecodable):
            raise PantauError(f"{labelled.path}: cannot be scored, {pixels.detail}; take it out.")
        own_cm = gsd_cm[labelled.name]
        for readings, step_cm in zip(ladder, LADDER_CM, strict=True):
            if own_cm <= step_cm * _JOINS_WITHIN:
                readings.append(read_coarser(detector, labelled, pixels, own_cm, max(step_cm, own_cm)))
        advance(1, labelled.name)
    return _judge_ladder(ladder, thresholds, groups)


def coarsest_resolutions(measured: Sequence[KindResolution]) -> dict[str, float]:
    """For each kind the limit that `model.toml` states; kinds of which nothing was found are left out."""
    return {one.kind: round(one.coarsest_gsd_cm, 2) for one in measured if one.coarsest_gsd_cm is not None}


def coarsest_cm(recall: FloatArray) -> float:
    """Where recall (L,) at the steps of `LADDER_CM` last falls below 80 % of its best, in cm per pixel.

    Interpolated over the logarithm of the resolution; the ladder's end where recall never falls, NaN where
    nothing is found at all. Steps where nothing is labelled (NaN) count as nothing found.
    """
    known = np.nan_to_num(recall)
    if known.max(initial=0) <= 0:
        return float("nan")
    wanted = FOUND_SHARE * known.max()
    last = int(np.flatnonzero(known >= wanted)[-1])
    if last == len(LADDER_CM) - 1:
        return LADDER_CM[-1]
    share = (known[last] - wanted) / (known[last] - known[last + 1])
    return float(LADDER_CM[last] * (LADDER_CM[last + 1] / LADDER_CM[last]) ** share)


def read_coarser(
    detector: Detector, labelled: LabelledPicture, pixels: Picture, own_cm: float, step_cm: float
) -> Reading:
    """What is found in a picture of `own_cm` a pixel made coarser, with the labels in its pixels."""
    shrunk = resample(pixels, own_cm / step_cm)
    x, y = shrunk.shape[1] / labelled.width_px, shrunk.shape[0] / labelled.height_px
    boxes = tuple(_scaled(box, x, y) for box in labelled.boxes)
    found = detector.detect(shrunk, gsd_cm=step_cm)
    return Reading(LabelledPicture(labelled.path, shrunk.shape[1], shrunk.shape[0], boxes), found)


def _scaled(box: LabelledBox, x: float, y: float) -> LabelledBox:
    left, top, right, bottom = box.xyxy_px
    return LabelledBox(box.kind, (left * x, top * y, right * x, bottom * y))


def _judge_ladder(
    ladder: Sequence[Sequence[Reading]], thresholds: Mapping[str, float], groups: Mapping[str, int] | None
) -> tuple[KindResolution, ...]:
    # The pictures of the coarsest step are those of all steps: they number the groups.
    numbers = group_numbers(ladder[-1], groups)
    group_of = {one.picture.path: int(group) for one, group in zip(ladder[-1], numbers, strict=True)}
    group_count = int(numbers.max(initial=-1)) + 1
    judged = {kind: [judge(step, kind) for step in ladder] for kind in thresholds}
    steps = [np.array([group_of[one.picture.path] for one in step], dtype=np.intp) for step in ladder]
    counts = {kind: _counts(own, steps, thresholds[kind], group_count) for kind, own in judged.items()}
    everything = _Counts(
        sum((one.labelled for one in counts.values()), np.zeros((len(ladder), group_count))),
        sum((one.found for one in counts.values()), np.zeros((len(ladder), group_count))),
    )
    return tuple(_kind_resolution(kind, counts[kind], everything, judged[kind]) for kind in thresholds)


def _counts(
    judged: Sequence[Judgement], group_of: Sequence[IntArray], threshold: float, groups: int
) -> _Counts:
    labelled, found = [], []
    for step, group in zip(judged, group_of, strict=True):
        right = step.hit[:, 0] & (step.score >= threshold)
        labelled.append(np.bincount(group, step.boxes_in, groups))
        found.append(np.bincount(group[step.picture[right]], minlength=groups))
    return _Counts(np.array(labelled, dtype=np.float64), np.array(found, dtype=np.float64))


def _kind_resolution(
    kind: str, own: _Counts, everything: _Counts, judged: Sequence[Judgement]
) -> KindResolution:
    groups = own.labelled.shape[1]
    found = int(own.found.sum(axis=1).max(initial=0))
    by_itself = found >= _FEWEST_FOUND
    decisive = own if by_itself else everything
    limit = coarsest_cm(decisive.recall(np.ones(groups)))
    drawn = np.array([coarsest_cm(decisive.recall(weight)) for weight in draw_weights(groups, _DRAWS)])
    return KindResolution(
        kind,
        int(own.labelled.max(axis=0, initial=0).sum()),
        found,
        tuple(float(value) if np.isfinite(value) else None for value in own.recall(np.ones(groups))),
        tuple(average_precision(step.hit[:, 0], step.boxes) if step.boxes else None for step in judged),
        by_itself,
        limit if np.isfinite(limit) else None,
        interval_of(drawn),
    )
