"""A contact sheet: rows of crops with boxes and captions in one PNG, to see at a glance what goes wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from vision.decoding import Undecodable, read_picture
from vision.detector import Picture
from vision.errors import PantauError
from vision.whole_file import write_whole

FOUND = (240, 110, 0)
LABELLED = (0, 190, 70)
_CROP_PX = 240
_GAP_PX = 12
_HEADING_PX = 34
_CAPTION_PX = 40
_TEXT, _FAINT, _PAPER = (25, 25, 25), (120, 120, 120), (255, 255, 255)
# So much of what lies around a box is shown too, in shares of its longer side, and never less than so
# many pixels of the picture in all.
_CONTEXT_SHARE = 0.35
_LEAST_SHOWN_PX = 140


@dataclass(frozen=True)
class Box:
    """A box to draw, in the picture's pixels, and its colour (red, green, blue)."""

    xyxy_px: tuple[float, float, float, float]
    colour: tuple[int, int, int]


@dataclass(frozen=True)
class Crop:
    """What of a picture is shown: the surroundings of `xyxy_px`, with a caption and boxes."""

    picture: Path
    xyxy_px: tuple[float, float, float, float]
    caption: str
    boxes: tuple[Box, ...]


@dataclass(frozen=True)
class Row:
    """Crops side by side under a heading; a row without crops shows its heading alone."""

    heading: str
    crops: Sequence[Crop]


def write_contact_sheet(file: Path, title: str, rows: Sequence[Row]) -> None:
    """Write the rows as one PNG, atomically.

    Raises PantauError when a picture cannot be read or the file not be written.
    """
    write_whole(file, _encoded(draw_contact_sheet(title, rows)))


def draw_contact_sheet(title: str, rows: Sequence[Row]) -> Image.Image:
    """The sheet as an image: a title with the legend, then row under row."""
    columns = max([len(row.crops) for row in rows] + [4])
    width_px = _GAP_PX + columns * (_CROP_PX + _GAP_PX)
    heights_px = [_HEADING_PX + (_CROP_PX + _CAPTION_PX if row.crops else 0) for row in rows]
    sheet = Image.new("RGB", (width_px, 2 * _HEADING_PX + sum(heights_px) + _GAP_PX), _PAPER)
    draw = ImageDraw.Draw(sheet)
    draw.text((_GAP_PX, 10), title, _TEXT, _font(20))
    _draw_legend(draw, _HEADING_PX + 4)
    top_px = 2 * _HEADING_PX
    for row, height_px in zip(rows, heights_px, strict=True):
        draw.text((_GAP_PX, top_px + 8), row.heading, _TEXT, _font(17))
        for column, crop in enumerate(row.crops):
            left_px = _GAP_PX + column * (_CROP_PX + _GAP_PX)
            sheet.paste(_drawn(crop), (left_px, top_px + _HEADING_PX))
            caption_px = top_px + _HEADING_PX + _CROP_PX + 2
            draw.text((left_px, caption_px), crop.caption, _TEXT, _font(13))
            draw.text((left_px, caption_px + 16), crop.picture.stem, _FAINT, _font(11))
        top_px += height_px
    return sheet


def shown_window(
    xyxy_px: tuple[float, float, float, float], width_px: int, height_px: int
) -> tuple[int, int, int, int]:
    """The square (left, top, right, bottom) around a box that is shown, moved into the picture.

    It may reach beyond a picture that is smaller than it.
    """
    left, top, right, bottom = xyxy_px
    side = max((1 + 2 * _CONTEXT_SHARE) * max(right - left, bottom - top), _LEAST_SHOWN_PX)
    side_px = max(1, round(min(side, max(width_px, height_px))))
    x = round(min(max((left + right - side_px) / 2, 0), max(width_px - side_px, 0)))
    y = round(min(max((top + bottom - side_px) / 2, 0), max(height_px - side_px, 0)))
    return x, y, x + side_px, y + side_px


def _drawn(crop: Crop) -> Image.Image:
    pixels = read_picture(crop.picture)
    if isinstance(pixels, Undecodable):
        raise PantauError(f"{crop.picture}: cannot be shown, {pixels.detail}.")
    window = shown_window(crop.xyxy_px, pixels.shape[1], pixels.shape[0])
    image = Image.fromarray(_cut(pixels, window)[..., ::-1])
    draw = ImageDraw.Draw(image)
    scale = _CROP_PX / (window[2] - window[0])
    for box in crop.boxes:
        own = box.xyxy_px == crop.xyxy_px
        corners = np.subtract(box.xyxy_px, [window[0], window[1]] * 2) * scale
        draw.rectangle([float(value) for value in corners], outline=box.colour, width=3 if own else 1)
    return image


def _cut(pixels: Picture, window: tuple[int, int, int, int]) -> Picture:
    left, top, right, bottom = window
    part = pixels[top:bottom, left:right]
    below, beside = (bottom - top) - part.shape[0], (right - left) - part.shape[1]
    whole = cv2.copyMakeBorder(part, 0, below, 0, beside, cv2.BORDER_CONSTANT, value=(255, 255, 255))
    shrinks = whole.shape[0] > _CROP_PX
    resized = cv2.resize(
        whole, (_CROP_PX, _CROP_PX), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
    )
    return np.asarray(resized, dtype=np.uint8)


def _draw_legend(draw: ImageDraw.ImageDraw, top_px: int) -> None:
    left_px = _GAP_PX
    for colour, words in (
        (FOUND, "found"),
        (LABELLED, "labelled"),
        (None, "thick: what the caption speaks of"),
    ):
        if colour is not None:
            draw.rectangle((left_px, top_px + 3, left_px + 14, top_px + 15), outline=colour, width=3)
            left_px += 20
        draw.text((left_px, top_px), words, _TEXT, _font(14))
        left_px += round(draw.textlength(words, _font(14))) + 24


def _font(size_px: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size_px)


def _encoded(image: Image.Image) -> bytes:
    from io import BytesIO

    stream = BytesIO()
    image.save(stream, "PNG", optimize=True)
    return stream.getvalue()
