from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pyogrio.raw
import pytest
import shapely
from shapely import LineString

from flight.fleet import find_drone
from flight.formats.qgroundcontrol import read_plan_file
from flight.missions.mission_building import build_mission
from flight.planning.plan import Plan
from flight.planning.plan_folder import find_sortie, write_plan
from flight.planning.settings import PlanSettings
from flight.planning.sortie_files import sortie_files
from flight.planning.survey import plan_survey
from models.kinds import ROAD_KINDS
from pipeline.sites.site_reading import Site, read_sites
from vision.errors import PantauError


@pytest.fixture(scope="module")
def plan() -> Plan:
    roads = [
        Site(
            f"r{n}",
            f"Jalan {n}",
            "road",
            LineString([(107.5, -6.87 + n / 500), (107.506, -6.87 + n / 500)]),
            5.0,
        )
        for n in range(4)
    ]
    return plan_survey(roads, find_drone("simulated-quad"), PlanSettings(solver_iterations=100))


def test_folder_holds_what_the_design_promises(plan: Plan, tmp_path: Path) -> None:
    summary = write_plan(plan, tmp_path / "plan")
    names = {path.name for path in (tmp_path / "plan").iterdir()}
    sorties = {f"{sortie.name}.{kind}" for sortie in plan.sorties for kind in ("plan", "waypoints")}
    assert len(plan.sorties) >= 2
    assert names >= {"plan.json", "plan.geojson", "plan.kml", "sites.geojson", *sorties}
    assert {name for name in names if name.startswith("sortie-")} == sorties
    assert json.loads((tmp_path / "plan" / "plan.json").read_text(encoding="utf-8")) == summary
    assert [path.name for path in tmp_path.iterdir()] == ["plan"]


def test_summary_adds_up(plan: Plan, tmp_path: Path) -> None:
    summary = write_plan(plan, tmp_path / "plan")
    assert summary["gsd_cm"] == pytest.approx(0.8)
    assert summary["totals"]["photos"] == sum(sortie["photos"] for sortie in summary["sorties"])
    assert (
        summary["ratio"] == pytest.approx(plan.distance_m / plan.lower_bound_m, abs=1e-3)
        and summary["ratio"] >= 1
    )
    assert summary["search"] | {"seconds": 0} == {"seed": 1, "iterations": 100, "seconds": 0}
    assert {*summary["kinds"]["shown"], *summary["kinds"]["not_shown"]} == {kind.name for kind in ROAD_KINDS}
    assert [site["covered"] for site in summary["sites"]] == [1.0] * 4


def test_files_are_read_back_as_they_were_planned(plan: Plan, tmp_path: Path) -> None:
    write_plan(plan, tmp_path)
    assert read_sites(tmp_path / "sites.geojson").sites == plan.sites
    for sortie in plan.sorties:
        assert read_plan_file(tmp_path / f"{sortie.name}.plan") == build_mission(plan, sortie)


def test_gdal_reads_the_map_with_roles(plan: Plan, tmp_path: Path) -> None:
    write_plan(plan, tmp_path)
    meta, _, geometries, columns = pyogrio.raw.read(tmp_path / "plan.geojson")
    roles = list(columns[list(meta["fields"]).index("role")])
    assert set(roles) == {"launch", "fence", "transit", "pass", "return", "photo", "footprint"}
    assert roles.count("photo") == roles.count("footprint") == plan.photo_count
    assert all(shapely.is_valid(shapely.from_wkb(geometries)))


def test_an_earlier_plan_is_replaced(plan: Plan, tmp_path: Path) -> None:
    write_plan(plan, tmp_path / "plan")
    (tmp_path / "plan" / "sortie-09.plan").write_text("old", encoding="utf-8")
    write_plan(plan, tmp_path / "plan")
    assert not (tmp_path / "plan" / "sortie-09.plan").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["plan"]


@pytest.mark.parametrize(
    ("drone", "suffixes"),
    [
        ("dji-mavic-3e", {".kmz"}),
        ("dji-mini-4-pro", {".kmz", ".csv"}),
        ("dji-phantom-4-rtk", {".csv", ".kml"}),
        ("skydio-x10", {".kml"}),
    ],
)
def test_only_files_that_the_drone_can_fly_are_written(
    plan: Plan, tmp_path: Path, drone: str, suffixes: set[str]
) -> None:
    flown = replace(plan, drone=find_drone(drone))
    write_plan(flown, tmp_path)
    assert {path.suffix for path in tmp_path.glob("sortie-*")} == suffixes
    names = sortie_files(flown.drone, flown.sorties[0])
    assert all((tmp_path / name).is_file() for name in names.values())
    assert {Path(name).suffix for name in names.values()} == suffixes
    with pytest.raises(PantauError, match=r"has no \.plan; load sortie-01\.\w+ and the others into its own"):
        find_sortie(tmp_path)
    write_plan(plan, tmp_path)  # a plan for another drone takes its place
    assert {path.suffix for path in tmp_path.glob("sortie-*")} == {".plan", ".waypoints"}


@pytest.mark.parametrize(
    "name", ["plan.html", "operator-sheet.html", "plan.kml", "sortie-12.kmz", "sortie-12.csv"]
)
def test_everything_that_a_plan_may_hold_is_replaced(plan: Plan, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("old", encoding="utf-8")
    write_plan(plan, tmp_path)
    assert not (tmp_path / name).exists() or (tmp_path / name).read_text(encoding="utf-8") != "old"


@pytest.mark.parametrize(
    ("name", "problem"), [("sortie-01.flight.jsonl", "log of a flight"), ("holiday.jpg", "something else")]
)
def test_nothing_of_others_is_lost(plan: Plan, tmp_path: Path, name: str, problem: str) -> None:
    (tmp_path / name).write_text("precious", encoding="utf-8")
    with pytest.raises(PantauError, match=problem):
        write_plan(plan, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_plan_cannot_be_written_over_a_file(plan: Plan, tmp_path: Path) -> None:
    (tmp_path / "plan").write_text("a file", encoding="utf-8")
    with pytest.raises(PantauError, match="is a file"):
        write_plan(plan, tmp_path / "plan")


def test_the_next_unflown_sortie_is_found(plan: Plan, tmp_path: Path) -> None:
    write_plan(plan, tmp_path)
    assert find_sortie(tmp_path).name == "sortie-01.plan"
    assert find_sortie(tmp_path, 2).name == "sortie-02.plan"
    assert find_sortie(tmp_path / "sortie-02.plan").name == "sortie-02.plan"
    flown = '{"time": "2026-01-01T00:00:00+00:00", "event": "completed"}\n'
    (tmp_path / "sortie-01.flight.jsonl").write_text(flown.replace("completed", "ended"), encoding="utf-8")
    assert find_sortie(tmp_path).name == "sortie-01.plan"
    (tmp_path / "sortie-01.flight.jsonl").write_text(flown, encoding="utf-8")
    assert find_sortie(tmp_path).name == "sortie-02.plan"
    (tmp_path / "sortie-02.flight.jsonl").write_text(flown, encoding="utf-8")
    with pytest.raises(PantauError, match="all 2 sorties have been flown"):
        find_sortie(tmp_path)
    with pytest.raises(PantauError, match="no sortie 3; it has 1 to 2"):
        find_sortie(tmp_path, 3)


def test_a_folder_without_sorties_is_no_plan(tmp_path: Path) -> None:
    with pytest.raises(PantauError, match="holds no sorties"):
        find_sortie(tmp_path)
