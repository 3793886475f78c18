"""What nobody looked for is neither proved as covered nor lost: sites may come after the photos."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from shapely import LineString, Polygon, box

from models.catalogue import OpenedDetector
from pipeline.coverage.coverage_proof import prove_coverage
from pipeline.coverage.sites_read import (
    WHOLE_PHOTO,
    first_looks,
    further_looks,
    metres_apart,
    site_key,
    sites_near,
)
from pipeline.inspecting.inspection import inspect_photos
from pipeline.metadata.photo_reading import read_photo
from pipeline.sites.site_reading import Site
from tests.pipeline.painted_photos import (
    FOCAL_PX,
    FRAME,
    HEIGHT_M,
    POTHOLES_M,
    SIZE_PX,
    PaintFinder,
    content,
    opened,
    road,
)
from vision.detector import Detections

FAR = road(LineString([(-5, 6000), (35, 6000)]))
NORTH = Site("north", "Utara", "facility", FRAME.shapes_to_lon_lat(box(-5, 1, 35, 8)))
SOUTH = Site("south", "Selatan", "facility", FRAME.shapes_to_lon_lat(box(-5, -8, 35, 1)))


class ReadingFinder(PaintFinder):
    """Finds the painted spots whose middle lies where it is told to read; counts how often it read."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0

    def detect(self, picture, *, gsd_cm=None, within=None) -> Detections:
        if within is not None and not within:
            return Detections.none()
        self.asked += 1
        found = super().detect(picture)
        if within is None:
            return found
        areas = [Polygon(area) for area in within]
        middles = [box(*corners).centroid for corners in found.xyxy_px.tolist()]
        return found.take([i for i, middle in enumerate(middles) if any(map(middle.within, areas))])


@pytest.fixture
def detector() -> OpenedDetector:
    return OpenedDetector("reading", "0" * 64, (), None, {"pothole": 0.5}, ReadingFinder())


def test_without_photos_or_sites_nothing_is_to_be_done():
    assert first_looks([], [road()], {}) == further_looks([], {}, {}) == []
    assert metres_apart([], [road()], {}) is None


@pytest.mark.parametrize(("edge_m", "is_near"), [(20, True), (31, True), (60, False)])
def test_sites_are_near_that_lie_within_30_m_of_what_a_photo_shows(photos, edge_m, is_near):
    photo = read_photo(photos[0])
    north_m = FRAME.to_metres(photo.pose.lat, photo.pose.lon)[0, 1] + SIZE_PX[1] / 2 * HEIGHT_M / FOCAL_PX
    site = road(LineString([(-500, north_m + edge_m), (500, north_m + edge_m)]))
    assert [*sites_near([photo], [FAR, site])[photo.id].values()] == ([site] if is_near else [])


def test_a_site_that_is_drawn_anew_is_another_one():
    assert site_key(road()) == site_key(replace(road(), name="Jalan Lain"))
    assert len({site_key(road()), site_key(replace(road(), width_m=7.0)), site_key(FAR)}) == 3


def test_photos_read_for_the_wrong_sites_are_read_again_for_the_right_ones(register, photos, detector):
    wrong = inspect_photos(register, photos, detector, survey="march", sites=[replace(FAR, id="far")])
    assert (wrong.photos_used, wrong.detections, round(wrong.metres_apart or 0, -2)) == (6, 0, 6000)
    assert wrong.coverage is not None and wrong.coverage.share == 0.0
    right = inspect_photos(register, photos, detector, survey="march", sites=[road()])
    assert (right.photos_used, right.photos_again, right.photos_known) == (0, 6, 0)
    assert len(right.defects_new) == len(POTHOLES_M) and right.metres_apart is None
    (covered,) = [site for site in right.coverage.sites if site.site.id == "r1"]
    assert covered.share == 1.0


def test_nothing_is_read_twice_for_the_same_sites(register, photos, detector):
    inspect_photos(register, photos, detector, sites=[NORTH])
    before, asked = content(register), detector.detector.asked
    again = inspect_photos(register, photos, detector, sites=[NORTH])
    assert (again.photos_again, again.photos_known, detector.detector.asked) == (0, 6, asked)
    assert content(register) == before


def test_sites_that_share_ground_do_not_count_damage_twice(register, photos, detector):
    inspect_photos(register, photos, detector, sites=[NORTH])
    before = {defect.id for defect in register.defects()}
    result = inspect_photos(register, photos, detector, sites=[road(), NORTH, SOUTH])
    assert result.photos_again == 6
    assert before <= {defect.id for defect in register.defects()}
    assert len(register.defects()) == len(POTHOLES_M)
    assert all(defect.observation_count == defect.photo_count for defect in register.defects())


def test_photos_not_given_again_prove_nothing_about_a_new_site(register, photos, detector):
    inspect_photos(register, photos, detector, survey="march", sites=[NORTH])
    inspect_photos(register, photos[:1], detector, survey="march", sites=[NORTH, SOUTH])
    shares = {site.site.id: site for site in prove_coverage(register, "march").sites}
    assert shares["north"].share > 0.99 > shares["south"].share
    assert any("were not looked at for this site" in gap.cause for gap in shares["south"].gaps)


def test_a_photo_read_as_a_whole_is_read_again_for_neglect_only(register, photos, detector):
    inspect_photos(register, photos, detector)
    asked = detector.detector.asked
    result = inspect_photos(register, photos, detector, sites=[NORTH, replace(SOUTH, paved=False)])
    assert (result.photos_again, result.detections, detector.detector.asked) == (6, 0, asked)
    (row,) = register.db.query("SELECT DISTINCT read_for FROM photos")
    assert WHOLE_PHOTO in row["read_for"] and site_key(NORTH) in row["read_for"]


def test_photos_of_older_registers_count_as_read(register, photos):
    inspect_photos(register, photos, opened(), sites=[NORTH])
    register.db.execute("UPDATE photos SET read_for = NULL")
    result = inspect_photos(register, photos, opened(), sites=[NORTH, SOUTH])
    assert result.photos_again == 0
    assert np.isclose(result.coverage.share, 1.0)
