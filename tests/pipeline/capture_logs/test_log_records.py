"""Photos found in logs: by number, by the times between them, on a track, whatever the clock shows."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from itertools import accumulate

import pytest
from PIL import ExifTags, Image

from pipeline.capture_logs import records_for
from pipeline.capture_logs.shot import read_shot
from pipeline.metadata.photo_reading import read_photo
from pipeline.photo import Photo, RejectedPhoto
from vision.errors import PantauError

BASE, GPS = ExifTags.Base, ExifTags.GPS
AT = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)
GPS_EPOCH = datetime(1980, 1, 6, tzinfo=UTC)
# Seven photos, a turn, five photos: when the shutter opened.
SHUTTER_S = list(accumulate([0.0, 2.1, 2.0, 1.9, 2.2, 2.0, 2.0, 17.3, 2.0, 2.1, 2.0, 1.9]))
ZONE = timedelta(hours=7, seconds=83)  # and the clock is wrong


def lat_of(index: int) -> float:
    return -6.3 + index * 1e-5


def write_photo(path, at: datetime, offset: str | None = None, gps: tuple[float, float] | None = None):
    """A photo without attitude by a compact camera whose clock shows `at`."""
    tags = Image.Exif()
    tags.update({BASE.Make: "Canon", BASE.Model: "Canon PowerShot SX260 HS"})
    details = {BASE.DateTimeOriginal: f"{at:%Y:%m:%d %H:%M:%S}", BASE.FocalLength: 4.5,
               BASE.FocalLengthIn35mmFilm: 25}  # fmt: skip
    tags.get_ifd(ExifTags.IFD.Exif).update(details | ({BASE.OffsetTimeOriginal: offset} if offset else {}))
    if gps:
        tags[BASE.GPSInfo] = {
            GPS.GPSLatitudeRef: "S", GPS.GPSLatitude: (-gps[0], 0.0, 0.0),
            GPS.GPSLongitudeRef: "E", GPS.GPSLongitude: (gps[1], 0.0, 0.0),
        }  # fmt: skip
    Image.new("RGB", (64, 48)).save(path, exif=tags)
    return path


@pytest.fixture
def write_photos(tmp_path):
    def write(first: int = 1, clock=ZONE, name: str = "IMG_{:04d}.JPG", **more):
        moments = [AT + timedelta(seconds=seconds) + clock for seconds in SHUTTER_S]
        return [
            write_photo(tmp_path / name.format(index), moment, **more)
            for index, moment in enumerate(moments, first)
        ]

    return write


@pytest.fixture
def write_flight_log(tmp_path):
    def write(name: str = "sortie-01.flight.jsonl", misfires: tuple[int, ...] = (), began=AT):
        path = tmp_path / name
        lines = [
            {"time": (began + timedelta(seconds=seconds)).isoformat(), "event": "photo", "lat": lat_of(index),
             "lon": 106.84, "alt_rel_m": 20.0, "yaw_deg": 90.0, "pitch_deg": -85.0, "photo": index + 1}
            for index, seconds in enumerate(SHUTTER_S)
            if index not in misfires
        ]  # fmt: skip
        path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
        return path

    return write


@pytest.fixture
def write_mrk(tmp_path):
    def write(first: int = 1, name: str = "101_Timestamp.MRK"):
        lines = []
        for index, seconds in enumerate(SHUTTER_S):
            since_s = (AT - GPS_EPOCH).total_seconds() + 18 + seconds
            week, in_week_s = divmod(since_s, 7 * 86400)
            lines.append(
                f"{first + index}\t{in_week_s:.6f}\t[{week:.0f}]\t 5,N\t 0,E\t 75,V\t"
                f"{lat_of(index):.9f},Lat\t106.84,Lon\t60.0,Ellh\t0.014, 0.013, 0.03\t50,Q\n"
            )
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("".join(lines), encoding="utf-8")
        return path

    return write


def lats(records, photos) -> list[float | None]:
    return [records[photo][0].position.lat if photo in records else None for photo in photos]


ALL = pytest.approx([lat_of(index) for index in range(len(SHUTTER_S))])


def test_without_logs_there_is_nothing_to_tell(write_photos):
    records = records_for(write_photos())
    assert (dict(records), records.notes) == ({}, ())
    assert dict(records_for([])) == {}


def test_numbers_and_names(tmp_path):
    names = {
        "DJI_20240301090000_0012_W": 12,
        "100_0001_0034": 34,
        "MAX_0029": 29,
        "DJI_0007": 7,
        "kite": None,
    }
    assert {name: read_shot(tmp_path / f"{name}.JPG").number for name in names} == names


def test_an_event_file_beside_the_photos_is_found_and_matched_by_number(write_photos, write_mrk):
    photos = write_photos(first=5, name="MAX_{:04d}.JPG")
    write_mrk(first=5)
    records = records_for([*photos[:3], *photos[4:]])
    assert lats(records, [*photos[:3], *photos[4:]]) == pytest.approx(
        [lat_of(index) for index in range(12) if index != 3]
    )
    assert records[photos[0]][0].sigma_position_m < 0.03
    assert records.notes == ("101_Timestamp.MRK: tells of 11 of 11 photos",)


def test_a_single_photo_beside_its_event_file_is_matched_by_number(write_photos, write_mrk):
    photos = write_photos()
    write_mrk()
    assert lats(records_for([photos[4]]), [photos[4]]) == [pytest.approx(lat_of(4))]


def test_numbers_that_the_clocks_contradict_are_not_believed(write_photos, write_mrk):
    photos = write_photos(first=1)
    write_mrk(first=3)  # counts otherwise; the times between the photos tell
    assert lats(records_for(photos), photos) == ALL


def test_two_event_files_in_a_folder_keep_to_their_photos(write_photos, write_mrk, tmp_path):
    first = write_photos(name="100_0001_{:04d}.JPG")
    second = write_photos(name="100_0002_{:04d}.JPG", clock=ZONE + timedelta(minutes=30))
    write_mrk(name="100_0001_Timestamp.MRK")
    records = records_for([*first, *second])
    assert lats(records, first) == ALL
    assert set(lats(records, second)) == {None}


def test_an_event_file_that_cannot_be_read_is_passed_over_unless_it_was_named(write_photos, tmp_path):
    photos = write_photos()
    broken = tmp_path / "broken.MRK"
    broken.write_text("nothing", encoding="utf-8")
    records = records_for(photos)
    assert (dict(records), len(records.notes)) == ({}, 1) and "passed over" in records.notes[0]
    with pytest.raises(PantauError, match="broken"):
        records_for(photos, [broken])


@pytest.mark.parametrize("misfires", [(), (3,), (2, 9)])
def test_photos_are_found_in_a_flight_log_whatever_the_clock(write_photos, write_flight_log, misfires):
    photos = write_photos()
    records = records_for(photos, [write_flight_log(misfires=misfires)])
    expected = [None if index in misfires else lat_of(index) for index in range(12)]
    assert lats(records, photos) == [value if value is None else pytest.approx(value) for value in expected]


def test_a_camera_that_lost_its_clock_needs_many_photos_to_be_found(write_photos, write_flight_log):
    photos = write_photos(clock=datetime(2015, 1, 1, tzinfo=UTC) - AT)
    assert lats(records_for(photos, [write_flight_log()]), photos) == ALL
    few = records_for(photos[:9], [write_flight_log(misfires=(9, 10, 11))])
    assert dict(few) == {} and "by its own clock was taken at 2015-01-01" in few.notes[0]


def test_photos_of_two_flights_are_found_in_two_logs(write_photos, write_flight_log):
    pause = timedelta(minutes=9, seconds=21)
    photos = [*write_photos(first=1), *write_photos(first=13, clock=ZONE + pause)]
    second = write_flight_log("sortie-02.flight.jsonl", began=AT + pause)
    records = records_for(photos, [write_flight_log(), second])
    assert lats(records, photos) == pytest.approx([lat_of(index % 12) for index in range(24)])
    assert all(len(told) == 1 for told in records.values())


def test_a_log_of_another_flight_tells_nothing_and_that_is_said(write_photos, write_flight_log):
    photos = write_photos(offset="+07:00")  # its clock is 83 s off, its zone is known
    log = write_flight_log(began=AT - timedelta(days=1), misfires=tuple(range(0, 12, 2)))
    records = records_for(photos[:2], [log])
    assert (dict(records), len(records.notes)) == ({}, 1)
    assert "none of 2 photos" in records.notes[0]


@pytest.mark.parametrize("kind", ["event file", "flight log", "track"])
def test_a_named_log_that_fits_photos_taken_elsewhere_tells_nothing(
    write_photos, write_mrk, write_flight_log, tmp_path, kind
):
    photos = write_photos(gps=(-1.2654, 116.8312))
    log = {
        "event file": lambda: write_mrk(name="elsewhere/101_Timestamp.MRK"),
        "flight log": write_flight_log,
        "track": lambda: write_gpx(tmp_path / "a.gpx", range(83, 183)),
    }[kind]()
    records = records_for(photos, [log])
    assert (dict(records), len(records.notes)) == ({}, 1)
    assert "belongs to other photos" in records.notes[0] and "IMG_0001.JPG" in records.notes[0]


def test_one_photo_that_strayed_into_the_folder_is_told_nothing(write_photos, write_mrk):
    photos = write_photos(gps=(-6.29995, 106.84))
    write_photo(photos[3], AT + timedelta(seconds=SHUTTER_S[3]) + ZONE, gps=(-1.2654, 116.8312))
    write_mrk()
    records = records_for(photos)
    assert photos[3] not in records and len(records) == 11
    assert "tells of 11 of 12 photos; not of 1" in records.notes[0] and "IMG_0004.JPG" in records.notes[0]


def test_the_surest_record_comes_first(write_photos, write_flight_log, write_mrk):
    photos = write_photos()
    write_mrk()
    records = records_for(photos, [write_flight_log()])
    assert [record.altitude_m for record in records[photos[0]]] == [60.0, None]


def write_gpx(path, seconds: range):
    points = "".join(
        f'<trkpt lat="{-6.3 + second * 1e-5:.6f}" lon="106.84"><ele>{40 + min(second, 20)}</ele>'
        f"<time>{(AT + timedelta(seconds=second)).isoformat()}</time></trkpt>"
        for second in seconds
    )
    path.write_text(f"<gpx><trk><trkseg>{points}</trkseg></trk></gpx>", encoding="utf-8")
    return path


def test_photos_lie_on_a_track_by_their_utc(tmp_path):
    photo = write_photo(tmp_path / "a.jpg", AT + timedelta(hours=7, seconds=30), offset="+07:00")
    records = records_for([photo], [write_gpx(tmp_path / "a.gpx", range(60))])
    (told,) = records[photo]
    assert told.position.lat == pytest.approx(-6.3 + 30.5e-5, abs=1e-9)  # the clock rounds down
    assert told.height_m == pytest.approx(20.0)


def test_a_zone_that_nobody_tells_is_the_only_one_on_the_track(tmp_path):
    photo = write_photo(tmp_path / "a.jpg", AT + timedelta(hours=7, seconds=30))
    (told,) = records_for([photo], [write_gpx(tmp_path / "a.gpx", range(60))])[photo]
    assert told.position.lat == pytest.approx(-6.3 + 30.5e-5, abs=1e-9)
    assert dict(records_for([photo], [write_gpx(tmp_path / "b.gpx", range(0, 9000, 5))])) == {}


def test_two_tracks_together_tell_the_zone(tmp_path):
    late = 7200
    photos = [
        write_photo(tmp_path / f"{second}.jpg", AT + timedelta(hours=7, seconds=second))
        for second in (30, late + 30)
    ]
    tracks = [
        write_gpx(tmp_path / "a.gpx", range(60)),
        write_gpx(tmp_path / "b.gpx", range(late, late + 60)),
    ]
    records = records_for(photos, tracks)
    assert lats(records, photos) == pytest.approx([-6.3 + 30.5e-5, -6.3 + (late + 30.5) * 1e-5], abs=1e-9)
    assert dict(records_for(photos, tracks[:1])) == {}


def test_a_video_is_told_the_whole_way(tmp_path, write_flight_log, write_mrk):
    video = tmp_path / "DJI_0001.MP4"
    video.touch()
    records = records_for([video], [write_flight_log(), write_gpx(tmp_path / "a.gpx", range(5))])
    times = [record.taken_at for record in records[video]]
    assert len(times) == 12 + 5 and times == sorted(times)
    assert dict(records_for([video], [write_mrk()])) == {}


def test_a_photo_without_position_is_usable_with_its_log(write_photos, write_flight_log):
    photos = write_photos()
    without = read_photo(photos[0])
    assert isinstance(without, RejectedPhoto) and without.reason == "no_position"
    records = records_for(photos, [write_flight_log()])
    photo = read_photo(photos[0], outside=records[photos[0]])
    assert isinstance(photo, Photo)
    assert (photo.pose.lat, photo.pose.alt_agl_m, photo.pose.pitch_deg) == (pytest.approx(-6.3), 20.0, -85.0)
    assert photo.taken_at == AT


def test_an_rtk_position_of_a_log_beats_the_files_own(write_photos, write_mrk, write_flight_log):
    photos = write_photos(gps=(-6.30002, 106.84))
    write_mrk()
    records = records_for(photos, [write_flight_log()])
    photo = read_photo(photos[0], outside=records[photos[0]])
    assert photo.pose.lat == pytest.approx(-6.3, abs=1e-9)
    assert photo.pose.sigma_position_m < 0.03
    assert "position_of_log" in photo.remarks


@pytest.mark.real_data
def test_photos_named_like_a_real_flights_get_its_positions(shared, tmp_path):
    names = {"MAX_0029": 47.6435, "MAX_0142": 47.6435}
    mrk = shared / "data" / "gcp" / "helenenschacht" / "101FTASK_Timestamp.mrk"
    (tmp_path / mrk.name).write_bytes(mrk.read_bytes())
    files = [tmp_path / f"{name}.JPG" for name in names]
    for file in files:
        Image.new("RGB", (64, 48)).save(file)
    records = records_for(files)
    assert lats(records, files) == pytest.approx(list(names.values()), abs=1e-4)
