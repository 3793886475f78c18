"""Alignment: better poses for photos that show the same ground, and never worse ones.

Features of overlapping photos are matched and joined into tie points; all poses, lenses and points are
adjusted together, what was recorded being as sure as its errors say. A part of the tie points is kept out of
the adjustment and tells how well the photos agree before and after. A photo with too few tie points, one
whose pose would have to be wrong beyond reason, and one that would agree less with its neighbours keep what
was recorded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec

import numpy as np

from pipeline.alignment.consistency import Consistency, consistency
from pipeline.alignment.control_marks import fitting_marks
from pipeline.alignment.control_points import ControlPoint
from pipeline.alignment.gain import without_gain
from pipeline.alignment.headings import with_found_headings
from pipeline.alignment.plausible_block import Block, align_plausible, stating_disagreement
from pipeline.alignment.report import AlignmentReport, control_residuals
from pipeline.alignment.tie_points import TiePoints, thinned
from pipeline.alignment.tying import Advance, Tied, tie_photos
from pipeline.photo import Photo
from vision.errors import PantauError
from vision.frames import LocalFrame

ALIGNED = "aligned"
TOO_FEW_MATCHES = "not_aligned_few_matches"
IMPLAUSIBLE = "not_aligned_implausible"
NO_GAIN = "not_aligned_no_gain"

# One tie point of so many is kept to check with.
_CHECK_EVERY = 5


@dataclass(frozen=True)
class Alignment:
    """All photos, in their order, with better poses where there are any, and what was done."""

    photos: tuple[Photo, ...]
    report: AlignmentReport


def align(
    photos: Sequence[Photo],
    control_points: Sequence[ControlPoint] = (),
    advance: Advance = lambda steps, detail: None,
) -> Alignment:
    """Align photos with each other, and to control points (see `pipeline.alignment.control_points`).

    Every photo carries a remark afterwards: `aligned`, or why its recorded pose stays. The errors of aligned
    poses are those of the adjustment; photos that are tied together become one flight, as they share them.
    `advance(1, name)` is called for every photo.

    Raises PantauError when scipy is not installed, and when no mark of the control points fits the photos.
    """
    check_alignment_possible()
    if not photos:
        return Alignment((), _report(photos, photos, _no_ties(), Tied((), (), 0), (), None))
    control_points, notes = fitting_marks(photos, control_points)
    frame = LocalFrame(*np.mean([(photo.pose.lat, photo.pose.lon) for photo in photos], axis=0))
    tied = tie_photos(photos, frame, advance)
    headed = with_found_headings(photos, tied.views, tied.matches)
    sizes_px = [(photo.camera.width_px, photo.camera.height_px) for photo in photos]
    ties = thinned(tied.ties, sizes_px)
    checking = np.arange(ties.count) % _CHECK_EVERY == _CHECK_EVERY - 1
    checks = ties.of_points(checking)
    block = align_plausible(headed, ties.of_points(~checking), frame, control_points)
    result, remarks = _taken_over(photos, block, checks, frame)
    result = stating_disagreement(result, block.implausible, ties, frame)
    final = [
        replace(photo, remarks=(*photo.remarks, remark))
        for photo, remark in zip(result, remarks, strict=True)
    ]
    report = _report(photos, final, checks, tied, control_points, frame)
    return Alignment(tuple(final), replace(report, notes=notes))


def check_alignment_possible() -> None:
    """Raises PantauError when scipy is not installed."""
    if find_spec("scipy") is None:
        raise PantauError(
            "aligning photos needs scipy; install it with: pip install '.[align]' in Pantau's folder."
        )


def _taken_over(
    recorded: Sequence[Photo], block: Block, checks: TiePoints, frame: LocalFrame
) -> tuple[list[Photo], list[str]]:
    """The photos, aligned but for those that had better stay as recorded, and a remark about each."""
    result, remarks = list(recorded), [TOO_FEW_MATCHES] * len(recorded)
    for number in block.implausible:
        remarks[number] = IMPLAUSIBLE
    for number, photo in block.aligned.items():
        result[number], remarks[number] = photo, ALIGNED
    believed = checks.where(~np.isin(checks.photo, block.implausible))
    aligned = set(block.aligned)
    while worse := without_gain(recorded, result, aligned, believed, frame):
        aligned.difference_update(worse)
        for number in worse:
            result[number], remarks[number] = recorded[number], NO_GAIN
    return result, remarks


def _report(
    recorded: Sequence[Photo],
    final: Sequence[Photo],
    checks: TiePoints,
    tied: Tied,
    control_points: Sequence[ControlPoint],
    frame: LocalFrame | None,
) -> AlignmentReport:
    aligned = sum(ALIGNED in photo.remarks for photo in final)
    nothing = Consistency(0, float("nan"), float("nan"))
    return AlignmentReport(
        aligned=aligned,
        kept=len(final) - aligned,
        pairs_tried=tied.pairs_tried,
        pairs_matched=len(tied.matches),
        tie_points=checks.count * _CHECK_EVERY,
        before=consistency(recorded, checks, frame) if frame else nothing,
        after=consistency(final, checks, frame) if frame else nothing,
        control_before=control_residuals(recorded, control_points),
        control_after=control_residuals(final, control_points),
    )


def _no_ties() -> TiePoints:
    empty = np.empty(0, dtype=np.intp)
    return TiePoints(empty, empty, np.empty((0, 2)), np.empty(0), 0)
