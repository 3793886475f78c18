"""Poses, lenses and points of a block, adjusted together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from pipeline.alignment.control_points import ControlPoint, Mark
from pipeline.alignment.equations import Control, Equations, State, changed
from pipeline.alignment.overlap import feet_m
from pipeline.alignment.priors import priors_of
from pipeline.alignment.solving import Solution, solve
from pipeline.alignment.tie_points import Indices, TiePoints
from pipeline.alignment.tilted_ground import TiltedGround, plane_through
from pipeline.geotagging.ground_error import ground_offsets
from pipeline.photo import Photo
from vision.attitude import attitude_of
from vision.camera import FloatArray
from vision.frames import LocalFrame
from vision.ground import FlatGround

# Sightings farther off than this are none of the point.
_GROSS_SIGMAS = 4.0
# Surveyed places (GNSS with corrections), and a mark that a person sets in a picture.
_SIGMA_CONTROL_M = (0.02, 0.02, 0.03)
_SIGMA_MARK_PX = 1.0


@dataclass(frozen=True)
class Adjusted:
    """An adjusted block. `ties` are the sightings that were kept, those of control points included."""

    photos: tuple[Photo, ...]
    ties: TiePoints
    equations: Equations
    solution: Solution

    @property
    def state(self) -> State:
        """The unknowns as adjusted."""
        return self.equations.state(self.solution.unknowns)


def adjust(
    photos: Sequence[Photo],
    ties: TiePoints,
    frame: LocalFrame,
    control_points: Sequence[ControlPoint] = (),
) -> Adjusted:
    """Adjust all poses and lenses to sightings, control points and what was recorded.

    Gross errors among the sightings are left out in a second round. Points to be checked with are not used.
    """
    ties, control = _with_control(photos, ties, frame, control_points)
    places_m = sighted_ground(photos, ties, frame)
    equations = Equations(priors_of(photos, frame), ties, _means(places_m, ties), control)
    solution = solve(equations)
    gross = _gross_sightings(equations, solution)
    if gross.any():
        equations, start = _without(equations, gross, solution)
        solution = solve(equations, start)
    return Adjusted(tuple(photos), equations.ties, equations, solution)


def sighted_ground(photos: Sequence[Photo], ties: TiePoints, frame: LocalFrame) -> FloatArray:
    """East, north and height over the ground's zero (M, 3) of all sightings, by the poses of the photos."""
    places_m = np.full((len(ties.photo), 3), np.nan)
    feet = feet_m(photos, frame)
    for number, photo in enumerate(photos):
        mine = np.flatnonzero(ties.photo == number)
        if len(mine):
            places_m[mine, :2] = ground_offsets(photo, ties.pixels_px[mine]) + feet[number]
            places_m[mine, 2] = photo.ground.heights_m(*frame.to_lat_lon(places_m[mine, :2]).T)
    return places_m


def adjusted_photo(adjusted: Adjusted, number: int, frame: LocalFrame) -> Photo:
    """A photo with its adjusted pose and camera, on the ground that its points lie on.

    Level ground becomes the plane nearest to them; an elevation model keeps its form, and the height is what
    the camera has above it if it is moved to them.
    """
    photo, state, priors = adjusted.photos[number], adjusted.state, adjusted.equations.priors
    place_m = priors.position_m[number] + state.shift_m[number]
    lat, lon = (float(degrees) for degrees in frame.to_lat_lon(place_m[:2])[0])
    yaw_deg, pitch_deg, roll_deg = attitude_of(adjusted.equations.rotations(state)[number])
    points_m, raised_m = _ground_points(adjusted, number)
    ground, ground_m = photo.ground, float(np.median(raised_m)) if len(raised_m) else 0.0
    if isinstance(ground, FlatGround) and len(raised_m):
        ground_m, *slopes = plane_through(points_m[:, :2] - place_m[:2], points_m[:, 2], place_m[2])
        ground = TiltedGround(lat, lon, *slopes)
    pose = replace(
        photo.pose,
        lat=lat,
        lon=lon,
        alt_agl_m=float(place_m[2] - ground_m),
        yaw_deg=yaw_deg,
        pitch_deg=pitch_deg,
        roll_deg=roll_deg,
    )
    return replace(
        photo, pose=pose, camera=changed(photo.camera, state.lens[priors.lens[number]]), ground=ground
    )


def relief_m(adjusted: Adjusted, number: int, photo: Photo, frame: LocalFrame) -> float:
    """1-σ of the heights by which the points of a photo miss the ground of its adjusted pose."""
    points_m, _ = _ground_points(adjusted, number)
    if not len(points_m):
        return 0.0
    heights_m = photo.ground.heights_m(*frame.to_lat_lon(points_m[:, :2]).T)
    off_m = points_m[:, 2] - heights_m
    return float(1.4826 * np.median(np.abs(off_m - np.median(off_m))))


