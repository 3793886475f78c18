"""Looking at one photo: from its file to what is seen on the ground, or to the reason why it is not used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import compress
from math import isfinite

from models.catalogue import OpenedDetector
from pipeline.geotagging.geotag import ground_sample_distance_cm, observe
from pipeline.geotagging.observation import Observation
from pipeline.inspecting.paved_area import paved_areas_px
from pipeline.inspecting.photo_verdict import quality_verdict, resolution_verdict
from pipeline.inspecting.reading_area import site_areas_px
from pipeline.photo import Photo, RejectedPhoto
from pipeline.photo_pixels import DecodedPhoto, decode, failed
from pipeline.sites.site_reading import Site
from pipeline.sites.siting import may_lie_on_sites, shape_of
from vision.camera import FloatArray
from vision.detector import Detections, Picture
from vision.reading_resolution import kinds_shown
from vision.shapes import outline_damage
from vision.surface import find_neglect
from vision.video_decoding import FrameReader

SHOWS_NO_SITE = "shows_no_site"
"""The remark on a photo that shows none of the sites; it is not read."""


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


@dataclass(frozen=True)
class PreparedPhoto:
    """A photo with its pixels, and where sites may show in it (see `reading_area`); None: anywhere."""

    decoded: DecodedPhoto
    areas_px: Sequence[FloatArray] | None


def prepare(
    photo: Photo, sites: Sequence[Site], frames: FrameReader | None = None
) -> PreparedPhoto | PhotoLook | RejectedPhoto:
    """Decode a photo, unless it shows none of the sites: then that is all there is to see in it.

    Without sites all of the photo counts. `frames` as in `pipeline.photo_pixels.decode`. Never raises
    because of what the photo holds.
    """
    try:
        areas_px = site_areas_px(photo, [shape_of(site) for site in sites])
    except Exception as error:
        return failed(photo, error)
    if areas_px is not None and not areas_px:
        return _without_sites(photo)
    decoded = decode(photo, frames)
    return PreparedPhoto(decoded, areas_px) if isinstance(decoded, DecodedPhoto) else decoded


def _without_sites(photo: Photo) -> PhotoLook:
    remarked = replace(photo, remarks=(*photo.remarks, SHOWS_NO_SITE))
    return PhotoLook(remarked, _known_gsd_cm(photo), Detections.none(), (), 0)


def _known_gsd_cm(photo: Photo) -> float | None:
    gsd_cm = ground_sample_distance_cm(photo)
    return gsd_cm if isfinite(gsd_cm) else None


def look_at(
    prepared: PreparedPhoto | PhotoLook | RejectedPhoto,
    detector: OpenedDetector,
    sites: Sequence[Site],
    for_damage: bool = True,
) -> PhotoLook | RejectedPhoto:
    """Find the damage in a photo and put it on the ground; what is not prepared stays as it is.

    Without `for_damage` only neglect of the sites is looked for. Never raises because of what the photo
    holds: whatever fails is this photo's reason.
    """
    if not isinstance(prepared, PreparedPhoto):
        return prepared
    try:
        return _looked(prepared, detector, sites, for_damage)
    except Exception as error:
        return failed(prepared.decoded.photo, error)


def _looked(
    prepared: PreparedPhoto, detector: OpenedDetector, sites: Sequence[Site], for_damage: bool
) -> PhotoLook | RejectedPhoto:
    photo, picture = prepared.decoded.photo, prepared.decoded.picture
    known_gsd_cm = _known_gsd_cm(photo)
    wanted = detector.thresholds if for_damage else ()
    coarsest_gsd_cm = {kind: detector.coarsest_gsd_cm.get(kind) for kind in wanted}
    remarks = photo.remarks
    for verdict in (resolution_verdict(known_gsd_cm, coarsest_gsd_cm), quality_verdict(photo, picture)):
        if verdict.rejected is not None:
            return RejectedPhoto(photo.id, photo.path, verdict.rejected, verdict.detail, photo)
        remarks = (*remarks, *verdict.remarks)
    within = prepared.areas_px if for_damage else ()
    found = detector.detector.detect(picture, gsd_cm=known_gsd_cm, within=within)
    _, too_coarse = kinds_shown(known_gsd_cm, coarsest_gsd_cm)
    shown = found.take([index for index, kind in enumerate(found.kind) if kind not in too_coarse])
    damage = outline_damage(picture, shown)
    detections = damage.joined(_neglect(photo, picture, known_gsd_cm, sites))
    on_the_ground = observe(photo, detections)
    observations = tuple(
        compress(on_the_ground, may_lie_on_sites(on_the_ground, [shape_of(site) for site in sites]))
    )
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
