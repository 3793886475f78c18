"""Every leg held against rules and zones, apart from how its way was found."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, box
from shapely.geometry.base import BaseGeometry

from flight.fleet import find_drone
from flight.heights.ground import Ground
from flight.heights.obstacles import Obstacles
from flight.missions.mission import Home
from flight.planning.plan import Pass, Sortie, Waypoint
from flight.planning.settings import PlanSettings
from flight.planning.survey import plan_survey
from flight.rules.airspace import Airspace, Zone
from flight.rules.profile import read_profile
from flight.rules.rule_checks import check_permits, check_rules
from flight.rules.rule_report import RuleReport, refuse_violations
from flight.surroundings import Surroundings, frame_of
from pipeline.sites.site_reading import read_sites
from vision.camera import FloatArray
from vision.errors import PantauError
from vision.frames import LocalFrame

FRAME = LocalFrame(-6.87, 107.54)
INDONESIA = read_profile("indonesia")
FLAT = Surroundings.unknown(FRAME)
SETTINGS = PlanSettings(day=date(2025, 3, 20))


class Slope:
    """Ground that falls by a fifth towards the east, unknown beyond 5 km."""

    is_known = True

    def elevation_m(self, places: FloatArray) -> FloatArray:
        heights_m: FloatArray = np.where(places[:, 0] > 5000, np.nan, 700 - 0.2 * places[:, 0])
        return heights_m


def point(east_m: float, north_m: float, alt_m: float) -> Waypoint:
    lat, lon = FRAME.to_lat_lon([[east_m, north_m]])[0]
    return Waypoint(float(lat), float(lon), alt_m)


def sortie(*way: tuple[float, float], alt_m: float = 20.0, back_m: float = 30.0, number: int = 1) -> Sortie:
    """From home at (0, 0) over one pass along a way, and back."""
    home = point(0, 0, alt_m)
    line = tuple(point(*place, alt_m) for place in way)
    flown = Pass("r#1", "r", line, LineString(way).length, 5.0, ())
    transits = ((home, line[0]), (line[-1], home))
    distance_m = LineString([(0, 0), *way, (0, 0)]).length
    at = Home(home.lat, home.lon)
    return Sortie(number, at, (flown,), transits, back_m, distance_m, distance_m / 5)


def zone(area_m: BaseGeometry, kind: str = "controlled", **heights_m: float) -> Zone:
    return Zone("z1", "Husein", kind, FRAME.shapes_to_lon_lat(area_m), **heights_m)


def check(flown: Sortie, *zones: Zone, ground: Ground | None = None, **wanted: object) -> RuleReport:
    surroundings = Surroundings(FRAME, ground or FLAT.ground, Obstacles(), Airspace())
    return check_rules([flown], INDONESIA, zones, surroundings, replace(SETTINGS, **wanted))  # type: ignore[arg-type]


def broken(report: RuleReport) -> list[tuple[str, str]]:
    return [(violation.rule, violation.leg) for violation in report.violations]


def test_no_sorties_break_no_rules() -> None:
    report = check_rules([], INDONESIA, [], FLAT, SETTINGS)
    assert report.profile == "indonesia" and not report.violations
    refuse_violations(report)


def test_a_low_flight_far_from_zones_breaks_nothing() -> None:
    assert not broken(check(sortie((100, 0), (300, 0)), zone(box(100, 10, 300, 50))))


@pytest.mark.parametrize(
    ("area", "leg"),
    [
        (box(150, -10, 200, 10), "sortie 1, pass r#1"),
        (box(40, -10, 60, 10), "sortie 1, transit to r#1"),
        (box(100, 150, 140, 160), "sortie 1, return"),
        (box(-10, -10, 10, 10), "sortie 1, take-off and landing"),
    ],
)
def test_every_leg_is_tested(area: BaseGeometry, leg: str) -> None:
    report = check(sortie((100, 0), (300, 0), (300, 400)), zone(area))
    assert leg in [name for _, name in broken(report)]
    assert report.violations[0].article == "PM 37/2020, 2.1.1.1 (verify)"


def test_a_small_zone_between_two_waypoints_is_found() -> None:
    assert broken(check(sortie((100, 0), (3000, 0)), zone(box(1502, -0.5, 1503, 0.5)))) == [
        ("controlled", "sortie 1, pass r#1"),
        ("controlled", "sortie 1, return"),
    ]


def test_a_prohibited_area_is_kept_500_m_away_from() -> None:
    flown = sortie((100, 0), (300, 0))
    assert not broken(check(flown, zone(box(100, 500.5, 300, 900), "prohibited")))
    (near, *_) = check(flown, zone(box(100, 480, 300, 900), "prohibited")).violations
    assert "comes within 480 m of prohibited zone 'Husein' (z1), not 500 m" in near.what


def test_one_may_fly_under_a_floor_and_over_a_ceiling() -> None:
    area = box(150, -10, 200, 10)
    assert not broken(check(sortie((100, 0), (300, 0)), zone(area, floor_m=31)))
    assert broken(check(sortie((100, 0), (300, 0)), zone(area, floor_m=29))) == [
        ("controlled", "sortie 1, return")  # flown at the return height of 30 m
    ]
    assert not broken(check(sortie((100, 0), (300, 0)), zone(area, ceiling_m=19)))
    assert ("controlled", "sortie 1, pass r#1") in broken(
        check(sortie((100, 0), (300, 0)), zone(area, ceiling_m=21))
    )


def test_heights_of_zones_and_ceiling_follow_the_terrain() -> None:
    flown = sortie((100, 0), (400, 0), alt_m=60, back_m=60)  # 140 m above ground at its far end
    floor = zone(box(390, -5, 410, 5), floor_m=130)
    assert not broken(check(flown, floor))
    report = check(flown, floor, ground=Slope())
    assert ("ceiling", "sortie 1, pass r#1") in broken(report)
    assert ("controlled", "sortie 1, pass r#1") in broken(report)
    ceiling = next(one for one in report.violations if one.rule == "ceiling")
    assert ceiling.what == "is up to 140.0 m above ground, over the ceiling of 120 m"


def test_the_return_height_counts_for_the_ceiling() -> None:
    assert broken(check(sortie((100, 0), (300, 0), back_m=121))) == [
        ("ceiling", "sortie 1, take-off and landing"),
        ("ceiling", "sortie 1, return"),
    ]


def test_unknown_ground_is_told() -> None:
    report = check(sortie((100, 0), (5200, 0)), ground=Slope())
    assert any("the ground is not known under sortie 1, pass r#1" in notice for notice in report.notices)


def test_an_approval_in_hand_leaves_the_violation_listed() -> None:
    flown = sortie((100, 0), (300, 0))
    report = check(flown, zone(box(150, -10, 200, 10)), permits=("husein",))
    assert report.violations and all(violation.permitted for violation in report.violations)
    refuse_violations(report)


def test_a_violation_is_refused_with_leg_zone_article_and_remedy() -> None:
    report = check(sortie((100, 0), (300, 0)), zone(box(150, -10, 200, 10)))
    sentence = (
        r"^sortie 1, pass r#1 enters controlled zone 'Husein' \(z1\), closed without ceiling, 20 m up: "
        r"rule 'controlled' of profile 'indonesia', PM 37/2020, 2\.1\.1\.1 \(verify\) "
        r"\(and 1 more such stretch\); cut the site, move the launch point or give --permit z1 "
    )
    with pytest.raises(PantauError, match=sentence):
        refuse_violations(report)


def test_the_straight_way_home_is_looked_at_from_every_leg() -> None:
    detour = sortie((0, 300), (400, 300), (400, 0), (400, -300), (0, -300))
    report = check(detour, zone(box(150, -50, 200, 50)))
    assert not broken(report)
    (notice,) = [notice for notice in report.notices if "failsafe" in notice]
    assert "from sortie 1, pass r#1 it would cross controlled zone 'Husein'" in notice
    high = check(detour, zone(box(150, -50, 200, 50), ceiling_m=29))
    assert not any("failsafe" in notice for notice in high.notices)


def test_line_of_sight_is_listed_with_a_launch_point() -> None:
    report = check(sortie((100, 0), (900, 0)))
    assert not broken(report)
    (notice,) = [notice for notice in report.notices if "line of sight" in notice]
    lat, lon = FRAME.to_lat_lon([[900, 0]])[0]
    assert notice.startswith("sortie 1 is up to 900 m from its launch point, beyond the line of sight of 500")
    assert "on pass r#1; return" in notice and f"--launch {lat:.5f},{lon:.5f}" in notice


def test_a_sortie_longer_than_wanted_is_a_violation() -> None:
    assert broken(check(sortie((100, 0), (300, 0)), max_distance_m=599.0)) == [("max-distance", "sortie 1")]
    assert not broken(check(sortie((100, 0), (300, 0)), max_distance_m=600.0))


def test_daylight_says_the_window_and_the_days() -> None:
    (notice,) = check(sortie((100, 0), (300, 0))).notices
    assert notice.startswith("daylight of 2025-03-20 is from 2025-03-19T22:5")
    assert notice.endswith("needs 1 day") and "107.29 (verify)" in notice
    long = replace(sortie((100, 0), (300, 0)), duration_s=7 * 3600)
    report = check_rules([long, replace(long, number=2)], INDONESIA, [], FLAT, SETTINGS)
    assert any(notice.endswith("needs 2 days") for notice in report.notices)


def test_what_could_not_be_tested_is_on_the_checklist() -> None:
    flown = sortie((100, 0), (300, 0))
    tested = {item.rule for item in check(flown, zone(box(900, 0, 950, 50))).checklist}
    untested = {item.rule for item in check(flown, day=None).checklist}
    assert untested - tested == {"controlled", "airport", "helipad", "prohibited", "daylight"}
    assert {"crowds", "certificate", "privacy", "line-of-sight"} <= tested
    indonesian = check_rules([flown], INDONESIA, [], FLAT, SETTINGS, language="id").checklist
    assert any("kerumunan" in item.text for item in indonesian)


@pytest.mark.parametrize(
    ("profile", "permit", "sentence"),
    [
        ("indonesia", "Hussein", "names no closed zone and no rule.*ceiling, controlled"),
        ("eu-a3", "built-up", "knows no approval for rule 'built-up'"),
    ],
)
def test_a_mistaken_approval_is_refused(profile: str, permit: str, sentence: str) -> None:
    zones = [zone(box(0, 0, 9, 9))]
    check_permits(["Husein", "z1", "geographical-zone"], read_profile("eu-a3"), zones)
    with pytest.raises(PantauError, match=sentence):
        check_permits([permit], read_profile(profile), zones)


@settings(max_examples=60, deadline=None)
@given(
    way=st.lists(
        st.tuples(st.integers(-400, 400), st.integers(-400, 400)), min_size=2, max_size=5, unique=True
    ),
    corner=st.tuples(st.integers(-400, 400), st.integers(-400, 400)),
    size_m=st.integers(1, 200),
)
def test_a_leg_in_a_zone_that_no_router_knew_is_found(
    way: list[tuple[int, int]], corner: tuple[int, int], size_m: int
) -> None:
    area = box(*corner, corner[0] + size_m, corner[1] + size_m)
    legs = {name for _, name in broken(check(sortie(*way), zone(area)))}
    for name, line in (
        ("sortie 1, transit to r#1", [(0, 0), way[0]]),
        ("sortie 1, pass r#1", way),
        ("sortie 1, return", [way[-1], (0, 0)]),
    ):
        if area.buffer(-0.01).intersects(LineString(line)):
            assert name in legs
        elif not area.buffer(0.01).intersects(LineString(line)):
            assert name not in legs


@pytest.mark.real_data
def test_zones_over_cimahi_are_found_and_gone_round(shared: Path) -> None:
    sites = read_sites(shared / "data" / "roads" / "bandung-cimahi.geojson").sites
    frame = frame_of(sites)
    plan = plan_survey(sites, find_drone("simulated-quad"), PlanSettings(solver_iterations=200))
    middle = Zone("z", "Z", "controlled", frame.shapes_to_lon_lat(box(-60, -60, 60, 60)))
    surroundings = Surroundings.unknown(frame)
    report = check_rules(plan.sorties, INDONESIA, [middle], surroundings, PlanSettings())
    assert {violation.rule for violation in report.violations} == {"controlled"}
    sky = Airspace.around([middle], frame, INDONESIA, 0, 30, 2.0)
    passes = [flown for one in plan.sorties for flown in one.passes]
    ends = np.array([(w.lat, w.lon) for flown in passes for w in (flown.waypoints[0], flown.waypoints[-1])])
    stops = frame.to_metres(*ends.T)
    table_m = sky.distances_m(stops, stops)
    assert (table_m > Airspace().distances_m(stops, stops) + 1).any()