def _ground_points(adjusted: Adjusted, number: int) -> tuple[FloatArray, FloatArray]:
    """The points (K, 3) that a photo shows, and how far they lie above the ground as it was known (K,)."""
    points = adjusted.ties.point[adjusted.ties.photo == number]
    points_m = adjusted.state.points_m[points]
    return points_m, points_m[:, 2] - adjusted.equations.guess_m[points, 2]


def _means(places_m: FloatArray, ties: TiePoints) -> FloatArray:
    """The mean place (P, 3) of each point's sightings."""
    return ties.means(places_m, np.isfinite(places_m).all(axis=1))[0]


def _with_control(
    photos: Sequence[Photo], ties: TiePoints, frame: LocalFrame, control_points: Sequence[ControlPoint]
) -> tuple[TiePoints, Control]:
    """The ties with the marks of control points as sightings, and the points' surveyed places."""
    by_name = {photo.path.name: number for number, photo in enumerate(photos) if photo.frame is None}
    marks: list[tuple[int, int, float, float]] = []
    used: list[ControlPoint] = []
    for point in control_points:
        found = [
            (by_name[mark.photo_name], ties.count + len(used), mark.x_px, mark.y_px)
            for mark in point.marks
            if mark.photo_name in by_name and _shows_ground(photos[by_name[mark.photo_name]], mark)
        ]
        if found and not point.is_check:
            used.append(point)
            marks += found
    if not used:
        return ties, Control.none()
    photo, number = (np.array([mark[part] for mark in marks], dtype=np.intp) for part in (0, 1))
    joined = TiePoints(
        np.concatenate([ties.photo, photo]),
        np.concatenate([ties.point, number]),
        np.concatenate([ties.pixels_px, np.array([mark[2:] for mark in marks], dtype=np.float64)]),
        np.concatenate([ties.sigma_px, np.full(len(marks), _SIGMA_MARK_PX)]),
        ties.count + len(used),
    )
    numbers = np.arange(ties.count, joined.count)
    return joined, _control(photos, joined, frame, used, numbers)


def _shows_ground(photo: Photo, mark: Mark) -> bool:
    return bool(np.isfinite(ground_offsets(photo, np.array([[mark.x_px, mark.y_px]]))).all())


def _control(
    photos: Sequence[Photo],
    ties: TiePoints,
    frame: LocalFrame,
    points: Sequence[ControlPoint],
    numbers: Indices,
) -> Control:
    places_m = np.column_stack(
        [
            frame.to_metres([point.lat for point in points], [point.lon for point in points]),
            [np.nan if point.height_m is None else point.height_m for point in points],
        ]
    )
    ground_m = _means(sighted_ground(photos, ties, frame), ties)[numbers, 2]
    above_m = places_m[:, 2] - ground_m
    known = np.isfinite(above_m)
    zero_m = float(np.median(above_m[known])) if known.any() else 0.0
    sigma_m = np.broadcast_to(np.array(_SIGMA_CONTROL_M), places_m.shape)
    return Control(numbers, places_m, sigma_m, zero_m)


def _gross_sightings(equations: Equations, solution: Solution) -> NDArray[np.bool_]:
    count = len(equations.ties.photo)
    off = equations.residuals(solution.unknowns)[: 2 * count].reshape(-1, 2)
    return np.asarray(np.hypot(*off.T) > _GROSS_SIGMAS)


def _without(
    equations: Equations, gross: NDArray[np.bool_], solution: Solution
) -> tuple[Equations, FloatArray]:
    """The equations without some sightings, and what is known of their unknowns; control points stay."""
    ties, control = equations.ties, equations.control
    surveyed = np.isin(ties.point, control.point)
    kept = ~gross | surveyed
    sightings = np.bincount(ties.point[kept], minlength=ties.count)
    stays = sightings >= 2
    stays[control.point] = True
    kept &= stays[ties.point]
    number = np.cumsum(stays) - 1
    fewer = TiePoints(
        ties.photo[kept],
        number[ties.point[kept]],
        ties.pixels_px[kept],
        ties.sigma_px[kept],
        int(stays.sum()),
    )
    smaller = Equations(
        equations.priors, fewer, equations.guess_m[stays], replace(control, point=number[control.point])
    )
    cameras = equations.camera_unknowns
    points = solution.unknowns[cameras:].reshape(-1, 3)[stays]
    return smaller, np.concatenate([solution.unknowns[:cameras], points.ravel()])
