"""EXIF of a photo, by exifread, as numbers and texts that are there or None."""

from __future__ import annotations

import io
import logging
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import exifread

# What is wrong with a photo is told by its reason codes, not by log lines of a library.
logging.getLogger("exifread").setLevel(logging.CRITICAL)

_THUMBNAIL = "JPEGThumbnail"


@dataclass(frozen=True)
class Exif:
    """The tags of a photo under exifread's names (`EXIF FocalLength`, `GPS GPSLatitude` …)."""

    tags: Mapping[str, Any] = field(default_factory=dict)

    def text(self, name: str) -> str | None:
        """A text, without padding; None when absent or empty."""
        tag = self.tags.get(name)
        if tag is None:
            return None
        value = tag.values if isinstance(tag.values, str) else str(tag.printable)
        return value.replace("\0", "").strip() or None

    def numbers(self, name: str) -> list[float]:
        """The numbers of a tag; empty when absent, or when one of them is none (0/0)."""
        tag = self.tags.get(name)
        if tag is None or isinstance(tag.values, str | bytes):
            return []
        values = [_as_float(value) for value in tag.values]
        return [value for value in values if value is not None] if None not in values else []

    def number(self, name: str) -> float | None:
        """The first number of a tag, or None."""
        return next(iter(self.numbers(name)), None)


def read_exif(header: bytes) -> Exif:
    """The tags in a photo's headers; whatever cannot be read is absent."""
    return Exif(_process(header, extract_thumbnail=False))


def read_thumbnail(header: bytes) -> bytes | None:
    """The embedded thumbnail as JPEG bytes, or None."""
    thumbnail = _process(header, extract_thumbnail=True).get(_THUMBNAIL)
    return thumbnail if isinstance(thumbnail, bytes) else None


def _process(header: bytes, extract_thumbnail: bool) -> dict[str, Any]:
    try:
        tags: dict[str, Any] = exifread.process_file(
            io.BytesIO(header), details=False, extract_thumbnail=extract_thumbnail
        )
    except Exception:  # a damaged file makes exifread raise anything; then there is no EXIF
        return {}
    return tags


def _as_float(value: Any) -> float | None:
    if isinstance(value, tuple) and len(value) == 1:
        value = value[0]
    try:
        number = float(value.num) / float(value.den) if hasattr(value, "den") else float(value)
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
        return None
    return number if math.isfinite(number) else None
