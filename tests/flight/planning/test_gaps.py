"""From the gaps of a survey to sites, and round again until nothing is uncovered."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import count
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, Point, box

from flight.fleet import find_drone
from flight.planning.gaps import sites_with_gaps
from flight.planning.plan import PhotoPoint, Plan
from flight.planning.settings import PlanSettings
from flight.planning.survey import plan_survey
from pipeline.coverage.coverage_proof import prove_coverage
from pipeline.coverage.coverage_update import whole_sites
from pipeline.geotagging.geotag import photo_footprint
from pipeline.photo import Photo, Pose
from pipeline.register import Register
from pipeline.register.batches import Model, add_photo, add_sites, begin_run, survey_number
from pipeline.register.rows import photo_row
from pipeline.sites.site_reading import Site, read_sites, write_sites
from vision.detector import Detections
from vision.errors import PantauError
from vision.frames import LocalFrame

QUAD = find_drone("simulated-quad")
QUICK = PlanSettings(solver_iterations=100)
FRAME = LocalFrame(-6.87, 107.5)
MODEL = Model("none", "0" * 64, "{}")
NOTHING = Detections.of_boxes(np.zeros((0, 4)), np.zeros(0), [])
_numbers = count()


def road(name: str, *east_north_m: tuple[float, float], width_m: float = 6.0) -> Site:
    line = FRAME.shapes_to_lon_lat(LineString(east_north_m))
    return Site(name, f"Jalan {name}", "road", line, width_m=width_m)


def yard(width_m: float = 80.0, height_m: float | None = None) -> Site:
    outline = FRAME.shapes_to_lon_lat(box(0, 100, width_m, 160))
    return Site("yard", "Sekolah", "facility", outline, height_m=height_m)


def in_metres(site: Site) -> LineString:
    return FRAME.shapes_to_metres(site.geometry)


def nadir_photos(*east_north_m: tuple[float, float]) -> list[PhotoPoint]:
    places = FRAME.to_lat_lon(east_north_m)
    return [PhotoPoint(float(lat), float(lon), 20.0, 0.0) for lat, lon in places]


def planned_photos(plan: Plan) -> list[PhotoPoint]:
    return [photo for sortie in plan.sorties for flown in sortie.passes for photo in flown.photos]


def surveyed(path: Path, sites: Iterable[Site], photos: Iterable[PhotoPoint], survey: str = "march") -> Path:
    """A register with these photos of the quad's camera in it, over flat ground."""
    with Register.open(path, create=True) as register, register.transaction() as db:
        add_sites(db, sites)
        number = survey_number(db, survey, None)
        run = begin_run(db, number, MODEL, "0")
        for at in photos:
            name = f"photo-{next(_numbers)}"
            pose = Pose(at.lat, at.lon, at.alt_m, at.yaw_deg, at.pitch_deg, 0.0)
            photo = Photo(name, path.with_name(name), None, QUAD.camera(), pose)
            row = photo_row(photo, number, run, path.parent, photo_footprint(photo), 0.8)
            add_photo(db, row, MODEL, NOTHING, [])
    return path


@pytest.fixture
def register(tmp_path: Path) -> Path:
    return tmp_path / "register.db"


def test_a_register_without_survey_or_sites_is_told_with_the_remedy(register: Path) -> None:
    Register.open(register, create=True).close()
    with pytest.raises(PantauError, match="no survey yet"):
        sites_with_gaps(register)
    surveyed(register, [], nadir_photos((0, 0)))
    with pytest.raises(PantauError, match=r"no sites.*--plan DIR"):
        sites_with_gaps(register)
    with pytest.raises(PantauError, match="no survey 'may'"):
        sites_with_gaps(register, "may")


def test_nothing_uncovered_is_no_site_to_fly(register: Path) -> None:
    surveyed(register, [road("a", (0, 0), (20, 0))], nadir_photos((0, 0), (10, 0), (20, 0)))
    sites, proof = sites_with_gaps(register)
    assert (sites, proof.gaps, proof.share) == ((), (), 1.0)


def test_a_gap_is_a_piece_that_says_where_it_comes_from(register: Path) -> None:
    whole = road("way/123", (0, 0), (300, 0))
    photos = nadir_photos(*((east, 0) for east in [*range(0, 121, 10), *range(180, 301, 10)]))
    surveyed(register, [whole], photos)
    (piece,), proof = sites_with_gaps(register)
    assert (piece.id, piece.name) == ("way/123 STA 0+123–0+177", "Jalan way/123, STA 0+123–0+177")
    assert (piece.part_of, piece.width_m, piece.kind) == ("way/123", 6.0, "road")
    assert in_metres(piece).bounds == pytest.approx((122.8, 0, 177.2, 0), abs=0.6)
    assert proof.gaps[0].from_m == pytest.approx(128, abs=0.6)


def test_a_road_without_photos_stands_as_it_is(register: Path) -> None:
    sites = [road("a", (0, 0), (200, 0)), road("b", (0, 50), (200, 50))]
    surveyed(register, sites, nadir_photos(*((east, 0) for east in range(0, 201, 10))))
    (again,), _ = sites_with_gaps(register)
    assert (again.id, again.part_of) == ("b", None)
    assert again.geometry.equals_exact(sites[1].geometry, 1e-7)


