"""Which ground the photos of a flight show: level at the height of take-off, given, or an elevation model's.

Drones record their height above the take-off place. An elevation model adds how much higher or lower the
ground is where a photo was taken: a difference of two of its heights, in which its vertical datum cancels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from math import hypot, isnan
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pipeline.metadata.pose import HEIGHT_OVER_DEM
from pipeline.photo import Photo
from vision.errors import PantauError
from vision.frames import LocalFrame
from vision.ground import FlatGround, Ground

if TYPE_CHECKING:
    from vision.terrain import ElevationModel

# How far the ground of a site is off a level plane (1 σ): off that of the take-off place, which may lie
# beside the site, and off a height that was given for the site itself. Assumed, no measurement.
SIGMA_AT_TAKE_OFF_M = 1.0
SIGMA_AT_GIVEN_HEIGHT_M = 0.3

# 1 σ of an elevation model by the size of its cells, a rule of thumb between a lidar survey's 0.1 m at 1 m
# (3DEP), 1 m at 10 m, and Copernicus GLO-30's 2.4 m (4 m at 90 %).
_SIGMA_PER_CELL = 0.1
_LEAST_SIGMA_M, _LARGEST_SIGMA_M = 0.1, 3.0

# A take-off place that nobody tells is somewhere about the flight's first photo.
_TAKE_OFF_RADIUS_M = 50.0
_LOWEST_HEIGHT_M = 1.0

OUTSIDE_DEM = "outside_dem"
DEM_CONTRADICTS = "dem_contradicts"


def open_dem(dem: Path) -> Ground:
    """The ground as an elevation model has it, in the model's own heights.

    Raises PantauError when the model cannot be read.
    """
    from vision.terrain import ElevationModel
    from vision.terrain_ground import TerrainGround

    model = ElevationModel.open(dem)
    return TerrainGround(model, 0.0, _sigma_of(model))


def on_ground(
    photos: Sequence[Photo],
    dem: Path | None = None,
    ground_alt_m: float | None = None,
    take_off: tuple[float, float] | None = None,
) -> list[Photo]:
    """The photos in their order, each with the ground that it shows.

    `dem` is a raster of heights (see `vision.terrain`). The heights of a flight's photos count from the
    ground at `take_off` (lat, lon), or where nobody tells that, at the flight's first photo inside of the
    model; with the error of not knowing better. Those of photos with the remark `HEIGHT_OVER_DEM` count from
    the model right below them. `ground_alt_m` says that the heights of the photos were
    made of their absolute altitudes, less the altitude of the ground there (see
    `pipeline.metadata.photo_reading.read_photo`). Without a `dem` the ground is level.

    Photos outside of the model, and those that it puts below the ground, are put on level ground with the
    remarks `outside_dem` and `dem_contradicts`.

    Raises PantauError when the model cannot be read or has no height at `take_off`, or when a take-off
    place is given without a model.
    """
    level = FlatGround(SIGMA_AT_TAKE_OFF_M if ground_alt_m is None else SIGMA_AT_GIVEN_HEIGHT_M)
    if dem is None:
        if take_off is not None:
            raise PantauError("--take-off says where the heights of a --dem count from; give that, too")
        return [replace(photo, ground=level) for photo in photos]
    from vision.terrain import ElevationModel

    model = ElevationModel.open(dem)
    given = _given_zero(model, take_off) if take_off is not None else None
    placed = list(photos)
    for members in _flights(photos):
        flight = [photos[index] for index in members]
        zero = given or _zero_of_first(model, flight)
        for index, photo in zip(members, _on_model(flight, model, zero, level), strict=True):
            placed[index] = photo
    return placed


@dataclass(frozen=True)
class _Zero:
    """A model's height that the heights of photos count from, and its 1-σ error."""

    height_m: float
    sigma_m: float


def _flights(photos: Sequence[Photo]) -> list[list[int]]:
    """The indices of the photos of each flight; photos without a flight are alone."""
    flights: dict[str | int, list[int]] = {}
    for index, photo in enumerate(photos):
        flights.setdefault(photo.flight or index, []).append(index)
    return list(flights.values())


