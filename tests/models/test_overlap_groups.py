"""Pictures of the same ground are found."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.kinds import ROAD_KINDS, labels_of
from models.labelled.overlap_groups import find_groups
from models.labelled.pictures import LabelledPicture
from models.labelled.reading import read_labelled_folder
from models.labelled.texture_agreement import evened_texture, texture_agreement
from vision.disjoint_sets import DisjointSets


def ground(seed: int, side_px: int = 1000) -> np.ndarray:
    """Rough ground with stones, everywhere different."""
    noise = np.random.default_rng(seed)
    rough = sum(
        cv2.resize(noise.normal(0, 12, (side_px // cell, side_px // cell)), (side_px, side_px))
        for cell in (2, 5, 12, 40)
    )
    picture = np.clip(120 + rough, 0, 255).astype(np.uint8)
    for x, y in noise.integers(0, side_px, (150, 2)).tolist():
        cv2.circle(picture, (x, y), int(noise.integers(2, 8)), int(noise.integers(20, 230)), -1)
    return picture


def write(folder: Path, **pictures: np.ndarray) -> list[LabelledPicture]:
    for name, picture in pictures.items():
        cv2.imwrite(str(folder / f"{name}.png"), picture)
    return [
        LabelledPicture(folder / f"{name}.png", p.shape[1], p.shape[0], ()) for name, p in pictures.items()
    ]


def test_no_pictures_have_no_groups():
    assert find_groups([]) == {}


def test_one_picture_is_its_own_group_also_when_nothing_is_to_be_seen(tmp_path):
    blank = np.full((300, 300), 90, np.uint8)
    assert find_groups(write(tmp_path, a=blank)) == {"a": 0}
    assert find_groups(write(tmp_path, a=blank, b=blank)) == {"a": 0, "b": 1}


def test_a_broken_picture_is_its_own_group(tmp_path):
    (tmp_path / "a.png").write_bytes(b"")
    pictures = [LabelledPicture(tmp_path / "a.png", 9, 9, ()), *write(tmp_path, b=ground(1, 300))]
    assert find_groups(pictures) == {"a": 0, "b": 1}


def test_shifted_turned_and_shrunk_views_of_one_ground_belong_together(tmp_path):
    first, second = ground(1), ground(2)
    turned = cv2.warpAffine(first, cv2.getRotationMatrix2D((500, 500), 30, 0.8), (1000, 1000))
    pictures = write(
        tmp_path,
        corner=first[:512, :512],
        elsewhere=second[:512, :512],
        middle=first[250:762, 250:762],
        turned=turned[250:762, 250:762],
        far=first[480:992, 480:992],
    )
    groups = find_groups(pictures)
    assert groups["corner"] == groups["middle"] == groups["turned"] == groups["far"]
    assert groups["elsewhere"] != groups["corner"]


def test_progress_is_told_twice_a_picture(tmp_path):
    told: list[str] = []
    find_groups(write(tmp_path, a=ground(1, 200), b=ground(2, 200)), lambda _, name: told.append(name))
    assert sorted(told) == ["a", "a", "b", "b"]


def test_textures_agree_where_they_show_the_same():
    here, elsewhere = (evened_texture(ground(seed, 300)) for seed in (1, 2))
    shift = np.array([[1.0, 0, -60], [0, 1, 2]])
    moved = np.roll(here, (0, -60), axis=(0, 1))
    assert texture_agreement(here, moved, shift) > 0.95
    assert texture_agreement(here, elsewhere, shift) < 0.3
    assert texture_agreement(here, moved, shift * [1, 1, 9]) == 0


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9))))
def test_what_is_joined_through_others_is_one_set(pairs):
    sets = DisjointSets(10)
    for pair in pairs:
        sets.join(*pair)
    numbers = sets.numbers()
    assert all(numbers[first] == numbers[second] for first, second in pairs)
    assert all(sets.are_joined(a, b) == (numbers[a] == numbers[b]) for a in range(10) for b in range(10))
    assert len(set(numbers)) >= 10 - len(pairs)


@pytest.mark.real_data
@pytest.mark.slow
def test_groups_of_real_tiles_are_found_again(shared):
    """Whole known groups of two and three, so that no tile between two others is missing."""
    folder = shared / "data/road-damage/drone"
    known = json.loads((folder / "overlap_groups.json").read_text(encoding="utf-8"))
    sizes = Counter(known.values())
    pictures = read_labelled_folder(folder, labels_of(ROAD_KINDS))
    some = [picture for picture in pictures if sizes[known[picture.name]] in (2, 3)][:200]
    found = find_groups(some)
    names = [picture.name for picture in some]
    together = [(a, b) for a in names for b in names if a < b and known[a] == known[b]]
    assert np.mean([found[a] == found[b] for a, b in together]) > 0.9
    assert max(Counter(found.values()).values()) < len(names) / 10
