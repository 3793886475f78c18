"""Material is made of what may be learnt from, and of nothing else."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from models.labelled.pictures import LabelledBox, LabelledPicture
from models.labelled.reading import read_labelled_folder
from models.training.fine_tuning import TrainingSettings, gather_shown
from models.training.material import MaterialSettings, MaterialSources, build_material, check_sources
from vision.errors import PantauError

SETTINGS = MaterialSettings(
    size_px=256,
    pasted=0.5,
    enlarged=0.5,
    shrunken=0.25,
    windows=0.5,
    background=0.5,
    paved=0.25,
    paved_beside=0.25,
    crop_px=(100, 140),
    canvas_sides=(2,),
)


@pytest.fixture
def learn(tmp_path: Path) -> list[LabelledPicture]:
    """Eight noisy grey tiles, each with a dark pothole."""
    random = np.random.default_rng(0)
    pictures = []
    for number in range(8):
        pixels = np.clip(random.normal(120, 6, (256, 256, 3)), 0, 255).astype(np.uint8)
        pixels[60:100, 80:120] = 60
        path = tmp_path / "above" / "images" / f"tile_{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(path), pixels)
        pictures.append(
            LabelledPicture(path, 256, 256, (LabelledBox("pothole", (80.0, 60.0, 120.0, 100.0)),))
        )
    return pictures


def test_of_nothing_nothing_is_made(tmp_path):
    assert build_material([], MaterialSources(), tmp_path, SETTINGS, {}) == []


def test_the_same_seed_makes_the_same_files(tmp_path, learn):
    sources = MaterialSources(background=(tmp_path / "above",))
    once, again = (build_material(learn, sources, tmp_path / name, SETTINGS, {}) for name in "ab")
    assert {one.name.split("_")[0] for one in once} == {
        "pasted", "enlarged", "shrunken", "window", "background", "paved",
    }  # fmt: skip
    assert [one.boxes for one in once] == [one.boxes for one in again]
    assert [one.path.read_bytes() for one in once] == [one.path.read_bytes() for one in again]
    other = build_material(
        learn, sources, tmp_path / "c", MaterialSettings(**vars(SETTINGS) | {"seed": 1}), {}
    )
    assert [one.boxes for one in once] != [one.boxes for one in other]


def test_material_is_an_ordinary_labelled_folder(tmp_path, learn):
    made = build_material(learn, MaterialSources(), tmp_path, SETTINGS, {})
    read = {one.name: one for one in read_labelled_folder(tmp_path / "material", {"pothole": "pothole"})}
    assert sorted(read) == sorted(one.name for one in made)
    for one in made:
        assert [box.kind for box in read[one.name].boxes] == [box.kind for box in one.boxes]


def test_oblique_pictures_are_neither_pasted_on_nor_shrunken_nor_repeated(tmp_path, learn):
    sources = MaterialSources(oblique=(tmp_path / "above",))
    shown = gather_shown(
        learn, tmp_path, TrainingSettings(material=SETTINGS, repeats={"pothole": 3}), sources
    )
    families = [one.name.split("_")[0] for one in shown]
    assert families.count("tile") == 8 and set(families) == {"tile", "enlarged", "paved"}


def test_without_material_rare_kinds_are_repeated(tmp_path, learn):
    settings = TrainingSettings(material=None, repeats={"pothole": 3})
    assert len(gather_shown(learn, tmp_path, settings, MaterialSources())) == 24


def test_a_background_folder_without_photos_is_the_users_mistake(tmp_path, learn):
    (tmp_path / "empty").mkdir()
    with pytest.raises(PantauError, match="no photos found"):
        check_sources(MaterialSources(background=(tmp_path / "above", tmp_path / "empty")))


def test_a_forward_view_folder_that_is_not_there_is_the_users_mistake(tmp_path):
    check_sources(MaterialSources())
    with pytest.raises(PantauError, match="nowhere"):
        check_sources(MaterialSources(forward_view=tmp_path / "nowhere"))
    for part in ("images", "pothole_masks", "lane_masks"):
        (tmp_path / "forward" / part).mkdir(parents=True)
    (tmp_path / "forward/images/a.jpg").write_bytes(b"")
    with pytest.raises(PantauError, match=r"pothole_masks.a\.png: there is no such mask"):
        check_sources(MaterialSources(forward_view=tmp_path / "forward"))


@pytest.mark.real_data
def test_photos_left_out_give_no_tiles(tmp_path, shared):
    folder = tmp_path / "forward"
    for part in ("images", "pothole_masks", "lane_masks"):
        (folder / part).mkdir(parents=True)
        for file in sorted((shared / "data" / "road-damage" / "forward-view" / part).iterdir())[5:8]:
            (folder / part / file.name).write_bytes(file.read_bytes())
    left_out = sorted((folder / "images").iterdir())[0].stem
    sources = MaterialSources(forward_view=folder, leave_out=frozenset([left_out]))
    made = build_material([], sources, tmp_path, MaterialSettings(views_per_photo=1), {})
    assert made and all(left_out not in one.name for one in made)
    assert {box.kind for one in made for box in one.boxes} == {"pothole"}
