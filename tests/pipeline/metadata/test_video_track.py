"""Where a camera was between the times that telemetry tells of."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.metadata.recorded import Attitude, Position, Recorded
from pipeline.video.track import LONGEST_GAP_S, Moment, Track
from vision.frames import LocalFrame

FRAME = LocalFrame(-6.9, 107.6)


def moment(at_s: float, north_m: float | None = 0.0, **more) -> Moment:
    """A moment of a flight to the north."""
    if north_m is None:
        return Moment(at_s, Recorded(**more))
    lat, lon = FRAME.to_lat_lon([0.0, north_m])[0]
    return Moment(at_s, Recorded(position=Position(float(lat), float(lon)), **more))


def track(*moments: Moment) -> Track:
    return Track(moments, sigma_position_m=1.5)


def norths_m(flown: Track, *times_s: float) -> list[float]:
    return flown.places_m(np.array(times_s))[:, 1].tolist()


def test_nothing_is_known_without_telemetry():
    empty = track()
    assert empty.is_empty
    assert np.isnan(norths_m(empty, 0.0)).all()
    assert empty.recorded_at(0.0) == Recorded()


def test_nothing_is_known_before_the_first_and_after_the_last_position():
    flown = track(moment(2.0), moment(3.0, 5.0), moment(4.0, 10.0))
    assert np.isnan(norths_m(flown, 1.9, 5.1)).all()
    assert norths_m(flown, 2.0, 2.5, 4.0, 4.9) == pytest.approx([0.0, 2.5, 10.0, 10.0], abs=1e-6)


def test_what_is_told_is_interpolated():
    flown = track(
        moment(0.0, 0.0, height_m=20.0, altitude_m=720.0, attitude=Attitude(170.0, -90.0, 0.0)),
        moment(1.0, 4.0, height_m=22.0, altitude_m=722.0, attitude=Attitude(-170.0, -88.0, 2.0)),
    )
    told = flown.recorded_at(0.25)
    assert FRAME.to_metres(told.position.lat, told.position.lon)[0] == pytest.approx([0.0, 1.0], abs=1e-3)
    assert (told.height_m, told.altitude_m) == (20.5, 720.5)
    assert (told.attitude.yaw_deg, told.attitude.pitch_deg) == pytest.approx((175.0, -89.5))
    assert told.attitude.roll_deg == pytest.approx(0.5)


def test_a_gap_is_not_bridged():
    flown = track(moment(0.0, 0.0), moment(1.0, 5.0), moment(2.0 + LONGEST_GAP_S, 20.0), moment(7.0, 25.0))
    assert np.isnan(norths_m(flown, 3.0)).all()
    assert norths_m(flown, 0.5, 6.25) == pytest.approx([2.5, 22.5], abs=1e-6)


def test_a_moment_without_satellites_is_bridged():
    flown = track(moment(0.0, 0.0), moment(1.0, None, height_m=20.0), moment(2.0, 10.0))
    assert norths_m(flown, 1.0) == pytest.approx([5.0], abs=1e-6)


def test_positions_that_jump_for_a_moment_are_left_out():
    moments = [moment(number / 2, number * 2.0) for number in range(20)]
    moments[10] = moment(5.0, 900.0)
    flown = track(*moments)
    assert np.nanmax(norths_m(flown, *np.arange(0.0, 10.0, 0.1))) < 50
    assert norths_m(flown, 4.5, 5.5) == pytest.approx([18.0, 22.0], abs=1e-6)


def test_a_jump_is_not_flown():
    flown = track(*(moment(t, t * 2.0 + (500.0 if t > 10 else 0.0)) for t in np.arange(20.0)))
    assert np.isnan(norths_m(flown, 10.5)).sum() == 0  # shown until the next second
    assert norths_m(flown, 10.5, 11.0) == pytest.approx([20.0, 522.0], abs=1e-6)


@given(st.floats(1.0, 15.0), st.floats(0.0, 360.0))
def test_rounding_to_four_digits_moves_a_flight_by_no_more_than_it_must(speed_m_s, heading_deg):
    times_s = np.arange(0.0, 60.0, 0.1)
    east = np.sin(np.radians(heading_deg)) * speed_m_s * times_s
    north = np.cos(np.radians(heading_deg)) * speed_m_s * times_s
    true = FRAME.to_lat_lon(np.column_stack([east, north]))
    flown = track(
        *(
            Moment(t, Recorded(Position(*map(float, np.round(p, 4)))))
            for t, p in zip(times_s, true, strict=True)
        )
    )
    found = [flown.recorded_at(t).position for t in (15.0, 30.0, 45.0)]
    errors_m = [
        np.hypot(
            *FRAME.to_metres(p.lat, p.lon)[0] - [np.interp(t, times_s, east), np.interp(t, times_s, north)]
        )
        for p, t in zip(found, (15.0, 30.0, 45.0), strict=True)
    ]
    assert max(errors_m) < 8.0  # half the diagonal of the cells: 7.9 m


def test_a_drone_that_stands_keeps_its_place():
    moments = [moment(float(t), 0.0) for t in range(60)] + [moment(60.0 + t, 5.0 * t) for t in range(1, 5)]
    assert norths_m(track(*moments), 20.0, 50.0) == pytest.approx([0.0, 0.0], abs=1e-6)


def test_the_faster_the_less_surely():
    slow, fast = (
        track(*(moment(float(t), speed * t, attitude=Attitude(speed * t, -90.0, 0.0)) for t in range(10)))
        for speed in (1.0, 12.0)
    )
    assert 1.5 < slow.recorded_at(5.0).sigma_position_m < 1.6
    sigmas_m = [fast.recorded_at(at_s).sigma_position_m for at_s in (0.0, 0.2, 5.0, 9.0, 9.9)]
    assert sigmas_m == pytest.approx([sigmas_m[2]] * 5, rel=0.01)  # not surer at either end
    assert fast.recorded_at(5.0).sigma_position_m == pytest.approx(
        np.hypot(1.5, 12 * fast.sigma_clock_s), rel=0.01
    )
    assert fast.recorded_at(5.0).attitude.sigma_yaw_deg > 2 * slow.recorded_at(5.0).attitude.sigma_yaw_deg


def test_stated_errors_are_kept():
    flown = track(*(moment(float(t), 0.0, sigma_position_m=0.02, sigma_alt_m=0.03) for t in range(3)))
    told = flown.recorded_at(1.0)
    assert (told.sigma_position_m, told.sigma_alt_m) == (pytest.approx(0.02), pytest.approx(0.03))
