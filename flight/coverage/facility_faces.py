"""Oblique runs past the faces of a facility: parallel to each wall, the camera looking at its middle.

A long wall is cut into stretches so short that every photo of a run shows the whole stretch, nearly
square-on. A high wall takes several levels. Where another wing stands in the way of a run, the wall
is photographed from the nearest place that keeps the stand-off; where there is none, it is left out.

All geometry here is in metres of a local frame; heights are above ground.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, MultiLineString, Polygon
from shapely.geometry.base import BaseGeometry

from flight.coverage.photo_geometry import Swath
from flight.coverage.tracks import Track
from flight.fleet import Drone
from pipeline.sites.site_reading import Site
from vision.attitude import camera_to_enu
from vision.camera import Camera, FloatArray

LOWEST_M = 8.0  # above people, cars and low trees
OBLIQUE_DEG = 25.0  # a wall is seen at most so far from square-on at the ends of a stretch
_MOST_OBLIQUE_DEG = 60.0  # from farther aside a wall is foreshortened to half and more: not worth a photo
_DETAIL_SHARE = 0.05  # of the stand-off: smaller corners of an outline make no walls of their own
_SHORTEST_FACE_M = 0.5
_MOST_LEVELS = 30  # so near to so high a wall, even they leave gaps
_SAMPLES = 7  # in each direction, to find out whether a stretch is in view


@dataclass(frozen=True)
class Faces:
    """The passes over a facility's outer faces, and what of its outline they show.

    `outline_m` is the length of the outer faces, `seen_m` how much of it the passes show; `remarks`
    are sentences on what is left out.
    """

    tracks: tuple[Track, ...]
    outline_m: float
    seen_m: float
    remarks: tuple[str, ...] = ()


def face_tracks(
    site: Site,
    polygon: Polygon,
    height_m: float,
    drone: Drone,
    swath: Swath,
    stand_off_m: float,
    lowest_m: float = LOWEST_M,
    side_overlap: float = 0.6,
) -> Faces:
    """The passes that photograph a facility's outer faces up to a height.

    They keep the stand-off (less 5 %, for corners that are smoothed) from all of the polygon and never
    fly below `lowest_m`: from there the camera looks down. Levels overlap by `side_overlap` (0–1).
    """
    planner = _Planner(site, polygon, height_m, drone.camera(), swath, stand_off_m, lowest_m, side_overlap)
    tracks: list[Track] = []
    outline_m = seen_m = 0.0
    for wall in _walls(polygon, stand_off_m * _DETAIL_SHARE):
        for stretch in _stretches(wall, planner.stretch_m):
            runs = planner.runs(stretch)
            outline_m += stretch.length
            seen_m += stretch.length if runs else 0.0
            tracks += [track for run in runs for track in planner.at_all_levels(run, stretch)]
    return Faces(tuple(tracks), outline_m, seen_m, _remarks(site, polygon, outline_m - seen_m))


def _remarks(site: Site, polygon: Polygon, hidden_m: float) -> tuple[str, ...]:
    found = []
    if courtyards := len(polygon.interiors):
        found.append(
            f"facility {site.id!r} ({site.name}): the faces of {courtyards} courtyard"
            f"{'s' if courtyards > 1 else ''} are not flown, outer faces only"
        )
    if hidden_m > 1:
        found.append(
            f"facility {site.id!r} ({site.name}): {hidden_m:.0f} m of its outer faces stand too close to "
            "other parts of it to be flown at this distance; a finer ground resolution comes nearer"
        )
    return tuple(found)


def _walls(polygon: Polygon, detail_m: float) -> list[LineString]:
    """The outer faces, with the facility on the left of each: a round tank gets a few straight ones."""
    outline = Polygon(polygon.exterior).simplify(detail_m)
    outline = shapely.orient_polygons(outline if outline.area > 0 else Polygon(polygon.exterior))
    points = shapely.get_coordinates(outline.exterior)
    walls = [LineString(pair) for pair in itertools.pairwise(points)]
    return [wall for wall in walls if wall.length > _SHORTEST_FACE_M]


def _stretches(wall: LineString, longest_m: float) -> list[LineString]:
    count = math.ceil(wall.length / longest_m - 1e-9)
    points = shapely.get_coordinates(
        shapely.line_interpolate_point(wall, np.linspace(0.0, 1.0, count + 1), normalized=True)
    )
    return [LineString(pair) for pair in itertools.pairwise(points)]


class _Planner:
    """What the runs past all walls of a facility have in common."""

    def __init__(
        self,
        site: Site,
        polygon: Polygon,
        height_m: float,
        camera: Camera,
        swath: Swath,
        stand_off_m: float,
        lowest_m: float,
        side_overlap: float,
    ) -> None:
        self._site, self._camera, self._swath = site, camera, swath
        self._height_m, self._lowest_m, self._side_overlap = height_m, lowest_m, side_overlap
        self._stand_off_m = stand_off_m
        detail_m = stand_off_m * _DETAIL_SHARE
        solid = Polygon(polygon.exterior)
        self._too_close = solid.buffer(stand_off_m - detail_m, quad_segs=16)
        self._opaque = solid.buffer(-detail_m - 0.01)
        self.stretch_m = self._longest_stretch_m()

    def runs(self, stretch: LineString) -> list[LineString]:
        """Where to fly to photograph a stretch of a wall: beside it, else at the nearest places."""
        start, end = shapely.get_coordinates(stretch)
        along = (end - start) / stretch.length
        outwards = np.array([along[1], -along[0]]) * self._stand_off_m
        aside_m = self._stand_off_m * math.tan(math.radians(_MOST_OBLIQUE_DEG))
        beside_m = max(stretch.length, self._swath.photo_spacing_m) / 2
        middle = (start + end) / 2 + outwards

        def free(from_m: float, to_m: float) -> list[LineString]:
            line = LineString([middle + along * from_m, middle + along * to_m])
            return _parts(line.difference(self._too_close))

        beside = [run for run in free(-beside_m, beside_m) if run.length > _SHORTEST_FACE_M]
        if beside:
            return beside
        left, right = free(-aside_m, -beside_m)[-1:], free(beside_m, aside_m)[:1]
        nearest = [self._cut(run.reverse()).reverse() for run in left] + [self._cut(run) for run in right]
        return [run for run in nearest if self._is_in_sight(stretch, run)]

    def at_all_levels(self, run: LineString, stretch: LineString) -> Iterator[Track]:
        """The passes along a run, one for each level."""
        east, north = shapely.get_coordinates(stretch).mean(axis=0)
        for height_m, look_m in self._levels(stretch.length):
            yield Track(self._site, run, height_m, (float(east), float(north), look_m))

    def _cut(self, run: LineString) -> LineString:
        return shapely.ops.substring(run, 0.0, self._swath.photo_spacing_m)

    def _is_in_sight(self, stretch: LineString, run: LineString) -> bool:
        camera = run.interpolate(0.5, normalized=True)
        places = shapely.line_interpolate_point(stretch, np.linspace(0.1, 0.9, 5), normalized=True)
        return any(not LineString([camera, place]).intersects(self._opaque) for place in places)

    def _longest_stretch_m(self) -> float:
        length_m = 2 * self._nearest_m * math.tan(math.radians(OBLIQUE_DEG))
        while not self._shows(length_m, 0.0, 0.0, 0.1):
            length_m *= 0.95
        return length_m

    def _levels(self, length_m: float) -> list[tuple[float, float]]:
        """For a stretch the heights to fly at, each with the height to look at."""
        levels: list[tuple[float, float]] = []
        for count in range(1, _MOST_LEVELS + 1):
            band_m = self._height_m / (1 + (count - 1) * (1 - self._side_overlap))
            middles_m = map(float, np.linspace(band_m / 2, self._height_m - band_m / 2, count))
            levels = [(max(middle_m, self._lowest_m), middle_m) for middle_m in middles_m]
            if all(self._shows(length_m, *level, band_m) for level in levels):
                return levels
        return levels

    @property
    def _nearest_m(self) -> float:
        """How near to a wall the vehicle may come when it strays, and corners stand out."""
        return max(self._stand_off_m * (1 - _DETAIL_SHARE) - self._swath.tolerance_m, self._stand_off_m / 2)

    def _shows(self, length_m: float, fly_m: float, look_m: float, band_m: float) -> bool:
        """Whether each photo of a run beside a stretch shows all of it, in a band of heights."""
        reach_m = length_m / 2 + self._swath.tolerance_m
        aside, up = np.meshgrid(
            np.linspace(-length_m / 2, length_m / 2, _SAMPLES),
            look_m + np.linspace(-band_m / 2, band_m / 2, _SAMPLES),
        )
        wall = np.column_stack([aside.ravel(), np.full(aside.size, self._nearest_m), up.ravel()])
        target = np.array([0.0, self._nearest_m, look_m])
        cameras = [np.array([at_m, 0.0, fly_m]) for at_m in np.linspace(-reach_m, reach_m, _SAMPLES)]
        return all(in_view(self._camera, camera, target, wall).all() for camera in cameras)


def in_view(camera: Camera, place: FloatArray, look_at: FloatArray, points: FloatArray) -> NDArray[np.bool_]:
    """Which points (N, 3) a level camera at a place (3,) shows that looks at a point (3,)."""
    east, north, up = look_at - place
    yaw_deg = math.degrees(math.atan2(east, north))
    pitch_deg = math.degrees(math.atan2(up, math.hypot(east, north)))
    pixels = camera.project((points - place) @ camera_to_enu(yaw_deg, pitch_deg, 0.0))
    edge_px = np.array([camera.width_px, camera.height_px]) - 0.5
    with np.errstate(invalid="ignore"):
        inside: NDArray[np.bool_] = np.all((pixels >= -0.5) & (pixels <= edge_px), axis=1)
    return inside


def _parts(lines: BaseGeometry) -> list[LineString]:
    """The lines of a geometry, in the order along the line that they are of."""
    parts = list(lines.geoms) if isinstance(lines, MultiLineString) else [lines]
    return [part for part in parts if isinstance(part, LineString) and part.length > 0]
