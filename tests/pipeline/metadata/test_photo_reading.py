import hashlib
from datetime import UTC, datetime
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import ExifTags, Image

from pipeline.geotagging.geotag import locate_pixels
from pipeline.metadata.photo_reading import read_photo, read_photos
from pipeline.metadata.recorded import Position, Recorded
from pipeline.photo import Photo, RejectedPhoto
from pipeline.reasons import REJECTED, REMARKS

BASE = ExifTags.Base
VIEWER = "Microsoft Windows Photo Viewer 10.0.10240.16384"


def used(path: Path, **options: float) -> Photo:
    photo = read_photo(path, **options)
    assert isinstance(photo, Photo), photo
    assert set(photo.remarks) <= set(REMARKS)
    return photo


def reason(path: Path, **options: float) -> str:
    photo = read_photo(path, **options)
    assert isinstance(photo, RejectedPhoto)
    assert photo.reason in REJECTED and photo.detail
    return photo.reason


def test_an_empty_file_and_a_text_file_are_no_images(tmp_path) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(b"")
    assert reason(path) == "not_an_image"
    path.write_text("Dear colleague, the photo follows.", encoding="utf-8")
    assert reason(path) == "not_an_image"


@pytest.mark.parametrize("suffix", ["TIFF", "PNG", "WebP"])
def test_other_pictures_are_named(tmp_path, suffix) -> None:
    path = tmp_path / f"photo.{suffix.lower()}"
    Image.new("RGB", (8, 8)).save(path)
    photo = read_photo(path)
    assert (photo.reason, suffix in photo.detail) == ("not_an_image", True)


def test_a_heic_is_named(tmp_path) -> None:
    path = tmp_path / "IMG_0001.JPG"
    path.write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic")
    assert "HEIC" in read_photo(path).detail


def test_a_file_that_cannot_be_opened_is_rejected(tmp_path) -> None:
    assert reason(tmp_path / "absent.jpg") == "not_an_image"


def test_a_dji_photo(dji_photo) -> None:
    path = dji_photo(exif={BASE.DateTimeOriginal: "2024:05:06 07:08:09", BASE.OffsetTimeOriginal: "+08:00"})
    photo = used(path)
    assert photo.id == hashlib.sha256(path.read_bytes()).hexdigest()
    assert photo.taken_at == datetime(2024, 5, 5, 23, 8, 9, tzinfo=UTC)
    assert (photo.pose.lat, photo.pose.lon, photo.pose.alt_agl_m) == (-1.2654, 116.8312, 30.0)
    assert (photo.pose.yaw_deg, photo.pose.pitch_deg, photo.pose.roll_deg) == (40, -90, 0)
    assert (photo.pose.sigma_position_m, photo.pose.sigma_alt_m) == (1.5, 3.0)
    assert (photo.camera.width_px, photo.camera.height_px, photo.camera.focal_px) == (640, 480, 640)
    assert photo.remarks == ()


def test_many_photos_are_read_in_their_order_each_with_its_logs(dji_photo, tmp_path) -> None:
    assert list(read_photos([])) == []
    paths = [dji_photo({"RelativeAltitude": f"{30 + n}"}, name=f"{n}.jpg") for n in range(20)]
    paths.insert(3, tmp_path / "absent.jpg")
    flown = Recorded(position=Position(-1.3, 116.9), sigma_position_m=0.02)
    photos = list(read_photos(paths, outside={paths[5]: [flown]}))
    assert photos == [read_photo(path, outside=[flown] if path == paths[5] else []) for path in paths]
    assert photos[5].pose.lat == -1.3


def test_rtk_makes_the_position_sure(dji_photo) -> None:
    pose = used(
        dji_photo({"RtkFlag": "50", "RtkStdLat": "0.03", "RtkStdLon": "0.03", "RtkStdHgt": "0.06"})
    ).pose
    assert (pose.sigma_position_m, pose.sigma_alt_m) == pytest.approx((0.03, 0.06))


def test_without_position_it_is_rejected(dji_photo) -> None:
    assert reason(dji_photo({"GpsLatitude": None})) == "no_position"


def test_an_empty_gps_directory_does_not_hide_the_xmp_position(dji_photo) -> None:
    path = dji_photo(gps=())
    tags = Image.open(path).getexif()
    assert BASE.GPSInfo in tags and tags.get_ifd(ExifTags.IFD.GPSInfo) == {}
    assert used(path).pose.lat == -1.2654


