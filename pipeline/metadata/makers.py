"""How each maker writes position and attitude: one strategy per dialect, behind one interface.

A strategy takes a photo's XMP and EXIF and returns what it recognises as `Recorded`. To add a
maker, write a function and put it into `STRATEGIES`, in the order of trust.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from math import hypot, sqrt

from pipeline.metadata.exif import Exif
from pipeline.metadata.recorded import Attitude, Position, Recorded
from pipeline.metadata.xmp import Xmp, number
from vision.attitude import looking_down_from

Strategy = Callable[[Xmp, Exif], Recorded]

# 1-σ of a fixed RTK solution and a floating one, where the drone states none: the survey's
# reference errors. Stated ones are not believed below the fixed ones (lever arm, shutter time).
_RTK_FIXED_M = (0.02, 0.03)
_RTK_FLOAT_M = (0.5, 1.0)
_RTK_FIXED_FLAG = 50
_RTK_FLOAT_FLAGS = range(32, 50)

# A camera fixed in a small aeroplane: attitude by a cheap inertial unit, yaw by compass.
_BODY_SIGMA_TILT_DEG = 2.0
_BODY_SIGMA_YAW_DEG = 5.0


def _dji(xmp: Xmp, prefix: str) -> Recorded:
    """DJI's names, also used by Autel's newer firmware under another prefix."""

    def value(*names: str) -> float | None:
        return number(xmp, *(f"{prefix}:{name}" for name in names))

    sigma_position_m, sigma_alt_m = _rtk_sigmas(
        value("rtkflag"), value("rtkstdlat"), value("rtkstdlon"), value("rtkstdhgt")
    )
    return Recorded(
        # `GpsLongtitude` is DJI's and Autel's own spelling.
        position=_position(
            value("gpslatitude", "latitude"), value("gpslongitude", "gpslongtitude", "longitude")
        ),
        attitude=_gimbal(value("gimbalyawdegree"), value("gimbalpitchdegree"), value("gimbalrolldegree")),
        aircraft_yaw_deg=value("flightyawdegree"),
        height_m=value("relativealtitude"),
        altitude_m=value("absolutealtitude"),
        sigma_position_m=sigma_position_m,
        sigma_alt_m=sigma_alt_m,
        taken_at=_utc(xmp.get(f"{prefix}:utcatexposure")),
    )


def dji(xmp: Xmp, exif: Exif) -> Recorded:
    """DJI, `drone-dji:`."""
    return _dji(xmp, "drone-dji")


def dji_thermal(xmp: Xmp, exif: Exif) -> Recorded:
    """DJI's thermal cameras, `DJI:`."""
    return _dji(xmp, "dji")


def autel(xmp: Xmp, exif: Exif) -> Recorded:
    """Autel's newer firmware, `drone:`; the older writes Pix4D's names."""
    return _dji(xmp, "drone")


def parrot(xmp: Xmp, exif: Exif) -> Recorded:
    """Parrot Anafi, `drone-parrot:`; Parrot's clocks are UTC."""
    return Recorded(
        attitude=_gimbal(
            number(xmp, "drone-parrot:camerayawdegree"),
            number(xmp, "drone-parrot:camerapitchdegree"),
            number(xmp, "drone-parrot:camerarolldegree"),
        ),
        aircraft_yaw_deg=number(xmp, "drone-parrot:droneyawdegree"),
    )


def skydio(xmp: Xmp, exif: Exif) -> Recorded:
    """Skydio, `drone-skydio:`, with its attitude in a structure."""
    frame = "drone-skydio:cameraorientationned/drone-skydio:"
    return Recorded(
        position=_position(number(xmp, "drone-skydio:latitude"), number(xmp, "drone-skydio:longitude")),
        attitude=_gimbal(
            number(xmp, f"{frame}yaw"), number(xmp, f"{frame}pitch"), number(xmp, f"{frame}roll")
        ),
        height_m=number(xmp, "drone-skydio:relativealtitude"),
        altitude_m=number(xmp, "drone-skydio:absolutealtitude"),
    )


def sensefly(xmp: Xmp, exif: Exif) -> Recorded:
    """Older senseFly: the aircraft's own angles; the camera is fixed below."""
    return Recorded(
        position=_position(number(xmp, "sensefly:latitude"), number(xmp, "sensefly:longitude")),
        attitude=_body(
            number(xmp, "sensefly:heading", "sensefly:yawangle"),
            number(xmp, "sensefly:pitchangle"),
            number(xmp, "sensefly:rollangle"),
        ),
        height_m=number(xmp, "sensefly:height"),
        altitude_m=number(xmp, "sensefly:altitudewgs84", "sensefly:altitudeamsl"),
        taken_at=_utc(xmp.get("sensefly:utctime")),
    )


def pix4d(xmp: Xmp, exif: Exif) -> Recorded:
    """Pix4D's `Camera:` names: Parrot Sequoia, Sentera, newer senseFly, older Autel.

    Angles are those of a body that carries the camera: pitch 0 looks straight down, 90 ahead.
    senseFly counts the roll the other way.
    """
    roll_deg = number(xmp, "camera:roll")
    if roll_deg is not None and (exif.text("Image Make") or "").lower() == "sensefly":
        roll_deg = -roll_deg
    return Recorded(
        attitude=_body(number(xmp, "camera:yaw"), number(xmp, "camera:pitch"), roll_deg),
        height_m=number(xmp, "camera:abovegroundaltitude"),
        sigma_position_m=_positive(number(xmp, "camera:gpsxyaccuracy")),
        sigma_alt_m=_positive(number(xmp, "camera:gpszaccuracy")),
    )


