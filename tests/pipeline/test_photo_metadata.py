from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from pipeline.metadata.exif import Exif, read_exif, read_thumbnail
from pipeline.metadata.makers import read_sources
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
        ("16", None, (None, None)),
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
    assert angles(read(xmp)) == (359.986359, -45, 0)


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
