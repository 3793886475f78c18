"""Photos of 20 megapixels over the simulated district, where site and damage are known."""

from __future__ import annotations

from datetime import UTC, datetime
from math import atan2, degrees
from pathlib import Path

import numpy as np

from flight.simulator.district import SAMPLE_SITES, build_district
from flight.simulator.exposure import Exposure
from flight.simulator.ground_rendering import Ground
from flight.simulator.photo_rendering import render_photo
from flight.simulator.photo_writing import PhotoMetadata, write_photo
from flight.simulator.truth import truth_of
from pipeline.metadata.photo_reading import read_photo
from pipeline.photo import Photo
from pipeline.sites.site_reading import read_sites
from pipeline.sites.siting import SiteShape
from vision.camera import Camera
from vision.detector import Picture

CAMERA = Camera.centred("20 megapixels", 5472, 3648, 4200.0)
_AT = datetime(2026, 3, 1, 9, tzinfo=UTC)


class SimulatedRoad:
    """The first road of the sample district, photographed along its axis."""

    def __init__(self, seed: int = 5) -> None:
        sites = read_sites(SAMPLE_SITES).sites
        self.shapes = [SiteShape(site.id, site.geometry, site.width_m) for site in sites]
        self._district = build_district(sites, seed)
        self.damages = truth_of(self._district)
        self._ground = Ground(self._district, chunks_kept=256)
        self._road_m = next(
            surface.centreline_m for surface in self._district.surfaces if surface.centreline_m is not None
        )
        self._seed = seed

    def photograph(self, folder: Path, number: int, share: float, gsd_cm: float) -> Photo:
        """Write the photo taken above the road at a share of its length, and read it back."""
        here, ahead = (
            np.array(self._road_m.interpolate(part, normalized=True).coords[0])
            for part in (share, min(share + 0.02, 1.0))
        )
        east_m, north_m = ahead - here
        lat, lon = self._district.frame.to_lat_lon([here])[0]
        height_m = CAMERA.focal_px * gsd_cm / 100
        # The picture's longer side lies along the road: its top points across.
        yaw_deg = degrees(atan2(east_m, north_m)) + 90
        exposure = Exposure(number, _AT, lat, lon, height_m, yaw_deg, -90.0, 0.0)
        picture = render_photo(exposure, self._district, self._ground, CAMERA, self._seed)
        return written(folder / f"{gsd_cm:g}cm-{number}.jpg", picture, CAMERA, exposure)


def written(path: Path, picture: Picture, camera: Camera, exposure: Exposure) -> Photo:
    """Write a picture as a drone's photo of an exposure, and read it back."""
    metadata = PhotoMetadata(
        f"{exposure.number:032x}", exposure.at, exposure.lat, exposure.lon, exposure.alt_rel_m,
        exposure.alt_rel_m, exposure.yaw_deg, exposure.pitch_deg, exposure.roll_deg,
    )  # fmt: skip
    write_photo(path, picture, camera, metadata)
    photo = read_photo(path)
    assert isinstance(photo, Photo), photo
    return photo
