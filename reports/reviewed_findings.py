"""What people's decisions on defects say of each detection: damage, none, or not decided."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from models.kinds import NEGLECT_KINDS
from pipeline.defects.crack_direction import LONGITUDINAL, TRANSVERSE
from pipeline.defects.review import MENDED
from pipeline.register.records import DefectRecord, DetectionRecord, EventRecord, PhotoRecord

if TYPE_CHECKING:
    from pipeline.register import Register

DAMAGE = ("confirmed", "assigned", *MENDED)
NO_DAMAGE = "rejected"
# Found by colour, with no model: no detector is to learn them.
FOUND_BY_COLOUR = frozenset(kind.name for kind in NEGLECT_KINDS)
_DIRECTIONS = (LONGITUDINAL, TRANSVERSE)


@dataclass(frozen=True)
class Finding:
    """A detection with what was decided about it.

    `kind` is the damage that a person confirmed, as a detector should name it in this photo; None
    where there is none (`is_decided`) or nobody decided. `defect` is the defect's id, that of the
    original for a duplicate. `place` is latitude, longitude and their 1-σ error in metres.
    """

    outline_px: tuple[tuple[float, float], ...]
    is_decided: bool
    kind: str | None
    defect: str | None
    place: tuple[float, float, float] | None


def read_findings(register: Register) -> Mapping[str, Sequence[Finding]]:
    """All detections of the photos used, by the photo's id."""
    photos = {photo.id: photo for photo in register.photos("used")}
    defects = {defect.id: defect for defect in register.defects()}
    mended_at = _mended_at(register.events())
    findings: dict[str, list[Finding]] = defaultdict(list)
    for detection in register.detections():
        if detection.photo in photos and detection.kind not in FOUND_BY_COLOUR:
            defect = original_of(detection.defect, defects)
            findings[detection.photo].append(_finding(detection, defect, photos[detection.photo], mended_at))
    return findings


def original_of(defect_id: str | None, defects: Mapping[str, DefectRecord]) -> DefectRecord | None:
    """The defect of an id, or the one that it is a duplicate of."""
    defect = defects.get(defect_id or "")
    seen = set()
    while defect and defect.duplicate_of and defect.id not in seen:
        seen.add(defect.id)
        defect = defects.get(defect.duplicate_of)
    return defect


def _mended_at(events: Sequence[EventRecord]) -> dict[str, str]:
    """When each defect was last said to be repaired."""
    return {event.subject: event.at for event in events if event.new == MENDED[0]}


def _finding(
    detection: DetectionRecord,
    defect: DefectRecord | None,
    photo: PhotoRecord,
    mended_at: Mapping[str, str],
) -> Finding:
    is_damage = defect is not None and _shows_damage(defect, photo, mended_at)
    kind = _kind_in_picture(detection.kind, defect.kind) if defect and is_damage else None
    place = None
    if detection.lat is not None and detection.lon is not None:
        place = (detection.lat, detection.lon, detection.sigma_m or 0.0)
    return Finding(
        detection.outline_px,
        is_decided=kind is not None or (defect is not None and defect.status == NO_DAMAGE),
        kind=kind,
        defect=defect.id if defect else None,
        place=place,
    )


def _shows_damage(defect: DefectRecord, photo: PhotoRecord, mended_at: Mapping[str, str]) -> bool:
    """Of a mended defect only photos from before tell; what is seen afterwards is for people to say."""
    if defect.status not in DAMAGE:
        return False
    if defect.status not in MENDED:
        return True
    return photo.taken_at is not None and photo.taken_at < mended_at.get(defect.id, "")


def _kind_in_picture(seen_as: str, decided: str) -> str | None:
    """What a detector should have said. None where its direction in the picture is not known.

    A defect's cracks are named by the road's axis, a detector's by the picture.
    """
    if decided not in _DIRECTIONS:
        return decided
    return seen_as if seen_as in _DIRECTIONS else None
