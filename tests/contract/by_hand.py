"""What a careless operator does with another ground station: nothing is checked, nothing is cleared."""

from __future__ import annotations

from collections.abc import Sequence

from flight.missions.mission import Mission, MissionItem
from flight.missions.mission_meaning import place_e7
from tests.contract.link_proxy import Passed, Wanted
from tests.contract.sorties import WAYPOINT, item
from tests.contract.station import ARM_DISARM, AUTO, GUIDED, SET_MODE, Station, above, told

MISSION_START = 300


def raw_upload(station: Station, items: Sequence[MissionItem], mission_type: int = 0) -> int:
    """Send a list just as it is, item 0 included; the vehicle's MAV_MISSION_RESULT."""
    asked, since = 0, station.proxy.count
    station.proxy.tell_vehicle("MISSION_COUNT", count=len(items), mission_type=mission_type)
    while True:
        answer = station.wait(
            _answer(asked, mission_type), station.limit_s(10), since, "MISSION_REQUEST"
        ).message
        if answer.get_type() == "MISSION_ACK":
            return int(answer.type)
        sent, (x, y) = items[asked], place_e7(items[asked])
        station.proxy.tell_vehicle(
            "MISSION_ITEM_INT",
            **{"seq": asked, "frame": sent.frame, "command": sent.command, "current": 0, "autocontinue": 1},
            **{f"param{number}": value for number, value in enumerate(sent.params, start=1)},
            **{"x": x, "y": y, "z": sent.alt_m, "mission_type": mission_type},
        )
        asked += 1


def launch(station: Station, mission: Mission, height_m: float = 3.0) -> None:
    """Upload a mission and fly it, without any ground station of ours; returns when it is in the air."""
    assert raw_upload(station, [item(WAYPOINT), *mission.items]) == 0
    station.streams(4)
    assert station.command(SET_MODE, 1, GUIDED) == 0
    assert station.command(ARM_DISARM, 1) == 0
    assert station.command(SET_MODE, 1, AUTO) == 0
    assert station.command(MISSION_START) == 0
    station.wait(above(height_m), station.limit_s(40), station.proxy.count, "lifting off")


def _answer(seq: int, mission_type: int) -> Wanted:
    request = told("MISSION_REQUEST", seq=seq, mission_type=mission_type)
    verdict = told("MISSION_ACK", mission_type=mission_type)

    def wanted(passed: Passed) -> bool:
        return request(passed) or verdict(passed)

    return wanted
