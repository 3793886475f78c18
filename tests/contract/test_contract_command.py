"""Who is in command: Ctrl-C and what the operator decides, the pilot, other ground stations."""

from __future__ import annotations

import _thread
import math
from concurrent.futures import Future

import pytest

from flight.driving.interruption import Decision
from flight.driving.vehicle import LAND, LOITER, RTL
from tests.contract.link_faults import TO_CLIENT, TO_VEHICLE, dropped
from tests.contract.sorties import TRIGGER, long_sortie, metres_from, sortie
from tests.contract.station import in_mode, nth, photo
from vision.errors import PantauError

ALL = (Decision.CONTINUE, Decision.PAUSE, Decision.RETURN, Decision.LAND)
PAUSED = (Decision.CONTINUE, Decision.RETURN, Decision.LAND)
SET_MODE, PAUSE = 176, 193
ANOTHER_STATION = {"type": 6, "autopilot": 8, "base_mode": 0, "custom_mode": 0, "system_status": 4}


def press_ctrl_c():
    _thread.interrupt_main()


class Operator:
    """Decides as it was told beforehand, and keeps what it was asked; `None` is never decided."""

    def __init__(self, *decisions):
        self.asked = []
        self.answers = []
        self._decisions = list(decisions)

    def __call__(self, choices):
        self.asked.append(choices)
        answer: Future[Decision] = Future()
        decision = self._decisions.pop(0)
        if decision is not None:
            answer.set_result(decision)
        self.answers.append(answer)
        return answer


def commands_after(flown, at_s):
    """What the client sent from then on, besides heartbeats and what it asks to be told."""
    sent = [one for one in flown.traffic if one.direction == TO_VEHICLE and one.at_s > at_s]
    quiet = ("HEARTBEAT", "REQUEST_DATA_STREAM")
    return [one.message for one in sent if one.name not in quiet]


def trigger_offs(messages):
    return [m for m in messages if m.get_type() == "COMMAND_LONG" and m.command == TRIGGER and m.param1 == 0]


def first_in_mode(flown, mode):
    """When the vehicle was first told to be in a mode."""
    return next(one.at_s for one in flown.of(TO_CLIENT, "HEARTBEAT") if one.message.custom_mode == mode)


def photos_after(flown, at_s):
    return [one for one in flown.of(TO_CLIENT, "CAMERA_FEEDBACK") if one.at_s > at_s]


def metres_away_at_the_end(flown):
    last = flown.of(TO_CLIENT, "GLOBAL_POSITION_INT")[-1].message
    return math.hypot(*metres_from(flown.mission.home, last.lat, last.lon))


def test_ctrl_c_without_anybody_to_ask_switches_the_camera_off_and_returns(station, fly):
    station.set("RTL_ALT", 1500)
    station.when(photo(2), press_ctrl_c)
    flown = fly(sortie(station.home, height_m=8))
    assert flown.result.outcome == "interrupted"
    assert flown.events.index("trigger_off") < flown.events.index("returning")
    assert not photos_after(flown, first_in_mode(flown, RTL) + 0.1)
    assert metres_away_at_the_end(flown) < 5
    heights_m = [one.message.relative_alt / 1000 for one in flown.of(TO_CLIENT, "GLOBAL_POSITION_INT")]
    assert max(heights_m) == pytest.approx(15, abs=1.5)  # it climbs to the return height first


def test_the_operator_pauses_continues_and_is_asked_again(station, fly):
    operator, speeds_cms = Operator(Decision.PAUSE, None, Decision.CONTINUE), []
    station.when(photo(2), press_ctrl_c)
    station.when(
        lambda one: one.name == "COMMAND_ACK" and one.message.command == PAUSE,
        lambda: speeds_cms.append(hover_and_continue(station, operator, 8)),
    )
    station.when(photo(4), press_ctrl_c)
    flown = fly(sortie(station.home), ask=operator)
    assert operator.asked == [ALL, PAUSED, ALL]
    assert max(speeds_cms) < 50
    assert flown.result.outcome == "completed"
    assert flown.events.index("paused") < flown.events.index("continued")
    assert RTL not in {one.message.custom_mode for one in flown.of(TO_CLIENT, "HEARTBEAT")}


def hover_and_continue(station, operator, simulated_s):
    """Go on after some of the vehicle's seconds, seen by its heartbeats; its speed over ground by then."""
    station.wait(nth("HEARTBEAT", simulated_s), station.limit_s(30), station.proxy.count)
    place = station.proxy.latest("GLOBAL_POSITION_INT")
    operator.answers[-1].set_result(Decision.CONTINUE)
    return math.hypot(place.vx, place.vy)


