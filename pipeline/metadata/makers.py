"""How each maker writes position and attitude: one strategy per dialect, behind one interface.

A strategy takes a photo's XMP and EXIF and returns what it recognises as `Recorded`. To add a
maker, write a function and put it into `STRATEGIES`, under the prefix of its XMP and in the order of trust.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime

from pipeline.metadata.exif import Exif
from pipeline.metadata.gnss import position_at, rtk_sigmas, rtk_solution
from pipeline.metadata.recorded import Attitude, Recorded
from pipeline.metadata.xmp import Xmp, as_number, number
from vision.attitude import looking_down_from

Strategy = Callable[[Xmp, Exif], Recorded]

# A camera fixed in a small aeroplane: attitude by a cheap inertial unit, yaw by compass.
_BODY_SIGMA_TILT_DEG = 2.0
_BODY_SIGMA_YAW_DEG = 5.0

# DJI's word for a receiver without fix; what is then written is dead reckoning.
_NO_FIX = "invalid"
_NO_FIX_SIGMA_M = 30.0

# EXIF's word for a measurement that did not succeed.
_VOID = "V"

# Autel's EVO Lite Enterprise fills Pix4D's names with angles from the horizon. Its makers' other gimbals
# cannot look so far backwards that a pitch from straight down were below this.
_FARTHEST_BACKWARDS_DEG = -30.0

# What its GPSAltitudeRef has for heights below the ellipsoid and below the sea (EXIF 3.0).
_BELOW_ZERO = (1.0, 3.0)

_DEGREES_IN_TEXT = re.compile(r"^([\d.]+),([\d.]+)(?:,([\d.]+))?([NSEW])$", re.IGNORECASE)


def _dji(xmp: Xmp, prefix: str) -> Recorded:
    """DJI's names, also used by Autel's newer firmware under another prefix."""

    def value(name: str) -> float | None:
        return as_number(xmp.get(f"{prefix}:{name}", ""))

    state = value("rtkflag")
    sigma_position_m, sigma_alt_m = rtk_sigmas(
        state, value("rtkstdlat"), value("rtkstdlon"), value("rtkstdhgt")
    )
    if sigma_position_m is None and xmp.get(f"{prefix}:gpsstatus", "").strip().lower() == _NO_FIX:
        sigma_position_m = _NO_FIX_SIGMA_M
    return Recorded(
        # `GpsLongtitude` is DJI's and Autel's own spelling.
        position=position_at(value("gpslatitude"), _first(value("gpslongitude"), value("gpslongtitude")))
        or position_at(value("latitude"), value("longitude")),
        attitude=_gimbal(value("gimbalyawdegree"), value("gimbalpitchdegree"), value("gimbalrolldegree")),
        aircraft_yaw_deg=value("flightyawdegree"),
        height_m=value("relativealtitude"),
        altitude_m=value("absolutealtitude"),
        sigma_position_m=sigma_position_m,
        sigma_alt_m=sigma_alt_m,
        rtk=rtk_solution(state),
        taken_at=_utc(xmp.get(f"{prefix}:utcatexposure")),
    )


def dji(xmp: Xmp, exif: Exif) -> Recorded:
    """DJI, `drone-dji:`; Autel's EVO II binds its own prefix to DJI's namespace."""
    return _dji(xmp, "drone-dji")


def dji_thermal(xmp: Xmp, exif: Exif) -> Recorded:
    """DJI's thermal cameras, `DJI:`."""
    return _dji(xmp, "dji")


def autel(xmp: Xmp, exif: Exif) -> Recorded:
    """Autel's newer firmware, `drone:`; the older writes Pix4D's names."""
    return _dji(xmp, "drone")


def parrot(xmp: Xmp, exif: Exif) -> Recorded:
    """Parrot Anafi, `drone-parrot:`, whose time is that of its satellites, with the zone.

    Names by Parrot's "Embedded photo metadata"; the rest stands under Pix4D's names.
    """
    return Recorded(
        attitude=_gimbal(
            number(xmp, "drone-parrot:camerayawdegree"),
            number(xmp, "drone-parrot:camerapitchdegree"),
            number(xmp, "drone-parrot:camerarolldegree"),
        ),
        aircraft_yaw_deg=number(xmp, "drone-parrot:droneyawdegree"),
        taken_at=_utc(xmp.get("exif:datetimeoriginal"), needs_zone=True),
    )


def skydio(xmp: Xmp, exif: Exif) -> Recorded:
    """Skydio, `drone-skydio:`, with its attitude in a structure."""
    frame = "drone-skydio:cameraorientationned/drone-skydio:"
    return Recorded(
        position=position_at(number(xmp, "drone-skydio:latitude"), number(xmp, "drone-skydio:longitude")),
        attitude=_gimbal(
            number(xmp, f"{frame}yaw"), number(xmp, f"{frame}pitch"), number(xmp, f"{frame}roll")
        ),
        height_m=number(xmp, "drone-skydio:relativealtitude"),
        altitude_m=number(xmp, "drone-skydio:absolutealtitude"),
    )


