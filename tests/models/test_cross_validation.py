"""Every picture is read once, by a detector that never saw its group."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from models.labelled.pictures import LabelledBox, LabelledPicture
from models.training.cross_validation import CrossValidationSettings, FoldedSource, read_folds
from models.training.fine_tuning import TrainingSettings
from models.training.material import MaterialSources
from vision.errors import PantauError

SETTINGS = CrossValidationSettings(
    folds=2, training=TrainingSettings(epochs=1, imgsz_px=64, batch=4, material=None, repeats={})
)


@pytest.fixture
def source(tmp_path: Path) -> FoldedSource:
    """Twelve grey pictures, two of each group, each with a dark pothole."""
    pictures = []
    for number in range(12):
        pixels = np.full((64, 64, 3), 120, dtype=np.uint8)
        pixels[20:40, 20:40] = 40
        path = tmp_path / f"tile_{number:02d}.png"
        cv2.imwrite(str(path), pixels)
        pictures.append(LabelledPicture(path, 64, 64, (LabelledBox("pothole", (20.0, 20.0, 40.0, 40.0)),)))
    return FoldedSource("tiles", pictures, {one.name: number // 2 for number, one in enumerate(pictures)})


@pytest.mark.slow
def test_each_fold_reads_what_it_never_saw_and_is_kept(tmp_path, source):
    ultralytics = pytest.importorskip("ultralytics")
    start, work = tmp_path / "start.pt", tmp_path / "folds"
    ultralytics.YOLO("yolo11n.yaml").save(start)
    folds = read_folds([source], MaterialSources(), start, work, SETTINGS)
    read = [one.picture.name for fold in folds for one in fold.by_source["tiles"]]
    assert sorted(read) == [one.name for one in source.pictures]
    for fold in folds:
        unseen = {one.picture.name for one in fold.by_source["tiles"]}
        assert len({source.groups[name] for name in unseen}) == 3 and len(unseen) == 6
    # What was read once is not read again: the start, no weights any more, is not even opened.
    start.write_bytes(b"")
    again = read_folds([source], MaterialSources(), start, work, SETTINGS)
    assert [len(one.found) for fold in again for one in fold.by_source["tiles"]] == [
        len(one.found) for fold in folds for one in fold.by_source["tiles"]
    ]
    with pytest.raises(PantauError, match="begun with other settings and other pictures"):
        read_folds([source], MaterialSources(), start, work, replace(SETTINGS, folds=3))


def test_more_folds_than_groups_are_refused_before_anything_is_written(tmp_path, source):
    with pytest.raises(PantauError, match="6 overlap groups"):
        read_folds(
            [source], MaterialSources(), tmp_path / "none.pt", tmp_path / "w", replace(SETTINGS, folds=7)
        )
    assert not (tmp_path / "w").exists()