def test_a_contradicting_exif_position_makes_it_less_sure(dji_photo) -> None:
    photo = used(dji_photo(gps=(-1.2664, 116.8312)))
    assert photo.remarks[0] == "positions_differ"
    assert photo.pose.lat == -1.2654
    assert photo.pose.sigma_position_m == pytest.approx(110.6, abs=0.5)


def test_without_focal_length_it_is_rejected(dji_photo) -> None:
    assert reason(dji_photo({"CalibratedFocalLength": None})) == "no_camera"


def test_the_35_mm_equivalent_is_remarked(dji_photo) -> None:
    photo = used(dji_photo({"CalibratedFocalLength": None}, exif={BASE.FocalLengthIn35mmFilm: 24}))
    assert "focal_length_from_35mm" in photo.remarks


@pytest.mark.parametrize("height", [None, "0.0", "-3.5", "1e300"])
def test_without_height_above_ground_it_is_rejected(dji_photo, height) -> None:
    assert reason(dji_photo({"RelativeAltitude": height})) == "no_height"


def test_a_known_ground_gives_the_height_and_less_surely(dji_photo) -> None:
    photo = used(dji_photo({"RelativeAltitude": None}), ground_alt_m=20.0)
    assert photo.pose.alt_agl_m == pytest.approx(41.0)
    assert photo.pose.sigma_alt_m == 10
    assert "height_from_absolute" in photo.remarks
    assert reason(dji_photo(), ground_alt_m=500.0) == "no_height"
    assert reason(dji_photo({"AbsoluteAltitude": None}), ground_alt_m=20.0) == "no_height"


def test_no_attitude_means_straight_down_with_an_unknown_yaw(dji_photo) -> None:
    photo = used(dji_photo({"GimbalYawDegree": None, "FlightYawDegree": None}))
    assert photo.remarks[0] == "attitude_missing"
    assert (photo.pose.pitch_deg, photo.pose.sigma_tilt_deg, photo.pose.sigma_yaw_deg) == (-90, 10, 180)


def test_angles_that_are_all_zero_are_not_believed(dji_photo) -> None:
    zero = {"GimbalYawDegree": "0.00", "GimbalPitchDegree": "+0.00", "GimbalRollDegree": "-0.00"}
    photo = used(dji_photo(zero))
    assert photo.remarks[0] == "attitude_zero"
    assert (photo.pose.yaw_deg, photo.pose.pitch_deg, photo.pose.sigma_yaw_deg) == (41, -90, 10)


def test_a_roll_of_180_turns_the_ground_around(dji_photo) -> None:
    """At −90° of pitch the top of the picture then points away from the yaw."""
    as_usual = locate_pixels(used(dji_photo()), [(320, 0)])[0]
    flipped = used(dji_photo({"GimbalRollDegree": "+180.00", "GimbalYawDegree": "-140.00"}))
    there = locate_pixels(flipped, [(320, 0)])[0]
    assert "roll_flipped" in flipped.remarks
    assert (there.lat, there.lon) == pytest.approx((as_usual.lat, as_usual.lon), abs=1e-9)


def test_a_look_at_the_sky_is_rejected(dji_photo) -> None:
    assert reason(dji_photo({"GimbalPitchDegree": "+60.0"})) == "not_downward"


def test_exif_orientation_leaves_the_stored_pixels_alone(dji_photo) -> None:
    plain = used(dji_photo())
    tagged = used(dji_photo(image={BASE.Make: "DJI", BASE.Model: "TEST", BASE.Orientation: 6}))
    assert tagged.remarks == ("orientation_tag",)
    assert (tagged.camera, tagged.pose) == (plain.camera, plain.pose)


def test_a_truncated_photo_is_rejected(dji_photo) -> None:
    path = dji_photo(picture=ground_picture(480, 640))
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) * 2 // 3])
    assert reason(path) == "truncated"
    path.write_bytes(whole[:100])
    assert reason(path) == "truncated"