def _given_zero(model: ElevationModel, take_off: tuple[float, float]) -> _Zero:
    height_m = float(model.heights_m(*take_off)[0])
    if isnan(height_m):
        raise PantauError(
            f"{model.path}: has no height at the take-off place {take_off[0]:.6f},{take_off[1]:.6f}; give a "
            "model that covers it, or another --take-off LAT,LON"
        )
    return _Zero(height_m, 0.0)


def _zero_of_first(model: ElevationModel, flight: Sequence[Photo]) -> _Zero | None:
    """The ground at the first photo inside of the model; None where all are outside."""
    in_time = sorted(flight, key=lambda photo: _seconds(photo.taken_at))
    heights_m = model.heights_m([photo.pose.lat for photo in in_time], [photo.pose.lon for photo in in_time])
    known = np.flatnonzero(np.isfinite(heights_m))
    if not len(known):
        return None
    height_m, first = float(heights_m[known[0]]), in_time[known[0]].pose
    around_m = _heights_around(model, first.lat, first.lon) - height_m
    return _Zero(height_m, float(np.sqrt(np.nanmean(around_m**2))))


def _seconds(moment: datetime | None) -> float:
    """Photos without a time stay in their order, behind the others."""
    return moment.timestamp() if moment is not None else float("inf")


def _heights_around(model: ElevationModel, lat: float, lon: float) -> np.ndarray:
    """Heights in a disc about a place, the place itself among them."""
    steps_m = np.linspace(-_TAKE_OFF_RADIUS_M, _TAKE_OFF_RADIUS_M, 11)
    offsets_m = np.stack(np.meshgrid(steps_m, steps_m), axis=-1).reshape(-1, 2)
    offsets_m = offsets_m[np.hypot(*offsets_m.T) <= _TAKE_OFF_RADIUS_M]
    return model.heights_m(*LocalFrame(lat, lon).to_lat_lon(offsets_m).T)


def _on_model(
    flight: Sequence[Photo], model: ElevationModel, zero: _Zero | None, level: FlatGround
) -> list[Photo]:
    if zero is None:
        return [_with_remark(replace(photo, ground=level), OUTSIDE_DEM) for photo in flight]
    from vision.terrain_ground import TerrainGround

    sigma_m = _sigma_of(model)
    ground: Ground = TerrainGround(model, zero.height_m, hypot(sigma_m, zero.sigma_m))
    # The zero makes no difference to heights that do not count from it; one for all keeps flights comparable.
    below: Ground = TerrainGround(model, zero.height_m, sigma_m)
    return [
        _believed(
            _above(below, photo) if HEIGHT_OVER_DEM in photo.remarks else replace(photo, ground=ground), level
        )
        for photo in flight
    ]


def _sigma_of(model: ElevationModel) -> float:
    return min(max(_SIGMA_PER_CELL * model.cell_m, _LEAST_SIGMA_M), _LARGEST_SIGMA_M)


def _above(ground: Ground, photo: Photo) -> Photo:
    """A photo on this ground, of which only the height above the ground right below it was known."""
    pose = photo.pose
    below_m = float(ground.heights_m(pose.lat, pose.lon)[0])
    alt_agl_m = pose.alt_agl_m if isnan(below_m) else pose.alt_agl_m + below_m
    return replace(photo, ground=ground, pose=replace(pose, alt_agl_m=alt_agl_m))


def _believed(photo: Photo, level: FlatGround) -> Photo:
    """A photo on an elevation model, or on level ground where the model knows nothing or errs."""
    height_m = photo.height_above_ground_m
    if isnan(height_m):
        return _with_remark(replace(photo, ground=level), OUTSIDE_DEM)
    if height_m < _LOWEST_HEIGHT_M:
        apart_m = photo.pose.alt_agl_m - height_m
        return _with_remark(replace(photo, ground=FlatGround(apart_m)), DEM_CONTRADICTS)
    return photo


def _with_remark(photo: Photo, remark: str) -> Photo:
    return replace(photo, remarks=(*photo.remarks, remark))
