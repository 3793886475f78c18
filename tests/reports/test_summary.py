"""A register in a few numbers."""

from collections.abc import Callable

import pytest

from reports.contents import Contents
from reports.summary import summarise


def test_an_empty_register_counts_nothing(make_contents: Callable[..., Contents]) -> None:
    summary = summarise(make_contents())
    assert (summary.listed, summary.used_photos, summary.road_length_m, summary.surveys) == (0, 0, 0, ())


def test_roads_count_as_seen_where_their_best_survey_was_proved_to_show_them(
    sample_contents: Contents,
) -> None:
    summary = summarise(sample_contents)
    assert summary.road_length_m == pytest.approx(903, abs=3)
    assert summary.seen_road_length_m == pytest.approx(0.98 * summary.road_length_m)
