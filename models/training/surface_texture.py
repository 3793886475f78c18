"""Road surface of a given colour and grain that has no structure in it."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.camera import FloatArray
from vision.detector import Picture

# What varies over longer distances than this is the road's shading and what traffic left on it, not grain.
_COARSEST_GRAIN_PX = 4.0
# The surface's shading is taken over lengths of this share of the picture's side, at an eighth of its size.
_SHADING_SHARE = 1 / 16
_SHRUNKEN = 8
# A crack in the grain would come back as streaks all over; beyond this many σ grain is cut off.
_GRAIN_SIGMAS = 2.0
# The surface's edges, with the lines painted there, would come back as a weave.
_EDGE_PX = 21


def plain_surface(pixels: Picture, surface: NDArray[np.bool_], random: np.random.Generator) -> FloatArray:
    """A picture (H, W, 3) of structureless surface as it is in `pixels` where `surface` is true.

    The shading is carried on from the surface in view; the grain has the spectrum of the surface's
    own and random phases, which keeps its look and takes all its shapes (Galerne et al. 2011, Random
    phase textures).
    """
    image, weight = pixels.astype(float), surface.astype(float)
    inner = cv2.erode(surface.astype(np.uint8), np.ones((_EDGE_PX, _EDGE_PX))).astype(float)
    window = cv2.GaussianBlur(inner, (0, 0), _EDGE_PX / 3) * weight
    grain = (image - cv2.GaussianBlur(image, (0, 0), _COARSEST_GRAIN_PX)) * window[..., None]
    known = max(float((window**2).mean()), 1e-6)
    limit = _GRAIN_SIGMAS * np.sqrt((grain**2).mean(axis=(0, 1)) / known)
    spectrum = np.fft.fft2(np.clip(grain, -limit, limit), axes=(0, 1)) / np.sqrt(known)
    # One phase for all channels keeps the grain as grey as it was.
    phase = np.angle(np.fft.fft2(random.standard_normal(surface.shape)))
    texture = np.fft.ifft2(spectrum * np.exp(1j * phase)[..., None], axes=(0, 1)).real
    return np.asarray(np.clip(_shading(image, weight) + texture, 0, 255))


def _shading(image: FloatArray, weight: FloatArray) -> FloatArray:
    """The surface's slow changes of colour, which run out into its mean where no surface is near."""
    height_px, width_px = weight.shape
    small_px = (max(1, width_px // _SHRUNKEN), max(1, height_px // _SHRUNKEN))
    mean = (image * weight[..., None]).sum(axis=(0, 1)) / max(float(weight.sum()), 1.0)
    small = [
        cv2.resize(one, small_px, interpolation=cv2.INTER_AREA) for one in (image * weight[..., None], weight)
    ]
    sigma, faint = max(small_px) * _SHADING_SHARE, 1e-2
    total = cv2.GaussianBlur(small[0], (0, 0), sigma) + faint * mean
    share = cv2.GaussianBlur(small[1], (0, 0), sigma) + faint
    return np.asarray(cv2.resize(total / share[..., None], (width_px, height_px)))
