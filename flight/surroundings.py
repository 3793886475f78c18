"""What lies and stands around the sites of a survey: ground, obstacles, airspace.

Places are metres of the survey's local frame; heights are metres above the datum of the elevation
model, or above flat ground where there is none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import shapely

from flight.heights.ground import FlatGround, Ground
from flight.heights.obstacles import Obstacles
from flight.rules.airspace import Airspace
from pipeline.sites.site_reading import Site
from vision.frames import LocalFrame


@dataclass(frozen=True)
class Surroundings:
    """Everything that a plan must keep clear of, and the local frame that it is told in."""

    frame: LocalFrame
    ground: Ground
    obstacles: Obstacles
    airspace: Airspace

    @classmethod
    def unknown(cls, frame: LocalFrame) -> Surroundings:
        """Flat ground, no obstacles, no zones: what is assumed where nobody has told more."""
        return cls(frame, FlatGround(), Obstacles(), Airspace())


def frame_of(sites: Sequence[Site]) -> LocalFrame:
    """The local frame of a survey: around the middle of its sites."""
    west, south, east, north = shapely.total_bounds([site.geometry for site in sites])
    return LocalFrame((south + north) / 2, (west + east) / 2)
