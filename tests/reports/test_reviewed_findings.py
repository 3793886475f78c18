"""What decisions say of detections."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from pipeline.defects.review import Decision, decide
from pipeline.register import Register
from reports.reviewed_findings import original_of, read_findings


@pytest.fixture
def register(copied_register: Path):
    with Register.open(copied_register) as opened:
        yield opened


def findings_of(register: Register, defect: str):
    return [each for found in read_findings(register).values() for each in found if each.defect == defect]


def defect_of(register: Register, status: str, kind: str) -> str:
    return register.defects(status, kind)[0].id


def test_an_empty_register_has_no_findings(empty_register):
    with Register.open(empty_register, read_only=True) as opened:
        assert read_findings(opened) == {}


def test_states_decide(register):
    by_state = {defect.id: defect.status for defect in register.defects()}
    decided = Counter(
        (by_state[each.defect], each.kind is not None)
        for found in read_findings(register).values()
        for each in found
        if each.is_decided and each.defect
    )
    assert {state for state, is_damage in decided if is_damage} == {"confirmed", "assigned"}
    assert {state for state, is_damage in decided if not is_damage} == {"rejected"}


def test_a_detection_of_no_defect_is_undecided(register):
    with register.transaction() as db:
        db.execute("UPDATE observations SET defect = NULL")
    findings = [each for found in read_findings(register).values() for each in found]
    assert findings and not any(each.is_decided for each in findings)


def test_a_duplicate_counts_as_its_original(register):
    duplicate = register.defects("duplicate")[0]
    defects = {defect.id: defect for defect in register.defects()}
    original = original_of(duplicate.id, defects)
    assert original is not None and original.id == duplicate.duplicate_of
    decide(register, [original.id], Decision("confirm", "Ana"))
    assert len(findings_of(register, original.id)) > original.observation_count
    assert all(each.is_decided for each in findings_of(register, original.id))


def test_of_a_mended_defect_only_photos_from_before_its_repair_tell(register):
    defect = defect_of(register, "confirmed", "pothole")
    decide(register, [defect], Decision("repair", "Ana"))
    for taken_at, kind in (("2020-01-01", "pothole"), ("2090-01-01", None), (None, None)):
        with register.transaction() as db:
            db.execute("UPDATE photos SET taken_at = ?", [taken_at])
        assert {(each.kind, each.is_decided) for each in findings_of(register, defect)} == {
            (kind, bool(kind))
        }


@pytest.mark.parametrize(
    ("seen_as", "decided", "learnt_as"),
    [
        ("transverse_crack", "longitudinal_crack", "transverse_crack"),
        ("alligator_crack", "longitudinal_crack", None),
        ("longitudinal_crack", "alligator_crack", "alligator_crack"),
        ("pothole", "pothole", "pothole"),
    ],
)
def test_a_crack_is_named_by_its_direction_in_the_picture(register, seen_as, decided, learnt_as):
    defect = defect_of(register, "confirmed", "pothole")
    with register.transaction() as db:
        db.execute("UPDATE defects SET kind = ? WHERE id = ?", [decided, defect])
        db.execute("UPDATE detections SET kind = ?", [seen_as])
    assert {each.kind for each in findings_of(register, defect)} == {learnt_as}
