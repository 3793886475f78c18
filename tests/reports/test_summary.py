"""A register in a few numbers."""

from collections.abc import Callable

import pytest

from pipeline.register.records import RunRecord
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


def test_a_survey_is_unfinished_until_a_later_run_of_it_is_done(
    make_contents: Callable[..., Contents],
) -> None:
    def run(number: int, survey: str, state: str) -> RunRecord:
        return RunRecord(number, survey, "a model", "5a", {}, "1", state, "2026-11-21T01:00:00.000Z", None)

    may = (run(1, "may", "interrupted"), run(2, "may", "done"))
    june = (run(3, "june", "done"), run(4, "june", "interrupted"))
    cut_off, later = run(5, "july", "running"), run(6, "august", "done")
    unfinished = summarise(make_contents(runs=(*may, *june, cut_off, later))).unfinished
    assert unfinished == ("june", "july")
