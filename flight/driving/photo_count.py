"""Counting the photos of a flight by CAMERA_FEEDBACK, and noticing a camera that stays silent."""

from __future__ import annotations

from typing import Any

from flight.driving.vehicle import Position, from_micros
from flight.flight_log import FlightEvent
from flight.resuming.camera_runs import CameraRun
from vision.frames import geodesic_m

# No photo for so many spacings of a pass: the camera does not fire. Two may be lost with a bad link.
SILENT_SPACINGS = 3.5
SILENT_LEAST_M = 15.0


class PhotoCount:
    """The photos of one flight.

    The vehicle counts images across flights; the first one of this flight is photo 1, and a gap in the
    count is feedback that the link has lost. `events` are those of the flight's log so far, when another
    process watched it before.
    """

    def __init__(self, events: tuple[FlightEvent, ...] = ()) -> None:
        self.taken = 0
        self._heard: set[int] = set()
        self._first_image: int | None = None
        self._last_place: tuple[float, float] | None = None
        self._silent_run: int | None = None
        for event in events:
            if event.event == "photo" and event.photo is not None and event.image is not None:
                self._first_image = event.image - event.photo + 1
                self._heard.add(event.photo)
                self.taken = max(self.taken, event.photo)

    @property
    def unheard(self) -> int:
        """Photos that were taken and that the link did not tell of."""
        return self.taken - len(self._heard)

    def take(self, message: Any, pitch_deg: float | None, roll_deg: float | None) -> tuple[FlightEvent, int]:
        """Count a CAMERA_FEEDBACK: its line of the log, and by how many photos the count has risen.

        A feedback that comes twice, or late, raises it by none.
        """
        image = int(message.img_idx)
        if self._first_image is None:
            self._first_image = image
        number = image - self._first_image + 1
        risen = max(0, number - self.taken)
        self._heard.add(number)
        self.taken += risen
        self._last_place = (message.lat / 1e7, message.lng / 1e7)
        place = (*self._last_place, message.alt_rel, message.yaw % 360)
        at = from_micros(message.time_usec)
        return FlightEvent(at, "photo", *place, pitch_deg, roll_deg, photo=number, image=image), risen

    def silent_for_m(self, run: CameraRun | None, here: Position) -> float | None:
        """How far the vehicle has flown in a pass without a photo, once, when that is too far; else None."""
        if run is None or run.spacing_m is None:
            self._silent_run = None
            self._last_place = None
            return None
        if self._silent_run == run.number:
            return None
        if self._last_place is None:
            self._last_place = (here.lat, here.lon)
        apart_m = geodesic_m(self._last_place, (here.lat, here.lon))
        if apart_m < max(SILENT_LEAST_M, SILENT_SPACINGS * run.spacing_m):
            return None
        self._silent_run = run.number
        return apart_m
