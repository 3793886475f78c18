"""The simulated district: same seed, same district; damage of all kinds where damage can be."""

from __future__ import annotations

import itertools
import pickle

import pytest
import shapely
from shapely import LineString, Polygon

from flight.simulator.district import SAMPLE_SITES, District, build_district
from models.kinds import ROAD_KINDS
from pipeline.sites.site_reading import Site, read_sites
from vision.errors import PantauError

ROAD = Site("r", "Road", "road", LineString([(106.84, -6.3), (106.841, -6.3)]), 6.0)


@pytest.fixture(scope="module")
def sample() -> District:
    return build_district(read_sites(SAMPLE_SITES).sites, seed=1)


def test_no_sites_is_the_users_mistake() -> None:
    with pytest.raises(PantauError, match="at least one"):
        build_district([], seed=1)


def test_sample_has_20_to_30_damages_of_all_kinds(sample: District) -> None:
    kinds = [damage.kind for damage in sample.damages]
    assert 20 <= len(kinds) <= 30
    assert all(kinds.count(kind.name) >= 3 for kind in ROAD_KINDS)


def test_sample_roads_meet_and_its_facility_is_concave() -> None:
    district = build_district(read_sites(SAMPLE_SITES).sites, seed=0)
    roads = [surface for surface in district.surfaces if surface.centreline_m is not None]
    (place,) = [surface for surface in district.surfaces if surface.centreline_m is None]
    length = sum(road.centreline_m.length for road in roads if road.centreline_m is not None)
    assert 300 < length < 400
    assert shapely.union_all([road.outline_m for road in roads]).geom_type == "Polygon"
    assert place.outline_m.area < 0.95 * place.outline_m.convex_hull.area


@pytest.mark.parametrize("seed", range(5))
def test_damages_lie_on_their_surface_and_apart(seed: int) -> None:
    district = build_district(read_sites(SAMPLE_SITES).sites, seed)
    outline = {surface.site: surface.outline_m for surface in district.surfaces}
    assert all(outline[damage.site].contains(damage.geometry_m) for damage in district.damages)
    pairs = itertools.combinations([damage.geometry_m for damage in district.damages], 2)
    assert all(a.distance(b) > 2.9 for a, b in pairs)


def test_sizes_are_realistic(sample: District) -> None:
    longest = {
        "longitudinal_crack": 6.5,
        "transverse_crack": 6.5,
        "alligator_crack": 3.4,
        "pothole": 1.2,
        "repair": 2.2,
    }
    for damage in sample.damages:
        assert 0.25 < damage.length_m < longest[damage.kind]
        is_crack = isinstance(damage.geometry_m, LineString)
        assert (0.007 < damage.width_m < 0.026) if is_crack else damage.width_m >= 0.3


def test_cracks_run_as_their_kind_says() -> None:
    district = build_district([ROAD], seed=3, spacing_m=7)
    for damage in district.damages:
        west, south, east, north = damage.geometry_m.bounds
        if damage.kind == "longitudinal_crack":
            assert east - west > 2 * (north - south)
        if damage.kind == "transverse_crack":
            assert north - south > 2 * (east - west)


def test_same_seed_same_district_other_seed_another(sample: District) -> None:
    again = build_district(read_sites(SAMPLE_SITES).sites, seed=1)
    other = build_district(read_sites(SAMPLE_SITES).sites, seed=2)
    assert again == sample
    assert other.damages != sample.damages


def test_facility_has_only_kinds_without_direction(sample: District) -> None:
    kinds = {damage.kind for damage in sample.damages if damage.site == "lapangan-pasar"}
    assert kinds and kinds <= {"alligator_crack", "pothole", "repair"}


def test_unpaved_road_has_potholes_only() -> None:
    track = Site("t", "Track", "road", ROAD.geometry, 4.0, paved=False)
    assert {damage.kind for damage in build_district([track], seed=1).damages} == {"pothole"}


def test_scenery_hides_no_damage(sample: District) -> None:
    solid = [item.outline_m for item in sample.scenery if item.kind in ("car", "roof", "tree", "manhole")]
    hidden = shapely.union_all(solid)
    assert len(solid) > 20
    assert all(not damage.geometry_m.intersects(hidden) for damage in sample.damages)


def test_a_facility_alone_is_a_district() -> None:
    square = Site("s", "Square", "facility", Polygon([(0, 0), (2e-4, 0), (2e-4, 2e-4), (0, 2e-4)]))
    assert build_district([square], seed=1).damages


def test_district_can_be_sent_to_another_process(sample: District) -> None:
    assert pickle.loads(pickle.dumps(sample)) == sample
