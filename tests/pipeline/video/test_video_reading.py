"""Videos as photos: the frames, their poses and times, and why a video cannot be used."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest

from pipeline.geotagging.geotag import locate_pixels
from pipeline.metadata.recorded import Position, Recorded
from pipeline.photo import Photo, RejectedPhoto
from pipeline.photo_pixels import decode
from pipeline.reasons import REJECTED, REMARKS
from pipeline.video import read_video
from pipeline.video.subtitles import read_cues
from tests.pipeline.made_videos import add_to_movie, flying_north, number_shown, write_srt, write_video
from vision.errors import PantauError
from vision.frames import geodesic_m
from vision.ground import FlatGround
from vision.video_decoding import FrameReader

REAL = "data/video-telemetry"
# Of each real file: how many frames of a video of its length can be used, and the reasons of the others. With
# a lens of 24 mm where the telemetry tells none; heights are those above take-off.
USABLE = {
    "callmarcus_examples_DJI_sample.SRT": (1, []),
    "callmarcus_samples_Avata360_clip.SRT": (1, []),
    "callmarcus_samples_Mini5PRO_clip.SRT": (1, []),
    "callmarcus_samples_air3S_clip.SRT": (0, ["no_height"]),  # on the ground
    "callmarcus_samples_air3_clip.SRT": (1, []),
    "callmarcus_samples_avata2_clip.SRT": (1, []),
    "callmarcus_samples_mini4pro_clip.SRT": (1, []),
    "callmarcus_samples_neo2_clip.SRT": (0, ["no_height"]),  # on the ground
    "callmarcus_samples_neo2_clip_nogps.SRT": (0, ["no_height"]),  # 0.4 m up
    "juanirache_MAVIC3.srt": (0, ["no_height"]),  # below take-off
    "juanirache_air2s.srt": (0, ["no_height"]),  # an absolute altitude only
    "juanirache_broken_empty.SRT": (0, ["no_position"]),
    "juanirache_broken_empty2.SRT": (0, ["no_position"]),
    "juanirache_broken_incomplete.SRT": (1, []),  # it stood, and what is whole is used
    "juanirache_broken_incomplete2.SRT": (0, ["no_height"]),
    "juanirache_m2zoom.SRT": (0, ["no_height"]),
    "juanirache_matrice_300.srt": (73, []),
    "juanirache_mavic_2_style.SRT": (0, ["no_height"]),
    "juanirache_mavic_2pro_new.SRT": (0, ["no_height"]),
    "juanirache_mavic_air.SRT": (0, ["no_position"]),
    "juanirache_mavic_air2.srt": (0, ["no_height"]),
    "juanirache_mavic_mini.SRT": (4, []),
    "juanirache_mavic_pro.SRT": (184, []),
    "juanirache_mavic_pro_buggy.SRT": (61, ["no_position"]),  # fifteen seconds without satellites
    "juanirache_mix_p4rtk_mavic2pro.srt": (3, ["no_position"]),  # fifteen minutes before it begins
    "juanirache_old_format.SRT": (184, []),
    "juanirache_p4_rtk.SRT": (26, []),
    "juanirache_p4p_sample.SRT": (1, []),
}  # fmt: skip


@pytest.fixture
def flown(tmp_path):
    """A video of 6 s at 10 frames a second, flown north at 5 m/s, 20 m high."""
    video = write_video(tmp_path / "DJI_0001.MP4", frames=60)
    write_srt(video, flying_north(7))
    return video


@dataclass(frozen=True)
class Level(FlatGround):
    """Level ground at a height above its zero."""

    height_m: float = 0.0

    def heights_m(self, lat, lon):
        return np.full(np.size(lat), self.height_m)


def photos_of(found) -> list[Photo]:
    assert all(isinstance(photo, Photo) for photo in found)
    return found


def only_rejected(found) -> RejectedPhoto:
    (rejected,) = found
    assert isinstance(rejected, RejectedPhoto)
    assert rejected.reason in REJECTED
    return rejected


def test_frames_by_the_distance_flown(flown):
    photos = photos_of(read_video(flown, spacing_m=4.9))
    assert [photo.frame for photo in photos] == [0, 10, 20, 30, 40, 50]
    steps_m = [
        geodesic_m((one.pose.lat, one.pose.lon), (other.pose.lat, other.pose.lon))
        for one, other in pairwise(photos)
    ]
    assert steps_m == pytest.approx([5.0] * 5, abs=0.15)


def test_frames_overlap_by_seventy_percent_without_a_spacing(flown):
    photos = photos_of(read_video(flown))
    height_m = 20.0 * 180 / photos[0].camera.focal_px
    step_m = geodesic_m(*((photo.pose.lat, photo.pose.lon) for photo in photos[:2]))
    assert 1 - step_m / height_m == pytest.approx(0.7, abs=0.06)


def test_a_frame_is_a_photo_with_camera_pose_and_time(flown):
    photo = photos_of(read_video(flown, spacing_m=4.9))[1]
    assert (photo.path, photo.frame) == (flown, 10)
    assert photo.taken_at == datetime(2026, 5, 27, 13, 14, 23, 911000, UTC)
    assert photo.pose.alt_agl_m == 20.0
    assert (photo.camera.width_px, photo.camera.height_px) == (320, 180)
    assert photo.camera.focal_px == pytest.approx(24 / 36 * 320, rel=0.03)
    assert photo.camera.focal_sigma_rel >= 0.05
    assert set(photo.remarks) == {"focal_length_from_35mm", "attitude_missing", "time_zone_unknown"}
    assert set(photo.remarks) <= set(REMARKS)


def test_a_frame_lies_where_it_was_flown(flown):
    photo = photos_of(read_video(flown, spacing_m=4.9))[2]
    (place,) = locate_pixels(photo, [[(320 - 1) / 2, (180 - 1) / 2]])
    assert geodesic_m((place.lat, place.lon), (-6.9 + 10 / 110_600, 107.6)) < 0.2


def test_frames_have_ids_of_their_own_that_stay(flown):
    photos = read_video(flown, spacing_m=4.9)
    again = {photo.id for photo in read_video(flown, spacing_m=2.45)}
    assert len({photo.id for photo in photos}) == 6
    assert {photo.id for photo in photos} <= again


def test_frames_are_decoded_as_photos(flown):
    photos = photos_of(read_video(flown, spacing_m=4.9))
    assert number_shown(decode(photos[3]).picture) == photos[3].frame
    with FrameReader() as frames:
        assert [number_shown(decode(photo, frames).picture) for photo in photos] == [0, 10, 20, 30, 40, 50]


def test_a_frame_that_is_cut_off_is_rejected(flown):
    photo = photos_of(read_video(flown, spacing_m=4.9))[5]
    write_video(flown, frames=30)
    assert decode(photo).reason == "truncated"


@pytest.mark.parametrize("spacing_m", [0.0, -5.0, float("nan"), float("inf")])
def test_a_spacing_that_is_none_is_the_users_mistake(flown, spacing_m):
    with pytest.raises(PantauError, match="apart"):
        read_video(flown, spacing_m=spacing_m)


def test_a_missing_or_broken_video_is_rejected(tmp_path):
    assert only_rejected(read_video(tmp_path / "none.mp4")).reason == "not_a_video"
    (tmp_path / "cut.mp4").write_bytes(b"\0\0\0\x18ftypmp42" + bytes(500))
    assert only_rejected(read_video(tmp_path / "cut.mp4")).reason == "not_a_video"


def test_a_video_without_telemetry_is_rejected(tmp_path):
    rejected = only_rejected(read_video(write_video(tmp_path / "DJI_0001.MP4", frames=5)))
    assert rejected.reason == "no_position"
    assert "DJI_0001.SRT is not beside it" in rejected.detail


@pytest.mark.parametrize(
    ("text", "detail"),
    [("", "is empty"), ("1\n00:00:00,000 --> 00:00:01,000\nHello!\n", "of no form that is understood")],
)
def test_subtitles_that_are_no_telemetry_are_told(tmp_path, text, detail):
    video = write_video(tmp_path / "DJI_0001.MP4", frames=5)
    video.with_suffix(".srt").write_text(text, encoding="utf-8")
    assert detail in only_rejected(read_video(video)).detail


def test_telemetry_of_another_part_of_the_flight_is_told(tmp_path):
    video = write_video(tmp_path / "DJI_0001.MP4", frames=20)
    write_srt(video, flying_north(5), first_s=904.0)
    assert "begins at 15:04, after the video's end at 0:02" in only_rejected(read_video(video)).detail


def test_a_gap_in_the_telemetry_is_a_rejected_part(tmp_path):
    video = write_video(tmp_path / "DJI_0001.MP4", frames=106)
    blocks = flying_north(12, speed_m_s=3.0)
    blocks[3:8] = ["GPS(N/A,N/A,9) BAROMETER:20.0"] * 5
    write_srt(video, blocks)
    *photos, rejected = read_video(video, spacing_m=3.0)
    assert rejected.reason == "no_position"
    assert rejected.detail.startswith("from 0:03 to 0:07")
    assert not [photo.frame for photo in photos_of(photos) if 40 <= photo.frame < 80]


def test_a_drone_on_the_ground_gives_no_frames(tmp_path):
    video = write_video(tmp_path / "DJI_0001.MP4", frames=100)
    climb = [*flying_north(4, speed_m_s=0.0, height_m=0.2), *flying_north(8)[1:]]
    write_srt(video, climb)
    assert photos_of(read_video(video, spacing_m=4.9))[0].frame > 25
    write_srt(video, flying_north(12, height_m=0.3))
    assert "never higher than 0.3 m" in only_rejected(read_video(video)).detail


def test_the_ground_may_be_given_instead_of_the_height(tmp_path):
    video = write_video(tmp_path / "DJI_0001.MP4", frames=30)
    told = "[focal_len : 240] [latitude: -6.9] [longitude: 107.6] [altitude: 117.000000]"
    write_srt(video, [told] * 3)
    assert only_rejected(read_video(video)).reason == "no_height"
    (photo,) = photos_of(read_video(video, ground_alt_m=87.0))
    assert photo.pose.alt_agl_m == pytest.approx(30.0)
    assert "height_from_absolute" in photo.remarks


def test_an_elevation_model_may_be_given_instead_of_the_height(tmp_path):
    video = write_video(tmp_path / "DJI_0001.MP4", frames=60)
    told = "[focal_len : 240] [latitude: {:.6f}] [longitude: 107.6] [altitude: 117.000000]"
    write_srt(video, [told.format(-6.9 + second * 5e-5) for second in range(7)])
    low, high = (photos_of(read_video(video, dem=Level(height_m=ground_m))) for ground_m in (97.0, 57.0))
    assert [photo.pose.alt_agl_m for photo in low] == pytest.approx([20.0] * len(low))
    assert "height_over_dem" in low[0].remarks
    assert len(low) > len(high) > 1  # the higher, the more a frame shows


def test_a_lens_that_nothing_tells_may_be_given(tmp_path):
    video = write_video(tmp_path / "DJI_0001.MP4", frames=30)
    write_srt(video, ["HOME(107.6,-6.9) 2017.08.05 14:11:51\nGPS(107.6,-6.9,16) BAROMETER:19.5"] * 3)
    rejected = only_rejected(read_video(video))
    assert rejected.reason == "no_camera"
    assert "--video-focal" in rejected.detail
    (photo,) = photos_of(read_video(video, equivalent_mm=28.0))
    assert photo.camera.focal_px == pytest.approx(28 / 36 * 320, rel=0.03)


def test_the_file_tells_model_and_gimbal(tmp_path):
    video = write_video(tmp_path / "DJI_0001.MP4", frames=40)
    write_srt(video, ["GPS(107.6,-6.9,16) BAROMETER:20", "GPS(107.6,-6.8998,16) BAROMETER:20"], step_s=3.0)
    add_to_movie(video, {b"\xa9mdl": "FC330", b"\xa9gpt": "-60.00", b"\xa9grl": "0.00"})
    photo = photos_of(read_video(video, spacing_m=4.9))[1]
    assert photo.camera.focal_px == pytest.approx(20.7 / 36 * 320, rel=0.02)
    assert photo.camera.name == "DJI FC330"
    assert photo.pose.pitch_deg == -60.0
    assert photo.pose.yaw_deg == pytest.approx(0.0, abs=1.0)  # flown to the north
    assert photo.pose.sigma_tilt_deg == 5.0
    assert "attitude_of_beginning" in photo.remarks


def test_subtitles_within_the_video(tmp_path):
    video = write_video(tmp_path / "DJI_0001.MP4", frames=40)
    told = "F/2.8, SS 640.00, ISO 100, EV 0, GPS (107.600000, -6.900000, 15), D 5.10m, H 20.00m, H.S 0.00m/s"
    add_to_movie(video, {b"\xa9mdl": "FC7203"}, subtitles=[told] * 4)
    (photo,) = photos_of(read_video(video))
    assert (photo.pose.lat, photo.pose.lon) == pytest.approx((-6.9, 107.6))
    assert photo.pose.alt_agl_m == 20.0


def test_a_zone_that_the_file_tells(flown):
    add_to_movie(flown, created_at=datetime(2026, 5, 27, 6, 14, 20, tzinfo=UTC))
    photo = photos_of(read_video(flown, spacing_m=4.9))[0]
    assert photo.taken_at == datetime(2026, 5, 27, 6, 14, 22, 911000, UTC)  # Jakarta
    assert "time_zone_unknown" not in photo.remarks


BEGUN = datetime(2026, 5, 27, 6, 14, 22, 911000, UTC)


def logged(speed_m_s: float = 5.0, east_m: float = 0.0, **more) -> list[Recorded]:
    """The way of `flown`, from a minute before to a minute after, as another log tells it."""
    return [
        Recorded(
            Position(-6.9 + speed_m_s * second / 110_600, 107.6 + east_m / 110_500),
            taken_at=BEGUN + timedelta(seconds=second),
            **more,
        )
        for second in range(-60, 60)
    ]


def test_a_log_stands_in_for_missing_telemetry(tmp_path):
    video = write_video(tmp_path / "DJI_0001.MP4", frames=60)
    add_to_movie(video, created_at=BEGUN.replace(microsecond=0))
    records = logged(height_m=20.0, sigma_position_m=0.5)
    photos = photos_of(read_video(video, spacing_m=4.9, outside=records, equivalent_mm=24.0))
    assert len(photos) == 6
    assert photos[0].pose.lat == pytest.approx(-6.9, abs=6e-5)
    assert photos[0].pose.sigma_position_m > 1.0  # 5 m/s, and a clock of whole seconds
    assert photos[0].taken_at == BEGUN.replace(microsecond=0)


def test_a_log_of_another_hour_does_not(tmp_path):
    video = write_video(tmp_path / "DJI_0001.MP4", frames=60)
    add_to_movie(video, created_at=BEGUN + timedelta(hours=2))
    assert only_rejected(read_video(video, outside=logged(height_m=20.0))).reason == "no_position"


def test_a_log_by_rtk_beats_the_telemetry_of_a_drone_that_stands(flown):
    write_srt(flown, flying_north(7, speed_m_s=0.0))
    records = logged(speed_m_s=0.0, east_m=2.0, sigma_position_m=0.02)
    (photo,) = photos_of(read_video(flown, outside=records))
    assert (photo.pose.lon - 107.6) * 110_500 == pytest.approx(2.0, abs=0.05)
    assert "position_of_log" in photo.remarks


def test_a_log_is_no_better_than_the_clocks_that_match_it(flown):
    photo = photos_of(read_video(flown, outside=logged(east_m=2.0, sigma_position_m=0.02)))[2]
    assert photo.pose.lon == pytest.approx(107.6, abs=1e-6)  # 5 m/s, and half a second


def test_a_log_tells_the_zone(flown):
    photo = photos_of(read_video(flown, spacing_m=4.9, outside=logged()))[2]
    assert photo.taken_at == BEGUN + timedelta(seconds=2)
    assert "time_zone_unknown" not in photo.remarks


def test_a_log_of_another_flight_is_not_mistaken_for_this_ones(flown):
    photo = photos_of(read_video(flown, outside=logged(east_m=400.0, sigma_position_m=0.02)))[0]
    assert photo.pose.lon == pytest.approx(107.6, abs=1e-6)
    assert photo.taken_at.hour == 13


def test_a_log_fills_what_the_telemetry_lacks(tmp_path):
    video = write_video(tmp_path / "DJI_0001.MP4", frames=60)
    blocks = [block.replace("rel_alt: 20.000 abs_alt: 720.000", "no: 1") for block in flying_north(7)]
    write_srt(video, blocks)
    assert only_rejected(read_video(video)).reason == "no_height"
    photos = photos_of(read_video(video, outside=logged(height_m=31.0, sigma_position_m=3.0)))
    assert photos[0].pose.alt_agl_m == pytest.approx(31.0)


@pytest.mark.real_data
@pytest.mark.parametrize("name", USABLE)
def test_videos_with_real_telemetry(shared, tmp_path, name):
    shutil.copy(shared / REAL / name, tmp_path / name)
    cues = read_cues((tmp_path / name).read_bytes())
    end_s = (468 if cues[-1].start_s is None else cues[-1].start_s) if cues else 3
    frames_per_s = 30.0 if end_s < 20 else 2.0
    video = write_video((tmp_path / name).with_suffix(".MP4"), round(end_s * frames_per_s) + 1, frames_per_s)
    found = read_video(video, equivalent_mm=24.0)
    photos = [photo for photo in found if isinstance(photo, Photo)]
    assert (len(photos), [r.reason for r in found if isinstance(r, RejectedPhoto)]) == USABLE[name]
    poses = np.array([[p.pose.lat, p.pose.lon, p.pose.alt_agl_m, p.pose.sigma_position_m] for p in photos])
    assert np.isfinite(poses).all()
    assert all(set(photo.remarks) <= set(REMARKS) for photo in photos)


@pytest.mark.real_data
def test_a_gimbal_of_real_telemetry(shared, tmp_path):
    shutil.copy(shared / REAL / "juanirache_p4_rtk.SRT", tmp_path / "DJI_0001.SRT")
    video = write_video(tmp_path / "DJI_0001.MP4", frames=110, frames_per_s=2.0)
    photos = photos_of(read_video(video, equivalent_mm=24.0))
    assert all(photo.pose.pitch_deg == pytest.approx(-24.4, abs=0.3) for photo in photos)
    assert all(109 < photo.pose.yaw_deg < 113 for photo in photos)
    assert all(1.5 <= photo.pose.sigma_position_m < 6 for photo in photos)
    places = [(photo.pose.lat, photo.pose.lon) for photo in photos]
    steps_m = [geodesic_m(*pair) for pair in pairwise(places)]
    spacing_m = 0.3 * photos[0].pose.alt_agl_m * 180 / photos[0].camera.focal_px
    assert all(spacing_m - 1 < step_m < spacing_m + 8 for step_m in steps_m)
