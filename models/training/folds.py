"""Folds: pictures dealt out in parts so that each is scored by a detector that never saw its ground."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence

from models.labelled.dataset import pictures_by_group
from models.labelled.pictures import LabelledPicture
from vision.errors import PantauError

# A vehicle's camera takes a photo every few metres and numbers them; neighbours show the same road.
_NEIGHBOURING_NUMBERS = 4
_NUMBER = re.compile(r"\d+")


def check_folds(
    source: str, pictures: Sequence[LabelledPicture], groups: Mapping[str, int], kind: str, folds: int
) -> None:
    """Raise PantauError when not every fold can get a group of `source` in which `kind` is labelled."""
    by_group = pictures_by_group(pictures, groups).values()
    possible = sum(_boxes_of(group, kind) > 0 for group in by_group)
    if possible < folds:
        remedy = f"give --folds 2 to {possible}, or more data" if possible > 1 else "give more data"
        raise PantauError(
            f"{source}: '{kind}' is labelled in {possible} overlap group{'s' * (possible != 1)}, too few for "
            f"{folds} folds; {remedy}."
        )


def assign_folds(
    pictures: Sequence[LabelledPicture], groups: Mapping[str, int], kind: str, folds: int, seed: int
) -> dict[str, int]:
    """The fold (0 … `folds` − 1) of each picture by its name.

    Groups of overlapping pictures stay whole. Those with most boxes of `kind` are dealt first, each
    to the fold that has fewest of them so far, so that every fold has about as many.
    """
    order = sorted(pictures_by_group(pictures, groups).values(), key=lambda group: group[0].name)
    random.Random(seed).shuffle(order)
    order.sort(key=lambda group: -_boxes_of(group, kind))
    boxes, sizes = [0] * folds, [0] * folds
    fold_of: dict[str, int] = {}
    for group in order:
        emptiest = min(range(folds), key=lambda fold: (boxes[fold], sizes[fold]))
        if not _boxes_of(group, kind):
            emptiest = sizes.index(min(sizes))
        boxes[emptiest] += _boxes_of(group, kind)
        sizes[emptiest] += len(group)
        fold_of |= dict.fromkeys((picture.name for picture in group), emptiest)
    return fold_of


def groups_by_number(names: Sequence[str]) -> dict[str, int]:
    """Groups of photos from a moving vehicle, by the running number that their names begin with.

    Photos whose numbers are hardly apart follow each other on the road and show the same potholes
    twice. A name without a number is a group of its own.
    """
    groups: dict[str, int] = {}
    last: int | None = None
    group = -1
    for name in sorted(names, key=lambda name: (_number(name) or 0, name)):
        number = _number(name)
        if number is None or last is None or number - last > _NEIGHBOURING_NUMBERS:
            group += 1
        groups[name], last = group, number
    return groups


def _number(name: str) -> int | None:
    found = _NUMBER.match(name)
    return int(found.group()) if found else None


def _boxes_of(group: Sequence[LabelledPicture], kind: str) -> int:
    return sum(box.kind == kind for picture in group for box in picture.boxes)
