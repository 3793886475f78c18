"""Whether the pixels of two pictures agree where one similarity says that they show the same ground."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.camera import FloatArray
from vision.detector import Picture

_SMOOTH_PX, _DETAIL_PX, _CONTRAST_PX = 1.0, 6.0, 10.0
_LEAST_CONTRAST = 2.0  # grey levels; what is fainter is noise of the sensor
_SEARCH_PX = 6  # how far a similarity from few features may be beside the truth
_LEAST_SHARE = 0.02  # of a picture; on less ground anything agrees


def evened_texture(grey: Picture) -> NDArray[np.float32]:
    """Detail of a grey picture (H, W) with the same contrast everywhere.

    Without this, lane lines would agree with other lane lines and asphalt would not count.
    """
    smooth = cv2.GaussianBlur(grey.astype(np.float32), (0, 0), _SMOOTH_PX)
    detail = smooth - cv2.GaussianBlur(smooth, (0, 0), _DETAIL_PX)
    contrast = np.sqrt(cv2.GaussianBlur(detail * detail, (0, 0), _CONTRAST_PX))
    return np.asarray(detail / (contrast + _LEAST_CONTRAST), dtype=np.float32)


def texture_agreement(here: NDArray[np.float32], there: NDArray[np.float32], matrix: FloatArray) -> float:
    """The correlation (−1 … 1) of two textures where they overlap, 0 where that is too little.

    `matrix` (2, 3) takes pixels of `here` to pixels of `there`; a few pixels around it are tried.
    """
    height_px, width_px = there.shape
    size = (width_px, height_px)
    seen = cv2.warpAffine(np.ones(here.shape, np.uint8), matrix, size, flags=cv2.INTER_NEAREST)
    for side in (seen[:_SEARCH_PX], seen[-_SEARCH_PX:], seen[:, :_SEARCH_PX], seen[:, -_SEARCH_PX:]):
        side[:] = 0
    if seen.mean() < _LEAST_SHARE:
        return 0.0
    left, top, width, height = cv2.boundingRect(seen)
    inside = np.s_[top : top + height, left : left + width]
    searched = there[
        top - _SEARCH_PX : top + height + _SEARCH_PX, left - _SEARCH_PX : left + width + _SEARCH_PX
    ]
    moved = cv2.warpAffine(here, matrix, size)[inside]
    mask = seen[inside].astype(np.float32)
    return float(cv2.matchTemplate(searched, moved, cv2.TM_CCORR_NORMED, mask=mask).max())
