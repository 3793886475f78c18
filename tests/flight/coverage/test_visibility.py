from __future__ import annotations

from flight.coverage.visibility import SMALLEST_DAMAGE, visibility
from models.catalogue import DEFAULT_MODEL, find_model


def shown(gsd_m: float) -> set[str]:
    return {entry.kind for entry in visibility(gsd_m, {}) if entry.shown}


def test_fine_photos_show_cracks_and_coarse_ones_only_large_damage() -> None:
    cracks = {"longitudinal_crack", "transverse_crack"}
    assert shown(0.008) == {*cracks, "alligator_crack", "pothole", "repair"}
    assert shown(0.012) == {"alligator_crack", "pothole", "repair"}
    assert shown(0.03) == {"repair"}
    assert shown(0.1) == set()


def test_what_the_detector_cannot_find_is_not_shown_however_large() -> None:
    repair = next(entry for entry in visibility(0.03, {"repair": 2.0}) if entry.kind == "repair")
    assert not repair.shown and repair.too_coarse_for_detector == 2.0
    assert next(entry for entry in visibility(0.02, {"repair": 2.0}) if entry.kind == "repair").shown


def test_the_shipped_detector_sets_the_limits() -> None:
    limits_cm = find_model(DEFAULT_MODEL).coarsest_gsd_cm
    assert set(limits_cm) == {smallest.kind for smallest in SMALLEST_DAMAGE}
    told = {entry.kind: entry.too_coarse_for_detector for entry in visibility(0.1)}
    assert told == dict(limits_cm)
