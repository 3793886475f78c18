"""What an operator may decide in the middle of a flight, and how he is asked.

Ctrl-C must not break a command to the vehicle off half-way, so in flight it is counted, not raised.
"""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future
from enum import StrEnum
from types import FrameType, TracebackType
from typing import Any

from vision.errors import PantauError

PATIENCE = 3  # interrupts that nobody took care of: the program hangs, and must end


class Decision(StrEnum):
    """What the vehicle shall do after Ctrl-C."""

    CONTINUE = "continue"
    PAUSE = "pause"
    RETURN = "return"
    LAND = "land"


Ask = Callable[[tuple[Decision, ...]], "Future[Decision]"]


class Interrupts:
    """Counts Ctrl-C and requests to terminate as long as the context, instead of breaking in.

    `told_to_end` is set by the latter (a closed terminal, the system going down): nobody can be asked
    then. Outside the main thread nothing is counted, since signals do not come there.
    """

    def __init__(self) -> None:
        self.told_to_end = False
        self._waiting = 0
        self._before: dict[int, Any] = {}

    @property
    def waiting(self) -> bool:
        """Whether there is one that nobody has taken care of."""
        return self._waiting > 0

    def take(self) -> bool:
        """Whether there was an interrupt since the last time."""
        waiting, self._waiting = self._waiting, 0
        return waiting > 0

    def check(self) -> None:
        """Raise KeyboardInterrupt if there was an interrupt; it is then still waiting."""
        if self._waiting:
            raise KeyboardInterrupt

    def __enter__(self) -> Interrupts:
        if threading.current_thread() is threading.main_thread():
            for name in ("SIGINT", "SIGTERM", "SIGHUP"):
                number = getattr(signal, name, None)
                if number is not None and signal.getsignal(number) != signal.SIG_IGN:  # as nohup wants it
                    self._before[number] = signal.signal(number, self._count)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _count(self, number: int, frame: FrameType | None) -> None:
        self._waiting += 1
        self.told_to_end = self.told_to_end or number != signal.SIGINT
        if self._waiting >= PATIENCE and number == signal.SIGINT:
            raise KeyboardInterrupt


class TerminalAsker:
    """Asks on the terminal while the flight is watched on; the first letter is enough.

    One thread reads for all questions: a question that was settled otherwise must not leave a reader
    behind that takes the next answer.
    """

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._answer: Future[Decision] = Future()
        self._letters: dict[str, Decision] = {}
        self._reader: threading.Thread | None = None

    def __call__(self, choices: tuple[Decision, ...]) -> Future[Decision]:
        """Ask; see `Ask`."""
        self._answer = Future()
        self._letters = {choice.value[0]: choice for choice in choices}
        words = ", ".join(f"[{choice.value[0]}]{choice.value[1:]}" for choice in choices)
        self._say(f"What shall the vehicle do: {words}? (a letter, then Enter; Ctrl-C again: return)")
        if self._reader is None:
            self._reader = threading.Thread(target=self._read, daemon=True)
            self._reader.start()
        return self._answer

    def _read(self) -> None:
        for line in sys.stdin:
            choice = self._letters.get(line.strip().lower()[:1])
            if choice is not None and not self._answer.done():
                self._answer.set_result(choice)
        if not self._answer.done():  # the terminal is gone
            self._answer.set_exception(PantauError("Nobody can be asked any more."))
