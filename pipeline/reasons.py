"""Reason codes: why a photo was rejected, or what was noticed about one that was used."""

from __future__ import annotations

REJECTED = {
    "not_an_image": "the file is no picture that can be read",
    "truncated": "the picture ends too early",
    "no_position": "the photo carries no position",
    "no_camera": "focal length and sensor size are unknown",
    "no_height": "the height above ground is unknown",
    "not_downward": "the camera did not look at the ground",
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
    "end_marker_missing": "the file lacks its end marker, the picture is complete",
}
