from __future__ import annotations

import json
from pathlib import Path

import pytest

from flight.fleet import FILE_FORMATS, TRIGGERS, Drone, find_drone, read_fleet
from vision.errors import PantauError

SOURCES = {"camera", "min_interval_s", "endurance", "speeds", "item_limit", "files"}
OWN = """
[my-quad]
title = "My quad"
sensor_width_mm = 23.5
focal_length_mm = 16
width_px = 6000
height_px = 4000
min_interval_s = 1
endurance_min = 15
cruise_ms = 8
climb_ms = 2.5
descend_ms = 1.5
item_limit = 650
files = ["plan"]
trigger = "distance"
"""


def written(folder: Path, text: str) -> Path:
    file = folder / "fleet.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_simulated_quad_sees_08_cm_from_20_m() -> None:
    drone = find_drone("simulated-quad")
    assert drone.gsd_m(20.0) == pytest.approx(0.008)
    assert (drone.camera().width_px, drone.camera().focal_px) == (2400, pytest.approx(2500.0))


def test_a_dozen_drones_are_known() -> None:
    fleet = read_fleet()
    assert len(fleet) >= 12
    assert {drone.trigger for drone in fleet.values()} == set(TRIGGERS)
    assert {name for drone in fleet.values() for name in drone.files} == set(FILE_FORMATS)


@pytest.mark.parametrize("name", sorted(read_fleet()))
def test_every_drone_makes_sense_and_names_its_sources(name: str) -> None:
    drone = find_drone(name)
    assert drone.height_for_gsd_m(drone.gsd_m(31.0)) == pytest.approx(31.0)
    assert 10 < drone.height_for_gsd_m(0.008) < 70
    assert drone.item_limit == (650 if "ardupilot" in drone.title.lower() else 99)
    assert (drone.wpml is not None) == ("wpml" in drone.files)
    assert drone.sources.keys() >= SOURCES
    assert drone.wpml is None or drone.sources["wpml"]
    assert drone.trigger == "distance" or drone.sources["trigger"]


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("name", "model"),
    [
        ("dji-mini-4-pro", "djiFC8482"),
        ("dji-mavic-3e", "djiM3E"),
        ("dji-mavic-2-pro", "hasselbladL1D-20C"),
        ("autel-evo-ii-pro-v3", "autel roboticsXL705"),
        ("parrot-anafi-usa", "parrotANAFIUSA"),
    ],
)
def test_sensors_agree_with_the_camera_table_they_were_taken_from(
    shared: Path, name: str, model: str
) -> None:
    table = json.loads((shared / "data/camera-database/droneModels.json").read_text(encoding="utf-8"))
    entry = next(e for e in table["droneCCDParams"] if e["makeModel"] == model and not e["isThermal"])
    width_mm, per_px = (float(part) for part in entry["ccdWidthMMPerPixel"].split("/"))
    drone = find_drone(name)
    assert drone.width_px == entry["widthPixels"]
    assert drone.sensor_width_mm / drone.width_px == pytest.approx(width_mm / per_px, rel=1e-3)


@pytest.mark.parametrize(
    ("trigger", "files", "per_photo", "timer_s"),
    [
        ("distance", ("wpml",), 0, None),
        ("action", ("wpml",), 1, None),
        ("action", ("plan",), 2, None),
        ("timer", ("wpml",), 0, 0.7),
    ],
)
def test_what_photos_cost_depends_on_who_takes_them(
    trigger: str, files: tuple[str, ...], per_photo: int, timer_s: float | None
) -> None:
    figures = vars(find_drone("dji-mavic-3e")) | {"trigger": trigger, "files": files}
    drone = Drone(**figures)
    assert (drone.items_per_photo, drone.timer_interval_s) == (per_photo, timer_s)
    assert drone.photo_spacing_m(8.0, 5.0) == pytest.approx(8.0 if timer_s is None else 3.5)


def test_unknown_drone_lists_the_known_ones() -> None:
    with pytest.raises(PantauError, match=r"'ufo'; known are ardupilot.*simulated-quad"):
        find_drone("ufo")


