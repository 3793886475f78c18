"""What lies and stands around the sites of a survey: ground, obstacles, airspace.

Places are metres of the survey's local frame; heights are metres above the datum of the elevation
model, or above flat ground where there is none.
"""

from __future__ import annotations

from dataclasses import dataclass

from flight.heights.ground import FlatGround, Ground
from flight.heights.obstacles import Obstacles
from flight.rules.airspace import Airspace
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
