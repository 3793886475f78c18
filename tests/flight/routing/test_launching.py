from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, Point, Polygon

from flight.routing.launching import propose_launches
from vision.errors import PantauError

STREET = LineString([(0, 0), (10_000, 0)])
metres = st.integers(-3000, 3000).map(float)


def villages(*middles: float) -> list[LineString]:
    """Streets of 600 m with a cross street, far from each other."""
    streets = []
    for middle in middles:
        streets += [
            LineString([(middle - 300, 0), (middle + 300, 0)]),
            LineString([(middle, -300), (middle, 300)]),
        ]
    return streets


def away_m(launches: np.ndarray, lines: list[LineString]) -> float:
    places = shapely.multipoints(launches)
    return max(places.distance(Point(corner)) for line in lines for corner in line.coords)


def test_a_single_place_is_on_the_road_nearest_to_the_middle() -> None:
    (place,) = propose_launches([STREET], [STREET])
    assert place == pytest.approx([5000, 0])


def test_of_a_facility_it_is_on_the_edge() -> None:
    field = Polygon([(0, 0), (100, 0), (100, 60), (0, 60)])
    sweep = LineString([(0, 30), (100, 30)])
    (place,) = propose_launches([field], [sweep])
    assert field.boundary.distance(Point(place)) == pytest.approx(0, abs=1e-9)


def test_each_village_has_its_own_place_and_no_more() -> None:
    lines = villages(0, 4000, 9000)
    launches = propose_launches(lines, lines, at_most=6, sortie_m=9000)
    assert sorted(launches[:, 0]) == pytest.approx([0, 4000, 9000], abs=30)
    assert np.abs(launches[:, 1]).max() < 30


def test_no_more_places_than_asked_for() -> None:
    lines = villages(0, 4000, 9000)
    assert len(propose_launches(lines, lines, at_most=2, sortie_m=9000)) == 2


def test_a_second_place_is_not_worth_moving_for_in_a_small_village() -> None:
    assert len(propose_launches(villages(0), villages(0), at_most=6, sortie_m=9000)) == 1


def test_a_lonely_road_is_brought_into_reach() -> None:
    lines = [*villages(0), LineString([(3000, 0), (3020, 0)])]
    assert away_m(propose_launches(lines, lines, at_most=2, sortie_m=5000), lines) < 2500


def test_no_place_lies_where_launching_is_forbidden() -> None:
    zone = Point(5000, 0).buffer(1000)
    for at_most in (1, 4):
        launches = propose_launches([STREET], [STREET], at_most, sortie_m=6000, forbidden=zone)
        assert not zone.intersects(shapely.multipoints(launches))


def test_where_all_roads_are_forbidden_facilities_are_used_or_it_is_refused() -> None:
    field = Polygon([(0, 5000), (100, 5000), (100, 5060), (0, 5060)])
    zone = STREET.buffer(10)
    (place,) = propose_launches([STREET, field], [STREET], forbidden=zone)
    assert field.boundary.distance(Point(place)) == pytest.approx(0, abs=1e-9)
    with pytest.raises(PantauError, match="--launch"):
        propose_launches([STREET], [STREET], forbidden=zone)


def test_ways_round_a_zone_count() -> None:
    def river(leave: np.ndarray, enter: np.ndarray) -> np.ndarray:
        apart_m = np.hypot(*(enter[None] - leave[:, None]).transpose(2, 0, 1))
        return np.where((leave[:, None, 1] < 0) != (enter[None, :, 1] < 0), np.inf, apart_m)

    banks = [LineString([(0, -50), (400, -50)]), LineString([(0, 50), (400, 50)])]
    assert len(propose_launches(banks, banks, at_most=3, sortie_m=9000)) == 1
    launches = propose_launches(banks, banks, at_most=3, sortie_m=9000, distances=river)
    assert sorted(launches[:, 1]) == pytest.approx([-50, 50])


@settings(max_examples=25)
@given(
    ends=st.lists(st.tuples(metres, metres, metres, metres), min_size=1, max_size=8),
    at_most=st.integers(1, 5),
)
def test_places_are_on_roads_and_the_same_every_time(ends: list[tuple[float, ...]], at_most: int) -> None:
    lines = [LineString([row[:2], row[2:]]) for row in ends if row[:2] != row[2:]] or [STREET]
    launches = propose_launches(lines, lines, at_most, sortie_m=5000)
    again = propose_launches(lines, lines, at_most, sortie_m=5000)
    assert 1 <= len(launches) <= at_most and launches.tolist() == again.tolist()
    roads = shapely.union_all(lines)
    assert max(roads.distance(Point(place)) for place in launches) < 1e-6
