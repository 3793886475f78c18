"""What the vehicle is told in the air: go on, pause, return, land, camera off — and what it answers."""

from __future__ import annotations

from collections.abc import Callable

from flight.driving.authority import Authority
from flight.driving.interruption import Decision
from flight.driving.vehicle import LAND, RTL, Vehicle


class Orders:
    """Carries decisions out. `coming_down` once the vehicle was told to return or to land.

    An order that got no answer may not have arrived; `repeat` gives it again when the link is back.
    """

    def __init__(
        self,
        vehicle: Vehicle,
        authority: Authority,
        say: Callable[[str], None],
        note: Callable[[str], None],
    ) -> None:
        self.coming_down = False
        self._vehicle, self._authority, self._say, self._note = vehicle, authority, say, note
        self._paused = False
        self._unanswered: Decision | None = None

    def carry_out(self, decision: Decision) -> None:
        """Tell the vehicle; a refusal is told to the operator, who has the remote control."""
        {
            Decision.CONTINUE: self._go_on,
            Decision.PAUSE: self._pause,
            Decision.RETURN: self._return,
            Decision.LAND: self._land,
        }[decision]()

    def repeat(self) -> None:
        """Give the last order again, if it was not answered."""
        if self._unanswered is not None:
            self.carry_out(self._unanswered)

    def trigger_off(self) -> None:
        """End taking photos by distance, which goes on outside AUTO."""
        answer = self._vehicle.camera_trigger_off()
        if answer.accepted:
            self._note("trigger_off")
        else:
            self._say("The camera trigger could not be switched off: expect surplus photos.")

    def _go_on(self) -> None:
        if not self._paused:
            self._say("The vehicle flies on.")
            return
        answer = self._vehicle.go_on()
        if answer.accepted:
            self._paused = False
            self._note("continued")
            self._say("The vehicle goes on.")
        else:
            self._say(f"The vehicle does not go on ({answer.reason}).")

    def _pause(self) -> None:
        answer = self._vehicle.pause()
        if answer.accepted:
            self._paused = True
            self._note("paused")
            self._say("The vehicle hovers where it is; its battery drains on.")
        else:
            self._say(f"The vehicle does not pause ({answer.reason}).")

    def _return(self) -> None:
        self._come_down(Decision.RETURN, RTL, "returning", "The vehicle returns and lands")

    def _land(self) -> None:
        self._come_down(Decision.LAND, LAND, "landing", "The vehicle lands where it is")

    def _come_down(self, decision: Decision, mode: int, event: str, told: str) -> None:
        self.coming_down = True
        self._authority.ordered(mode)
        self.trigger_off()
        answer = self._vehicle.set_mode(mode)
        self._unanswered = decision if answer.result is None else None
        self._note(event)
        if answer.accepted:
            self._say(f"{told}; Ctrl-C leaves it to that.")
            return
        if answer.result is not None:
            self._authority.refused()
            self.coming_down = False
        self._say(f"The vehicle did not take the command ({answer.reason}): use the remote control!")
