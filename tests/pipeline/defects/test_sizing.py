"""One size from several looks."""

from __future__ import annotations

from dataclasses import replace

from shapely import box

from pipeline.defects.sizing import size_of
from pipeline.sighting import Sighting

SEEN = Sighting(
    "a", "p", "march", None, "flight", "pothole", 0.5, -6.3, 106.84, 2.0, 2.0, 0.0, 0.6, 0.4, 0.2,
    box(106.84, -6.3, 106.840005, -6.299995),
)  # fmt: skip


def seen(**columns: tuple[object, ...]) -> list[Sighting]:
    return [
        replace(SEEN, **dict(zip(columns, row, strict=True))) for row in zip(*columns.values(), strict=True)
    ]


def test_boxes_alone_measure_nothing_of_the_damage_itself():
    size = size_of([SEEN])
    assert (size.length_m, size.width_m, size.area_m2, size.outlined) == (0.6, 0.4, 0.2, False)
    assert (size.crack_length_m, size.crack_width_m, size.diameter_m) == (None, None, None)


def test_small_things_have_the_median_size_and_large_ones_that_of_the_longest_view():
    assert size_of(seen(length_m=(0.5, 0.6, 1.4))).length_m == 0.6
    assert size_of(seen(length_m=(2.0, 9.0, 4.0))).length_m == 9.0


def test_outlines_outweigh_boxes():
    size = size_of(
        seen(length_m=(0.9, 0.9, 0.5), outlined=(False, False, True), diameter_m=(None, None, 0.4))
    )
    assert (size.length_m, size.diameter_m, size.outlined) == (0.5, 0.4, True)


def test_one_wild_width_does_not_count():
    size = size_of(seen(outlined=(True,) * 3, crack_width_m=(0.011, 0.012, 0.090)))
    assert size.crack_width_m == 0.012


def test_a_crack_that_most_views_found_too_thin_to_measure_has_no_width():
    assert size_of(seen(outlined=(True,) * 3, crack_width_m=(None, None, 0.03))).crack_width_m is None
    assert size_of(seen(outlined=(True,) * 2, crack_width_m=(None, 0.03))).crack_width_m == 0.03


def test_a_crack_cut_by_the_pictures_edge_has_its_longest_view():
    size = size_of(seen(length_m=(2.0, 5.0), outlined=(True, True), crack_length_m=(2.2, 5.6)))
    assert size.crack_length_m == 5.6
