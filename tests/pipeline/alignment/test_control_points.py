"""OpenDroneMap's control points as they are written."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.alignment import read_control_points
from vision.errors import PantauError


def _file(folder: Path, text: str) -> Path:
    path = folder / "gcp_list.txt"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("text", ["", "EPSG:4326\n", "# nothing\nEPSG:4326\n\n"])
def test_a_file_without_points_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(PantauError, match="holds no control points"):
        read_control_points(_file(tmp_path, text))


@pytest.mark.parametrize(
    "system", ["EPSG:32633", "WGS84 UTM 33N", "+proj=utm +zone=33 +datum=WGS84 +units=m"]
)
def test_every_way_of_naming_a_system_is_one(tmp_path: Path, system: str) -> None:
    (point,) = read_control_points(_file(tmp_path, f"{system}\n500000 5000000 120.5 10.5 20 A.JPG P1\n"))
    assert (point.lon, point.height_m) == (pytest.approx(15.0), 120.5)
    assert point.lat == pytest.approx(45.1535, abs=1e-3)


def test_lines_of_one_label_or_one_place_are_one_point(tmp_path: Path) -> None:
    text = "EPSG:4326\n1 2 3 0 0 a.jpg X\n1 2 3 5 5 b.jpg X\n1.5\t2\t3\t0\t0\ta.jpg\n1.5 2 3 9 9 my%20b.jpg\n"
    first, second = read_control_points(_file(tmp_path, text))
    assert (first.name, len(first.marks)) == ("X", 2)
    assert [mark.photo_name for mark in second.marks] == ["a.jpg", "my b.jpg"]


def test_points_labelled_so_are_only_checked_with(tmp_path: Path) -> None:
    text = "EPSG:4326\n1 2 3 0 0 a.jpg CHK-1\n1 2.1 3 0 0 a.jpg P1\n"
    assert [point.is_check for point in read_control_points(_file(tmp_path, text))] == [True, False]


@pytest.mark.parametrize("height", ["NaN", "0.0"])
def test_heights_that_nobody_knows(tmp_path: Path, height: str) -> None:
    (point,) = read_control_points(_file(tmp_path, f"EPSG:4326\n1 2 {height} 0 0 a.jpg\n"))
    assert point.height_m is None


@pytest.mark.parametrize("line", ["1 2 3 4", "1 2 3 4 five a.jpg", "inf 2 3 4 5 a.jpg"])
def test_a_broken_line_is_named(tmp_path: Path, line: str) -> None:
    with pytest.raises(PantauError, match="line 3"):
        read_control_points(_file(tmp_path, f"EPSG:4326\n1 2 3 4 5 a.jpg\n{line}\n"))


def test_an_unknown_system_is_named(tmp_path: Path) -> None:
    with pytest.raises(PantauError, match="Gauss-Boaga zone 99"):
        read_control_points(_file(tmp_path, "Gauss-Boaga zone 99\n1 2 3 4 5 a.jpg\n"))


@pytest.mark.real_data
def test_the_surveyed_points_of_helenenschacht(shared: Path) -> None:
    points = read_control_points(shared / "data/gcp/helenenschacht/gcp_list.txt")
    assert [len(point.marks) for point in points] == [7] * 5
    assert points[0].height_m == 463.662


def test_quotes_and_what_follows_the_label_mean_nothing(tmp_path: Path) -> None:
    text = "'+proj=utm +zone=33 +datum=WGS84 +units=m +no_defs'\n500000 5000000 1 10 20 A.JPG P1 0.9 manual\n"
    (point,) = read_control_points(_file(tmp_path, text))
    assert (point.name, point.lon) == ("P1", pytest.approx(15.0))


def test_a_photo_may_be_named_with_its_folder(tmp_path: Path) -> None:
    (point,) = read_control_points(_file(tmp_path, "EPSG:4326\n1 2 3 0 0 C:\\photos\\a.jpg P1\n"))
    assert point.marks[0].photo_name == "a.jpg"


def test_one_label_at_two_places_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PantauError, match="lines 2 and 4 put P1 at two places"):
        read_control_points(
            _file(tmp_path, "EPSG:4326\n1 2 3 0 0 a.jpg P1\n1 2 3 0 0 b.jpg P1\n1.001 2 3 0 0 c.jpg P1\n")
        )


def test_a_point_off_its_reference_system_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PantauError, match="line 2 lies outside"):
        read_control_points(_file(tmp_path, "EPSG:32633\n1e30 5000000 3 0 0 a.jpg\n"))
