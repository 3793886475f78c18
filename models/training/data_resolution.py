"""The ground resolution of training pictures, from a file of things measured in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from models.labelled.pictures import LabelledPicture
from models.scoring.ground_resolution import (
    JUDGED_BY_EYE,
    Measurement,
    estimate_resolution,
    picture_resolutions,
    read_judged_resolutions,
    read_measurements,
)
from vision.errors import PantauError


@dataclass(frozen=True)
class DataResolution:
    """Ground sample distances in centimetres per pixel: the interval of all, and what is known of pictures.

    `judged_cm` is what was judged by eye, by the picture's name.
    """

    gsd_cm: tuple[float, float]
    measurements: Sequence[Measurement]
    judged_cm: Mapping[str, float]

    def of_pictures(
        self, pictures: Sequence[LabelledPicture], groups: Mapping[str, int]
    ) -> Mapping[str, float]:
        """The ground sample distance of each picture by its name; `groups` are their overlap groups."""
        names = [picture.name for picture in pictures]
        return picture_resolutions(names, groups, self.measurements, self.judged_cm)


def read_data_resolution(file: Path) -> DataResolution:
    """The resolution of pictures by a file of measurements (see `models.scoring.ground_resolution`).

    What was judged by eye is read from the file beside it, where there is one.
    Raises PantauError when a file is something else, or holds measurements of fewer than two groups.
    """
    measurements = read_measurements(file)
    judged = file.with_name(JUDGED_BY_EYE)
    judged_cm = read_judged_resolutions(judged) if judged.is_file() else {}
    try:
        finest, coarsest = estimate_resolution(measurements).gsd_cm
    except ValueError as error:
        raise PantauError(f"{file}: says too little of ground resolution: {error}.") from error
    return DataResolution((round(finest, 2), round(coarsest, 2)), measurements, judged_cm)
