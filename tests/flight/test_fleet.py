from __future__ import annotations

from pathlib import Path

import pytest

from flight.fleet import find_drone, read_fleet
from vision.errors import PantauError


def test_simulated_quad_sees_08_cm_from_20_m() -> None:
    drone = find_drone("simulated-quad")
    assert drone.gsd_m(20.0) == pytest.approx(0.008)
    assert (drone.camera().width_px, drone.camera().focal_px) == (2400, pytest.approx(2500.0))


@pytest.mark.parametrize("name", sorted(read_fleet()))
def test_every_drone_makes_sense(name: str) -> None:
    drone = find_drone(name)
    assert drone.height_for_gsd_m(drone.gsd_m(31.0)) == pytest.approx(31.0)
    assert 10 < drone.height_for_gsd_m(0.008) < 60
    assert drone.item_limit == (650 if "plan" in drone.files else 99)
    assert drone.sources


def test_unknown_drone_lists_the_known_ones() -> None:
    with pytest.raises(PantauError, match=r"'ufo'; known are ardupilot.*simulated-quad"):
        find_drone("ufo")


@pytest.mark.parametrize(
    ("text", "problem"),
    [("not toml", "cannot be read"), ('[a]\ntitle="A"', "lacks"), ("", "unknown drone")],
)
def test_bad_fleet_file_is_refused(tmp_path: Path, text: str, problem: str) -> None:
    file = tmp_path / "fleet.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(PantauError, match=problem):
        find_drone("a", file)
