"""What reading only the sites of a photo saves and loses, for `bench_reading`.

Photos along a road are read as a whole and on their sites alone, once with the errors that are assumed of
poses without RTK and once with those of a fixed RTK. Their poses themselves are right, so that the damage
that is really there is found by its place. Another figure draws errors of the poses.

A score near its threshold falls on either side of it by what else lies in the tile. So detections, most of
them false alarms, are lost and won wherever tiles are laid otherwise. Beside the damage that is lost it is
counted how many detections are, and how many of them a whole photo loses whose tiles lie half a tile aside.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely
from shapely import Polygon

from flight.simulator.truth import TrueDamage
from models.catalogue import open_detector
from pipeline.geotagging.geotag import observe
from pipeline.geotagging.ground_error import ground_offsets
from pipeline.inspecting.reading_area import site_areas_px
from pipeline.photo import Photo
from pipeline.sites.siting import SiteShape, half_widths_m, may_lie_on_sites
from tests.benchmarks.figure import Figure, at_most
from tests.benchmarks.timing import medians
from vision.camera import FloatArray
from vision.decoding import read_picture
from vision.detector import Detections, Picture
from vision.frames import LocalFrame
from vision.reading_resolution import reading_scale
from vision.tiled_detector import TiledDetector

_POSES: dict[str, dict[str, float]] = {
    "without RTK": {},
    "with RTK": {"sigma_position_m": 0.02, "sigma_alt_m": 0.03},
}
_WHOLE = "as a whole"
_DRAWS = 30
_PIXELS_ALONG = 60
# A detection this near to a damage of its kind has found it.
_FOUND_WITHIN_M = 0.5


def site_tiling(
    photos: Sequence[Photo], sites: Sequence[SiteShape], damages: Sequence[TrueDamage], gsd_cm: float
) -> Iterator[Figure]:
    """Reading on the sites alone, against the whole photo, by the share of the photo that is read."""
    counted = _CountedDetector()
    readings = [_read(counted, photo, sites, gsd_cm) for photo in photos]
    for told in _POSES:
        yield from _figures([reading[told] for reading in readings], sites, damages, f"{gsd_cm:g} cm {told}")


def _figures(
    readings: Sequence[_Reading], sites: Sequence[SiteShape], damages: Sequence[TrueDamage], at: str
) -> Iterator[Figure]:
    mean = {name: statistics.mean(getattr(one, name) for one in readings) for name in _MEANS}
    yield Figure(f"share of the photo read for its sites, at {at}", 100 * mean["share"], "%")
    yield Figure(f"pixels for it, to what the share allows, at {at}", mean["pixels"], "×")
    unit = f"× ({mean['cpu']:.2f} of CPU)"
    yield at_most(f"time for it, to what the share allows, at {at}", mean["wall"], unit, 1.2)
    yield from _losses(readings, sites, damages, at)
    kept = statistics.mean(_kept_in_spite_of_errors(one.photo, sites) for one in readings)
    yield Figure(f"sites' ground read where poses are wrong as assumed, at {at}", 100 * kept, "%")


_MEANS = ("share", "pixels", "wall", "cpu")


@dataclass(frozen=True)
class _Reading:
    """A photo read as a whole, with its tiles half a tile aside, and on its sites alone.

    `pixels`, `wall` and `cpu` are what reading the sites takes, of what the whole photo takes, to the share
    that is read. The detections of the whole photo without those at two edges are `inner`: only these can
    be `moved`.
    """

    photo: Photo
    share: float
    pixels: float
    wall: float
    cpu: float
    whole: Detections
    inner: Detections
    moved: Detections
    on_sites: Detections


def _read(
    counted: _CountedDetector, photo: Photo, sites: Sequence[SiteShape], gsd_cm: float
) -> dict[str, _Reading]:
    """A photo read, by what is told of its pose's errors."""
    picture = read_picture(photo.path)
    assert isinstance(picture, np.ndarray)
    photos = {told: replace(photo, pose=replace(photo.pose, **errors)) for told, errors in _POSES.items()}
    areas: dict[str, list[FloatArray] | None] = {_WHOLE: None}
    areas |= {told: site_areas_px(one, sites) for told, one in photos.items()}
    found, pixels = zip(*(counted.detect(picture, gsd_cm, area) for area in areas.values()), strict=True)
    times = medians([lambda area=area: counted.detect(picture, gsd_cm, area) for area in areas.values()])
    aside_px = round(counted.tile_px / 2 / reading_scale(gsd_cm, counted.detector.gsd_cm))
    moved, _ = counted.detect(np.ascontiguousarray(picture[aside_px:, aside_px:]), gsd_cm, None)
    inner = found[0].take(np.flatnonzero((found[0].xyxy_px[:, :2] >= aside_px).all(axis=1)))
    return {
        told: _Reading(
            photo=photos[told],
            share=(share := sum(Polygon(area).area for area in areas[told] or []) / picture[..., 0].size),
            pixels=pixels[index] / pixels[0] / share,
            wall=times[index][0] / times[0][0] / share,
            cpu=times[index][1] / times[0][1] / share,
            whole=found[0],
            inner=inner,
            moved=Detections.of_boxes(moved.xyxy_px + aside_px, moved.score, moved.kind),
            on_sites=found[index],
        )
        for index, told in enumerate(areas)
        if told != _WHOLE
    }


class _CountedDetector:
    """The shipped detector, and how many pixels its network reads."""

    def __init__(self) -> None:
        detector = open_detector().detector
        assert isinstance(detector, TiledDetector)
        self.detector = detector
        self.tile_px = detector._network.input_px

    def detect(
        self, picture: Picture, gsd_cm: float, within: list[FloatArray] | None
    ) -> tuple[Detections, int]:
        network = self.detector._network
        counting = _CountingNetwork(network)
        self.detector._network = counting
        try:
            return self.detector.detect(picture, gsd_cm=gsd_cm, within=within), counting.pixels
        finally:
            self.detector._network = network


