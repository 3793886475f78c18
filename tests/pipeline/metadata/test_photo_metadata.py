from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from pipeline.metadata.exif import Exif, read_exif, read_thumbnail
from pipeline.metadata.makers import read_sources, serial_number
from pipeline.metadata.photo_time import taken_at
from pipeline.metadata.recorded import Attitude, Position, Recorded, merge, position_disagreement_m

NO_EXIF = Exif()


def texts(**tags: str) -> Exif:
    return Exif({name.replace("_", " "): SimpleNamespace(values=value) for name, value in tags.items()})


def read(xmp: dict[str, str], exif: Exif = NO_EXIF) -> Recorded:
    return merge(read_sources(xmp, exif))


def angles(recorded: Recorded) -> tuple[float, float, float]:
    assert recorded.attitude is not None
    return recorded.attitude.yaw_deg, recorded.attitude.pitch_deg, recorded.attitude.roll_deg


def test_nothing_recorded() -> None:
    assert read({}) == Recorded()
    assert merge([]) == Recorded()
    assert read_exif(b"") == read_exif(b"\xff\xd8\xff\xe1\x00\x08Exif\0\0") == NO_EXIF
    assert read_thumbnail(b"") is None


def test_the_serial_number_is_the_bodys_or_the_drones() -> None:
    assert serial_number({}, NO_EXIF) == ""
    drone = {"drone-dji:droneserialnumber": " 1581F5F "}
    assert serial_number(drone, NO_EXIF) == "1581F5F"
    assert serial_number(drone, texts(EXIF_BodySerialNumber="0K8TF")) == "0K8TF"


@pytest.mark.parametrize("prefix", ["drone-dji", "dji", "drone"])
def test_dji_and_its_likes(prefix: str) -> None:
    names = {
        "gpslatitude": "-1.2", "gpslongtitude": "116.8", "relativealtitude": "+30", "absolutealtitude": "-29",
        "gimbalyawdegree": "-132", "gimbalpitchdegree": "-89.9", "gimbalrolldegree": "0",
        "flightyawdegree": "5",
    }  # fmt: skip
    found = read({f"{prefix}:{name}": value for name, value in names.items()})
    assert found.position == Position(-1.2, 116.8)
    assert angles(found) == (-132, -89.9, 0)
    assert (found.height_m, found.altitude_m, found.aircraft_yaw_deg) == (30, -29, 5)


@pytest.mark.parametrize(
    ("flag", "stds", "expected"),
    [
        ("0", None, (None, None)),
        ("16", None, (1.5, 3.0)),
        ("16", ("2.7", "1.5", "3.7"), (2.184033, 3.7)),
        ("1", ("0.01", "0.01", "0.02"), (None, None)),
        ("34", None, (0.5, 1.0)),
        ("50", None, (0.02, 0.03)),
        ("50", ("0.03", "0.04", "0.09"), (0.0353553, 0.09)),
        ("50", ("0.003", "0.004", "0.009"), (0.02, 0.03)),
        ("50", ("0", "0", "0"), (0.02, 0.03)),
    ],
)
def test_rtk(flag: str, stds: tuple[str, ...] | None, expected: tuple[float | None, ...]) -> None:
    xmp = {"drone-dji:rtkflag": flag}
    names = ("drone-dji:rtkstdlat", "drone-dji:rtkstdlon", "drone-dji:rtkstdhgt")
    found = read(xmp | dict(zip(names, stds or (), strict=False)))
    for sigma_m, expected_m in zip((found.sigma_position_m, found.sigma_alt_m), expected, strict=True):
        assert sigma_m == (expected_m if expected_m is None else pytest.approx(expected_m, rel=1e-5))


def test_skydio() -> None:
    frame = "drone-skydio:cameraorientationned/drone-skydio:"
    found = read({f"{frame}yaw": "127.4", f"{frame}pitch": "-7.5", f"{frame}roll": "0.2"})
    assert angles(found) == (127.4, -7.5, 0.2)


def test_parrot_anafi() -> None:
    prefix = "drone-parrot:camera"
    found = read({f"{prefix}yawdegree": "10", f"{prefix}pitchdegree": "-80", f"{prefix}rolldegree": "1"})
    assert angles(found) == (10, -80, 1)


