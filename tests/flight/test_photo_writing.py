"""Photo files as a drone writes them: EXIF and XMP that other programs read."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import exifread
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from flight.simulator.photo_writing import PhotoMetadata, is_complete_photo, write_photo
from vision.camera import Camera

CAMERA = Camera.centred("SimQuad", 64, 48, 66.0)
METADATA = PhotoMetadata(
    id="0123456789abcdef0123456789abcdef",
    at=datetime(2026, 8, 3, 2, 15, 9, 250_000, tzinfo=UTC),
    lat=-6.305212345,
    lon=106.840398765,
    alt_rel_m=20.125,
    alt_msl_m=54.125,
    yaw_deg=271.5,
    pitch_deg=-89.75,
    roll_deg=0.5,
)
PICTURE = np.full((48, 64, 3), (10, 120, 240), np.uint8)


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    write_photo(tmp_path / "p.JPG", PICTURE, CAMERA, METADATA)
    return tmp_path / "p.JPG"


def exif_of(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        return exifread.process_file(file)


def degrees_of(tags: dict[str, Any], name: str, negative: str) -> float:
    parts = [float(Fraction(value.num, value.den)) for value in tags[f"GPS GPS{name}"].values]
    sign = -1 if str(tags[f"GPS GPS{name}Ref"]) == negative else 1
    return sign * (parts[0] + parts[1] / 60 + parts[2] / 3600)


def test_exif_holds_maker_time_lens_and_size(photo: Path) -> None:
    tags = {name: str(value) for name, value in exif_of(photo).items()}
    assert (tags["Image Make"], tags["Image Model"]) == ("Pantau", "SimQuad")
    assert tags["EXIF DateTimeOriginal"] == "2026:08:03 02:15:09"
    assert tags["EXIF OffsetTimeOriginal"] == "+00:00"
    assert tags["EXIF SubSecTimeOriginal"] == "250"
    assert tags["EXIF FocalLengthIn35mmFilm"] == "37"
    assert (tags["EXIF ExifImageWidth"], tags["EXIF ExifImageLength"]) == ("64", "48")


@settings(max_examples=40, deadline=None)
@given(lat=st.floats(-89.9, 89.9), lon=st.floats(-179.9, 179.9), alt=st.floats(-400, 9000))
def test_gps_survives_the_round_trip(
    tmp_path_factory: pytest.TempPathFactory, lat: float, lon: float, alt: float
) -> None:
    path = tmp_path_factory.mktemp("gps") / "p.JPG"
    changed = {**METADATA.__dict__, "lat": lat, "lon": lon, "alt_msl_m": alt}
    write_photo(path, PICTURE, CAMERA, PhotoMetadata(**changed))
    tags = exif_of(path)
    assert degrees_of(tags, "Latitude", "S") == pytest.approx(lat, abs=2e-9)
    assert degrees_of(tags, "Longitude", "W") == pytest.approx(lon, abs=2e-9)
    below = int(tags["GPS GPSAltitudeRef"].values[0])
    height = float(Fraction(tags["GPS GPSAltitude"].values[0].num, tags["GPS GPSAltitude"].values[0].den))
    assert (-height if below else height) == pytest.approx(alt, abs=1e-3)


def test_xmp_is_djis(photo: Path) -> None:
    with Image.open(photo) as image:
        xmp = image.info["xmp"].decode("utf-8")
    for field in (
        'drone-dji:RelativeAltitude="+20.125"',
        'drone-dji:AbsoluteAltitude="+54.125"',
        'drone-dji:GimbalYawDegree="-88.50"',
        'drone-dji:GimbalPitchDegree="-89.75"',
        'drone-dji:GimbalRollDegree="+0.50"',
        'drone-dji:CalibratedFocalLength="66.000000"',
        'drone-dji:GpsLatitude="-6.305212345"',
        'drone-dji:GpsLongitude="+106.840398765"',
    ):
        assert field in xmp
    ElementTree.fromstring(xmp)


def test_colours_keep_their_order(photo: Path) -> None:
    with Image.open(photo) as image:
        red, green, blue = image.convert("RGB").getpixel((30, 20))  # type: ignore[misc]
    assert red > green > blue


def test_complete_means_whole_and_this_photo(photo: Path, tmp_path: Path) -> None:
    assert is_complete_photo(photo, METADATA.id)
    assert not is_complete_photo(photo, "f" * 32)
    assert not is_complete_photo(tmp_path / "missing.JPG", METADATA.id)
    cut = tmp_path / "cut.JPG"
    cut.write_bytes(photo.read_bytes()[:-40])
    assert not is_complete_photo(cut, METADATA.id)
    cut.write_bytes(b"")
    assert not is_complete_photo(cut, METADATA.id)


def test_nothing_is_left_beside_the_photo(photo: Path) -> None:
    assert list(photo.parent.iterdir()) == [photo]
