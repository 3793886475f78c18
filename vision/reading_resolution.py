"""At which ground resolution a photo is read, and which kinds of damage that photo can show at all.

A detector has learnt how large damage is in pixels. A photo of another resolution is resampled, so that
flights at 20 m and at 60 m are read alike. What is best was measured with the shipped detector on
held-out training tiles (intervals: 95 %, drawn by overlap group):

* Tiles of 0.6 cm per pixel, shrunk to 0.85 or 1.0 cm before reading, lose nothing that could be measured
  (F1 −0.02, −0.06…+0.05); at 1.4 cm they lose (−0.16, −0.24…−0.10). Hence finer photos are shrunk to
  the geometric middle of the trained interval, which takes a fraction of the time.
* Tiles shrunk to half their resolution are found again when they are enlarged twofold: F1 from 0.50 to
  0.62 (gain 0.07…0.17), as good as untouched ones (0.63). Hence photos coarser than the interval are
  enlarged to its coarse end, at most twofold.
* Tiles of 1.75 cm that are enlarged, though trained at that, lose (1.4-fold: F1 −0.08, −0.16…0.00;
  twofold: −0.16, −0.30…−0.06). Hence photos between the middle and the coarse end are read as they are.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

LARGEST_ENLARGEMENT = 2.0
# A scale this near to 1 is not worth resampling for: it blurs, and no detector tells the difference.
_UNCHANGED_WITHIN = 0.02
_TOO_COARSE = "too_coarse_for"


def reading_scale(gsd_cm: float | None, trained_gsd_cm: tuple[float, float] | None) -> float:
    """The factor by which a photo is resampled before it is read.

    `gsd_cm` is its ground sample distance in centimetres per pixel, `trained_gsd_cm` the interval the
    detector was trained on. A photo finer than the interval's geometric middle is shrunk to it, one
    coarser than its coarse end is enlarged to that, at most twofold. Where one of the two is unknown
    the photo is read as it is: the scale is 1.
    """
    if gsd_cm is None or trained_gsd_cm is None or gsd_cm <= 0:
        return 1.0
    finest_cm, coarsest_cm = trained_gsd_cm
    middle_cm = float(np.sqrt(finest_cm * coarsest_cm))
    scale = min(gsd_cm / min(max(gsd_cm, middle_cm), coarsest_cm), LARGEST_ENLARGEMENT)
    return 1.0 if abs(scale - 1) <= _UNCHANGED_WITHIN else scale


def kinds_shown(
    gsd_cm: float | None, coarsest_gsd_cm: Mapping[str, float | None]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Which kinds a photo of this ground sample distance can show: (shown, too coarse).

    `coarsest_gsd_cm` holds for each kind the coarsest at which the detector still finds it, None where
    that is unknown. A photo of unknown resolution is not held against any kind.
    """
    too_coarse = tuple(
        kind
        for kind, coarsest_cm in coarsest_gsd_cm.items()
        if gsd_cm is not None and coarsest_cm is not None and gsd_cm > coarsest_cm
    )
    return tuple(kind for kind in coarsest_gsd_cm if kind not in too_coarse), too_coarse


def too_coarse_remarks(too_coarse: tuple[str, ...]) -> tuple[str, ...]:
    """The remarks for a photo that is too coarse for these kinds: `too_coarse_for:<kind>`."""
    return tuple(f"{_TOO_COARSE}:{kind}" for kind in too_coarse)
