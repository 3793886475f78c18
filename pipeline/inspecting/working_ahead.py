"""Working ahead: the next result is made in another thread while the caller deals with the last one."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def work_ahead(work: Callable[[Item], Result], items: Iterable[Item]) -> Generator[Result, None, None]:
    """The results of `work` for the items, in their order, each made one ahead in a thread of its own.

    Stages can be chained: each works in its own thread, on one item at a time. At most two items of a
    stage are about that the caller has not got yet: the one that is worked on, and the next or the last.
    No result and no item is kept once it has been handed on. What `work` raises is raised to the caller
    at that result; then, and when the caller leaves off, the work in hand is awaited and no more begun.
    """
    pool = ThreadPoolExecutor(1)
    begun: list[Future[Result]] = []
    try:
        for item in items:
            begun.append(pool.submit(work, item))
            del item
            if len(begun) > 1:
                yield begun.pop(0).result()
        for _ in range(len(begun)):
            yield begun.pop(0).result()
    finally:
        pool.shutdown(cancel_futures=True)
