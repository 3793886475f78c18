"""For which sites photos were looked at: what else lies in them nobody has looked at.

Photos are read where sites lie. A site that comes later, or is drawn anew, may lie in photos that were
read elsewhere only: those prove nothing about it until they are looked at once more.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from pyproj import Geod
from shapely import LineString, Point, STRtree, box
from shapely.ops import nearest_points

from pipeline.geotagging.geotag import photo_footprint
from pipeline.photo import Photo
from pipeline.register.rows import geometry_text
from pipeline.sites.site_reading import Site
from pipeline.sites.siting import half_widths_m, shape_of
from vision.frames import LocalFrame

WHOLE_PHOTO = "*"
"""Among the keys of sites: all of the photo was read for damage, because no sites were known."""

# Farther than this from a photo's footprint nothing of it is read, whatever the errors of its pose.
_NEAR_M = 30.0
_KEY_DIGITS = 12
_GEOD = Geod(ellps="WGS84")


@dataclass(frozen=True)
class Look:
    """A photo that is to be looked at for sites (all it shows, where there are none).

    `keys` are those of the sites near it, for the register. `is_first` is False for a photo that was used
    before; `for_damage` is False where damage was looked for in all of it already, and neglect was not.
    """

    photo: Photo
    sites: tuple[Site, ...]
    keys: tuple[str, ...]
    is_first: bool = True
    for_damage: bool = True


def site_key(site: Site) -> str:
    """What a site is called where photos were looked at for it: another one as soon as it is drawn anew."""
    drawn = f"{site.kind} {site.width_m} {site.paved} {geometry_text(site.geometry)}"
    return f"{site.id}@{hashlib.sha256(drawn.encode()).hexdigest()[:_KEY_DIGITS]}"


def was_looked_at(keys: Collection[str] | None, key: str) -> bool:
    """Whether a photo with these keys was looked at for the damage of a site; None: for that of all."""
    return keys is None or WHOLE_PHOTO in keys or key in keys


def first_looks(photos: Sequence[Photo], sites: Sequence[Site]) -> list[Look]:
    """What is to be done with photos that were not used before."""
    if not sites:
        return [Look(photo, (), (WHOLE_PHOTO,)) for photo in photos]
    near = _SitesNear(sites)
    return [Look(photo, tuple(sites), tuple(near.to(photo))) for photo in photos]


def further_looks(
    photos: Sequence[Photo], keys_of: Mapping[str, Collection[str] | None], sites: Sequence[Site]
) -> list[Look]:
    """The photos used before (`keys_of` each by its id) that may show sites they were not looked at for.

    Where all of a photo was read for damage, there is still neglect to be looked for on paving.
    """
    if not sites or not photos:
        return []
    near = _SitesNear(sites)
    looks = []
    for photo in photos:
        keys = keys_of[photo.id]
        if keys is None:
            continue
        is_whole = WHOLE_PHOTO in keys
        unread = {
            key: site
            for key, site in near.to(photo).items()
            if key not in keys and (site.paved or not is_whole)
        }
        if unread:
            looks.append(Look(photo, tuple(unread.values()), tuple(unread), False, for_damage=not is_whole))
    return looks


def metres_apart(photos: Sequence[Photo], sites: Sequence[Site]) -> float | None:
    """How far the nearest site is from the nearest photo; None where a photo shows ground near a site.

    None, too, without photos or without sites.
    """
    if not photos or not sites:
        return None
    near = _SitesNear(sites)
    if any(near.to(photo) for photo in photos):
        return None
    cameras = [Point(photo.pose.lon, photo.pose.lat) for photo in photos]
    index, nearest = STRtree([site.geometry for site in sites]).query_nearest(cameras)
    return min(
        _GEOD.geometry_length(LineString(nearest_points(cameras[one], sites[other].geometry)))
        for one, other in zip(index, nearest, strict=True)
    )


class _SitesNear:
    """Which of many sites lie near a photo."""

    def __init__(self, sites: Sequence[Site]) -> None:
        self._keyed = [(site_key(site), site) for site in sites]
        self._tree = STRtree([site.geometry for site in sites])
        self._reach_m = _NEAR_M + float(half_widths_m([shape_of(site) for site in sites]).max())

    def to(self, photo: Photo) -> dict[str, Site]:
        """The sites near a photo by their keys."""
        footprint = photo_footprint(photo)
        if footprint is None:
            return {}
        frame = LocalFrame(photo.pose.lat, photo.pose.lon)
        west, south, east, north = frame.shapes_to_metres(footprint).bounds
        reach_m = self._reach_m
        around_m = box(west - reach_m, south - reach_m, east + reach_m, north + reach_m)
        found = self._tree.query(frame.shapes_to_lon_lat(around_m), predicate="intersects")
        return dict(self._keyed[index] for index in sorted(found))
