"""The ground resolution of training pictures, from a file of things measured in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from models.labelled.pictures import LabelledPicture
from models.scoring.ground_resolution import (
    JUDGED_BY_EYE,
    estimate_resolution,
    picture_resolutions,
    read_judged_resolutions,
    read_measurements,
)


@dataclass(frozen=True)
class DataResolution:
    """Ground sample distances in centimetres per pixel: the interval of all, and each picture's by name."""

    gsd_cm: tuple[float, float]
    of_picture: Mapping[str, float]


def read_data_resolution(
    file: Path, pictures: Sequence[LabelledPicture], groups: Mapping[str, int]
) -> DataResolution:
    """The resolutions of pictures by a file of measurements (see `models.scoring.ground_resolution`).

    What was judged by eye is read from the file beside it, where there is one; `groups` are the overlap
    groups of the pictures. Raises PantauError when a file is something else.
    """
    measurements = read_measurements(file)
    judged = file.with_name(JUDGED_BY_EYE)
    judged_cm = read_judged_resolutions(judged) if judged.is_file() else {}
    names = [picture.name for picture in pictures]
    finest, coarsest = estimate_resolution(measurements).gsd_cm
    return DataResolution(
        (round(finest, 2), round(coarsest, 2)),
        picture_resolutions(names, groups, measurements, judged_cm),
    )
