"""A simulated district: real or made-up sites, with damage that is known exactly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import shapely
from shapely import LineString, Polygon

from flight.simulator.damage_placement import place_damages
from flight.simulator.district_parts import Damage, SceneryItem, Surface
from flight.simulator.scenery import place_scenery
from pipeline.sites.site_reading import Site
from vision.errors import PantauError
from vision.frames import LocalFrame

# Made-up roads and a market square that ship with the project.
SAMPLE_SITES = Path(__file__).with_name("sample_district.geojson")
_WIDTH_UNKNOWN_M = 6.0


@dataclass(frozen=True)
class District:
    """Surfaces, damages and scenery in metres around an origin; flat ground at height 0.

    The same sites and seed make the same district, down to the last stone.
    """

    origin_lat: float
    origin_lon: float
    seed: int
    surfaces: tuple[Surface, ...]
    damages: tuple[Damage, ...]
    scenery: tuple[SceneryItem, ...] = field(repr=False)

    @property
    def frame(self) -> LocalFrame:
        """The local frame of all its geometry."""
        return LocalFrame(self.origin_lat, self.origin_lon)


def build_district(sites: Sequence[Site], seed: int, spacing_m: float = 15.0) -> District:
    """Build a district on sites, with about one damage per `spacing_m` of road.

    Every kind of road damage comes equally often. Raises PantauError when there is no site.
    """
    if not sites:
        raise PantauError("A simulated district needs at least one road or facility; the sites are empty.")
    west, south, east, north = shapely.total_bounds([site.geometry for site in sites])
    lat, lon = round(float(south + north) / 2, 6), round(float(west + east) / 2, 6)
    rng = np.random.default_rng([seed, 1])
    surfaces = tuple(_surface(site, LocalFrame(lat, lon), rng) for site in sites)
    damages = place_damages(surfaces, rng, spacing_m)
    return District(lat, lon, seed, surfaces, damages, place_scenery(surfaces, damages, rng))


def _surface(site: Site, frame: LocalFrame, rng: np.random.Generator) -> Surface:
    geometry = frame.shapes_to_metres(site.geometry)
    seed = int(rng.integers(1 << 30))
    if isinstance(geometry, LineString):
        width = site.width_m or _WIDTH_UNKNOWN_M
        outline = geometry.buffer(width / 2, cap_style="flat")
        return Surface(site.id, outline, geometry, width, 0.0, site.paved, seed)
    outline = Polygon(geometry.exterior, geometry.interiors).buffer(0)
    corners = shapely.get_coordinates(geometry.exterior)
    sides = np.diff(corners, axis=0)
    longest = sides[np.linalg.norm(sides, axis=1).argmax()]
    axis_deg = float(np.degrees(np.arctan2(longest[1], longest[0])))
    return Surface(site.id, outline, None, float(outline.area**0.5), axis_deg, site.paved, seed)
