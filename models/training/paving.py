"""Drawn paving of stones: ground whose joints look like cracks and are none."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from models.training.forward_view import Tile
from vision.camera import FloatArray
from vision.detector import Picture

# Grey concrete, yellowish and red clinker, granite, weathered dark stone (BGR).
_STONE_COLOURS = (
    (150, 150, 150),
    (120, 125, 130),
    (95, 105, 150),
    (140, 150, 160),
    (110, 120, 135),
    (80, 85, 130),
)
# How far each row of stones is moved against the one before, in stones: stack, running and third bond.
_BONDS = (0.0, 1 / 2, 1 / 3)
# A turned square still covers the picture.
_SPARE = 1.6
_TONES = 4096
# Paving beside a road takes at least this share of a tile, and leaves as much of the road.
_LEAST_SHARE = 0.2
_CLEARANCE_PX = 8.0
_TRIES = 20


@dataclass(frozen=True)
class _Joints:
    """A paving's stones: which one each pixel belongs to (a number), and how much of a joint it is (0–1)."""

    stone: NDArray[np.int64]
    joint: FloatArray


def paving(size_px: int, random: np.random.Generator) -> Picture:
    """A square picture of paving seen from above: any size of stones, bond, colour, wear and direction."""
    side_px = int(size_px * _SPARE)
    joints = _joints(side_px, random)
    colour = np.array(_STONE_COLOURS[int(random.integers(len(_STONE_COLOURS)))]) * random.uniform(0.7, 1.25)
    tones = random.normal(0, random.uniform(2, 12), (_TONES, 1)) + random.normal(
        0, random.uniform(0, 4), (_TONES, 3)
    )
    stones = colour + tones[joints.stone % _TONES]
    grain = random.normal(0, random.uniform(2, 8), (side_px, side_px))
    soiling = _smooth(side_px, 12, random.uniform(2, 9), random)
    # Most joints are darker than the stones, filled with sand or in shadow; some are lighter.
    depth = random.uniform(-60, 25) if random.random() < 0.8 else random.uniform(10, 40)
    filling = depth * joints.joint * np.clip(0.8 + _smooth(side_px, 30, 0.2, random), 0, 1)
    drawn = np.clip(stones + (grain + soiling + filling)[..., None], 0, 255).astype(np.uint8)
    turn = cv2.getRotationMatrix2D((side_px / 2, side_px / 2), random.uniform(0, 360), 1)
    turned = cv2.warpAffine(drawn, turn, (side_px, side_px), borderMode=cv2.BORDER_REFLECT)
    start = (side_px - size_px) // 2
    middle = turned[start : start + size_px, start : start + size_px]
    return np.asarray(cv2.GaussianBlur(middle, (0, 0), random.uniform(0.4, 1.3)), dtype=np.uint8)


def paved_beside(tile: Tile, random: np.random.Generator) -> Tile | None:
    """A tile with a paved strip along a straight edge, where no box lies, as a pavement beside a road.

    The paving is as bright as what it covers. None when no place is found for it.
    """
    height_px, width_px = tile.pixels.shape[:2]
    for _ in range(_TRIES):
        beyond_px = _beyond_an_edge(tile, random)
        if _LEAST_SHARE <= float((beyond_px > 0).mean()) <= 1 - _LEAST_SHARE:
            paved = paving(max(height_px, width_px), random)[:height_px, :width_px]
            return Tile(_laid(tile.pixels, paved, beyond_px, random), tile.boxes)
    return None


def _joints(side_px: int, random: np.random.Generator) -> _Joints:
    """Rows of equal stones whose joints waver a little."""
    stone_px = random.uniform(8, 90) * np.exp(random.uniform(-0.5, 0.5, 2))
    down, across = np.mgrid[0:side_px, 0:side_px].astype(np.float32)
    waver_px = _smooth(side_px, 6, 1.5, random) + _smooth(side_px, 40, 0.5, random)
    rows = (down + waver_px) / stone_px[1]
    row = np.floor(rows)
    bond = _BONDS[int(random.integers(len(_BONDS)))]
    columns = (across + waver_px.T) / stone_px[0] + bond * row
    column = np.floor(columns)
    from_joint_px = np.minimum(
        _from_joint(columns - column) * stone_px[0], _from_joint(rows - row) * stone_px[1]
    )
    width_px = random.uniform(0.4, 2.5)
    number = (row * 131 + column * 17).astype(np.int64)
    return _Joints(number, np.clip(1 - from_joint_px / width_px, 0, 1))


def _from_joint(share: FloatArray) -> FloatArray:
    return np.minimum(share, 1 - share)


def _smooth(side_px: int, knots: int, sigma: float, random: np.random.Generator) -> FloatArray:
    """A slowly changing field (side, side) around 0."""
    field = random.normal(0, sigma, (knots, knots)).astype(np.float32)
    return np.asarray(cv2.resize(field, (side_px, side_px), interpolation=cv2.INTER_CUBIC), dtype=float)


def _beyond_an_edge(tile: Tile, random: np.random.Generator) -> FloatArray:
    """How far each pixel lies beyond a straight edge, with all boxes on this side of it."""
    height_px, width_px = tile.pixels.shape[:2]
    angle = random.uniform(0, 2 * np.pi)
    normal = np.array([np.cos(angle), np.sin(angle)])
    down, across = np.mgrid[0:height_px, 0:width_px]
    along_px = (across - width_px / 2) * normal[0] + (down - height_px / 2) * normal[1]
    edge_px = random.uniform(-0.25, 0.35) * max(height_px, width_px)
    for left, top, right, bottom in (box.xyxy_px for box in tile.boxes):
        corners = np.array([(x, y) for x in (left, right) for y in (top, bottom)])
        reach = ((corners - (width_px / 2, height_px / 2)) @ normal).max() + _CLEARANCE_PX
        edge_px = max(edge_px, float(reach))
    return np.asarray(along_px - edge_px, dtype=float)


def _laid(ground: Picture, paved: Picture, beyond_px: FloatArray, random: np.random.Generator) -> Picture:
    """Paving over the ground beyond the edge, often with a kerb of one tone along it."""
    covered = ground[beyond_px > 0].mean()
    stones = paved * float(np.clip(covered / max(paved.mean(), 1.0), 0.5, 2.0)) * random.uniform(0.85, 1.2)
    if random.random() < 0.6:
        kerb_px = random.uniform(3, 14)
        stones = np.where((beyond_px < kerb_px)[..., None], stones.mean() * random.uniform(0.9, 1.3), stones)
    share = np.clip(beyond_px + 0.5, 0, 1)[..., None]
    return np.clip(ground * (1 - share) + stones * share, 0, 255).astype(np.uint8)
