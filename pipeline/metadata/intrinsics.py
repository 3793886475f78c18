"""The camera behind a photo: from its own calibration, a table, or the 35 mm equivalent.

In this order, each with the relative 1-σ error of its focal length. All work on the picture as the
sensor saw it (before any viewer turned it).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import sqrt

from pipeline.metadata.camera_table import find_sensor
from pipeline.metadata.exif import Exif
from pipeline.metadata.xmp import Xmp, as_number, number, numbers
from vision.camera import Camera

# Relative 1-σ errors of the focal length, by source. Factory calibrations drift with temperature
# and focus; makers round, and disagree on what "35 mm equivalent" compares: widths or diagonals.
_SIGMA_DEWARP = 0.003
_SIGMA_CALIBRATED = 0.005
_SIGMA_FOCAL_PLANE = 0.015
_SIGMA_35MM = 0.04
_SIGMA_35MM_SAME_SHAPE = 0.03

# Beyond this share of the width from the middle an optical centre is that of another picture size.
_FARTHEST_CENTRE_REL = 0.05

_WIDTH_35MM = 36.0
_DIAGONAL_35MM = sqrt(36.0**2 + 24.0**2)
_MM_PER_RESOLUTION_UNIT = {2: 25.4, 3: 10.0, 4: 1.0, 5: 0.001}
_DJI_PREFIXES = ("drone-dji", "dji", "drone")


@dataclass(frozen=True)
class _Picture:
    """What the sources of intrinsics look at. `full_width_px` is that before any resizing."""

    name: str
    width_px: int
    height_px: int
    full_width_px: float
    xmp: Xmp
    exif: Exif

    @property
    def scale(self) -> float:
        """Pixels of this picture per pixel of the camera's."""
        return self.width_px / self.full_width_px

    def is_plausible(self, focal_px: float) -> bool:
        """Between a field of view of 118° and a strong telephoto lens."""
        return 0.3 * self.width_px < focal_px < 30 * self.width_px


_Source = Callable[[_Picture], Camera | None]


def find_camera(xmp: Xmp, exif: Exif, width_px: int, height_px: int) -> Camera | None:
    """The camera of a photo whose sensor picture is this large; None when nothing tells its focal length."""
    make, model = exif.text("Image Make") or "", exif.text("Image Model") or ""
    picture = _Picture(
        name=f"{make} {model.removeprefix(make).strip()}".strip() or "unknown camera",
        width_px=width_px,
        height_px=height_px,
        full_width_px=_full_width_px(exif, width_px, height_px),
        xmp=xmp,
        exif=exif,
    )
    for source in (
        _dewarp_data,
        _calibrated_focal_length,
        _perspective,
        _table,
        _focal_plane,
        _equivalent_35mm,
    ):
        camera = source(picture)
        if camera is not None and picture.is_plausible(camera.focal_px):
            return camera
    return None


def _full_width_px(exif: Exif, width_px: int, height_px: int) -> float:
    """EXIF's width where it has this picture's shape: the picture before it was made smaller."""
    width, height = exif.number("EXIF ExifImageWidth"), exif.number("EXIF ExifImageLength")
    if width and height and abs(width / height * height_px / width_px - 1) < 0.01:
        return width
    return float(width_px)


def _dewarp_data(picture: _Picture) -> Camera | None:
    """DJI's `DewarpData`: date; fx, fy, cx, cy (from the middle), k1, k2, p1, p2, k3, in pixels."""
    for prefix in _DJI_PREFIXES:
        _, _, listed = picture.xmp.get(f"{prefix}:dewarpdata", "").partition(";")
        values = [as_number(part) for part in listed.split(",")]
        if len(values) == 9 and None not in values:
            fx, fy, cx, cy, k1, k2, p1, p2, k3 = (value or 0.0 for value in values)
            straightened = picture.xmp.get(f"{prefix}:dewarpflag", "0").strip() == "1"
            return Camera(
                picture.name,
                picture.width_px,
                picture.height_px,
                focal_px=(fx + fy) / 2 * picture.scale,
                cx_px=(picture.width_px - 1) / 2 + cx * picture.scale,
                cy_px=(picture.height_px - 1) / 2 + cy * picture.scale,
                distortion=(0.0,) * 5 if straightened else (k1, k2, p1, p2, k3),
                focal_sigma_rel=_SIGMA_DEWARP,
                source="DewarpData",
            )
    return None


def _calibrated_focal_length(picture: _Picture) -> Camera | None:
    """DJI's `CalibratedFocalLength` and `CalibratedOpticalCenterX`, `…Y`, in pixels of a full-size photo.

    Some models write millimetres there; those are implausible as pixels and fall through. The centre
    counts from the corner of the first pixel, not from its middle.
    """
    for prefix in _DJI_PREFIXES:
        focal_px = number(picture.xmp, f"{prefix}:calibratedfocallength")
        if focal_px is not None and picture.is_plausible(focal_px * picture.scale):
            camera = _centred(picture, focal_px * picture.scale, _SIGMA_CALIBRATED, "CalibratedFocalLength")
            return _with_optical_centre(camera, picture, prefix)
    return None


