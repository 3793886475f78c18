"""Ctrl-C in flight: counted, not raised; and the question on the terminal."""

from __future__ import annotations

import io
import signal

import pytest

from flight.driving.interruption import Decision, Interrupts, TerminalAsker
from vision.errors import PantauError

ALL = (Decision.CONTINUE, Decision.PAUSE, Decision.RETURN, Decision.LAND)


def test_ctrl_c_is_counted_and_taken_once():
    with Interrupts() as interrupts:
        assert not interrupts.take()
        signal.raise_signal(signal.SIGINT)
        assert interrupts.waiting
        assert interrupts.take()
        assert not interrupts.take()
        assert not interrupts.told_to_end


def test_a_check_raises_and_leaves_it_waiting():
    with Interrupts() as interrupts:
        interrupts.check()
        signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            interrupts.check()
        assert interrupts.waiting


def test_a_program_that_takes_care_of_none_can_be_ended():
    with Interrupts(), pytest.raises(KeyboardInterrupt):
        for _ in range(3):
            signal.raise_signal(signal.SIGINT)


def test_termination_asks_nobody():
    with Interrupts() as interrupts:
        signal.raise_signal(signal.SIGTERM)
        assert interrupts.take()
        assert interrupts.told_to_end


def test_afterwards_ctrl_c_is_what_it_was():
    before = signal.getsignal(signal.SIGINT)
    with Interrupts():
        assert signal.getsignal(signal.SIGINT) != before
    assert signal.getsignal(signal.SIGINT) == before


def test_the_first_letter_is_the_answer_and_nonsense_is_none(monkeypatch):
    said = []
    monkeypatch.setattr("sys.stdin", io.StringIO("what\n\nLand now\n"))
    assert TerminalAsker(said.append)(ALL).result(5) is Decision.LAND
    assert "[c]ontinue, [p]ause, [r]eturn, [l]and" in said[0]


def test_what_cannot_be_chosen_is_not_taken(monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("p\nc\n"))
    assert TerminalAsker(print)((Decision.CONTINUE, Decision.RETURN)).result(5) is Decision.CONTINUE


def test_a_terminal_that_is_gone_gives_no_answer(monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    with pytest.raises(PantauError, match="Nobody"):
        TerminalAsker(print)(ALL).result(5)
