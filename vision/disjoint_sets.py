"""Sets that grow together: which things are connected, through however many others."""

from __future__ import annotations


class DisjointSets:
    """Things numbered from 0, each alone at first."""

    def __init__(self, count: int) -> None:
        self._parent = list(range(count))

    def join(self, first: int, second: int) -> None:
        """Make one set of those that hold the two."""
        self._parent[self._root(first)] = self._root(second)

    def are_joined(self, first: int, second: int) -> bool:
        """Whether both are in one set."""
        return self._root(first) == self._root(second)

    def numbers(self) -> list[int]:
        """The number of each thing's set; sets are numbered in the order in which they appear."""
        number_of: dict[int, int] = {}
        return [number_of.setdefault(self._root(thing), len(number_of)) for thing in range(len(self._parent))]

    def _root(self, thing: int) -> int:
        while self._parent[thing] != thing:
            self._parent[thing] = self._parent[self._parent[thing]]
            thing = self._parent[thing]
        return thing
