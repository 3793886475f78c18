"""What goes wrong in the metadata of real photos: a test for every trap that is known."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from PIL import ExifTags

from pipeline.capture_logs import records_for
from pipeline.geotagging.geotag import locate_pixels
from pipeline.metadata.photo_reading import read_photo
from pipeline.metadata.recorded import Position, Recorded
from pipeline.photo import Photo, RejectedPhoto
from pipeline.placing.flight_checks import check_flight
from pipeline.placing.flights import with_flights
from vision.frames import LocalFrame

BASE, GPS = ExifTags.Base, ExifTags.GPS
HERE = LocalFrame(-1.2654, 116.8312)
ZERO_ANGLES = {"GimbalYawDegree": "0.00", "GimbalPitchDegree": "+0.00", "GimbalRollDegree": "-0.00"}


def used(path: Path, **options) -> Photo:
    photo = read_photo(path, **options)
    assert isinstance(photo, Photo), photo
    return photo


def refused(path: Path, **options) -> RejectedPhoto:
    photo = read_photo(path, **options)
    assert isinstance(photo, RejectedPhoto)
    return photo


def metres(photo: Photo, x_px: float, y_px: float) -> np.ndarray:
    """Where a pixel lies, in metres east and north of the place that all photos here tell."""
    point = locate_pixels(photo, [(x_px, y_px)])[0]
    assert point is not None
    return HERE.to_metres(point.lat, point.lon)[0]


def there(east_m: float, north_m: float) -> dict[str, str]:
    lat, lon = HERE.to_lat_lon([(east_m, north_m)])[0]
    return {"GpsLatitude": f"{lat:.9f}", "GpsLongitude": f"{lon:.9f}"}


def taken(second: float) -> dict[int, str]:
    at = datetime(2026, 3, 1, 9, tzinfo=UTC) + timedelta(seconds=second)
    return {BASE.DateTimeOriginal: f"{at:%Y:%m:%d %H:%M:%S}", BASE.OffsetTimeOriginal: "+00:00"}


@pytest.fixture
def write_slope(tmp_path):
    """`write_slope(datum_m)` writes an elevation model that rises by 1 m every 5 m to the east."""
    rasterio = pytest.importorskip("rasterio", reason="needs the extra 'terrain'")

    def write(datum_m: float) -> Path:
        path, cell = tmp_path / f"slope{datum_m:g}.tif", 0.00002
        place = rasterio.Affine(cell, 0, 116.8302, 0, -cell, -1.2644)
        east_m = HERE.to_metres(np.full(100, -1.2654), 116.8302 + cell * (np.arange(100) + 0.5))[:, 0]
        heights_m = np.tile(datum_m + east_m / 5, (100, 1)).astype(np.float32)
        about = {"driver": "GTiff", "count": 1, "dtype": "float32", "crs": "EPSG:4326"}
        with rasterio.open(path, "w", transform=place, width=100, height=100, **about) as raster:
            raster.write(heights_m, 1)
        return path

    return write


def on_slope(dji_photo, dem: Path) -> list[Photo]:
    """A photo at take-off and one 50 m to the east, where the ground is 10 m higher."""
    from pipeline.placing.ground_choice import on_ground

    photos = [
        used(dji_photo(there(east_m, 0), exif=taken(second), name=f"{second}.jpg"))
        for second, east_m in enumerate((0, 50))
    ]
    return on_ground(with_flights(photos), dem, take_off=(-1.2654, 116.8312))


def test_relative_altitude_is_above_take_off_not_above_the_targets_ground(dji_photo, write_slope) -> None:
    level = used(dji_photo(there(50, 0)))
    assert metres(level, 319.5, 479)[1] - metres(level, 319.5, 0)[1] == pytest.approx(-17.2, abs=0.1)
    _, sloping = on_slope(dji_photo, write_slope(0))
    assert sloping.pose.alt_agl_m == 30
    assert sloping.height_above_ground_m == pytest.approx(20, abs=0.1)
    shown_m = metres(sloping, 319.5, 0) - metres(sloping, 319.5, 479)
    assert np.hypot(*shown_m) == pytest.approx(20 * 480 / 640, rel=0.15)


def test_absolute_altitude_has_any_datum(dji_photo, write_slope) -> None:
    """It may lie below the height above take-off, and below zero; differences of one model cancel it."""
    negative = {"AbsoluteAltitude": "-29.37", "RelativeAltitude": "+30.00"}
    assert used(dji_photo(negative)).pose.alt_agl_m == 30
    below_zero = dji_photo(
        {"AbsoluteAltitude": None, "RelativeAltitude": None}, gps=(-1.2654, 116.8312, 12.0)
    )
    assert "only the absolute altitude" in refused(below_zero).detail
    contradicted = used(dji_photo(negative), ground_alt_m=-100.0)
    assert contradicted.pose.sigma_alt_m == 10
    assert contradicted.remarks == ("height_from_absolute", "heights_differ")
    heights_m = [on_slope(dji_photo, write_slope(datum))[1].height_above_ground_m for datum in (-60, 900)]
    assert heights_m[0] == pytest.approx(heights_m[1], abs=1e-3)


def test_a_gimbal_roll_of_180_with_orientation_1(dji_photo) -> None:
    flipped = {"GimbalRollDegree": "+180.00", "GimbalYawDegree": "-140.00"}
    usual, turned = used(dji_photo()), used(dji_photo(flipped, image={BASE.Make: "DJI", BASE.Orientation: 1}))
    assert "roll_flipped" in turned.remarks
    assert metres(turned, 600, 20) == pytest.approx(metres(usual, 600, 20), abs=1e-6)


def test_pixels_turned_by_an_image_viewer_are_suspected(dji_photo) -> None:
    saved_by = {BASE.Make: "DJI", BASE.Model: "TEST", BASE.Software: "Microsoft Windows Photo Viewer 6.1"}
    photo = used(dji_photo(image=saved_by | {BASE.Orientation: 1}))
    assert photo.remarks == ("pixels_turned_possible",)
    assert photo.pose.sigma_yaw_deg == 180


@pytest.mark.real_data
def test_pixels_turned_by_an_image_viewer_are_turned_back(shared) -> None:
    folder = shared / "data/photos/brighton-beach"
    for name in ("DJI_0026.JPG", "DJI_0027.JPG"):
        photo = used(folder / name)
        assert photo.remarks[0] == "pixels_turned"
        assert abs(photo.pose.roll_deg) == 180
    assert "pixels_turned" not in used(folder / "DJI_0020.JPG").remarks


def test_an_empty_gps_directory_beside_a_position_in_xmp(dji_photo) -> None:
    assert used(dji_photo(gps=())).pose.lat == -1.2654


def test_exif_and_xmp_are_compared(dji_photo) -> None:
    photo = used(dji_photo(gps=(-1.2658, 116.8312)))
    assert photo.remarks == ("positions_differ",)
    assert photo.pose.sigma_position_m == pytest.approx(44.2, abs=0.1)


def test_all_gimbal_angles_zero_while_flying(dji_photo) -> None:
    photo = used(dji_photo(ZERO_ANGLES | {"FlightYawDegree": "0.0"}))
    assert photo.remarks == ("attitude_zero",)
    assert (photo.pose.pitch_deg, photo.pose.sigma_tilt_deg, photo.pose.sigma_yaw_deg) == (-90, 10, 180)
    flight = [
        used(
            dji_photo(
                ZERO_ANGLES | there(0.1 * second**2, 12.0 * second), exif=taken(second), name=f"{second}.jpg"
            )
        )
        for second in range(4)
    ]
    checked = check_flight(with_flights(flight))
    assert all(photo.remarks[-1] == "attitude_zero" for photo in checked)  # the aircraft's yaw is known
    assert {photo.pose.yaw_deg for photo in checked} == {41}


def test_35_mm_equivalents_of_another_crop_come_last(dji_photo) -> None:
    """That of the FC300S is 9 % off: calibration first, then focal length over the sensor's width."""
    picture = np.zeros((300, 400, 3), np.uint8)
    phantom = {BASE.Make: "DJI", BASE.Model: "FC300S"}
    tags = {BASE.FocalLengthIn35mmFilm: 20, BASE.FocalLength: 3.61}
    uncalibrated = {"CalibratedFocalLength": None}
    calibrated = used(dji_photo({"CalibratedFocalLength": "235"}, image=phantom, exif=tags, picture=picture))
    table = used(dji_photo(uncalibrated, image=phantom, exif=tags, picture=picture))
    unknown = used(dji_photo(uncalibrated, exif=tags, picture=picture))
    sources = [photo.camera.source for photo in (calibrated, table, unknown)]
    assert sources == ["CalibratedFocalLength", "camera table", "35 mm equivalent"]
    sigmas = [photo.camera.focal_sigma_rel for photo in (calibrated, table, unknown)]
    assert sigmas == sorted(sigmas)
    assert table.camera.focal_px == pytest.approx(234, abs=0.5)
    assert abs(unknown.camera.focal_px / table.camera.focal_px - 1) < 2 * unknown.camera.focal_sigma_rel
    assert "focal_length_from_35mm" in unknown.remarks