class _CountingNetwork:
    def __init__(self, network: Any) -> None:
        self.input_px: int = network.input_px
        self.pixels = 0
        self._network = network

    def run(self, tiles: Iterable[Picture], take: Callable[..., None]) -> None:
        def counted() -> Iterator[Picture]:
            for tile in tiles:
                self.pixels += tile.shape[0] * tile.shape[1]
                yield tile

        self._network.run(counted(), take)


def _losses(
    readings: Sequence[_Reading], sites: Sequence[SiteShape], damages: Sequence[TrueDamage], at: str
) -> Iterator[Figure]:
    there = [_damages_found(one.photo, one.whole, damages) for one in readings]
    left = [_damages_found(one.photo, one.on_sites, damages) for one in readings]
    lost = sum(len(one - other) for one, other in zip(there, left, strict=True))
    count = sum(len(one) for one in there)
    yield at_most(f"lost of {count} damages that the whole photos show, at {at}", lost, "", 0)
    whole = [_counting(one.photo, one.whole, sites) for one in readings]
    lost = sum(_lost(found, one.on_sites) for found, one in zip(whole, readings, strict=True))
    yield Figure(f"lost of {sum(map(len, whole))} detections, real or not, at {at}", lost, "")
    inner = [_counting(one.photo, one.inner, sites) for one in readings]
    moved = sum(_lost(found, one.moved) for found, one in zip(inner, readings, strict=True))
    yield Figure(
        f"lost of {sum(map(len, inner))} by whole photos tiled half a tile aside, at {at}", moved, ""
    )


def _damages_found(photo: Photo, found: Detections, damages: Sequence[TrueDamage]) -> set[str]:
    """The damages, by their id, that a photo's detections have found."""
    frame = LocalFrame(photo.pose.lat, photo.pose.lon)
    observations = observe(photo, found)
    footprints_m = frame.shapes_to_metres([one.footprint for one in observations])
    damages_m = frame.shapes_to_metres([damage.geometry for damage in damages])
    return {
        damage.id
        for damage, damage_m in zip(damages, damages_m, strict=True)
        for one, footprint_m in zip(observations, footprints_m, strict=True)
        if one.kind == damage.kind and shapely.dwithin(damage_m, footprint_m, _FOUND_WITHIN_M)
    }


def _counting(photo: Photo, found: Detections, sites: Sequence[SiteShape]) -> Detections:
    """Those that may lie on a site, as an inspection counts them."""
    return found.take(np.flatnonzero(may_lie_on_sites(observe(photo, found), sites)))


def _lost(wanted: Detections, found: Detections) -> int:
    return sum(not _is_among(wanted, index, found) for index in range(len(wanted)))


def _is_among(wanted: Detections, index: int, found: Detections) -> bool:
    """Whether a detection of the same kind overlaps it by half of the smaller one."""
    left, top, right, bottom = wanted.xyxy_px[index]
    width = np.minimum(found.xyxy_px[:, 2], right) - np.maximum(found.xyxy_px[:, 0], left)
    height = np.minimum(found.xyxy_px[:, 3], bottom) - np.maximum(found.xyxy_px[:, 1], top)
    sizes = (found.xyxy_px[:, 2:] - found.xyxy_px[:, :2]).prod(axis=1)
    shared = np.clip(width, 0, None) * np.clip(height, 0, None)
    same = np.array([kind == wanted.kind[index] for kind in found.kind], dtype=bool)
    return bool((same & (shared >= 0.5 * np.minimum(sizes, (right - left) * (bottom - top)))).any())


def _kept_in_spite_of_errors(photo: Photo, sites: Sequence[SiteShape]) -> float:
    """The mean share of the sites' ground in a photo that is read where its pose is wrong as it says."""
    rng = np.random.default_rng(0)
    camera, pose = photo.camera, photo.pose
    frame = LocalFrame(pose.lat, pose.lon)
    on_sites = shapely.union_all(
        shapely.buffer(frame.shapes_to_metres([site.geometry for site in sites]), half_widths_m(sites))
    )
    across, down = (np.linspace(0, side - 1, _PIXELS_ALONG) for side in (camera.width_px, camera.height_px))
    pixels_px = np.stack(np.meshgrid(across, down), axis=-1).reshape(-1, 2)
    read = shapely.union_all([Polygon(area) for area in site_areas_px(photo, sites) or []])
    is_read = shapely.intersects_xy(read, pixels_px)
    kept = []
    for _ in range(_DRAWS):
        east_m, north_m, up_m, yaw_deg, pitch_deg, roll_deg, zoom = rng.standard_normal(7) * [
            *[pose.sigma_position_m] * 2, pose.sigma_alt_m, pose.sigma_yaw_deg,
            *[pose.sigma_tilt_deg] * 2, camera.focal_sigma_rel,
        ]  # fmt: skip
        turned = replace(
            pose,
            alt_agl_m=pose.alt_agl_m + up_m,
            yaw_deg=pose.yaw_deg + yaw_deg,
            pitch_deg=pose.pitch_deg + pitch_deg,
            roll_deg=pose.roll_deg + roll_deg,
        )
        true = replace(photo, pose=turned, camera=replace(camera, focal_px=camera.focal_px * (1 + zoom)))
        ground_m = ground_offsets(true, pixels_px) + np.array([east_m, north_m])
        on_site = shapely.intersects_xy(on_sites, ground_m)
        kept.append((on_site & is_read).sum() / max(on_site.sum(), 1))
    return float(np.mean(kept))
