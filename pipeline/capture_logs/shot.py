"""What of a photo's file helps to find it in a log: its number, its clock, its camera, its position."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from pipeline.metadata.exif import Exif, read_exif
from pipeline.metadata.jpeg import read_structure
from pipeline.metadata.makers import read_sources, serial_number
from pipeline.metadata.photo_time import local_time, taken_at
from pipeline.metadata.recorded import Position, merge
from pipeline.metadata.xmp import read_xmp
from vision.decoding import MOST_BYTES

# Headers end well within this, unless a thermal camera keeps its raw picture there.
_USUAL_HEADER_BYTES = 1 << 18
# `DJI_20240301090000_0012_W` → 12 and W: some cameras write one file per lens.
_NUMBER_AND_LENS = re.compile(r"(\d+)(?:_([A-Za-z]{1,3}))?$")


@dataclass(frozen=True)
class Shot:
    """A photo file as a log's events see it.

    `clock` is what the camera's clock showed, without a zone, `resolution_s` how finely; `utc` is there where
    the file tells its zone or its GPS time; `by_gnss` says that satellites told the time, and no person.
    `camera` names the clock: photos of one camera and lens.
    """

    path: Path
    camera: str = ""
    number: int | None = None
    clock: datetime | None = None
    resolution_s: float = 1.0
    utc: datetime | None = None
    by_gnss: bool = False
    position: Position | None = None
    sigma_position_m: float | None = None


def read_shot(path: Path) -> Shot:
    """The shot behind a photo file; only number and name of one that cannot be read."""
    match = _NUMBER_AND_LENS.search(path.stem)
    number = int(match[1]) if match else None
    lens = (match[2] or "").upper() if match else ""
    data, header_bytes = _header(path)
    if not header_bytes:
        return Shot(path, lens, number)
    exif = read_exif(data[:header_bytes])
    jpeg = read_structure(data)
    xmp = read_xmp(data[:header_bytes], jpeg) if jpeg is not None else {}
    recorded = merge(read_sources(xmp, exif))
    utc, doubt = (recorded.taken_at, None) if recorded.taken_at else taken_at(exif)
    model = [exif.text(name) or "" for name in ("Image Make", "Image Model")]
    clock, resolution_s = _clock(exif)
    return Shot(
        path,
        camera=" ".join([*model, serial_number(xmp, exif), lens]),
        number=number,
        clock=clock,
        resolution_s=resolution_s,
        utc=None if doubt == "time_zone_unknown" else utc,
        by_gnss=recorded.taken_at is not None or bool(exif.numbers("GPS GPSTimeStamp")),
        position=recorded.position,
        sigma_position_m=recorded.sigma_position_m,
    )


def _header(path: Path) -> tuple[bytes, int]:
    """A file's beginning, and how much of that are a JPEG's headers: none of another file."""
    try:
        with path.open("rb") as stream:
            for length in (_USUAL_HEADER_BYTES, MOST_BYTES):
                stream.seek(0)
                data = stream.read(length)
                jpeg = read_structure(data)
                if jpeg is not None:
                    return data, jpeg.header_bytes
                if len(data) < length:
                    break
    except OSError:
        pass
    return b"", 0


def _clock(exif: Exif) -> tuple[datetime | None, float]:
    moment = local_time(exif, "EXIF DateTimeOriginal") or local_time(exif, "Image DateTime")
    fraction = exif.text("EXIF SubSecTimeOriginal") or ""
    if moment is None or not (fraction.isdecimal() and fraction.isascii()):
        return moment, 1.0
    return moment + timedelta(seconds=float(f"0.{fraction}")), 10.0 ** -len(fraction)