def sensefly(xmp: Xmp, exif: Exif) -> Recorded:
    """Older senseFly: the aircraft's own angles; the camera is fixed below."""
    return Recorded(
        position=position_at(number(xmp, "sensefly:latitude"), number(xmp, "sensefly:longitude")),
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
    """Pix4D's `Camera:` names: Parrot, Sentera, newer senseFly, older Autel.

    Angles are those of a body that carries the camera: pitch 0 looks straight down, 90 ahead.
    senseFly counts the roll the other way, Autel's EVO Lite the pitch from the horizon.
    """
    yaw_deg, pitch_deg, roll_deg = (number(xmp, f"camera:{angle}") for angle in ("yaw", "pitch", "roll"))
    make = (exif.text("Image Make") or "").lower()
    if roll_deg is not None and make == "sensefly":
        roll_deg = -roll_deg
    from_horizon = pitch_deg is not None and pitch_deg < _FARTHEST_BACKWARDS_DEG
    return Recorded(
        attitude=_gimbal(yaw_deg, pitch_deg, roll_deg)
        if from_horizon
        else _body(yaw_deg, pitch_deg, roll_deg),
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


def standard_xmp(xmp: Xmp, exif: Exif) -> Recorded:
    """EXIF's position as XMP repeats it, `48,21.1367N` (XMP specification part 2)."""
    altitude_m = number(xmp, "exif:gpsaltitude")
    if altitude_m is not None and number(xmp, "exif:gpsaltituderef") in _BELOW_ZERO:
        altitude_m = -altitude_m
    return Recorded(
        position=position_at(
            _degrees_in_text(xmp.get("exif:gpslatitude")), _degrees_in_text(xmp.get("exif:gpslongitude"))
        ),
        altitude_m=altitude_m,
    )


def plain_exif(xmp: Xmp, exif: Exif) -> Recorded:
    """The GPS directory of EXIF, as any camera writes it; it may be there and empty."""
    altitude_m = exif.number("GPS GPSAltitude")
    if altitude_m is not None and exif.number("GPS GPSAltitudeRef") in _BELOW_ZERO:
        altitude_m = -altitude_m
    position = position_at(_degrees(exif, "GPS GPSLatitude", "NS"), _degrees(exif, "GPS GPSLongitude", "EW"))
    return Recorded(
        position=position if exif.text("GPS GPSStatus") != _VOID else None,
        altitude_m=altitude_m,
        sigma_position_m=_positive(exif.number("GPS GPSHPositioningError")),
    )


STRATEGIES: tuple[tuple[str, Strategy], ...] = (
    ("drone-dji", dji),
    ("dji", dji_thermal),
    ("drone", autel),
    ("drone-parrot", parrot),
    ("drone-skydio", skydio),
    ("sensefly", sensefly),
    ("camera", pix4d),
    ("exif", teal),
    ("exif", standard_xmp),
    ("", plain_exif),
)
"""The prefix without which a strategy finds nothing ("" for EXIF itself), and the strategy."""


def read_sources(xmp: Xmp, exif: Exif) -> list[Recorded]:
    """What the strategies found, in the order of trust."""
    prefixes = {key.partition(":")[0] for key in xmp} | {""}
    return [strategy(xmp, exif) for prefix, strategy in STRATEGIES if prefix in prefixes]


def serial_number(xmp: Xmp, exif: Exif) -> str:
    """What tells two drones of one model apart: the body's number, or the drone's; "" where none is told."""
    return exif.text("EXIF BodySerialNumber") or xmp.get("drone-dji:droneserialnumber", "").strip()


def _first(one: float | None, other: float | None) -> float | None:
    return other if one is None else one


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


def _sum(camera_deg: float | None, platform_deg: float | None) -> float | None:
    """Two angles added, −180 to 180."""
    return None if camera_deg is None else (camera_deg + (platform_deg or 0.0) + 180) % 360 - 180


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


def _degrees_in_text(text: str | None) -> float | None:
    match = _DEGREES_IN_TEXT.match(text or "")
    if match is None:
        return None
    *parts, hemisphere = match.groups()
    sizes = [as_number(part or "0") for part in parts]
    if None in sizes:
        return None
    size = sum((part or 0.0) / divisor for part, divisor in zip(sizes, (1, 60, 3600), strict=True))
    return -size if hemisphere.upper() in "SW" else size


def _utc(text: str | None, needs_zone: bool = False) -> datetime | None:
    """A time that its maker states to be UTC; the date's colons, where EXIF's habit put them, too.

    Where it `needs_zone`, a time without one is the camera's, and None.
    """
    text = (text or "").strip()
    if text[4:5] == ":":
        text = text.replace(":", "-", 2)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if not 1990 <= moment.year < 2200 or (needs_zone and moment.tzinfo is None):
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
