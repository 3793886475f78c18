"""Pieces of photos that show a defect, with its outline drawn in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import cv2
import numpy as np
import shapely

from pipeline.register.records import ObservationRecord, PhotoRecord
from reports.inspected_photo import Problem, read_inspected
from vision.camera import FloatArray
from vision.detector import Picture
from vision.video_decoding import FrameReader
from vision.whole_file import write_whole

Outline = Sequence[tuple[float, float]]

_CONTEXT = 2.0  # how much larger than the outline's box a crop is
_ASPECT = 4 / 3
_SMALLEST_PX = 256
_SMALLEST_OUTPUT_PX, _LARGEST_OUTPUT_PX = 512, 640
_OUTLINE_PX, _CASING_PX = 2, 4
_GAP_PX = 3.0  # between what is outlined and the line around it
_JPEG_QUALITY = 86


@dataclass(frozen=True)
class CropOrder:
    """A crop to be cut: whose outline, from which photo, in which colour (#rrggbb), under which name."""

    observation: ObservationRecord
    photo: PhotoRecord
    colour: str
    file_name: str


@dataclass(frozen=True)
class Crop:
    """A crop that was cut, with its size; or, with `file_name` None, the problem that there was."""

    file_name: str | None
    width_px: int = 0
    height_px: int = 0
    problem: Problem | None = None


def cut_crops(
    orders: Sequence[CropOrder], folder: Path, advance: Callable[[int, str], None]
) -> Mapping[str, Crop]:
    """Cut and write crops as JPEG files into a folder; by the id of the observation's detection.

    Each photo is decoded once, one at a time, so that memory holds no more than one. A photo that
    is missing, unreadable or has another size than the inspected one gives crops with that problem.
    """
    crops: dict[str, Crop] = {}
    in_photo_order = sorted(orders, key=lambda order: (order.photo.place_in_video, order.photo.id))
    with FrameReader() as frames:
        for _, group in groupby(in_photo_order, key=lambda order: order.photo.id):
            of_photo = list(group)
            picture = read_inspected(of_photo[0].photo, frames)
            for order in of_photo:
                crops[order.observation.detection] = (
                    Crop(None, problem=picture)
                    if isinstance(picture, str)
                    else _write_crop(picture, order, folder)
                )
                advance(1, order.photo.name)
    return crops


def crop_window(outline_px: Outline, width_px: int, height_px: int) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of the crop around an outline, within a photo of that size.

    Twice the outline's box and at least 256 px, 4:3, moved inwards at the photo's edges.
    """
    corners = np.asarray(outline_px, dtype=np.float64)
    low, high = corners.min(axis=0), corners.max(axis=0)
    box_width, box_height = high - low
    crop_height = max(_CONTEXT * box_height, _CONTEXT * box_width / _ASPECT, _SMALLEST_PX)
    size = np.array([crop_height * _ASPECT, crop_height])
    whole = np.array([width_px, height_px], dtype=np.float64)
    size = np.minimum(size, whole)
    start = np.clip((low + high - size) / 2, 0, whole - size)
    left, top = np.floor(start).astype(int)
    right, bottom = np.ceil(start + size).astype(int)
    return int(left), int(top), min(int(right), width_px), min(int(bottom), height_px)


def draw_crop(picture: Picture, outline_px: Outline, colour: str) -> Picture:
    """The crop around an outline with the outline drawn in, its longer side 512 to 640 px.

    Small crops are enlarged so that the line stays thin beside what it marks.
    """
    left, top, right, bottom = crop_window(outline_px, picture.shape[1], picture.shape[0])
    piece = picture[top:bottom, left:right]
    longer_px = max(piece.shape[:2])
    scale = min(max(longer_px, _SMALLEST_OUTPUT_PX), _LARGEST_OUTPUT_PX) / longer_px
    size = (max(round(piece.shape[1] * scale), 1), max(round(piece.shape[0] * scale), 1))
    smooth = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    crop = np.asarray(cv2.resize(piece, size, interpolation=smooth), dtype=np.uint8)
    # Pixel (0, 0) is the centre of a pixel, so that scaling needs the half pixel.
    corners = _around((np.asarray(outline_px, dtype=np.float64) - (left, top) + 0.5) * scale - 0.5)
    _draw_outline(crop, corners, (255, 255, 255), _CASING_PX)
    _draw_outline(crop, corners, _blue_green_red(colour), _OUTLINE_PX)
    return crop


def _around(corners: FloatArray) -> FloatArray:
    """The corners of an outline moved outwards, so that the line does not cover a crack."""
    shape = shapely.make_valid(shapely.Polygon(corners)).buffer(_GAP_PX, join_style="mitre")
    largest = max(shapely.get_parts(shape), key=lambda part: part.area)
    return np.array(largest.exterior.coords)[:-1]


def _draw_outline(crop: Picture, corners: FloatArray, colour: tuple[int, int, int], width_px: int) -> None:
    fixed_point = np.round(corners * 8).astype(np.int32).reshape(-1, 1, 2)
    cv2.polylines(crop, [fixed_point], True, colour, width_px, cv2.LINE_AA, shift=3)


def _blue_green_red(colour: str) -> tuple[int, int, int]:
    red, green, blue = bytes.fromhex(colour.removeprefix("#"))
    return blue, green, red


def _write_crop(picture: Picture, order: CropOrder, folder: Path) -> Crop:
    crop = draw_crop(picture, order.observation.outline_px, order.colour)
    done, jpeg = cv2.imencode(".jpg", crop, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
    if not done:
        return Crop(None, problem="unreadable")
    write_whole(folder / order.file_name, jpeg.tobytes())
    return Crop(order.file_name, crop.shape[1], crop.shape[0])
