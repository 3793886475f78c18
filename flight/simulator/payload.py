"""What the simulated copter carries: the camera on its gimbal, and what commands do with them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pymavlink.dialects.v20 import ardupilotmega as mavlink

from flight.simulator import stored_items as kept
from flight.simulator.kinematics import Body, Point
from flight.simulator.parameters import Parameters
from flight.simulator.shutter import Film, Gimbal, Trigger


@dataclass(frozen=True)
class Sight:
    """Where the vehicle is at a moment: as it truly is, and as it was measured.

    Each place is latitude, longitude and metres above home.
    """

    at: datetime
    true: tuple[float, float, float]
    measured: tuple[float, float, float]
    alt_msl_m: float
    body: Body


class Payload:
    """`sight` gives where the vehicle is now, `emit` is given the camera's feedback.

    Images are counted from power-on; the film counts on.
    """

    def __init__(
        self, film: Film, parameters: Parameters, sight: Callable[[], Sight], emit: Callable[[Any], None]
    ) -> None:
        self.gimbal = Gimbal()
        self.trigger = Trigger(self.shoot)
        self.nose_at: Point | None = None  # region of interest, in AUTO
        self.film = film
        self._images = 0
        self._parameters, self._sight, self._emit = parameters, sight, emit

    def shoot(self) -> None:
        """Open the shutter, and send feedback with the position as it was measured."""
        if self._parameters["SIM_CAM_FAIL"]:
            return
        sight = self._sight()
        body = sight.body
        self.film.expose(sight.at, *sight.true, body.yaw_deg, self.gimbal.pitch_deg)
        self._images += 1
        lat, lon, up_m = sight.measured
        micros = round(sight.at.timestamp() * 1e6)
        place = (round(lat * 1e7), round(lon * 1e7), sight.alt_msl_m, up_m)
        attitude = (body.roll_deg, body.pitch_deg, body.yaw_deg)
        self._emit(
            mavlink.MAVLink_camera_feedback_message(micros, 1, 0, self._images, *place, *attitude, 0, 0)
        )

    def look_at(self, place: Point | None) -> None:
        """Region of interest: the nose and the camera turn there; None ends it."""
        self.nose_at = place
        self.gimbal.look_at(place)

    def do(self, command: int, p: tuple[float, ...], body: Body) -> bool:
        """Run a command of the camera's or the gimbal's; False if it is none."""
        if command == kept.TRIGGER_DISTANCE:
            self.trigger.every(p[0], p[2] == 1, (body.east_m, body.north_m))
        elif command in (kept.MOUNT_CONTROL, kept.GIMBAL_PITCH_YAW):
            self.gimbal.point(p[0])
        elif (command == kept.DIGICAM_CONTROL and p[4] == 1) or command == kept.START_CAPTURE:
            self.shoot()
        return command in _COMMANDS


_COMMANDS = {
    kept.TRIGGER_DISTANCE,
    kept.MOUNT_CONTROL,
    kept.GIMBAL_PITCH_YAW,
    kept.DIGICAM_CONTROL,
    kept.START_CAPTURE,
    kept.STOP_CAPTURE,
}
