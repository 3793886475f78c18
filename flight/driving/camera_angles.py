"""Where the camera looked at a photo: what the gimbal tells, in whichever frame it tells it.

GIMBAL_DEVICE_ATTITUDE_STATUS should be against the horizon where its flags say so. A servo mount of
ArduCopter 4.6.2 sets the same flags and tells its angles against the vehicle (recorded: −80.7° under a
vehicle that leaned −9.3°, with −90° commanded). Which of the two it is, only a command can say; what was
found out under one holds for the photos that look at a place, for which there is none.
"""

from __future__ import annotations

PitchRoll = tuple[float, float]
LEANING_DEG = 2.0  # below, the two frames are alike


class CameraAngles:
    """Turns what the gimbal of one vehicle tells into angles against the horizon.

    `commanded_pitch_deg` is where the mission has the camera look, except at places; None if nowhere.
    """

    def __init__(self, commanded_pitch_deg: float | None) -> None:
        self._commanded_pitch_deg = commanded_pitch_deg
        self._against_vehicle = False

    def against_horizon(
        self, told: PitchRoll | None, body: PitchRoll, at_place: bool = False
    ) -> tuple[float | None, float | None]:
        """Pitch and roll of the camera; None where nobody knows.

        `told` is the gimbal's word, `body` the vehicle's pitch and roll; `at_place`: it looks at a place.
        """
        commanded = None if at_place else self._commanded_pitch_deg
        if told is None:
            return commanded, None
        summed = (told[0] + body[0], told[1] + body[1])
        if commanded is not None and abs(body[0]) >= LEANING_DEG:
            self._against_vehicle = abs(summed[0] - commanded) < abs(told[0] - commanded)
        return summed if self._against_vehicle else told
