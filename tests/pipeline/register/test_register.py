"""The register as a file, and what is read from it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from shapely import LineString

from pipeline.register import Register
from pipeline.register.batches import add_sites, survey_number
from pipeline.register.identity import defect_id, detection_id
from pipeline.sites.site_reading import Site
from vision.errors import PantauError

ROAD = Site("r1", "Jalan Uji", "road", LineString([(106.84, -6.3), (106.85, -6.3)]), width_m=6.0, paved=False)


def defect_row(defect: str, **changes: object) -> dict[str, object]:
    return {
        "id": defect, "kind": "pothole", "severity": "low", "priority": 40.0, "status": "new",
        "lat": -6.3, "lon": 106.84, "sigma_m": 2.0, "length_m": 0.2, "width_m": 0.2, "area_m2": 0.04,
        "score": 0.5, "observation_count": 1, **changes,
    }  # fmt: skip


@pytest.fixture
def register(tmp_path):
    with Register.open(tmp_path / "register.db", create=True) as opened:
        yield opened


def test_a_new_register_is_empty(register):
    assert register.defects() == register.photos() == register.sites() == register.surveys() == []
    assert register.runs() == register.observations() == register.events() == register.proposals() == []


def test_a_closed_register_is_one_file_in_wal_mode(tmp_path):
    path = tmp_path / "new folder" / "register.db"
    with Register.open(path, create=True) as register, register.transaction() as db:
        add_sites(db, [ROAD])
    with Register.open(path, read_only=True) as register:
        assert [site.name for site in register.sites()] == ["Jalan Uji"]
    assert [file.name for file in path.parent.iterdir()] == ["register.db"]
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_a_missing_register_is_said_and_not_made(tmp_path):
    with pytest.raises(PantauError, match=r"register\.db"):
        Register.open(tmp_path / "register.db")
    with pytest.raises(PantauError):
        Register.open(tmp_path / "register.db", create=True, read_only=True)
    assert list(tmp_path.iterdir()) == []


def write_other_database(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE cats (name TEXT)")


@pytest.mark.parametrize(
    "write",
    [
        lambda path: path.write_text("a text", encoding="utf-8"),
        lambda path: path.write_bytes(b""),
        write_other_database,
    ],
    ids=["text", "empty", "other database"],
)
def test_a_file_that_is_not_ours_stays_untouched(tmp_path, write):
    path = tmp_path / "other.db"
    write(path)
    before = path.read_bytes()
    with pytest.raises(PantauError, match=r"other\.db"):
        Register.open(path, create=True)
    assert path.read_bytes() == before
    assert len(list(tmp_path.iterdir())) == 1


def test_a_folder_is_no_register(tmp_path):
    with pytest.raises(PantauError, match="folder"):
        Register.open(tmp_path, create=True)


def test_a_damaged_register_is_said(tmp_path):
    path = tmp_path / "register.db"
    Register.open(path, create=True).close()
    content = bytearray(path.read_bytes())
    content[100:] = b"\xff" * (len(content) - 100)
    path.write_bytes(content)
    with pytest.raises(PantauError, match="damaged"):
        Register.open(path)


def test_a_transaction_happens_whole_or_not_at_all(register):
    with pytest.raises(KeyboardInterrupt), register.transaction() as db:
        survey_number(db, "march", None)
        raise KeyboardInterrupt
    assert register.surveys() == []


def test_a_reader_cannot_write(tmp_path):
    Register.open(tmp_path / "register.db", create=True).close()
    with Register.open(tmp_path / "register.db", read_only=True) as register:
        with pytest.raises((PantauError, sqlite3.OperationalError)):
            register.db.table("surveys").insert({"name": "march", "created_at": "now"})
        assert register.surveys() == []


def test_readers_read_while_somebody_writes(register):
    with register.transaction() as db:
        survey_number(db, "march", None)
        with Register.open(register.path, read_only=True) as reader:
            assert reader.surveys() == []
    assert [survey.name for survey in register.surveys()] == ["march"]


def test_defects_come_by_priority_and_by_filter(register):
    rows = [
        defect_row("D-B", priority=10.0, kind="repair"),
        defect_row("D-A", priority=50.0, status="confirmed"),
        defect_row("D-C", priority=10.0),
    ]
    register.db.table("defects").insert_all(rows)
    assert [defect.id for defect in register.defects()] == ["D-A", "D-B", "D-C"]
    assert [defect.id for defect in register.defects(status="new", kind="pothole")] == ["D-C"]


@pytest.mark.parametrize("name", ["D-7K2M9QXA", "d-7k2m9qxa", "7K2", " D-7K2M "])
def test_a_defect_is_found_by_its_first_letters(register, name):
    register.db.table("defects").insert_all([defect_row("D-7K2M9QXA"), defect_row("D-7KZZZZZZ")])
    assert register.defect(name).id == "D-7K2M9QXA"


@pytest.mark.parametrize(("name", "words"), [("D-7K", "fits 2"), ("D-X", "no defect"), ("", "no defect")])
def test_no_defect_and_several_are_said(register, name, words):
    register.db.table("defects").insert_all([defect_row("D-7K2M9QXA"), defect_row("D-7KZZZZZZ")])
    with pytest.raises(PantauError, match=words):
        register.defect(name)


def test_a_whole_id_that_begins_another_is_not_ambiguous(register):
    register.db.table("defects").insert_all([defect_row("D-7K2M9QXA"), defect_row("D-7K2M9QXA4")])
    assert register.defect("D-7K2M9QXA").id == "D-7K2M9QXA"


def test_sites_come_back_as_they_were(register):
    with register.transaction() as db:
        add_sites(db, [ROAD])
        add_sites(db, [ROAD])
    (site,) = register.sites()
    assert (site.id, site.kind, site.width_m, site.height_m, site.paved) == ("r1", "road", 6.0, None, False)
    assert site.geometry == {"type": "LineString", "coordinates": [[106.84, -6.3], [106.85, -6.3]]}


def test_an_id_that_stands_for_another_place_is_refused(register):
    elsewhere = Site("r1", "Jalan Lain", "road", LineString([(107.5, -6.9), (107.6, -6.9)]), width_m=6.0)
    with register.transaction() as db:
        add_sites(db, [ROAD])
    with pytest.raises(PantauError, match="r1"), register.transaction() as db:
        add_sites(db, [elsewhere])


def test_events_are_append_only(register):
    event = {"at": "now", "actor": "ana", "action": "confirm", "subject": "D-A", "old": "new"}
    register.db.table("events").insert(event)
    for sql in ("UPDATE events SET actor = 'bo'", "DELETE FROM events"):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            register.db.execute(sql)
    assert [event.actor for event in register.events_of("D-A")] == ["ana"]


def test_ids_are_the_same_everywhere_and_never_taken_twice():
    assert detection_id("p", "m", "{}", "pothole", "[]") == detection_id("p", "m", "{}", "pothole", "[]")
    first = defect_id("a detection", ())
    assert first == "D-MT1FXSC9"
    longer = defect_id("a detection", {first})
    assert longer.startswith(first) and len(longer) == len(first) + 1
