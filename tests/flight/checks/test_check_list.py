"""How checks are sorted and told."""

from __future__ import annotations

from flight.checks.check_list import Check, failed, show

GOOD = Check("home", True, "where it should be")
BAD = Check("pre-arm", False, "Compass not calibrated", "Calibrate it.")
WARNED = Check("low battery", False, "BATT_FS_LOW_ACT 0: nothing happens", "Set it to 2. " * 5, serious=False)


def told(checks, width):
    lines: list[str] = []
    show(checks, lines.append, width)
    return lines


def test_an_empty_list_says_nothing():
    assert told([], 80) == []
    assert failed([], serious=True) == []


def test_failures_are_sorted_by_weight():
    assert failed([GOOD, BAD, WARNED], serious=True) == [BAD]
    assert failed([GOOD, BAD, WARNED], serious=False) == [WARNED]


def test_a_named_check_is_flown_despite():
    assert failed([BAD, WARNED], True, despite=frozenset({"pre-arm"})) == []
    assert failed([BAD, WARNED], True, despite=frozenset({"home"})) == [BAD]


def test_names_and_findings_stand_in_columns():
    lines = told([GOOD, BAD, WARNED], 200)
    assert [line[:6] for line in lines] == ["  ok  ", "  FAIL", "  warn"]
    columns = {line.index(check.found) for line, check in zip(lines, [GOOD, BAD, WARNED], strict=True)}
    assert len(columns) == 1
    assert lines[1].endswith("Compass not calibrated. Calibrate it.")
    assert "Calibrate" not in lines[0]


def test_a_long_remedy_stands_below_within_the_width():
    lines = told([GOOD, WARNED], 60)
    assert len(lines) > 3
    assert max(len(line) for line in lines) <= 60
    assert lines[2].startswith(" " * lines[1].index("BATT") + "Set")