def test_pix4d_names_count_from_straight_down() -> None:
    down = read({"camera:yaw": "30", "camera:pitch": "0.0", "camera:roll": "0"})
    ahead = read({"camera:yaw": "30", "camera:pitch": "60", "camera:roll": "0"})
    assert angles(down) == pytest.approx((30, -90, 0))
    assert angles(ahead) == pytest.approx((30, -30, 0))


def test_newer_sensefly_counts_the_roll_the_other_way() -> None:
    xmp = {"camera:yaw": "0", "camera:pitch": "0", "camera:roll": "10"}
    assert angles(read(xmp))[0] == pytest.approx(-90)  # looks left, to the west
    assert angles(read(xmp, texts(Image_Make="senseFly")))[0] == pytest.approx(90)


def test_older_sensefly() -> None:
    xmp = {
        "sensefly:latitude": "41.0", "sensefly:longitude": "-83.3", "sensefly:height": "69.7",
        "sensefly:heading": "59", "sensefly:pitchangle": "7", "sensefly:rollangle": "0",
        "sensefly:utctime": "2013-06-04T17:38:26",
    }  # fmt: skip
    found = read(xmp)
    assert (found.position, found.height_m) == (Position(41.0, -83.3), 69.7)
    assert angles(found) == pytest.approx((59, -83, 0))
    assert found.taken_at == datetime(2013, 6, 4, 17, 38, 26, tzinfo=UTC)


def test_teal_adds_rationals() -> None:
    xmp = {"exif:camerayaw": "359986359/1000000", "exif:platformyaw": "0/1", "exif:camerapitch": "-45/1"}
    assert angles(read(xmp)) == pytest.approx((-0.013641, -45, 0))
    assert angles(read(xmp | {"exif:platformyaw": "31901593/100000"}))[0] == pytest.approx(-40.997711)


def test_a_receiver_without_fix_says_so() -> None:
    where = {"drone-dji:gpslatitude": "-1.2", "drone-dji:gpslongitude": "116.8"}
    assert read(where | {"drone-dji:gpsstatus": "Invalid"}).sigma_position_m == 30
    assert read(where | {"drone-dji:gpsstatus": "RTK", "drone-dji:rtkflag": "50"}).sigma_position_m == 0.02


def test_parrots_own_time_has_a_zone() -> None:
    xmp = {"drone-parrot:cameraroll": "0", "exif:datetimeoriginal": "2021-10-22T11:30:09.205000+02:00"}
    assert read(xmp).taken_at == datetime(2021, 10, 22, 9, 30, 9, 205000, tzinfo=UTC)
    assert read(xmp | {"exif:datetimeoriginal": "2021-10-22T11:30:09"}).taken_at is None


@pytest.mark.parametrize(
    ("lat", "lon", "expected"),
    [
        ("48,21.5N", "2,49.5W", Position(48 + 21.5 / 60, -2 - 49.5 / 60)),
        ("1,30,36S", "116,0,36E", Position(-1.51, 116.01)),
        ("48.3", "2.8", None),
        ("48,21..5N", "2,49.5W", None),
    ],
)
def test_exifs_position_as_xmp_repeats_it(lat, lon, expected) -> None:
    found = read({"exif:gpslatitude": lat, "exif:gpslongitude": lon, "exif:gpsaltitude": "4971569/65536"})
    assert found.altitude_m == pytest.approx(75.86, abs=0.01)
    assert (found.position is None) == (expected is None)
    if found.position is not None and expected is not None:
        assert (found.position.lat, found.position.lon) == pytest.approx((expected.lat, expected.lon))


def test_a_void_measurement_is_no_position() -> None:
    tags = {"GPS GPSLatitude": [1.0, 12.0, 0.0], "GPS GPSLongitude": [116.0, 48.0, 0.0]}
    exif = Exif({name: SimpleNamespace(values=value, printable="") for name, value in tags.items()})
    sides = texts(GPS_GPSLatitudeRef="S", GPS_GPSLongitudeRef="E", GPS_GPSStatus="A").tags
    assert read({}, Exif({**exif.tags, **sides})).position == Position(-1.2, 116.8)
    assert read({}, Exif({**exif.tags, **sides, **texts(GPS_GPSStatus="V").tags})).position is None


