"""Batches of photos into a register: a real file, real photos, a detector that sees painted potholes."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from pipeline.defects.review import Decision, decide
from pipeline.inspecting.batch import default_survey_name
from pipeline.inspecting.inspection import InspectionResult, inspect_photos
from pipeline.placing.photo_placing import Placing
from pipeline.register import Register
from pipeline.register.records import DefectRecord
from tests.pipeline.made_videos import flying_north, write_srt, write_video
from tests.pipeline.painted_photos import (
    CAMERAS_M,
    DAY,
    FRAME,
    POTHOLES_M,
    content,
    opened,
    write_photo,
)
from vision.detector import Detections, Picture
from vision.surface.neglect import SURFACE_SETTINGS


def inspected_anew(folder: Path, *batches: list[Path]) -> list[DefectRecord]:
    """The defects of a new register after these batches."""
    with Register.open(folder / f"{next(_numbers)}.db", create=True) as register:
        for batch in batches:
            inspect_photos(register, batch, opened())
        return register.defects()


_numbers = itertools.count()


def test_an_empty_batch_finds_nothing(register):
    assert inspect_photos(register, [], opened()).defects_new == ()
    assert register.surveys() == register.runs() == []


def test_each_pothole_is_one_defect_where_it_is(register, photos):
    result = inspect_photos(register, photos, opened(), survey="march")
    assert (result.photos_used, len(result.defects_new)) == (6, len(POTHOLES_M))
    assert result.observations == result.detections > 2 * len(POTHOLES_M)
    places = FRAME.to_metres(*zip(*[(d.lat, d.lon) for d in register.defects()], strict=True))
    for pothole in POTHOLES_M:
        assert np.hypot(*(places - pothole).T).min() < 0.15
    assert {defect.first_seen[:10] for defect in register.defects()} == {"2025-03-01"}


def test_what_is_read_from_the_register_fits_together(register, photos):
    inspect_photos(register, photos, opened(), survey="march")
    (run,) = register.runs()
    settings = {"thresholds": {"pothole": 0.5}, "views": 1, "surface": SURFACE_SETTINGS}
    assert (run.state, run.survey, run.settings) == ("done", "march", json.loads(json.dumps(settings)))
    assert [photo.path for photo in register.photos("used")] == photos
    for defect in register.defects():
        seen = register.observations_of(defect.id)
        assert len(seen) == defect.observation_count == len({observation.photo for observation in seen})
        assert all(len(observation.outline_px) >= 4 for observation in seen)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(range(len(CAMERAS_M))))
def test_the_order_of_photos_does_not_matter(tmp_path, photos, order):
    assert inspected_anew(tmp_path, [photos[i] for i in order]) == inspected_anew(tmp_path, photos)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=st.sets(st.sampled_from(range(6)), min_size=1), action=st.sampled_from(["confirm", "reject"]))
def test_what_a_person_decided_survives_every_run(tmp_path, photos, first, action):
    with Register.open(tmp_path / f"{next(_numbers)}.db", create=True) as register:
        inspect_photos(register, [photos[i] for i in sorted(first)], opened())
        decided = [defect.id for defect in register.defects()]
        decide(register, decided, Decision(action, "ana"))
        inspect_photos(register, photos, opened())
        expected = {"confirm": "confirmed", "reject": "rejected"}[action]
        assert {register.defect(defect).status for defect in decided} == {expected}
        assert len(register.defects()) == len(POTHOLES_M)


def test_the_same_photos_again_change_nothing(register, photos):
    inspect_photos(register, photos, opened())
    before = content(register)
    again = inspect_photos(register, [*reversed(photos), photos[0]], opened())
    assert (again.survey, again.photos_known, again.photos_repeated) == (None, 6, 1)
    assert content(register) == before


def test_what_is_noticed_when_photos_are_looked_at_is_told(register, photos):
    whiten_a_quarter_of(photos[0])
    assert inspect_photos(register, photos, opened()).remarks["partly_overexposed"] == 1
    assert inspect_photos(register, photos, opened()).remarks == {}


def whiten_a_quarter_of(path: Path) -> None:
    with Image.open(path) as image:
        pixels, exif, xmp = np.array(image), image.getexif(), image.info["xmp"]
    pixels[: len(pixels) // 4] = 255
    Image.fromarray(pixels).save(path, exif=exif, xmp=xmp, quality=92)


def test_photos_that_come_later_join_the_flight_of_those_before(register, photos):
    inspect_photos(register, photos[3:], opened())
    inspect_photos(register, photos, opened())
    flights = {row["flight"] for row in register.db.query("SELECT flight FROM photos")}
    assert len(flights) == 1 and flights != {""}


def test_another_model_leaves_known_photos_as_they_are(register, photos):
    inspect_photos(register, photos, opened())
    before = content(register)
    again = inspect_photos(register, photos, opened(threshold=0.7))
    assert (again.photos_used, again.photos_known, again.photos_of_other_model) == (0, 0, 6)
    assert again.differences == ("thresholds",)
    assert content(register) == before


def test_an_interrupted_run_goes_on_where_it_stopped(tmp_path, register, photos):
    with pytest.raises(KeyboardInterrupt):
        inspect_photos(register, photos, opened(patience=4))
    assert [run.state for run in register.runs()] == ["interrupted"]
    assert (len(register.photos()), register.defects()) == (4, [])
    result = inspect_photos(register, photos, opened())
    assert (result.photos_used, result.photos_known) == (2, 4)
    assert register.defects() == inspected_anew(tmp_path, photos)


def test_a_run_interrupted_before_association_is_completed_by_the_next(register, photos, monkeypatch):
    def interrupt(db: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("pipeline.inspecting.inspection.update_defects", interrupt)
        with pytest.raises(KeyboardInterrupt):
            inspect_photos(register, photos, opened())
    assert [run.state for run in register.runs()] == ["interrupted"]
    assert len(inspect_photos(register, photos, opened()).defects_new) == len(POTHOLES_M)
    assert [run.state for run in register.runs()] == ["done"]


def next_survey(folder: Path, days: int = 92) -> list[Path]:
    """The same road some days later, with another error of the GNSS."""
    then = DAY + timedelta(days=days)
    return [
        write_photo(folder / f"later-{i}.jpg", *at, then + timedelta(seconds=3 * i), gnss_error_m=(0.9, -0.8))
        for i, at in enumerate(CAMERAS_M)
    ]


def test_the_next_survey_sees_the_same_defects_again(tmp_path, register, photos):
    inspect_photos(register, photos, opened(), survey="march")
    before = {defect.id: defect for defect in register.defects()}
    result = inspect_photos(register, next_survey(tmp_path), opened(), survey="june")
    assert (result.defects_new, set(result.defects_seen_again)) == ((), set(before))
    for defect in register.defects():
        assert defect.sigma_m < before[defect.id].sigma_m
        assert (defect.first_seen[:7], defect.last_seen[:7]) == ("2025-03", "2025-06")


def test_a_mended_defect_seen_again_is_proposed_for_reopening_once(tmp_path, register, photos):
    inspect_photos(register, photos, opened(), survey="march")
    mended = register.defects()[0].id
    for action in ("confirm", "repair"):
        decide(register, [mended], Decision(action, "ana"))
    inspect_photos(register, next_survey(tmp_path, days=36525), opened(), survey="a century later")
    assert register.defect(mended).status == "repaired"
    assert [(p.kind, p.subject, p.state) for p in register.proposals()] == [("reopen", mended, "open")]


def test_photos_from_before_the_repair_propose_nothing(tmp_path, register, photos):
    inspect_photos(register, photos[:3], opened(), survey="march")
    mended = [defect.id for defect in register.defects()]
    for action in ("confirm", "repair"):
        decide(register, mended, Decision(action, "ana"))
    inspect_photos(register, photos, opened(), survey="march")
    assert register.proposals() == []


def test_bad_photos_are_rejected_with_their_reasons_and_the_rest_goes_on(tmp_path, register, photos):
    good = photos[0].read_bytes()
    (tmp_path / "cut.jpg").write_bytes(good[: len(good) // 2])
    (tmp_path / "text.jpg").write_text("a text", encoding="utf-8")
    Image.new("RGB", (64, 48)).save(tmp_path / "nowhere.jpg")
    bad = [tmp_path / name for name in ("cut.jpg", "text.jpg", "nowhere.jpg", "missing.jpg")]
    result = inspect_photos(register, [*bad, *photos], opened())
    assert result.photos_used == len(photos)
    assert {photo.path.name: photo.reason for photo in result.photos_rejected} == {
        "cut.jpg": "truncated",
        "text.jpg": "not_an_image",
        "nowhere.jpg": "no_camera",
        "missing.jpg": "not_an_image",
    }
    assert len(register.photos("rejected")) == 4
    before = content(register)
    inspect_photos(register, [*photos, *bad], opened())
    assert content(register) == before


def test_a_moved_photo_is_found_where_it_is(tmp_path, register, photos):
    moving = tmp_path / "moving.jpg"
    moving.write_bytes(photos[0].read_bytes())
    inspect_photos(register, [moving], opened())
    moved = moving.rename(tmp_path / "moved.jpg")
    inspect_photos(register, [moved], opened())
    assert [photo.path.name for photo in register.photos()] == ["moved.jpg"]


def test_the_survey_is_named_by_folder_and_first_day(register, photos):
    result = inspect_photos(register, photos, opened())
    assert result.survey == f"{photos[0].parent.name} 2025-03-01"
    assert default_survey_name([photos[0]], []) == photos[0].parent.name


class FindsNothing:
    kinds = ("pothole",)

    def detect(self, picture: Picture, *, gsd_cm=None, within=None) -> Detections:
        return Detections.none()


def test_frames_of_a_video_are_photos_of_the_run(register, tmp_path):
    video = write_video(tmp_path / "DJI_0001.MP4", frames=60, texture=True)
    write_srt(video, flying_north(7))
    blind = replace(opened(), detector=FindsNothing())
    result = inspect_photos(register, [video], blind, placing=Placing(video_spacing_m=10))
    assert (len(register.photos()), result.photos_used + len(result.photos_rejected)) == (3, 3)
    assert result.photos_used > 0
    again = inspect_photos(register, [video], blind, placing=Placing(video_spacing_m=10))
    assert (again.photos_used, again.photos_known) == (0, result.photos_used)


def test_a_run_notes_that_photos_were_aligned_and_how_well(register, photos):
    plain = inspect_photos(register, photos[:1], opened())
    aligned = inspect_photos(register, photos, opened(), placing=Placing(align=True))
    assert plain.alignment is None
    assert aligned.alignment.aligned + aligned.alignment.kept == len(photos)
    assert ["alignment" in run.settings for run in register.runs()] == [False, True]
    assert inspect_photos(register, photos, opened(), placing=Placing(align=True)).alignment is None


def test_results_count_reasons():
    result = InspectionResult(None, 0, (), 0, 0, 0, (), 0, 0, 0, 0, (), ())
    assert result.rejected_by_reason == {}
