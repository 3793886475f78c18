from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from pipeline.geotagging.geotag import ground_sample_distance_cm, locate_pixels, photo_footprint, pixels_of
from pipeline.geotagging.ground_error import ground_offsets
from pipeline.metadata.pose import HEIGHT_OVER_DEM, Refusal, find_pose
from pipeline.metadata.recorded import Position, Recorded
from pipeline.photo import Photo, Pose
from pipeline.placing.ground_choice import on_ground, open_dem
from vision.camera import Camera
from vision.errors import PantauError
from vision.frames import LocalFrame
from vision.ground import FlatGround

LAT, LON = -1.2654, 116.8312
FRAME = LocalFrame(LAT, LON)
CAMERA = Camera.centred("test", 4000, 3000, 3000.0)
CORNERS = np.array([[0.0, 0.0], [3999, 0], [3999, 2999], [0, 2999]])
Slope = Callable[..., Path]


@pytest.fixture
def slope(tmp_path: Path) -> Slope:
    """`slope(east=…, datum_m=…, cell_m=…)`: a model of 800 m about the place, rising to the east."""
    rasterio = pytest.importorskip("rasterio", reason="needs the extra 'terrain'")

    def make(east: float = 0.5, datum_m: float = 0.0, cell_m: float = 2.0) -> Path:
        cells = round(800 / cell_m)
        heights_m = datum_m + east * ((np.arange(cells) + 0.5) * cell_m - 400)
        about = {
            "driver": "GTiff", "count": 1, "dtype": "float64", "width": cells, "height": cells,
            "crs": f"+proj=aeqd +lat_0={LAT} +lon_0={LON} +ellps=WGS84 +units=m",
            "transform": rasterio.Affine(cell_m, 0, -400, 0, -cell_m, 400),
        }  # fmt: skip
        path = tmp_path / f"{east}-{datum_m}-{cell_m}.tif"
        with rasterio.open(path, "w", **about) as raster:
            raster.write(np.tile(heights_m, (cells, 1))[None])
        return path

    return make


def photo_at(east_m: float, height_m: float = 30.0, flight: str = "a", second: int | None = 0) -> Photo:
    lat, lon = (float(degrees) for degrees in FRAME.to_lat_lon([[east_m, 0.0]])[0])
    taken_at = datetime(2026, 3, 1, 8, 0, second, tzinfo=UTC) if second is not None else None
    return Photo(
        f"{east_m}", Path("p.jpg"), taken_at, CAMERA, Pose(lat, lon, height_m, 0, -90, 0), (), flight
    )


def test_no_photos_need_no_ground(slope: Slope) -> None:
    assert on_ground([]) == on_ground([], slope()) == []


def test_without_a_model_the_ground_is_level(slope: Slope) -> None:
    [at_take_off], [given] = on_ground([photo_at(0)]), on_ground([photo_at(0)], ground_alt_m=12.0)
    assert at_take_off.height_above_ground_m == given.height_above_ground_m == 30
    assert at_take_off.ground.sigma_m > given.ground.sigma_m > 0


def test_heights_count_from_the_take_off_place_whatever_the_datum(slope: Slope) -> None:
    """30 m above a place 20 m to the west are 20 m above ground that rises by 1 in 2."""
    take_off = tuple(FRAME.to_lat_lon([[-20.0, 0.0]])[0])
    for datum_m in (0.0, 2345.0, -40.0):
        [photo] = on_ground([photo_at(0)], slope(datum_m=datum_m), take_off=take_off)
        assert photo.height_above_ground_m == pytest.approx(20, abs=1e-3)
        assert ground_sample_distance_cm(photo) == pytest.approx(100 * 20 / 3000, rel=0.01)


def test_the_first_photo_of_each_flight_is_its_take_off_place(slope: Slope) -> None:
    photos = [
        photo_at(40, second=9),
        photo_at(10, second=None),
        photo_at(0, second=3),
        photo_at(-40, flight="b"),
    ]
    placed = on_ground(photos, slope())
    assert [photo.id for photo in placed] == [photo.id for photo in photos]
    heights_m = [photo.height_above_ground_m for photo in placed]
    assert heights_m == pytest.approx([10, 25, 30, 30], abs=1e-3)
    assert placed[0].ground is placed[1].ground


def test_photos_without_a_flight_are_alone(slope: Slope) -> None:
    placed = on_ground([photo_at(40, flight=""), photo_at(0, flight="")], slope())
    assert [photo.height_above_ground_m for photo in placed] == [30, 30]


def test_not_knowing_the_take_off_place_is_an_error_of_height(slope: Slope) -> None:
    """Uniform in a disc of 50 m on a slope of 1 in 2: 50 m / 2 · 1/2 are 1 σ."""
    [told] = on_ground([photo_at(0)], slope(), take_off=(LAT, LON))
    [untold] = on_ground([photo_at(0)], slope())
    [on_a_plain] = on_ground([photo_at(0)], slope(east=0.0))
    assert told.ground.sigma_m == pytest.approx(0.2)
    assert untold.ground.sigma_m == pytest.approx(12.5, rel=0.15)
    assert on_a_plain.ground.sigma_m == pytest.approx(0.2)


