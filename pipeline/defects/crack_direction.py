"""Longitudinal or transverse: a crack's name is relative to the road, not to the picture.

A detector sees pictures, most of them taken along the road. Where a photo shows a side road, or the
drone turned, it takes one name for the other. Where the road is known, its axis decides; the
detection keeps the name that the detector gave.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import shapely
from numpy.typing import NDArray

from pipeline.sighting import Sighting, frame_around
from pipeline.sites.siting import VERGE_M, SiteShape, half_widths_m, nearest_sites
from vision.camera import FloatArray

LONGITUDINAL, TRANSVERSE = "longitudinal_crack", "transverse_crack"

# Below it a crack has no direction to speak of: its box in the picture is nearly square.
ELONGATED = 2.0
# Nearer than this to the diagonal the road's axis decides nothing.
DIAGONAL_BAND_DEG = 15.0
_HALF_CHORD_M = 1.0  # over which the road's axis is taken
_FLAT_M = 0.001  # a footprint without any width is widened by this


def named_by_road(sightings: Sequence[Sighting], sites: Sequence[SiteShape]) -> list[Sighting]:
    """The sightings, single cracks on a known road named by their direction to its axis."""
    roads = sorted((site for site in sites if site.width_m is not None), key=lambda site: site.id)
    cracks = [i for i, sighting in enumerate(sightings) if has_direction(sighting)]
    named = list(sightings)
    if not roads or not cracks:
        return named
    frame = frame_around([sightings[i] for i in cracks])
    lines_m = frame.shapes_to_metres([road.geometry for road in roads])
    footprints_m = frame.shapes_to_metres([sightings[i].footprint for i in cracks])
    middles_m = shapely.centroid(footprints_m)
    crack, road = nearest_sites(middles_m, lines_m, half_widths_m(roads), VERGE_M)
    axes = _axes_at(lines_m[road], middles_m[crack])
    angles_deg = _between_deg(ground_directions(shapely.oriented_envelope(footprints_m[crack])), axes)
    for index, angle_deg in zip(crack, angles_deg, strict=True):
        seen = sightings[cracks[index]]
        if abs(angle_deg - 45) >= DIAGONAL_BAND_DEG:
            named[cracks[index]] = replace(seen, kind=LONGITUDINAL if angle_deg < 45 else TRANSVERSE)
    return named


def has_direction(sighting: Sighting) -> bool:
    """Whether it is a single crack whose footprint is clearly longer than wide."""
    return sighting.kind in (LONGITUDINAL, TRANSVERSE) and sighting.length_m >= ELONGATED * sighting.width_m


def ground_directions(envelopes_m: NDArray[np.object_]) -> FloatArray:
    """Unit vectors (N, 2: east, north) along the long sides of footprints' oriented envelopes in metres."""
    flat = shapely.area(envelopes_m) == 0  # the envelope of a line is a line
    rectangles_m = envelopes_m.copy()
    rectangles_m[flat] = shapely.oriented_envelope(shapely.buffer(envelopes_m[flat], _FLAT_M))
    corners_m = shapely.get_coordinates(rectangles_m).reshape(-1, 5, 2)
    sides_m = np.diff(corners_m[:, :3], axis=1)
    long_sides_m = sides_m[np.arange(len(sides_m)), np.hypot(*sides_m.T).T.argmax(axis=1)]
    return _units(long_sides_m)


def _between_deg(one: FloatArray, other: FloatArray) -> FloatArray:
    """Angles between lines given by unit vectors (N, 2), 0…90°."""
    angles: FloatArray = np.degrees(np.arccos(np.clip(np.abs((one * other).sum(axis=1)), 0.0, 1.0)))
    return angles


def _units(vectors_m: FloatArray) -> FloatArray:
    units: FloatArray = vectors_m / np.hypot(*vectors_m.T)[:, None]
    return units


def _axes_at(lines_m: NDArray[np.object_], places_m: NDArray[np.object_]) -> FloatArray:
    """Unit vectors (N, 2: east, north) along the lines, beside a place each."""
    along_m = shapely.line_locate_point(lines_m, places_m)
    before = shapely.line_interpolate_point(lines_m, np.maximum(along_m - _HALF_CHORD_M, 0.0))
    after = shapely.line_interpolate_point(
        lines_m, np.minimum(along_m + _HALF_CHORD_M, shapely.length(lines_m))
    )
    return _units(shapely.get_coordinates(after) - shapely.get_coordinates(before))
