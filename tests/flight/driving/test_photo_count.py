"""Photos counted by the vehicle's feedback, and a camera that stays silent."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace

from pymavlink.dialects.v20 import ardupilotmega as mavlink

from flight.driving.photo_count import PhotoCount
from flight.driving.vehicle import Position
from flight.flight_log import FlightEvent

AT = datetime(2026, 11, 22, tzinfo=UTC)
DEGREES_PER_M = 1 / 111_000


def feedback(image, north_m=0.0):
    place = (round((-6.3 + north_m * DEGREES_PER_M) * 1e7), round(106.84 * 1e7), 50.0, 20.0)
    return mavlink.MAVLink_camera_feedback_message(10**15, 1, 0, image, *place, 0, 0, 370, 0, 0)


def taken(photos, *images):
    return [photos.take(feedback(image), -90.0, 0.0) for image in images]


def test_counting_begins_with_the_first_image_heard():
    photos = PhotoCount()
    numbers = [event.photo for event, _ in taken(photos, 412, 413, 414)]
    assert numbers == [1, 2, 3]
    assert (photos.taken, photos.unheard) == (3, 0)


def test_a_gap_is_photos_that_the_link_has_lost():
    photos = PhotoCount()
    risen = [steps for _, steps in taken(photos, 7, 11)]
    assert risen == [1, 4]
    assert (photos.taken, photos.unheard) == (5, 3)


def test_a_feedback_that_comes_late_fills_its_gap_and_one_that_comes_twice_counts_once():
    photos = PhotoCount()
    taken(photos, 7, 9, 8)
    assert (photos.taken, photos.unheard) == (3, 0)
    taken(photos, 9)
    assert (photos.taken, photos.unheard) == (3, 0)


def test_a_second_process_counts_on():
    seen = tuple(FlightEvent(AT, "photo", photo=number, image=40 + number) for number in (1, 2, 4))
    photos = PhotoCount(seen)
    assert (photos.taken, photos.unheard) == (4, 1)
    event, _ = photos.take(feedback(47), None, None)
    assert event.photo == 7
    assert photos.unheard == 3


def test_silence_in_a_pass_is_told_once():
    photos = PhotoCount()
    run = SimpleNamespace(number=2, spacing_m=10.0)
    heard = [photos.silent_for_m(run, here(north_m)) for north_m in range(0, 100, 5)]
    told = [metres for metres in heard if metres is not None]
    assert len(told) == 1
    assert 35 <= told[0] <= 41


def test_a_camera_that_fires_is_not_silent():
    photos = PhotoCount()
    run = SimpleNamespace(number=1, spacing_m=10.0)
    for step in range(30):
        photos.take(feedback(step, north_m=10.0 * step), None, None)
        assert photos.silent_for_m(run, here(10.0 * step + 9)) is None


def test_between_passes_no_photo_is_missed():
    photos = PhotoCount()
    assert all(photos.silent_for_m(None, here(north_m)) is None for north_m in range(0, 200, 5))


def here(north_m):
    return Position(-6.3 + north_m * DEGREES_PER_M, 106.84, 20.0, 0.0)
