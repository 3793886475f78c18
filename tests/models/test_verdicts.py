"""What became of each finding and each labelled box, worked out by hand, and sums that must hold."""

from __future__ import annotations

from hypothesis import given

from models.scoring.average_precision import judge, score
from models.scoring.error_breakdown import MISSED, break_down_errors
from models.scoring.verdicts import Verdict, judge_reading, reported
from tests.models.scored_readings import KINDS, reading, readings

HERE, NEAR, THERE = (0.0, 0.0, 10.0, 10.0), (0.0, 0.0, 10.0, 4.0), (50.0, 50.0, 60.0, 60.0)
LOWEST = dict.fromkeys(KINDS, 0.0)


def only(truth, found) -> Verdict:
    (verdict,) = judge_reading(reading(truth, found)).verdict
    return verdict


def test_nothing_found_misses_everything():
    judged = judge_reading(reading([("crack", HERE)], []))
    assert (judged.verdict, judged.missed.tolist()) == ((), [True])
    assert judge_reading(reading([], [])).missed.tolist() == []


def test_each_sort_of_error():
    crack = [("crack", HERE)]
    assert only(crack, [("crack", 0.9, HERE)]) is Verdict.RIGHT
    assert only(crack, [("crack", 0.9, NEAR)]) is Verdict.LOOSE
    assert only(crack, [("pothole", 0.9, HERE)]) is Verdict.WRONG_KIND
    assert only(crack, [("pothole", 0.9, NEAR)]) is Verdict.LOOSE_AND_WRONG
    assert only(crack, [("crack", 0.9, THERE)]) is Verdict.BACKGROUND
    assert only([], [("crack", 0.9, HERE)]) is Verdict.BACKGROUND


def test_the_surer_of_two_findings_takes_the_box():
    judged = judge_reading(reading([("crack", HERE)], [("crack", 0.4, HERE), ("crack", 0.9, HERE)]))
    assert judged.verdict == (Verdict.DUPLICATE, Verdict.RIGHT)
    assert judged.hit.tolist() == [True]


def test_a_box_that_a_loose_finding_means_is_not_missed():
    judged = judge_reading(reading([("crack", HERE), ("crack", THERE)], [("crack", 0.9, NEAR)]))
    assert judged.missed.tolist() == [False, True]
    assert judged.iou.tolist() == [0.4]


def test_what_mending_gains():
    tiles = [
        reading([("crack", HERE)], [("crack", 0.9, NEAR)], "a"),
        reading([("crack", HERE)], [("crack", 0.8, HERE)], "b"),
    ]
    gain = break_down_errors(tiles, LOWEST).map50_gain
    # Right are one of two boxes, after a wrong finding: 51 of 101 points at a precision of ½. All is
    # right once the loose box is mended; without it half is found at a precision of 1.
    assert abs(gain["loose"] - (1 - 51 / 202)) < 1e-9
    assert gain["background"] == 0


@given(readings())
def test_every_finding_and_every_box_is_counted_once(tiles):
    counts = break_down_errors(tiles, LOWEST).per_kind
    for kind in KINDS:
        judgement = judge(tiles, kind)
        found = sum(count for word, count in counts[kind].items() if word != MISSED)
        assert found == len(judgement.score)
        assert counts[kind]["right"] == judgement.hit[:, 0].sum()
        assert counts[kind][MISSED] + counts[kind]["right"] <= judgement.boxes


@given(readings())
def test_mending_never_costs(tiles):
    gains = break_down_errors(tiles, LOWEST).map50_gain
    best = 1 - (score(tiles, LOWEST).map50 or 0)
    assert all(-1e-9 <= gain <= best + 1e-9 for word, gain in gains.items() if word != MISSED)


def test_only_what_reaches_its_threshold_is_reported():
    tile = reading([], [("crack", 0.5, HERE), ("crack", 0.4, HERE), ("pothole", 0.4, HERE)])
    (kept,) = reported([tile], {"crack": 0.5, "pothole": 0.3})
    assert kept.found.kind == ("crack", "pothole")
