"""Association: what is one thing, whatever the order, and what stays apart."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from time import process_time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Polygon

from pipeline.defects.association import Group, associate
from pipeline.sighting import Sighting
from vision.frames import LocalFrame

FRAME = LocalFrame(-6.3, 106.84)
SHARED_M = ((1.42, 0, 0, 0, 0, 0, 0, 0), (0, 1.42, 0, 0, 0, 0, 0, 0))
START = datetime(2025, 3, 1, 2, 0, tzinfo=UTC)


def sighting(
    name: str,
    photo: int,
    east_m: float = 0.0,
    north_m: float = 0.0,
    kind: str = "pothole",
    size_m: tuple[float, float] = (0.6, 0.5),
    sigma_m: float = 1.6,
    survey: str = "march",
    minutes: float = 0.0,
    defect: str | None = None,
) -> Sighting:
    """A thing whose sides lie east and north, seen with a round error, most of it the flight's."""
    (lat, lon), width_m, height_m = FRAME.to_lat_lon([[east_m, north_m]])[0], *size_m
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * (width_m / 2, height_m / 2) + (east_m, north_m)
    footprint = Polygon(FRAME.to_lat_lon(corners)[:, ::-1])
    taken_at = START + timedelta(minutes=minutes, seconds=2 * photo)
    area_m2 = width_m * height_m
    return Sighting(
        name, f"photo-{photo:03}", survey, taken_at, "flight-1", kind, 0.5, lat, lon, sigma_m, sigma_m, 0.0,
        max(size_m), min(size_m), area_m2, footprint, defect, shared_m=SHARED_M,
    )  # fmt: skip


def names(groups: list[Group]) -> set[frozenset[str]]:
    return {frozenset(member.id for member in group.members) for group in groups}


def test_nothing_is_no_thing():
    assert associate([]) == []


def test_one_sighting_is_one_thing():
    alone = sighting("a", photo=1)
    assert associate([alone]) == [Group((alone,), None)]


def test_near_sightings_of_two_photos_are_one_thing():
    groups = associate([sighting("a", 1), sighting("b", 2, east_m=0.8)])
    assert names(groups) == {frozenset("ab")}


def test_two_findings_of_one_photo_stay_apart_however_near():
    assert len(associate([sighting("a", 1), sighting("b", 1, east_m=0.1)])) == 2


def test_a_row_of_potholes_in_two_photos_matches_one_to_one():
    first = [sighting(f"a{i}", 1, east_m=2.0 * i) for i in range(5)]
    second = [sighting(f"b{i}", 2, east_m=2.0 * i + 0.7) for i in range(5)]
    assert names(associate(first + second)) == {frozenset({f"a{i}", f"b{i}"}) for i in range(5)}


def test_small_things_do_not_chain():
    groups = associate([sighting(f"s{i:02}", i, east_m=1.5 * i) for i in range(12)])
    assert len(groups) > 2
    for group in groups:
        east = [FRAME.to_metres(m.lat, m.lon)[0][0] for m in group.members]
        assert max(east) - min(east) < 8


def test_far_sightings_are_two_things_even_when_most_uncertain():
    assert len(associate([sighting("a", 1, sigma_m=50), sighting("b", 2, east_m=8.5, sigma_m=50)])) == 2


def test_one_flight_shares_its_error_and_two_flights_do_not():
    pair = [sighting("a", 1), sighting("b", 2, north_m=4.0)]
    assert len(associate(pair)) == 2
    assert len(associate([pair[0], replace(pair[1], flight="flight-2")])) == 1
    assert len(associate([replace(seen, flight="") for seen in pair])) == 1


def test_what_moves_two_sightings_opposite_ways_does_not_drop_out():
    # A height that is wrong by 1 σ: one lies left of its photo's middle, the other right of it.
    left, right = (((0, 0, east_m, 0, 0, 0, 0, 0), (0,) * 8) for east_m in (-1.5, 1.5))
    pair = [sighting("a", 1), sighting("b", 2, east_m=5.0)]
    assert len(associate([replace(pair[0], shared_m=left), replace(pair[1], shared_m=right)])) == 1
    assert len(associate([replace(pair[0], shared_m=right), replace(pair[1], shared_m=right)])) == 2


