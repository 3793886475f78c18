"""Results on stdout, everything else on stderr."""

from __future__ import annotations

import json

import pytest
import typer
from typer.testing import CliRunner

from vision import console


@pytest.fixture(autouse=True)
def fresh_voice(monkeypatch):
    monkeypatch.setattr(console, "_voice", console._Voice())


def test_a_document_alone_is_on_stdout(capsys):
    console.say("working")
    console.warn("careful")
    console.emit({"road": "Jalan é", "count": 2}, True, lambda: "text")
    seen = capsys.readouterr()
    assert json.loads(seen.out) == {"road": "Jalan é", "count": 2}
    assert seen.err.splitlines() == ["working", "warning: careful"]


def test_people_get_text(capsys):
    console.emit({}, False, lambda: "a table")
    assert capsys.readouterr().out == "a table\n"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], ["said", "warning: warned"]),
        (["-v"], ["said", "detailed", "warning: warned"]),
        (["-q"], ["warning: warned"]),
    ],
)
def test_how_much_is_said(words, expected):
    app = typer.Typer()

    @app.command()
    def speak(verbose: console.Verbose = False, quiet: console.Quiet = False) -> None:
        console.say("said")
        console.say_more("detailed")
        console.warn("warned")

    assert CliRunner().invoke(app, words).stderr.splitlines() == expected


def test_progress_off_a_terminal_is_a_line_at_the_start_and_the_end(capsys):
    with console.progress("counting", 2) as advance:
        advance(1, "one")
        advance(1, "two")
    assert capsys.readouterr().err.splitlines() == ["counting …", "counting: 2/2 two"]


def test_progress_from_the_first_step_shows_nothing_before(capsys):
    with console.progress_from_first_step("counting", 1) as advance:
        assert capsys.readouterr().err == ""
        advance(1, "one")
    assert "counting: 1/1 one" in capsys.readouterr().err
    with console.progress_from_first_step("never", 1):
        pass
    assert capsys.readouterr().err == ""


def test_what_is_said_while_a_bar_is_shown_stands_on_a_line_of_its_own(capsys, monkeypatch):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    with console.progress("counting", 2) as advance:
        advance(1, "one")
        console.say("in [between]")
    lines = capsys.readouterr().err.replace("\r", "\n").replace("\x1b[2K", "").splitlines()
    assert "in [between]" in lines
    assert console._voice.print_line is None


def test_a_quiet_command_does_not_silence_the_next(capsys):
    console._set_quiet(True)
    console.say("unheard")
    for set_again in (console._set_verbose, console._set_quiet):
        set_again(False)
    console.say("heard")
    assert capsys.readouterr().err == "heard\n"
