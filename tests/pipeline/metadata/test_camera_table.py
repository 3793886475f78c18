import json
from types import SimpleNamespace

import numpy as np
import pytest

from pipeline.metadata.camera_table import Sensor, find_sensor
from pipeline.metadata.exif import Exif
from pipeline.metadata.intrinsics import find_camera, passes_calibration_over


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


def test_dewarp_data_counts_from_the_calibrated_centre() -> None:
    xmp = {
        "drone-dji:dewarpdata": "2018-03-13;3659.78,3653.17,-7.71,45.9,-0.26948,0.115681,-9e-5,-3e-4,-0.0358",
        "drone-dji:calibratedopticalcenterx": "2430", "drone-dji:calibratedopticalcentery": "1826",
    }  # fmt: skip
    camera = find_camera(xmp, exif(FocalLengthIn35mmFilm=24), 4864, 3648)
    assert camera is not None
    assert (camera.cx_px, camera.cy_px) == pytest.approx((2430 - 0.5 - 7.71, 1826 - 0.5 + 45.9))


def test_dewarp_data_distorts_as_opencv_does() -> None:
    """DJI's processing guide tells its users to give the numbers to OpenCV as they are."""
    cv2 = pytest.importorskip("cv2")
    xmp = {"drone-dji:dewarpdata": "x;3659,3659,-7.7,45.9,-0.2695,0.1157,-0.0009,-0.003,-0.0358"}
    camera = find_camera(xmp, exif(), 5472, 3648)
    assert camera is not None
    points = np.array([[0.5, -0.3, 1.0], [-0.6, 0.4, 1.0], [0.1, 0.2, 1.0]])
    matrix = np.array([[3659, 0, camera.cx_px], [0, 3659, camera.cy_px], [0, 0, 1]])
    distortion = np.array([-0.2695, 0.1157, -0.0009, -0.003, -0.0358])
    expected = cv2.projectPoints(points, np.zeros(3), np.zeros(3), matrix, distortion)[0]
    assert camera.project(points) == pytest.approx(expected.reshape(-1, 2), abs=1e-6)


SKYDIO = {
    "drone-skydio:calibratedfocallength/drone-skydio:x": "2376.5625",
    "drone-skydio:calibratedfocallength/drone-skydio:y": "2376.5625",
    "drone-skydio:calibratedopticalcenter/drone-skydio:x": "2027.5000",
    "drone-skydio:calibratedopticalcenter/drone-skydio:y": "1519.5000",
    "drone-skydio:dewarpdata": "0.13000, -0.24000, 0.10400",
}


def test_skydios_calibration_has_two_axes_and_three_terms() -> None:
    camera = find_camera(SKYDIO, exif("Skydio", "2+", FocalLength=3.7, FocalLengthIn35mmFilm=21), 4056, 3040)
    assert camera is not None and camera.source == "CalibratedFocalLength"
    assert (camera.focal_px, camera.cx_px, camera.cy_px) == (2376.5625, 2027.5, 1519.5)
    assert camera.distortion == (0.13, -0.24, 0, 0, 0.104)


FISHEYE = {
    "camera:modeltype": "fisheye", "camera:fisheyeaffinematrix": "1600,0,0,1600",
    "camera:fisheyepolynomial": "0,1,0.0154,-0.07726,0.024", "camera:principalpoint": "2.4,1.8",
}  # fmt: skip


def test_parrots_fisheye() -> None:
    tags = exif("Parrot", "Sequoia", FocalPlaneXResolution=266.6667, FocalPlaneResolutionUnit=4)
    camera = find_camera(FISHEYE, tags, 1280, 960)
    assert camera is not None and camera.source == "FisheyeAffineMatrix" and camera.fisheye is not None
    assert camera.focal_px == pytest.approx(1600 * 2 / np.pi)
    assert (camera.cx_px, camera.cy_px) == pytest.approx((639.5, 479.5), abs=0.01)
    half_right = np.array([[1.0, 0.0, 1.0]])  # 45° to the right
    distance = 0.5 + 0.0154 / 4 - 0.07726 / 8 + 0.024 / 16
    assert camera.project(half_right)[0] == pytest.approx((639.5 + 1600 * distance, 479.5), abs=0.01)
    nonsense = FISHEYE | {"camera:fisheyepolynomial": "0,-1"}
    assert find_camera(nonsense, tags, 1280, 960) is None