@pytest.mark.parametrize(("reference", "altitude_m"), [(0, 12.5), (1, -12.5), (2, 12.5), (3, -12.5)])
def test_altitudes_below_zero(reference: int, altitude_m: float) -> None:
    values = {"GPS GPSAltitude": [12.5], "GPS GPSAltitudeRef": [reference]}
    exif = Exif({name: SimpleNamespace(values=value, printable="") for name, value in values.items()})
    assert read({}, exif).altitude_m == altitude_m
    names = {"exif:gpsaltitude": "25/2", "exif:gpsaltituderef": str(reference)}
    assert read(names).altitude_m == altitude_m


@pytest.mark.parametrize(("lat", "lon"), [("0", "0"), ("91", "5"), ("5", "181"), ("nan", "5"), ("5", "")])
def test_impossible_positions_are_none(lat: str, lon: str) -> None:
    assert read({"drone-dji:gpslatitude": lat, "drone-dji:gpslongitude": lon}).position is None


def test_impossible_angles_are_none() -> None:
    assert read({"drone-dji:gimbalyawdegree": "1e9", "drone-dji:gimbalpitchdegree": "-90"}).attitude is None


def test_the_first_source_that_knows_wins() -> None:
    attitude = Attitude(1, 2, 3)
    merged = merge([Recorded(height_m=1), Recorded(height_m=2, attitude=attitude)])
    assert merged == Recorded(height_m=1, attitude=attitude)


def test_positions_are_compared() -> None:
    here, near, far = (Recorded(position=Position(lat, 116.8)) for lat in (-1.2, -1.20001, -1.2009))
    assert position_disagreement_m([]) is None
    assert position_disagreement_m([here, near, Recorded()]) is None
    assert position_disagreement_m([here, far]) == pytest.approx(99.5, abs=0.5)


def exif_times(original: str = "", offset: str = "", gps: tuple[str, list[float]] | None = None) -> Exif:
    tags = {"EXIF DateTimeOriginal": original, "EXIF OffsetTimeOriginal": offset}
    if gps is not None:
        tags |= {"GPS GPSDate": gps[0], "GPS GPSTimeStamp": gps[1]}  # type: ignore[dict-item]
    return Exif({name: SimpleNamespace(values=value, printable="") for name, value in tags.items()})


LOCAL = "2024:10:19 13:22:24"


@pytest.mark.parametrize(
    ("exif", "expected", "remark"),
    [
        (exif_times(), None, None),
        (exif_times("0000:00:00 00:00:00"), None, None),
        (exif_times("1980:01:06 00:00:00"), None, None),
        (exif_times(LOCAL), "2024-10-19T13:22:24+00:00", "time_zone_unknown"),
        (exif_times(LOCAL, "+08:00"), "2024-10-19T05:22:24+00:00", None),
        (
            exif_times(LOCAL, "+08:00", ("2024:10:19", [5, 23, 0])),
            "2024-10-19T05:22:24+00:00",
            None,
        ),
        (
            exif_times(LOCAL, "+08:00", ("2024:10:19", [6, 22, 25])),
            "2024-10-19T06:22:25+00:00",
            "clock_offset",
        ),
        (exif_times(LOCAL, "soon"), "2024-10-19T13:22:24+00:00", "time_zone_unknown"),
        (exif_times(LOCAL, "", ("2024:10:19", [18, 22, 25])), "2024-10-19T18:22:24+00:00", None),
        (exif_times(LOCAL, "", ("2024:10:19", [18, 30, 0])), "2024-10-19T18:30:00+00:00", "clock_offset"),
        (exif_times("", "", ("2024:10:19", [18, 22, 25])), "2024-10-19T18:22:25+00:00", None),
        (exif_times(LOCAL, "", ("2024:10:19", [18, 22])), "2024-10-19T13:22:24+00:00", "time_zone_unknown"),
    ],
)
def test_times(exif: Exif, expected: str | None, remark: str | None) -> None:
    moment, told = taken_at(exif)
    assert (moment.isoformat() if moment else None, told) == (expected, remark)
