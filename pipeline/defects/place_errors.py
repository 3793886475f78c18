"""The errors of several sightings' places together: what each has alone, and what flights share.

Places of one flight move together: the error of each is its own part plus what 1 σ of every shared cause
moves it (`pipeline.geotagging.ground_error.shared_factors`), times how large that cause is on this flight.
Flights are independent of each other (a simplification: of one drone they share the focal length, of one
place the ground).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.sighting import Sighting, covariances_m2
from vision.camera import FloatArray


@dataclass(frozen=True)
class PlaceErrors:
    """Errors of N places, metres east and north.

    `own_m2` (N, 2, 2) are covariances, `shared_m` (N, 2, K) what 1 σ of each shared cause moves each place,
    `flight` (N,) numbers of the flights.
    """

    own_m2: FloatArray
    shared_m: FloatArray
    flight: NDArray[np.intp]

    @classmethod
    def of(cls, sightings: Sequence[Sighting]) -> PlaceErrors:
        """The errors of some sightings (at least one), in their order."""
        shared_m = np.array([sighting.shared_m for sighting in sightings], dtype=np.float64)
        own_m2 = covariances_m2(sightings) - shared_m @ shared_m.transpose(0, 2, 1)
        # A photo without a flight is one of its own.
        flights = [sighting.flight or f"photo {sighting.photo}" for sighting in sightings]
        return cls(_not_negative(own_m2), shared_m, np.unique(flights, return_inverse=True)[1])

    def of_offsets(self, i: NDArray[np.integer], j: NDArray[np.integer]) -> FloatArray:
        """Covariances (P, 2, 2) of the offsets between places i and j (P,): what both share drops out."""
        one_flight = self.flight[i] == self.flight[j]
        apart_m = self.shared_m[i] - np.where(one_flight[:, None, None], self.shared_m[j], 0.0)
        covariances: FloatArray = self.own_m2[i] + self.own_m2[j] + apart_m @ apart_m.transpose(0, 2, 1)
        others = j[~one_flight]
        covariances[~one_flight] += self.shared_m[others] @ self.shared_m[others].transpose(0, 2, 1)
        return covariances

    def means(
        self, thing: NDArray[np.intp], places_m: FloatArray, unalike_m2: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Generalised least squares means (T, 2) of each thing's places, and their covariances (T, 2, 2).

        `thing` (N,) numbers, from 0, the things that the places (N, 2) are of. Each mean is weighted as if
        its places had a variance `unalike_m2` (N,) of their own besides. It is estimated together with the
        causes that flights share, and these are eliminated flight by flight: the work grows with the number
        of places alone.
        """
        views, view = np.unique(thing * len(self.flight) + self.flight, return_inverse=True)
        of_thing = views // len(self.flight)  # a view is what one flight saw of one thing
        precision = np.linalg.inv(self.own_m2 + unalike_m2[:, None, None] * np.eye(2))
        pull = precision @ self.shared_m
        of_causes = np.eye(self.shared_m.shape[2]) + _sums(view, self.shared_m.transpose(0, 2, 1) @ pull)
        taken = _sums(view, pull) @ np.linalg.inv(of_causes)
        parts = precision - taken[view] @ pull.transpose(0, 2, 1)
        weights = np.linalg.inv(_sums(thing, parts))[thing] @ parts
        moved_m = _sums(view, weights @ self.shared_m)
        covariances = _sums(thing, weights @ self.own_m2 @ weights.transpose(0, 2, 1))
        covariances += _sums(of_thing, moved_m @ moved_m.transpose(0, 2, 1))
        return _sums(thing, (weights @ places_m[:, :, None])[:, :, 0]), covariances


def _sums(group: NDArray[np.intp], numbers: FloatArray) -> FloatArray:
    """The sums of numbers (N, …) of each group; groups (N,) count from 0."""
    sums = np.zeros((group.max() + 1, *numbers.shape[1:]))
    np.add.at(sums, group, numbers)
    return sums


def _not_negative(covariances: FloatArray) -> FloatArray:
    """The nearest covariances: rounding may leave a place less error than it shares."""
    variances, axes = np.linalg.eigh(covariances)
    nearest: FloatArray = (axes * np.maximum(variances, 0.0)[:, None, :]) @ axes.transpose(0, 2, 1)
    return nearest
