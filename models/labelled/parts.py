"""The parts of a data set out of any number of folders: to learn from, to choose on, to score on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from models.labelled.dataset import (
    OVERLAP_GROUPS,
    SPLIT,
    Split,
    hold_out_groups,
    read_groups,
    read_split,
    split_by_group,
    split_remarks,
)
from models.labelled.overlap_groups import find_groups
from models.labelled.pictures import LabelledPicture
from models.labelled.reading import LabelledFolder, open_labelled_folder
from vision.decoding import Undecodable, decode_picture
from vision.errors import PantauError
from vision.whole_file import write_whole

Advance = Callable[[int, str], None]
Pictures = tuple[LabelledPicture, ...]


@dataclass(frozen=True)
class PartShares:
    """How much is kept from learning, always by whole overlap groups.

    `val` of a folder without `split.json` is for scoring; `held_out` of what is left chooses the best
    epoch and the thresholds.
    """

    val: float = 0.2
    held_out: float = 0.08
    seed: int = 0


@dataclass(frozen=True)
class DataParts:
    """Pictures to learn from, to choose the best epoch and thresholds on, and to score on.

    No ground is in two of them, as far as `split.json` and overlap groups tell. `remarks` are
    sentences without full stop on what was met in the folders. `groups` are the overlap groups by
    name of all pictures whose folders have some.
    """

    learn: Pictures
    held_out: Pictures
    val: Pictures
    remarks: tuple[str, ...] = ()
    groups: Mapping[str, int] = field(default_factory=dict)


def gather_parts(
    folders: Sequence[Path],
    kind_of_label: Mapping[str, str],
    shares: PartShares,
    work: Path,
    advance: Advance = lambda steps, detail: None,
    train_only: Sequence[Path] = (),
) -> DataParts:
    """Read labelled folders in any format and share their pictures out.

    A folder's `split.json` decides, else whole overlap groups do: those of its `overlap_groups.json`,
    or groups that are found by comparing its pictures, which `advance(1, name)` follows. Groups that
    were found are kept below `work`. Of the folders `train_only` everything is learnt from, except
    what a `split.json` counts to 'val'. A copy of a picture that is kept from learning is left out.

    Raises PantauError when a folder or a picture cannot be read, or nothing is left to learn from.
    """
    # What is wrong with any folder is told before the pictures of one are compared for minutes.
    shared_out = [_opened(folder, kind_of_label) for folder in folders]
    to_learn = [_opened(folder, kind_of_label) for folder in train_only]
    parts = [_shared_out(source, shares, work, advance) for source in shared_out]
    parts += [_all_to_learn(source) for source in to_learn]
    joined = DataParts(
        tuple(picture for part in parts for picture in part.learn),
        tuple(picture for part in parts for picture in part.held_out),
        tuple(picture for part in parts for picture in part.val),
        tuple(remark for part in parts for remark in part.remarks),
        _numbered_apart([part.groups for part in parts]),
    )
    if not joined.learn:
        names = ", ".join(map(str, [*folders, *train_only]))
        raise PantauError(f"{names}: no picture is left to learn from; give more data, or another split.")
    return _without_copies(joined, advance)


def groups_of(
    folder: Path,
    pictures: Sequence[LabelledPicture],
    work: Path,
    advance: Advance = lambda steps, detail: None,
) -> dict[str, int]:
    """The overlap groups of a folder: its own file's, else found, and kept below `work` for the next time."""
    if (folder / OVERLAP_GROUPS).is_file():
        return read_groups(folder / OVERLAP_GROUPS)
    kept = work / "overlap_groups" / f"{folder.resolve().name}-{_fingerprint(pictures)}.json"
    if kept.is_file():
        return read_groups(kept)
    groups = find_groups(pictures, advance)
    write_whole(kept, json.dumps(groups, indent=0))
    return groups


@dataclass(frozen=True)
class _Source:
    """A labelled folder as it was read, with its own split where it has one."""

    folder: Path
    content: LabelledFolder
    split: Split | None

    @property
    def remarks(self) -> tuple[str, ...]:
        of_split = split_remarks(self.split, self.content.pictures) if self.split else ()
        return tuple(f"{self.folder}: {remark}" for remark in (*self.content.remarks, *of_split))


def _opened(folder: Path, kind_of_label: Mapping[str, str]) -> _Source:
    content = open_labelled_folder(folder, kind_of_label)
    return _Source(folder, content, read_split(folder / SPLIT) if (folder / SPLIT).is_file() else None)


def _shared_out(source: _Source, shares: PartShares, work: Path, advance: Advance) -> DataParts:
    pictures = source.content.pictures
    groups = groups_of(source.folder, pictures, work, advance)
    split = source.split or split_by_group(pictures, groups, shares.val, shares.seed)
    train = [picture for picture in pictures if picture.name in split.train]
    val = tuple(picture for picture in pictures if picture.name in split.val)
    learn, held_out = hold_out_groups(train, groups, shares.held_out, shares.seed)
    return DataParts(tuple(learn), tuple(held_out), val, source.remarks, groups)


def _all_to_learn(source: _Source) -> DataParts:
    split = source.split
    learn = tuple(one for one in source.content.pictures if split is None or one.name in split.train)
    return DataParts(learn, (), (), source.remarks)


def _numbered_apart(folders: Sequence[Mapping[str, int]]) -> dict[str, int]:
    """The groups of several folders, numbered so that those of two folders are never one."""
    numbers: dict[tuple[int, int], int] = {}
    return {
        name: numbers.setdefault((folder, group), len(numbers))
        for folder, groups in enumerate(folders)
        for name, group in groups.items()
    }


def _without_copies(parts: DataParts, advance: Advance) -> DataParts:
    """Leave copies of pictures to score on out of the other parts, and such of held-out ones out of `learn`.

    Two folders may hold the same picture, as two exports of one register do.
    """
    content = {}
    for picture in (*parts.learn, *parts.held_out, *parts.val):
        content[picture.path] = _content_of(picture)
        advance(1, picture.name)
    of_val = {content[picture.path] for picture in parts.val}
    held_out = tuple(picture for picture in parts.held_out if content[picture.path] not in of_val)
    kept_away = of_val | {content[picture.path] for picture in held_out}
    learn = tuple(picture for picture in parts.learn if content[picture.path] not in kept_away)
    copies = len(parts.learn) - len(learn) + len(parts.held_out) - len(held_out)
    remark = f"{copies} pictures left out that are copies of pictures kept from learning"
    remarks = (*parts.remarks, remark) if copies else parts.remarks
    return DataParts(learn, held_out, parts.val, remarks, parts.groups)


def _content_of(picture: LabelledPicture) -> str:
    """The SHA-256 of a picture's file; PantauError unless it can be decoded: known before the training."""
    content = picture.path.read_bytes()
    pixels = decode_picture(content)
    if isinstance(pixels, Undecodable):
        raise PantauError(
            f"{picture.path}: cannot be learnt from or scored on, {pixels.detail}; replace the file or take "
            "it out."
        )
    return hashlib.sha256(content).hexdigest()


def _fingerprint(pictures: Sequence[LabelledPicture]) -> str:
    """Changes when a picture comes, goes or changes."""
    lines = []
    for path in sorted(picture.path for picture in pictures):
        stat = path.stat()
        lines.append(f"{path.name} {stat.st_size} {stat.st_mtime_ns}\n")
    return hashlib.sha256("".join(lines).encode("utf-8")).hexdigest()[:16]
