"""Where the camera looked at a photo: what the gimbal tells, in whichever frame it tells it.

GIMBAL_DEVICE_ATTITUDE_STATUS should be against the horizon where its flags say so. A servo mount of
ArduCopter 4.6.2 sets the same flags and tells its angles against the vehicle (recorded: −80.7° under a
vehicle that leaned −9.3°, with −90° commanded). Which of the two it is, only a command can say; what was
found out under one holds for the photos that look at a place, for which there is none.
"""

from __future__ import annotations

from math import asin, degrees
from typing import Any

PitchRoll = tuple[float, float]
LEANING_DEG = 2.0  # below, the two frames are alike
_KEPT = 8  # of the last attitudes


class CameraAngles:
    """Turns what the gimbal of one vehicle tells into angles against the horizon.

    `commanded_pitch_deg` is where the mission has the camera look, except at places; None if nowhere.
    """

    def __init__(self, commanded_pitch_deg: float | None) -> None:
        self._commanded_pitch_deg = commanded_pitch_deg
        self._against_vehicle = False
        self._told: tuple[int, PitchRoll] | None = None
        self._bodies: dict[int, PitchRoll] = {}

    def heard_attitude(self, message: Any) -> None:
        """Take an ATTITUDE of the vehicle."""
        self._bodies[message.time_boot_ms] = (degrees(message.pitch), degrees(message.roll))
        if len(self._bodies) > _KEPT:
            del self._bodies[next(iter(self._bodies))]

    def heard_gimbal(self, message: Any) -> None:
        """Take a GIMBAL_DEVICE_ATTITUDE_STATUS."""
        w, x, y, z = message.q
        pitch_deg = degrees(asin(max(-1.0, min(1.0, 2 * (w * y - z * x)))))
        self._told = message.time_boot_ms, (pitch_deg, degrees(2 * (w * x + y * z)))

    def now(self, at_place: bool = False) -> tuple[float | None, float | None]:
        """Pitch and roll of the camera when the gimbal was last heard; None where nobody knows.

        `at_place`: the camera looks at a place, not where the mission has it look else.
        """
        commanded = None if at_place else self._commanded_pitch_deg
        if self._told is None:
            return commanded, None
        at_ms, told = self._told
        body = self._body_at(at_ms)
        summed = (told[0] + body[0], told[1] + body[1])
        if commanded is not None and body[0] <= -LEANING_DEG:  # nose up, a servo may be at its stop
            self._against_vehicle = abs(summed[0] - commanded) < abs(told[0] - commanded)
        return summed if self._against_vehicle else told

    def _body_at(self, at_ms: int) -> PitchRoll:
        """Pitch and roll of the vehicle at a time, as near as they were told."""
        if not self._bodies:
            return 0.0, 0.0
        return self._bodies[min(self._bodies, key=lambda told_ms: abs(told_ms - at_ms))]
