"""The camera behind a photo: from its own calibration, a table, or the 35 mm equivalent.

In this order, each with the relative 1-σ error of its focal length. All work on the picture as the
sensor saw it (before any viewer turned it).
"""

from __future__ import annotations

from math import hypot, sqrt

from pipeline.metadata.calibrations import CALIBRATIONS, Picture
from pipeline.metadata.camera_table import find_sensor
from pipeline.metadata.exif import Exif
from pipeline.metadata.xmp import Xmp
from vision.camera import Camera

# Relative 1-σ errors of the focal length, by source. Lenses differ from their nominal length; makers round,
# and disagree on what "35 mm equivalent" compares: widths or diagonals.
_SIGMA_LENS = 0.009
_SIGMA_FOCAL_PLANE = 0.015
_SIGMA_35MM = 0.04
_SIGMA_35MM_SAME_SHAPE = 0.03

# A focal length that is this far from the 35 mm equivalent, whatever that compares and of whatever crop, is
# that of another lens or zoom.
_CONTRADICTION_REL = 0.3

_WIDTH_35MM = 36.0
_DIAGONAL_35MM = sqrt(36.0**2 + 24.0**2)
FROM_35MM = "35 mm equivalent"


def find_camera(xmp: Xmp, exif: Exif, width_px: int, height_px: int) -> Camera | None:
    """The camera of a photo whose sensor picture is this large; None when nothing tells its focal length.

    What the 35 mm equivalent clearly contradicts is passed over: several cameras of a drone may go by one
    name, and calibrations may be those of another lens.
    """
    picture = _picture(xmp, exif, width_px, height_px)
    equivalent = _if_plausible(_equivalent_35mm(picture), picture)
    for source in (*CALIBRATIONS, _table, _focal_plane):
        camera = _if_plausible(source(picture), picture)
        if camera is not None and not _is_contradicted(camera, equivalent, _digital_zoom(picture)):
            return camera
    return equivalent


def passes_calibration_over(xmp: Xmp, exif: Exif, camera: Camera) -> bool:
    """Whether the file holds a calibration that was not believed when this camera was found for it."""
    picture = _picture(xmp, exif, camera.width_px, camera.height_px)
    calibrated = [_if_plausible(source(picture), picture) for source in CALIBRATIONS]
    sources = {found.source for found in calibrated if found is not None}
    return bool(sources) and camera.source not in sources


def _picture(xmp: Xmp, exif: Exif, width_px: int, height_px: int) -> Picture:
    make, model = exif.text("Image Make") or "", exif.text("Image Model") or ""
    return Picture(
        name=f"{make} {model.removeprefix(make).strip()}".strip() or "unknown camera",
        width_px=width_px,
        height_px=height_px,
        full_width_px=_full_width_px(exif, width_px, height_px),
        xmp=xmp,
        exif=exif,
    )


def _full_width_px(exif: Exif, width_px: int, height_px: int) -> float:
    """EXIF's width where it has this picture's shape: the picture before it was made smaller."""
    width, height = exif.number("EXIF ExifImageWidth"), exif.number("EXIF ExifImageLength")
    if width and height and abs(width / height * height_px / width_px - 1) < 0.01:
        return width
    return float(width_px)


def _if_plausible(camera: Camera | None, picture: Picture) -> Camera | None:
    return camera if camera is not None and picture.is_plausible(camera.focal_px) else None


def _is_contradicted(camera: Camera, equivalent: Camera | None, digital_zoom: float) -> bool:
    """Whether an equivalent, with digital zoom or without, is that of quite another field of view."""
    if equivalent is None or camera.fisheye is not None:
        return False
    ratios = [camera.focal_px / (equivalent.focal_px * zoom) for zoom in (1.0, digital_zoom)]
    return all(max(ratio, 1 / ratio) > 1 + _CONTRADICTION_REL for ratio in ratios)


def _table(picture: Picture) -> Camera | None:
    """Focal length in millimetres over the sensor width of our table."""
    focal_mm = picture.exif.number("EXIF FocalLength")
    make, model = picture.exif.text("Image Make") or "", picture.exif.text("Image Model") or ""
    sensor = find_sensor(make, model, picture.width_px)
    if not focal_mm or sensor is None:
        return None
    focal_px = focal_mm / sensor.width_mm * picture.width_px * _digital_zoom(picture)
    sigma_rel = hypot(sensor.sigma_rel, _SIGMA_LENS, _rounding_rel(focal_mm))
    return picture.centred(focal_px, sigma_rel, "camera table")


def _focal_plane(picture: Picture) -> Camera | None:
    """Focal length in millimetres over the pixel pitch that the file tells."""
    focal_mm, pitch_mm = picture.exif.number("EXIF FocalLength"), picture.pitch_mm
    if not focal_mm or pitch_mm is None:
        return None
    sigma_rel = hypot(_SIGMA_FOCAL_PLANE, _rounding_rel(focal_mm))
    return picture.centred(focal_mm / pitch_mm * _digital_zoom(picture), sigma_rel, "focal plane resolution")


def _equivalent_35mm(picture: Picture) -> Camera | None:
    """The 35 mm equivalent, which some makers count by the width and others by the diagonal.

    For pictures of the shape of film both are one; for others the middle, with a larger error.
    The diagonal is that of a 4:3 sensor, of which wider pictures are cut.
    """
    equivalent_mm = picture.exif.number("EXIF FocalLengthIn35mmFilm")
    if not equivalent_mm or equivalent_mm < 0:
        return None
    rounding_rel = _rounding_rel(equivalent_mm)
    by_width = equivalent_mm / _WIDTH_35MM * picture.width_px
    if abs(picture.width_px / picture.height_px - 1.5) < 0.02:
        return picture.centred(by_width, hypot(_SIGMA_35MM_SAME_SHAPE, rounding_rel), FROM_35MM)
    by_diagonal = equivalent_mm / _DIAGONAL_35MM * picture.width_px * 1.25
    return picture.centred((by_width + by_diagonal) / 2, hypot(_SIGMA_35MM, rounding_rel), FROM_35MM)


def _digital_zoom(picture: Picture) -> float:
    zoom = picture.exif.number("EXIF DigitalZoomRatio")
    return zoom if zoom is not None and zoom > 1 else 1.0


def _rounding_rel(value: float) -> float:
    """The relative 1-σ error of a number that was rounded to its last digit, of three at most."""
    step = next(
        step for step in (1.0, 0.1, 0.01) if step == 0.01 or abs(round(value / step) * step - value) < 1e-6
    )
    return step / sqrt(12) / abs(value)
