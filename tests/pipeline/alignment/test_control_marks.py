"""Marks of control points that fit the photos, and those that do not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.alignment.control_marks import fitting_marks
from pipeline.alignment.control_points import ControlPoint, Mark
from pipeline.photo import Photo
from tests.benchmarks.synthetic_flights import FRAME, recorded, strips
from vision.errors import PantauError

_TRUTH = strips(1, 3)


def _photos() -> list[Photo]:
    return [replace(photo, path=Path(f"DJI_{photo.path.name}")) for photo in recorded(_TRUTH, 1, rtk=True)]


def _point(*marks: Mark, name: str = "P", east_m: float = 0.0) -> ControlPoint:
    lat, lon = FRAME.to_lat_lon([[east_m, 0.0]])[0]
    return ControlPoint(name, float(lat), float(lon), None, marks)


def test_no_points_need_no_marks() -> None:
    assert fitting_marks(_photos(), ()) == ((), ())


def test_a_mark_finds_its_photo_however_its_name_is_spelt() -> None:
    ((point,), _) = fitting_marks(_photos(), [_point(Mark("dji_0000.JPG", 684.0, 456.0))])
    assert point.marks == (Mark("DJI_0000.jpg", 684.0, 456.0),)


@pytest.mark.parametrize(
    ("mark", "reason"),
    [
        (Mark("missing.jpg", 684.0, 456.0), "there is no such photo"),
        (Mark("DJI_0000.jpg", 1368.0, 456.0), "outside the picture"),
        (Mark("DJI_0000.jpg", 684.0, -1.0), "outside the picture"),
    ],
)
def test_a_mark_that_fits_no_photo_is_left_out_and_said_so(mark: Mark, reason: str) -> None:
    good = Mark("DJI_0001.jpg", 684.0, 456.0)
    ((point,), notes) = fitting_marks(_photos(), [_point(good, mark)])
    assert point.marks == (good,)
    assert any(reason in note and mark.photo_name in note for note in notes)


def test_a_point_in_another_country_is_none_of_the_photos() -> None:
    mark = Mark("DJI_0001.jpg", 684.0, 456.0)
    ((near, far), notes) = fitting_marks(_photos(), [_point(mark), _point(mark, name="Q", east_m=9e4)])
    assert (near.marks, far.marks) == ((mark,), ())
    assert any("Q in DJI_0001.jpg" in note for note in notes)


def test_a_name_that_two_photos_have_names_neither() -> None:
    photos = _photos()
    photos[2] = replace(photos[2], path=Path("other") / photos[0].path.name)
    good, doubtful = Mark("DJI_0001.jpg", 684.0, 456.0), Mark("DJI_0000.jpg", 684.0, 456.0)
    ((point,), notes) = fitting_marks(photos, [_point(good, doubtful)])
    assert point.marks == (good,)
    assert any("several photos have that name" in note for note in notes)


def test_points_of_other_photos_altogether_are_refused() -> None:
    with pytest.raises(PantauError, match="no mark of the control points fits"):
        fitting_marks(_photos(), [_point(Mark("a.jpg", 1.0, 1.0)), _point(Mark("b.jpg", 1.0, 1.0))])


def test_too_few_points_to_tell_a_tilt_are_said_so() -> None:
    _, notes = fitting_marks(_photos(), [_point(Mark("DJI_0001.jpg", 684.0, 456.0))])
    assert notes == ("1 of the control points can be used; 3 or more also tell how the photos tilt",)
