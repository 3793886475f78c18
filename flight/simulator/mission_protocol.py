"""The vehicle's side of the mission protocol, as unforgiving as ArduCopter's.

Uploads are not atomic: items are replaced as they arrive, so that a failed upload leaves new items
followed by old ones. Item 0 is home, whatever is sent there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from pymavlink.dialects.v20 import ardupilotmega as mavlink

from flight.simulator import stored_items as kept
from flight.simulator.stored_items import StoredItem

MOST_ITEMS = 650
REPEAT_S = 1.0
TIMEOUT_S = 8.0
MISSION, FENCE = 0, 1

Send = Callable[[Any], None]
Say = Callable[[int, str], None]


@dataclass
class _Upload:
    """An upload that is going on."""

    count: int
    target: tuple[int, int]
    send: Send
    next_seq: int = 0
    asked_at_s: float = 0.0
    heard_at_s: float = 0.0


class ItemList:
    """One list of items (mission or fence) and the transfers to and from it.

    `home` gives item 0 of a mission. `changes` counts the items stored of a mission, and the fences
    stored completely. Times are seconds of a clock that runs as fast as the other side's.
    """

    def __init__(
        self,
        mission_type: int,
        home: Callable[[], StoredItem],
        say: Say,
        stored: Iterable[StoredItem] = (),
    ) -> None:
        self.items = list(stored)
        self.changes = 0
        self._type = mission_type
        self._home = home
        self._say = say
        self._upload: _Upload | None = None

    def start_upload(self, message: Any, send: Send, now_s: float) -> None:
        """MISSION_COUNT: the other side wants to send a list."""
        target = (message.get_srcSystem(), message.get_srcComponent())
        if message.count > MOST_ITEMS:
            self._acknowledge(send, target, kept.NO_SPACE)
            self._say(mavlink.MAV_SEVERITY_WARNING, f"Only {MOST_ITEMS} items are supported")
            return
        del self.items[message.count :]
        if message.count == 0:
            self.changes += 1
            self._acknowledge(send, target, kept.ACCEPTED)
            self._say(mavlink.MAV_SEVERITY_INFO, "Flight plan received")
            return
        self._upload = _Upload(message.count, target, send, heard_at_s=now_s)
        self._ask(now_s)

    def take_item(self, message: Any, send: Send, now_s: float) -> None:
        """MISSION_ITEM or MISSION_ITEM_INT."""
        upload = self._upload
        if upload is None:
            target = (message.get_srcSystem(), message.get_srcComponent())
            self._acknowledge(send, target, kept.ERROR)
            return
        upload.heard_at_s = now_s
        if message.get_type() == "MISSION_ITEM" and upload.next_seq == 0:
            self._say(mavlink.MAV_SEVERITY_WARNING, "got MISSION_ITEM; GCS should send MISSION_ITEM_INT")
        if message.seq != upload.next_seq:
            self._acknowledge(upload.send, upload.target, kept.INVALID_SEQUENCE)
            return
        stored = self._stored(message)
        if isinstance(stored, int):
            self._finish(stored)
            return
        self.items[message.seq : message.seq + 1] = [stored]
        self.changes += self._type == MISSION
        upload.next_seq += 1
        if upload.next_seq == upload.count:
            self._complete()
        else:
            self._ask(now_s)

    def tick(self, now_s: float) -> None:
        """Repeat an unanswered request; give up after 8 s."""
        if self._upload is None:
            return
        if now_s - self._upload.heard_at_s >= TIMEOUT_S:
            self._finish(kept.TIMED_OUT)
            self._say(mavlink.MAV_SEVERITY_WARNING, "Mission upload timeout")
        elif now_s - self._upload.asked_at_s >= REPEAT_S:
            self._ask(now_s)

    def clear(self) -> None:
        """Forget all items and any upload."""
        self.items.clear()
        self.changes += 1
        self._upload = None

    def answer_list(self, message: Any, send: Send) -> None:
        """MISSION_REQUEST_LIST."""
        target = (message.get_srcSystem(), message.get_srcComponent())
        send(mavlink.MAVLink_mission_count_message(*target, len(self.items), self._type))

    def answer_item(self, message: Any, send: Send) -> None:
        """MISSION_REQUEST_INT or MISSION_REQUEST: one item, with integer or float coordinates."""
        target = (message.get_srcSystem(), message.get_srcComponent())
        item = self._at(message.seq)
        if item is None:
            self._acknowledge(send, target, kept.INVALID_SEQUENCE)
            return
        as_int = message.get_type() == "MISSION_REQUEST_INT"
        if not as_int and message.seq == 0:
            self._say(mavlink.MAV_SEVERITY_WARNING, "got MISSION_REQUEST; use MISSION_REQUEST_INT!")
        scaled = 1e7 if item.command in kept.WITH_PLACE | kept.FENCE_COMMANDS else 1
        place = (item.x, item.y) if as_int else (item.x / scaled, item.y / scaled)
        build = mavlink.MAVLink_mission_item_int_message if as_int else mavlink.MAVLink_mission_item_message
        head = (*target, message.seq, item.frame, item.command, 0, 1)
        send(build(*head, *item.params, *place, item.z, self._type))

    def __iter__(self) -> Iterator[StoredItem]:
        return iter(self.items)

    def _at(self, seq: int) -> StoredItem | None:
        if self._type == MISSION and seq == 0:
            return self._home()
        return self.items[seq] if seq < len(self.items) else None

    def _stored(self, message: Any) -> StoredItem | int:
        if self._type == FENCE:
            return kept.store_fence_item(message)
        return self._home() if message.seq == 0 else kept.store_mission_item(message)

    def _ask(self, now_s: float) -> None:
        upload = self._upload
        assert upload is not None
        upload.asked_at_s = now_s
        upload.send(mavlink.MAVLink_mission_request_message(*upload.target, upload.next_seq, self._type))

    def _complete(self) -> None:
        if self._type == FENCE and not kept.valid_fence(self.items):
            self.items.clear()
            self.changes += 1
            self._finish(kept.ERROR)
            self._say(mavlink.MAV_SEVERITY_INFO, "Incorrect item count")
            self._say(mavlink.MAV_SEVERITY_WARNING, "Fence validation failed")
            return
        self._finish(kept.ACCEPTED)
        if self._type == MISSION:
            self._say(mavlink.MAV_SEVERITY_INFO, "Flight plan received")
        else:
            self.changes += 1
            self._say(mavlink.MAV_SEVERITY_DEBUG, "Fence Indexed OK")

    def _finish(self, result: int) -> None:
        assert self._upload is not None
        self._acknowledge(self._upload.send, self._upload.target, result)
        self._upload = None

    def _acknowledge(self, send: Send, target: tuple[int, int], result: int) -> None:
        send(mavlink.MAVLink_mission_ack_message(*target, result, self._type))
