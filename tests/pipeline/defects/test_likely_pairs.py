"""Association at scale gives what the plain way gives; photos that are displaced do not mix neighbours up."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from math import exp, floor, log

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.defects.association import associate
from pipeline.defects.fusion import fuse
from pipeline.defects.likely_pairs import FARTHEST_M, GATE, OUTLINE_SIGMA_M, SMALL_M, Scene
from pipeline.sighting import Sighting, covariances_m2, frame_around, in_order
from tests.benchmarks.drawn_surveys import Damages, looks, sightings_of
from vision.frames import LocalFrame

FEET_M = np.column_stack([np.arange(-9.0, 9.0, 3.0), np.zeros(6)])
ALONE_M2 = 2 * OUTLINE_SIGMA_M**2


def drawn(places_m: object, flights: int, seed: int, kind: int = 0) -> list[Sighting]:
    """Sightings of things of one kind by six photos of each flight, without RTK."""
    places_m = np.array(places_m, dtype=float).reshape(-1, 2)
    damages, rng = Damages(places_m, np.full(len(places_m), kind)), np.random.default_rng(seed)
    return sightings_of(look for flight in range(flights) for look in looks(damages, FEET_M, rng, flight))


def of_things(seen: list[Sighting]) -> list[set[str]]:
    """The numbers of the things that each group holds."""
    return [{member.id.rpartition("-")[2] for member in group.members} for group in associate(seen)]


@pytest.mark.parametrize(
    ("places_m", "flights"),
    [([[0, 0]], 1), ([[0, 0]], 2), ([[0, 0], [0.8, 0]], 1), ([[0, 0], [3, 0], [6, 1], [4, -3]], 2)],
)
def test_neighbours_are_not_mixed_up_where_photos_are_displaced(places_m, flights):
    expected = [{str(number)} for number in range(len(places_m))]
    right = [sorted(of_things(drawn(places_m, flights, seed)), key=min) == expected for seed in range(20)]
    assert sum(right) >= 15


def test_one_pothole_in_two_flights_with_opposite_errors_is_one_where_they_are_stated():
    here, there = drawn([[0, 0]], 1, seed=1), drawn([[0, 0]], 1, seed=1)
    north_m = 3.5 / 111_000  # 2.3 σ of what two flights without RTK differ by
    there = [
        replace(
            seen, id=f"b{seen.id}", photo=f"b{seen.photo}", flight="other", lat=seen.lat + north_m,
            footprint=shapely.transform(seen.footprint, lambda lon_lat: np.add(lon_lat, (0, north_m))),
        )
        for seen in there
    ]  # fmt: skip
    assert len(associate(here + there)) == 1
    surer = [
        replace(seen, sigma_major_m=0.5, sigma_minor_m=0.5, shared_m=np.divide(seen.shared_m, 10).tolist())
        for seen in here + there
    ]
    assert len(associate(surer)) == 2


def test_a_crack_that_the_edges_of_photos_cut_is_one():
    east_deg = 3 / 110_700
    whole = drawn([[0, 0]], 1, seed=3, kind=2)
    cut = [replace(seen, lon=seen.lon + i * east_deg, length_m=12.0) for i, seen in enumerate(whole)]
    cut = [replace(seen, footprint=strip(seen, 2 * east_deg)) for seen in cut]
    assert len(associate(cut)) == 1


def strip(seen: Sighting, half_deg: float) -> shapely.Polygon:
    return shapely.box(seen.lon - half_deg, seen.lat, seen.lon + half_deg, seen.lat + 2e-6)


def test_a_defect_of_many_surveys_is_seen_again_with_bounded_work():
    known = [replace(seen, defect="D-1") for seen in drawn([[0, 0]], 10, seed=5)]
    fresh = [replace(seen, id=f"f{seen.id}", photo=f"f{seen.photo}") for seen in drawn([[0, 0]], 1, seed=5)]
    assert [group.defect for group in associate(known + fresh)] == ["D-1"]
    pairs = list(Scene(in_order(known + fresh)).likely_pairs())
    assert (len(known), len(fresh)) == (60, 6)
    assert len(pairs) <= 20 * 6 + 6 * 5 / 2


def test_two_parallel_cracks_are_two_where_photos_are_displaced():
    expected = [{"0"}, {"1"}]
    right = [
        sorted(of_things(drawn([[0, 0], [0.5, 1.2]], 1, seed, kind=2)), key=min) == expected
        for seed in range(20)
    ]
    assert sum(right) >= 18


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32), count=st.integers(1, 7), spread_m=st.floats(0.5, 8))
def test_groups_are_those_of_the_plain_way(seed, count, spread_m):
    rng = np.random.default_rng(seed)
    damages = Damages(rng.uniform(-spread_m, spread_m, (count, 2)), rng.integers(0, 5, count))
    seen = sightings_of(look for flight in range(2) for look in looks(damages, FEET_M[::2], rng, flight))
    seen = [sighting for sighting in seen if rng.uniform() < 0.8]
    groups = {frozenset(member.id for member in group.members) for group in associate(seen)}
    assert groups == plainly(seen)


def plainly(seen: list[Sighting]) -> set[frozenset[str]]:
    """The groups of `associate`, found by trying each pair; for sightings of no known defects."""
    ordered = in_order(seen)
    if not ordered:
        return set()
    frame = frame_around(ordered)
    centre_m = frame.to_metres([s.lat for s in ordered], [s.lon for s in ordered])
    shape_m = [frame.shapes_to_metres(sighting.footprint) for sighting in ordered]
    near = [
        (i, j)
        for i, j in combinations(range(len(ordered)), 2)
        if ordered[i].photo != ordered[j].photo
        and box_gap_m(shape_m[i], shape_m[j]) <= FARTHEST_M
        and akin(ordered[i].kind, ordered[j].kind, shape_m[i], shape_m[j])
    ]
    covariance = {(i, j): offset_covariance(ordered[i], ordered[j]) for i, j in near}
    offset_m = {(i, j): centre_m[j] - centre_m[i] for i, j in near}
    agreed = agreed_costs(near, [sighting.photo for sighting in ordered], offset_m, covariance)
    found = []
    for i, j in near:
        small = ordered[i].length_m < SMALL_M and ordered[j].length_m < SMALL_M
        apart_m = offset_m[i, j] if small else gap_m(shape_m[i], shape_m[j])
        cost = apart_m @ np.linalg.inv(covariance[i, j]) @ apart_m
        if cost <= GATE and np.hypot(*apart_m) <= FARTHEST_M:
            found.append((agreed[i, j], i, j, small))
    cluster = {i: [i] for i in range(len(ordered))}
    for _, i, j, small in sorted(found):
        a, b = cluster[i], cluster[j]
        between_m = centre_m[b].mean(axis=0) - centre_m[a].mean(axis=0)
        agree = not small or between_m @ np.linalg.inv(covariance[i, j]) @ between_m <= GATE
        if agree and not {ordered[k].photo for k in a} & {ordered[k].photo for k in b}:
            for k in (joined := a + b):
                cluster[k] = joined
    return {frozenset(ordered[k].id for k in members) for members in cluster.values()}


def agreed_costs(near, photos, offset_m, covariance):
    """For each two photos: the offset with most votes, refined; then what each pair costs."""
    costs = {}
    for p, q in sorted({(photos[i], photos[j]) for i, j in near}):
        pairs = [(i, j) for i, j in near if (photos[i], photos[j]) == (p, q)]
        common_m2 = np.mean([np.trace(covariance[pair]) / 2 - ALONE_M2 for pair in pairs])
        cell = {pair: [floor(along / 0.4) for along in offset_m[pair]] for pair in pairs}
        gain = {
            pair: GATE * sum(max(abs(np.subtract(cell[pair], cell[other]))) <= 1 for other in pairs)
            - offset_m[pair] @ offset_m[pair] / common_m2
            for pair in pairs
        }
        off_m = offset_m[max(pairs, key=gain.__getitem__)]
        for _ in range(3):
            weight = {x: exp(-np.sum((offset_m[x] - off_m) ** 2) / (2 * ALONE_M2)) for x in pairs}
            agreeing = max(sum(weight.values()), 1)
            off_m = sum(weight[x] * offset_m[x] for x in pairs) / (agreeing + ALONE_M2 / common_m2)
        shared = (off_m @ off_m / common_m2 + 2 * log(1 + common_m2 / ALONE_M2)) / agreeing
        costs |= {x: np.sum((offset_m[x] - off_m) ** 2) / ALONE_M2 + shared for x in pairs}
    return costs


def offset_covariance(one: Sighting, other: Sighting) -> np.ndarray:
    first, second = np.array(one.shared_m), np.array(other.shared_m)
    covariance = covariances_m2([one, other]).sum(axis=0) + ALONE_M2 * np.eye(2)
    return covariance - (first @ second.T + second @ first.T) * (one.flight == other.flight)


def akin(kind: str, other: str, shape_m, other_m) -> bool:
    if kind == other or not (
        "alligator_crack" in (kind, other) and kind.endswith("crack") and other.endswith("crack")
    ):
        return kind == other
    first, second = shape_m.minimum_rotated_rectangle, other_m.minimum_rotated_rectangle
    return first.intersection(second).area > 0.3 * first.union(second).area


def gap_m(shape_m, other_m) -> np.ndarray:
    return np.subtract(*shapely.shortest_line(shape_m, other_m).coords[::-1])


def box_gap_m(shape_m, other_m) -> float:
    (west, south, east, north), (left, low, right, high) = shape_m.bounds, other_m.bounds
    return max(left - east, west - right, low - north, south - high)


@settings(max_examples=50, deadline=None)
@given(seed=st.integers(0, 2**32), flights=st.integers(1, 3))
def test_the_mean_is_that_of_all_covariances_together(seed, flights):
    seen = drawn([[0, 0]], flights, seed)
    frame = LocalFrame(-6.88, 107.54)
    shared = [np.array(sighting.shared_m) for sighting in seen]
    joint = np.zeros((2 * len(seen), 2 * len(seen)))
    for i, j in np.ndindex(len(seen), len(seen)):
        if seen[i].flight == seen[j].flight:
            joint[2 * i : 2 * i + 2, 2 * j : 2 * j + 2] = shared[i] @ shared[j].T
        if i == j:
            joint[2 * i : 2 * i + 2, 2 * i : 2 * i + 2] = covariances_m2(seen[i : i + 1])[0]
    each = np.tile(np.eye(2), (len(seen), 1))
    outline_m = [max(OUTLINE_SIGMA_M, 0.25 * sighting.length_m) for sighting in seen]
    precision = np.linalg.inv(joint + np.diag(np.repeat(outline_m, 2) ** 2))
    weights = np.linalg.solve(each.T @ precision @ each, each.T @ precision)
    places_m = frame.to_metres([s.lat for s in seen], [s.lon for s in seen])
    position = fuse(seen, frame).position
    mean_m = frame.to_metres(position.lat, position.lon)[0]
    assert mean_m == pytest.approx(weights @ places_m.ravel(), abs=1e-3)
    variances = np.linalg.eigvalsh(weights @ joint @ weights.T)
    assert (position.sigma_minor_m**2, position.sigma_major_m**2) == pytest.approx(tuple(variances), rel=1e-6)


@settings(max_examples=50, deadline=None)
@given(seed=st.integers(0, 2**32), photos=st.integers(1, 30))
def test_no_ellipse_is_smaller_than_what_the_flight_shares(seed, photos):
    rng = np.random.default_rng(seed)
    shared_m, [seen, *_] = rng.normal(0, 1, (2, 8)), drawn([[0, 0]], 1, seed=1)
    least = np.linalg.eigvalsh(shared_m @ shared_m.T)
    seen = replace(seen, shared_m=shared_m.tolist())
    alike = [
        replace(seen, id=str(i), photo=str(i), sigma_major_m=sigma_m, sigma_minor_m=sigma_m)
        for i, sigma_m in enumerate(np.sqrt(least[1]) + rng.uniform(0.01, 3, photos))
    ]
    position = fuse(alike, LocalFrame(-6.88, 107.54)).position
    assert position.sigma_minor_m**2 >= least[0] - 1e-9
    assert position.sigma_major_m**2 >= least[1] - 1e-9