def test_a_calibration_that_the_equivalent_contradicts_is_passed_over() -> None:
    xmp, tags = {"drone-dji:calibratedfocallength": "3666"}, exif(FocalLengthIn35mmFilm=48)
    camera = find_camera(xmp, tags, 5472, 3648)
    assert camera is not None and camera.source == "35 mm equivalent"
    assert passes_calibration_over(xmp, tags, camera)
    assert not passes_calibration_over({}, tags, camera)


def test_a_telephoto_camera_of_the_same_name_is_not_that_of_the_table() -> None:
    wide = find_camera({}, exif(model="L2D-20C", make="Hasselblad", FocalLength=12.29), 5280, 3956)
    tags = exif(model="L2D-20C", make="Hasselblad", FocalLength=29.9, FocalLengthIn35mmFilm=162)
    tele = find_camera({}, tags, 4000, 3000)
    assert wide is not None and wide.source == "camera table"
    assert tele is not None and tele.source == "35 mm equivalent"


@pytest.mark.parametrize("equivalent_mm", [24, 48])
def test_digital_zoom_is_no_contradiction(equivalent_mm) -> None:
    tags = exif(model="FC6310", FocalLength=8.8, FocalLengthIn35mmFilm=equivalent_mm, DigitalZoomRatio=2.0)
    camera = find_camera({}, tags, 5472, 3648)
    assert camera is not None and camera.source == "camera table"
    assert camera.focal_px == pytest.approx(2 * 3752, rel=0.001)


def test_coarser_numbers_are_less_sure() -> None:
    fine, coarse = (find_camera({}, exif(model="FC6310", FocalLength=mm), 5472, 3648) for mm in (8.83, 9.0))
    assert fine is not None and coarse is not None
    assert fine.focal_sigma_rel == pytest.approx(0.0103, abs=1e-4)
    assert coarse.focal_sigma_rel == pytest.approx(np.hypot(0.0103, 1 / 12**0.5 / 9), abs=1e-4)


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
    in_pixels = xmp | {"camera:perspectivefocallength": "3591/1", "camera:perspectivefocallengthunits": "px"}
    camera = find_camera(in_pixels, tags, 4608, 3456)
    assert camera is not None and camera.focal_px == 3591


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


@pytest.mark.real_data
def test_the_table_agrees_with_a_public_one(shared) -> None:
    """Widths differ by how makers and calibrations count the sensor's edge, not by more."""
    models = json.loads((shared / "data/camera-database/droneModels.json").read_text(encoding="utf-8"))
    compared = 0
    for entry in models["droneCCDParams"]:
        numerator, _, denominator = str(entry["ccdWidthMMPerPixel"]).replace("d", "").partition("/")
        width_mm = float(numerator) / float(denominator or 1) * int(entry["widthPixels"])
        sensor = _sensor_called(entry["makeModel"], int(entry["widthPixels"]))
        # The public table has another width of pixels for this one than its maker.
        if sensor is not None and entry["makeModel"] != "teledyne flirBOSON 640":
            compared += 1
            assert sensor.width_mm == pytest.approx(width_mm, rel=0.035), entry["makeModel"]
    assert compared > 60


def _sensor_called(make_and_model: str, width_px: int) -> Sensor | None:
    for make in ("dji", "hasselblad", "skydio", "autel robotics", "parrot", "teledyne flir"):
        if make_and_model.startswith(make):
            return find_sensor(make, make_and_model.removeprefix(make), width_px)
    return None
