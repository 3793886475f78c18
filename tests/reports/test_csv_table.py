"""Defects as a CSV table."""

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.register.records import DefectRecord
from reports.contents import Contents
from reports.csv_table import CsvStyle, defects_as_csv
from vision.errors import PantauError

GOLDEN = Path(__file__).parent / "golden"


def test_nothing_is_a_header(make_contents: Callable[..., Contents]) -> None:
    text = defects_as_csv(make_contents())
    assert text.startswith("\ufeffid,kind,severity,")
    assert text.count("\r\n") == 1


@pytest.mark.parametrize(
    ("name", "style"), [("defects.csv", CsvStyle()), ("defects-comma.csv", CsvStyle(";", decimal_comma=True))]
)
def test_golden(three_defects: Contents, name: str, style: CsvStyle) -> None:
    assert defects_as_csv(three_defects, style).encode() == (GOLDEN / name).read_bytes()


def test_reading_it_again_gives_the_values(three_defects: Contents) -> None:
    text = defects_as_csv(three_defects).removeprefix("\ufeff")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [row["id"] for row in rows] == ["D-AAAA1111", "D-BBBB2222", "D-CCCC3333"]
    assert rows[1]["assignee"] == 'Regu "2", Dinas PU'
    assert float(rows[0]["lat"]) == -6.8851235


def test_a_formula_is_not_run_by_spreadsheets(
    make_contents: Callable[..., Contents], make_defect: Callable[..., DefectRecord]
) -> None:
    contents = make_contents(defects=(make_defect(assignee="=HYPERLINK()"),), observations={})
    assert ",'=HYPERLINK()," in defects_as_csv(contents)


@pytest.mark.parametrize(
    ("delimiter", "comma", "style"),
    [
        (None, False, CsvStyle(",")),
        (None, True, CsvStyle(";", True)),
        ("tab", False, CsvStyle("\t")),
        ("|", True, CsvStyle("|", True)),
    ],
)
def test_options(delimiter: str | None, comma: bool, style: CsvStyle) -> None:
    assert CsvStyle.of_options(delimiter, comma) == style


@pytest.mark.parametrize(
    ("delimiter", "comma"), [("", False), (";;", False), ('"', False), ("5", False), (",", True)]
)
def test_delimiters_that_cannot_be(delimiter: str, comma: bool) -> None:
    with pytest.raises(PantauError, match="--delimiter"):
        CsvStyle.of_options(delimiter, comma)
