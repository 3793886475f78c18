"""What only the photos of a flight together show: jumps, planned coordinates, attitudes that are missing.

What the neighbours prove is corrected, what they contradict is rejected, and every photo that was changed
says so in its remarks.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from pipeline.photo import Photo, RejectedPhoto
from pipeline.placing.flight_attitudes import with_attitudes_of_neighbours, with_yaw_of_track
from pipeline.placing.flight_path import FlightPath
from pipeline.placing.flight_positions import planned_less_sure, without_jumps


def check_flight(photos: Sequence[Photo | RejectedPhoto]) -> list[Photo | RejectedPhoto]:
    """The photos in their order, checked against the others of their flight (`Photo.flight`).

    Photos that belong to no flight, and rejected ones, stay as they are.
    """
    checked = list(photos)
    members: defaultdict[str, list[int]] = defaultdict(list)
    for index, photo in enumerate(photos):
        if isinstance(photo, Photo) and photo.flight:
            members[photo.flight].append(index)
    for indices in members.values():
        ordered = sorted(indices, key=lambda index: _order(photos[index]))
        for index, photo in zip(ordered, _checked([photos[index] for index in ordered]), strict=True):
            checked[index] = photo
    return checked


def _order(photo: Photo | RejectedPhoto) -> tuple[float, Path, int]:
    assert isinstance(photo, Photo)
    return photo.taken_at.timestamp() if photo.taken_at else 0.0, photo.path, photo.frame or 0


def _checked(photos: Sequence[Photo | RejectedPhoto]) -> list[Photo | RejectedPhoto]:
    """The photos of one flight in order of time, one answer for each."""
    flown = [photo for photo in photos if isinstance(photo, Photo)]
    if len(flown) < 2:
        return list(photos)
    without = without_jumps(FlightPath.of(flown))
    path = FlightPath.of([photo for photo in without if isinstance(photo, Photo)])
    path = with_yaw_of_track(with_attitudes_of_neighbours(planned_less_sure(path)))
    checked = iter(path.photos)
    return [next(checked) if isinstance(photo, Photo) else photo for photo in without]
