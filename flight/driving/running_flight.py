"""A flight that is going on already, because the process that began it died: found, and watched on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from flight.driving.authority import FAILSAFE_MODES, Authority, Commander
from flight.driving.mission_transfer import download
from flight.driving.vehicle import AUTO, Vehicle, mode_name
from flight.flight_log import FlightEvent, is_open, read_flight_log
from flight.missions.mission import Mission
from flight.missions.mission_meaning import same_items
from vision.errors import PantauError


@dataclass(frozen=True)
class RunningFlight:
    """The mission that the vehicle flies, its mode, and what the log of this flight holds so far."""

    mission: Mission
    mode: int
    seen: tuple[FlightEvent, ...]
    log_goes_on: bool

    @property
    def told(self) -> str:
        """The sentence for the operator."""
        return (
            f"The vehicle is flying this sortie already (mode {mode_name(self.mode)}): it is "
            "watched on, nothing is uploaded."
        )

    def authority(self, wanted: bool) -> Authority:
        """Who is in command: we while it flies our mission in AUTO; else its failsafe or its pilot.

        Without `wanted` we only look on.
        """
        if not wanted:
            return Authority(Commander.PILOT, self.mode)
        if self.mode == AUTO:
            return Authority(Commander.WE, self.mode)
        by_itself = self.mode in FAILSAFE_MODES
        authority = Authority(Commander.FAILSAFE if by_itself else Commander.PILOT, self.mode)
        authority.reason = "while nobody watched" if by_itself else ""
        return authority


def find_running(vehicle: Vehicle, ours: Sequence[Mission], log_file: Path) -> RunningFlight | None:
    """The flight that the vehicle is on; None when it is disarmed.

    Raises PantauError when it flies something else than one of `ours`, or is armed on the ground.
    """
    if not vehicle.armed:
        return None
    if not vehicle.flying:
        raise PantauError(
            "The vehicle is armed already, on the ground: it is in somebody else's hands. Disarm it, then "
            "start again."
        )
    items = download(vehicle.link)[1:]
    mission = next((mission for mission in ours if same_items(mission.items, items)), None)
    if mission is None:
        raise PantauError(
            "The vehicle is flying, and not this sortie. Name the sortie that it flies to watch it, or land "
            "and disarm it, then start again."
        )
    goes_on = is_open(log_file)
    seen = tuple(read_flight_log(log_file)) if goes_on else ()
    return RunningFlight(mission, vehicle.mode or 0, seen, goes_on)