def test_a_calibration_of_another_lens_is_passed_over(dji_photo) -> None:
    photo = used(dji_photo({"CalibratedFocalLength": "2400"}, exif={BASE.FocalLengthIn35mmFilm: 36}))
    assert photo.camera.source == "35 mm equivalent"
    assert "calibration_differs" in photo.remarks


def test_mapping_photos_that_are_tilted_by_ten_degrees(write_photo) -> None:
    xmp = (
        b'<rdf:Description xmlns:drone="http://www.dji.com/drone-dji/1.0/" drone:GpsLatitude="-1.2654"'
        b' drone:GpsLongtitude="116.8312" drone:RelativeAltitude="+47" drone:GimbalYawDegree="0"'
        b' drone:GimbalPitchDegree="-79.5" drone:GimbalRollDegree="0" drone:CalibratedFocalLength="640"/>'
    )
    photo = used(write_photo(xmp, image={BASE.Make: "Autel Robotics", BASE.Model: "XT705"}))
    assert metres(photo, 319.5, 239.5) == pytest.approx((0, 8.71), abs=0.01)


GIMBAL = 'PREFIX:GimbalYawDegree="30" PREFIX:GimbalPitchDegree="-80" PREFIX:GimbalRollDegree="0"'
NED = 'CameraOrientationNED PREFIX:Pitch="-80" PREFIX:Roll="0" PREFIX:Yaw="30"'
ATTITUDES = {
    "DJI": f"<a {GIMBAL}/>".replace("PREFIX", "drone-dji"),
    "DJI's thermal": f"<a {GIMBAL}/>".replace("PREFIX", "DJI"),
    "Autel": f"<a {GIMBAL}/>".replace("PREFIX", "drone"),
    "Autel's older": '<a Camera:Yaw="30" Camera:Pitch="10" Camera:Roll="0"/>',
    "Autel's Lite": '<a Camera:Yaw="30" Camera:Pitch="-80" Camera:Roll="0"/>',
    "Parrot": "<drone-parrot:CameraYawDegree>30</drone-parrot:CameraYawDegree>"
    "<drone-parrot:CameraPitchDegree>-80</drone-parrot:CameraPitchDegree>",
    "Sequoia": "<Camera:Yaw>30</Camera:Yaw><Camera:Pitch>10</Camera:Pitch><Camera:Roll>0</Camera:Roll>",
    "senseFly": "<sensefly:Heading>30</sensefly:Heading><sensefly:PitchAngle>10</sensefly:PitchAngle>",
    "senseFly's other": '<a xmlns:s="http://www.sensefly.com/sensefly/1.0/"'
    ' s:YawAngle="30" s:PitchAngle="10"/>',
    "Skydio": f'<PREFIX:CameraOrientationFLU PREFIX:Yaw="9" PREFIX:Pitch="9"/><PREFIX:{NED}/>'.replace(
        "PREFIX", "drone-skydio"
    ),
    "Teal": "<exif:CameraYaw>359986359/1000000</exif:CameraYaw><exif:CameraPitch>-80/1</exif:CameraPitch>"
    "<exif:PlatformYaw>30013641/1000000</exif:PlatformYaw>",
}
ABOUT = b'<b drone-dji:RelativeAltitude="30" drone-dji:CalibratedFocalLength="640"/>'


