"""Who is in command, by modes and words alone."""

from __future__ import annotations

import pytest

from flight.driving.authority import Authority, Commander
from flight.driving.vehicle import AUTO, LAND, LOITER, RTL


def test_nothing_heard_is_our_command():
    assert Authority().may_command
    assert Authority().heard_mode(AUTO) is None


def test_a_mode_that_nobody_explains_is_the_pilots():
    authority = Authority()
    assert authority.heard_mode(RTL) is Commander.PILOT
    assert not authority.may_command


@pytest.mark.parametrize(
    "words",
    ["GCS Failsafe", "Battery Failsafe", "EKF Failsafe: changed to LAND Mode", "Polygon fence breached"],
)
def test_words_before_explain_a_mode(words):
    authority = Authority()
    assert not authority.heard_words(words)
    assert authority.heard_mode(LAND) is Commander.FAILSAFE
    assert authority.reason == words
    assert authority.may_command


def test_words_just_after_explain_a_mode_too():
    authority = Authority()
    authority.heard_mode(RTL)
    assert authority.heard_words("GCS Failsafe")
    assert authority.commander is Commander.FAILSAFE


@pytest.mark.parametrize("words", ["GCS Failsafe Cleared", "Reached command #4", "Fence breach cleared"])
def test_words_that_explain_nothing(words):
    authority = Authority()
    authority.heard_words(words)
    assert authority.heard_mode(RTL) is Commander.PILOT


def test_no_failsafe_chooses_loiter():
    authority = Authority()
    authority.heard_words("Battery Failsafe")
    assert authority.heard_mode(LOITER) is Commander.PILOT


def test_a_return_while_the_link_was_gone_is_a_failsafe():
    authority = Authority()
    assert authority.heard_mode(RTL, silence_s=12) is Commander.FAILSAFE
    assert "12 s" in authority.reason


def test_old_heartbeats_after_an_order_are_no_takeover():
    authority = Authority()
    authority.ordered(RTL)
    assert authority.heard_mode(AUTO) is None
    assert authority.heard_mode(RTL) is None
    assert authority.heard_mode(AUTO) is Commander.PILOT


def test_after_a_refused_order_the_old_mode_is_still_ours():
    authority = Authority()
    authority.ordered(LAND)
    authority.refused()
    assert authority.heard_mode(AUTO) is None
    assert authority.heard_mode(LAND) is Commander.PILOT


def test_a_failsafe_in_the_pilots_hands_does_not_give_the_vehicle_back():
    authority = Authority()
    authority.heard_mode(LOITER)
    authority.heard_words("Battery Failsafe")
    assert authority.heard_mode(RTL) is Commander.PILOT
    assert not authority.may_command


def test_the_pilot_may_take_over_from_a_failsafe():
    authority = Authority()
    authority.heard_words("Battery Failsafe")
    authority.heard_mode(RTL)
    assert authority.heard_mode(LOITER) is Commander.PILOT