def test_the_operator_lets_it_land_where_it_is(station, fly):
    station.when(photo(3), press_ctrl_c)
    flown = fly(sortie(station.home), ask=Operator(Decision.LAND))
    assert flown.result.outcome == "interrupted"
    assert "landing" in flown.events
    assert first_in_mode(flown, LAND)
    assert metres_away_at_the_end(flown) > 12


def test_a_second_ctrl_c_while_asked_returns_and_one_more_leaves_it_to_that(station, fly):
    operator = Operator(None)
    station.when(photo(2), press_ctrl_c)
    station.when(photo(3), press_ctrl_c)
    station.when(in_mode(RTL), press_ctrl_c)
    with pytest.raises(KeyboardInterrupt):
        fly(sortie(station.home), ask=operator)
    assert operator.asked == [ALL]
    assert station.mode == RTL
    station.streams(2)
    station.wait_until_disarmed()


@pytest.mark.failure("the pilot takes over by mode switch")
def test_when_the_pilot_takes_over_only_trigger_off_is_still_sent(station, fly):
    station.when(photo(2), lambda: station.pilot_mode(LOITER))
    flown = fly(sortie(station.home), say=land_when_told(station))
    assert flown.result.outcome == "taken_over"
    assert flown.was_told("hands off")
    assert {"hands_off", "trigger_off"} <= set(flown.events)
    after = commands_after(flown, first_in_mode(flown, LOITER))
    assert after
    assert after == trigger_offs(after)
    assert not photos_after(flown, flown.told_at_s("hands off") + 1.0)


def land_when_told(station):
    """The pilot brings the vehicle home as soon as the operator is told that hands are off."""
    return lambda text: station.pilot_mode(RTL) if "hands off" in text else None


@pytest.mark.failure("Ctrl-C after the pilot has taken over")
def test_ctrl_c_in_the_pilots_hands_commands_nothing(station, fly):
    station.when(photo(2), lambda: station.pilot_mode(RTL))
    station.when(trigger_is_off, press_ctrl_c)
    with pytest.raises(KeyboardInterrupt):
        fly(sortie(station.home), ask=Operator(Decision.LAND))
    sent = station.proxy.sent("COMMAND_LONG")
    taken_over = next(n for n, message in enumerate(sent) if trigger_offs([message]))
    assert len(trigger_offs(sent[taken_over:])) == len(sent[taken_over:])


def trigger_is_off(passed):
    """The vehicle has taken the command."""
    return passed.name == "COMMAND_ACK" and passed.message.command == TRIGGER


@pytest.mark.failure("the pilot lets the vehicle return while the operator is asked")
def test_a_decision_after_the_pilot_took_over_is_too_late(station, fly):
    operator = Operator(None)
    station.when(photo(2), press_ctrl_c)
    station.when(photo(3), lambda: station.pilot_mode(RTL))
    station.when(trigger_is_off, lambda: operator.answers[0].set_result(Decision.LAND))
    flown = fly(long_sortie(station.home), ask=operator)
    assert flown.result.outcome == "taken_over"
    assert "failsafe" not in flown.events  # though a return is what failsafes do
    after = commands_after(flown, first_in_mode(flown, RTL))
    assert after == trigger_offs(after)


@pytest.mark.failure("a pilot takes over and trigger-off does not arrive")
def test_photos_that_the_camera_goes_on_taking_are_recognised_as_surplus(station, fly):
    lost = dropped(lambda way, m: m.get_type() == "COMMAND_LONG" and m.command == TRIGGER)
    station.when(photo(6), lambda: station.pilot_mode(RTL))
    with station.proxy.under(lost):
        flown = fly(long_sortie(station.home))
    assert flown.was_told("could not be switched off")
    assert flown.result.surplus_photos
    assert any("surplus" in warning for warning in flown.result.warnings)
    station.command(TRIGGER, 0)


@pytest.mark.failure("another ground station has our id")
def test_a_second_ground_station_with_our_id_is_refused_before_take_off(station, fly):
    with (
        station.proxy.another_heartbeat(255, 190, mavlink_version=3, **ANOTHER_STATION),
        pytest.raises(PantauError, match=r"(?i)another ground station|second station"),
    ):
        fly(sortie(station.home))
    assert not station.proxy.sent("MISSION_COUNT")
