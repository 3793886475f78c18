"""Cameras as their makers calibrated them: one source per dialect, in the order of trust.

All work on the picture as the sensor saw it (before any viewer turned it).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from pipeline.metadata.exif import Exif
from pipeline.metadata.xmp import Xmp, as_number, number, numbers
from vision.camera import Camera
from vision.lens import FisheyeLens

# Relative 1-σ errors of the focal length. Calibrations of the one camera drift with temperature and focus;
# where a focal length comes alone, it is that of the model, of which cameras differ: the reference error.
_SIGMA_WITH_DISTORTION = 0.003
_SIGMA_FOCAL_ONLY = 0.01

# Beyond this share of the width from the middle an optical centre is that of another picture size.
_FARTHEST_CENTRE_REL = 0.05

_MM_PER_RESOLUTION_UNIT = {2: 25.4, 3: 10.0, 4: 1.0, 5: 0.001}
_DJI_PREFIXES = ("drone-dji", "dji", "drone")
_WITHOUT_DISTORTION = (0.0, 0.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True)
class Picture:
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

    @property
    def pitch_mm(self) -> float | None:
        """The size of this picture's pixels on the sensor, as EXIF tells it."""
        per_unit = self.exif.number("EXIF FocalPlaneXResolution")
        unit_mm = _MM_PER_RESOLUTION_UNIT.get(int(self.exif.number("EXIF FocalPlaneResolutionUnit") or 2))
        if not per_unit or per_unit < 0 or unit_mm is None:
            return None
        return unit_mm / per_unit / self.scale

    def is_plausible(self, focal_px: float) -> bool:
        """Between a field of view of 118° and a strong telephoto lens."""
        return 0.3 * self.width_px < focal_px < 30 * self.width_px

    def centred(self, focal_px: float, sigma_rel: float, source: str) -> Camera:
        """The camera of this picture, without distortion, its optical centre in the middle."""
        return Camera.centred(
            self.name, self.width_px, self.height_px, focal_px, focal_sigma_rel=sigma_rel, source=source
        )

    def with_centre(self, camera: Camera, x_px: float | None, y_px: float | None) -> Camera:
        """The camera with this optical centre, in pixels of its full-size photos, unless it is implausible.

        It counts from the corner of the first pixel, not from its middle.
        """
        if x_px is None or y_px is None:
            return camera
        cx_px, cy_px = x_px * self.scale - 0.5, y_px * self.scale - 0.5
        farthest_px = _FARTHEST_CENTRE_REL * self.width_px
        if max(abs(cx_px - camera.cx_px), abs(cy_px - camera.cy_px)) > farthest_px:
            return camera
        return replace(camera, cx_px=cx_px, cy_px=cy_px)


Source = Callable[[Picture], Camera | None]


def dewarp_data(picture: Picture) -> Camera | None:
    """DJI's `DewarpData`: date; fx, fy, cx, cy, k1, k2, p1, p2, k3, in pixels and as OpenCV counts them.

    cx, cy count from `CalibratedOpticalCenterX`, `…Y`, or from the middle (DJI's "Mavic 3M image processing
    guide", step 2). With `DewarpFlag` 1 the drone has straightened the picture already.
    """
    for prefix in _DJI_PREFIXES:
        _, _, listed = picture.xmp.get(f"{prefix}:dewarpdata", "").partition(";")
        values = [as_number(part) for part in listed.split(",")]
        if len(values) == 9 and None not in values:
            fx, fy, cx, cy, k1, k2, p1, p2, k3 = (value or 0.0 for value in values)
            camera = picture.centred((fx + fy) / 2 * picture.scale, _SIGMA_WITH_DISTORTION, "DewarpData")
            camera = _with_calibrated_centre(picture, camera, prefix)
            straightened = picture.xmp.get(f"{prefix}:dewarpflag", "0").strip() == "1"
            return replace(
                camera,
                cx_px=camera.cx_px + cx * picture.scale,
                cy_px=camera.cy_px + cy * picture.scale,
                distortion=_WITHOUT_DISTORTION if straightened else (k1, k2, p1, p2, k3),
            )
    return None


def calibrated_focal_length(picture: Picture) -> Camera | None:
    """DJI's and Autel's `CalibratedFocalLength`, in pixels of a full-size photo, with the optical centre.

    Some models write millimetres there; those are implausible as pixels and fall through.
    """
    for prefix in _DJI_PREFIXES:
        focal_px = number(picture.xmp, f"{prefix}:calibratedfocallength")
        if focal_px is not None and picture.is_plausible(focal_px * picture.scale):
            camera = picture.centred(focal_px * picture.scale, _SIGMA_FOCAL_ONLY, "CalibratedFocalLength")
            return _with_calibrated_centre(picture, camera, prefix)
    return None


