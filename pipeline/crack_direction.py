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

from pipeline.sighting import Sighting, frame_around
from pipeline.siting import VERGE_M, SiteShape, half_widths_m
from vision.camera import FloatArray

LONGITUDINAL, TRANSVERSE = "longitudinal_crack", "transverse_crack"

# Below it a crack has no direction to speak of: its box in the picture is nearly square.
ELONGATED = 2.0
# Nearer than this to the diagonal the road's axis decides nothing.
DIAGONAL_BAND_DEG = 15.0
_HALF_CHORD_M = 1.0  # over which the road's axis is taken


def named_by_road(sightings: Sequence[Sighting], sites: Sequence[SiteShape]) -> list[Sighting]:
    """The sightings, single cracks on a known road named by their direction to its axis."""
    roads = sorted((site for site in sites if site.width_m is not None), key=lambda site: site.id)
    cracks = [i for i, sighting in enumerate(sightings) if _has_direction(sighting)]
    named = list(sightings)
    if not roads or not cracks:
        return named
    frame = frame_around(sightings)
    lines_m = frame.shapes_to_metres([road.geometry for road in roads])
    edges_m = half_widths_m(roads)
    for i in cracks:
        footprint_m = frame.shapes_to_metres(sightings[i].footprint)
        beside_m = shapely.distance(lines_m, footprint_m.centroid) - edges_m
        nearest = int(beside_m.argmin())
        if beside_m[nearest] <= VERGE_M:
            axis = _axis_at(lines_m[nearest], footprint_m.centroid)
            named[i] = replace(sightings[i], kind=_name(footprint_m, axis, sightings[i].kind))
    return named


def _has_direction(sighting: Sighting) -> bool:
    return sighting.kind in (LONGITUDINAL, TRANSVERSE) and sighting.length_m >= ELONGATED * sighting.width_m


def _axis_at(line_m: shapely.LineString, place_m: shapely.Point) -> FloatArray:
    """The line's direction (east, north) beside a place."""
    along_m = line_m.project(place_m)
    ends = (max(0.0, along_m - _HALF_CHORD_M), min(line_m.length, along_m + _HALF_CHORD_M))
    before, after = (line_m.interpolate(end) for end in ends)
    return np.array([after.x - before.x, after.y - before.y])


def _name(footprint_m: shapely.Polygon, axis: FloatArray, given: str) -> str:
    corners = shapely.get_coordinates(shapely.oriented_envelope(footprint_m))
    sides = np.diff(corners[:3], axis=0)
    long_side = sides[np.hypot(*sides.T).argmax()]
    between = np.abs(long_side @ axis) / (np.linalg.norm(long_side) * np.linalg.norm(axis))
    angle_deg = np.degrees(np.arccos(np.clip(between, 0.0, 1.0)))
    if abs(angle_deg - 45) < DIAGONAL_BAND_DEG:
        return given
    return LONGITUDINAL if angle_deg < 45 else TRANSVERSE
