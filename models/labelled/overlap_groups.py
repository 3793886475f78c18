"""Pictures that show the same ground, found by comparing them, so that a split never leaks.

1. Each picture gets SIFT features (Lowe 2004), compared as RootSIFT (Arandjelović & Zisserman 2012).
2. The pictures that share most rare features are candidates: visual words weighted by inverse document
   frequency (Sivic & Zisserman 2003). Comparing all pairs would take hours.
3. A candidate pair overlaps where one similarity (shift, turn, scale) explains enough matches, or
   fewer matches and the pixels agree as well.
4. Overlaps connect pictures to groups.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from models.labelled.pictures import LabelledPicture
from models.labelled.texture_agreement import evened_texture, texture_agreement
from vision.decoding import Undecodable, read_picture
from vision.detector import Picture
from vision.disjoint_sets import DisjointSets

Floats = NDArray[np.float32]

_FEATURES = 400
_CONTRAST = 0.01  # asphalt has little
_LARGEST_READ_SCALE, _LONGEST_READ_PX = 0.5, 512
_WORDS, _FEATURES_PER_WORD = 8192, 10
_CANDIDATES = 30
_DISTINCT = 0.9  # a match is nearer than this share of the distance to the second nearest
_INLIER_PX = 2.0
_SURE_INLIERS = 12
_LEAST_INLIERS = 6
_LEAST_AGREEMENT = 0.5
_LARGEST_SCALE = 2.0


@dataclass(frozen=True)
class _View:
    """What is compared of a picture: where its features are (N, 2), what they look like (N, 128), pixels."""

    points_px: Floats
    descriptors: Floats
    texture: Floats


def find_groups(
    pictures: Sequence[LabelledPicture], advance: Callable[[int, str], None] = lambda steps, detail: None
) -> dict[str, int]:
    """Number the groups of pictures that show the same ground, by the pictures' names.

    A picture that overlaps none is a group of its own; so is one that cannot be read.
    `advance(1, name)` is called twice for each picture: when it is read, and when it is compared.
    """
    views = []
    for picture in pictures:
        views.append(_view_of(picture))
        advance(1, picture.name)
    words = _words_of(views)
    groups = DisjointSets(len(views))
    for number, picture in enumerate(pictures):
        for other in _most_alike(words, number):
            # Most pairs need no look, since others have joined them before.
            if not groups.are_joined(number, other) and _overlap(views[number], views[other]):
                groups.join(number, other)
        advance(1, picture.name)
    return dict(zip((picture.name for picture in pictures), groups.numbers(), strict=True))


def _view_of(picture: LabelledPicture) -> _View:
    pixels = read_picture(picture.path)
    if isinstance(pixels, Undecodable):
        nothing = np.zeros((0, 2), np.float32), np.zeros((0, 128), np.float32)
        return _View(*nothing, np.zeros((1, 1), np.float32))
    grey = _reduced(pixels)
    points, descriptors = cv2.SIFT.create(_FEATURES, contrastThreshold=_CONTRAST).detectAndCompute(grey, None)
    if descriptors is None:
        descriptors = np.zeros((0, 128), np.float32)
    shares = descriptors / np.maximum(descriptors.sum(axis=1, keepdims=True), np.finfo(np.float32).eps)
    places = np.array([point.pt for point in points], np.float32).reshape(-1, 2)
    return _View(places, np.sqrt(shares), evened_texture(grey))


def _reduced(picture: Picture) -> Picture:
    """The picture in grey, at half its size or less: finer, grains differ from photo to photo."""
    scale = min(_LARGEST_READ_SCALE, _LONGEST_READ_PX / max(picture.shape[:2]))
    size = [max(1, round(side * scale)) for side in (picture.shape[1], picture.shape[0])]
    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    return np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _most_alike(words: Floats, number: int) -> list[int]:
    """The other pictures that are most like one of them, in falling order; all others of a small set."""
    likeness = words @ words[number]
    nearest = np.argsort(-likeness, kind="stable")[: _CANDIDATES + 1]
    return [int(other) for other in nearest if other != number]


def _words_of(views: Sequence[_View]) -> Floats:
    """Which visual words are in each picture (N, words), rare ones weighing more, in rows of length 1.

    The words are features drawn at random: nearly as good as clustered ones, and made in no time.
    """
    described = [view.descriptors for view in views]
    every = np.concatenate(described) if described else np.zeros((0, 128), np.float32)
    drawn = np.random.default_rng(0).permutation(len(every))[: min(_WORDS, len(every) // _FEATURES_PER_WORD)]
    vocabulary = every[np.sort(drawn)]
    found = np.zeros((len(views), len(vocabulary)), np.float32)
    for number, descriptors in enumerate(described):
        if len(descriptors) and len(vocabulary):
            found[number, (descriptors @ vocabulary.T).argmax(axis=1)] = 1
    weighted = found * np.log(len(views) / np.maximum(found.sum(axis=0), 1))
    lengths = np.linalg.norm(weighted, axis=1, keepdims=True)
    return np.asarray(weighted / np.maximum(lengths, np.finfo(np.float32).eps), dtype=np.float32)


def _overlap(view: _View, other: _View) -> bool:
    """Whether a similarity takes enough features of one view to the same ones in the other."""
    here, there = _matches(view.descriptors, other.descriptors)
    if len(here) < _LEAST_INLIERS:
        return False
    matrix, inliers = cv2.estimateAffinePartial2D(
        view.points_px[here], other.points_px[there], ransacReprojThreshold=_INLIER_PX, maxIters=500
    )
    if matrix is None:
        return False
    scale, count = float(np.hypot(matrix[0, 0], matrix[1, 0])), int(inliers.sum())
    if count < _LEAST_INLIERS or not 1 / _LARGEST_SCALE < scale < _LARGEST_SCALE:
        return False
    return (
        count >= _SURE_INLIERS
        or texture_agreement(view.texture, other.texture, np.asarray(matrix)) >= _LEAST_AGREEMENT
    )


def _matches(here: Floats, there: Floats) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Indices of features that are each other's nearest, and clearly nearer than the second nearest."""
    if len(here) < 1 or len(there) < 2:
        return np.zeros(0, np.intp), np.zeros(0, np.intp)
    likeness = here @ there.T  # of vectors of length 1, whose squared distance is 2 − 2 · likeness
    rows = np.arange(len(here))
    nearest = likeness.argmax(axis=1)
    is_mutual = likeness.argmax(axis=0)[nearest] == rows
    best = likeness[rows, nearest]
    likeness[rows, nearest] = -1
    is_distinct = 1 - best < _DISTINCT**2 * (1 - likeness.max(axis=1))
    kept = np.flatnonzero(is_mutual & is_distinct)
    return kept, nearest[kept]
