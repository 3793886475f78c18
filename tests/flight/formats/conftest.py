"""Little plans to write and read back: one that is always the same, and random ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import strategies as st
from shapely import LineString, Polygon

from flight.coverage.photo_geometry import photo_positions
from flight.fleet import find_drone
from flight.missions.mission import Home
from flight.planning.plan import Pass, PhotoPoint, Plan, Sortie, Waypoint
from flight.planning.settings import PlanSettings
from flight.planning.survey import plan_survey
from flight.rules.airspace import Zone
from pipeline.sites.site_reading import Site
from vision.frames import LocalFrame

Point = tuple[float, float, float]  # east, north, above take-off, in metres
PASS_SPACING_M = 8.0


def sortie_of(
    home: tuple[float, float], takeoff_m: float, passes: Sequence[tuple[Sequence[Point], bool]]
) -> Sortie:
    """A sortie over passes (points, whether they look at a face), with bent transits of even numbers."""
    frame = LocalFrame(*home)
    above_home = (0.0, 0.0, takeoff_m)
    ends = [above_home, *(end for points, _ in passes for end in (points[0], points[-1])), above_home]
    transits = []
    for number, (leave, enter) in enumerate(zip(ends[::2], ends[1::2], strict=True)):
        middle = [((leave[0] + enter[0]) / 2 + 3, (leave[1] + enter[1]) / 2, max(leave[2], enter[2]) + 7)]
        transits.append(_places(frame, [leave, *(middle if number % 2 == 0 else []), enter]))
    return Sortie(
        number=1,
        home=Home(*home),
        passes=tuple(
            _pass(frame, f"p#{n}", points, face) for n, (points, face) in enumerate(passes, start=1)
        ),
        transits=tuple(transits),
        return_height_m=45.0,
        distance_m=1000.0,
        duration_s=300.0,
    )


def _pass(frame: LocalFrame, name: str, points: Sequence[Point], face: bool) -> Pass:
    line = LineString([point[:2] for point in points])
    photos = photo_positions(line, PASS_SPACING_M)
    middle = line.interpolate(0.5, normalized=True)
    at_m = np.append(0.0, np.cumsum([LineString(leg).length for leg in pairwise(line.coords)]))
    heights = np.interp(np.arange(len(photos)) * PASS_SPACING_M, at_m, [point[2] for point in points])
    places = _places(frame, [(e, n, h) for (e, n, _), h in zip(photos, heights, strict=True)])
    return Pass(
        id=name,
        site="p",
        waypoints=_places(frame, points),
        length_m=line.length,
        trigger_distance_m=PASS_SPACING_M,
        photos=tuple(
            PhotoPoint(place.lat, place.lon, place.alt_m, float(yaw))
            for place, yaw in zip(places, photos[:, 2], strict=True)
        ),
        look_at=_places(frame, [(middle.x + 12, middle.y + 20, 6.0)])[0] if face else None,
    )


def _places(frame: LocalFrame, points: Sequence[Point]) -> tuple[Waypoint, ...]:
    lat_lon = frame.to_lat_lon([point[:2] for point in points])
    return tuple(
        Waypoint(float(lat), float(lon), float(point[2]))
        for (lat, lon), point in zip(lat_lon, points, strict=True)
    )


@pytest.fixture(scope="session")
def plan_with() -> Callable[[str, Sequence[Sortie]], Plan]:
    """Makes a plan for a drone of the fleet that consists of these sorties."""
    road = Site("p", "Jalan P", "road", LineString([(107.5, -6.87), (107.502, -6.87)]), width_m=5.0)
    planned = plan_survey([road], find_drone("simulated-quad"), PlanSettings(solver_iterations=20))

    def make(drone: str, sorties: Sequence[Sortie]) -> Plan:
        return replace(planned, drone=find_drone(drone), sorties=tuple(sorties), speed_ms=4.0)

    return make


@pytest.fixture(scope="session")
def little_sortie() -> Sortie:
    """A bent pass straight down at changing heights, and one along a face."""
    bent = [(20.0, 10.0, 20.0), (60.0, 15.0, 22.5), (75.0, 40.0, 26.0)]
    face = [(70.0, 80.0, 12.0), (40.0, 80.0, 12.0)]
    return sortie_of((-6.8741, 107.5372), 20.0, [(bent, False), (face, True)])


@pytest.fixture(scope="session")
def zones() -> tuple[Zone, ...]:
    """One zone 200 m east of the little sortie that reaches down to the ground, and one high above."""
    corners = [(107.5395, -6.8745), (107.541, -6.8745), (107.541, -6.8735), (107.5395, -6.8735)]
    hole = [(107.54, -6.8742), (107.54, -6.8738), (107.5405, -6.8738), (107.5405, -6.8742)]
    school = Zone("z1", "Sekolah & Taman", "restricted", Polygon(corners, [hole]))
    return (school, Zone("z2", "airway", "controlled", Polygon(corners), floor_m=300.0, ceiling_m=900.0))


def _sorties() -> st.SearchStrategy[Sortie]:
    places = st.tuples(st.integers(-60, 60), st.integers(-60, 60)).filter(lambda place: place != (0, 0))

    def build(
        home: tuple[float, float], found: list[tuple[int, int]], heights: list[int], faces: list[bool]
    ) -> Sortie:
        points = [(4.0 * e, 4.0 * n, 10.0 + h / 3) for (e, n), h in zip(found, heights, strict=False)]
        cuts = range(0, len(points) - len(points) % 3, 3)
        passes = [(points[cut : cut + 3], face) for cut, face in zip(cuts, faces, strict=False)]
        return sortie_of(home, 18.25, passes)

    return st.builds(
        build,
        home=st.tuples(st.floats(-70, 70), st.floats(-179, 179)),
        found=st.lists(places, min_size=3, max_size=9, unique=True),
        heights=st.lists(st.integers(0, 200), min_size=9, max_size=9),
        faces=st.lists(st.booleans(), min_size=3, max_size=3),
    )


@pytest.fixture(scope="session")
def sorties() -> st.SearchStrategy[Sortie]:
    """Random sorties of one to three passes, anywhere, some along faces."""
    return _sorties()


@pytest.fixture(scope="session")
def flown_places() -> Callable[[Sortie], list[tuple[float, float, float]]]:
    """All places (lat, lon, above take-off) of a sortie in order, each once, without the last above home."""

    def places(sortie: Sortie) -> list[tuple[float, float, float]]:
        every = [(w.lat, w.lon, w.alt_m) for leg in sortie.legs() for w in leg.waypoints]
        return [place for place, before in zip(every, [None, *every], strict=False) if place != before][:-1]

    return places


@pytest.fixture(scope="session")
def off_by_m() -> Callable[[Sequence[Point], Sequence[Point]], float]:
    """How far (lat, lon, height) lists of the same places are apart at most, in metres."""

    def largest(read: Sequence[Point], meant: Sequence[Point]) -> float:
        assert len(read) == len(meant)
        frame = LocalFrame(meant[0][0], meant[0][1])
        got, want = (
            np.column_stack([frame.to_metres(table[:, 0], table[:, 1]), table[:, 2]])
            for table in (np.array(read, dtype=float), np.array(meant, dtype=float))
        )
        return float(np.linalg.norm(got - want, axis=1).max())

    return largest