def teal(xmp: Xmp, exif: Exif) -> Recorded:
    """Teal: rationals, the camera's angles relative to the platform's."""
    yaw_deg, pitch_deg, roll_deg = (
        _sum(number(xmp, f"exif:camera{angle}"), number(xmp, f"exif:platform{angle}"))
        for angle in ("yaw", "pitch", "roll")
    )
    return Recorded(attitude=_gimbal(yaw_deg, pitch_deg, roll_deg))


def plain_exif(xmp: Xmp, exif: Exif) -> Recorded:
    """The GPS directory of EXIF, as any camera writes it; it may be there and empty."""
    altitude_m = exif.number("GPS GPSAltitude")
    if altitude_m is not None and exif.number("GPS GPSAltitudeRef") == 1:
        altitude_m = -altitude_m
    return Recorded(
        position=_position(_degrees(exif, "GPS GPSLatitude", "NS"), _degrees(exif, "GPS GPSLongitude", "EW")),
        altitude_m=altitude_m,
        sigma_position_m=_positive(exif.number("GPS GPSHPositioningError")),
    )


STRATEGIES: tuple[Strategy, ...] = (
    dji, dji_thermal, autel, parrot, skydio, sensefly, pix4d, teal, plain_exif,
)  # fmt: skip


def read_sources(xmp: Xmp, exif: Exif) -> list[Recorded]:
    """What each strategy found, in the order of trust."""
    return [strategy(xmp, exif) for strategy in STRATEGIES]


def _position(lat: float | None, lon: float | None) -> Position | None:
    """A position, unless it is absent, off the globe, or the (0, 0) of a receiver without fix."""
    if lat is None or lon is None or not (-90 <= lat <= 90 and -180 <= lon <= 180):
        return None
    return Position(lat, lon) if (lat, lon) != (0.0, 0.0) else None


def _gimbal(yaw_deg: float | None, pitch_deg: float | None, roll_deg: float | None) -> Attitude | None:
    if yaw_deg is None or pitch_deg is None or not _are_angles(yaw_deg, pitch_deg, roll_deg or 0.0):
        return None
    return Attitude(yaw_deg, pitch_deg, roll_deg or 0.0)


def _body(yaw_deg: float | None, pitch_deg: float | None, roll_deg: float | None) -> Attitude | None:
    if yaw_deg is None or pitch_deg is None or not _are_angles(yaw_deg, pitch_deg, roll_deg or 0.0):
        return None
    if (yaw_deg, pitch_deg, roll_deg or 0.0) == (0.0, 0.0, 0.0):
        return Attitude(0.0, 0.0, 0.0)  # left for the check of attitudes that are all zero
    camera = looking_down_from(yaw_deg, pitch_deg, roll_deg or 0.0)
    return Attitude(*camera, sigma_tilt_deg=_BODY_SIGMA_TILT_DEG, sigma_yaw_deg=_BODY_SIGMA_YAW_DEG)


def _are_angles(*values_deg: float) -> bool:
    return all(abs(value) <= 360 for value in values_deg)


def _sum(camera: float | None, platform: float | None) -> float | None:
    return None if camera is None else camera + (platform or 0.0)


def _rtk_sigmas(
    flag: float | None, std_lat_m: float | None, std_lon_m: float | None, std_alt_m: float | None
) -> tuple[float | None, float | None]:
    """Horizontal and vertical 1-σ by the RTK state: 50 fixed, 32–49 floating, 16 single, 0 none."""
    if not flag or flag == 16:
        return None, None
    usual_m = _RTK_FIXED_M if flag == _RTK_FIXED_FLAG else _RTK_FLOAT_M if flag in _RTK_FLOAT_FLAGS else None
    horizontal_m = usual_m[0] if usual_m else None
    vertical_m = usual_m[1] if usual_m else None
    if _positive(std_lat_m) and _positive(std_lon_m):
        horizontal_m = max(hypot(std_lat_m or 0.0, std_lon_m or 0.0) / sqrt(2), _RTK_FIXED_M[0])
    if _positive(std_alt_m):
        vertical_m = max(std_alt_m or 0.0, _RTK_FIXED_M[1])
    return horizontal_m, vertical_m


def _positive(value: float | None) -> float | None:
    return value if value is not None and value > 0 else None


def _degrees(exif: Exif, name: str, hemispheres: str) -> float | None:
    """Degrees from degrees, minutes, seconds; None without hemisphere: it might be any side."""
    parts = exif.numbers(name)
    hemisphere = (exif.text(f"{name}Ref") or "").upper()[:1]
    if not parts or not hemisphere or hemisphere not in hemispheres:
        return None
    size = sum(part / divisor for part, divisor in zip(parts, (1, 60, 3600), strict=False))
    return -size if hemisphere == hemispheres[1] else size


def _utc(text: str | None) -> datetime | None:
    """A time that its maker states to be UTC; the date's colons, where EXIF's habit put them, too."""
    text = (text or "").strip()
    if text[4:5] == ":":
        text = text.replace(":", "-", 2)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if not 1990 <= moment.year < 2200:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
