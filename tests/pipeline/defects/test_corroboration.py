"""How many photos of a place saw the defect there."""

from __future__ import annotations

import json

import pytest
from shapely import box
from shapely.geometry import mapping

from pipeline.damage_size import DamageSize
from pipeline.defects.corroboration import weigh_defects
from pipeline.defects.severity import priority_of
from pipeline.register import Register

DEFECT = {
    "kind": "pothole", "severity": "high", "priority": 0.0, "status": "new", "lat": -6.3, "lon": 106.84,
    "sigma_m": 2.0, "length_m": 0.7, "width_m": 0.5, "area_m2": 0.3, "score": 0.8, "observation_count": 1,
}  # fmt: skip
OBSERVATION = {
    "kind": "pothole", "score": 0.8, "lat": -6.3, "lon": 106.84, "sigma_m": 2.0, "sigma_major_m": 2.0,
    "sigma_minor_m": 2.0, "sigma_azimuth_deg": 0.0, "length_m": 0.7, "width_m": 0.5, "area_m2": 0.3,
    "footprint": "{}",
}  # fmt: skip
SHOWS = json.dumps(mapping(box(106.8399, -6.3001, 106.8401, -6.2999)))
ELSEWHERE = json.dumps(mapping(box(106.8409, -6.3001, 106.8411, -6.2999)))


@pytest.fixture
def register(tmp_path):
    """Two surveys; the first has photos a, b, c of the place and d of another; the second has e."""
    with Register.open(tmp_path / "register.db", create=True) as opened, opened.transaction() as db:
        for survey in (1, 2):
            db.table("surveys").insert({"id": survey, "name": str(survey), "created_at": "2026-01-01"})
            run = {"id": survey, "survey": survey, "model": "m", "model_sha256": "0", "settings": "{}"}
            db.table("runs").insert(run | {"version": "0", "state": "done", "started_at": "2026-01-01"})
        for photo, survey, footprint in zip(
            "abcde", (1, 1, 1, 1, 2), (SHOWS,) * 3 + (ELSEWHERE, SHOWS), strict=True
        ):
            row = {"id": photo, "survey": survey, "run": survey, "path": photo, "status": "used"}
            db.table("photos").insert(row | {"footprint": footprint})
        yield opened


def see(register: Register, defect: str, *photos: str, **changes) -> None:
    db = register.db
    db.table("defects").insert(DEFECT | {"id": defect, "observation_count": len(photos)} | changes)
    for photo in photos:
        detection = {"id": f"{defect}{photo}", "photo": photo, "run": 1, "outline_px": "[]"}
        db.table("detections").insert(detection | {"kind": "pothole", "score": 0.8})
        db.table("observations").insert(OBSERVATION | {"detection": f"{defect}{photo}", "defect": defect})


def test_an_empty_register_is_weighed(register):
    weigh_defects(register.db)
    assert register.defects() == []


def test_what_every_photo_saw_comes_before_what_one_saw(register):
    see(register, "D-ALL", "a", "b", "c")
    see(register, "D-ONE", "b")
    weigh_defects(register.db)
    assert [(d.id, d.photo_count) for d in register.defects()] == [("D-ALL", 3), ("D-ONE", 3)]
    assert register.defect("D-ALL").priority == priority_of("pothole", DamageSize(0.7, 0.5, 0.3), 0.8)
    assert register.defect("D-ONE").priority == priority_of("pothole", DamageSize(0.7, 0.5, 0.3), 0.8 / 3)


def test_a_survey_that_did_not_see_it_does_not_count(register):
    see(register, "D-OLD", "a")
    see(register, "D-BOTH", "a", "e")
    weigh_defects(register.db)
    assert register.defect("D-OLD").photo_count == 3
    assert register.defect("D-BOTH").photo_count == 4


def test_what_a_person_confirmed_counts_whole(register):
    see(register, "D-SURE", "a", status="confirmed")
    weigh_defects(register.db)
    assert register.defect("D-SURE").priority == priority_of("pothole", DamageSize(0.7, 0.5, 0.3))


def test_photos_that_saw_it_at_their_edge_count_too(register):
    see(register, "D-EDGE", "a", "d")
    see(register, "D-FAR", "d", lat=-6.31)
    weigh_defects(register.db)
    assert register.defect("D-EDGE").photo_count == 3
    assert register.defect("D-FAR").photo_count == 1


def test_rejected_photos_do_not_speak_against_it(register):
    see(register, "D-ONE", "a")
    row = {"id": "cut", "survey": 1, "path": "cut", "status": "rejected", "reason": "truncated"}
    register.db.table("photos").insert(row | {"footprint": SHOWS})
    weigh_defects(register.db)
    assert register.defect("D-ONE").photo_count == 3
