"""How much darker than the surface around it every pixel is, and where this forms lines."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.detector import Picture

FloatImage = NDArray[np.float32]

# The background is the brighter of two medians: the wide one is more than twice as wide as the widest crack
# that is looked for, so that no crack makes its own background; the narrow one follows painted lines.
_BACKGROUNDS_PX = (21, 41)
# Standard deviations of the Gaussians: a line of width w answers most at about w / 2.
_LINE_SIGMAS_PX = (1.0, 2.0, 4.0)


def darkness(picture: Picture) -> FloatImage:
    """Grey levels (H, W) below the surface around; 0 where the picture is as bright or brighter.

    Bright things, as markings are, have edges that would pass for lines; here they vanish.
    """
    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    narrow, wide = (cv2.medianBlur(grey, size_px) for size_px in _BACKGROUNDS_PX)
    return np.asarray(cv2.subtract(cv2.max(narrow, wide), grey), dtype=np.float32)


def line_strength(dark: FloatImage) -> FloatImage:
    """How much each pixel lies on a dark line, whatever its direction: 1 is the texture's usual answer.

    The largest curvature across (the negative eigenvalue of the Hessian) at three scales, each divided
    by its 75th percentile in the crop: lines cover less of it than that.
    """
    strongest = np.zeros_like(dark)
    for sigma_px in _LINE_SIGMAS_PX:
        answer = _curvature_across(dark, sigma_px)
        usual = float(np.percentile(answer[::2, ::2], 75))
        strongest = np.maximum(strongest, answer / max(usual, 0.05))
    return strongest


def _curvature_across(dark: FloatImage, sigma_px: float) -> FloatImage:
    smooth = cv2.GaussianBlur(dark, (0, 0), sigma_px, borderType=cv2.BORDER_REFLECT)
    xx = cv2.Sobel(smooth, cv2.CV_32F, 2, 0, ksize=3, scale=0.25, borderType=cv2.BORDER_REFLECT)
    yy = cv2.Sobel(smooth, cv2.CV_32F, 0, 2, ksize=3, scale=0.25, borderType=cv2.BORDER_REFLECT)
    xy = cv2.Sobel(smooth, cv2.CV_32F, 1, 1, ksize=3, scale=0.25, borderType=cv2.BORDER_REFLECT)
    least = (xx + yy) / 2 - np.sqrt(((xx - yy) / 2) ** 2 + xy**2)
    return np.maximum(-least * sigma_px**2, 0.0)
