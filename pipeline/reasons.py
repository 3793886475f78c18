"""Reason codes: why a photo was rejected, or what was noticed about one that was used."""

from __future__ import annotations

REJECTED = {
    "not_an_image": "the file is no picture that can be read",
    "truncated": "the picture ends too early",
    "too_large": "the picture is larger than can be read in bounded memory",
    "reading_failed": "reading the picture failed unexpectedly",
    "no_position": "the photo carries no position",
    "no_camera": "focal length and sensor size are unknown",
    "no_height": "the height above ground is unknown",
    "not_downward": "the camera did not look at the ground",
    "blurred": "the photo is blurred; damage in it would be missed",
    "overexposed": "the photo is overexposed; damage in it would be missed",
    "underexposed": "the photo is underexposed; damage in it would be missed",
}

REMARKS = {
    "pixels_turned": "a viewer turned the pixels; turned back in the geometry",
    "pixels_turned_possible": "a viewer saved the photo again; its pixels may be turned",
    "orientation_tag": "the file asks viewers to turn the picture; pixels are counted as stored",
    "attitude_missing": "no attitude; straight down assumed, yaw from the track or unknown",
    "attitude_zero": "all angles are zero; straight down assumed",
    "roll_flipped": "a roll of about 180°: the camera was past straight down; taken as recorded",
    "focal_length_from_35mm": "focal length from the 35 mm equivalent only",
    "height_from_absolute": "height taken from the absolute altitude",
    "positions_differ": "XMP and EXIF tell different positions; the XMP one taken, less surely",
    "time_zone_unknown": "the camera's clock tells no time zone; its time taken as UTC",
    "clock_offset": "camera clock and GPS time disagree; the GPS time taken",
    "slightly_blurred": "slightly blurred; fine damage may be missed",
    "partly_overexposed": "overexposed in part; damage there is missed",
    "partly_underexposed": "underexposed in part; damage there is missed",
    "too_coarse_for": "its pixels are too large for a kind (named behind a colon), which was not looked for",
    "tilted": "the camera looked more than 30° off straight down",
    "end_marker_missing": "the file lacks its end marker, the picture is complete",
}
