"""Reviewed findings become a folder that training reads."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest
import typer
from PIL import Image
from typer.testing import CliRunner

from models.kinds import ROAD_KINDS, labels_of
from models.labelled.parts import PartShares, gather_parts
from models.labelled.reading import read_labelled_folder
from pipeline.defects.review import Decision, decide
from pipeline.register import Register
from reports import export_command
from reports.export_formats import TRAINING_FORMATS, ExportFormat
from reports.training_export import TileStyle, TrainingExport, write_training_export
from reports.training_tiles import TOO_NEAR
from vision.errors import PantauError
from vision.tiling import PADDING_GREY

KINDS = labels_of(ROAD_KINDS)
STYLE = TileStyle(512, None)


def export(register: Path, folder: Path, format: ExportFormat = ExportFormat.YOLO) -> TrainingExport:
    with Register.open(register, read_only=True) as opened:
        return write_training_export(opened, format, folder, STYLE)


def test_an_empty_register_has_nothing_to_learn_from(empty_register, tmp_path):
    with pytest.raises(PantauError, match="pantau review"):
        export(empty_register, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_undecided_findings_alone_are_nothing_to_learn_from(copied_register, tmp_path):
    with Register.open(copied_register) as register, register.transaction() as db:
        db.execute("UPDATE defects SET status = 'new'")
    with pytest.raises(PantauError, match="pantau review"):
        export(copied_register, tmp_path / "out")


def test_what_was_decided_and_cannot_be_cut_out_is_said_with_its_reason(copied_register, tmp_path):
    with Register.open(copied_register) as register, register.transaction() as db:
        db.execute("UPDATE photos SET width_px = NULL")
    with pytest.raises(PantauError, match=r"left out because the photo's size .* is not known; decide"):
        export(copied_register, tmp_path / "out")


def test_a_folder_with_something_in_it_is_left_alone(copied_register, tmp_path):
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(PantauError, match="new folder"):
        export(copied_register, tmp_path)


@pytest.mark.parametrize("format", TRAINING_FORMATS)
def test_what_is_exported_is_read_as_training_reads_it(sample_register, tmp_path, format):
    written = export(sample_register, tmp_path / "out", format)
    pictures = read_labelled_folder(tmp_path / "out", KINDS)
    kinds = [box.kind for picture in pictures for box in picture.boxes]
    assert len(pictures) == written.tiles > 0
    assert {kind: kinds.count(kind) for kind in set(kinds)} == written.boxes
    assert {"pothole", "alligator_crack"} <= set(kinds)
    assert any(not picture.boxes for picture in pictures)


def test_labels_lie_on_the_damage(sample_register, tmp_path):
    export(sample_register, tmp_path / "out")
    boxes = [
        (cv2.imread(str(picture.path), cv2.IMREAD_GRAYSCALE), np.array(box.xyxy_px).round().astype(int))
        for picture in read_labelled_folder(tmp_path / "out", KINDS)
        for box in picture.boxes
        if box.kind == "pothole"
    ]
    for grey, (left, top, right, bottom) in boxes:
        assert grey[top:bottom, left:right].mean() < 0.85 * np.median(grey)


def test_undecided_damage_is_painted_over(sample_register, tmp_path):
    """Near the confirmed pothole lies one that nobody decided on."""
    export(sample_register, tmp_path / "out")
    grey = [
        np.abs(cv2.imread(str(file)).astype(int) - PADDING_GREY).max(axis=2) <= 2
        for file in (tmp_path / "out/images").iterdir()
    ]
    assert any(cv2.erode(each.astype(np.uint8), np.ones((15, 15))).any() for each in grey)


def test_a_defects_tiles_are_never_on_both_sides_of_a_split(sample_register, tmp_path):
    export(sample_register, tmp_path / "out")
    groups = json.loads((tmp_path / "out/overlap_groups.json").read_text(encoding="utf-8"))
    with (tmp_path / "out/provenance.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    groups_of: dict[str, set[int]] = {}
    for row in rows:
        for defect in row["defects"].split():
            groups_of.setdefault(defect, set()).add(groups[Path(row["tile"]).stem])
    assert groups_of and all(len(numbers) == 1 for numbers in groups_of.values())
    assert len(set(groups.values())) > 1 and {row["tile"] for row in rows} == {
        file.name for file in (tmp_path / "out/images").iterdir()
    }
    parts = gather_parts([tmp_path / "out"], KINDS, PartShares(val=0.5, held_out=0), tmp_path / "work")
    assert parts.learn and parts.val


def test_tiles_tell_nothing_but_their_pixels(sample_register, tmp_path):
    export(sample_register, tmp_path / "out")
    for file in (tmp_path / "out/images").iterdir():
        with Image.open(file) as picture:
            assert not picture.getexif() and max(picture.size) <= 512
    words = "".join(file.read_text(encoding="utf-8") for file in (tmp_path / "out").glob("*.*"))
    assert "-6.88" not in words and "107.54" not in words and str(tmp_path) not in words


def test_what_cannot_be_cut_is_counted(copied_register, tmp_path):
    with Register.open(copied_register) as register:
        one = register.defects("confirmed", "pothole")[0]
        with register.transaction() as db:
            db.execute(
                "INSERT INTO detections SELECT 'x' || id, photo, run, outline_px, 'repair', 0.3 "
                "FROM detections WHERE id IN (SELECT detection FROM observations WHERE defect = ?)",
                [one.id],
            )
    assert export(copied_register, tmp_path / "out").left_out[TOO_NEAR] == one.observation_count


def test_lost_photos_are_listed_and_make_the_command_fail_softly(copied_register, tmp_path):
    with Register.open(copied_register) as register:
        decide(register, [d.id for d in register.defects("new")], Decision("confirm", "Ana"))
    app = typer.Typer()
    export_command.add_commands(app)
    words = ["-r", str(copied_register), "-f", "coco", "-o", str(tmp_path / "out"), "--json", "-q"]
    outcome = CliRunner().invoke(app, words)
    document = json.loads(outcome.stdout)
    assert outcome.exit_code == 1
    assert [Path(path).name for path in document["lost_photos"]] == ["r1-008.jpg"]
    assert document["tiles"] == len(read_labelled_folder(tmp_path / "out", KINDS))
    shutil.rmtree(copied_register.parent / "photos")
    with pytest.raises(PantauError, match="missing"):
        export(copied_register, tmp_path / "again")
    assert not (tmp_path / "again").exists()
