from __future__ import annotations

from flight.coverage.visibility import visibility


def shown(gsd_m: float) -> set[str]:
    return {entry.kind for entry in visibility(gsd_m) if entry.shown}


def test_fine_photos_show_cracks_and_coarse_ones_only_large_damage() -> None:
    cracks = {"longitudinal_crack", "transverse_crack"}
    assert shown(0.008) == {*cracks, "alligator_crack", "pothole", "repair"}
    assert shown(0.012) == {"alligator_crack", "pothole", "repair"}
    assert shown(0.03) == {"repair"}
    assert shown(0.1) == set()
