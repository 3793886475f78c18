"""Older and newer registers."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from sqlite_utils import Database

from pipeline.damage_size import DamageSize
from pipeline.register import Register
from pipeline.register.migrations import create_tables, migrate, pending_migrations
from pipeline.register.schema import MIGRATIONS
from vision.errors import PantauError

NEXT = ("0002_weather", "CREATE TABLE weather (id INTEGER PRIMARY KEY); INSERT INTO weather VALUES (7);")
BROKEN = ("0002_weather", "CREATE TABLE weather (id INTEGER PRIMARY KEY); INSERT INTO nowhere VALUES (7);")


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "register.db"
    with Register.open(path, create=True) as register:
        register.db.table("surveys").insert({"name": "march", "created_at": "now"})
    return path


def test_a_register_of_today_needs_nothing(path):
    with closing(Database(path)) as db:
        assert pending_migrations(db, path) == []
        assert migrate(db, path) is None
    assert [file.name for file in path.parent.iterdir()] == ["register.db"]


def test_names_are_in_order_and_unique():
    names = [name for name, _ in MIGRATIONS]
    assert names == sorted(set(names))
    assert [int(name[:4]) for name in names] == list(range(1, len(names) + 1))


def test_an_older_register_is_backed_up_and_migrated(path):
    with closing(Database(path)) as db:
        backup = migrate(db, path, (*MIGRATIONS, NEXT))
        assert db.execute("SELECT id FROM weather").fetchall() == [(7,)]
        assert pending_migrations(db, path, (*MIGRATIONS, NEXT)) == []
    assert backup is not None and backup.name.startswith("register.db.before-0002_weather")
    with closing(sqlite3.connect(backup)) as connection:
        assert connection.execute("SELECT name FROM surveys").fetchall() == [("march",)]
        assert not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'weather'").fetchall()


def test_a_backup_is_a_register_itself(path):
    with closing(Database(path)) as db:
        backup = migrate(db, path, (*MIGRATIONS, NEXT))
    with Register.open(backup, read_only=True) as register:
        assert [survey.name for survey in register.surveys()] == ["march"]


def test_a_step_that_fails_leaves_the_register_as_it_was(path):
    with closing(Database(path)) as db:
        with pytest.raises(sqlite3.OperationalError):
            migrate(db, path, (*MIGRATIONS, BROKEN))
        assert not db.table("weather").exists()
        assert pending_migrations(db, path, (*MIGRATIONS, NEXT)) == ["0002_weather"]


def test_a_newer_register_is_refused_and_stays_untouched(path):
    with closing(Database(path)) as db:
        migrate(db, path, (*MIGRATIONS, NEXT))
    before = path.read_bytes()
    with pytest.raises(PantauError, match=r"newer version.*0002_weather"):
        Register.open(path)
    assert path.read_bytes() == before


def test_defects_of_a_register_from_before_sizes_were_measured_have_none(tmp_path):
    path = tmp_path / "old.db"
    defect = {
        "id": "D-OLD", "kind": "pothole", "severity": "low", "priority": 1.0, "status": "new", "lat": -6.3,
        "lon": 106.8, "sigma_m": 2.0, "length_m": 0.5, "width_m": 0.4, "area_m2": 0.2, "score": 0.5,
        "observation_count": 1,
    }  # fmt: skip
    with closing(Database(path)) as db:
        create_tables(db, MIGRATIONS[:2])
        db.table("defects").insert(defect)
    with Register.open(path) as register:
        found = register.defect("D-OLD")
    assert (found.outlined, found.crack_width_m, found.diameter_m) == (False, None, None)
    assert found.size == DamageSize(0.5, 0.4, 0.2)