def test_a_crack_cut_by_the_edge_is_compared_by_its_footprint():
    whole = sighting("a", 1, kind="longitudinal_crack", size_m=(12, 0.3))
    part = sighting("b", 2, east_m=7.0, kind="longitudinal_crack", size_m=(6, 0.3))
    assert len(associate([whole, part])) == 1
    assert len(associate([whole, replace(part, kind="repair")])) == 2


@pytest.mark.parametrize(
    ("size_m", "things"),
    [
        ((3.0, 0.3), 1),  # the other photo was turned, or another road's axis named it
        ((0.3, 3.0), 2),  # they cross
        ((1.6, 1.5), 2),  # no direction to go by: the names decide
    ],
)
def test_a_crack_that_got_both_names_is_one_where_both_run_alike(size_m, things):
    along = sighting("a", 1, kind="longitudinal_crack", size_m=(3.2, 0.3))
    across = sighting("b", 2, kind="transverse_crack", size_m=size_m)
    assert len(associate([along, across])) == things


@pytest.mark.parametrize(("size_m", "things"), [((3.0, 2.5), 1), ((3.0, 0.3), 2)])
def test_a_crack_and_an_alligator_crack_are_one_only_on_the_same_ground(size_m, things):
    network = sighting("a", 1, kind="alligator_crack", size_m=(3.0, 3.0))
    crack = sighting("b", 2, kind="transverse_crack", size_m=size_m)
    assert len(associate([network, crack])) == things


def test_a_known_defect_takes_what_is_seen_again():
    known = [sighting("a", 1, defect="D-1"), sighting("b", 2, east_m=0.3, defect="D-1")]
    groups = associate([*known, sighting("c", 3, east_m=0.5), sighting("d", 3, east_m=30)])
    assert [(group.defect, len(group.members)) for group in groups] == [("D-1", 3), (None, 1)]


def test_two_known_defects_never_become_one():
    known = [sighting("a", 1, defect="D-1"), sighting("b", 2, east_m=0.2, defect="D-2")]
    groups = associate([*known, sighting("c", 3, east_m=0.1)])
    assert sorted(group.defect or "" for group in groups) == ["D-1", "D-2"]


def test_known_sightings_of_one_defect_stay_together_however_far():
    known = [sighting("a", 1, defect="D-1"), sighting("b", 2, east_m=40, defect="D-1")]
    assert len(associate(known)) == 1


scenes = st.lists(
    st.tuples(st.integers(0, 5), st.floats(0, 12), st.floats(0, 12), st.sampled_from(["pothole", "repair"])),
    max_size=25,
)


@settings(max_examples=60, deadline=None)
@given(scenes, st.randoms(use_true_random=False))
def test_groups_do_not_depend_on_order_and_respect_photos(scene, random):
    seen = [sighting(f"s{i:02}", photo, e, n, kind) for i, (photo, e, n, kind) in enumerate(scene)]
    shuffled = list(seen)
    random.shuffle(shuffled)
    groups = associate(seen)
    assert groups == associate(shuffled)
    assert sorted(member.id for group in groups for member in group.members) == sorted(s.id for s in seen)
    for group in groups:
        photos = [member.photo for member in group.members]
        assert len(set(photos)) == len(photos)
        assert len({member.kind for member in group.members}) == 1


def test_ten_thousand_sightings_take_a_few_seconds():
    random = np.random.default_rng(1)
    places = random.uniform(0, 1000, (2500, 2))
    template = sighting("t", 0)
    seen = []
    for photo in range(4):
        lat_lon = FRAME.to_lat_lon(places + random.normal(0, 0.5, places.shape))
        for i, (lat, lon) in enumerate(lat_lon.tolist()):
            box = Polygon(np.array([[lon, lat]]) + 3e-6 * np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]))
            seen.append(
                replace(
                    template,
                    id=f"{photo}-{i:04}",
                    photo=f"p{photo}-{i // 10}",
                    lat=lat,
                    lon=lon,
                    footprint=box,
                )
            )
    started_s = process_time()
    groups = associate(seen)
    assert process_time() - started_s < 10
    assert 2300 < len(groups) < 2800
