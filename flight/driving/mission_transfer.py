"""Missions and fences to and from a vehicle: sent, acknowledged, read back, compared by meaning.

dronekit's own upload stores places as float32 degrees (up to 0.8 m off) and ignores MISSION_ACK.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import isnan
from typing import Any

from flight.driving.dronekit_link import Inbox, Link
from flight.missions.mission import Mission, MissionItem
from flight.missions.mission_meaning import (
    FENCE_EXCLUSION_CORNER,
    FENCE_INCLUSION_CORNER,
    WAYPOINT,
    WITH_PLACE,
    difference,
    place_e7,
)
from vision.errors import PantauError

MISSION, FENCE = 0, 1  # MAV_MISSION_TYPE
ACCEPTED, ERROR, WRONG_SEQUENCE, TOO_LATE = 0, 1, 13, 15  # MAV_MISSION_RESULT
WAIT_S = 3.0
TRIES = 3
RECONNECT_LIMIT_S = 10.0
MISSION_RESULTS = {
    1: "it refused the list as a whole",
    2: "the frame is not supported",
    3: "the command is not supported",
    4: "it has no room for so many items (ArduCopter takes 650)",
    6: "param1 is invalid",
    7: "param2 is invalid",
    8: "param3 is invalid",
    9: "param4 is invalid",
    10: "the latitude is invalid",
    11: "the longitude is invalid",
    12: "the height is invalid",
    13: "the items came in the wrong order",
    14: "it is not accepting uploads now",
    15: "it got no items in time",
}
Progress = Callable[[int, str], None]
Corners = Sequence[tuple[float, float]]


def upload_mission(link: Link, mission: Mission, progress: Progress | None = None) -> None:
    """Put a mission into the vehicle and make sure that it is there.

    Raises PantauError when the vehicle refuses it or stores something else; its mission is then
    cleared, because a failed upload leaves a mixture of new and old items.
    """
    home = MissionItem(WAYPOINT, 0, (0.0,) * 4, mission.home.lat, mission.home.lon, mission.home.alt_m)
    _upload_verified(link, [home, *mission.items], MISSION, progress)


def upload_fence(link: Link, inclusion: Corners, exclusions: Sequence[Corners] = ()) -> None:
    """Put a polygon to stay inside (empty for none) and polygons to stay out of into the vehicle.

    Corners are (lat, lon). Makes sure that the fence is there; errors as above.
    """
    items = [item for corners in exclusions for item in _polygon(FENCE_EXCLUSION_CORNER, corners)]
    _upload_verified(link, [*_polygon(FENCE_INCLUSION_CORNER, inclusion), *items], FENCE, None)


def _polygon(command: int, corners: Corners) -> list[MissionItem]:
    count = float(len(corners))
    return [MissionItem(command, 0, (count, 0.0, 0.0, 0.0), lat, lon, 0.0) for lat, lon in corners]


def download(link: Link, mission_type: int = MISSION, progress: Progress | None = None) -> list[MissionItem]:
    """Read the vehicle's list; of a mission, item 0 is its home. Raises PantauError."""
    with link.listen("MISSION_COUNT", "MISSION_ITEM_INT") as inbox:
        count = _ask(link, inbox, "MISSION_COUNT", "MISSION_REQUEST_LIST", mission_type=mission_type).count
        items = []
        for seq in range(count):
            request = {"seq": seq, "mission_type": mission_type}
            items.append(_item(_ask(link, inbox, "MISSION_ITEM_INT", "MISSION_REQUEST_INT", **request)))
            if progress:
                progress(1, "reading back")
    link.send("MISSION_ACK", type=0, mission_type=mission_type)
    return items


def clear(link: Link, mission_type: int = MISSION) -> None:
    """Empty the vehicle's list. Raises PantauError when the vehicle does not."""
    if _cleared(link, mission_type) or (link.reconnect(RECONNECT_LIMIT_S) and _cleared(link, mission_type)):
        return
    raise PantauError("The vehicle did not clear its mission; clear it by hand before you fly.")


def _cleared(link: Link, mission_type: int) -> bool:
    with link.listen("MISSION_ACK") as inbox:
        for _ in range(TRIES):
            link.send("MISSION_CLEAR_ALL", mission_type=mission_type)
            answer = _matching(inbox, mission_type, WAIT_S)
            if answer is not None and answer.type == 0:
                return True
            if not link.open:
                return False
    return False


def _upload_verified(
    link: Link, items: Sequence[MissionItem], mission_type: int, progress: Progress | None
) -> None:
    try:
        _Upload(link, items, mission_type, progress).run()
        _compare(items, download(link, mission_type, progress), first=1 if mission_type == MISSION else 0)
    except BaseException as error:
        try:
            clear(link, mission_type)
        except PantauError as worse:
            raise PantauError(f"{error} {worse}") from None
        if isinstance(error, PantauError):
            what = "mission" if mission_type == MISSION else "fence"
            raise PantauError(f"{error} The vehicle's {what} was cleared.") from None
        raise