def test_short_gaps_become_pieces_that_can_be_flown_and_near_ones_are_joined(register: Path) -> None:
    missing = [200, 220, 400]
    photos = nadir_photos(*((east, 0) for east in range(-10, 511, 20) if east + 10 not in missing))
    surveyed(register, [road("a", (0, 0), (500, 0), width_m=4.0)], photos)
    pieces, proof = sites_with_gaps(register)
    lengths_m = [in_metres(piece).length for piece in pieces]
    assert len({piece.id for piece in pieces}) == len(pieces) < len(proof.gaps)
    assert min(lengths_m) >= 20.0 - 1e-6
    assert all(
        any(in_metres(piece).buffer(1).covers(FRAME.shapes_to_metres(gap.geometry)) for piece in pieces)
        for gap in proof.gaps
    )


def test_a_gap_at_the_end_of_a_road_keeps_to_the_road(register: Path) -> None:
    surveyed(register, [road("a", (0, 0), (100, 0))], nadir_photos(*((east, 0) for east in range(0, 91, 10))))
    (piece,), _ = sites_with_gaps(register)
    assert in_metres(piece).bounds == pytest.approx((80, 0, 100, 0), abs=0.01)


def test_the_uncovered_part_of_a_facility_is_a_polygon_with_a_margin(register: Path) -> None:
    photos = nadir_photos(*((east, north) for east in range(0, 41, 10) for north in range(100, 161, 8)))
    surveyed(register, [yard()], photos)
    (piece,), proof = sites_with_gaps(register)
    assert (piece.id, piece.name, piece.part_of) == ("yard gap 1", "Sekolah, gap 1", "yard")
    assert FRAME.shapes_to_metres(piece.geometry).bounds == pytest.approx((43, 100, 80, 160), abs=1)
    assert proof.total_m2 == pytest.approx(4800, rel=1e-3)


def test_several_gaps_of_a_facility_are_numbered_and_near_ones_joined(register: Path) -> None:
    places = [(east, north) for east in range(0, 161, 8) for north in range(100, 161, 8)]
    holes = [Point(28, 132), Point(68, 132), Point(128, 132)]
    kept = [place for place in places if all(hole.distance(Point(place)) > 12 for hole in holes)]
    surveyed(register, [yard(160)], nadir_photos(*kept))
    pieces, proof = sites_with_gaps(register)
    assert len(proof.gaps) == 3
    assert [piece.id for piece in pieces] == ["yard gap 1", "yard gap 2"]


def test_a_facility_whose_faces_are_flown_is_flown_whole(register: Path) -> None:
    photos = nadir_photos(*((east, north) for east in range(0, 41, 10) for north in range(100, 161, 8)))
    surveyed(register, [yard(height_m=8.0)], photos)
    (again,), _ = sites_with_gaps(register)
    assert (again.id, again.height_m, again.part_of) == ("yard", 8.0, None)


def test_the_newest_survey_is_taken_without_a_name(register: Path) -> None:
    sites = [road("a", (0, 0), (20, 0))]
    surveyed(register, sites, nadir_photos((0, 0), (10, 0), (20, 0)))
    surveyed(register, sites, nadir_photos((0, 0)), survey="may")
    assert sites_with_gaps(register, "march")[0] == ()
    assert len(sites_with_gaps(register)[0]) == 1


NETWORK = [
    road("way/1", (0, 0), (150, 0), (260, 40), (400, 40)),
    road("way/2", (150, 0), (150, 180), width_m=3.5),
    road("way/3", (260, 40), (300, 150), width_m=18.0),
    replace(yard(70), geometry=FRAME.shapes_to_lon_lat(box(170, 60, 240, 120))),
]


def test_flying_the_gaps_closes_them(register: Path, tmp_path: Path) -> None:
    photos = planned_photos(plan_survey(NETWORK, QUAD, QUICK))
    surveyed(register, NETWORK, (at for n, at in enumerate(photos) if n % 40 >= 12))
    before = prove_coverage_of(register)
    gaps, _ = sites_with_gaps(register)
    assert 0.5 < before.share < 0.95
    assert {piece.part_of or piece.id for piece in gaps} == {site.id for site in NETWORK}

    again = plan_survey(gaps, QUAD, QUICK)
    assert again.photo_count < len(photos)
    write_sites(gaps, tmp_path / "sites.geojson")
    with Register.open(register) as opened:
        sites = whole_sites(opened, read_sites(tmp_path / "sites.geojson").sites)
    surveyed(register, sites, planned_photos(again))
    after = prove_coverage_of(register)
    assert {coverage.site.id for coverage in after.sites} == {site.id for site in NETWORK}
    assert min(coverage.share for coverage in after.sites) >= 0.995
    assert sites_with_gaps(register)[0] == ()


def prove_coverage_of(register: Path):
    with Register.open(register, read_only=True) as opened:
        return prove_coverage(opened, "march")


BEND = road("a", (0, 0), (60, 0), (90, 35))


@pytest.fixture(scope="module")
def photos_of_bend() -> list[PhotoPoint]:
    return planned_photos(plan_survey([BEND], QUAD, QUICK))


@settings(max_examples=6, deadline=None)
@given(missing=st.sets(st.integers(0, 30), max_size=30))
def test_any_photos_may_be_missing(
    tmp_path_factory: pytest.TempPathFactory, photos_of_bend: list[PhotoPoint], missing: set[int]
) -> None:
    register = tmp_path_factory.mktemp("any") / "register.db"
    surveyed(register, [BEND], (at for n, at in enumerate(photos_of_bend) if n not in missing))
    gaps, before = sites_with_gaps(register)
    assert bool(gaps) == bool(before.gaps)
    if gaps:
        surveyed(register, [], planned_photos(plan_survey(gaps, QUAD, QUICK)))
    after = prove_coverage_of(register)
    assert after.share == 1.0 >= before.share
