"""What satellite receivers tell: positions, and how surely they are known."""

from __future__ import annotations

from math import hypot, sqrt

from pipeline.metadata.recorded import Position, RtkSolution

# 1-σ, horizontal and vertical, of a fixed RTK solution, a floating one and one without corrections, where
# the drone states none: the survey's reference errors. Stated ones are not believed below those of a fixed
# solution (lever arm, shutter time), nor, without corrections, below what satellites alone allow: receivers
# state their scatter, not their bias.
_USUAL_M: dict[RtkSolution, tuple[float, float]] = {
    "fixed": (0.02, 0.03), "floating": (0.5, 1.0), "single": (1.5, 3.0)
}  # fmt: skip
_LEAST_M: dict[RtkSolution, tuple[float, float]] = _USUAL_M | {"floating": _USUAL_M["fixed"]}

# States as NovAtel counts them and DJI and Autel write them (DJI's Onboard SDK, Telemetry::RTK).
_FIXED_STATE = 50
_FLOATING_STATES = range(32, 50)
_SINGLE_STATES = range(16, 21)


def position_at(lat: float | None, lon: float | None) -> Position | None:
    """A position, unless it is absent, off the globe, or the (0, 0) of a receiver without fix."""
    if lat is None or lon is None or not (-90 <= lat <= 90 and -180 <= lon <= 180):
        return None
    return Position(lat, lon) if (lat, lon) != (0.0, 0.0) else None


def rtk_solution(state: float | None) -> RtkSolution | None:
    """What kind of solution a state means: 50 fixed, 32–49 floating, 16–20 without base station."""
    if state == _FIXED_STATE:
        return "fixed"
    if state in _FLOATING_STATES:
        return "floating"
    return "single" if state in _SINGLE_STATES else None


def rtk_sigmas(
    state: float | None, std_lat_m: float | None, std_lon_m: float | None, std_alt_m: float | None
) -> tuple[float | None, float | None]:
    """Horizontal and vertical 1-σ by the state of the solution and what the receiver states of it.

    None, None for a state that is no solution.
    """
    solution = rtk_solution(state)
    if solution is None:
        return None, None
    usual_m, least_m = _USUAL_M[solution], _LEAST_M[solution]
    horizontal_m, vertical_m = usual_m
    if std_lat_m and std_lon_m and std_lat_m > 0 and std_lon_m > 0:
        horizontal_m = max(hypot(std_lat_m, std_lon_m) / sqrt(2), least_m[0])
    if std_alt_m and std_alt_m > 0:
        vertical_m = max(std_alt_m, least_m[1])
    return horizontal_m, vertical_m