def test_a_truncated_photo_still_tells_where_it_was_taken(dji_photo) -> None:
    path = dji_photo(picture=ground_picture(480, 640))
    whole = used(path)
    path.write_bytes(path.read_bytes()[:50_000])
    cut = read_photo(path)
    assert isinstance(cut, RejectedPhoto) and cut.photo is not None
    assert (cut.photo.pose, cut.photo.camera) == (whole.pose, whole.camera)
    assert (cut.photo.id, cut.photo.path) == (cut.id, path)
    path.write_bytes(dji_photo({"GpsLatitude": None}, picture=ground_picture(480, 640)).read_bytes()[:50_000])
    lost = read_photo(path)
    assert isinstance(lost, RejectedPhoto) and (lost.reason, lost.photo) == ("truncated", None)


def test_only_the_end_marker_missing_is_forgiven(dji_photo) -> None:
    path = dji_photo(picture=ground_picture(480, 640))
    path.write_bytes(path.read_bytes()[:-2])
    assert used(path).remarks == ("end_marker_missing",)


def ground_picture(height: int, width: int) -> np.ndarray:
    """Coarse shapes under fine grain, as ground looks from above; no side like another."""
    rng = np.random.default_rng(7)
    coarse = cv2.resize(rng.uniform(0, 255, (7, 9)).astype(np.float32), (width, height))
    grain = cv2.GaussianBlur(rng.normal(0, 60, (height, width)).astype(np.float32), (0, 0), 0.8)
    return np.repeat(np.clip(coarse + grain, 0, 255).astype(np.uint8)[:, :, None], 3, axis=2)


def saved_by_viewer(dji_photo, tmp_path, quarter_turns, size=(1010, 1604), software=VIEWER) -> Path:
    """A photo compressed by a camera, then turned and compressed again by a viewer."""
    Image.fromarray(ground_picture(*size)).save(tmp_path / "camera.jpg", quality=90)
    stored = np.asarray(Image.open(tmp_path / "camera.jpg"))
    return dji_photo(
        {"CalibratedFocalLength": "1600"},
        picture=np.ascontiguousarray(np.rot90(stored, -quarter_turns)),
        image={BASE.Make: "DJI", BASE.Model: "TEST", BASE.Software: software},
        exif={BASE.ExifImageWidth: size[1], BASE.ExifImageHeight: size[0]},
        quality=93,
    )


@pytest.mark.parametrize("quarter_turns", [1, 2, 3])
def test_turned_pixels_are_found_by_their_block_grid(dji_photo, tmp_path, quarter_turns) -> None:
    size = (1010, 1606)  # neither side a multiple of 8
    photo = used(saved_by_viewer(dji_photo, tmp_path, quarter_turns, size))
    assert photo.remarks == ("pixels_turned",)
    assert (photo.camera.width_px, photo.camera.height_px) == (size if quarter_turns % 2 else size[::-1])
    assert photo.pose.sigma_yaw_deg == 2
    x, y, width, height = 300.0, 100.0, 1606, 1010
    unturned = used(dji_photo({"CalibratedFocalLength": "1600"}, picture=np.zeros((1010, 1606, 3), np.uint8)))
    expected = locate_pixels(unturned, [(x, y)])[0]
    for _ in range(quarter_turns):
        x, y, width, height = height - 1 - y, x, height, width
    found = locate_pixels(photo, [(x, y)])[0]
    assert (found.lat, found.lon) == pytest.approx((expected.lat, expected.lon), abs=1e-10)


def test_an_editor_that_turned_nothing_leaves_no_trace(dji_photo, tmp_path) -> None:
    photo = used(saved_by_viewer(dji_photo, tmp_path, 0, software="Adobe Photoshop Lightroom 6.0"))
    assert photo.remarks == ()


def test_where_the_grid_tells_nothing_it_is_a_suspicion(dji_photo, tmp_path) -> None:
    photo = used(saved_by_viewer(dji_photo, tmp_path, 2, size=(1008, 1600)))  # multiples of 8
    assert photo.remarks == ("pixels_turned_possible",)
    assert photo.pose.sigma_yaw_deg == 180


def test_a_thumbnail_left_behind_tells_the_turn(dji_photo, tmp_path) -> None:
    from pipeline.metadata.orientation import _by_thumbnail

    stored = ground_picture(1008, 1600)[:, :, 0]
    thumbnail = np.zeros((120, 160), np.uint8)  # with black bars, as DJI writes it
    thumbnail[9:110] = cv2.resize(stored, (160, 101), interpolation=cv2.INTER_AREA)
    header = header_with_thumbnail(cv2.imencode(".jpg", thumbnail)[1].tobytes())
    for turns in (0, 2):
        turned = np.ascontiguousarray(np.rot90(stored, -turns))
        assert _by_thumbnail(turned, header, (0, 2)) == (2 if turns == 2 else None)
    assert _by_thumbnail(stored, b"", (0, 2)) is None


