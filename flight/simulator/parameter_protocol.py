"""The vehicle's side of the parameter protocol; what it does not know gets no answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pymavlink.dialects.v20 import ardupilotmega as mavlink

from flight.simulator.parameters import Parameters

NO_INDEX = 65535  # recorded: of every value that was not asked for by the list

Send = Callable[[Any], None]


class ParameterProtocol:
    """Answers for a set of parameters."""

    def __init__(self, parameters: Parameters) -> None:
        self._parameters = parameters

    def answer_read(self, message: Any, send: Send) -> None:
        """PARAM_REQUEST_READ, by index or by name."""
        names = self._parameters.names
        if 0 <= message.param_index < len(names):
            self.tell(names[message.param_index], send, message.param_index)
        elif message.param_index < 0:
            self.tell(message.param_id, send)

    def answer_list(self, send: Send) -> None:
        """PARAM_REQUEST_LIST."""
        for index, name in enumerate(self._parameters.names):
            self.tell(name, send, index)

    def take(self, message: Any, send: Send) -> None:
        """PARAM_SET: stored, and told as it is stored."""
        if message.param_id in self._parameters:
            self._parameters.set(message.param_id, message.param_value)
            self.tell(message.param_id, send)

    def tell(self, name: str, send: Send, index: int = NO_INDEX) -> None:
        """Send PARAM_VALUE of a parameter, if it is known."""
        if name not in self._parameters:
            return
        kind, count = self._parameters.type_of(name), len(self._parameters.names)
        value = self._parameters[name]
        send(mavlink.MAVLink_param_value_message(name.encode(), value, kind, count, index))
