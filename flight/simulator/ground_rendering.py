"""The ground as pictures: rendered in chunks when first seen, kept while they are needed."""

from __future__ import annotations

import itertools
import math
from collections import OrderedDict
from typing import TypeVar

import cv2
import numpy as np
import shapely

from flight.simulator import damage_rendering, scenery_rendering
from flight.simulator.damage_rendering import render_damage
from flight.simulator.district import District
from flight.simulator.district_parts import Damage, SceneryItem
from flight.simulator.raster import GROUND_PIXEL_M, FloatPicture, Window
from flight.simulator.scenery_rendering import render_item, render_shadow
from flight.simulator.surface import asphalt_grey, render_bare_ground
from vision.detector import Picture

CHUNK_PX = 1280
CHUNK_M = CHUNK_PX * GROUND_PIXEL_M
# Blurs of masks (up to 5 cm wide) look this far; more than that is rendered and cut off.
_MARGIN_PX = 32

Item = TypeVar("Item", Damage, SceneryItem)


class Ground:
    """Pictures of a district's ground. The same place looks the same in every picture of it."""

    def __init__(self, district: District, chunks_kept: int = 64) -> None:
        """Keep at most `chunks_kept` rendered chunks of 8 m × 8 m (5 MB each)."""
        self._district = district
        self._chunks_kept = chunks_kept
        self._chunks: OrderedDict[tuple[int, int], Picture] = OrderedDict()
        self._grey_of_site = {surface.site: asphalt_grey(surface) for surface in district.surfaces}
        self._damages_near = shapely.STRtree([damage.geometry_m for damage in district.damages])
        self._scenery_near = shapely.STRtree([item.outline_m for item in district.scenery])

    def picture(self, area_m: shapely.Polygon, reduce: int = 1) -> tuple[Picture, Window]:
        """A picture that holds the ground within an area, and the window that it fills.

        `reduce` (a power of two up to 256) makes pixels that many times larger. Chunks that the area
        does not touch stay black.
        """
        size_px = CHUNK_PX // reduce
        west, south, east, north = area_m.bounds
        columns = range(math.floor(west / CHUNK_M), math.floor(east / CHUNK_M) + 1)
        rows = range(math.floor(-north / CHUNK_M), math.floor(-south / CHUNK_M) + 1)
        whole = np.zeros((len(rows) * size_px, len(columns) * size_px, 3), np.uint8)
        for row, column in itertools.product(rows, columns):
            x, y = column * CHUNK_M, -row * CHUNK_M
            if not area_m.intersects(shapely.box(x, y - CHUNK_M, x + CHUNK_M, y)):
                continue
            chunk = self.chunk(column, row)
            if reduce > 1:
                small = cv2.resize(chunk, (size_px, size_px), interpolation=cv2.INTER_AREA)
                chunk = np.asarray(small, np.uint8)
            top, left = (row - rows[0]) * size_px, (column - columns[0]) * size_px
            whole[top : top + size_px, left : left + size_px] = chunk
        left, top = columns[0] * size_px, rows[0] * size_px
        return whole, Window(left, top, whole.shape[1], whole.shape[0], GROUND_PIXEL_M * reduce)

    def chunk(self, column: int, row: int) -> Picture:
        """The chunk whose north-west corner lies at column · CHUNK_M east, row · CHUNK_M south."""
        key = column, row
        if key not in self._chunks:
            self._chunks[key] = self._render(column, row)
        self._chunks.move_to_end(key)
        while len(self._chunks) > self._chunks_kept:
            self._chunks.popitem(last=False)
        return self._chunks[key]

    def _render(self, column: int, row: int) -> Picture:
        size = CHUNK_PX + 2 * _MARGIN_PX
        window = Window(column * CHUNK_PX - _MARGIN_PX, row * CHUNK_PX - _MARGIN_PX, size, size)
        picture = render_bare_ground(window, self._district.surfaces, self._district.seed)
        scenery = _near(window, self._scenery_near, self._district.scenery, scenery_rendering.REACH_M)
        on_road = [item for item in scenery if item.kind in ("line_marking", "stain")]
        for item in on_road:
            _draw(picture, window, item)
        for damage in _near(window, self._damages_near, self._district.damages, damage_rendering.REACH_M):
            render_damage(picture, window, damage, self._grey_of_site[damage.site])
        above = [item for item in scenery if item not in on_road]
        for item in above:
            _cast_shadow(picture, window, item)
        for item in above:
            _draw(picture, window, item)
        inner = picture[_MARGIN_PX:-_MARGIN_PX, _MARGIN_PX:-_MARGIN_PX]
        return np.clip(np.round(inner), 0, 255).astype(np.uint8)


def _near(window: Window, tree: shapely.STRtree, items: tuple[Item, ...], reach_m: float) -> list[Item]:
    found = tree.query(shapely.box(*window.bounds_m).buffer(reach_m))
    return [items[number] for number in sorted(found)]


def _draw(picture: FloatPicture, window: Window, item: SceneryItem) -> None:
    part = window.common(Window.around(item.outline_m.bounds, 0.4))
    if part is not None:
        render_item(window.view(picture, part), part, item)


def _cast_shadow(picture: FloatPicture, window: Window, item: SceneryItem) -> None:
    part = window.common(Window.around(item.outline_m.bounds, scenery_rendering.REACH_M - 0.5))
    if part is not None:
        render_shadow(window.view(picture, part), part, item)
