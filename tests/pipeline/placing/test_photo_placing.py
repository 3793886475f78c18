"""The way from files to placed photos: what is chosen, and what becomes of each file."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.inspecting.inspection import no_progress
from pipeline.photo import Photo
from pipeline.placing.photo_placing import Placing, place_photos
from vision.errors import PantauError


def test_nothing_chosen_is_nothing_noted():
    assert Placing(logs=(Path("a.gpx"),)).settings() == {}


def test_the_choice_of_ground_and_alignment_is_noted():
    placing = Placing(dem=Path("there/dem.tif"), take_off=(-1.2, 116.8), control_points=Path("there/gcp.txt"))
    assert placing.settings() == {
        "ground": {"dem": "dem.tif", "take_off": (-1.2, 116.8)},
        "alignment": {"align": True, "control_points": "gcp.txt"},
    }
    assert Placing(align=True).settings() == {"alignment": {"align": True}}
    assert Placing(ground_alt_m=0.0).settings() == {"ground": {"ground_alt_m": 0.0}}


@pytest.mark.parametrize("wrong", [{"video_spacing_m": 0.0}, {"video_focal_mm": -28.0}])
def test_lengths_that_cannot_be_are_refused_before_anything_is_read(wrong):
    with pytest.raises(PantauError, match="above 0"):
        Placing(**wrong).check()


def test_no_files_are_no_photos():
    placed = place_photos([], Placing(align=True), {}, no_progress)
    assert (placed.readings, placed.repeated, placed.alignment) == ((), 0, None)


def test_photos_come_with_their_flight_and_each_content_once(dji_photo, tmp_path):
    photo = dji_photo(name="b.jpg")
    (tmp_path / "a.jpg").write_bytes(photo.read_bytes())
    (tmp_path / "c.jpg").write_text("a text", encoding="utf-8")
    placed = place_photos(sorted(tmp_path.glob("*.jpg")), Placing(), {}, no_progress)
    used, refused = placed.readings
    assert isinstance(used, Photo) and used.flight
    assert (used.path.name, refused.path.name, placed.repeated) == ("a.jpg", "c.jpg", 1)


def test_photos_that_are_known_are_not_aligned_again(dji_photo):
    photo = dji_photo()
    once = place_photos([photo], Placing(align=True), {}, no_progress)
    again = place_photos([photo], Placing(align=True), {once.readings[0].id: ""}, no_progress)
    assert once.alignment is not None and again.alignment is None


def test_a_mistake_in_control_points_is_told_before_photos_are_read(tmp_path):
    with pytest.raises(PantauError, match=r"nowhere\.txt"):
        place_photos([tmp_path / "a.jpg"], Placing(control_points=tmp_path / "nowhere.txt"), {}, no_progress)


def test_alignment_without_scipy_names_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.alignment.aligning.find_spec", lambda name: None)
    with pytest.raises(PantauError, match=r"pip install '.\[align\]'"):
        Placing(align=True).check()
    Placing().check()
