"""Living plants on paved ground, by their colour.

Leaves reflect green and absorb blue and red. Colour indices measure that in shares of the three
channels, g = G / (R + G + B) and so on, so that brightness, and with it most of a shadow, drops out:

* excess green, 2g − r − b (Woebbecke et al. 1995), is high on leaves and near 0 on anything grey;
* g − r (the sign of VARI, Gitelson et al. 2002) keeps out yellow paint and brown leaves;
* r − b keeps out green and turquoise paint, which reflects more blue than red. Leaves in haze or shade
  come close to it, but they are not even as paint is: what is even must be redder than blue.

The light's own colour is taken out first, with the paving as the grey card: the less colourful half
of what lies inside the polygons.

What colour cannot tell: a plant that grows through the paving from the crown of a tree that hangs over
it. Both hide the paving and both are found. Dry grass and autumn leaves are no living plants: most of
them are not found. `vision.surface.accuracy` states what was measured.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.camera import FloatArray
from vision.detector import Picture
from vision.surface.ground_patch import GroundPatch, Mask

# Chosen on the choosing half of tests/vision/surface_labels/vegetation.json, for the best F1.
LEAST_EXCESS_GREEN = 0.06
LEAST_GREEN_OVER_RED = -0.05
LEAST_RED_OVER_BLUE = -0.05
LEAST_RED_OVER_BLUE_WHERE_EVEN = 0.01
EVEN = 0.08  # the standard deviation of the brightness, as a share of its mean, below which a place is even

_EVEN_OVER_PX = 5  # the side of the square within which evenness is judged, some 20 cm

# Differences this small, out of 255, are noise of the sensor and of the compression: in the dark they
# would make any share.
_NOISE = 2.0

# How far a light's colour may lie from white; more than that is the colour of things.
_GAIN_LIMITS = (0.8, 1.25)
_GREY_CARD_PIXELS = 20_000


def vegetation_mask(patch: GroundPatch) -> Mask:
    """255 where living plants cover the ground inside the patch's polygons, 0 elsewhere."""
    smooth = cv2.blur(patch.pixels, (3, 3))
    gains = _gains(patch.pixels, patch.inside)
    excess = cv2.transform(smooth.astype(np.float32), (_limits() * gains).astype(np.float32))
    green = cv2.inRange(excess, (_NOISE, 0.0, 0.0, -np.inf), (np.inf,) * 4)
    green[_is_even(patch.pixels) & (excess[..., 3] < 0)] = 0
    return np.asarray(cv2.bitwise_and(green, patch.inside), np.uint8)


def _limits() -> FloatArray:
    """A matrix (4, 3) that makes of blue, green, red by how much each limit is exceeded, times B + G + R.

    The last is the limit for even places.
    """
    all_channels = np.ones(3)
    return np.array(
        [
            np.array([-1.0, 2.0, -1.0]) - LEAST_EXCESS_GREEN * all_channels,
            np.array([0.0, 1.0, -1.0]) - LEAST_GREEN_OVER_RED * all_channels,
            np.array([-1.0, 0.0, 1.0]) - LEAST_RED_OVER_BLUE * all_channels,
            np.array([-1.0, 0.0, 1.0]) - LEAST_RED_OVER_BLUE_WHERE_EVEN * all_channels,
        ]
    )


def _is_even(pixels: Picture) -> NDArray[np.bool_]:
    """Where (height, width) the brightness hardly varies from pixel to pixel, as on paint and plastic."""
    brightness = cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY)
    square = (_EVEN_OVER_PX, _EVEN_OVER_PX)
    mean_square = cv2.sqrBoxFilter(brightness, cv2.CV_32F, square)
    mean = cv2.boxFilter(brightness, cv2.CV_32F, square)
    return np.asarray(mean_square < (1 + EVEN**2) * mean * mean, np.bool_)


def _gains(pixels: Picture, inside: Mask) -> FloatArray:
    """By what blue, green and red are multiplied so that the paving is grey."""
    step = max(1, int(np.sqrt(inside.size / _GREY_CARD_PIXELS)))
    sample = pixels[::step, ::step][inside[::step, ::step] > 0].astype(np.float32)
    brightest = sample.max(axis=1)
    sample, brightest = sample[brightest > 30], brightest[brightest > 30]
    if not len(sample):
        return np.ones(3)
    saturation = 1 - sample.min(axis=1) / brightest
    paving = np.median(sample[saturation <= np.median(saturation)], axis=0)
    gains: FloatArray = np.clip(paving.mean() / np.maximum(paving, 1.0), *_GAIN_LIMITS)
    return gains