def skydio(picture: Picture) -> Camera | None:
    """Skydio's `CalibratedFocalLength` of two axes, its centre and `DewarpData` of k1, k2, k3.

    The centre counts from the middle of the first pixel: that of 4056 pixels is 2027.5 (Skydio, "Camera
    and metadata overview").
    """
    focal = [number(picture.xmp, f"drone-skydio:calibratedfocallength/drone-skydio:{axis}") for axis in "xy"]
    fx, fy = focal
    if fx is None or fy is None:
        return None
    radial = numbers(picture.xmp, "drone-skydio:dewarpdata")
    k1, k2, k3 = radial if len(radial) == 3 else (0.0, 0.0, 0.0)
    sigma_rel = _SIGMA_WITH_DISTORTION if radial else _SIGMA_FOCAL_ONLY
    camera = picture.centred((fx + fy) / 2 * picture.scale, sigma_rel, "CalibratedFocalLength")
    centre = [
        number(picture.xmp, f"drone-skydio:calibratedopticalcenter/drone-skydio:{axis}") for axis in "xy"
    ]
    x_px, y_px = (None if value is None else value + 0.5 for value in centre)
    return replace(picture.with_centre(camera, x_px, y_px), distortion=(k1, k2, 0.0, 0.0, k3))


def perspective(picture: Picture) -> Camera | None:
    """Pix4D's names, by which Parrot and Sentera write: focal length, principal point, K1 K2 K3 T1 T2."""
    focal_mm = number(picture.xmp, "camera:perspectivefocallength")
    if focal_mm is None or _model_type(picture) != "perspective":
        return None
    in_pixels = picture.xmp.get("camera:perspectivefocallengthunits", "mm").strip().lower().startswith("p")
    pitch_mm = 1.0 if in_pixels else picture.pitch_mm
    if pitch_mm is None:
        return None
    camera = picture.centred(focal_mm / pitch_mm, _SIGMA_WITH_DISTORTION, "PerspectiveFocalLength")
    distortion = numbers(picture.xmp, "camera:perspectivedistortion")
    k1, k2, k3, t1, t2 = distortion if len(distortion) == 5 else _WITHOUT_DISTORTION
    return replace(_with_principal_point(picture, camera), distortion=(k1, k2, t1, t2, k3))


def fisheye(picture: Picture) -> Camera | None:
    """Pix4D's names for a fisheye, as Parrot writes them: matrix in pixels and polynomial of the angle."""
    affine_px = numbers(picture.xmp, "camera:fisheyeaffinematrix")
    polynomial = numbers(picture.xmp, "camera:fisheyepolynomial")
    if _model_type(picture) != "fisheye" or len(affine_px) != 4:
        return None
    c, d, e, f = (value * picture.scale for value in affine_px)
    try:
        lens, focal_px = FisheyeLens.from_pix4d((c, d, e, f), tuple(polynomial))
    except ValueError:
        return None
    camera = picture.centred(focal_px, _SIGMA_WITH_DISTORTION, "FisheyeAffineMatrix")
    return replace(_with_principal_point(picture, camera), fisheye=lens)


CALIBRATIONS: tuple[Source, ...] = (dewarp_data, calibrated_focal_length, skydio, perspective, fisheye)


def _model_type(picture: Picture) -> str:
    return picture.xmp.get("camera:modeltype", "perspective").strip().lower()


def _with_calibrated_centre(picture: Picture, camera: Camera, prefix: str) -> Camera:
    x_px = number(picture.xmp, f"{prefix}:calibratedopticalcenterx")
    y_px = number(picture.xmp, f"{prefix}:calibratedopticalcentery")
    return picture.with_centre(camera, x_px, y_px)


def _with_principal_point(picture: Picture, camera: Camera) -> Camera:
    """The camera with `PrincipalPoint`, in millimetres from the picture's top left corner."""
    principal_mm, pitch_mm = numbers(picture.xmp, "camera:principalpoint"), picture.pitch_mm
    if len(principal_mm) != 2 or pitch_mm is None:
        return camera
    x_px, y_px = (value / pitch_mm / picture.scale for value in principal_mm)
    return picture.with_centre(camera, x_px, y_px)