class _Upload:
    """Answers the vehicle's requests until it acknowledges the list.

    On a bad link an item may come twice, which the vehicle calls a wrong sequence and goes on, or so late
    that it gives up, which is tried once more; a lost last word does not matter, since all is read back.
    """

    def __init__(
        self, link: Link, items: Sequence[MissionItem], mission_type: int, progress: Progress | None
    ) -> None:
        self._link, self._items, self._type, self._progress = link, items, mission_type, progress
        self._asked_for, self._silences, self._restarted = -1, 0, False

    def run(self) -> None:
        """Upload; raises PantauError when the vehicle refuses or falls silent."""
        with self._link.listen("MISSION_REQUEST", "MISSION_REQUEST_INT", "MISSION_ACK") as inbox:
            self._announce()
            over = False
            while not over:
                message = _matching(inbox, self._type, WAIT_S)
                if message is None:
                    over = self._silent()
                elif message.get_type() == "MISSION_ACK":
                    over = self._acknowledged(message.type)
                elif message.seq < len(self._items):
                    self._answer(message.seq)

    @property
    def _all_sent(self) -> bool:
        return self._asked_for == len(self._items) - 1

    def _announce(self) -> None:
        self._link.send("MISSION_COUNT", count=len(self._items), mission_type=self._type)

    def _silent(self) -> bool:
        self._silences += 1
        if self._all_sent:
            return True
        if self._silences == TRIES or not self._link.open:
            raise PantauError("The vehicle stopped asking for mission items; check the link.")
        if self._asked_for < 0:
            self._announce()
        return False

    def _acknowledged(self, result: int) -> bool:
        if result == ACCEPTED:
            return self._all_sent
        if result == ERROR and self._all_sent and self._type == MISSION:
            return True  # perhaps of a last item that came twice: reading back tells
        if result == TOO_LATE and not self._restarted:
            self._restarted, self._asked_for = True, -1
            self._announce()
        elif result != WRONG_SEQUENCE:
            raise PantauError(_refusal(result, self._asked_for, self._items))
        return False

    def _answer(self, seq: int) -> None:
        if self._progress and seq > self._asked_for:
            self._progress(1, "uploading")
        self._asked_for = seq
        self._link.send("MISSION_ITEM_INT", **_fields(self._items[seq], seq, self._type))


def _fields(item: MissionItem, seq: int, mission_type: int) -> dict[str, Any]:
    x, y = place_e7(item)
    # NaN means "no change" to those who write it, and an invalid parameter to ArduCopter.
    params = [0.0 if isnan(value) else value for value in item.params]
    return {
        "seq": seq,
        "frame": item.frame,
        "command": item.command,
        "current": 0,
        "autocontinue": 1,
        **{f"param{number}": value for number, value in enumerate(params, start=1)},
        "x": x,
        "y": y,
        "z": item.alt_m,
        "mission_type": mission_type,
    }


def _item(message: Any) -> MissionItem:
    scale = 1e7 if message.command in WITH_PLACE else 1
    params = (message.param1, message.param2, message.param3, message.param4)
    return MissionItem(
        message.command, message.frame, params, message.x / scale, message.y / scale, message.z
    )


def _compare(sent: Sequence[MissionItem], stored: Sequence[MissionItem], first: int) -> None:
    """Raise PantauError at the first difference in meaning, from item `first` on (home is the vehicle's)."""
    if len(sent) != len(stored):
        raise PantauError(f"The vehicle stored {len(stored)} items instead of {len(sent)}.")
    for seq in range(first, len(sent)):
        found = difference(sent[seq], stored[seq])
        if found:
            raise PantauError(f"The vehicle stored item {seq} with {found}.")


def _refusal(code: int, seq: int, items: Sequence[MissionItem]) -> str:
    reason = MISSION_RESULTS.get(code, f"MAV_MISSION_RESULT {code}")
    if 0 <= seq < len(items):
        return f"The vehicle refused item {seq} (command {items[seq].command}): {reason}."
    return f"The vehicle refused {len(items)} items: {reason}."


def _ask(link: Link, inbox: Inbox, wanted: str, request: str, **fields: Any) -> Any:
    """Send a request until its answer comes."""
    for _ in range(TRIES):
        link.send(request, **fields)
        while (message := _matching(inbox, fields["mission_type"], WAIT_S)) is not None:
            if message.get_type() == wanted and fields.get("seq") == getattr(message, "seq", None):
                return message
    raise PantauError(f"The vehicle did not answer {request}; check the link.")


def _matching(inbox: Inbox, mission_type: int, wait_s: float) -> Any | None:
    """The next message about this kind of list."""
    while (message := inbox.next(wait_s)) is not None:
        if message.mission_type == mission_type:
            return message
    return None
