"""From files to photos with the best poses that are known: logs, flights, ground, alignment.

Each step is a function of its own from photos to photos; this is their order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import dataclass
from math import inf
from pathlib import Path

from pipeline.alignment import (
    AlignmentReport,
    ControlPoint,
    align,
    check_alignment_possible,
    is_of_aligned,
    read_control_points,
)
from pipeline.capture_logs import OutsideRecords, records_for
from pipeline.capture_logs.log_reading import event_files_beside, format_of
from pipeline.metadata.photo_reading import read_photos
from pipeline.photo import Photo, RejectedPhoto
from pipeline.photo_gathering import is_video
from pipeline.placing.flight_checks import check_flight
from pipeline.placing.flights import with_flights
from pipeline.placing.ground_choice import on_ground, open_dem
from pipeline.video import read_video
from vision.errors import PantauError
from vision.ground import Ground

Advance = Callable[[int, str], None]
Progress = Callable[[str, int | None], AbstractContextManager[Advance]]


@dataclass(frozen=True)
class Placing:
    """What is known of where photos were taken, besides their files, and what is to be done about it.

    `logs` are the flights' own (see `pipeline.capture_logs`). `dem`, `ground_alt_m` and `take_off` as in
    `pipeline.placing.ground_choice.on_ground`; `video_spacing_m`, and `video_focal_mm` as that of 35 mm film,
    as in `pipeline.video.read_video`. `align` asks for alignment, and so does a file of `control_points`.
    """

    logs: tuple[Path, ...] = ()
    dem: Path | None = None
    ground_alt_m: float | None = None
    take_off: tuple[float, float] | None = None
    video_spacing_m: float | None = None
    video_focal_mm: float | None = None
    align: bool = False
    control_points: Path | None = None

    def settings(self) -> dict[str, object]:
        """What was chosen, as the register keeps it with a run; nothing for level ground at take-off."""
        ground = {"dem": _name(self.dem), "ground_alt_m": self.ground_alt_m, "take_off": self.take_off}
        alignment = {"align": self.aligns or None, "control_points": _name(self.control_points)}
        known = {
            subject: {name: value for name, value in values.items() if value is not None}
            for subject, values in (("ground", ground), ("alignment", alignment))
        }
        return {subject: values for subject, values in known.items() if values}

    def check(self) -> None:
        """Raise PantauError when a file or a place that was named cannot be used, before anything is read."""
        for log in self.logs:
            format_of(log)
        if self.aligns:
            check_alignment_possible()
        if self.control_points is not None:
            read_control_points(self.control_points)
        on_ground((), self.dem, self.ground_alt_m, self.take_off)
        for option, value in (("spacing", self.video_spacing_m), ("focal", self.video_focal_mm)):
            if value is not None and not 0 < value < inf:
                raise PantauError(f"--video-{option} {value:g}: is not possible; give a number above 0.")

    @property
    def aligns(self) -> bool:
        """Whether photos are to be aligned."""
        return self.align or self.control_points is not None


@dataclass(frozen=True)
class PlacedPhotos:
    """The photos of a batch, each content once; `repeated` counts the files that were left out for that.

    `notes` say what became of each log; `alignment` is None where nothing was aligned.
    """

    readings: tuple[Photo | RejectedPhoto, ...]
    repeated: int
    notes: tuple[str, ...]
    alignment: AlignmentReport | None = None


def place_photos(
    files: Sequence[Path], placing: Placing, used_before: Mapping[str, str], progress: Progress
) -> PlacedPhotos:
    """Read photos and videos and find out where each was taken and what ground it shows.

    `used_before` are the ids of photos that will not be looked at again, with their flights ("" where none is
    known); where there are no others, none are aligned.

    Raises PantauError when a log, an elevation model or a file of control points cannot be used.
    """
    control_points = read_control_points(placing.control_points) if placing.control_points else ()
    with progress("Reading logs", None) if placing.logs or event_files_beside(files) else nullcontext():
        outside = records_for(files, placing.logs)
    readings = _read_all(files, placing, outside, progress)
    unique = _each_once(readings)
    photos = [reading for reading in unique if isinstance(reading, Photo)]
    rejected = [reading for reading in unique if isinstance(reading, RejectedPhoto)]
    # Aligned photos share other errors with each other than those that are recorded.
    flights = {id: flight for id, flight in used_before.items() if flight and not is_of_aligned(flight)}
    checked = check_flight(with_flights(photos, flights))
    rejected += [reading for reading in checked if isinstance(reading, RejectedPhoto)]
    flown = [reading for reading in checked if isinstance(reading, Photo)]
    placed = on_ground(flown, placing.dem, placing.ground_alt_m, placing.take_off)
    report = None
    if placing.aligns and any(photo.id not in used_before for photo in placed):
        placed, report = _aligned(placed, control_points, progress)
    return PlacedPhotos((*placed, *rejected), len(readings) - len(unique), outside.notes, report)


def _name(path: Path | None) -> str | None:
    return path.name if path is not None else None


def _aligned(
    photos: Sequence[Photo], control_points: Sequence[ControlPoint], progress: Progress
) -> tuple[list[Photo], AlignmentReport]:
    with progress("Aligning photos", len(photos)) as advance:
        alignment = align(photos, control_points, advance)
    return list(alignment.photos), alignment.report


def _read_all(
    files: Sequence[Path], placing: Placing, outside: OutsideRecords, progress: Progress
) -> list[Photo | RejectedPhoto]:
    readings: list[Photo | RejectedPhoto] = []
    photo_files = [file for file in files if not is_video(file)]
    dem = open_dem(placing.dem) if placing.dem is not None else None
    with (
        progress("Reading photos", len(files)) as advance,
        closing(read_photos(photo_files, placing.ground_alt_m, outside, dem)) as photos,
    ):
        for file in files:
            readings += _frames(file, placing, outside, dem) if is_video(file) else [next(photos)]
            advance(1, file.name)
    return readings


def _frames(
    file: Path, placing: Placing, outside: OutsideRecords, dem: Ground | None
) -> list[Photo | RejectedPhoto]:
    return read_video(
        file,
        spacing_m=placing.video_spacing_m,
        outside=outside.get(file, ()),
        ground_alt_m=placing.ground_alt_m,
        dem=dem,
        equivalent_mm=placing.video_focal_mm,
    )


def _each_once(readings: Sequence[Photo | RejectedPhoto]) -> list[Photo | RejectedPhoto]:
    """The photos without those of the same content, of which the first path stays; all rejected ones."""
    by_path = sorted(readings, key=lambda reading: reading.path.as_posix())
    first = {reading.id: reading for reading in reversed(by_path) if isinstance(reading, Photo)}
    return [
        reading for reading in readings if isinstance(reading, RejectedPhoto) or first[reading.id] is reading
    ]
