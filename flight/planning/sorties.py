"""From routes to sorties: every leg in space, with its photos, its time and its height profile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely import LineString

from flight.coverage.photo_geometry import photo_heights_m, photo_positions
from flight.coverage.tracks import Track, pass_ids
from flight.heights.clearance import profile_along
from flight.heights.raising import raise_transit, return_height_m
from flight.missions.mission import Home
from flight.planning.plan import Pass, PhotoPoint, ProfilePoint, Sortie, Waypoint
from flight.planning.task import Task
from flight.routing.flight_time import FAST_TRANSIT_M, ways_s
from flight.routing.solver import Route
from flight.routing.transit_costs import Visit
from vision.camera import FloatArray

_PROFILE_STEP_M = 5.0


@dataclass(frozen=True)
class SortieBuilder:
    """What all sorties of a plan share: the task, its passes (lines in space) and launch points."""

    task: Task
    tracks: Sequence[Track]
    launches: FloatArray

    def sorties(self, routes: Sequence[Route]) -> tuple[Sortie, ...]:
        """One sortie for each route, numbered from 1."""
        ids = pass_ids(self.tracks)
        return tuple(self._sortie(number, route, ids) for number, route in enumerate(routes, start=1))

    def _sortie(self, number: int, route: Route, ids: Sequence[str]) -> Sortie:
        home_m = self.launches[route.launch]
        datum_m = float(self.task.surroundings.ground.elevation_m(home_m[None])[0])
        lines = [self._line(visit) for visit in route.visits]
        points = [shapely.get_coordinates(line, include_z=True) for line in lines]
        transits = self._transits(home_m, datum_m, points)
        way = [part for pair in zip(transits, points, strict=False) for part in pair] + [transits[-1]]
        passes = tuple(
            self._pass(ids[visit.run], self.tracks[visit.run], line, datum_m)
            for visit, line in zip(route.visits, lines, strict=True)
        )
        stops_s = self.task.photo_stop_s * sum(len(flown.photos) for flown in passes)
        lat, lon = self.task.surroundings.frame.to_lat_lon(home_m[None])[0]
        return Sortie(
            number=number,
            home=Home(float(lat), float(lon)),
            passes=passes,
            transits=tuple(self._waypoints(transit, datum_m) for transit in transits),
            return_height_m=return_height_m(way, home_m, self.task.surroundings, self.task.rules) - datum_m,
            distance_m=route.distance_m,
            duration_s=self._duration_s(points, transits) + stops_s,
            profile=self._profile(np.vstack(way), datum_m),
        )

    def _line(self, visit: Visit) -> LineString:
        line = self.tracks[visit.run].line
        return line.reverse() if visit.backwards else line

    def _transits(self, home_m: FloatArray, datum_m: float, points: Sequence[FloatArray]) -> list[FloatArray]:
        above_home = np.append(home_m, datum_m + self.task.rules.photo_height_m)
        leave = [above_home, *(line[-1] for line in points)]
        enter = [*(line[0] for line in points), above_home]
        return [
            raise_transit(
                start,
                end,
                self.task.surroundings.airspace.way(start[:2], end[:2]),
                self.task.surroundings,
                self.task.rules,
            )
            for start, end in zip(leave, enter, strict=True)
        ]

    def _duration_s(self, points: Sequence[FloatArray], transits: Sequence[FloatArray]) -> float:
        """Time of every leg as it is flown, its climbs included, with take-off and landing."""
        ways = [(transits[0], self._transit_ms(transits[0]))]
        for line, transit in zip(points, transits[1:], strict=True):
            ways += [(line, self.task.pace.photo_ms), (transit, self._transit_ms(transit))]
        return self.task.takeoff_and_landing_s + ways_s(ways, self.task.pace)

    def _transit_ms(self, way: FloatArray) -> float:
        over_ground_m = float(np.hypot(*np.diff(way[:, :2], axis=0).T).sum())
        return self.task.pace.cruise_ms if over_ground_m > FAST_TRANSIT_M else self.task.pace.photo_ms

    def _profile(self, way: FloatArray, datum_m: float) -> tuple[ProfilePoint, ...]:
        found = profile_along(way, self.task.surroundings, _PROFILE_STEP_M, self.task.rules.clearance_m)
        return tuple(
            ProfilePoint(
                float(flown),
                float(alt) - datum_m,
                float(ground) - datum_m,
                float(top) - datum_m if np.isfinite(top) else None,
            )
            for flown, alt, ground, top in zip(
                found.flown_m, found.alt_m, found.ground_m, found.obstacle_m, strict=True
            )
        )

    def _pass(self, pass_id: str, track: Track, line: LineString, datum_m: float) -> Pass:
        spacing_m = self.task.swath.photo_spacing_m
        return Pass(
            id=pass_id,
            site=track.site.id,
            waypoints=self._waypoints(shapely.get_coordinates(line, include_z=True), datum_m),
            length_m=line.length,
            trigger_distance_m=spacing_m,
            photos=self._photos(track, line, spacing_m, datum_m),
            look_at=self._look_at(track, datum_m),
        )

    def _photos(
        self, track: Track, line: LineString, spacing_m: float, datum_m: float
    ) -> tuple[PhotoPoint, ...]:
        photos = photo_positions(line, spacing_m)
        alts_m = photo_heights_m(line, spacing_m)
        yaws_deg, pitches_deg = photos[:, 2], np.full(len(photos), -90.0)
        if track.look_at is not None:
            target = np.array([*track.look_at[:2], self._target_alt_m(track)])
            yaws_deg, pitches_deg = _towards(np.column_stack([photos[:, :2], alts_m]), target)
        places = self.task.surroundings.frame.to_lat_lon(photos[:, :2])
        return tuple(
            PhotoPoint(float(lat), float(lon), float(alt) - datum_m, float(yaw), float(pitch))
            for (lat, lon), alt, yaw, pitch in zip(places, alts_m, yaws_deg, pitches_deg, strict=True)
        )

    def _look_at(self, track: Track, datum_m: float) -> Waypoint | None:
        if track.look_at is None:
            return None
        place = np.array([[*track.look_at[:2], self._target_alt_m(track)]])
        return self._waypoints(place, datum_m)[0]

    def _target_alt_m(self, track: Track) -> float:
        assert track.look_at is not None
        east, north, above_m = track.look_at
        return float(self.task.surroundings.ground.elevation_m(np.array([[east, north]]))[0]) + above_m

    def _waypoints(self, points: FloatArray, datum_m: float) -> tuple[Waypoint, ...]:
        places = self.task.surroundings.frame.to_lat_lon(points[:, :2])
        return tuple(
            Waypoint(float(lat), float(lon), float(alt_m) - datum_m)
            for (lat, lon), alt_m in zip(places, points[:, 2], strict=True)
        )


def _towards(places: FloatArray, target: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Yaw and pitch (N,) in degrees from places (N, 3) to a target (3,), all in metres."""
    east, north, up = (target - places).T
    yaws_deg: FloatArray = np.degrees(np.arctan2(east, north)) % 360
    pitches_deg: FloatArray = np.degrees(np.arctan2(up, np.hypot(east, north)))
    return yaws_deg, pitches_deg