def header_with_thumbnail(thumbnail: bytes) -> bytes:
    """The start of a JPEG whose EXIF holds an empty first directory and one for the thumbnail."""
    entries = ((0x103, 3, 6), (0x201, 4, 8 + 6 + 2 + 3 * 12 + 4), (0x202, 4, len(thumbnail)))
    directory = b"".join(
        tag.to_bytes(2, "little")
        + kind.to_bytes(2, "little")
        + (1).to_bytes(4, "little")
        + value.to_bytes(4, "little")
        for tag, kind, value in entries
    )
    tiff = b"II*\0\x08\0\0\0" + b"\0\0\x0e\0\0\0" + b"\x03\0" + directory + b"\0\0\0\0" + thumbnail
    return b"\xff\xd8\xff\xe1" + (len(tiff) + 8).to_bytes(2, "big") + b"Exif\0\0" + tiff


@given(
    st.binary(max_size=300),
    st.sampled_from([b"", b"\xff\xd8", b"\xff\xd8\xff\xe1\0\x40http://ns.adobe.com/xap/1.0/\0"]),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_bytes_crash_it(tmp_path, data, start) -> None:
    path = tmp_path / "random.jpg"
    path.write_bytes(start + data)
    assert isinstance(read_photo(path), RejectedPhoto)


damages = st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), min_size=1, max_size=60)


@given(damages, st.integers(0, 10**6))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_damage_crashes_it(dji_photo, damage, cut) -> None:
    path = dji_photo(gps=(1.0, 2.0, 3.0), exif={BASE.DateTimeOriginal: "2024:05:06 07:08:09"})
    data = bytearray(path.read_bytes())
    for place, value in damage:
        data[place % len(data)] = value
    path.write_bytes(data[: len(data) - cut % 50])
    assert isinstance(read_photo(path), Photo | RejectedPhoto)


@pytest.mark.real_data
@pytest.mark.parametrize("seed", range(12))
def test_no_damage_to_real_photos_crashes_it(shared, tmp_path, seed) -> None:
    rng = np.random.default_rng(seed)
    for source in sorted((shared / "data/photos").glob("*/*.[jJ]*[gG]")):
        data = np.frombuffer(source.read_bytes()[:400_000], np.uint8).copy()
        places = rng.integers(0, min(len(data), 60_000), 200)
        data[places] = rng.integers(0, 256, 200)
        path = tmp_path / "damaged.jpg"
        path.write_bytes(data.tobytes())
        assert isinstance(read_photo(path), Photo | RejectedPhoto)


@pytest.mark.real_data
def test_real_photos(shared) -> None:
    photos = {path.name: read_photo(path) for path in (shared / "data/photos").glob("*/*.[jJ]*[gG]")}
    rejected = {name: photo.reason for name, photo in photos.items() if isinstance(photo, RejectedPhoto)}
    assert rejected == {
        "IMG_9398.jpg": "no_height",
        "DJI_XTS.jpg": "not_downward",
        "IMG_161122_163234_0000_RGB.JPG": "no_height",
    }
    turned = {name for name, photo in photos.items() if "pixels_turned" in getattr(photo, "remarks", ())}
    assert turned == {"DJI_0026.JPG", "DJI_0027.JPG"}
    assert not any("pixels_turned_possible" in getattr(photo, "remarks", ()) for photo in photos.values())


@pytest.mark.real_data
def test_other_makers_with_a_known_ground(shared) -> None:
    folder = shared / "data/photos"
    compact = used(folder / "caliterra-no-attitude/IMG_9398.jpg", ground_alt_m=300.0)
    assert "attitude_missing" in compact.remarks
    assert compact.taken_at == datetime(2014, 10, 19, 18, 22, 24, tzinfo=UTC)
    sequoia = used(folder / "garfield-parrot/IMG_161122_163234_0000_RGB.JPG", ground_alt_m=270.0)
    assert sequoia.camera.source == "PerspectiveFocalLength"
    assert sequoia.pose.sigma_position_m == 2.301
    assert sequoia.pose.pitch_deg == pytest.approx(-84.8, abs=0.1)
