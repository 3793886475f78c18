"""Looking at one photo: from its file to what is seen on the ground, or to the reason why it is not used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import compress
from math import isfinite

from models.catalogue import OpenedDetector
from pipeline.geotag import ground_sample_distance_cm, observe
from pipeline.observation import Observation
from pipeline.paved_area import paved_areas_px
from pipeline.photo import Photo, RejectedPhoto
from pipeline.photo_verdict import quality_verdict
from pipeline.reading_area import site_areas_px
from pipeline.sites import Site
from pipeline.siting import may_lie_on_sites, shape_of
from vision.decoding import Undecodable, read_picture
from vision.detector import Detections, Picture
from vision.reading_resolution import kinds_shown, too_coarse_remarks
from vision.shapes import outline_damage
from vision.surface import find_neglect
from vision.video_decoding import FrameReader, read_frame

READING_FAILED = "reading_failed"
"""The reason code of photos that nothing is wrong with as far as we know, but that could not be read."""


@dataclass(frozen=True)
class DecodedPhoto:
    """A photo with its pixels."""

    photo: Photo
    picture: Picture


@dataclass(frozen=True)
class PhotoLook:
    """What a photo shows.

    `photo` carries the remarks of looking at it, too; `gsd_cm` is None where it shows no ground in its
    middle. `observations` are those of the detections that may lie on a site, `off_site` counts the
    others on the ground.
    """

    photo: Photo
    gsd_cm: float | None
    detections: Detections
    observations: tuple[Observation, ...]
    off_site: int


def decode(photo: Photo, frames: FrameReader | None = None) -> DecodedPhoto | RejectedPhoto:
    """Read a photo's pixels. Never raises because of what the file holds.

    Frames of videos are read by `frames`, which reads through each video once if they come in their order.
    """
    try:
        picture = _read(photo, frames)
    except Exception as error:
        return _failed(photo, error)
    if isinstance(picture, Undecodable):
        return RejectedPhoto(photo.id, photo.path, picture.reason, picture.detail, photo)
    return DecodedPhoto(photo, picture)


def _read(photo: Photo, frames: FrameReader | None) -> Picture | Undecodable:
    if photo.frame is None:
        return read_picture(photo.path)
    return (frames.read if frames is not None else read_frame)(photo.path, photo.frame)


def look_at(
    decoded: DecodedPhoto | RejectedPhoto,
    detector: OpenedDetector,
    sites: Sequence[Site],
    for_damage: bool = True,
) -> PhotoLook | RejectedPhoto:
    """Find the damage in a photo and put it on the ground; what was rejected before stays so.

    Without `for_damage` only neglect of the sites is looked for. Never raises because of what the photo
    holds: whatever fails is this photo's reason.
    """
    if isinstance(decoded, RejectedPhoto):
        return decoded
    try:
        return _looked(decoded.photo, decoded.picture, detector, sites, for_damage)
    except Exception as error:
        return _failed(decoded.photo, error)


def _looked(
    photo: Photo, picture: Picture, detector: OpenedDetector, sites: Sequence[Site], for_damage: bool
) -> PhotoLook | RejectedPhoto:
    verdict = quality_verdict(photo, picture)
    if verdict.rejected is not None:
        return RejectedPhoto(photo.id, photo.path, verdict.rejected, verdict.detail, photo)
    gsd_cm = ground_sample_distance_cm(photo)
    known_gsd_cm = gsd_cm if isfinite(gsd_cm) else None
    shapes = [shape_of(site) for site in sites]
    areas_px = site_areas_px(photo, shapes) if for_damage else []
    found = detector.detector.detect(picture, gsd_cm=known_gsd_cm, within=areas_px)
    coarsest_gsd_cm = {kind: detector.coarsest_gsd_cm.get(kind) for kind in detector.thresholds}
    _, too_coarse = kinds_shown(known_gsd_cm, coarsest_gsd_cm)
    shown = found.take([index for index, kind in enumerate(found.kind) if kind not in too_coarse])
    damage = outline_damage(picture, shown)
    detections = damage.joined(_neglect(photo, picture, known_gsd_cm, sites))
    on_the_ground = observe(photo, detections)
    observations = tuple(compress(on_the_ground, may_lie_on_sites(on_the_ground, shapes)))
    remarks = (*photo.remarks, *verdict.remarks, *too_coarse_remarks(too_coarse))
    off_site = len(on_the_ground) - len(observations)
    return PhotoLook(replace(photo, remarks=remarks), known_gsd_cm, detections, observations, off_site)


def _neglect(photo: Photo, picture: Picture, gsd_cm: float | None, sites: Sequence[Site]) -> Detections:
    """What shows neglect on the paving of sites; nothing where the photo's resolution is unknown."""
    if gsd_cm is None:
        return Detections.none()
    facilities_px, carriageways_px = paved_areas_px(photo, sites)
    if not facilities_px and not carriageways_px:
        return Detections.none()
    return find_neglect(picture, gsd_cm, facilities_px, carriageways_px)


def _failed(photo: Photo, error: Exception) -> RejectedPhoto:
    detail = f"{type(error).__name__}: {error}".strip()
    return RejectedPhoto(photo.id, photo.path, READING_FAILED, detail, photo)
