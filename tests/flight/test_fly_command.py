"""`pantau fly` as a command: options, output, exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from flight import fly_command
from flight.flight_log import is_complete
from flight.formats.qgroundcontrol import write_plan_file
from flight.simulated_flying import fly_simulated
from flight.sortie_task import sortie_task
from vision.errors import PantauError

FAST = ("--time-factor", "30")


@pytest.fixture
def fly():
    """Runs the command; a PantauError comes through as the exception of the result."""
    app = typer.Typer()
    fly_command.add_commands(app)
    return lambda *words: CliRunner().invoke(app, [str(word) for word in words])


@pytest.fixture
def plan_file(tmp_path: Path, short_mission) -> Path:
    """A .plan file of the short mission."""
    file = tmp_path / "survey.plan"
    write_plan_file(short_mission, file)
    return file


@pytest.mark.parametrize(
    "options",
    [(), ("--simulate", "--connect", "udp:0.0.0.0:1"), ("--connect", "udp:0.0.0.0:1", "--photos", "x")],
)
def test_options_that_contradict_are_a_mistake(fly, plan_file, options):
    assert isinstance(fly(plan_file, *options).exception, PantauError)


def test_a_folder_without_sorties_is_a_mistake(fly, tmp_path):
    failure = fly(tmp_path, "--simulate").exception
    assert isinstance(failure, PantauError)
    assert str(tmp_path) in str(failure)


def test_photos_need_a_plan_folder(fly, plan_file, tmp_path):
    failure = fly(plan_file, "--simulate", "--photos", tmp_path / "photos").exception
    assert "plan.json" in str(failure)
    assert not (tmp_path / "photos").exists()


def test_a_simulated_flight_prints_one_json_document(fly, plan_file):
    run = fly(plan_file, "--simulate", *FAST, "--json")
    assert run.exit_code == 0, run.output
    document = json.loads(run.stdout)
    assert document["outcome"] == "completed"
    assert abs(document["photos"] - document["photos_planned"]) <= 1
    assert is_complete(Path(document["log"]))
    assert all(check["passed"] for check in document["checks"])


def test_without_a_terminal_and_yes_it_is_a_dry_run(fly, plan_file, simulated):
    with simulated() as process:
        run = fly(plan_file, "--connect", process.url)
    assert run.exit_code == 0, run.output
    assert "checked, not flown" in run.stdout
    assert "Dry run" in run.stderr
    assert not plan_file.with_name("survey.flight.jsonl").exists()


def test_without_obstacle_data_a_script_must_say_that_the_site_was_checked(fly, plan_file):
    failure = fly(plan_file, "--connect", "tcp:127.0.0.1:9", "--yes").exception
    assert isinstance(failure, PantauError)
    assert "--site-checked" in str(failure)


def test_with_yes_it_flies_a_connected_vehicle(fly, plan_file, simulated):
    with simulated(parameters={"SIM_CAM_FAIL": 1}) as process:
        run = fly(plan_file, "--connect", process.url, "--yes", "--site-checked")
    assert run.exit_code == 1
    assert "Attention" in run.stdout


def test_flights_of_one_folder_follow_each_other_in_time(plan_file):
    flights = [fly_simulated(sortie_task(plan_file), time_factor=40) for _ in range(2)]
    assert flights[0].exposures[-1].at < flights[1].exposures[0].at
