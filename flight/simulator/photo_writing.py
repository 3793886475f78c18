"""Writes photos as a drone does: JPEG with EXIF, and XMP in the manner of DJI."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from PIL import ExifTags, Image, UnidentifiedImageError
from PIL.TiffImagePlugin import IFDRational

from vision.camera import Camera
from vision.detector import Picture
from vision.whole_file import write_whole

MAKE, MODEL = "Pantau", "SimQuad"
_SENSOR_WIDTH_MM = 6.4  # of the fictitious camera; with the focal length in pixels gives it in mm
_FULL_FRAME_WIDTH_MM = 36.0
_JPEG_QUALITY = 90
_END_OF_JPEG = b"\xff\xd9"


@dataclass(frozen=True)
class PhotoMetadata:
    """What a drone writes into its photo: what it measured, not where it was.

    Angles as in `vision.attitude`; `alt_rel_m` above take-off, `alt_msl_m` above sea level. `id` is
    32 hexadecimal digits that no other photo carries.
    """

    id: str
    at: datetime
    lat: float
    lon: float
    alt_rel_m: float
    alt_msl_m: float
    yaw_deg: float
    pitch_deg: float
    roll_deg: float


def write_photo(path: Path, picture: Picture, camera: Camera, metadata: PhotoMetadata) -> None:
    """Write a picture (height, width, 3; BGR) as a JPEG file with its metadata, all or nothing."""
    image = Image.fromarray(np.ascontiguousarray(picture[..., ::-1]))
    buffer = BytesIO()
    image.save(
        buffer,
        "JPEG",
        quality=_JPEG_QUALITY,
        exif=_exif(camera, metadata),
        xmp=_xmp(camera, metadata).encode("utf-8"),
    )
    write_whole(path, buffer.getvalue())


def is_complete_photo(path: Path, photo_id: str) -> bool:
    """Whether a file is there, whole, and the photo with that id."""
    try:
        with path.open("rb") as file:
            file.seek(-len(_END_OF_JPEG), os.SEEK_END)
            ended = file.read() == _END_OF_JPEG
        with Image.open(path) as image:
            details = image.getexif().get_ifd(ExifTags.IFD.Exif)
    except (OSError, UnidentifiedImageError):
        return False
    return ended and details.get(ExifTags.Base.ImageUniqueID) == photo_id


def _exif(camera: Camera, metadata: PhotoMetadata) -> Image.Exif:
    exif = Image.Exif()
    taken = f"{metadata.at:%Y:%m:%d %H:%M:%S}"
    focal_mm = camera.focal_px * _SENSOR_WIDTH_MM / camera.width_px
    exif[ExifTags.Base.Make] = MAKE
    exif[ExifTags.Base.Model] = MODEL
    exif[ExifTags.Base.Software] = "Pantau simulated camera"
    exif[ExifTags.Base.Orientation] = 1
    exif[ExifTags.Base.DateTime] = taken
    exif.get_ifd(ExifTags.IFD.Exif).update(
        {
            ExifTags.Base.DateTimeOriginal: taken,
            ExifTags.Base.DateTimeDigitized: taken,
            ExifTags.Base.OffsetTimeOriginal: "+00:00",
            ExifTags.Base.SubsecTimeOriginal: f"{metadata.at.microsecond // 1000:03d}",
            ExifTags.Base.FocalLength: _rational(focal_mm, 1000),
            ExifTags.Base.FocalLengthIn35mmFilm: round(
                camera.focal_px * _FULL_FRAME_WIDTH_MM / camera.width_px
            ),
            ExifTags.Base.ExifImageWidth: camera.width_px,
            ExifTags.Base.ExifImageHeight: camera.height_px,
            ExifTags.Base.ImageUniqueID: metadata.id,
        }
    )
    exif.get_ifd(ExifTags.IFD.GPSInfo).update(_gps(metadata))
    return exif


def _gps(metadata: PhotoMetadata) -> dict[int, Any]:
    gps = ExifTags.GPS
    return {
        gps.GPSVersionID: b"\x02\x03\x00\x00",
        gps.GPSLatitudeRef: "N" if metadata.lat >= 0 else "S",
        gps.GPSLatitude: _degrees_minutes_seconds(metadata.lat),
        gps.GPSLongitudeRef: "E" if metadata.lon >= 0 else "W",
        gps.GPSLongitude: _degrees_minutes_seconds(metadata.lon),
        gps.GPSAltitudeRef: b"\x00" if metadata.alt_msl_m >= 0 else b"\x01",
        gps.GPSAltitude: _rational(abs(metadata.alt_msl_m), 1000),
        gps.GPSMapDatum: "WGS-84",
    }


def _rational(value: float, denominator: int) -> IFDRational:
    return IFDRational(Fraction(round(value * denominator), denominator))


def _degrees_minutes_seconds(degrees: float) -> tuple[IFDRational, IFDRational, IFDRational]:
    """EXIF's three rationals; seconds to 1/100 000, which is 0.3 mm."""
    ticks = round(abs(degrees) * 3600 * 100_000)
    whole, rest = divmod(ticks, 3600 * 100_000)
    minutes, seconds = divmod(rest, 60 * 100_000)
    return IFDRational(whole), IFDRational(minutes), IFDRational(seconds, 100_000)


def _xmp(camera: Camera, metadata: PhotoMetadata) -> str:
    heading_deg = (metadata.yaw_deg + 180) % 360 - 180  # −180…180, as DJI writes it
    fields = {
        "AltitudeType": "RelativeAltitude",
        "GpsStatus": "Normal",
        "GpsLatitude": f"{metadata.lat:+.9f}",
        "GpsLongitude": f"{metadata.lon:+.9f}",
        "AbsoluteAltitude": f"{metadata.alt_msl_m:+.3f}",
        "RelativeAltitude": f"{metadata.alt_rel_m:+.3f}",
        "GimbalYawDegree": f"{heading_deg:+.2f}",
        "GimbalPitchDegree": f"{metadata.pitch_deg:+.2f}",
        "GimbalRollDegree": f"{metadata.roll_deg:+.2f}",
        "FlightYawDegree": f"{heading_deg:+.2f}",
        "FlightPitchDegree": "+0.00",
        "FlightRollDegree": "+0.00",
        "CalibratedFocalLength": f"{camera.focal_px:.6f}",
        "CalibratedOpticalCenterX": f"{camera.cx_px + 0.5:.6f}",
        "CalibratedOpticalCenterY": f"{camera.cy_px + 0.5:.6f}",
        "RtkFlag": "0",
    }
    attributes = "\n".join(f'    drone-dji:{name}="{value}"' for name, value in fields.items())
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">\n'
        ' <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">\n'
        '  <rdf:Description rdf:about="" xmlns:tiff="http://ns.adobe.com/tiff/1.0/"\n'
        '    xmlns:drone-dji="http://www.dji.com/drone-dji/1.0/"\n'
        f'    tiff:Make="{MAKE}"\n    tiff:Model="{MODEL}"\n{attributes}/>\n'
        " </rdf:RDF>\n</x:xmpmeta>\n"
        '<?xpacket end="w"?>'
    )