@pytest.mark.parametrize(("cell_m", "sigma_m"), [(0.5, 0.1), (10.0, 1.0), (80.0, 3.0)])
def test_coarse_models_are_less_sure(slope: Slope, cell_m: float, sigma_m: float) -> None:
    [photo] = on_ground([photo_at(0)], slope(cell_m=cell_m), take_off=(LAT, LON))
    assert photo.ground.sigma_m == pytest.approx(sigma_m, rel=0.01)


def test_photos_off_the_model_stay_on_level_ground(slope: Slope) -> None:
    beyond, within = on_ground([photo_at(900), photo_at(0, second=1)], slope())
    assert (beyond.remarks, within.remarks) == (("outside_dem",), ())
    assert isinstance(beyond.ground, FlatGround) and within.height_above_ground_m == 30
    [alone] = on_ground([photo_at(900)], slope())
    assert alone.remarks == ("outside_dem",)


def test_a_model_above_the_camera_is_not_believed(slope: Slope) -> None:
    _, below = on_ground([photo_at(-60), photo_at(60, second=1)], slope())
    assert below.remarks == ("dem_contradicts",)
    assert below.height_above_ground_m == 30 and below.ground.sigma_m == pytest.approx(60, abs=0.1)


def test_an_opened_model_tells_its_own_heights(slope: Slope) -> None:
    ground = open_dem(slope(datum_m=50.0))
    assert ground.heights_m(*FRAME.to_lat_lon([[40.0, 0.0]]).T) == pytest.approx(70, abs=1e-3)


def test_an_absolute_altitude_counts_from_the_model(slope: Slope) -> None:
    """Whatever the first photo of its flight stands on; and 20 m unsure, since datums differ."""
    dem = slope(datum_m=50.0)
    photos = []
    for second, east_m in enumerate((-40.0, 0.0, 40.0)):
        lat, lon = (float(degrees) for degrees in FRAME.to_lat_lon([[east_m, 0.0]])[0])
        found = find_pose(Recorded(Position(lat, lon), altitude_m=110.0), dem=open_dem(dem))
        assert not isinstance(found, Refusal)
        pose, remarks = found
        assert HEIGHT_OVER_DEM in remarks
        assert pose.sigma_alt_m == 20
        photos.append(replace(photo_at(east_m, second=second), pose=pose, remarks=remarks))
    placed = on_ground(photos, dem)
    assert [photo.height_above_ground_m for photo in placed] == pytest.approx([80, 60, 40], abs=1e-3)
    assert [photo.pose.alt_agl_m for photo in placed] == pytest.approx([80, 80, 80], abs=1e-3)
    assert [photo.ground.sigma_m for photo in placed] == pytest.approx([0.2] * 3)


def test_an_absolute_altitude_off_the_model_or_below_it_tells_nothing(slope: Slope) -> None:
    ground = open_dem(slope(east=0.0, datum_m=200.0))
    for lat, altitude_m, why in ((LAT + 1, 300.0, "does not cover"), (LAT, 150.0, "below the ground")):
        found = find_pose(Recorded(Position(lat, LON), altitude_m=altitude_m), dem=ground)
        assert isinstance(found, Refusal)
        assert found.reason == "no_height" and why in found.detail


def test_take_off_places_that_mean_nothing(slope: Slope) -> None:
    with pytest.raises(PantauError, match="--dem"):
        on_ground([photo_at(0)], take_off=(LAT, LON))
    with pytest.raises(PantauError, match="--take-off"):
        on_ground([photo_at(0)], slope(), take_off=(LAT + 1, LON))


def test_on_a_slope_the_picture_shows_less_uphill(slope: Slope) -> None:
    """Half a field of view of 2 in 3 meets 1 in 2 up after 15 m, and down after 30 m."""
    [photo] = on_ground([photo_at(0)], slope(), take_off=(LAT, LON))
    across = ground_offsets(photo, np.array([[-0.5, 1499.5], [3999.5, 1499.5]]))
    assert across[:, 0] == pytest.approx([-30, 15], abs=1e-2)
    footprint = photo_footprint(photo)
    assert footprint is not None
    west_m, _, east_m, _ = FRAME.shapes_to_metres(footprint).bounds
    assert (west_m, east_m) == pytest.approx((-30, 15), abs=0.02)


def test_places_on_a_slope_are_shown_by_the_pixels_that_show_them(slope: Slope) -> None:
    photo = replace(photo_at(0), pose=Pose(LAT, LON, 30.0, 40.0, -75.0, 3.0))
    [photo] = on_ground([photo], slope(), take_off=(LAT, LON))
    assert pixels_of(photo, ground_offsets(photo, CORNERS)) == pytest.approx(CORNERS, abs=1e-3)
    assert all(point is not None and point.sigma_m < 10 for point in locate_pixels(photo, CORNERS))
