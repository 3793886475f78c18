"""What photos looking straight down see: footprints, spacing, and how fast one may fly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from shapely import LineString, Polygon

from flight.fleet import Drone
from vision.camera import FloatArray

# The autopilot fires at the first moment past the wanted distance: 10 m became 10.05–10.10 m,
# measured on ArduCopter 4.6.2.
TRIGGER_SLACK = 1.01

_BLUR_LIMIT_PX = 0.5  # a photo may smear over half a pixel: below that, demosaicing blurs more
_INTERVAL_MARGIN = 0.9  # of the camera's fastest rhythm: gusts make the vehicle faster over ground


@dataclass(frozen=True)
class Swath:
    """The ground that a row of photos covers; the picture's long side lies across the track.

    `photo_spacing_m` is the longest distance between two photos, `pass_spacing_m` between parallel
    passes. `margin_m` is photographed beside a site's edge; `tolerance_m` is how far the vehicle
    strays sideways.
    """

    across_m: float
    along_m: float
    photo_spacing_m: float
    pass_spacing_m: float
    margin_m: float
    tolerance_m: float

    @property
    def usable_m(self) -> float:
        """The width that is covered even when the vehicle strays."""
        return self.across_m - 2 * self.tolerance_m

    @property
    def shortfall_m(self) -> float:
        """How far a pass must go beyond a point so that its last photo surely shows that point.

        The last photo may fall one spacing before the end of the pass.
        """
        return max(0.0, self.photo_spacing_m * TRIGGER_SLACK + self.tolerance_m - self.along_m / 2)


def swath_of(
    drone: Drone,
    height_m: float,
    forward_overlap: float,
    side_overlap: float,
    margin_m: float,
    tolerance_m: float,
) -> Swath:
    """The swath of a drone's camera from a height; `usable_m` is negative when it flies too low."""
    gsd_m = drone.gsd_m(height_m)
    across_m = max(drone.width_px, drone.height_px) * gsd_m
    along_m = min(drone.width_px, drone.height_px) * gsd_m
    return Swath(
        across_m=across_m,
        along_m=along_m,
        photo_spacing_m=along_m * (1 - forward_overlap),
        pass_spacing_m=(across_m - 2 * tolerance_m) * (1 - side_overlap),
        margin_m=margin_m,
        tolerance_m=tolerance_m,
    )


def photo_speed_ms(drone: Drone, gsd_m: float, photo_spacing_m: float, exposure_s: float) -> float:
    """The fastest flight with the camera on.

    The least of: the drone's cruise speed; the photo spacing in 1/0.9 of the camera's shortest
    interval; half a pixel on the ground in one exposure.
    """
    by_interval = _INTERVAL_MARGIN * photo_spacing_m / drone.min_interval_s
    by_blur = _BLUR_LIMIT_PX * gsd_m / exposure_s
    return min(drone.cruise_ms, by_interval, by_blur)


def photo_positions(track: LineString, spacing_m: float) -> FloatArray:
    """Where photos fall on a track: (N, 3) east, north and yaw in degrees.

    One at its start, then one every `spacing_m`, as the autopilot triggers; the last falls less than
    one spacing before its end.
    """
    at_m = _photo_distances_m(track, spacing_m)
    points = shapely.get_coordinates(shapely.line_interpolate_point(track, at_m))[:, :2]
    return np.column_stack([points, headings_deg(track)[_segment_at(track, at_m)]])


def photo_heights_m(track: LineString, spacing_m: float) -> FloatArray:
    """The heights (N,) of the photos of a track in space, as `photo_positions` orders them."""
    points = shapely.line_interpolate_point(track, _photo_distances_m(track, spacing_m))
    heights: FloatArray = shapely.get_coordinates(points, include_z=True)[:, 2]
    return heights


def _photo_distances_m(track: LineString, spacing_m: float) -> FloatArray:
    count = int(track.length / spacing_m + 1e-6) + 1
    distances: FloatArray = np.arange(count, dtype=np.float64) * spacing_m
    return distances


def headings_deg(track: LineString) -> FloatArray:
    """The direction of each segment of a line in metres, clockwise from north."""
    east, north = np.diff(shapely.get_coordinates(track), axis=0).T
    headings: FloatArray = np.degrees(np.arctan2(east, north)) % 360
    return headings


def _segment_at(track: LineString, at_m: FloatArray) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    ends_m = np.cumsum(np.hypot(*np.diff(shapely.get_coordinates(track), axis=0).T))
    return np.minimum(np.searchsorted(ends_m, at_m, side="right"), len(ends_m) - 1)


def footprints(photos: FloatArray, swath: Swath) -> list[Polygon]:
    """The ground (polygons in metres) that photos (N, 3: east, north, yaw) show."""
    yaw = np.radians(photos[:, 2])
    forward = np.column_stack([np.sin(yaw), np.cos(yaw)]) * swath.along_m / 2
    right = np.column_stack([np.cos(yaw), -np.sin(yaw)]) * swath.across_m / 2
    centres = photos[:, :2]
    corners = [
        centres + forward - right,
        centres + forward + right,
        centres - forward + right,
        centres - forward - right,
    ]
    return list(shapely.polygons(np.stack(corners, axis=1)))
