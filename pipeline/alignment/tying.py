"""From photos to tie points: features, matches of overlapping photos, and what they have in common."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.alignment.features import Features, find_features
from pipeline.alignment.matching import View, match_views
from pipeline.alignment.overlap import feet_m, overlapping_pairs
from pipeline.alignment.tie_points import Match, TiePoints, join_matches
from pipeline.geotagging.ground_error import ground_offsets
from pipeline.photo import Photo
from vision.camera import FloatArray
from vision.frames import LocalFrame
from vision.video_decoding import FrameReader

Advance = Callable[[int, str], None]


@dataclass(frozen=True)
class Tied:
    """What the photos have in common. `views` are the photos' features, without their descriptions."""

    views: tuple[View, ...]
    matches: tuple[Match, ...]
    pairs_tried: int

    @property
    def ties(self) -> TiePoints:
        """The matches as points that two or more photos show."""
        return join_matches(
            self.matches,
            [view.features.pixels_px for view in self.views],
            [view.features.sigma_px for view in self.views],
        )


def tie_photos(photos: Sequence[Photo], frame: LocalFrame, advance: Advance) -> Tied:
    """Find and match the features of all photos that overlap; one step of `advance` for each photo.

    Descriptions are kept no longer than another photo may match them.
    """
    pairs = overlapping_pairs(photos, frame)
    feet = feet_m(photos, frame)
    last_needed = dict(pairs)
    for first, second in pairs:
        last_needed[first] = max(last_needed[first], second)
    earlier: dict[int, list[int]] = {}
    for first, second in pairs:
        earlier.setdefault(second, []).append(first)
    paired = {number for pair in pairs for number in pair}
    open_views: dict[int, View] = {}
    views: list[View] = []
    matches: list[Match] = []
    with FrameReader() as frames:
        for number, photo in enumerate(photos):
            features = find_features(photo, frames) if number in paired else Features.none()
            view = View(features, _ground_m(photo, features, feet[number]), feet[number], photo.pose)
            for other in earlier.get(number, ()):
                found = match_views(open_views[other], view)
                if len(found):
                    matches.append(Match(other, number, found))
            open_views[number] = view
            open_views = {kept: v for kept, v in open_views.items() if last_needed.get(kept, -1) > number}
            views.append(_without_descriptors(view))
            advance(1, photo.path.name)
    return Tied(tuple(views), tuple(matches), len(pairs))


def _ground_m(photo: Photo, features: Features, foot_m: FloatArray) -> FloatArray:
    return np.asarray(ground_offsets(photo, features.pixels_px) + foot_m)


def _without_descriptors(view: View) -> View:
    features = view.features
    bare = Features(features.pixels_px, Features.none().descriptors, features.sigma_px)
    return View(bare, view.ground_m, view.foot_m, view.pose)
