"""`pantau locate`: where on the ground the pixels of a photo lie, and how surely."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.placing.ground_options import Dem, GroundAlt, TakeOff, parse_take_off
from vision.console import AsJson, Quiet, Verbose, emit, say
from vision.errors import PantauError

if TYPE_CHECKING:
    from pipeline.geotagging.observation import GroundPoint
    from pipeline.photo import Photo

_REMEDIES = {
    "not_an_image": "give a JPEG photo as the drone wrote it",
    "truncated": "copy it from the drone again",
    "too_large": "give the original photo, or a smaller copy that keeps its metadata",
    "no_position": "give a photo that carries GPS coordinates",
    "no_camera": "give the original photo, with its EXIF",
    "no_height": "give --ground-alt, or another photo",
    "not_downward": "give a photo that shows the ground",
}


def add_commands(app: typer.Typer) -> None:
    """Register `locate`."""
    app.command("locate")(locate)


def locate(
    photo: Annotated[Path, typer.Argument(help="A photo with position and attitude, as a drone wrote it.")],
    pixel: Annotated[list[str], typer.Option("--pixel", metavar="X,Y", help="A pixel; as often as wanted.")],
    dem: Dem = None,
    ground_alt: GroundAlt = None,
    take_off: TakeOff = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
    quiet: Quiet = False,
) -> None:
    """Tell where on the ground pixels of a photo lie, and how surely.

    Pixels count from the top left, x to the right and y down, in the file's stored pixels (a wish for
    turning in EXIF's Orientation is not followed). The ground is level at the height of take-off, at a
    height that you give, or as an elevation model has it. Pixels above the horizon, or off the model, lie
    nowhere: null. sigma_m is one standard deviation, half axes and azimuth (--json) are those of its ellipse:
    2.45 times as large, it holds the truth in 95 of 100 cases.

    Examples:

      pantau locate DJI_0020.JPG --pixel 2000,1125

      pantau locate DJI_0020.JPG --pixel 10,10 --pixel 3990,2240 --json

      pantau locate DJI_0020.JPG --pixel 10,10 --dem dem.tif --take-off -1.2654,116.8312
    """
    from pipeline.geotagging.geotag import locate_pixels
    from pipeline.placing.ground_choice import on_ground
    from pipeline.reasons import REMARKS

    pixels_px = [_parse_pixel(text) for text in pixel]
    place = parse_take_off(take_off)
    [taken] = on_ground([_open(photo, ground_alt, dem)], dem, ground_alt, place)
    _check_inside(taken, pixels_px)
    points = locate_pixels(taken, pixels_px)
    for remark in taken.remarks:
        say(f"{photo.name}: {REMARKS[remark]}")
    document = {
        "points": [_as_document(point) for point in points],
        "height_above_ground_m": round(taken.height_above_ground_m, 2),
        "photo": str(photo),
        "remarks": list(taken.remarks),
    }
    emit(document, as_json, lambda: _as_text(pixels_px, points))


def _parse_pixel(text: str) -> tuple[float, float]:
    from math import isfinite

    try:
        x, y = (float(part) for part in text.split(","))
    except ValueError:
        x = y = float("nan")
    if not (isfinite(x) and isfinite(y)):
        raise PantauError(f"--pixel {text}: not a pixel; write X,Y in numbers, as in --pixel 2000,1125")
    return x, y


def _open(path: Path, ground_alt_m: float | None, dem: Path | None) -> Photo:
    from pipeline.metadata.photo_reading import read_photo
    from pipeline.photo import RejectedPhoto
    from pipeline.placing.ground_choice import open_dem
    from pipeline.reasons import REJECTED

    if not path.is_file():
        raise PantauError(f"{path}: no such file; give the path of a photo")
    taken = read_photo(path, ground_alt_m=ground_alt_m, dem=open_dem(dem) if dem is not None else None)
    if isinstance(taken, RejectedPhoto):
        why = f"{REJECTED[taken.reason]} ({taken.reason}: {taken.detail})"
        raise PantauError(f"{path}: {why}; {_REMEDIES.get(taken.reason, 'give another photo')}")
    return taken


def _check_inside(photo: Photo, pixels_px: list[tuple[float, float]]) -> None:
    """Refuse pixels outside the picture; a pixel reaches half its width around its centre."""
    width_px, height_px = photo.camera.width_px, photo.camera.height_px
    for x, y in pixels_px:
        if not (-0.5 <= x <= width_px - 0.5 and -0.5 <= y <= height_px - 0.5):
            raise PantauError(
                f"{photo.path}: pixel {x:g},{y:g} lies outside the {width_px} × {height_px} pixels "
                f"of the picture; give x from 0 to {width_px - 1} and y from 0 to {height_px - 1}"
            )


def _as_document(point: GroundPoint | None) -> dict[str, Any] | None:
    if point is None:
        return None
    return {
        "lat": round(point.lat, 9),
        "lon": round(point.lon, 9),
        "sigma_m": round(point.sigma_m, 3),
        "sigma_major_m": round(point.sigma_major_m, 3),
        "sigma_minor_m": round(point.sigma_minor_m, 3),
        "sigma_azimuth_deg": round(point.sigma_azimuth_deg, 1),
    }


def _as_text(pixels_px: list[tuple[float, float]], points: list[GroundPoint | None]) -> str:
    lines = [f"{'pixel':>16}  {'lat':>12}  {'lon':>13}  {'± 1 σ':>9}"]
    for (x, y), point in zip(pixels_px, points, strict=True):
        place = "shows no known ground"
        if point is not None:
            place = f"{point.lat:12.7f}  {point.lon:13.7f}  {point.sigma_m:7.2f} m"
        lines.append(f"{f'{x:g},{y:g}':>16}  {place}")
    return "\n".join(lines)
