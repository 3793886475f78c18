"""For which sites photos were looked at: what else lies in them nobody has looked at.

Photos are read where sites lie. A site that comes later, or is drawn anew, may lie in photos that were
read elsewhere only: those prove nothing about it until they are looked at once more.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from math import cos, radians

from pyproj import Geod
from shapely import LineString, Point, STRtree
from shapely.ops import nearest_points

from pipeline.geotagging.geotag import photo_footprint
from pipeline.photo import Photo
from pipeline.register.rows import geometry_text
from pipeline.sites.site_reading import Site
from pipeline.sites.siting import half_widths_m, shape_of

WHOLE_PHOTO = "*"
"""Among the keys of sites: all of the photo was read for damage, because no sites were known."""

# Farther than this from a photo's footprint nothing of it is read, whatever the errors of its pose.
_NEAR_M = 30.0
_LEAST_METRES_PER_DEGREE = 110_000.0
_KEY_DIGITS = 12
_GEOD = Geod(ellps="WGS84")

Advance = Callable[[int, str], None]
Near = Mapping[str, Mapping[str, Site]]


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


def sites_near(
    photos: Sequence[Photo], sites: Sequence[Site], advance: Advance = lambda steps, detail: None
) -> dict[str, dict[str, Site]]:
    """For each photo, by its id, the sites near what it shows, by their keys; `advance` counts photos."""
    keyed = [(site_key(site), site) for site in sites]
    tree = STRtree([site.geometry for site in sites])
    reach_m = _NEAR_M + float(half_widths_m([shape_of(site) for site in sites]).max())
    near: dict[str, dict[str, Site]] = {}
    for photo in photos:
        footprint = photo_footprint(photo)
        reach_deg = reach_m / (_LEAST_METRES_PER_DEGREE * cos(radians(photo.pose.lat)))
        found = () if footprint is None else tree.query(footprint, predicate="dwithin", distance=reach_deg)
        near[photo.id] = dict(keyed[index] for index in sorted(found))
        advance(1, photo.path.name)
    return near


def first_looks(photos: Sequence[Photo], sites: Sequence[Site], near: Near) -> list[Look]:
    """What is to be done with photos that were not used before; `near` as of `sites_near`."""
    if not sites:
        return [Look(photo, (), (WHOLE_PHOTO,)) for photo in photos]
    return [Look(photo, tuple(sites), tuple(near[photo.id])) for photo in photos]


def further_looks(
    photos: Sequence[Photo], keys_of: Mapping[str, Collection[str] | None], near: Near
) -> list[Look]:
    """The photos used before (`keys_of` each by its id) that may show sites they were not looked at for.

    `near` as of `sites_near`. Where all of a photo was read for damage, there is still neglect to be looked
    for on paving.
    """
    looks = []
    for photo in photos:
        keys = keys_of[photo.id]
        if keys is None:
            continue
        is_whole = WHOLE_PHOTO in keys
        unread = {
            key: site
            for key, site in near[photo.id].items()
            if key not in keys and (site.paved or not is_whole)
        }
        if unread:
            looks.append(Look(photo, tuple(unread.values()), tuple(unread), False, for_damage=not is_whole))
    return looks


def metres_apart(photos: Sequence[Photo], sites: Sequence[Site], near: Near) -> float | None:
    """How far the nearest site is from the nearest photo; None where a photo shows ground near a site.

    `near` as of `sites_near`. None, too, without photos or without sites.
    """
    if not photos or not sites or any(near[photo.id] for photo in photos):
        return None
    cameras = [Point(photo.pose.lon, photo.pose.lat) for photo in photos]
    index, nearest = STRtree([site.geometry for site in sites]).query_nearest(cameras)
    return min(
        _GEOD.geometry_length(LineString(nearest_points(cameras[one], sites[other].geometry)))
        for one, other in zip(index, nearest, strict=True)
    )
