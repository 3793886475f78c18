"""Training material made of what is at hand: other views, places and scales of labelled damage.

Everything is made of pictures to learn from and of photos given for it, by a seed; the same input
gives the same files.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import numpy as np

from models.labelled.labelled_folder import files_below
from models.labelled.pictures import PICTURE_SUFFIXES, LabelledPicture
from models.training.forward_view import (
    POTHOLE,
    RoadView,
    Tile,
    find_forward_photos,
    pothole_tiles,
    read_forward_photo,
    road_view,
)
from models.training.material_folder import picture_seed, read_pixels, write_labelled
from models.training.pasting import (
    PotholePatch,
    grouped_by_look,
    paste,
    patches_of_boxes,
    patches_of_view,
    resized,
)
from models.training.paving import paved_beside, paving
from models.training.road_plane import ForwardCamera
from models.training.scales import (
    background_windows,
    enlarged_crop,
    is_seen_when_shrunken,
    shrunken_canvas,
    window_without_damage,
)
from vision.errors import PantauError

MATERIAL = "material"

Advance = Callable[[int, str], None]


@dataclass(frozen=True)
class MaterialSources:
    """What else training material is made of.

    `forward_view` is a folder of forward-looking photos with masks of potholes and of the lane.
    `background` are folders of photos without damage. `oblique` are those of the labelled folders
    whose pictures do not look straight down: nothing is pasted on them, and they are not shrunk.
    `leave_out` names forward-looking photos that are not used.
    """

    forward_view: Path | None = None
    background: tuple[Path, ...] = ()
    oblique: tuple[Path, ...] = ()
    leave_out: frozenset[str] = frozenset()


@dataclass(frozen=True)
class MaterialSettings:
    """How much is made, in shares of the number of pictures to learn from, and at which scales.

    `gsd_cm` are the ground resolutions of tiles made of forward-looking photos, those of the drone's
    own tiles; `views_per_photo` tiles are made of each photo. `pasted` tiles get one to three potholes
    more. `enlarged` crops and `shrunken` canvases show damage at other scales (`crop_px` of a tile,
    and `canvas_sides`² tiles on one); `windows` of tiles and `background` photos show no damage, nor do
    `paved` ones, all of paving stones; `paved_beside` tiles get a paved strip where they show no damage.
    """

    size_px: int = 512
    seed: int = 0
    gsd_cm: tuple[float, float] = (0.6, 1.7)
    views_per_photo: int = 2
    pasted: float = 0.2
    enlarged: float = 0.12
    shrunken: float = 0.06
    windows: float = 0.06
    background: float = 0.25
    paved: float = 0.03
    paved_beside: float = 0.12
    crop_px: tuple[int, int] = (170, 340)
    canvas_sides: tuple[int, ...] = (2, 2, 3)
    background_px: tuple[int, ...] = (256, 384, 512, 768, 1024)
    camera: ForwardCamera = field(default_factory=ForwardCamera)


def check_sources(sources: MaterialSources) -> None:
    """Raise PantauError when a folder of photos is not there, or is not laid out as it should be."""
    if sources.forward_view is not None:
        find_forward_photos(sources.forward_view)
    for folder in sources.background:
        _photos_in(folder)


def build_material(
    learn: Sequence[LabelledPicture],
    sources: MaterialSources,
    work: Path,
    settings: MaterialSettings,
    repeats: Mapping[str, int],
    advance: Advance = lambda steps, detail: None,
) -> list[LabelledPicture]:
    """Make training material and write it as a labelled folder (Pascal VOC) to `work/material`.

    `learn` are the pictures that may be learnt from; no others are touched, so that nothing of what is
    held out or scored on gets into the material. `repeats` says how much more often crops show a rare
    kind. `advance(1, name)` is called after each picture.

    Raises PantauError when a folder or a picture cannot be read.
    """
    folder = work / MATERIAL
    if folder.exists():
        shutil.rmtree(folder)
    maker = _Maker(list(learn), sources, settings, dict(repeats))
    made = []
    for name, tile in maker.tiles():
        made.append(write_labelled(folder, name, tile.pixels, tile.boxes))
        advance(1, name)
    return made


@dataclass(frozen=True)
class _Maker:
    """The pictures to learn from and all settings; yields named tiles."""

    learn: list[LabelledPicture]
    sources: MaterialSources
    settings: MaterialSettings
    repeats: dict[str, int]

    def tiles(self) -> Iterator[tuple[str, Tile]]:
        forward_patches: list[PotholePatch] = []
        for name, view in self._road_views():
            forward_patches += patches_of_view(view)
            random = picture_seed(self.settings.seed, "forward tile", name)
            for tile in pothole_tiles(view, self.settings.size_px, 1, random):
                yield f"forward_{name}", tile
        for family, tiles in (
            ("pasted", self._pasted(forward_patches)),
            ("enlarged", self._enlarged()),
            ("shrunken", self._shrunken()),
            ("window", self._windows()),
            ("background", self._background()),
            ("paved", self._paved()),
            ("paved_beside", self._paved_beside()),
        ):
            for index, tile in enumerate(tiles):
                yield f"{family}_{index:04d}", tile

    def _road_views(self) -> Iterator[tuple[str, RoadView]]:
        if self.sources.forward_view is None:
            return
        for file in find_forward_photos(self.sources.forward_view):
            is_used = file.stem not in self.sources.leave_out
            photo = read_forward_photo(file, self.settings.camera) if is_used else None
            if photo is None:
                continue
            for number in range(self.settings.views_per_photo):
                name = f"{file.stem}_{number}"
                finest, coarsest = np.log(self.settings.gsd_cm)
                random = picture_seed(self.settings.seed, "view", name)
                yield name, road_view(photo, float(np.exp(random.uniform(finest, coarsest))))

    def _pasted(self, forward: list[PotholePatch]) -> Iterator[Tile]:
        random = self._random("pasted")
        families = [[[patch] for patch in forward], grouped_by_look(self._labelled_patches())]
        families = [family for family in families if family]
        targets = self._seen_from_above() if families else []

        def pasted() -> Iterator[Tile]:
            for index in random.permutation(len(targets)):
                tile = _read_tile(targets[index])
                patches = [_any_patch(families, random) for _ in range(int(random.integers(1, 4)))]
                changed = paste(tile, patches, random)
                if changed is not tile:
                    yield changed

        return islice(pasted(), self._count(self.settings.pasted))

    def _labelled_patches(self) -> list[PotholePatch]:
        """Potholes cut out of tiles, and of the lower halves of oblique pictures, which look down most."""
        patches: list[PotholePatch] = []
        for picture in self.learn:
            if any(box.kind == POTHOLE for box in picture.boxes):
                highest_px = picture.height_px / 2 if self._is_oblique(picture) else 0
                patches += patches_of_boxes(read_pixels(picture.path), picture.boxes, highest_px)
        return patches

    def _enlarged(self) -> Iterator[Tile]:
        random = self._random("enlarged")
        weights = np.array([self._weight(picture) for picture in self.learn], dtype=float)
        for _ in range(self._count(self.settings.enlarged) if weights.any() else 0):
            picture = self.learn[int(random.choice(len(self.learn), p=weights / weights.sum()))]
            crop_px = min(int(random.integers(*self.settings.crop_px)), picture.width_px, picture.height_px)
            crop = enlarged_crop(_read_tile(picture), crop_px, self.settings.size_px, random)
            if crop is not None:
                yield crop

    def _shrunken(self) -> Iterator[Tile]:
        random, size_px = self._random("shrunken"), self.settings.size_px
        for _ in range(self._count(self.settings.shrunken)):
            per_side = int(random.choice(self.settings.canvas_sides))
            candidates = [
                picture
                for picture in self._seen_from_above()
                if is_seen_when_shrunken(picture, per_side, size_px)
            ]
            if len(candidates) >= per_side**2:
                chosen = random.choice(len(candidates), per_side**2, replace=False)
                yield shrunken_canvas([_read_tile(candidates[one]) for one in chosen], per_side, size_px)

    def _windows(self) -> Iterator[Tile]:
        random = self._random("windows")
        pictures = self._seen_from_above()

        def windows() -> Iterator[Tile]:
            for index in random.permutation(len(pictures)):
                picture = pictures[index]
                crop_px = min(
                    int(random.integers(*self.settings.crop_px)), picture.width_px, picture.height_px
                )
                window = window_without_damage(_read_tile(picture), crop_px, self.settings.size_px, random)
                if window is not None:
                    yield window

        return islice(windows(), self._count(self.settings.windows))

    def _background(self) -> Iterator[Tile]:
        photos = [photo for folder in self.sources.background for photo in _photos_in(folder)]
        for photo in photos:
            random = picture_seed(self.settings.seed, "background", photo.name)
            count = -(-self._count(self.settings.background) // len(photos))
            yield from background_windows(
                read_pixels(photo), self.settings.background_px, self.settings.size_px, count, random
            )

    def _paved(self) -> Iterator[Tile]:
        random = self._random("paved")
        for _ in range(self._count(self.settings.paved)):
            yield Tile(paving(self.settings.size_px, random), ())

    def _paved_beside(self) -> Iterator[Tile]:
        random = self._random("paved beside")
        pictures = self._seen_from_above()
        for index in random.permutation(len(pictures))[: self._count(self.settings.paved_beside)]:
            tile = paved_beside(_read_tile(pictures[index]), random)
            if tile is not None:
                yield tile

    def _seen_from_above(self) -> list[LabelledPicture]:
        return [picture for picture in self.learn if not self._is_oblique(picture)]

    def _is_oblique(self, picture: LabelledPicture) -> bool:
        return is_oblique(picture, self.sources)

    def _weight(self, picture: LabelledPicture) -> int:
        """How much more often than others a picture is cropped; without boxes there is nothing to crop."""
        return max((self.repeats.get(box.kind, 1) for box in picture.boxes), default=0)

    def _count(self, share: float) -> int:
        return round(share * len(self.learn))

    def _random(self, purpose: str) -> np.random.Generator:
        return picture_seed(self.settings.seed, purpose)


def is_oblique(picture: LabelledPicture, sources: MaterialSources) -> bool:
    """Whether a picture lies in one of the folders whose pictures do not look straight down."""
    path = picture.path.resolve()
    return any(path.is_relative_to(folder.resolve()) for folder in sources.oblique)


def _read_tile(picture: LabelledPicture) -> Tile:
    return Tile(read_pixels(picture.path), picture.boxes)


def _any_patch(
    families: Sequence[Sequence[Sequence[PotholePatch]]], random: np.random.Generator
) -> PotholePatch:
    """A pothole of any family (from forward views, from labelled boxes), up to a third larger or smaller.

    Families are as likely as each other, and so are the potholes of one, however often each was seen.
    """
    family = families[int(random.integers(len(families)))]
    pothole = family[int(random.integers(len(family)))]
    patch = pothole[int(random.integers(len(pothole)))]
    return resized(patch, float(np.exp(random.uniform(-0.3, 0.3))), random)


def _photos_in(folder: Path) -> list[Path]:
    photos = files_below([folder], PICTURE_SUFFIXES)
    if not photos:
        raise PantauError(f"{folder}: no photos found; give a folder of photos without damage.")
    return photos
