"""Union-find over numbered things; a tree's root is its smallest member (Tarjan 1975)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["Forest"]


class Forest:
    """Disjoint sets of 0 … size - 1."""

    def __init__(self, size: int) -> None:
        self._parent = list(range(size))

    def root(self, index: int) -> int:
        """The smallest member of the set that `index` is in."""
        parent = self._parent
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = parent[index]
        return index

    def join(self, a: int, b: int) -> None:
        """Make one set of those of `a` and `b`."""
        low, high = sorted((self.root(a), self.root(b)))
        self._parent[high] = low

    def roots(self) -> NDArray[np.int64]:
        """The root of every number."""
        found = np.array(self._parent, dtype=np.int64)
        while (found[found] != found).any():
            found = found[found]
        return found
