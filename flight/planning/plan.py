"""A plan as values: what is flown, by which settings, and what it costs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from flight.coverage.photo_geometry import Swath
from flight.fleet import Drone
from flight.missions.mission import Home
from flight.planning.settings import PlanSettings
from flight.rules.airspace import Zone
from flight.rules.rule_report import RuleReport
from pipeline.coverage.coverage_proof import CoverageProof
from pipeline.sites.site_reading import Site


@dataclass(frozen=True)
class Waypoint:
    """A place in the air: WGS 84, and the height above the take-off point of its sortie."""

    lat: float
    lon: float
    alt_m: float


@dataclass(frozen=True)
class PhotoPoint:
    """Where a photo is planned: the camera's place (`alt_m` above take-off) and where it looks.

    `yaw_deg` is clockwise from north, `pitch_deg` −90 straight down.
    """

    lat: float
    lon: float
    alt_m: float
    yaw_deg: float
    pitch_deg: float = -90.0


@dataclass(frozen=True)
class Pass:
    """One run over a site with the camera on, in the direction in which it is flown.

    The camera looks straight down, or at `look_at` where a facility's face is flown.
    """

    id: str
    site: str
    waypoints: tuple[Waypoint, ...]
    length_m: float
    trigger_distance_m: float
    photos: tuple[PhotoPoint, ...]
    look_at: Waypoint | None = None


Transit = tuple[Waypoint, ...]
"""A way between passes with the camera off, both ends included."""


@dataclass(frozen=True)
class Leg:
    """A stretch of a sortie as rules and obstacles see it: its name for people, and its way."""

    name: str
    role: Literal["transit", "pass", "return"]
    waypoints: tuple[Waypoint, ...]


@dataclass(frozen=True)
class ProfilePoint:
    """A point of a sortie's height profile: metres flown so far, and heights above the take-off point.

    `obstacle_m` is the highest top near the way, None where there is none.
    """

    flown_m: float
    alt_m: float
    ground_m: float
    obstacle_m: float | None


@dataclass(frozen=True)
class Sortie:
    """The passes that one battery flies. Distance is over ground; duration includes take-off and landing.

    `transits` has one way more than there are passes: from above the home point to the first pass,
    between passes, and from the last pass to above the home point. `return_height_m` above take-off
    clears everything between any point of the sortie and home.
    """

    number: int
    home: Home
    passes: tuple[Pass, ...]
    transits: tuple[Transit, ...]
    return_height_m: float
    distance_m: float
    duration_s: float
    profile: tuple[ProfilePoint, ...] = ()

    @property
    def photo_count(self) -> int:
        """Photos planned in this sortie."""
        return sum(len(flown.photos) for flown in self.passes)

    @property
    def name(self) -> str:
        """The stem of the sortie's files."""
        return f"sortie-{self.number:02d}"

    def legs(self) -> Iterator[Leg]:
        """Everything that is flown, in order, transits and the return included."""
        for way, flown in zip(self.transits, self.passes, strict=False):
            yield Leg(f"sortie {self.number}, transit to {flown.id}", "transit", way)
            yield Leg(f"sortie {self.number}, pass {flown.id}", "pass", flown.waypoints)
        yield Leg(f"sortie {self.number}, return", "return", self.transits[-1])


@dataclass(frozen=True)
class Looks:
    """How many photos show each metre of a site: the fewest, the median and the most."""

    fewest: int
    median: float
    most: int


@dataclass(frozen=True)
class Search:
    """How the order of passes was found: enough to find it again."""

    seed: int
    iterations: int
    seconds: float


@dataclass(frozen=True)
class Plan:
    """All sorties of a survey over its sites, with what it costs and what was noticed.

    `lower_bound_m` is a distance that no plan over the same passes can undercut (see
    `flight.routing.lower_bound`). `covered` maps each site's id to the share of its area (verge margin
    included) that lies in the photos planned for it, `looks` to how often its ground is photographed.
    `proof` is what a survey left uncovered, when the plan flies that again. `ground_known` and
    `obstacles_known` say whether terrain and obstacles were given or assumed away.
    """

    sites: tuple[Site, ...]
    drone: Drone
    settings: PlanSettings
    height_m: float
    transit_height_m: float
    speed_ms: float
    swath: Swath
    sorties: tuple[Sortie, ...]
    lower_bound_m: float
    search: Search
    covered: dict[str, float]
    looks: dict[str, Looks] = field(default_factory=dict)
    zones: tuple[Zone, ...] = ()
    rules: RuleReport | None = None
    proof: CoverageProof | None = None
    ground_known: bool = False
    obstacles_known: bool = False
    warnings: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def gsd_m(self) -> float:
        """Ground sample distance in metres a pixel."""
        return self.drone.gsd_m(self.height_m)

    @property
    def distance_m(self) -> float:
        """Distance over ground of all sorties."""
        return sum(sortie.distance_m for sortie in self.sorties)

    @property
    def duration_s(self) -> float:
        """Time in the air of all sorties."""
        return sum(sortie.duration_s for sortie in self.sorties)

    @property
    def photo_count(self) -> int:
        """Photos of all sorties."""
        return sum(sortie.photo_count for sortie in self.sorties)
