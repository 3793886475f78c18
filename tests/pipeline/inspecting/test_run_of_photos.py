"""A run enters the same whatever the order in which its threads get their turn."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from models.catalogue import OpenedDetector
from pipeline.coverage.sites_read import first_looks
from pipeline.inspecting.photo_look import look_at, prepare
from pipeline.inspecting.run_of_photos import Looked, Run, look_at_photos
from pipeline.photo import Photo, Pose, RejectedPhoto
from pipeline.register import Register
from pipeline.register.batches import Model, begin_run, survey_number
from vision.camera import Camera
from vision.detector import Detections
from vision.errors import PantauError

COUNT = 8
MODEL = Model("spots", "0" * 64, "{}")


class SpotFinder:
    """Finds one spot, elsewhere in each picture; now and then slow; fails on one."""

    kinds = ("pothole",)

    def __init__(self, delays_s: list[float], failing: int | None = None) -> None:
        self._delays_s = iter(delays_s)
        self._failing = failing

    def detect(self, picture, *, gsd_cm=None, within=None) -> Detections:
        time.sleep(next(self._delays_s, 0.0))
        number = int(picture[0, 0, 0]) // 10
        if number == self._failing:
            raise ArithmeticError("the spot is too round")
        box = [50.0 + number, 60.0, 90.0 + number, 90.0]
        return Detections.of_boxes(np.array([box]), np.array([0.9]), ["pothole"])


@pytest.fixture(scope="module")
def photos(tmp_path_factory) -> list[Photo]:
    folder = tmp_path_factory.mktemp("run")
    grain = np.random.default_rng(0).integers(-40, 40, (240, 320, 1))
    made = []
    for number in range(COUNT):
        pixels = np.clip(grain + 128, 0, 255).repeat(3, axis=2).astype(np.uint8)
        pixels[:8, :8] = 10 * number + 5
        Image.fromarray(pixels).save(folder / f"{number}.png")
        pose = Pose(-1.2654 + number * 1e-5, 116.8312, 20.0, 0.0, -90.0, 0.0)
        camera = Camera.centred("test", 320, 240, 400.0)
        made.append(Photo(f"{number:064d}", folder / f"{number}.png", None, camera, pose))
    return made


@pytest.fixture
def register(tmp_path) -> Iterator[Register]:
    with Register.open(tmp_path / "register.db", create=True) as opened:
        yield opened


def opened(*delays_s: float, failing: int | None = None) -> OpenedDetector:
    finder = SpotFinder(list(delays_s), failing)
    return OpenedDetector("spots", "0" * 64, (), None, {"pothole": 0.5}, finder)


def begun(register: Register) -> Run:
    with register.transaction() as db:
        survey = survey_number(db, "march", None)
        return Run(survey, begin_run(db, survey, MODEL, "0"), MODEL)


def entered(register: Register) -> dict[str, list[tuple]]:
    tables = ("photos", "detections", "observations")
    return {name: register.db.execute(f"SELECT * FROM {name}").fetchall() for name in tables}


def look(register: Register, photos: list[Photo], detector: OpenedDetector, advance=lambda n, name: None):
    return look_at_photos(register, begun(register), first_looks(photos, (), {}), detector, advance)


def test_without_photos_nothing_is_entered(register):
    assert look(register, [], opened()) == Looked()


def test_nothing_depends_on_how_long_anything_takes(tmp_path, photos):
    contents = []
    for number, delays_s in enumerate([(), (0.05, 0, 0.02), (0, 0, 0, 0.05, 0, 0.03)]):
        with Register.open(tmp_path / f"{number}.db", create=True) as register:
            look(register, photos, opened(*delays_s))
            contents.append(entered(register))
    assert contents[0] == contents[1] == contents[2]
    assert [len(rows) for rows in contents[0].values()] == [COUNT] * 3


def test_overlapped_is_the_same_as_one_after_another(register, photos):
    look(register, photos, opened())
    alone = [look_at(prepare(photo, ()), opened(), ()) for photo in photos]
    outlines = [seen.detections.outline_px[0].round(1).tolist() for seen in alone]
    assert [str(outline) for outline in outlines] == [row[3] for row in entered(register)["detections"]]


def test_a_photo_that_fails_is_rejected_and_the_others_are_read(register, photos):
    looked = look(register, photos, opened(failing=3))
    (rejected,) = looked.rejected
    assert (rejected.id, rejected.reason) == (photos[3].id, "reading_failed")
    assert "ArithmeticError: the spot is too round" in rejected.detail
    assert looked.used == COUNT - 1
    assert len(register.photos("used")) == COUNT - 1


def test_a_file_that_is_gone_is_rejected(register, photos, tmp_path):
    gone = Photo("f" * 64, tmp_path / "gone.jpg", None, photos[0].camera, photos[0].pose)
    assert [photo.reason for photo in look(register, [gone], opened()).rejected] == ["not_an_image"]


def test_an_interrupt_leaves_what_is_done_and_nothing_half(register, photos):
    def interrupt(steps: int, name: str) -> None:
        if name == "4.png":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        look(register, photos, opened(), interrupt)
    assert [photo.path.name for photo in register.photos()] == [f"{number}.png" for number in range(5)]
    assert len(entered(register)["observations"]) == 5


def test_a_rejected_photo_is_not_looked_at(photos):
    rejected = RejectedPhoto("0", Path("x.jpg"), "truncated", "", None)
    assert look_at(rejected, opened(failing=0), ()) is rejected


def test_where_all_photos_fail_alike_it_is_not_the_photos(register, photos):
    class Broken(SpotFinder):
        def detect(self, picture, *, gsd_cm=None, within=None):
            raise RuntimeError("the network is no network")

    detector = OpenedDetector("spots", "0" * 64, (), None, {"pothole": 0.5}, Broken([], None))
    with pytest.raises(PantauError, match=r"none of the 3 photos .*the network is no network.*doctor"):
        look(register, photos[:3], detector)
    assert [photo.reason for photo in look(register, photos[:1], detector).rejected] == ["reading_failed"]