@pytest.mark.parametrize("maker", ATTITUDES)
def test_attitude_under_other_names(write_photo, maker) -> None:
    photo = used(write_photo(ATTITUDES[maker].encode() + ABOUT, gps=(-1.2654, 116.8312)))
    assert not photo.remarks or photo.remarks == ("time_zone_unknown",)
    assert (photo.pose.yaw_deg, photo.pose.pitch_deg) == pytest.approx((30, -80), abs=1e-6)
    assert photo.pose.sigma_yaw_deg <= 5


@pytest.mark.parametrize(
    "packet",
    [
        b'<rdf:Description drone-dji:GimbalYawDegree="12" drone-dji:GimbalPitchDegree="-88"/>',
        b"<drone-dji:GimbalYawDegree>12</drone-dji:GimbalYawDegree>"
        b"<drone-dji:GimbalPitchDegree>-88</drone-dji:GimbalPitchDegree>",
        b"<rdf:Description drone-dji:GimbalYawDegree='12' drone-dji:GimbalPitchDegree='-88' <oops></x>",
        b'<a xmlns:d="http://www.dji.com/drone-dji/1.0/" d:GimbalYawDegree="12" d:GimbalPitchDegree="-88">',
    ],
    ids=["attributes", "elements", "malformed", "another prefix"],
)
def test_xmp_of_any_form(write_photo, packet) -> None:
    photo = used(write_photo(packet + ABOUT, gps=(-1.2654, 116.8312)))
    assert (photo.pose.yaw_deg, photo.pose.pitch_deg) == (12, -88)