def test_own_drones_come_on_top_of_the_built_in_ones(tmp_path: Path) -> None:
    fleet = read_fleet(written(tmp_path, OWN + '[simulated-quad]\nlike = "my-quad"\n'))
    assert fleet["my-quad"].gsd_m(10) == pytest.approx(10 / (16 / 23.5 * 6000))
    assert fleet["simulated-quad"].title == "My quad"
    assert fleet.keys() == read_fleet().keys() | {"my-quad"}
    assert find_drone("dji-mavic-3e", tmp_path / "fleet.toml") == find_drone("dji-mavic-3e")


def test_a_drone_like_another_keeps_its_figures_and_their_sources_only(tmp_path: Path) -> None:
    file = written(tmp_path, '[old]\nlike = "dji-mavic-3m"\nendurance_min = 25\n[older]\nlike = "old"\n')
    old, older, built_in = (find_drone(name, file) for name in ("old", "older", "dji-mavic-3m"))
    assert (old.endurance_min, old.wpml, old.width_px) == (25, built_in.wpml, built_in.width_px)
    assert "endurance" not in old.sources and old.sources["wpml"] == built_in.sources["wpml"]
    assert older.endurance_min == 25


def test_a_drone_like_itself_changes_the_built_in_one(tmp_path: Path) -> None:
    file = written(tmp_path, '[dji-mavic-3e]\nlike = "dji-mavic-3e"\nendurance_min = 25\n')
    changed = find_drone("dji-mavic-3e", file)
    assert (changed.endurance_min, changed.focal_length_mm) == (25, 12.29)
    assert find_drone("dji-mavic-3m", file).focal_length_mm == 12.29


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("not toml", "cannot be read"),
        ('[a]\ntitle="A"', r"drone 'a' lacks climb_ms"),
        ("", "unknown drone 'a'"),
        ("a = 3", "drone 'a' is no table"),
        ('[a]\nlike = ["b"]', "names no known drone"),
        ('[a]\nlike = "a"', "goes round in circles"),
        ('[a]\nlike = "b"', "like = 'b' names no known drone"),
        ('[a]\nlike = "b"\n[b]\nlike = "a"', "goes round in circles"),
        ('[a]\nlike = "dji-mavic-3e"\nwings = 2', "has unknown wings"),
        ('[a]\nlike = "dji-mavic-3e"\nendurance_min = "40"', r"drone 'a': endurance_min is '40'; .* number"),
        ('[a]\nlike = "dji-mavic-3e"\nendurance_min = true', "endurance_min is True"),
        ('[a]\nlike = "dji-mavic-3e"\nendurance_min = 2400', "endurance_min is 2400, which cannot be"),
        ('[a]\nlike = "dji-mavic-3e"\ncruise_ms = nan', "cruise_ms is nan, which cannot be"),
        ('[a]\nlike = "dji-mavic-3e"\nmin_interval_s = 0', "min_interval_s is 0, which cannot be"),
        ('[a]\nlike = "dji-mavic-3e"\nwidth_px = 5280.5', "width_px is 5280.5; it must be a whole number"),
        ('[a]\nlike = "dji-mavic-3e"\nfiles = "wpml"', "files is 'wpml'; it must be a list"),
        ('[a]\nlike = "dji-mavic-3e"\nfiles = []', "files is "),
        ('[a]\nlike = "dji-mavic-3e"\nfiles = ["gpx"]', "one or more of plan, waypoints"),
        ('[a]\nlike = "dji-mavic-3e"\ntrigger = "laser"', "trigger is 'laser'; it must be one of distance"),
        ('[a]\nlike = "dji-mavic-3e"\ntitle = 5', "title is 5"),
        ('[a]\nlike = "dji-mavic-3e"\nwpml = {drone = "77"}', "wpml is "),
        ('[a]\nlike = "dji-mavic-3e"\nwpml = {payload = 66}', "wpml is "),
        ('[a]\nlike = "simulated-quad"\nfiles = ["wpml"]', "has no wpml numbers"),
        ('[a]\nlike = "dji-mavic-3e"\nsources = "me"', "sources"),
    ],
)
def test_bad_fleet_file_is_refused_with_drone_and_field(tmp_path: Path, text: str, problem: str) -> None:
    file = written(tmp_path, text)
    with pytest.raises(PantauError, match=problem):
        find_drone("a", file)
