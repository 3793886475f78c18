"""Real photos through the installed command: inspect, report, export, locate."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

pytestmark = [pytest.mark.integration, pytest.mark.real_data, pytest.mark.slow]


@pytest.fixture(scope="module")
def inspected(pantau, shared, tmp_path_factory):
    """Brighton beach's six photos and three files that cannot be used, in a register."""
    folder = tmp_path_factory.mktemp("inspected")
    photos = folder / "photos"
    shutil.copytree(shared / "data/photos/brighton-beach", photos)
    good = (photos / "DJI_0020.JPG").read_bytes()
    (photos / "cut.jpg").write_bytes(good[: len(good) // 2])
    (photos / "text.jpg").write_text("a text", encoding="utf-8")
    _write_photo_without_position(photos / "nowhere.jpg")
    register = folder / "register.db"
    outcome = pantau("inspect", photos, "-r", register, "--json")
    return folder, photos, register, outcome


def _write_photo_without_position(path: Path) -> None:
    import cv2
    import numpy as np

    cv2.imwrite(str(path), np.full((480, 640, 3), 90, np.uint8))


def test_every_photo_is_accounted_for(pantau, inspected):
    folder, _photos, register, outcome = inspected
    assert outcome.code == 1, outcome.err  # done, with rejected photos listed
    report = folder / "report"
    assert pantau("report", "-r", register, "-o", report).code == 0
    pages = [page.read_text(encoding="utf-8") for page in report.glob("*.html")]
    assert len(pages) >= 2
    for page in pages:
        for name in ("cut.jpg", "text.jpg", "nowhere.jpg"):
            assert name in page
        assert 'src="http' not in page


def test_the_same_photos_again_change_nothing(pantau, inspected):
    folder, photos, register, _outcome = inspected
    before = pantau("export", "-r", register, "-f", "geojson", "-o", folder / "before.geojson")
    assert before.code == 0, before.err
    files = sorted(photos.glob("*.[jJ]*"), reverse=True)
    pantau("inspect", *files, "-r", register)
    pantau("export", "-r", register, "-f", "geojson", "-o", folder / "after.geojson")
    assert json.loads((folder / "before.geojson").read_text(encoding="utf-8")) == json.loads(
        (folder / "after.geojson").read_text(encoding="utf-8")
    )


def test_a_decision_stays(pantau, inspected):
    _folder, photos, register, _outcome = inspected
    listed = pantau("review", "-r", register, "list", "--json").document["defects"]
    if not listed:
        pytest.fail("the detector found nothing on real photos: nothing to review")
    decided = listed[0]["id"]
    assert pantau("review", "-r", register, "reject", decided, "--by", "ana").code == 0
    pantau("inspect", photos, "-r", register)
    shown = pantau("review", "-r", register, "show", decided, "--json").document
    assert shown["defect"]["status"] == "rejected"


def test_locate_in_the_order_asked(pantau, shared):
    photo = shared / "data/photos/brighton-beach/DJI_0020.JPG"
    outcome = pantau("locate", photo, "--pixel", "3177.52,82.91", "--pixel", "0,0", "--json")
    points = outcome.document["points"]
    assert len(points) == 2
    assert abs(points[0]["lat"] - 46.84278502) < 5e-5
    assert abs(points[0]["lon"] + 91.99395670) < 7e-5
    assert points[0]["sigma_m"] > 0
