"""Where an aircraft was between two points of its track."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from math import hypot

from pipeline.capture_logs.capture_log import TrackPoint
from pipeline.metadata.recorded import Position, Recorded, distance_m

# Over a longer gap the aircraft may have turned.
_LONGEST_GAP = timedelta(seconds=10)
_SIGMA_UNSTATED_M = 5.0


def place_at(track: Sequence[TrackPoint], at: datetime, sigma_clock_s: float) -> Recorded | None:
    """What a track tells of a moment, between its two neighbours; None outside of it and in gaps.

    The position is the less sure the faster the aircraft was and the less sure the clock is.
    """
    index = bisect_left(track, at, key=lambda point: point.at)
    if index < len(track) and track[index].at == at:
        before = after = track[index]
    elif 0 < index < len(track):
        before, after = track[index - 1], track[index]
    else:
        return None
    gap = after.at - before.at
    if gap > _LONGEST_GAP:
        return None
    share = (at - before.at) / gap if gap else 0.0
    return _between(before.recorded, after.recorded, share, _speed_m_s(track, index), sigma_clock_s, at)


def _between(
    one: Recorded, other: Recorded, share: float, speed_m_s: float, sigma_clock_s: float, at: datetime
) -> Recorded | None:
    if one.position is None or other.position is None:
        return None
    sigma_m = max(one.sigma_position_m or _SIGMA_UNSTATED_M, other.sigma_position_m or _SIGMA_UNSTATED_M)
    return replace(
        one,
        position=Position(
            one.position.lat + share * (other.position.lat - one.position.lat),
            one.position.lon + share * (other.position.lon - one.position.lon),
        ),
        attitude=None,  # of a track's points, the vehicle's at most
        aircraft_yaw_deg=_yaw_between(one.aircraft_yaw_deg, other.aircraft_yaw_deg, share),
        height_m=_value_between(one.height_m, other.height_m, share),
        altitude_m=_value_between(one.altitude_m, other.altitude_m, share),
        sigma_position_m=hypot(sigma_m, speed_m_s * sigma_clock_s),
        taken_at=at,
    )


def _speed_m_s(track: Sequence[TrackPoint], index: int) -> float:
    """The speed between the neighbours of a place in the track."""
    one, other = track[max(index - 1, 0)], track[min(index + 1, len(track) - 1)]
    seconds = (other.at - one.at).total_seconds()
    if seconds <= 0 or one.recorded.position is None or other.recorded.position is None:
        return 0.0
    return distance_m(one.recorded.position, other.recorded.position) / seconds


def _value_between(one: float | None, other: float | None, share: float) -> float | None:
    return None if one is None or other is None else one + share * (other - one)


def _yaw_between(one_deg: float | None, other_deg: float | None, share: float) -> float | None:
    """Along the shorter way round."""
    if one_deg is None or other_deg is None:
        return None
    turn_deg = (other_deg - one_deg + 180) % 360 - 180
    return (one_deg + share * turn_deg) % 360