def _with_optical_centre(camera: Camera, picture: _Picture, prefix: str) -> Camera:
    """The camera with its recorded optical centre, where that lies about the middle."""
    x = number(picture.xmp, f"{prefix}:calibratedopticalcenterx")
    y = number(picture.xmp, f"{prefix}:calibratedopticalcentery")
    if x is None or y is None:
        return camera
    cx_px, cy_px = x * picture.scale - 0.5, y * picture.scale - 0.5
    farthest_px = _FARTHEST_CENTRE_REL * picture.width_px
    if max(abs(cx_px - camera.cx_px), abs(cy_px - camera.cy_px)) > farthest_px:
        return camera
    return replace(camera, cx_px=cx_px, cy_px=cy_px)


def _perspective(picture: _Picture) -> Camera | None:
    """Pixel calibration in millimetres by Pix4D's names: focal length, principal point, K1 K2 K3 T1 T2."""
    focal_mm = number(picture.xmp, "camera:perspectivefocallength")
    pitch_mm = _pixel_pitch_mm(picture)
    if (
        focal_mm is None
        or pitch_mm is None
        or picture.xmp.get("camera:modeltype", "perspective") != "perspective"
    ):
        return None
    centred = _centred(picture, focal_mm / pitch_mm, _SIGMA_DEWARP, "PerspectiveFocalLength")
    principal = numbers(picture.xmp, "camera:principalpoint")
    distortion = numbers(picture.xmp, "camera:perspectivedistortion")
    cx_px, cy_px = centred.cx_px, centred.cy_px
    if len(principal) == 2:
        cx_px, cy_px = principal[0] / pitch_mm - 0.5, principal[1] / pitch_mm - 0.5
    k1, k2, k3, t1, t2 = distortion if len(distortion) == 5 else (0.0,) * 5
    return replace(centred, cx_px=cx_px, cy_px=cy_px, distortion=(k1, k2, t1, t2, k3))


def _table(picture: _Picture) -> Camera | None:
    """Focal length in millimetres over the sensor width of our table."""
    focal_mm = picture.exif.number("EXIF FocalLength")
    make, model = picture.exif.text("Image Make") or "", picture.exif.text("Image Model") or ""
    sensor = find_sensor(make, model, picture.width_px)
    if not focal_mm or sensor is None:
        return None
    focal_px = focal_mm / sensor.width_mm * picture.width_px * _digital_zoom(picture)
    return _centred(picture, focal_px, sensor.sigma_rel, "camera table")


def _focal_plane(picture: _Picture) -> Camera | None:
    """Focal length in millimetres over the pixel pitch that the file tells."""
    focal_mm, pitch_mm = picture.exif.number("EXIF FocalLength"), _pixel_pitch_mm(picture)
    if not focal_mm or pitch_mm is None:
        return None
    return _centred(
        picture, focal_mm / pitch_mm * _digital_zoom(picture), _SIGMA_FOCAL_PLANE, "focal plane resolution"
    )


def _equivalent_35mm(picture: _Picture) -> Camera | None:
    """The 35 mm equivalent, which some makers count by the width and others by the diagonal.

    For pictures of the shape of film both are one; for others the middle, with a larger error.
    The diagonal is that of a 4:3 sensor, of which wider pictures are cut.
    """
    equivalent_mm = picture.exif.number("EXIF FocalLengthIn35mmFilm")
    if not equivalent_mm:
        return None
    by_width = equivalent_mm / _WIDTH_35MM * picture.width_px
    if abs(picture.width_px / picture.height_px - 1.5) < 0.02:
        return _centred(picture, by_width, _SIGMA_35MM_SAME_SHAPE, "35 mm equivalent")
    by_diagonal = equivalent_mm / _DIAGONAL_35MM * picture.width_px * 1.25
    return _centred(picture, (by_width + by_diagonal) / 2, _SIGMA_35MM, "35 mm equivalent")


def _centred(picture: _Picture, focal_px: float, sigma_rel: float, source: str) -> Camera:
    return Camera.centred(
        picture.name, picture.width_px, picture.height_px, focal_px, focal_sigma_rel=sigma_rel, source=source
    )


def _pixel_pitch_mm(picture: _Picture) -> float | None:
    per_unit = picture.exif.number("EXIF FocalPlaneXResolution")
    unit_mm = _MM_PER_RESOLUTION_UNIT.get(int(picture.exif.number("EXIF FocalPlaneResolutionUnit") or 2))
    if not per_unit or per_unit < 0 or unit_mm is None:
        return None
    return unit_mm / per_unit / picture.scale


def _digital_zoom(picture: _Picture) -> float:
    zoom = picture.exif.number("EXIF DigitalZoomRatio")
    return zoom if zoom is not None and zoom > 1 else 1.0
