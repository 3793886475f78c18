"""Writing the register: values to rows."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from shapely import Polygon
from shapely.geometry import mapping

from pipeline.geotagging.observation import Observation
from pipeline.photo import Photo, RejectedPhoto
from pipeline.register.photo_paths import path_text
from pipeline.register.times import time_text
from pipeline.sites.site_reading import Site
from vision.camera import FloatArray

Row = dict[str, Any]

_DEGREE_DIGITS = 8  # 1 mm
_METRE_DIGITS = 3
_PIXEL_DIGITS = 1
_SHARED_DIGITS = 4  # the errors of RTK are millimetres
CRACK_WIDTH_DIGITS = 4  # tenths of a millimetre: cracks are some millimetres wide


def rounded_or_none(number: float | None, digits: int) -> float | None:
    """A number rounded for the register; None, which is not measurable, stays None."""
    return None if number is None else round(number, digits)


def outline_text(outline_px: FloatArray) -> str:
    """An outline (M, 2) in pixels as JSON."""
    return json.dumps(np.round(outline_px, _PIXEL_DIGITS).tolist())


def photo_row(
    photo: Photo,
    survey: int,
    run: int,
    folder: Path,
    footprint: Polygon | None,
    gsd_cm: float | None,
    read_for: Sequence[str] | None = None,
) -> Row:
    """The row of a usable photo in table `photos`; `read_for`: keys of the sites it was looked at for."""
    return {
        "id": photo.id,
        "survey": survey,
        "run": run,
        "path": path_text(photo.path, folder, photo.frame),
        **_view_columns(photo, footprint),
        "gsd_cm": round(gsd_cm, _METRE_DIGITS) if gsd_cm is not None else None,
        "status": "used",
        "reason": None,
        "detail": None,
        "remarks": json.dumps(list(photo.remarks)),
        "read_for": None if read_for is None else json.dumps(sorted(read_for)),
    }


def keys_read_for(text: str | None) -> frozenset[str] | None:
    """The keys of the sites that a photo was looked at for, as `photo_row` wrote them; None: not known."""
    return frozenset(json.loads(text)) if text else None


def rejected_row(rejected: RejectedPhoto, survey: int | None, folder: Path, footprint: Polygon | None) -> Row:
    """The row of a rejected photo in table `photos`; its `footprint` where that is known all the same."""
    return {
        "id": rejected.id,
        "survey": survey,
        "run": None,
        "path": path_text(rejected.path, folder, rejected.frame),
        "status": "rejected",
        "reason": rejected.reason,
        "detail": rejected.detail,
        **(_view_columns(rejected.photo, footprint) if rejected.photo else {}),
    }


def observation_row(observation: Observation, detection: str) -> Row:
    """The row of an observation in table `observations`, not yet of any defect."""
    position = observation.position
    return {
        "detection": detection,
        "defect": None,
        "kind": observation.kind,
        "score": round(float(observation.score), 4),
        "lat": round(position.lat, _DEGREE_DIGITS),
        "lon": round(position.lon, _DEGREE_DIGITS),
        "sigma_m": round(position.sigma_m, _METRE_DIGITS),
        "sigma_major_m": round(position.sigma_major_m, _METRE_DIGITS),
        "sigma_minor_m": round(position.sigma_minor_m, _METRE_DIGITS),
        "sigma_azimuth_deg": round(position.sigma_azimuth_deg, _METRE_DIGITS),
        "length_m": round(observation.length_m, _METRE_DIGITS),
        "width_m": round(observation.width_m, _METRE_DIGITS),
        "area_m2": round(observation.area_m2, _METRE_DIGITS),
        "outlined": int(observation.outlined),
        "crack_length_m": rounded_or_none(observation.crack_length_m, _METRE_DIGITS),
        "crack_width_m": rounded_or_none(observation.crack_width_m, CRACK_WIDTH_DIGITS),
        "diameter_m": rounded_or_none(observation.diameter_m, _METRE_DIGITS),
        "footprint": geometry_text(observation.footprint),
        "shared_m": json.dumps(np.round(observation.shared_m, _SHARED_DIGITS).tolist()),
    }


def site_row(site: Site) -> Row:
    """The row of a site in table `sites`."""
    return {
        "id": site.id,
        "name": site.name,
        "kind": site.kind,
        "width_m": site.width_m,
        "height_m": site.height_m,
        "paved": int(site.paved),
        "geometry": geometry_text(site.geometry),
    }


def geometry_text(geometry: Any) -> str:
    """A shapely geometry (lon, lat) as GeoJSON text."""
    shape = mapping(geometry)
    return json.dumps({"type": shape["type"], "coordinates": _rounded(shape["coordinates"])})


def _view_columns(photo: Photo, footprint: Polygon | None) -> Row:
    """When a photo was taken, from where, with which camera, and what it shows."""
    pose = photo.pose
    return {
        "taken_at": time_text(photo.taken_at) if photo.taken_at else None,
        "lat": round(pose.lat, _DEGREE_DIGITS),
        "lon": round(pose.lon, _DEGREE_DIGITS),
        "alt_agl_m": round(photo.height_above_ground_m, _METRE_DIGITS),
        "yaw_deg": round(pose.yaw_deg, _METRE_DIGITS),
        "pitch_deg": round(pose.pitch_deg, _METRE_DIGITS),
        "roll_deg": round(pose.roll_deg, _METRE_DIGITS),
        "sigma_position_m": round(pose.sigma_position_m, _METRE_DIGITS),
        "flight": photo.flight,
        "camera": photo.camera.name,
        "width_px": photo.camera.width_px,
        "height_px": photo.camera.height_px,
        "footprint": geometry_text(footprint) if footprint is not None else None,
    }


def _rounded(coordinates: Any) -> Any:
    if isinstance(coordinates, (tuple, list)):
        return [_rounded(part) for part in coordinates]
    return round(float(coordinates), _DEGREE_DIGITS)
