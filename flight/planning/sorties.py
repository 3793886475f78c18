"""From routes to sorties: every leg in space, with its photos."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely import LineString

from flight.mission import Home
from flight.planning.heights import HeightRules, raise_pass, raise_transit, return_height_m
from flight.planning.photo_geometry import Swath, photo_positions
from flight.planning.plan import Pass, PhotoPoint, Sortie, Waypoint
from flight.planning.routing import Route, Visit
from flight.planning.surroundings import Surroundings
from flight.planning.tracks import Track, pass_ids
from vision.camera import FloatArray


@dataclass(frozen=True)
class SortieBuilder:
    """What all sorties of a plan share: the passes, where they may begin, and how they are flown."""

    tracks: Sequence[Track]
    launches: FloatArray
    surroundings: Surroundings
    swath: Swath
    rules: HeightRules
    ground_s: float

    def sorties(self, routes: Sequence[Route]) -> tuple[Sortie, ...]:
        """One sortie for each route, numbered from 1."""
        ids = pass_ids(self.tracks)
        return tuple(self._sortie(number, route, ids) for number, route in enumerate(routes, start=1))

    def _sortie(self, number: int, route: Route, ids: Sequence[str]) -> Sortie:
        home_m = self.launches[route.launch]
        datum_m = float(self.surroundings.ground.elevation_m(home_m[None])[0])
        lines = [self._line(visit) for visit in route.visits]
        transits = self._transits(home_m, lines)
        back_m = return_height_m(
            [*transits, *(shapely.get_coordinates(line, include_z=True) for line in lines)],
            home_m,
            self.surroundings,
            self.rules,
        )
        lat, lon = self.surroundings.frame.to_lat_lon(home_m[None])[0]
        return Sortie(
            number=number,
            home=Home(float(lat), float(lon)),
            passes=tuple(
                self._pass(ids[visit.run], self.tracks[visit.run], line, datum_m)
                for visit, line in zip(route.visits, lines, strict=True)
            ),
            transits=tuple(self._waypoints(way, datum_m) for way in transits),
            return_height_m=back_m - datum_m,
            distance_m=route.distance_m,
            duration_s=route.duration_s + self.ground_s,
        )

    def _line(self, visit: Visit) -> LineString:
        track = self.tracks[visit.run]
        line = track.line.reverse() if visit.backwards else track.line
        height_agl_m = self.rules.photo_height_m if track.height_agl_m is None else track.height_agl_m
        return raise_pass(line, height_agl_m, self.surroundings, self.rules)

    def _transits(self, home_m: FloatArray, lines: Sequence[LineString]) -> list[FloatArray]:
        points = [shapely.get_coordinates(line, include_z=True) for line in lines]
        above_home = np.append(
            home_m, self.surroundings.ground.elevation_m(home_m[None])[0] + self.rules.photo_height_m
        )
        leave = [above_home, *(line[-1] for line in points)]
        enter = [*(line[0] for line in points), above_home]
        return [
            raise_transit(
                start,
                end,
                self.surroundings.airspace.way(start[:2], end[:2]),
                self.surroundings,
                self.rules,
            )
            for start, end in zip(leave, enter, strict=True)
        ]

    def _pass(self, pass_id: str, track: Track, line: LineString, datum_m: float) -> Pass:
        photos = photo_positions(line, self.swath.photo_spacing_m)
        at_m = shapely.line_locate_point(line, shapely.points(photos[:, :2]))
        alts_m = shapely.get_coordinates(shapely.line_interpolate_point(line, at_m), include_z=True)[:, 2]
        places = self.surroundings.frame.to_lat_lon(photos[:, :2])
        return Pass(
            id=pass_id,
            site=track.site.id,
            waypoints=self._waypoints(shapely.get_coordinates(line, include_z=True), datum_m),
            length_m=line.length,
            trigger_distance_m=self.swath.photo_spacing_m,
            photos=tuple(
                PhotoPoint(float(lat), float(lon), float(alt_m) - datum_m, float(yaw))
                for (lat, lon), alt_m, yaw in zip(places, alts_m, photos[:, 2], strict=True)
            ),
        )

    def _waypoints(self, points: FloatArray, datum_m: float) -> tuple[Waypoint, ...]:
        places = self.surroundings.frame.to_lat_lon(points[:, :2])
        return tuple(
            Waypoint(float(lat), float(lon), float(alt_m) - datum_m)
            for (lat, lon), alt_m in zip(places, points[:, 2], strict=True)
        )
