"""What a register keeps of observations' errors, and gives association and fusion of it."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from shapely import box
from sqlite_utils import Database

from pipeline.defects.defect_update import update_defects
from pipeline.geotagging.ground_error import SHARED_CAUSES
from pipeline.geotagging.observation import GroundPoint, Observation
from pipeline.photo import Photo, Pose
from pipeline.register import Register
from pipeline.register.migrations import create_tables
from pipeline.register.rows import observation_row, photo_row
from pipeline.register.schema import MIGRATIONS
from pipeline.register.sightings import neighbours, unassociated
from pipeline.sighting import Sighting
from vision.camera import Camera

PHOTO = Photo(
    "p1", Path("p1.jpg"), datetime(2025, 3, 1, tzinfo=UTC), Camera.centred("FC300S", 4000, 3000, 3000.0),
    Pose(-6.3, 106.84, 30.0, 0.0, -90.0, 0.0), flight="p0",
)  # fmt: skip
SHARED_M = np.arange(2 * len(SHARED_CAUSES)).reshape(2, -1) / 100
SEEN = Observation(
    "p1", "pothole", 0.5, np.zeros((4, 2)), GroundPoint(-6.3, 106.84, 2.0, 1.0, 30.0),
    box(106.84, -6.3, 106.840005, -6.299995), 0.6, 0.4, 0.2, shared_m=SHARED_M,
)  # fmt: skip

FRESH = Sighting(
    "f", "p2", "june", None, "", "pothole", 0.5, -6.3, 106.84, 2.0, 1.0, 30.0, 0.6, 0.4, 0.2, SEEN.footprint
)

Rows = dict[str, dict[str, object]]


def rows_of(photo: Photo, observation: Observation) -> Rows:
    run = {
        "id": 1, "survey": 1, "model": "m", "model_sha256": "", "settings": "{}", "version": "",
        "state": "done", "started_at": "",
    }  # fmt: skip
    detection = {"id": "d1", "photo": "p1", "run": 1, "outline_px": "[]", "kind": "pothole", "score": 0.5}
    return {
        "surveys": {"id": 1, "name": "march", "created_at": ""},
        "runs": run,
        "photos": photo_row(photo, 1, 1, Path(), None, None),
        "detections": detection,
        "observations": observation_row(observation, "d1"),
    }


def write(db: Database, rows: Rows) -> None:
    for table, row in rows.items():
        db.table(table).insert(row)


@pytest.fixture
def register(tmp_path):
    with Register.open(tmp_path / "register.db", create=True) as opened:
        yield opened


def test_an_empty_register_has_no_sightings(register):
    assert unassociated(register.db) == []


def test_what_a_flight_shares_comes_back_from_the_register(register):
    write(register.db, rows_of(PHOTO, SEEN))
    [sighting] = unassociated(register.db)
    assert sighting.flight == "p0"
    assert np.array(sighting.shared_m) == pytest.approx(SHARED_M)
    assert register.photos()[0].flight == "p0"
    assert np.array(register.observations()[0].shared_m) == pytest.approx(SHARED_M)


def test_a_photo_without_a_flight_comes_back_without_one(register):
    write(register.db, rows_of(replace(PHOTO, flight=""), SEEN))
    assert unassociated(register.db)[0].flight == ""


def test_a_defect_keeps_its_error_ellipse(register):
    write(register.db, rows_of(PHOTO, SEEN))
    with register.transaction() as db:
        update_defects(db)
    [defect] = register.defects()
    assert (defect.sigma_major_m, defect.sigma_minor_m, defect.sigma_azimuth_deg) == pytest.approx((2, 1, 30))
    assert defect.sigma_m == pytest.approx(SEEN.position.sigma_m, abs=1e-3)


def test_around_fresh_sightings_lie_whole_defects_with_their_duplicates(register):
    rows = rows_of(PHOTO, SEEN)
    write(register.db, rows)
    with register.transaction() as db:
        update_defects(db)
        [defect] = db.query("SELECT * FROM defects")
        db.table("defects").insert(defect | {"id": "D-TWICE", "duplicate_of": defect["id"]})
        far = {"detection": "d2", "defect": "D-TWICE", "lat": SEEN.position.lat + 0.01}
        db.table("detections").insert(rows["detections"] | {"id": "d2"})
        db.table("observations").insert(rows["observations"] | far)
    [first, second] = neighbours(register.db, [FRESH])
    assert {first.id, second.id} == {"d1", "d2"}
    assert first.defect == second.defect == defect["id"]
    assert neighbours(register.db, [replace(FRESH, lat=FRESH.lat + 1)]) == []


def test_a_survey_from_before_shares_nine_tenths_of_the_variance_of_its_positions(tmp_path):
    rows = rows_of(PHOTO, SEEN)
    del rows["photos"]["flight"], rows["photos"]["read_for"], rows["observations"]["shared_m"]
    with closing(Database(tmp_path / "old.db")) as db:
        create_tables(db, MIGRATIONS[:4])
        write(db, rows)
    with Register.open(tmp_path / "old.db") as register:
        [sighting] = unassociated(register.db)
        assert (register.photos()[0].flight, register.observations()[0].shared_m) == (None, None)
    assert sighting.flight == "survey 1"
    shared_m = np.array(sighting.shared_m)
    assert shared_m @ shared_m.T == pytest.approx(0.9 * PHOTO.pose.sigma_position_m**2 * np.eye(2))
