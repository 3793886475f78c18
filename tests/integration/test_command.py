"""The command as a whole: help, version, documentation."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def reference_writer():
    spec = spec_from_file_location("write_command_reference", ROOT / "docs" / "write_command_reference.py")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_command_is_documented_as_it_is():
    writer = reference_writer()
    assert writer.REFERENCE.read_text(encoding="utf-8") == writer.command_reference(), "run: make docs"


def test_every_command_has_examples():
    reference = reference_writer().command_reference()
    for section in reference.split("\n## ")[2:]:
        name = section.splitlines()[0]
        has_children = "\nCommands:\n" in section
        assert has_children or "Example" in section, f"{name} has no example in its help"


def test_help_imports_nothing_heavy():
    heavy = {
        "numpy",
        "cv2",
        "openvino",
        "shapely",
        "pyproj",
        "pyogrio",
        "dronekit",
        "pyvrp",
        "sqlite_utils",
        "jinja2",
    }
    code = f"import sys, pantau; print(sorted({heavy!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_ctrl_c_is_answered_with_a_word():
    code = (
        "import sys, pantau\n"
        "@pantau.app.command()\n"
        "def wait():\n"
        "    raise KeyboardInterrupt\n"
        "sys.argv = ['pantau', 'wait']\n"
        "pantau.main()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "interrupted\n")


@pytest.mark.integration
def test_help_and_version(pantau):
    assert "plan" in pantau("--help").out
    assert pantau("--version").out.startswith("pantau ")


@pytest.mark.integration
def test_doctor_finds_this_installation_well(pantau):
    outcome = pantau("doctor", "--json")
    assert outcome.code == 0, outcome.out
    assert all(check["ok"] for check in outcome.document["checks"])


@pytest.mark.integration
def test_models_lists_the_shipped_detector(pantau):
    names = [model["name"] for model in pantau("models", "--json").document["models"]]
    assert "road-damage-yolo11n" in names
