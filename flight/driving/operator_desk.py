"""The operator in flight: Ctrl-C, the question what to do, and the answer carried out."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future

from flight.driving.authority import Authority
from flight.driving.interruption import Ask, Decision, Interrupts
from flight.driving.orders import Orders
from vision.errors import PantauError


class OperatorDesk:
    """Attends to interrupts while a flight is watched.

    Ctrl-C asks, or means return where nobody can be asked; a second one while asked means return, and one
    more leaves. Nothing is ordered when the pilot has the vehicle.
    """

    def __init__(
        self,
        interrupts: Interrupts,
        ask: Ask | None,
        orders: Orders,
        authority: Authority,
        say: Callable[[str], None],
    ) -> None:
        self._interrupts, self._ask = interrupts, ask
        self._orders, self._authority, self._say = orders, authority, say
        self._asked: Future[Decision] | None = None

    def attend(self) -> None:
        """Look for an interrupt or an answer. Raises KeyboardInterrupt when the operator leaves."""
        if self._interrupts.take():
            self._interrupted()
        if self._asked is not None and self._asked.done():
            self._answered(self._asked)

    def _interrupted(self) -> None:
        if not self._authority.may_command or (self._orders.coming_down and self._asked is None):
            raise KeyboardInterrupt
        if self._ask is None or self._asked is not None or self._interrupts.told_to_end:
            self._asked = None
            self._orders.carry_out(Decision.RETURN)
        else:
            self._asked = self._ask((Decision.CONTINUE, Decision.PAUSE, Decision.RETURN, Decision.LAND))

    def _answered(self, asked: Future[Decision]) -> None:
        self._asked = None
        try:
            decision = asked.result()
        except PantauError:  # nobody is there any more
            decision = Decision.RETURN
        if not self._authority.may_command:
            self._say("Too late: the pilot is in command of the vehicle.")
            return
        self._orders.carry_out(decision)
        if decision is Decision.PAUSE and self._ask is not None:
            self._asked = self._ask((Decision.CONTINUE, Decision.RETURN, Decision.LAND))