def test_xmp_in_another_segment(write_photo) -> None:
    data = write_photo(gps=(-1.2654, 116.8312)).read_bytes()
    packet = b'<x:xmpmeta><a drone-dji:GimbalYawDegree="12" drone-dji:GimbalPitchDegree="-88"/>' + ABOUT
    payload = b"Photoshop 3.0\0" + packet + b"</x:xmpmeta>"
    path = write_photo(name="other.jpg")
    path.write_bytes(data[:2] + b"\xff\xed" + (len(payload) + 2).to_bytes(2, "big") + payload + data[2:])
    assert used(path).pose.yaw_deg == 12


def test_no_attitude_at_all(write_photo) -> None:
    """Straight down, unsurely; yaw from the track, more unsurely for cameras whose mount nobody knows."""
    compact = {BASE.Make: "Canon", BASE.Model: "Canon PowerShot SX260 HS"}
    photos = []
    for second in range(4):
        lat, lon = HERE.to_lat_lon([(14.0 * second, 0.3 * second**2)])[0]
        tags = taken(second) | {BASE.FocalLength: 4.5}
        path = write_photo(image=compact, exif=tags, gps=(lat, lon, 130.0), name=f"{second}.jpg")
        photos.append(used(path, ground_alt_m=100.0))
    assert {photo.pose.sigma_yaw_deg for photo in photos} == {180}
    checked = check_flight(with_flights(photos))
    assert [photo.pose.yaw_deg for photo in checked] == pytest.approx([88.8, 88.8, 86.3, 83.9], abs=0.2)
    assert {(photo.pose.sigma_tilt_deg, photo.pose.sigma_yaw_deg) for photo in checked} == {(10, 90)}
    assert "attitude_missing" in checked[0].remarks and "yaw_from_track" in checked[0].remarks


def test_no_position_at_all(dji_photo) -> None:
    photo = refused(dji_photo({"GpsLatitude": None}))
    assert (photo.reason, photo.detail) == ("no_position", "neither XMP nor EXIF holds a position")
    assert refused(dji_photo({"GpsLatitude": "0", "GpsLongitude": "0"})).reason == "no_position"


def test_pixels_above_the_horizon_show_no_ground(dji_photo) -> None:
    oblique = used(dji_photo({"GimbalPitchDegree": "-5.0"}))
    sky, ground = locate_pixels(oblique, [(320, 0), (320, 479)])
    assert sky is None
    assert ground is not None
    assert refused(dji_photo({"GimbalPitchDegree": "+45.0"})).reason == "not_downward"


