"""Adjustment of flights whose truth is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pipeline.alignment.adjustment import adjust, adjusted_photo
from pipeline.alignment.control_points import ControlPoint, Mark
from pipeline.alignment.equations import Control, Equations
from pipeline.alignment.posterior import with_posterior_errors
from pipeline.alignment.priors import priors_of
from pipeline.alignment.solving import solve
from pipeline.alignment.tie_points import TiePoints
from pipeline.geotagging.ground_error import ground_covariances, shared_factors
from pipeline.photo import Photo
from pipeline.placing.flights import shared_errors
from tests.benchmarks.synthetic_flights import (
    CHI2_95,
    FRAME,
    Truth,
    errors_m,
    recorded,
    strips,
    tie_points,
)  # fmt: skip


def _aligned(photos: list[Photo], ties: TiePoints, points: tuple[ControlPoint, ...] = ()) -> list[Photo]:
    adjusted = adjust(photos, ties, FRAME, points)
    moved = [adjusted_photo(adjusted, number, FRAME) for number in range(len(photos))]
    return with_posterior_errors(adjusted, moved, FRAME)


def _equations(truth: Truth, seed: int) -> Equations:
    photos, ties = recorded(truth, seed, rtk=False), tie_points(truth, seed)
    guess_m = np.zeros((ties.count, 3))
    control = Control(
        np.array([0, 3]), np.array([[1.0, 2.0, 9.0], [3.0, 4.0, np.nan]]), np.full((2, 3), 0.1), 9.0
    )
    return Equations(priors_of(photos, FRAME), ties, guess_m, control)


def test_the_jacobian_is_that_of_the_residuals() -> None:
    equations = _equations(strips(2, 3), seed=1)
    random = np.random.default_rng(4)
    unknowns = equations.start() + 0.003 * random.standard_normal(len(equations.start()))
    direction = random.standard_normal(len(unknowns))
    step = 1e-6
    numeric = equations.residuals(unknowns + step * direction) - equations.residuals(
        unknowns - step * direction
    )
    analytic = equations.jacobian(unknowns) @ direction
    assert numeric / (2 * step) == pytest.approx(analytic, rel=2e-4, abs=0.05)


def test_the_solution_is_where_the_cost_is_least() -> None:
    equations = _equations(strips(2, 4), seed=2)
    solution = solve(equations)
    slope = solution.normal.solve(solution.weighted_jacobian.T @ np.ones(solution.weighted_jacobian.shape[0]))
    at_least = np.abs(equations.residuals(solution.unknowns)).clip(0, 2.5) ** 2
    beside = np.abs(equations.residuals(solution.unknowns + 0.1 * slope)).clip(0, 2.5) ** 2
    assert at_least.sum() < beside.sum()


@pytest.mark.parametrize("slope", [0.0, 0.08])
@pytest.mark.parametrize("seed", [1, 2])
def test_with_rtk_a_block_becomes_right_to_centimetres(seed: int, slope: float) -> None:
    truth = strips(3, 5, slope=slope)
    photos = recorded(truth, seed, rtk=True)
    aligned = _aligned(photos, tie_points(truth, seed))
    assert np.median(errors_m(photos, truth)[0]) > 0.3
    assert np.percentile(errors_m(aligned, truth)[0], 90) < 0.10


def test_without_rtk_only_the_shared_error_stays() -> None:
    truth = strips(3, 5)
    photos = recorded(truth, 3, rtk=False)
    aligned = _aligned(photos, tie_points(truth, 3))
    away_m, _ = errors_m(aligned, truth)
    assert np.ptp(away_m) < 0.4 * np.ptp(errors_m(photos, truth)[0])
    shared = aligned[0].pose.shared
    assert shared.position_m == pytest.approx(aligned[0].pose.sigma_position_m, rel=0.1)


def test_gross_errors_of_sightings_pull_little() -> None:
    truth = strips(3, 5)
    ties = tie_points(truth, 1, gross=0.08)
    aligned = _aligned(recorded(truth, 1, rtk=True), ties)
    assert np.percentile(errors_m(aligned, truth)[0], 90) < 0.10


def test_one_strip_leaves_its_roll_uncertain_and_says_so() -> None:
    truth = strips(1, 12)
    aligned = _aligned(recorded(truth, 1, rtk=True), tie_points(truth, 1))
    middle_px = np.array([[truth.camera.width_px / 2, truth.camera.height_px / 2]])
    (covariance,) = ground_covariances(aligned[6], middle_px)
    across_m = np.sqrt(covariance[0, 0])
    assert 0.28 < across_m < 0.5  # the boresight of 0.7° that no strip tells, from 30 m
    assert aligned[6].pose.shared.position_m > 0.85 * aligned[6].pose.sigma_position_m


def test_what_neighbours_share_is_stated_of_every_photo() -> None:
    truth = strips(1, 6)
    unsure = [
        replace(photo, pose=replace(photo.pose, sigma_tilt_deg=10.0, sigma_yaw_deg=20.0))
        for photo in recorded(truth, 1, rtk=False)
    ]
    photos = [replace(photo, pose=replace(photo.pose, shared=shared_errors(photo.pose))) for photo in unsure]
    for photo in _aligned(photos, tie_points(truth, 1)):
        middle_px = np.array([[truth.camera.width_px / 2, truth.camera.height_px / 2]])
        (factors,), (covariance,) = shared_factors(photo, middle_px), ground_covariances(photo, middle_px)
        assert np.trace(factors @ factors.T) > 0.6 * np.trace(covariance)


@pytest.mark.slow
def test_the_stated_errors_are_those_that_there_are() -> None:
    truth = strips(2, 5)
    inside = []
    for seed in range(32):
        aligned = _aligned(recorded(truth, seed, rtk=False), tie_points(truth, seed, per_photo=30))
        inside.append(np.mean(errors_m(aligned, truth)[1] < CHI2_95))
    assert np.mean(inside) == pytest.approx(0.95, abs=0.06)


def _control(truth: Truth, photos: list[Photo], *, is_check: bool = False) -> tuple[ControlPoint, ...]:
    """Four surveyed points under photos, marked in two of them, heights in a datum of their own."""
    points = []
    for number in (0, 4, len(photos) - 5, len(photos) - 1):
        place_m = truth.places_m[number] * (1, 1, 0)
        marks = []
        for other, photo in enumerate(photos):
            seen = (place_m - truth.places_m[other]) @ truth.rotations[other]
            x_px, y_px = truth.camera.project(seen[None])[0]
            if 0 < x_px < truth.camera.width_px and 0 < y_px < truth.camera.height_px:
                marks.append(Mark(photo.path.name, float(x_px), float(y_px)))
        lat, lon = FRAME.to_lat_lon(place_m[:2])[0]
        points.append(ControlPoint(f"P{number}", float(lat), float(lon), 123.0, tuple(marks), is_check))
    return tuple(points)


def test_control_points_take_the_shared_error_away() -> None:
    truth = strips(3, 5)
    photos = recorded(truth, 3, rtk=False)
    ties = tie_points(truth, 3)
    aligned = _aligned(photos, ties, _control(truth, photos))
    assert np.median(errors_m(aligned, truth)[0]) < 0.05
    assert aligned[0].pose.sigma_position_m < 0.1


def test_check_points_change_nothing() -> None:
    truth = strips(2, 4)
    photos = recorded(truth, 3, rtk=False)
    ties = tie_points(truth, 3)
    with_checks = _aligned(photos, ties, _control(truth, photos, is_check=True))
    assert [photo.pose for photo in with_checks] == [photo.pose for photo in _aligned(photos, ties)]


def test_photos_of_no_flight_share_nothing_before() -> None:
    truth = strips(1, 3)
    photos = [replace(photo, flight="") for photo in recorded(truth, 1, rtk=True)]
    assert len(priors_of(photos, FRAME).shared_position_m) == 3
