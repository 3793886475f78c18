"""A pass before anybody orders it: a line in metres of the local frame."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from shapely import LineString

from pipeline.sites.site_reading import Site


@dataclass(frozen=True)
class Track:
    """A pass over a site as a line in metres: flat at first, in space once it is raised.

    `look_at` (east, north, height above the ground there) is where the camera points when a
    facility's face is flown, from `height_agl_m` above ground; both None when it looks straight down
    from the survey's height.
    """

    site: Site
    line: LineString
    height_agl_m: float | None = None
    look_at: tuple[float, float, float] | None = None


def pass_ids(tracks: Sequence[Track]) -> list[str]:
    """An id for each pass: its site's, and a number within the site."""
    counts: Counter[str] = Counter()
    ids = []
    for track in tracks:
        counts[track.site.id] += 1
        ids.append(f"{track.site.id}#{counts[track.site.id]}")
    return ids