@pytest.mark.parametrize(
    ("flag", "stds", "expected"),
    [
        ("0", None, (1.5, 3.0)),
        ("16", ("2.7", "1.5", "3.7"), (2.18, 3.7)),
        ("16", ("0.02", "0.02", "0.04"), (1.5, 3.0)),
        ("34", ("0.3", "0.3", "0.7"), (0.3, 0.7)),
        ("50", None, (0.02, 0.03)),
        ("50", ("0.011", "0.013", "0.024"), (0.02, 0.03)),
        ("50", ("0.05", "0.05", "0.08"), (0.05, 0.08)),
    ],
)
def test_rtk_flag_and_deviations_give_the_sigma(dji_photo, flag, stds, expected) -> None:
    names = ("RtkStdLat", "RtkStdLon", "RtkStdHgt")
    photo = used(dji_photo({"RtkFlag": flag} | dict(zip(names, stds or (), strict=False))))
    assert photo.remarks == (("rtk_not_fixed",) if flag in ("16", "34") else ())
    pose = photo.pose
    assert (pose.sigma_position_m, pose.sigma_alt_m) == pytest.approx(expected, abs=0.005)


def test_the_cameras_clock_is_not_that_of_the_log_and_the_camera_misfires(write_photo, tmp_path) -> None:
    """Photos and events are matched by their differences in time."""
    seconds = np.cumsum([2, 3, 2, 5, 2, 2, 7, 3, 2, 4, 3, 2, 6, 2, 3])
    lines, photos = [], []
    for number, second in enumerate(seconds):
        lat, lon = HERE.to_lat_lon([(3.0 * second, 0)])[0]
        shutter, place = f"{number + 1}\t{300_018 + second}.0\t[2408]", f"{lat:.9f},Lat\t{lon:.9f},Lon"
        lines.append(f"{shutter}\t0,N\t0,E\t0,V\t{place}\t80,Ellh\t0.01, 0.01, 0.02\t50,Q")
        if number not in (4, 9):  # the camera missed these
            at = datetime(2026, 3, 4, 11, 20, tzinfo=UTC) + timedelta(seconds=int(second) + 8 * 3600 - 37)
            tags = {BASE.DateTimeOriginal: f"{at:%Y:%m:%d %H:%M:%S}", BASE.FocalLengthIn35mmFilm: 24}
            photos.append((second, write_photo(exif=tags, name=f"photo-{chr(97 + number)}.jpg")))
    log = tmp_path / "log.MRK"
    log.write_text("\n".join(lines), encoding="utf-8")
    records = records_for([path for _, path in photos], [log])
    assert len(records) == 13
    for second, path in photos:
        (record,) = records[path]
        assert HERE.to_metres(record.position.lat, record.position.lon)[0, 0] == pytest.approx(
            3.0 * second, abs=0.01
        )


def test_a_clock_that_gps_contradicts(dji_photo) -> None:
    logged = Recorded(taken_at=datetime(2026, 3, 1, 9, 4, tzinfo=UTC))
    photo = used(dji_photo(exif=taken(0)), outside=[logged])
    assert (photo.taken_at, photo.remarks) == (logged.taken_at, ("clock_offset",))


def test_planned_coordinates_written_as_if_they_were_positions(dji_photo) -> None:
    def flight(wobble_m: float) -> list:
        photos = []
        for index, (east_m, north_m) in enumerate(np.random.default_rng(2).normal(0, wobble_m, (12, 2))):
            place = there(east_m, 15.0 * index + north_m)
            photos.append(used(dji_photo(place, exif=taken(2 * index), name=f"{index}.jpg")))
        return check_flight(with_flights(photos))

    planned = flight(0.0)
    assert all(photo.remarks == ("positions_planned",) for photo in planned)
    assert all(photo.pose.sigma_position_m == photo.pose.shared.position_m == 25 for photo in planned)
    assert all(photo.remarks == () for photo in flight(0.2))


def test_what_was_flown_is_in_the_log_where_the_photos_tell_the_plan(dji_photo) -> None:
    lat, lon = HERE.to_lat_lon([(30.0, 0)])[0]
    flown = Recorded(position=Position(lat, lon), sigma_position_m=0.02)
    photo = used(dji_photo(), outside=[flown])
    assert (photo.pose.lon, photo.pose.sigma_position_m) == (lon, 0.02)
    assert photo.remarks == ("position_of_log", "log_differs")
