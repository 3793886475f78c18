"""Which source is believed: the photo's own file, or logs and tracks beside it.

A position of RTK grade from outside beats the file's own, which may be the receiver's guess or even
a planned point. Everything else from outside only fills what the file lacks. Where both tell the same
thing differently, the photo is used less surely and says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from math import hypot

from pipeline.metadata.recorded import Recorded, distance_m, merge, position_disagreement_m

# 1-σ of position and height without RTK, where the drone states none: the survey's reference errors.
SIGMA_POSITION_M = 1.5
SIGMA_ALT_M = 3.0
# A floating solution is still far better than none; what a track states no error for is a hand receiver's.
_RTK_GRADE_M = 0.5
_SIGMA_OF_TRACK_M = 5.0
_CLEARLY_DIFFERENT_SIGMAS = 3.0
# Between the shutter and the log's row, and what logs round.
_SAME_MOMENT = timedelta(seconds=2)


def believe(own: Sequence[Recorded], outside: Sequence[Recorded] = ()) -> tuple[Recorded, list[str]]:
    """What a photo's own sources and those outside tell together, with remarks on what they disagree on.

    Both in the order of trust. `sigma_position_m` of the result already counts disagreements.
    """
    believed, remarks = _own(own)
    others = _paired(outside)
    better = next((other for other in others if _beats(other, believed)), None)
    if better is None and believed.position is None:
        better = next((other for other in others if other.position is not None), None)
    if better is not None:
        remarks = ["position_of_log"] + (["log_differs"] if _contradicts(better, believed) else [])
        believed = _with_position_of(better, believed)
    elif any(_contradicts(other, believed) for other in others):
        remarks.append("log_differs")
        believed = _less_sure(believed, others)
    return _filled(believed, others), remarks


def believe_time(
    own: tuple[datetime | None, str | None], outside: Sequence[Recorded]
) -> tuple[datetime | None, str | None]:
    """When a photo was taken and a remark on it, from its own clock and from logs matched to it.

    A camera's clock drifts and may not know its zone; the log's time is that of GNSS.
    """
    moment, remark = own
    logged = next((record.taken_at for record in outside if record.taken_at is not None), None)
    if logged is None:
        return own
    if moment is None or remark is not None or abs(moment - logged) <= _SAME_MOMENT:
        return logged, None
    return logged, "clock_offset"


def _own(sources: Sequence[Recorded]) -> tuple[Recorded, list[str]]:
    believed = merge(sources)
    disagreement_m = position_disagreement_m(sources)
    if disagreement_m is None:
        return believed, []
    sigma_m = max(believed.sigma_position_m or SIGMA_POSITION_M, disagreement_m)
    return replace(believed, sigma_position_m=sigma_m), ["positions_differ"]


def _paired(outside: Sequence[Recorded]) -> list[Recorded]:
    """The records, each position with an error of its own: that of another must not be lent to it."""
    return [
        replace(record, sigma_position_m=record.sigma_position_m or _SIGMA_OF_TRACK_M)
        if record.position is not None
        else replace(record, sigma_position_m=None)
        for record in outside
    ]


def _beats(other: Recorded, believed: Recorded) -> bool:
    if other.position is None or other.sigma_position_m is None or other.sigma_position_m > _RTK_GRADE_M:
        return False
    return believed.position is None or other.sigma_position_m < (
        believed.sigma_position_m or SIGMA_POSITION_M
    )


def _contradicts(other: Recorded, believed: Recorded) -> bool:
    if other.position is None or believed.position is None:
        return False
    expected_m = hypot(
        other.sigma_position_m or _SIGMA_OF_TRACK_M, believed.sigma_position_m or SIGMA_POSITION_M
    )
    return distance_m(other.position, believed.position) > _CLEARLY_DIFFERENT_SIGMAS * expected_m


def _with_position_of(other: Recorded, believed: Recorded) -> Recorded:
    """The position with its error, and the height where the log tells that, too."""
    believed = replace(
        believed, position=other.position, sigma_position_m=other.sigma_position_m, rtk=other.rtk
    )
    if other.height_m is None or other.sigma_alt_m is None:
        return believed
    return replace(believed, height_m=other.height_m, sigma_alt_m=other.sigma_alt_m)


def _less_sure(believed: Recorded, others: Sequence[Recorded]) -> Recorded:
    """A position of RTK grade stays what it is; another is as unsure as the disagreement is large."""
    sigma_m = believed.sigma_position_m or SIGMA_POSITION_M
    if sigma_m <= _RTK_GRADE_M or believed.position is None:
        return believed
    position = believed.position
    apart_m = [distance_m(position, other.position) for other in others if other.position is not None]
    return replace(believed, sigma_position_m=max(sigma_m, *apart_m))


def _filled(believed: Recorded, others: Sequence[Recorded]) -> Recorded:
    """What is lacking, from outside, but for the errors of what the file itself tells.

    Angles that are all zero are as good as none.
    """
    others = [replace(other, rtk=None) for other in others]
    if believed.position is not None:
        believed = replace(believed, sigma_position_m=believed.sigma_position_m or SIGMA_POSITION_M)
    if believed.height_m is not None:
        believed = replace(believed, sigma_alt_m=believed.sigma_alt_m or SIGMA_ALT_M)
    known = any(other.attitude is not None and not other.attitude.is_zero for other in others)
    if known and believed.attitude is not None and believed.attitude.is_zero:
        believed = replace(believed, attitude=None)
    return merge([believed, *others])
