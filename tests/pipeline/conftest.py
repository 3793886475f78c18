"""Photos made for the tests of reading them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import ExifTags, Image

from pipeline.register import Register
from tests.pipeline.painted_photos import CAMERAS_M, DAY
from tests.pipeline.painted_photos import write_photo as write_painted

GPS, BASE = ExifTags.GPS, ExifTags.Base

DJI_XMP = {
    "GpsLatitude": "-1.2654", "GpsLongitude": "116.8312", "AbsoluteAltitude": "+61.00",
    "RelativeAltitude": "+30.00", "GimbalYawDegree": "+40.00", "GimbalPitchDegree": "-90.00",
    "GimbalRollDegree": "+0.00", "FlightYawDegree": "+41.00", "CalibratedFocalLength": "640.0",
}  # fmt: skip


def _xmp_packet(properties: dict[str, str], prefix: str = "drone-dji") -> bytes:
    """An XMP packet with the properties as attributes, as DJI writes it."""
    attributes = "\n".join(f'{prefix}:{name}="{value}"' for name, value in properties.items())
    return (
        f"<x:xmpmeta><rdf:RDF><rdf:Description {attributes}></rdf:Description></rdf:RDF></x:xmpmeta>".encode()
    )


def _gps_directory(lat: float, lon: float, altitude_m: float | None = None) -> dict[int, Any]:
    """The GPS directory of EXIF for a position."""
    directory: dict[int, Any] = {
        GPS.GPSLatitudeRef: "N" if lat >= 0 else "S", GPS.GPSLatitude: (abs(lat), 0.0, 0.0),
        GPS.GPSLongitudeRef: "E" if lon >= 0 else "W", GPS.GPSLongitude: (abs(lon), 0.0, 0.0),
    }  # fmt: skip
    return directory | ({GPS.GPSAltitude: altitude_m} if altitude_m is not None else {})


WritePhoto = Callable[..., Path]


@pytest.fixture
def write_photo(tmp_path: Path) -> WritePhoto:
    """`write_photo(xmp=…, image=…, exif=…, gps=(lat, lon, altitude), picture=…)` writes a JPEG."""

    def write(
        xmp: bytes | None = None,
        image: dict[int, Any] | None = None,
        exif: dict[int, Any] | None = None,
        gps: tuple[float, ...] | None = None,
        picture: np.ndarray | None = None,
        name: str = "photo.jpg",
        quality: int = 85,
    ) -> Path:
        tags = Image.Exif()
        tags.update({BASE.Make: "DJI", BASE.Model: "TEST"} if image is None else image)
        tags.get_ifd(ExifTags.IFD.Exif).update(exif or {})
        if gps is not None:
            tags[BASE.GPSInfo] = _gps_directory(*gps) if gps else {}
        pixels = np.zeros((480, 640, 3), np.uint8) if picture is None else picture
        path = tmp_path / name
        Image.fromarray(pixels).save(path, exif=tags, quality=quality, **({"xmp": xmp} if xmp else {}))
        return path

    return write


@pytest.fixture
def dji_photo(write_photo: WritePhoto) -> WritePhoto:
    """`dji_photo({"GimbalYawDegree": None, …}, …)` writes a DJI photo with some of its XMP changed."""

    def write(changes: dict[str, str | None] | None = None, **more: Any) -> Path:
        properties = {key: value for key, value in (DJI_XMP | (changes or {})).items() if value is not None}
        return write_photo(xmp=_xmp_packet(properties), **more)

    return write


@pytest.fixture(scope="module")
def photos(tmp_path_factory) -> list[Path]:
    folder = tmp_path_factory.mktemp("march")
    return [
        write_painted(folder / f"{i}.jpg", *at, DAY + timedelta(seconds=3 * i))
        for i, at in enumerate(CAMERAS_M)
    ]


@pytest.fixture
def register(tmp_path) -> Iterator[Register]:
    with Register.open(tmp_path / "register.db", create=True) as opened_register:
        yield opened_register
