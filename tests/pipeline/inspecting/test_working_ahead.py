"""Working ahead changes when things are done, not what."""

from __future__ import annotations

import threading
import weakref
from contextlib import closing

import pytest

from pipeline.inspecting.working_ahead import work_ahead


def test_without_items_nothing_is_done():
    assert list(work_ahead(str, [])) == []


@pytest.mark.parametrize("count", [1, 2, 7])
def test_results_come_in_order(count):
    assert list(work_ahead(lambda item: item * 10, range(count))) == [item * 10 for item in range(count)]


def test_the_next_result_is_made_while_the_caller_is_busy():
    done = [threading.Event() for _ in range(3)]
    results = work_ahead(lambda number: done[number].set(), range(3))
    next(results)
    assert done[1].wait(5)
    results.close()


def test_an_error_comes_at_its_place_and_ends_the_work():
    begun = []

    def work(number: int) -> int:
        begun.append(number)
        return 1 // (3 - number)

    with closing(work_ahead(work, range(100))) as results:
        assert [next(results) for _ in range(3)] == [0, 0, 1]
        with pytest.raises(ZeroDivisionError):
            next(results)
    assert len(begun) <= 5


def test_an_interrupt_in_the_work_reaches_the_caller():
    def interrupted(item: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        next(work_ahead(interrupted, [1]))


class Large:
    """Stands for a decoded picture."""


def test_few_results_are_in_memory_however_slow_the_caller():
    alive: weakref.WeakSet[Large] = weakref.WeakSet()
    most = 0

    def make(number: int) -> Large:
        large = Large()
        alive.add(large)
        return large

    def use(large: Large) -> int:
        nonlocal most
        most = max(most, len(alive))
        return len(alive)

    with closing(work_ahead(make, range(40))) as made:
        assert len(list(work_ahead(use, made))) == 40
    assert most <= 3


def test_threads_end_with_the_work():
    before = threading.active_count()
    with closing(work_ahead(str, range(10))) as results:
        next(results)
    assert threading.active_count() == before
