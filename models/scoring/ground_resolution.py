"""The ground resolution of labelled pictures, estimated from things of known size seen in them.

Pictures of public data sets say nothing of the height they were taken from; but roads are marked by
standards. Every measurement is a line between two pixels: along a stripe whose width is measured, or
from one end of a thing to the other. The sizes assumed:

* GB 5768.3-2009, markings of Chinese roads: dashes 2 m or 4 m long (told apart by gap, lane and cars),
  yellow lines 0.15 m, stripes of zebra crossings 0.40–0.45 m. White lines are to be 0.15 m; beside
  dashes of known length they show 0.14 m (median of 26 tiles), their edges being worn.
* CJJ 37-2012, urban lanes: 3.25–3.75 m between the centres of their lines.
* Manhole covers 0.70 m in frames of 0.80 m: 0.75 m.
* Cars 4.6 m long and 1.8 m wide, somewhat nearer to the camera than the road.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import cv2
import numpy as np

from vision.camera import FloatArray
from vision.errors import PantauError

MEASUREMENTS = "ground_resolution.csv"
JUDGED_BY_EYE = "ground_resolution_by_eye.csv"
# Half of what markings differ from asphalt by: where a blurred edge crosses it, the edge really lies.
_EDGE_LEVEL = 0.5
_STEP_PX = 0.25
_FEWEST_GROUPS = 2
_REPEATS = 500


@dataclass(frozen=True)
class Feature:
    """A thing of known size: metres, the share by which single ones stray from it, and all of them (1 σ).

    What strays alone, more measurements mend; what strays together (the standard was read wrongly,
    or is not kept to in this town), they do not.
    """

    size_m: float
    alone: float
    together: float


FEATURES: Mapping[str, Feature] = {
    "line_width": Feature(0.14, 0.12, 0.04),
    "yellow_line_width": Feature(0.15, 0.08, 0.08),
    "dash_length_2m": Feature(2.0, 0.05, 0.03),
    "dash_length_4m": Feature(4.0, 0.04, 0.03),
    "zebra_stripe_width": Feature(0.425, 0.05, 0.06),
    "lane_width": Feature(3.5, 0.05, 0.05),
    "manhole_diameter": Feature(0.75, 0.06, 0.06),
    "car_length": Feature(4.6, 0.06, 0.04),
    "car_width": Feature(1.8, 0.05, 0.04),
}


@dataclass(frozen=True)
class Measurement:
    """A thing of known size in a tile: a row of `ground_resolution.csv`.

    The line runs from `start_*_px` to `end_*_px`: along the middle of a stripe whose width is
    measured, else from one end of the thing to the other. `relative_error` is of `gsd_cm` (1 σ).
    """

    tile: str
    overlap_group: int
    feature: str
    assumed_size_m: float
    start_x_px: float
    start_y_px: float
    end_x_px: float
    end_y_px: float
    measured_px: float
    gsd_cm: float
    relative_error: float


@dataclass(frozen=True)
class GroundResolution:
    """The ground sample distances of a set of tiles, in centimetres per pixel.

    `gsd_cm` are the 5th and the 95th percentile over overlap groups, `median_cm` their median;
    `finest_cm`, `coarsest_cm` and `middle_cm` the 95 % intervals of these three.
    """

    tiles: int
    groups: int
    gsd_cm: tuple[float, float]
    finest_cm: tuple[float, float]
    coarsest_cm: tuple[float, float]
    median_cm: float
    middle_cm: tuple[float, float]


def stripe_width_px(
    brightness: FloatArray, start_px: Sequence[float], end_px: Sequence[float], about_px: float
) -> tuple[float, float] | None:
    """Width of a bright stripe and its 1 σ, both in pixels; None where no two edges are seen.

    `brightness` (H, W) is the channel the stripe is brighter in; the line from `start_px` to `end_px`
    (x, y) lies along its middle; `about_px` is roughly its width. The stripe is cut into pieces; of
    each, the mean profile across is taken and the width at half its height, below pixels; the
    result is the median of the pieces, so that worn pieces do not matter.
    """
    across = _straightened(brightness, np.asarray(start_px, float), np.asarray(end_px, float), about_px)
    pieces = np.array_split(across, max(2, int(len(across) // max(12.0, about_px / 2))))
    widths = [width for piece in pieces if (width := _width_at_half_height(piece, about_px)) is not None]
    if len(widths) < 2:
        return None
    spread = 1.4826 * float(np.median(np.abs(np.array(widths) - np.median(widths))))
    return float(np.median(widths)), 1.2533 * spread / len(widths) ** 0.5


def read_measurements(file: Path) -> list[Measurement]:
    """Read `ground_resolution.csv`; raises PantauError when it is something else."""
    numbers = [column.name for column in fields(Measurement) if column.type in ("float", "int")]
    try:
        with file.open(newline="", encoding="utf-8-sig") as stream:
            rows: list[dict[str, object]] = [dict(row) for row in csv.DictReader(stream)]
        for row in rows:
            row.update({name: float(str(row[name])) for name in numbers})
            row["overlap_group"] = int(float(str(row["overlap_group"])))
            _require_positive(row, "gsd_cm", "relative_error")
        return [Measurement(**row) for row in rows]  # type: ignore[arg-type]
    except (OSError, ValueError, KeyError, TypeError, OverflowError) as error:
        raise PantauError(
            f"{file}: cannot be read as measurements of ground resolution ({error}); correct it."
        ) from error


def _require_positive(row: Mapping[str, object], *names: str) -> None:
    for name in names:
        if not 0 < float(str(row[name])) < np.inf:
            raise ValueError(f"{name} = {row[name]} of the tile {row['tile']}")


def tile_resolutions(measurements: Sequence[Measurement]) -> dict[str, float]:
    """For each tile the median of its measurements (cm per pixel), each weighted by its certainty."""
    return _tile_resolutions(measurements, {})


def read_judged_resolutions(file: Path) -> dict[str, float]:
    """Read `ground_resolution_by_eye.csv`: tiles without anything to measure, judged by eye.

    Columns are tile and gsd_cm, the middle of the cluster of measured tiles that it looks like. Raises
    PantauError when the file is something else.
    """
    try:
        with file.open(newline="", encoding="utf-8-sig") as stream:
            rows = list(csv.DictReader(stream))
        for row in rows:
            _require_positive(row, "gsd_cm")
        return {row["tile"]: float(row["gsd_cm"]) for row in rows}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise PantauError(
            f"{file}: cannot be read as judged ground resolutions ({error}); correct it."
        ) from error


def picture_resolutions(
    names: Sequence[str],
    groups: Mapping[str, int],
    measurements: Sequence[Measurement],
    judged_cm: Mapping[str, float] | None = None,
) -> dict[str, float]:
    """The ground sample distance of each picture, in centimetres per pixel.

    What was measured in it; else in its overlap group; else what it was judged to be; else the median of
    all that were measured. Raises ValueError without measurements.
    """
    if not measurements:
        raise ValueError("measurements are needed")
    own = tile_resolutions(measurements)
    of_group: dict[int, list[float]] = {}
    for tile, gsd_cm in own.items():
        if tile in groups:
            of_group.setdefault(groups[tile], []).append(gsd_cm)
    known = {name: float(np.median(of_group[groups[name]])) for name in names if groups.get(name) in of_group}
    everywhere = dict.fromkeys(names, float(np.median(list(own.values()))))
    chosen = everywhere | dict(judged_cm or {}) | known | own
    return {name: chosen[name] for name in names}


def estimate_resolution(measurements: Sequence[Measurement], seed: int = 0) -> GroundResolution:
    """The interval of ground resolutions of the tiles measured.

    Tiles of one overlap group were taken from one height: each group counts once, by the median of
    its tiles. The intervals resample the groups, and draw each feature's true size anew: a size that
    was assumed wrongly is wrong in all tiles alike, and more tiles do not mend it.

    Raises ValueError for measurements of fewer than two groups.
    """
    group_of = {one.tile: one.overlap_group for one in measurements}
    groups = sorted(set(group_of.values()))
    if len(groups) < _FEWEST_GROUPS:
        raise ValueError("measurements of at least two overlap groups are needed")
    random = np.random.default_rng(seed)
    drawn = []
    for _ in range(_REPEATS):
        sizes = {name: float(random.normal(1, thing.together)) for name, thing in FEATURES.items()}
        resolutions = _group_resolutions(measurements, sizes)
        drawn.append(_percentiles(random.choice(resolutions, len(resolutions))))
    finest, median, coarsest = _percentiles(_group_resolutions(measurements, {}))
    low, high = np.percentile(np.array(drawn), [2.5, 97.5], axis=0)
    return GroundResolution(
        len(group_of),
        len(groups),
        (finest, coarsest),
        (float(low[0]), float(high[0])),
        (float(low[2]), float(high[2])),
        median,
        (float(low[1]), float(high[1])),
    )


def _group_resolutions(measurements: Sequence[Measurement], true_sizes: Mapping[str, float]) -> FloatArray:
    """Per overlap group the median of its tiles, with sizes that are `true_sizes` times those assumed."""
    group_of = {one.tile: one.overlap_group for one in measurements}
    by_group: dict[int, list[float]] = {}
    for tile, gsd_cm in _tile_resolutions(measurements, true_sizes).items():
        by_group.setdefault(group_of[tile], []).append(gsd_cm)
    return np.array([float(np.median(own)) for own in by_group.values()])


def _tile_resolutions(
    measurements: Sequence[Measurement], true_sizes: Mapping[str, float]
) -> dict[str, float]:
    by_tile: dict[str, list[tuple[float, float]]] = {}
    for one in measurements:
        gsd_cm = one.gsd_cm * true_sizes.get(one.feature, 1.0)
        by_tile.setdefault(one.tile, []).append((gsd_cm, one.relative_error**-2))
    return {tile: _weighted_median(own) for tile, own in by_tile.items()}


def _weighted_median(weighted: Sequence[tuple[float, float]]) -> float:
    """The median of (value, weight) pairs, interpolated between the middles of their weights."""
    ordered = sorted(weighted)
    weights = np.array([weight for _, weight in ordered])
    middles = (np.cumsum(weights) - weights / 2) / weights.sum()
    return float(np.interp(0.5, middles, [value for value, _ in ordered]))


def _percentiles(resolutions: FloatArray) -> tuple[float, float, float]:
    fine, middle, coarse = np.percentile(resolutions, [5, 50, 95])
    return float(fine), float(middle), float(coarse)


def _straightened(
    brightness: FloatArray, start_px: FloatArray, end_px: FloatArray, about_px: float
) -> FloatArray:
    """Brightness (along, across) round a line, a row per pixel, NaN outside the picture."""
    length_px = float(np.hypot(*(end_px - start_px)))
    along = (end_px - start_px) / max(length_px, 1e-9)
    across = np.array([-along[1], along[0]])
    steps = np.arange(0, length_px, 1.0)[:, None, None] * along
    xy = start_px + steps + _offsets_px(about_px)[None, :, None] * across
    x, y = (xy[..., axis].astype(np.float32) for axis in (0, 1))
    return np.asarray(
        cv2.remap(
            brightness.astype(np.float32), x, y, cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_CONSTANT, borderValue=float("nan"),
        ),
        dtype=np.float64,
    )  # fmt: skip


def _offsets_px(about_px: float) -> FloatArray:
    half_px = 1.3 * about_px + 8
    return np.arange(-half_px, half_px + _STEP_PX / 2, _STEP_PX)


def _width_at_half_height(piece: FloatArray, about_px: float) -> float | None:
    """Width in pixels of the stripe in the middle of (along, across) brightness."""
    offset_px = _offsets_px(about_px)
    inside = np.isfinite(piece).any(axis=0)
    beside = inside & (np.abs(offset_px) > about_px / 2 + 4)
    if not ((beside & (offset_px < 0)).any() and (beside & (offset_px > 0)).any()):
        return None
    profile = np.full(len(offset_px), np.nan)
    profile[inside] = np.nanmedian(piece[:, inside], axis=0)
    top = float(np.median(profile[np.abs(offset_px) < max(1.0, about_px / 4)]))
    middle = len(profile) // 2
    left = _edge_px(profile[middle::-1], top, float(np.median(profile[beside & (offset_px < 0)])))
    right = _edge_px(profile[middle:], top, float(np.median(profile[beside & (offset_px > 0)])))
    return left + right if left is not None and right is not None else None


def _edge_px(outwards: FloatArray, top: float, ground: float) -> float | None:
    """How far out a profile from a stripe's middle falls to half of its height over the ground."""
    level = ground + _EDGE_LEVEL * (top - ground)
    below = np.flatnonzero(outwards <= level)
    if top <= ground or not len(below) or below[0] == 0:
        return None
    last = int(below[0]) - 1
    inside = (outwards[last] - level) / (outwards[last] - outwards[last + 1])
    return float((last + inside) * _STEP_PX)
