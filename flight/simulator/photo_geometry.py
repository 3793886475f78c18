"""Where the pixels of an exposure lie on the ground of a district."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from shapely import Polygon

from flight.simulator.district import District
from flight.simulator.exposure import Exposure
from vision.attitude import camera_to_enu
from vision.camera import Camera, FloatArray
from vision.ground import meet_flat_ground

# Farther than this many heights from the camera's foot nothing is rendered: haze.
FARTHEST_HEIGHTS = 2.5


def ground_of_pixels(
    pixels_px: FloatArray, exposure: Exposure, camera: Camera, district: District
) -> FloatArray:
    """East and north (N, 2) in the district's frame of pixels (N, 2).

    NaN above the horizon and farther away than anything is rendered.
    """
    turn = camera_to_enu(exposure.yaw_deg, exposure.pitch_deg, exposure.roll_deg)
    from_foot = meet_flat_ground(camera.rays(pixels_px) @ turn.T, exposure.alt_rel_m)
    with np.errstate(invalid="ignore"):
        far = np.hypot(from_foot[:, 0], from_foot[:, 1]) > FARTHEST_HEIGHTS * exposure.alt_rel_m
    from_foot[far] = np.nan
    foot: FloatArray = district.frame.to_metres(exposure.lat, exposure.lon)[0]
    return from_foot + foot


def footprint(exposure: Exposure, camera: Camera, district: District) -> Polygon:
    """The ground that a photo shows (its rendered part), in the district's frame."""
    right, bottom = camera.width_px - 0.5, camera.height_px - 0.5
    x, y = np.linspace(-0.5, right, 9), np.linspace(-0.5, bottom, 9)
    edge = np.vstack(
        [
            np.column_stack([x, np.full(9, -0.5)]),
            np.column_stack([np.full(9, right), y]),
            np.column_stack([x[::-1], np.full(9, bottom)]),
            np.column_stack([np.full(9, -0.5), y[::-1]]),
        ]
    )
    ground = ground_of_pixels(edge, exposure, camera, district)
    ground = ground[np.isfinite(ground).all(axis=1)]
    return Polygon(ground).convex_hull if len(ground) >= 3 else Polygon()


def photographed_damages(
    district: District, exposures: Sequence[Exposure], camera: Camera, least_share: float = 0.5
) -> frozenset[str]:
    """Ids of the damages of which at least one photo shows `least_share` or more."""
    footprints = [footprint(exposure, camera, district) for exposure in exposures]
    seen = set()
    for damage in district.damages:
        shape = damage.geometry_m
        size = shape.area or shape.length
        for area in footprints:
            shown = shapely.intersection(shape, area)
            if (shown.area or shown.length) >= least_share * size:
                seen.add(damage.id)
                break
    return frozenset(seen)
