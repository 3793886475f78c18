"""Data sets for training: split by overlap group, oversampled, written for ultralytics."""

from __future__ import annotations

import json
import random
import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, Literal

from models.labelled.pictures import LabelledPicture
from models.labelled.yolo import label_lines
from models.labelled.yolo_names import write_names
from vision.errors import PantauError

SPLIT = "split.json"
OVERLAP_GROUPS = "overlap_groups.json"
_MOST_HELD_OUT = 1 / 3


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
        content = json.loads(file.read_text(encoding="utf-8-sig"))
        split = Split(_names(content["train"]), _names(content["val"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise PantauError(
            f'{file}: cannot be read as a split ({error}); expected {{"train": [names], "val": [names]}}.'
        ) from error
    if split.train & split.val:
        raise PantauError(
            f"{file}: {len(split.train & split.val)} pictures are in 'train' and in 'val'; "
            "leave each in one of them."
        )
    return split


def _names(content: Any) -> frozenset[str]:
    if not isinstance(content, list):
        raise TypeError(f"{type(content).__name__} instead of a list")
    return frozenset(content)


def split_remarks(split: Split, pictures: Sequence[LabelledPicture]) -> tuple[str, ...]:
    """Where a folder's split and its pictures disagree, in sentences without their full stop."""
    names = {picture.name for picture in pictures}
    counted = (
        (len((split.train | split.val) - names), f"names in {SPLIT} have no labelled picture"),
        (len(names - split.train - split.val), f"pictures are in no part of {SPLIT}"),
    )
    return tuple(f"{count} {what}" for count, what in counted if count)


def read_groups(file: Path) -> dict[str, int]:
    """Read `{name: group}`: pictures of one group overlap and stay on one side of every split."""
    try:
        content = json.loads(file.read_text(encoding="utf-8-sig"))
        return {name: int(group) for name, group in content.items()}
    except (OSError, ValueError, TypeError, AttributeError, OverflowError) as error:
        raise PantauError(
            f'{file}: cannot be read as overlap groups ({error}); expected {{"name": number of its group}}.'
        ) from error


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
            f"{folder}: has no {SPLIT}, so that nobody knows its part '{part}'; write one, or take "
            "all of the folder by --split all."
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
    Groups that would make it more than a third, as one of a whole survey, are kept. A picture without a
    group is a group of its own.
    """
    kept: list[LabelledPicture] = []
    held_out: list[LabelledPicture] = []
    wanted, most = share * len(pictures), max(share, _MOST_HELD_OUT) * len(pictures)
    for group in _shuffled_groups(pictures, groups, seed):
        is_wanted = len(held_out) < wanted and len(held_out) + len(group) <= most
        (held_out if is_wanted else kept).extend(group)
    return kept, held_out


def split_by_group(
    pictures: Sequence[LabelledPicture], groups: Mapping[str, int], val_share: float, seed: int
) -> Split:
    """Split pictures by whole groups; at most `val_share` of them are for scoring.

    Groups that are larger than what is still wanted are trained on. A picture without a group is a
    group of its own.
    """
    val: list[str] = []
    for group in _shuffled_groups(pictures, groups, seed):
        if len(val) + len(group) <= val_share * len(pictures):
            val += [picture.name for picture in group]
    return Split(frozenset(picture.name for picture in pictures) - frozenset(val), frozenset(val))


def pictures_by_group(
    pictures: Sequence[LabelledPicture], groups: Mapping[str, int]
) -> dict[int | str, list[LabelledPicture]]:
    """The pictures of each overlap group; one without a group is a group of its own, by its name."""
    by_group: dict[int | str, list[LabelledPicture]] = {}
    for picture in pictures:
        by_group.setdefault(groups.get(picture.name, picture.name), []).append(picture)
    return by_group


def _shuffled_groups(
    pictures: Sequence[LabelledPicture], groups: Mapping[str, int], seed: int
) -> list[list[LabelledPicture]]:
    by_group = pictures_by_group(pictures, groups)
    order = sorted(by_group, key=str)
    random.Random(seed).shuffle(order)
    return [by_group[group] for group in order]


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

    `parts` are 'train' and 'val'. Images are copied: ultralytics writes JPEGs anew whose last bytes it
    thinks wrong, and its older versions do so through links. Of pictures with one name, as two folders
    may hold them, the later ones get a number behind it.
    """
    if out.exists():
        shutil.rmtree(out)
    (out / "images").mkdir(parents=True)
    (out / "labels").mkdir()
    stems = _stems([picture for part in parts.values() for picture in part])
    for picture, stem in stems.items():
        shutil.copyfile(picture.path, _image_file(out, picture, stem))
        lines = "".join(label_lines(picture, kinds))
        (out / "labels" / f"{stem}.txt").write_text(lines, encoding="utf-8")
    for part, pictures in parts.items():
        files = [_image_file(out.resolve(), picture, stems[picture]) for picture in pictures]
        (out / f"{part}.txt").write_text("".join(f"{file}\n" for file in files), encoding="utf-8")
    data_file = out / "data.yaml"
    # A path may hold what means something in YAML; JSON's quotes are YAML's too.
    path = json.dumps(str(out.resolve()), ensure_ascii=False)
    head = f"path: {path}\ntrain: train.txt\nval: val.txt\n"
    data_file.write_text(head + write_names(kinds), encoding="utf-8")
    return data_file


def _stems(pictures: Sequence[LabelledPicture]) -> dict[LabelledPicture, str]:
    """A file name without suffix for each picture, no two of them alike where case does not count."""
    met: Counter[str] = Counter()
    stems: dict[LabelledPicture, str] = {}
    taken = {picture.name.casefold() for picture in pictures}
    for picture in dict.fromkeys(pictures):
        stem, name = picture.name, picture.name.casefold()
        if met[name]:
            number = next(n for n in count(met[name] + 1) if f"{name}-{n}" not in taken)
            stem = f"{stem}-{number}"
            taken.add(stem.casefold())
        met[name] += 1
        stems[picture] = stem
    return stems


def _image_file(out: Path, picture: LabelledPicture, stem: str) -> Path:
    return out / "images" / (stem + picture.path.suffix)
