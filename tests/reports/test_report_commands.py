"""`pantau report` and `pantau export`."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from pipeline.register import Register
from reports import export_command, report_command
from vision.errors import PantauError


def run(*words: object) -> Result:
    app = typer.Typer()
    report_command.add_commands(app)
    export_command.add_commands(app)
    return CliRunner().invoke(app, [str(word) for word in words])


def test_report_as_json(sample_register: Path, tmp_path: Path) -> None:
    result = run("report", "-r", sample_register, "-o", tmp_path / "out", "--lang", "en", "--json", "-q")
    assert result.exit_code == 0
    document = json.loads(result.stdout)
    assert Path(document["pages"]["en"]) == tmp_path / "out" / "index.html"
    assert document["defects"]["listed"] == 20 and document["photos"] == {"used": 61, "rejected": 3}
    assert document["unfinished_surveys"] == []
    assert [Path(path).name for path in document["lost_photos"]] == ["r1-008.jpg"]


def test_report_for_people(empty_register: Path, tmp_path: Path) -> None:
    result = run("report", "-r", empty_register, "-o", tmp_path / "out")
    assert "index.html: 0 defects, 0 photos used" in result.stdout.replace("\n", "")


def test_a_report_after_an_interrupt_says_what_is_missing(copied_register: Path, tmp_path: Path) -> None:
    with Register.open(copied_register) as register, register.transaction() as db:
        db.table("runs").update(2, {"state": "interrupted"})
        for table in ("observations", "defects"):
            db.table(table).delete_where()
    result = run("report", "-r", copied_register, "-o", tmp_path, "--json", "-q")
    assert json.loads(result.stdout)["unfinished_surveys"] == ["November 2026"]
    assert "last inspection of November 2026 was interrupted" in " ".join(result.stderr.split())
    pages = [(tmp_path / name).read_text(encoding="utf-8") for name in ("index.html", "index.en.html")]
    assert "Pemeriksaan terakhir November 2026 terhenti" in pages[0]
    assert "The last inspection of November 2026 was interrupted" in pages[1]
    assert "the model found no damage" not in pages[1]


def test_an_export_after_an_interrupt_says_what_is_missing(copied_register: Path, tmp_path: Path) -> None:
    with Register.open(copied_register) as register, register.transaction() as db:
        db.table("runs").update(2, {"state": "interrupted"})
    result = run("export", "-r", copied_register, "-f", "csv", "-o", tmp_path / "defects.csv", "--json")
    assert json.loads(result.stdout)["defects"] == 22
    assert "last inspection of November 2026 was interrupted" in " ".join(result.stderr.split())


@pytest.mark.parametrize("format", ["geojson", "csv"])
def test_export(sample_register: Path, tmp_path: Path, format: str) -> None:
    path = tmp_path / "new folder" / f"defects.{format}"
    result = run("export", "-r", sample_register, "-f", format, "-o", path, "--json")
    assert json.loads(result.stdout) == {"path": str(path), "format": format, "defects": 22}
    assert path.is_file() and [each.name for each in path.parent.iterdir()] == [path.name]


def test_export_of_footprints_and_decimal_commas(sample_register: Path, tmp_path: Path) -> None:
    run("export", "-r", sample_register, "-f", "geojson", "--geometry", "footprint", "-o", tmp_path / "a")
    assert '"Polygon"' in (tmp_path / "a").read_text(encoding="utf-8")
    run("export", "-r", sample_register, "-f", "csv", "--decimal-comma", "-o", tmp_path / "b")
    assert ";-6,88" in (tmp_path / "b").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "words",
    [
        ["-f", "geojson", "--delimiter", ";"],
        ["-f", "yolo", "--decimal-comma"],
        ["-f", "csv", "--geometry", "footprint"],
    ],
)
def test_an_option_of_another_format_is_refused(
    sample_register: Path, tmp_path: Path, words: list[str]
) -> None:
    result = run("export", "-r", sample_register, *words, "-o", tmp_path / "out")
    assert isinstance(result.exception, PantauError) and f"with -f {words[1]}" in str(result.exception)
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_format_is_refused_with_the_known_ones(sample_register: Path, tmp_path: Path) -> None:
    result = run("export", "-r", sample_register, "-f", "dwg", "-o", tmp_path / "a")
    assert result.exit_code == 2
    assert "geojson" in result.output and "csv" in result.output


@pytest.mark.parametrize("words", [["report"], ["export", "-f", "csv"]])
def test_a_register_that_is_not_there(tmp_path: Path, words: list[str]) -> None:
    result = run(*words, "-r", tmp_path / "none.db", "-o", tmp_path / "out")
    assert isinstance(result.exception, PantauError) and "none.db" in str(result.exception)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_no_place_for_an_export(sample_register: Path, tmp_path: Path) -> None:
    result = run("export", "-r", sample_register, "-f", "csv", "-o", tmp_path)
    assert isinstance(result.exception, PantauError) and "is a folder" in str(result.exception)


def test_the_commands_import_nothing_heavy() -> None:
    script = (
        "import sys, reports.report_command, reports.export_command;"
        "print({'numpy', 'cv2', 'shapely', 'jinja2', 'sqlite_utils'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
