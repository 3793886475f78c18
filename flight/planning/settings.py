"""What the operator wants of a plan."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date

from vision.errors import PantauError

LatLon = tuple[float, float]

_ABOVE_ZERO = (
    "gsd_cm",
    "height_m",
    "max_distance_m",
    "max_range_m",
    "exposure_s",
    "transit_height_m",
    "agl_tolerance_m",
)
_NOT_NEGATIVE = ("clearance_m", "wind_ms", "verge_margin_m", "lateral_tolerance_m")
_LEAST_FORWARD_OVERLAP = 0.05  # the trigger fires up to 1 % late, and gusts carry the vehicle on
_SHARES = ("forward_overlap", "side_overlap", "battery_reserve")


@dataclass(frozen=True)
class PlanSettings:
    """What the operator wants of a plan.

    `gsd_cm` or `height_m` is given, not both; with neither the ground sample distance is 0.8 cm.
    `launches` are (lat, lon), empty to have them proposed: as many as the sites need, at most
    `launches_at_most`. Overlaps and `battery_reserve` are shares (0–1). `max_distance_m` is the longest
    sortie over ground, `max_range_m` the farthest that a pass may lie from its launch point.
    `transit_height_m` is the height above ground of long transits (chosen when None); `clearance_m` is kept
    above and beside every obstacle, `agl_tolerance_m` is how far the height above ground may be off
    with the camera on. `wind_ms` blows from `wind_from_deg` (clockwise from north), or
    against every leg when that is None. `permits` names zones and rules whose approval is in hand; `day`
    is the day of the flights, for daylight. `verge_margin_m` is photographed beside every site's edge;
    `lateral_tolerance_m` is how far the vehicle may stray or cut a corner
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
    max_range_m: float | None = None
    verge_margin_m: float = 1.0
    lateral_tolerance_m: float = 2.0
    exposure_s: float = 1 / 1000
    transit_height_m: float | None = None
    clearance_m: float = 5.0
    agl_tolerance_m: float = 3.0
    wind_ms: float = 0.0
    wind_from_deg: float | None = None
    launches_at_most: int = 6
    permits: tuple[str, ...] = ()
    day: date | None = None
    seed: int = 1
    solver_seconds: float | None = None
    solver_iterations: int | None = None

    def __post_init__(self) -> None:
        """Refuse settings that make no sense."""
        if self.gsd_cm is not None and self.height_m is not None:
            raise PantauError(
                "give either the ground sample distance (--gsd) or the height (--height), not both."
            )
        self._check_numbers()
        self._check_search()
        for lat, lon in self.launches:
            if not (abs(lat) <= 90 and abs(lon) <= 180):
                raise PantauError(
                    f"launch point {lat},{lon} lies outside WGS 84; give it as lat,lon in degrees."
                )

    def _check_numbers(self) -> None:
        for name in _ABOVE_ZERO:
            value = getattr(self, name)
            if value is not None and not 0 < value < math.inf:
                raise PantauError(f"{name} is {value}; it must be greater than 0.")
        for name in _NOT_NEGATIVE:
            if not 0 <= getattr(self, name) < math.inf:
                raise PantauError(f"{name} is {getattr(self, name)}; it must be 0 or more.")
        if self.forward_overlap < _LEAST_FORWARD_OVERLAP:
            raise PantauError(
                f"forward_overlap is {self.forward_overlap:g}; below {_LEAST_FORWARD_OVERLAP:g} every late "
                "photo leaves a gap."
            )
        for name in _SHARES:
            share = getattr(self, name)
            if not 0 <= share <= 0.95:
                raise PantauError(f"{name} is {share}; it must be a share from 0 to 0.95 (0.7 for 70 %).")

    def _check_search(self) -> None:
        if self.seed < 0 or (self.solver_iterations or 1) < 1 or not (self.solver_seconds or 1) > 0:
            raise PantauError(
                "the search needs a seed of 0 or more, and at least 1 iteration or some seconds."
            )
        if self.launches_at_most < 1:
            raise PantauError(f"launches_at_most is {self.launches_at_most}; it must be 1 or more.")
