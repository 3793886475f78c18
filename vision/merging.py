"""From what each tile saw to what is there once: cut pieces joined, duplicates suppressed.

Always within one kind, and after each tile's own suppression:

1. Two boxes of different tiles are pieces of one object when at least one of them is cut by an edge
   of its tile that lies inside the other's tile, and in the area that both tiles saw, they overlap:
   by half of the smaller one, or by a fifth when both are cut (the boxes of a diagonal crack meet
   only at their corners). Pieces of pieces belong together too. The whole has the score of its best
   piece and the outline of the pieces' boxes together.
2. Suppression over the picture, for objects that two tiles saw whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from shapely import box as shapely_box
from shapely import union_all

from vision.camera import FloatArray
from vision.candidates import Candidates, IntArray, keep_best
from vision.detector import Detections
from vision.disjoint_sets import DisjointSets
from vision.tiling import Window

# A box this near to an edge of its tile (in shares of the tile's longer side) counts as cut by it:
# the network draws the ends of a cut object some pixels inside the tile.
_SEAM_SHARE = 0.03
_SHARE_WHEN_ONE_IS_CUT = 0.5
_SHARE_WHEN_BOTH_ARE_CUT = 0.2


def merge_tiles(
    windows: Sequence[Window], per_window: Sequence[Candidates], kinds: Sequence[str], iou: float
) -> Detections:
    """Merge what each window saw into detections of the picture, by falling score.

    Boxes are in the picture's pixels. The result does not depend on the order of the windows.
    """
    pieces = Candidates.stack(per_window)
    if not len(pieces):
        return Detections.none()
    edges = np.array([(w.left_px, w.top_px, w.right_px, w.bottom_px) for w in windows], dtype=np.float64)
    seen_by = edges[np.repeat(np.arange(len(windows)), [len(part) for part in per_window])]
    groups = _connected(_pairs(pieces, seen_by), len(pieces))
    wholes = Candidates(
        np.array([_hull(pieces.xyxy_px[group]) for group in groups]),
        np.array([pieces.score[group].max() for group in groups]),
        np.array([pieces.kind_index[group[0]] for group in groups], dtype=np.intp),
    )
    kept = keep_best(wholes, iou)
    return Detections(
        wholes.xyxy_px[kept],
        wholes.score[kept],
        tuple(kinds[index] for index in wholes.kind_index[kept]),
        tuple(_outline(pieces.xyxy_px[groups[index]]) for index in kept),
    )


def _pairs(pieces: Candidates, seen_by: FloatArray) -> Iterator[tuple[int, int]]:
    """Pairs of indices of boxes that are pieces of one object; `seen_by` (N, 4) are their windows."""
    for index in range(len(pieces)):
        others = (
            index
            + 1
            + np.flatnonzero(
                (pieces.kind_index[index + 1 :] == pieces.kind_index[index])
                & (seen_by[index + 1 :] != seen_by[index]).any(axis=1)
            )
        )
        own_box, own_window = pieces.xyxy_px[index], seen_by[index]
        boxes, their_windows = pieces.xyxy_px[others], seen_by[others]
        share = _share_of_smaller(_intersect(own_box, their_windows), _intersect(boxes, own_window))
        cut = _is_cut(own_box, own_window, their_windows).astype(int)
        cut += _is_cut(boxes, their_windows, own_window)
        needed = np.array([np.inf, _SHARE_WHEN_ONE_IS_CUT, _SHARE_WHEN_BOTH_ARE_CUT])[cut]
        yield from ((index, int(other)) for other in others[share >= needed])


def _is_cut(boxes: FloatArray, windows: FloatArray, other_windows: FloatArray) -> NDArray[np.bool_]:
    """Whether an edge of its window that lies inside the other window cuts the box.

    All are (4,) or (N, 4) and broadcast to (N, 4); the answer is (N,).
    """
    boxes, windows, others = np.broadcast_arrays(boxes, windows, other_windows)
    near_px = _SEAM_SHARE * (windows[:, 2:] - windows[:, :2]).max(axis=1, keepdims=True)
    low, high = np.tile(others[:, :2], 2), np.tile(others[:, 2:], 2)
    cuts = (np.abs(boxes - windows) <= near_px) & (low < windows) & (windows < high)
    return np.asarray(cuts.any(axis=1))


def _intersect(boxes: FloatArray, others: FloatArray) -> FloatArray:
    boxes, others = np.broadcast_arrays(boxes, others)
    low, high = np.maximum(boxes[..., :2], others[..., :2]), np.minimum(boxes[..., 2:], others[..., 2:])
    return np.concatenate([low, high], axis=-1)


def _area(boxes: FloatArray) -> FloatArray:
    return np.asarray(np.clip(boxes[..., 2:] - boxes[..., :2], 0, None).prod(axis=-1))


def _share_of_smaller(boxes: FloatArray, others: FloatArray) -> FloatArray:
    smaller = np.minimum(_area(boxes), _area(others))
    return np.asarray(_area(_intersect(boxes, others)) / np.maximum(smaller, 1e-9))


def _connected(pairs: Iterable[tuple[int, int]], count: int) -> list[IntArray]:
    """Connected components of `count` boxes under the pairs."""
    sets = DisjointSets(count)
    for first, second in pairs:
        sets.join(first, second)
    number = np.array(sets.numbers(), dtype=np.intp)
    order = np.argsort(number, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(number[order])) + 1)


def _hull(boxes: FloatArray) -> FloatArray:
    return np.concatenate([boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)])


def _outline(boxes: FloatArray) -> FloatArray:
    """The outer ring (M, 2) around boxes that overlap one another, without its closing point."""
    whole = union_all([shapely_box(*box) for box in boxes]).normalize()
    return np.array(whole.exterior.coords)[:-1]
