"""Whether a vehicle as it stands there can fly a mission: position, its own checks, home, who else steers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flight.checks.check_list import Check
from flight.checks.failsafes import Parameters, is_station
from flight.driving.dronekit_link import GROUND_STATION_SYSTEM
from flight.driving.vehicle import FIX_3D, Position
from flight.missions.mission import Mission
from vision.frames import geodesic_m

_FIX_NAMES = {
    0: "no receiver",
    1: "no fix",
    2: "2D fix",
    3: "3D fix",
    4: "DGPS",
    5: "RTK float",
    6: "RTK fixed",
}
FEW_SATELLITES = 8  # ArduPilot wants 6; with fewer than these a position wanders by metres
NEAR_HOME_M, FAR_FROM_HOME_M = 30.0, 100.0
# Home is set where the vehicle stood at its last arming or start; it is set anew when it is armed.
HOME_APART_M, HEIGHT_OFF_M = 10.0, 5.0
STATION_GONE_S = 6.0


def position_check(estimate_ok: bool, fix: int | None, satellites: int | None) -> Check:
    """The estimator and the receiver; `satellites` is None when not told."""
    receiver = "GNSS not told" if fix is None else _FIX_NAMES.get(fix, f"fix type {fix}")
    if satellites is not None:
        receiver += f", {satellites} satellites"
    lost = fix is not None and fix < FIX_3D
    if not estimate_ok or lost:
        found = receiver if lost else f"{receiver}, but no position estimate"
        return Check("position", False, found, "Give it a clear view of the sky, keep it still, and wait.")
    few = satellites is not None and satellites < FEW_SATELLITES
    remedy = "Wait for more satellites, or move away from walls and trees."
    return Check("position", not few, receiver, remedy, serious=False)


def prearm_check(ok: bool, texts: Sequence[str]) -> Check:
    """The vehicle's own pre-arm checks, with what it says about them."""
    reasons = [text.removeprefix("PreArm: ") for text in texts]
    found = "passed" if ok else "; ".join(dict.fromkeys(reasons)) or "not passed, and it does not say why"
    return Check("pre-arm", ok, found, "Put right what the vehicle says; it does not arm before.")


def home_check(position: Position | None, mission: Mission) -> Check:
    """Whether the vehicle stands where the mission begins."""
    if position is None:
        return Check("home", False, "the vehicle tells no position", "Wait for its GNSS.")
    home = mission.home
    apart_m = geodesic_m((position.lat, position.lon), (home.lat, home.lon))
    found = f"{apart_m:.0f} m from the planned launch point"
    remedy = f"Carry the vehicle to {home.lat:.6f}, {home.lon:.6f}, or plan from here"
    if apart_m > FAR_FROM_HOME_M:
        return Check("home", False, found, f"{remedy}.")
    remedy += ": heights count from the ground under the vehicle."
    return Check("home", apart_m <= NEAR_HOME_M, found, remedy, serious=False)


def home_point_check(position: Position | None, home: tuple[float, float] | None) -> Check:
    """Whether the home that the vehicle would return to is where it stands.

    `home` is its HOME_POSITION. ArduCopter sets it anew at arming, unless somebody has set it by hand.
    """
    if position is None or home is None:
        return Check("home point", True, "not told yet; the vehicle sets it when it is armed", serious=False)
    apart_m = geodesic_m((position.lat, position.lon), home)
    found = f"{apart_m:.0f} m from the vehicle, which says it is {position.alt_rel_m:.0f} m above it"
    remedy = "It is set anew at arming unless somebody set it by hand; if in doubt start the vehicle again."
    near = apart_m <= HOME_APART_M and abs(position.alt_rel_m) <= HEIGHT_OFF_M
    return Check("home point", near, "where the vehicle stands" if near else found, remedy, serious=False)


def stations_check(heard: Mapping[tuple[int, int], float], parameters: Parameters) -> Check:
    """Whether another ground station would hide our death from the vehicle, or give it orders as us.

    `heard` are the other ground stations, (system, component), and seconds since each was heard.
    """
    present = sorted(station for station, silent_s in heard.items() if silent_s <= STATION_GONE_S)
    rivals = [
        station
        for station in present
        if station[0] == GROUND_STATION_SYSTEM or is_station(_told(parameters), station[0])
    ]
    listed = ", ".join(f"system {system} component {component}" for system, component in rivals or present)
    if rivals:
        remedy = (
            "Close it, or give it another system id: if we die, its heartbeats hide that from the vehicle."
        )
        return Check("second station", False, f"another ground station: {listed}", remedy)
    found = f"{listed} listens; it has an id of its own" if present else "none heard"
    return Check("second station", True, found)


def _told(parameters: Parameters) -> Parameters:
    """The parameters, with our own id where the vehicle does not tell which it listens to."""
    told = "SYSID_MYGCS" in parameters or "MAV_GCS_SYSID" in parameters
    return parameters if told else {"SYSID_MYGCS": GROUND_STATION_SYSTEM}
