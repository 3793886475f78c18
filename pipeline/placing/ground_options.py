"""The options that tell a command which ground its photos show (see `pipeline.placing.ground_choice`)."""

from __future__ import annotations

from math import isfinite
from pathlib import Path
from typing import Annotated

import typer

from vision.errors import PantauError

Dem = Annotated[
    Path | None,
    typer.Option(
        "--dem",
        metavar="FILE",
        help="Elevation of the ground (GeoTIFF, any datum): photos are put on its slopes instead of level "
        "ground at the height of take-off. Photos that tell only an absolute altitude are taken to be above "
        "it, with 20 m of doubt.",
    ),
]
GroundAlt = Annotated[
    float | None,
    typer.Option(
        "--ground-alt",
        metavar="M",
        help="Altitude of the ground in metres, in the datum of the photos' own absolute altitude; used "
        "instead of their height above take-off. With --dem that of the ground at the take-off place.",
    ),
]
TakeOff = Annotated[
    str | None,
    typer.Option(
        "--take-off",
        metavar="LAT,LON",
        help="With --dem: where the drone took off; without it about where the first photo was taken.",
    ),
]


def parse_take_off(text: str | None) -> tuple[float, float] | None:
    """Latitude and longitude of `--take-off`; None where it was not given.

    Raises PantauError when the text is no place on Earth.
    """
    if text is None:
        return None
    try:
        lat, lon = (float(part) for part in text.split(","))
    except ValueError:
        lat = lon = float("nan")
    if not (isfinite(lat) and isfinite(lon) and abs(lat) <= 90 and abs(lon) <= 180):
        raise PantauError(
            f"--take-off {text}: no place on Earth; write LAT,LON in degrees, as in "
            "--take-off -1.2654,116.8312"
        )
    return lat, lon
