"""`pantau evaluate`: one document, files beside it, and mistakes that are told before anything is read."""

from __future__ import annotations

import importlib.util
import json
import shutil

import cv2
import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from models.commands import add_commands
from vision.errors import PantauError

APP = typer.Typer()
add_commands(APP)


def run(*arguments: object):
    outcome = CliRunner().invoke(APP, ["evaluate", *(str(argument) for argument in arguments)])
    if outcome.exception is not None:
        raise outcome.exception
    return outcome


@pytest.fixture
def labelled(shared, tmp_path):
    """Six real tiles that are scored, with their labels, and no word on which of them overlap."""
    drone = shared / "data/road-damage/drone"
    names = json.loads((drone / "split.json").read_text(encoding="utf-8"))["val"][:6]
    for part, suffix in (("images", ".jpg"), ("voc", ".xml")):
        (tmp_path / "tiles" / part).mkdir(parents=True)
        for name in names:
            shutil.copyfile(drone / part / (name + suffix), tmp_path / "tiles" / part / (name + suffix))
    return tmp_path / "tiles"


def test_a_folder_without_pictures_is_the_users_mistake(tmp_path):
    with pytest.raises(PantauError, match="no pictures"):
        run("--data", tmp_path)


def test_a_background_without_photos_is_told_before_anything_is_read(tmp_path):
    with pytest.raises(PantauError, match="photos"):
        run("--data", tmp_path / "none", "--background", tmp_path)


def test_places_that_cannot_be_written_are_told_before_anything_is_read(tmp_path):
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    places = {tmp_path: "is a folder", tmp_path / "file/found.json": "cannot be written"}
    for place, reason in places.items():
        for option in ("--predictions", "--sheet"):
            with pytest.raises(PantauError, match=reason):
                run("--data", tmp_path / "none", option, place)


def test_labels_of_a_background_without_its_photos_are_the_users_mistake(tmp_path):
    with pytest.raises(PantauError, match="--background"):
        run("--data", tmp_path, "--background-labels", tmp_path / "background.json")


@pytest.mark.real_data
def test_names_in_a_split_without_a_picture_are_told(labelled):
    name = next((labelled / "images").iterdir()).stem
    split = {"train": ["gone"], "val": [name]}
    (labelled / "split.json").write_text(json.dumps(split), encoding="utf-8")
    document = json.loads(run("--data", labelled, "--json", "-q").stdout)
    assert [remark[:7] for remark in document["remarks"]] == ["1 names", "5 pictu"]


@pytest.mark.real_data
def test_a_part_needs_a_split(labelled):
    with pytest.raises(PantauError, match=r"split\.json"):
        run("--data", labelled, "--split", "val")


@pytest.mark.real_data
def test_evaluate_prints_one_document(labelled, tmp_path):
    photos = tmp_path / "photos"
    photos.mkdir()
    cv2.imwrite(str(photos / "grey.png"), np.full((600, 600, 3), 90, np.uint8))
    files = ["--predictions", tmp_path / "found.json", "--sheet", tmp_path / "sheet.png"]
    options = ["--data", labelled, "--split", "all", "--background", photos]
    document = json.loads(run(*options, *files, "--json", "-q").stdout)
    assert (document["pictures"], document["split"]) == (6, "all")
    assert 0 <= document["map50"] <= 1
    assert set(document["per_kind"]["pothole"]) >= {"boxes", "ap50", "precision", "recall", "f1", "threshold"}
    assert document["intervals"]["drawn"] == "pictures"
    assert len(document["intervals"]["per_kind"]["repair"]["f1"] or (0, 1)) == 2
    assert document["background"]["pictures"] == 1
    assert set(document["errors"]["map50_gain"]) >= {"loose", "wrong_kind", "background", "missed"}
    found = json.loads((tmp_path / "found.json").read_text(encoding="utf-8"))
    assert {one["category_id"] for one in found} <= {category["id"] for category in document["categories"]}
    assert cv2.imread(str(tmp_path / "sheet.png")) is not None


@pytest.mark.real_data
def test_people_are_told_what_the_intervals_are_of(labelled):
    names = sorted(file.stem for file in (labelled / "images").iterdir())
    options = ["--data", labelled, "--split", "all", "-q"]
    (labelled / "voc" / f"{names[0]}.xml").unlink()
    assert "6 single pictures (the folder has no overlap_groups.json" in run(*options).stdout
    groups = {name: number // 2 for number, name in enumerate(names)}
    (labelled / "overlap_groups.json").write_text(json.dumps(groups), encoding="utf-8")
    outcome = run(*options[:-1], "-v")
    assert "1 pictures have no labels and count as showing no damage" in outcome.stderr
    text = outcome.stdout
    assert "draws of 3 overlap groups" in text
    assert "mAP50 without" in text


@pytest.mark.real_data
@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("ultralytics") is None, reason="needs the extra train")
def test_ultralytics_weights_are_scored_alike(labelled, shared):
    weights = shared / "weights/road-damage-yolo11n-512-12epochs.pt"
    document = json.loads(
        run("--data", labelled, "--split", "all", "--model", weights, "--json", "-q").stdout
    )
    assert document["model"] == weights.stem
    assert document["false_alarms"]["per_100_m2"] is None
