"""The road's plane in a forward-looking photo, and the road seen from straight above.

The edges of the lane are parallel on the road and a known width apart. Where they meet in the photo
is the road's vanishing point; with the camera's focal length it gives the camera's pitch and yaw, and
the lane's width gives its height above the road.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.camera import FloatArray
from vision.detector import Picture

# Fewer rows of an edge than this tell no direction.
_FEWEST_ROWS = 60
_BORDER_PX = 3
_FIT_ROUNDS = 4
# From above, pixels are first warped this much finer and then averaged, so that near ground, which the
# photo shows finer than the view, does not turn into false grain.
_SUPERSAMPLING = 2


@dataclass(frozen=True)
class ForwardCamera:
    """A camera on a vehicle, its horizon level, looking forward and down on a lane.

    `focal_per_width` is the focal length, `principal_point` (x, y) the point that the optical axis hits,
    both in widths of the photo (y from the photo's top edge).

    The defaults are those of the Brazilian road survey behind the data set Cracks-and-Potholes-in-Road-
    Images, whose photos lost their upper fifth. Its file names count metres along the road: the same
    spots in 83 pairs of photos about 5 m apart gave the focal length (quartiles ± 12 %); it puts the
    camera 2.5 m above the road. Lanes of Brazilian federal roads are 3.6 m wide, lines included.
    """

    focal_per_width: float = 1.325
    principal_point: tuple[float, float] = (0.5, 0.1875)
    lane_width_m: float = 3.5

    def rays(self, width_px: int) -> FloatArray:
        """The matrix (3, 3) from homogeneous pixels to rays (right, down, forward)."""
        focal = self.focal_per_width * width_px
        x, y = (share * width_px for share in self.principal_point)
        return np.linalg.inv(np.array([[focal, 0, x], [0, focal, y], [0, 0, 1]]))


@dataclass(frozen=True)
class RoadPlane:
    """Where the road lies: `metres_from_px` (3, 3) takes homogeneous pixels to metres on the road.

    x to the right across the lane and y ahead along it, from the point below the camera, which is
    `height_m` above the road. `lane_x_m` are the lane's edges.
    """

    metres_from_px: FloatArray
    height_m: float
    lane_x_m: tuple[float, float]

    def on_road(self, points_px: FloatArray) -> FloatArray:
        """Points (N, 2) of the photo on the road, in metres."""
        return np.asarray(cv2.perspectiveTransform(points_px[None].astype(float), self.metres_from_px)[0])

    def farthest_m(self, height_px: int, width_px: int, coarsest_gsd_cm: float) -> float:
        """How far ahead a pixel of the photo spans no more than `coarsest_gsd_cm` of the road."""
        rows = np.arange(height_px + 1, dtype=float)
        ahead_m = self.on_road(np.column_stack([np.full_like(rows, width_px / 2), rows]))[:, 1]
        fine_enough = np.flatnonzero(-np.diff(ahead_m) * 100 <= coarsest_gsd_cm)
        return float(ahead_m[fine_enough[0]]) if len(fine_enough) else 0.0

    def nearest_m(self, height_px: int, width_px: int) -> float:
        """How far ahead the photo's lower edge shows the road."""
        return float(self.on_road(np.array([[width_px / 2, height_px]]))[0, 1])


@dataclass(frozen=True)
class Ground:
    """A rectangle of the road in metres: x across the lane, y ahead."""

    left_m: float
    right_m: float
    near_m: float
    far_m: float


def estimate_road_plane(lane: NDArray[np.bool_], camera: ForwardCamera) -> RoadPlane | None:
    """The road's plane from a mask (H, W) of the camera's lane.

    None where the lane's edges cannot be told, or do not meet above the photo as those of a flat,
    straight road do.
    """
    left, right = _fit_edge(lane), _fit_edge(lane[:, ::-1])
    if left is None or right is None:
        return None
    height_px, width_px = lane.shape
    right = (-right[0], width_px - 1 - right[1])
    if right[0] - left[0] <= 0:
        return None
    vanishing_row = (left[1] - right[1]) / (right[0] - left[0])
    vanishing_px = np.array([left[0] * vanishing_row + left[1], vanishing_row, 1.0])
    if vanishing_row >= 0:
        return None
    rays = camera.rays(width_px)
    ahead = rays @ vanishing_px
    ahead /= np.linalg.norm(ahead)
    # The horizon is level: the camera's own x axis lies in the road's plane too.
    down = np.cross(ahead, [1.0, 0.0, 0.0])
    down /= np.linalg.norm(down)
    across = np.cross(down, ahead)
    per_height = np.array([across, ahead, down]) @ rays
    edges_px = np.array([[edge[0] * height_px + edge[1], height_px] for edge in (left, right)])
    edges = cv2.perspectiveTransform(edges_px[None], per_height)[0, :, 0]
    height_m = camera.lane_width_m / float(edges[1] - edges[0])
    metres_from_px = np.diag([height_m, height_m, 1.0]) @ per_height
    return RoadPlane(metres_from_px, height_m, (float(edges[0]) * height_m, float(edges[1]) * height_m))


def view_from_above(pixels: Picture, plane: RoadPlane, ground: Ground, gsd_cm: float) -> Picture:
    """The ground as a camera straight above would show it, far end on top; black where the photo ends.

    Works for photos (H, W, 3) and for masks (H, W) of 0 and 255.
    """
    width_px = max(1, round((ground.right_m - ground.left_m) * 100 / gsd_cm))
    height_px = max(1, round((ground.far_m - ground.near_m) * 100 / gsd_cm))
    per_m = 100 / gsd_cm * _SUPERSAMPLING
    view_from_metres = np.array(
        [[per_m, 0, -per_m * ground.left_m], [0, -per_m, per_m * ground.far_m], [0, 0, 1]]
    )
    fine = cv2.warpPerspective(
        pixels,
        view_from_metres @ plane.metres_from_px,
        (width_px * _SUPERSAMPLING, height_px * _SUPERSAMPLING),
        flags=cv2.INTER_LINEAR,
    )
    view = cv2.resize(fine, (width_px, height_px), interpolation=cv2.INTER_AREA)
    return np.asarray(view, dtype=np.uint8)


def _fit_edge(lane: NDArray[np.bool_]) -> tuple[float, float] | None:
    """The lane's left edge as (slope, x at row 0) of x = slope · row + x0; None where it is not seen."""
    rows = np.flatnonzero(lane.any(axis=1))
    first = lane[rows].argmax(axis=1).astype(float)
    # Along the photo's own border the mask follows the photo, not the lane.
    inside = (first >= _BORDER_PX) & (rows >= _BORDER_PX) & (rows < lane.shape[0] - _BORDER_PX)
    rows, first = rows[inside], first[inside]
    if len(rows) < _FEWEST_ROWS:
        return None
    keep = np.ones(len(rows), dtype=bool)
    slope = start = 0.0
    for _ in range(_FIT_ROUNDS):
        slope, start = np.polyfit(rows[keep], first[keep], 1)
        residual = np.abs(slope * rows + start - first)
        keep = residual <= max(2.5 * float(np.median(residual)), 2.0)
    return float(slope), float(start)
