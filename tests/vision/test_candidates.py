"""What a network proposes in one tile."""

from __future__ import annotations

from random import Random

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from vision.candidates import Candidates, keep_best, read_yolo_output
from vision.tiling import Window


def candidates(*rows: tuple[float, float, float, float, float, int]) -> Candidates:
    table = np.array(rows, dtype=float).reshape(-1, 6)
    return Candidates(table[:, :4], table[:, 4], table[:, 5].astype(np.intp))


def test_nothing_is_kept_of_nothing():
    assert len(keep_best(candidates(), 0.5)) == 0


def test_a_network_that_sees_nothing_proposes_nothing():
    assert len(read_yolo_output(np.zeros((6, 84), np.float32), np.array([0.25, 0.25]))) == 0


def test_each_kind_is_proposed_where_it_reaches_its_own_threshold():
    output = np.array([[50, 10], [40, 10], [20, 4], [10, 4], [0.3, 0.2], [0.3, 0.9]], np.float32)
    found = read_yolo_output(output, np.array([0.25, 0.5]))
    assert found.kind_index.tolist() == [0, 1]
    assert found.xyxy_px.tolist() == [[40, 35, 60, 45], [8, 8, 12, 12]]


def test_of_two_overlapping_boxes_of_a_kind_the_better_stays():
    boxes = candidates((0, 0, 10, 10, 0.5, 0), (0, 0, 10, 9, 0.9, 0), (0, 0, 10, 10, 0.1, 1))
    assert keep_best(boxes, 0.5).tolist() == [1, 2]


def test_clipping_leaves_out_what_lies_in_the_padding():
    boxes = candidates((-20, 0, 5, 10, 0.5, 0), (-20, 0, 0.5, 10, 0.5, 0))
    clipped = boxes.clipped(Window(0, 0, 100, 100))
    assert clipped.xyxy_px.tolist() == [[0, 0, 5, 10]]


boxes = st.tuples(
    st.integers(0, 50), st.integers(0, 50), st.integers(60, 99), st.integers(60, 99),
    st.sampled_from([0.3, 0.5, 0.7]), st.integers(0, 1),
)  # fmt: skip


@example([(0, 0, 60, 60, 0.3, 1), (0, 0, 60, 61, 0.3, 1)], Random(1))
@given(st.lists(boxes, max_size=12), st.randoms())
def test_the_order_given_does_not_matter(rows, random):
    first = candidates(*rows)
    shuffled = list(rows)
    random.shuffle(shuffled)
    second = candidates(*shuffled)
    kept = [part.take(keep_best(part, 0.4)) for part in (first, second)]
    assert kept[0].xyxy_px.tolist() == kept[1].xyxy_px.tolist()
    assert kept[0].score.tolist() == kept[1].score.tolist()
