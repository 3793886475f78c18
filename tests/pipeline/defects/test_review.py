"""What people may decide, and that it is kept."""

from __future__ import annotations

import getpass
import json

import pytest
import typer
from typer.testing import CliRunner

from pipeline.damage_size import DamageSize
from pipeline.defects.review import ACTIONS, STATES, Decision, current_actor, decide
from pipeline.defects.review_command import add_commands
from pipeline.defects.severity import priority_of
from pipeline.register import Register
from pipeline.register.batches import Model, begin_run, survey_number
from vision.errors import PantauError

ROW = {
    "kind": "pothole", "severity": "low", "priority": 40.0, "lat": -6.3, "lon": 106.84, "sigma_m": 2.0,
    "length_m": 0.2, "width_m": 0.2, "area_m2": 0.04, "score": 0.5, "observation_count": 0,
}  # fmt: skip


@pytest.fixture
def register(tmp_path):
    with Register.open(tmp_path / "register.db", create=True) as opened:
        opened.db.table("defects").insert_all(
            ROW | {"id": f"D-{state}".upper(), "status": state} for state in STATES
        )
        yield opened


def test_the_table_of_actions_knows_only_states():
    for action in ACTIONS.values():
        assert {*action.allowed_in, action.leads_to} <= set(STATES)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("action", ACTIONS)
def test_exactly_what_the_table_allows_is_possible(register, state, action):
    decision = Decision(action, "ana")
    if state in ACTIONS[action].allowed_in:
        assert [defect.status for defect in decide(register, [state], decision)] == [ACTIONS[action].leads_to]
    else:
        with pytest.raises(PantauError, match=f"is {state}.*{ACTIONS[action].allowed_in[0]}"):
            decide(register, [state], decision)
        assert register.defect(state).status == state


def test_a_decided_defect_counts_whole(register):
    decided = decide(register, ["D-NEW"], Decision("confirm", "ana"))[0]
    assert decided.priority == priority_of("pothole", DamageSize(0.2, 0.2, 0.04))


def test_a_decision_becomes_an_event(register):
    decide(register, ["D-CONFIRMED"], Decision("assign", "ana", "urgent", assignee="team north"))
    (event,) = register.events_of("D-CONFIRMED")
    assert (event.actor, event.action, event.old, event.new) == ("ana", "assign", "confirmed", "assigned")
    assert event.note == "to team north; urgent"
    assert register.defect("D-CONFIRMED").assignee == "team north"


def test_several_are_decided_together_or_not_at_all(register):
    with pytest.raises(PantauError):
        decide(register, ["D-NEW", "D-VERIFIED"], Decision("confirm", "ana"))
    assert register.defect("D-NEW").status == "new"
    assert register.events() == []


def test_the_same_defect_twice_is_decided_once(register):
    assert len(decide(register, ["D-NEW", "new"], Decision("confirm", "ana"))) == 1
    assert len(register.events_of("D-NEW")) == 1


def test_a_system_without_user_names_has_an_actor(monkeypatch):
    def fail() -> str:
        raise OSError

    monkeypatch.setattr(getpass, "getuser", fail)
    assert current_actor() == "unknown"


@pytest.fixture
def review(register):
    app = typer.Typer(rich_markup_mode=None)
    add_commands(app)
    app.command("other")(lambda: None)

    def run(*words: str):
        return CliRunner().invoke(app, ["review", "-r", str(register.path), *words])

    return run


def test_the_list_says_that_an_inspection_was_interrupted(register, review):
    assert json.loads(review("list", "--json").stdout)["unfinished_surveys"] == []
    with register.transaction() as db:
        begin_run(db, survey_number(db, "May", None), Model("model", "5a", "{}"), "1")
    outcome = review("list", "--json", "-q")
    assert json.loads(outcome.stdout)["unfinished_surveys"] == ["May"]
    assert "the last inspection of May was interrupted" in outcome.stderr


def test_list_filters_and_prints_one_document(review):
    outcome = review("list", "--status", "new", "--json")
    assert [defect["id"] for defect in json.loads(outcome.stdout)["defects"]] == ["D-NEW"]
    assert len(review("list").stdout.splitlines()) == 1 + len(STATES)
    assert isinstance(review("list", "--status", "old").exception, PantauError)
    assert "there are pothole" in str(review("list", "--kind", "pot hole").exception)


def test_a_decision_by_command_is_shown_with_its_person(review):
    outcome = review("reject", "D-NEW", "--by", "ana", "--note", "a shadow", "--json")
    assert json.loads(outcome.stdout)["defects"][0]["status"] == "rejected"
    shown = json.loads(review("show", "D-NEW", "--json").stdout)
    assert shown["defect"]["status"] == "rejected"
    assert [(event["actor"], event["note"]) for event in shown["events"]] == [("ana", "a shadow")]
    assert "a shadow" in review("show", "D-NEW").stdout


def test_a_verb_without_a_register_says_so():
    app = typer.Typer(rich_markup_mode=None)
    add_commands(app)
    app.command("other")(lambda: None)
    outcome = CliRunner().invoke(app, ["review", "list"])
    assert isinstance(outcome.exception, PantauError)
    assert "-r" in str(outcome.exception)
