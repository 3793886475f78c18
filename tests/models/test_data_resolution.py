"""The ground resolution of training pictures, read from measurements in them."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.labelled.pictures import LabelledPicture
from models.training.data_resolution import read_data_resolution
from vision.errors import PantauError

HEAD = (
    "tile,overlap_group,feature,assumed_size_m,start_x_px,start_y_px,end_x_px,end_y_px,"
    "measured_px,gsd_cm,relative_error\n"
)
ROWS = "a,1,lane_width,3.5,0,0,350,0,350,1.0,0.05\nb,2,lane_width,3.5,0,0,175,0,175,2.0,0.05\n"


def picture(name: str) -> LabelledPicture:
    return LabelledPicture(Path(f"{name}.jpg"), 512, 512, ())


def test_a_file_that_is_none_is_refused(tmp_path):
    with pytest.raises(PantauError, match="measurements of ground resolution"):
        read_data_resolution(tmp_path / "none.csv")


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ("", "at least two overlap groups"),
        (ROWS.splitlines()[0], "at least two overlap groups"),
        (ROWS.replace("0.05", "0"), "relative_error = 0.0 of the tile a"),
        (ROWS.replace("2.0", "-2.0"), "gsd_cm = -2.0 of the tile b"),
        (ROWS.replace("1.0", "nan"), "gsd_cm = nan of the tile a"),
        (ROWS.replace("a,1", "a,inf"), "correct it"),
    ],
)
def test_measurements_that_say_nothing_are_refused(tmp_path, rows, reason):
    (tmp_path / "ground_resolution.csv").write_text(HEAD + rows, encoding="utf-8-sig")
    with pytest.raises(PantauError, match=rf"ground_resolution\.csv.*{reason}"):
        read_data_resolution(tmp_path / "ground_resolution.csv")


def test_judged_resolutions_are_above_nothing(tmp_path):
    (tmp_path / "ground_resolution.csv").write_text(HEAD + ROWS, encoding="utf-8")
    (tmp_path / "ground_resolution_by_eye.csv").write_text("tile,gsd_cm\nd,0\n", encoding="utf-8")
    with pytest.raises(PantauError, match=r"by_eye\.csv.*tile d"):
        read_data_resolution(tmp_path / "ground_resolution.csv")


def test_pictures_take_what_was_measured_in_them_or_their_group_else_what_was_judged(tmp_path):
    file = tmp_path / "ground_resolution.csv"
    file.write_text(HEAD + ROWS, encoding="utf-8")
    (tmp_path / "ground_resolution_by_eye.csv").write_text("tile,gsd_cm\nd,1.7\n", encoding="utf-8")
    groups = {"a": 1, "b": 2, "c": 2, "d": 3, "e": 4}
    resolution = read_data_resolution(file)
    assert resolution.of_pictures([picture(name) for name in groups], groups) == {
        "a": 1.0,
        "b": 2.0,
        "c": 2.0,
        "d": 1.7,
        "e": 1.5,
    }
    assert 1.0 <= resolution.gsd_cm[0] < resolution.gsd_cm[1] <= 2.0
