"""The errors of several sightings' places together: what each has alone, and what flights share.

Places of one flight move together: the error of each is its own part plus what 1 σ of every shared cause
moves it (`pipeline.ground_error.shared_factors`), times how large that cause is on this flight. Flights are
independent of each other (a simplification: of one drone they share the focal length, of one place the
ground).
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

    def of_offsets(self, i: NDArray[np.intp], j: NDArray[np.intp]) -> FloatArray:
        """Covariances (P, 2, 2) of the offsets between places i and j (P,): what both share drops out."""
        total_m2 = self.own_m2 + self.shared_m @ self.shared_m.transpose(0, 2, 1)
        alike_m2 = self.shared_m[i] @ self.shared_m[j].transpose(0, 2, 1)
        alike_m2[self.flight[i] != self.flight[j]] = 0.0
        covariances: FloatArray = total_m2[i] + total_m2[j] - alike_m2 - alike_m2.transpose(0, 2, 1)
        return covariances

    def together(self) -> FloatArray:
        """The covariance (2N, 2N) of all places: east and north of the first, of the second, …"""
        count = len(self.flight)
        one_flight = self.flight[:, None] == self.flight
        joint = np.einsum("iak,jbk,ij->iajb", self.shared_m, self.shared_m, one_flight.astype(np.float64))
        every = np.arange(count)
        joint[every, :, every, :] += self.own_m2
        covariance: FloatArray = joint.reshape(2 * count, 2 * count)
        return covariance


def _not_negative(covariances: FloatArray) -> FloatArray:
    """The nearest covariances: rounding may leave a place less error than it shares."""
    variances, axes = np.linalg.eigh(covariances)
    nearest: FloatArray = (axes * np.maximum(variances, 0.0)[:, None, :]) @ axes.transpose(0, 2, 1)
    return nearest
