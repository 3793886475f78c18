"""What photos surely show: the part of a footprint that is sharp and sure."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.coverage.shown_ground import read_shown_ground, surely_shown
from pipeline.geotagging.geotag import photo_footprint
from pipeline.photo import Photo, Pose
from pipeline.register import Register
from vision.camera import Camera
from vision.frames import LocalFrame

CAMERA = Camera.centred("test", 2401, 1801, 2500.0)
LAT, LON = -6.87, 107.5
FRAME = LocalFrame(LAT, LON)


def sure_m(pitch_deg: float = -90.0, yaw_deg: float = 0.0, sigma_m: float = 1.5, height_m: float = 20.0):
    """In metres around the camera's foot: what one photo surely shows, and its whole footprint."""
    footprint = photo_footprint(
        Photo("p", Path("p.jpg"), None, CAMERA, Pose(LAT, LON, height_m, yaw_deg, pitch_deg, 0.0))
    )
    numbers = (np.array([number]) for number in (LAT, LON, height_m, sigma_m))
    (sure,) = surely_shown(np.array([footprint], dtype=object), *numbers)
    return FRAME.shapes_to_metres(sure), FRAME.shapes_to_metres(footprint)


def test_no_photos_show_nothing():
    nothing = np.array([], dtype=object), *(np.array([]) for _ in range(4))
    assert len(surely_shown(*nothing)) == 0


def test_a_photo_straight_down_is_sure_but_for_its_rim():
    sure, whole = sure_m(sigma_m=1.5)
    assert whole.bounds == pytest.approx((-9.6, -7.2, 9.6, 7.2), abs=0.01)
    assert sure.bounds == pytest.approx((-8.1, -5.7, 8.1, 5.7), abs=0.01)


def test_yaw_turns_what_is_shown():
    sure, _ = sure_m(yaw_deg=90.0)
    assert sure.bounds == pytest.approx((-5.7, -8.1, 5.7, 8.1), abs=0.01)


def test_a_tilted_photo_counts_up_to_60_degrees_off_the_vertical():
    sure, whole = sure_m(pitch_deg=-40.0, sigma_m=0.0)
    assert whole.bounds[3] > 40
    assert sure.bounds[3] == pytest.approx(20 * np.tan(np.radians(60)), rel=0.01)
    assert sure.bounds[1] == pytest.approx(whole.bounds[1], abs=0.01)


def test_a_photo_that_shows_only_flat_ground_or_knows_not_where_shows_nothing():
    assert sure_m(pitch_deg=-5.0)[0].is_empty
    assert sure_m(sigma_m=9.0)[0].is_empty


@given(st.floats(-90, -30), st.floats(0, 360), st.floats(0, 4), st.floats(0, 4))
@example(-90.0, 0.0, 6.5e-21, 1.0)
def test_the_surer_a_position_the_more_is_shown(pitch_deg, yaw_deg, sigma_m, more_m):
    less, whole = sure_m(pitch_deg, yaw_deg, sigma_m + more_m)
    more, _ = sure_m(pitch_deg, yaw_deg, sigma_m)
    assert more.difference(whole.buffer(0.01)).is_empty
    assert less.difference(more.buffer(0.01)).is_empty


def test_photos_far_apart_each_have_their_own_frame():
    footprint, _ = sure_m(sigma_m=0.0)
    lats = np.array([-6.87, 55.0, -6.87])
    lons = np.array([107.5, 12.0, 107.5])
    footprints = np.array(
        [LocalFrame(lat, lon).shapes_to_lon_lat(footprint) for lat, lon in zip(lats, lons, strict=True)],
        dtype=object,
    )
    surely = surely_shown(footprints, lats, lons, np.full(3, 20.0), np.full(3, 1.0))
    areas = [
        LocalFrame(lat, lon).shapes_to_metres(sure).area
        for sure, lat, lon in zip(surely, lats, lons, strict=True)
    ]
    assert areas == pytest.approx([17.2 * 12.4] * 3, rel=1e-3)


def test_the_register_tells_used_and_rejected_photos_and_each_exposure_once(tmp_path):
    footprint = shapely.to_geojson(FRAME.shapes_to_lon_lat(shapely.box(-9, -7, 9, 7)))
    seen = {"survey": 1, "lat": LAT, "lon": LON, "alt_agl_m": 20.0, "footprint": footprint}
    used = seen | {"run": 1, "status": "used", "taken_at": "2026-01-01T00:00:00.000Z"}
    with Register.open(tmp_path / "register.db", create=True) as register:
        db = register.db
        db.table("surveys").insert_all({"id": n, "name": str(n), "created_at": "now"} for n in (1, 2))
        run = {"id": 1, "survey": 1, "model": "m", "model_sha256": "0", "settings": "{}", "version": "0"}
        db.table("runs").insert(run | {"state": "done", "started_at": "now"})
        photos = [
            used | {"id": "a", "path": "a.jpg"},
            used | {"id": "saved-again", "path": "b.jpg"},
            used | {"id": "other-survey", "path": "c.jpg", "survey": 2},
            seen | {"id": "cut", "path": "d.jpg", "status": "rejected", "reason": "truncated"},
            {"id": "lost", "path": "e.jpg", "survey": 1, "status": "rejected", "reason": "no_position"},
        ]
        for photo in photos:
            db.table("photos").insert(photo)
        shown = read_shown_ground(db, 1)
    assert len(shown.surely) == len(shown.anyhow) == 1
    assert shown.rejected_by_reason == {"truncated": 1, "no_position": 1}
    assert shown.rejected_with(shapely.Point(LON, LAT)) == {"truncated": 1}
    assert shown.rejected_with(shapely.Point(LON + 0.01, LAT)) == {}
