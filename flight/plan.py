"""A plan as values: what is flown, by which settings, and what it costs."""

from __future__ import annotations

from dataclasses import dataclass, field

from flight.fleet import Drone
from flight.mission import Home
from flight.photo_geometry import Swath
from pipeline.sites import Site
from vision.errors import PantauError

LatLon = tuple[float, float]


@dataclass(frozen=True)
class PlanSettings:
    """What the operator wants of a plan.

    `gsd_cm` or `height_m` is given, not both; with neither the ground sample distance is 0.8 cm.
    `launches` are (lat, lon), empty to have one proposed. Overlaps and `battery_reserve` are shares
    (0–1). `max_distance_m` is the longest sortie over ground. `verge_margin_m` is photographed beside
    every site's edge; `lateral_tolerance_m` is how far the vehicle may stray or cut a corner
    (ArduCopter's WPNAV_RADIUS is 2 m). `exposure_s` is the longest shutter time assumed for blur.
    The search takes `solver_seconds` (by the number of passes when None), or exactly
    `solver_iterations`, which makes a plan repeatable.

    Raises PantauError when a value makes no sense.
    """

    gsd_cm: float | None = None
    height_m: float | None = None
    launches: tuple[LatLon, ...] = ()
    forward_overlap: float = 0.7
    side_overlap: float = 0.6
    battery_reserve: float = 0.3
    max_distance_m: float | None = None
    verge_margin_m: float = 1.0
    lateral_tolerance_m: float = 2.0
    exposure_s: float = 1 / 1000
    seed: int = 1
    solver_seconds: float | None = None
    solver_iterations: int | None = None

    def __post_init__(self) -> None:
        """Refuse settings that make no sense."""
        if self.gsd_cm is not None and self.height_m is not None:
            raise PantauError(
                "give either the ground sample distance (--gsd) or the height (--height), not both."
            )
        for name in ("gsd_cm", "height_m", "max_distance_m", "exposure_s"):
            value = getattr(self, name)
            if value is not None and not value > 0:
                raise PantauError(f"{name} is {value}; it must be greater than 0.")
        for name in ("forward_overlap", "side_overlap", "battery_reserve"):
            share = getattr(self, name)
            if not 0 <= share <= 0.95:
                raise PantauError(f"{name} is {share}; it must be a share from 0 to 0.95 (0.7 for 70 %).")
        if self.seed < 0 or (self.solver_iterations or 1) < 1 or not (self.solver_seconds or 1) > 0:
            raise PantauError(
                "the search needs a seed of 0 or more, and at least 1 iteration or some seconds."
            )
        for lat, lon in self.launches:
            if not (abs(lat) <= 90 and abs(lon) <= 180):
                raise PantauError(
                    f"launch point {lat},{lon} lies outside WGS 84; give it as lat,lon in degrees."
                )


@dataclass(frozen=True)
class PhotoPoint:
    """Where a photo is planned; `yaw_deg` is the direction of flight, clockwise from north."""

    lat: float
    lon: float
    yaw_deg: float


@dataclass(frozen=True)
class Pass:
    """One run over a site with the camera on, in the direction in which it is flown."""

    id: str
    site: str
    waypoints: tuple[LatLon, ...]
    length_m: float
    trigger_distance_m: float
    photos: tuple[PhotoPoint, ...]


@dataclass(frozen=True)
class Sortie:
    """The passes that one battery flies. Distance is over ground; duration includes take-off and landing."""

    number: int
    home: Home
    passes: tuple[Pass, ...]
    distance_m: float
    duration_s: float

    @property
    def photo_count(self) -> int:
        """Photos planned in this sortie."""
        return sum(len(flown.photos) for flown in self.passes)

    @property
    def name(self) -> str:
        """The stem of the sortie's files."""
        return f"sortie-{self.number:02d}"


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
    `flight.lower_bound`). `covered` maps each site's id to the share of its area (verge margin
    included) that lies in the photos planned for it.
    """

    sites: tuple[Site, ...]
    drone: Drone
    settings: PlanSettings
    height_m: float
    speed_ms: float
    swath: Swath
    sorties: tuple[Sortie, ...]
    lower_bound_m: float
    search: Search
    covered: dict[str, float]
    warnings: tuple[str, ...] = ()
    remarks: tuple[str, ...] = field(default=())

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
