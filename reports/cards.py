"""What the card of a defect shows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.register.records import DefectRecord, ObservationRecord, PhotoRecord, SiteRecord
from reports.contents import Contents
from reports.crops import Crop, CropOrder
from reports.kind_looks import look_of
from reports.texts import Language

_CROPS_PER_DEFECT = 4
# Names of our own pictures; anything else in the folder is not ours to remove.
CROP_NAME = re.compile(r"defect-[\w-]+-[1-9]\.jpg")


@dataclass(frozen=True)
class View:
    """One look at a defect: the observation, its photo, and the crop if one was cut."""

    observation: ObservationRecord
    photo: PhotoRecord
    crop: Crop | None


@dataclass(frozen=True)
class Card:
    """A defect with its place in the list, its site and its views, the best first."""

    rank: int
    defect: DefectRecord
    site: SiteRecord | None
    views: tuple[View, ...]

    @property
    def pictured(self) -> tuple[View, ...]:
        """The views that have a crop or the reason why there is none."""
        return tuple(view for view in self.views if view.crop is not None)

    @property
    def photos_of_place(self) -> int:
        """How many photos show the place, whether or not the defect was found in them."""
        return max(self.defect.photo_count or 0, len(self.views))

    @property
    def words(self) -> str:
        """All that a text search may look for, in small letters."""
        names = [self.defect.id, self.defect.assignee, *(view.photo.name for view in self.views)]
        if self.site:
            names += [self.site.id, self.site.name]
        return " ".join(name for name in names if name).casefold()


def crop_orders(contents: Contents) -> list[CropOrder]:
    """The crops that the ranked defects' cards need: of each the best four views, best first."""
    photos = {photo.id: photo for photo in contents.photos}
    return [
        CropOrder(
            observation,
            photos[observation.photo],
            look_of(defect.kind, Language.ENGLISH).colour,
            f"defect-{_safe(defect.id)}-{number}.jpg",
        )
        for defect in contents.ranked
        for number, observation in enumerate(contents.observations[defect.id][:_CROPS_PER_DEFECT], start=1)
    ]


def cards_of(contents: Contents, crops: Mapping[str, Crop]) -> tuple[Card, ...]:
    """A card for each ranked defect, in the list's order."""
    photos = {photo.id: photo for photo in contents.photos}
    sites = {site.id: site for site in contents.sites}
    return tuple(
        Card(
            rank,
            defect,
            sites.get(defect.site) if defect.site else None,
            tuple(
                View(observation, photos[observation.photo], crops.get(observation.detection))
                for observation in contents.observations[defect.id]
            ),
        )
        for rank, defect in enumerate(contents.ranked, start=1)
    )


def _safe(defect_id: str) -> str:
    return re.sub(r"[^\w-]", "_", defect_id)
