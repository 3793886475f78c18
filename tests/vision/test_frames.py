import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from vision.frames import LocalFrame

latitudes, longitudes = st.floats(-85, 85), st.floats(-179, 179)
metres = st.floats(-10_000, 10_000)


def test_nothing_stays_nothing() -> None:
    assert LocalFrame(-1.2, 116.8).to_metres([], []).shape == (0, 2)
    assert LocalFrame(-1.2, 116.8).to_lat_lon([]).shape == (0, 2)


def test_east_and_north_have_their_signs() -> None:
    frame = LocalFrame(-6.9, 107.5)
    east, north = frame.to_metres([-6.9, -6.89], [107.51, 107.5])
    assert east[0] > 1000 and abs(east[1]) < 1
    assert north[1] > 1000 and abs(north[0]) < 1


@given(latitudes, longitudes, metres, metres)
def test_round_trip(lat: float, lon: float, east: float, north: float) -> None:
    # PROJ takes less than a tenth of a millimetre beside a frame on the equator for nothing.
    frame = LocalFrame(lat, lon)
    there = frame.to_lat_lon([[east, north]])
    assert frame.to_metres(there[:, 0], there[:, 1]) == pytest.approx(np.array([[east, north]]), abs=1e-4)


@given(latitudes, longitudes, metres, metres, metres, metres)
def test_distances_are_true_to_a_millimetre_per_kilometre(
    lat: float, lon: float, e1: float, n1: float, e2: float, n2: float
) -> None:
    (lat1, lon1), (lat2, lon2) = LocalFrame(lat, lon).to_lat_lon([[e1, n1], [e2, n2]])
    true_m = Geod(ellps="WGS84").inv(lon1, lat1, lon2, lat2)[2]
    assert np.hypot(e2 - e1, n2 - n1) == pytest.approx(true_m, rel=1e-6, abs=1e-4)
