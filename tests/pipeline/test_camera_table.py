from types import SimpleNamespace

import pytest

from pipeline.metadata.camera_table import find_sensor
from pipeline.metadata.exif import Exif
from pipeline.metadata.intrinsics import find_camera


def exif(make: str = "DJI", model: str = "TEST", **numbers: float) -> Exif:
    tags: dict[str, object] = {
        f"EXIF {name}": SimpleNamespace(values=[value]) for name, value in numbers.items()
    }
    tags |= {"Image Make": SimpleNamespace(values=make), "Image Model": SimpleNamespace(values=model)}
    return Exif(tags)


def test_nothing_known_is_no_camera() -> None:
    assert find_camera({}, Exif(), 4000, 3000) is None
    assert find_camera({}, exif(FocalLength=4.5), 4000, 3000) is None


def test_the_table_ignores_case_and_a_repeated_make() -> None:
    assert find_sensor("dji", "fc6310", 5472) == find_sensor("DJI ", "FC6310", 5472) is not None
    assert find_sensor("Canon", "Canon PowerShot SX260 HS", 4000) is not None
    assert find_sensor("DJI", "no such camera", 4000) is None


def test_one_name_may_stand_for_two_sensors() -> None:
    colour, thermal = find_sensor("DJI", "FC2403", 4056), find_sensor("DJI", "FC2403", 640)
    assert colour is not None and thermal is not None
    assert colour.width_mm > thermal.width_mm


def test_focal_length_over_sensor_width() -> None:
    camera = find_camera({}, exif(model="FC6310", FocalLength=8.8, FocalLengthIn35mmFilm=24), 5472, 3648)
    assert camera is not None and camera.source == "camera table"
    assert camera.focal_px == pytest.approx(3666, rel=0.03)  # the focal length that DJI calibrates with
    assert (camera.cx_px, camera.cy_px) == (2735.5, 1823.5)


def test_dewarp_data_comes_first() -> None:
    xmp = {
        "drone-dji:dewarpdata": "2021-08-30;3725.1,3725.3,12.5,-8.5,-0.11,0.01,0.0002,-0.0003,-0.03",
        "drone-dji:calibratedfocallength": "3700",
    }
    camera = find_camera(xmp, exif(FocalLengthIn35mmFilm=24), 5280, 3956)
    assert camera is not None and camera.source == "DewarpData"
    assert camera.focal_px == pytest.approx(3725.2)
    assert (camera.cx_px, camera.cy_px) == (2639.5 + 12.5, 1977.5 - 8.5)
    assert camera.distortion == (-0.11, 0.01, 0.0002, -0.0003, -0.03)


def test_a_picture_straightened_by_the_drone_has_no_distortion() -> None:
    xmp = {"drone-dji:dewarpdata": "x;3725,3725,0,0,-0.1,0,0,0,0", "drone-dji:dewarpflag": "1"}
    camera = find_camera(xmp, exif(), 5280, 3956)
    assert camera is not None and not any(camera.distortion)


def test_calibrated_focal_length_in_pixels_but_not_in_millimetres() -> None:
    pixels = find_camera({"drone-dji:calibratedfocallength": "3666.67"}, exif(), 5472, 3648)
    assert pixels is not None and pixels.focal_px == 3666.67
    assert find_camera({"drone-dji:calibratedfocallength": "8.8"}, exif(), 5472, 3648) is None


@pytest.mark.parametrize(
    ("centre", "expected"), [(("2750", "1800"), (2749.5, 1799.5)), (("9", "9"), (2735.5, 1823.5))]
)
def test_the_optical_centre_is_taken_where_it_is_about_the_middle(centre, expected) -> None:
    names = ("drone-dji:calibratedopticalcenterx", "drone-dji:calibratedopticalcentery")
    xmp = {"drone-dji:calibratedfocallength": "3666.67"} | dict(zip(names, centre, strict=True))
    camera = find_camera(xmp, exif(), 5472, 3648)
    assert camera is not None and (camera.cx_px, camera.cy_px) == expected


def test_a_photo_made_smaller_scales_its_calibration() -> None:
    tags = exif(ExifImageWidth=5472, ExifImageLength=3648)
    camera = find_camera({"drone-dji:calibratedfocallength": "3666"}, tags, 2736, 1824)
    assert camera is not None and camera.focal_px == pytest.approx(1833)


def test_parrots_calibration_is_in_millimetres() -> None:
    xmp = {
        "camera:perspectivefocallength": "4.812073", "camera:principalpoint": "3.042001,2.280612",
        "camera:perspectivedistortion": "0.1,-0.4,0.3,-0.0009,-0.0006", "camera:modeltype": "perspective",
    }  # fmt: skip
    tags = exif("Parrot", "Sequoia", FocalPlaneXResolution=746.27, FocalPlaneResolutionUnit=4)
    camera = find_camera(xmp, tags, 4608, 3456)
    assert camera is not None and camera.focal_px == pytest.approx(3591.1, abs=0.1)
    assert camera.cx_px == pytest.approx(2269.7, abs=0.1)
    assert camera.distortion == (0.1, -0.4, -0.0009, -0.0006, 0.3)
    assert find_camera(xmp | {"camera:modeltype": "fisheye"}, exif(), 1280, 960) is None


def test_the_35_mm_equivalent_is_the_last_and_least_sure() -> None:
    film_shape, other = (
        find_camera({}, exif(FocalLengthIn35mmFilm=24), 6000, height) for height in (4000, 4500)
    )
    assert film_shape is not None and film_shape.focal_px == pytest.approx(4000)
    assert other is not None and 4000 < other.focal_px < 4161
    assert other.focal_sigma_rel > film_shape.focal_sigma_rel > 0.01


@pytest.mark.parametrize("focal_px", ["0", "-3000", "1e12", "nan"])
def test_implausible_calibrations_are_passed_over(focal_px: str) -> None:
    camera = find_camera(
        {"drone-dji:calibratedfocallength": focal_px}, exif(FocalLengthIn35mmFilm=24), 6000, 4000
    )
    assert camera is not None and camera.source == "35 mm equivalent"
