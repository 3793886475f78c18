from __future__ import annotations

import numpy as np
import pytest
from shapely import LineString, Point

from flight.heights.clearance import clearance_along, profile_along, raised_stretches
from flight.heights.ground import FlatGround
from flight.heights.obstacles import Obstacle, Obstacles
from flight.rules.airspace import Airspace
from flight.surroundings import Surroundings
from vision.camera import FloatArray
from vision.frames import LocalFrame

FRAME = LocalFrame(-6.87, 107.5)
MAST = Obstacle("mast", Point(50, 3).buffer(1), 12, 12)


class Ends(FlatGround):
    """Level ground that is known as far as 80 m east."""

    def elevation_m(self, places: FloatArray) -> FloatArray:
        return np.where(places[:, 0] > 80, np.nan, 0.0)


def around(*standing: Obstacle, ground: FlatGround | None = None) -> Surroundings:
    return Surroundings(FRAME, ground or FlatGround(), Obstacles(standing), Airspace())


def test_the_least_clearance_and_its_place_are_found() -> None:
    level = np.array([(0, 0, 20.0), (100, 0, 20.0)])
    assert clearance_along(level, around(), 5.0)[0] == 20
    least_m, place = clearance_along(level, around(MAST), 5.0)
    assert least_m == pytest.approx(8) and place == pytest.approx([48, 0, 20], abs=3)
    assert clearance_along(level, around(MAST), 1.5)[0] == 20
    down = np.array([(0, 0, 20.0), (0, 0, 4.0), (40, 0, 8.0)])
    assert clearance_along(down, around(MAST), 5.0)[0] == 4


def test_a_single_place_has_a_clearance_too() -> None:
    assert clearance_along(np.array([(50, 0, 30.0)]), around(MAST), 5.0)[0] == pytest.approx(18)


def test_unknown_ground_is_no_clearance() -> None:
    least_m, place = clearance_along(np.array([(0, 0, 20.0), (100, 0, 20.0)]), around(ground=Ends()), 5.0)
    assert np.isnan(least_m) and place[0] == pytest.approx(81)


def test_the_profile_shows_ground_obstacles_and_every_vertex() -> None:
    flight = np.array([(0, 0, 0.0), (0, 0, 20.0), (100, 0, 30.0), (100, 0, 0.0)])
    profile = profile_along(flight, around(MAST), step_m=25, beside_m=5)
    assert profile.flown_m == pytest.approx([0, 0, 25, 50, 75, 100, 100])
    assert profile.alt_m == pytest.approx([0, 20, 22.5, 25, 27.5, 30, 0])
    assert profile.ground_m.tolist() == [0] * 7
    assert profile.obstacle_m.tolist() == [-np.inf] * 3 + [12] + [-np.inf] * 3


def test_raised_stretches_are_those_above_the_tolerance() -> None:
    line = LineString([(0, 0, 20), (100, 0, 20), (120, 0, 40), (140, 0, 20), (200, 0, 22.5), (300, 0, 40)])
    stretches = raised_stretches(line, 20, around(), 3.0)
    assert [(round(part.from_m), round(part.to_m)) for part in stretches] == [(104, 136), (203, 300)]
    assert [part.height_agl_m for part in stretches] == pytest.approx([40, 40])
    assert raised_stretches(line, 37, around(), 3.0) == []
