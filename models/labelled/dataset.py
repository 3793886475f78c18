"""Data sets for training: split by overlap group, oversampled, written for ultralytics."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from models.labelled.pictures import LabelledPicture
from vision.errors import PantauError

SPLIT = "split.json"
OVERLAP_GROUPS = "overlap_groups.json"


@dataclass(frozen=True)
class Split:
    """Names of the pictures to train on and of those kept for scoring.

    Tiles cut from overlapping photos show the same ground: a split that ignores this leaks.
    """

    train: frozenset[str]
    val: frozenset[str]


def read_split(file: Path) -> Split:
    """Read `{"train": [names], "val": [names]}`; raises PantauError when it is something else."""
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        split = Split(frozenset(content["train"]), frozenset(content["val"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise PantauError(
            f'{file}: cannot be read as a split ({error}); expected {{"train": [names], "val": [names]}}.'
        ) from error
    if split.train & split.val:
        raise PantauError(f"{file}: {len(split.train & split.val)} pictures are in 'train' and in 'val'.")
    return split


def read_groups(file: Path) -> dict[str, int]:
    """Read `{name: group}`: pictures of one group overlap and stay on one side of every split."""
    try:
        return {name: int(group) for name, group in json.loads(file.read_text(encoding="utf-8")).items()}
    except (OSError, ValueError, AttributeError) as error:
        raise PantauError(f"{file}: cannot be read as overlap groups ({error}).") from error


def pictures_of_part(
    folder: Path, pictures: Sequence[LabelledPicture], part: Literal["train", "val", "all"]
) -> list[LabelledPicture]:
    """Those of a folder's pictures that its `split.json` counts to 'train' or to 'val', or all.

    Raises PantauError when a part is asked of a folder without `split.json`, or the part is empty.
    """
    if part == "all":
        return list(pictures)
    if not (folder / SPLIT).is_file():
        raise PantauError(
            f"{folder}: has no {SPLIT}, so that nobody knows its part '{part}'; write one, or ask for all."
        )
    split = read_split(folder / SPLIT)
    names = split.train if part == "train" else split.val
    chosen = [picture for picture in pictures if picture.name in names]
    if not chosen:
        raise PantauError(
            f"{folder / SPLIT}: none of the folder's pictures is in '{part}'; correct the split."
        )
    return chosen


def hold_out_groups(
    pictures: Sequence[LabelledPicture], groups: Mapping[str, int], share: float, seed: int
) -> tuple[list[LabelledPicture], list[LabelledPicture]]:
    """Split pictures in (kept, held out) by whole groups; about `share` of them are held out.

    Stopping and thresholds are chosen on the held-out part, so that the scoring part stays unseen.
    A picture without a group is a group of its own.
    """
    by_group: dict[object, list[LabelledPicture]] = {}
    for picture in pictures:
        by_group.setdefault(groups.get(picture.name, picture.name), []).append(picture)
    order = sorted(by_group, key=str)
    random.Random(seed).shuffle(order)
    kept: list[LabelledPicture] = []
    held_out: list[LabelledPicture] = []
    for group in order:
        (held_out if len(held_out) < share * len(pictures) else kept).extend(by_group[group])
    return kept, held_out


def oversample(pictures: Sequence[LabelledPicture], repeats: Mapping[str, int]) -> list[LabelledPicture]:
    """Repeat each picture as often as its rarest kind asks; pictures of other kinds stay single."""
    return [
        picture
        for picture in pictures
        for _ in range(max((repeats.get(box.kind, 1) for box in picture.boxes), default=1))
    ]


def write_yolo_dataset(
    out: Path, kinds: Sequence[str], parts: Mapping[str, Sequence[LabelledPicture]]
) -> Path:
    """Write images, YOLO label files and `data.yaml` below `out`; returns the path of `data.yaml`.

    `parts` are 'train' and 'val'. Images are linked where the file system allows it, else copied.
    """
    if out.exists():
        shutil.rmtree(out)
    (out / "images").mkdir(parents=True)
    (out / "labels").mkdir()
    for picture in {picture.path: picture for part in parts.values() for picture in part}.values():
        _link_or_copy(picture.path, out / "images" / picture.path.name)
        label_file = out / "labels" / f"{picture.name}.txt"
        label_file.write_text("".join(_yolo_lines(picture, kinds)), encoding="utf-8")
    for part, pictures in parts.items():
        listing = "".join(f"{out.resolve() / 'images' / picture.path.name}\n" for picture in pictures)
        (out / f"{part}.txt").write_text(listing, encoding="utf-8")
    names = "".join(f"  {index}: {kind}\n" for index, kind in enumerate(kinds))
    data = f"path: {out.resolve()}\ntrain: train.txt\nval: val.txt\nnames:\n{names}"
    data_file = out / "data.yaml"
    data_file.write_text(data, encoding="utf-8")
    return data_file


def _link_or_copy(source: Path, target: Path) -> None:
    try:
        target.symlink_to(source.resolve())
    except OSError:
        shutil.copyfile(source, target)


def _yolo_lines(picture: LabelledPicture, kinds: Sequence[str]) -> Iterable[str]:
    for box in picture.boxes:
        left, top, right, bottom = box.xyxy_px
        x, y = (left + right) / 2 / picture.width_px, (top + bottom) / 2 / picture.height_px
        width, height = (right - left) / picture.width_px, (bottom - top) / picture.height_px
        yield f"{kinds.index(box.kind)} {x:.6f} {y:.6f} {width:.6f} {height:.6f}\n"
