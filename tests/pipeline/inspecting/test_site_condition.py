"""How neglected a site is: each square metre once, whatever the number of photos, and how they differ."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from shapely import LineString, Polygon, box
from shapely.geometry import mapping

from pipeline.inspecting.site_condition import View, condition_of, update_site_conditions
from pipeline.register import Register
from pipeline.register.batches import add_sites
from pipeline.sites.site_reading import Site
from vision.frames import LocalFrame

FRAME = LocalFrame(-6.88, 107.54)
NOTHING = Polygon()


def on_ground(west: float, south: float, east: float, north: float) -> Polygon:
    """A rectangle in metres around the yard's middle, as lon, lat."""
    return FRAME.shapes_to_lon_lat(box(west, south, east, north))


YARD = Site("yard", "Lapangan", "facility", on_ground(-20, -10, 20, 10))
ALL = on_ground(-50, -50, 50, 50)


def test_no_view_no_condition():
    assert condition_of(YARD, []) is None
    assert condition_of(YARD, [View(NOTHING, NOTHING), View(on_ground(100, 100, 120, 120), NOTHING)]) is None


def test_a_square_metre_counts_once_however_many_photos_show_it():
    view = View(ALL, on_ground(0, 0, 10, 4))
    for views in ([view], [view] * 5):
        condition = condition_of(YARD, views)
        assert condition is not None and condition.photos == len(views)
        assert condition.paved_seen_m2 == pytest.approx(800, rel=0.001)
        assert condition.vegetation_m2 == pytest.approx(40, rel=0.02)
        assert condition.vegetation_least_m2 == condition.vegetation_most_m2 == condition.vegetation_m2


def test_photos_that_disagree_give_an_interval():
    views = [View(ALL, on_ground(0, 0, 10, 4)), View(ALL, on_ground(5, 0, 15, 4))]
    condition = condition_of(YARD, views)
    assert condition is not None
    areas = (condition.vegetation_least_m2, condition.vegetation_m2, condition.vegetation_most_m2)
    assert areas == pytest.approx((20, 40, 60), rel=0.04)


def test_paving_beside_the_photos_is_not_seen():
    condition = condition_of(YARD, [View(on_ground(-50, -50, 0, 50), on_ground(-30, -5, 30, 5))])
    assert condition is not None
    assert (condition.paved_seen_m2, condition.vegetation_m2) == pytest.approx((400, 200), rel=0.02)


def test_of_a_road_the_carriageway_counts():
    line = FRAME.shapes_to_lon_lat(LineString([(-30, 0), (30, 0)]))
    condition = condition_of(
        Site("r", "Jalan", "road", line, width_m=6.0), [View(ALL, on_ground(-5, 0, 5, 20))]
    )
    assert condition is not None
    assert (condition.paved_seen_m2, condition.vegetation_m2) == pytest.approx((360, 30), rel=0.03)


def fill(register: Register, settings: list[dict[str, object]], rejected: bool = False) -> None:
    """A photo of the yard from each of these runs; only the first one shows plants, on 40 m²."""
    plants = json.dumps(mapping(on_ground(0, 0, 10, 4)))
    place = {"lat": -6.88, "lon": 107.54}
    size = {"length_m": 10.0, "width_m": 4.0, "area_m2": 40.0, "score": 0.9, "kind": "vegetation"}
    sigma = {"sigma_major_m": 1.0, "sigma_minor_m": 1.0, "sigma_azimuth_deg": 0.0}
    with register.transaction() as db:
        add_sites(db, [YARD])
        db.table("surveys").insert({"id": 1, "name": "S", "created_at": "2026-11-22T00:00:00.000Z"})
        for number, of_run in enumerate(settings, start=1):
            db.table("runs").insert(
                {"id": number, "survey": 1, "model": "m", "model_sha256": "0", "settings": json.dumps(of_run),
                 "version": "0", "state": "done", "started_at": "2026-11-22T00:00:00.000Z"}
            )  # fmt: skip
            db.table("photos").insert(
                {"id": f"p{number}", "survey": 1, "run": number, "path": "p.jpg", "alt_agl_m": 40.0, **place,
                 "sigma_position_m": 1.0, "footprint": json.dumps(mapping(ALL)), "status": "used"}
            )  # fmt: skip
        db.table("defects").insert(
            {"id": "D-1", "severity": "low", "priority": 1.0, "status": "rejected" if rejected else "new",
             "sigma_m": 1.0, "observation_count": 1, **place, **size}
        )  # fmt: skip
        outline = json.dumps(np.eye(3, 2).tolist())
        db.table("detections").insert(
            {"id": "d", "photo": "p1", "run": 1, "outline_px": outline, "kind": "vegetation", "score": 0.9}
        )
        db.table("observations").insert(
            {"detection": "d", "defect": "D-1", "sigma_m": 1.0, "footprint": plants, **place, **size, **sigma}
        )


def test_the_register_keeps_the_condition(tmp_path: Path):
    with Register.open(tmp_path / "r.db", create=True) as register:
        assert register.site_conditions() == []
        fill(register, [{"surface": {}}, {"surface": {}}])
        for _ in range(2):  # again: brought up to date, not entered twice
            update_site_conditions(register, "S", [YARD])
        (condition,) = register.site_conditions()
    assert (condition.survey, condition.site, condition.photos) == ("S", "yard", 2)
    assert condition.vegetation_m2 == pytest.approx(20, rel=0.02)
    assert (condition.vegetation_least_m2, condition.vegetation_most_m2) == pytest.approx((0, 40), rel=0.02)
    assert condition.vegetation_share == pytest.approx(20 / (38 * 18), rel=0.02)  # 1 σ of the edge left out


def test_photos_that_were_not_looked_over_do_not_count(tmp_path: Path):
    with Register.open(tmp_path / "r.db", create=True) as register:
        fill(register, [{"surface": {}}, {"thresholds": {}}])
        update_site_conditions(register, "S", [YARD])
        (condition,) = register.site_conditions()
    assert condition.photos == 1
    assert condition.vegetation_m2 == pytest.approx(40, rel=0.02)


def test_what_a_person_rejected_is_no_plant_and_unpaved_sites_have_no_condition(tmp_path: Path):
    with Register.open(tmp_path / "r.db", create=True) as register:
        fill(register, [{"surface": {}}], rejected=True)
        lawn = Site("lawn", "Taman", "facility", YARD.geometry, paved=False)
        (condition,) = update_site_conditions(register, "S", [YARD, lawn])
    assert (condition.site, condition.vegetation_m2) == ("yard", 0.0)
