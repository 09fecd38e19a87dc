"""Groups change parts as long as that brings the parts closer to their shares.

Two aims, the first before the second: a trait that as many groups carry as there are parts is in
every part; and the counts of every trait in every part are near its share of the whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

__all__ = ["Balance", "improved"]

Floats = NDArray[np.float64]

_WORK = 400_000_000
"""Additions that moving groups for balance may take."""
_MOVES = 3_000
_ROUNDS = 60
"""Rounds of exchanges, one between any two parts in each."""
_CANDIDATES = 100
"""Groups of a part that are looked at for an exchange."""
_WALK = 4_000
"""Steps that giving each part its traits may take."""
_JOINT = 0.15
"""What a joint trait weighs beside a trait of its own."""
_DOCUMENTS = 4.0


class Carrier(Protocol):
    """A Unit of `assignment`, as far as it is balanced."""

    @property
    def traits(self) -> Mapping[str, int]: ...
    @property
    def joint(self) -> Mapping[str, int]: ...
    @property
    def live(self) -> bool: ...


@dataclass(frozen=True)
class Balance:
    """Groups by traits, where each group is, and the share of each part.

    The first column counts Documents, the next `required` ones traits that every part should have.
    """

    groups: Sequence[str]
    traits: Sequence[str]
    required: int
    counts: Any
    parts: NDArray[np.int64]
    shares: Floats

    @classmethod
    def of(
        cls,
        members: Mapping[str, Iterable[Carrier]],
        where: Mapping[str, int],
        shares: Sequence[float],
    ) -> Balance:
        """From the units of each group and the number of the part that it is in."""
        from scipy.sparse import csr_matrix

        groups = [g for g in members if g in where]
        single = sorted({t for g in groups for u in members[g] if u.live for t in u.traits})
        joint = sorted({t for g in groups for u in members[g] if u.live for t in u.joint})
        column = {t: i for i, t in enumerate(["", *single])}
        beside = {t: len(column) + i for i, t in enumerate(joint)}
        rows, columns, values = [], [], []
        for row, group in enumerate(groups):
            for unit in members[group]:
                if not unit.live:
                    continue
                found = [(0, 1), *((column[t], n) for t, n in unit.traits.items() if n > 0)]
                found += [(beside[t], n) for t, n in unit.joint.items() if n > 0]
                rows += [row] * len(found)
                columns += [c for c, _ in found]
                values += [n for _, n in found]
        shape = (len(groups), len(column) + len(beside))
        return cls(
            groups=groups,
            traits=["", *single, *joint],
            required=len(single),
            counts=csr_matrix((np.array(values, dtype=np.float64), (rows, columns)), shape=shape),
            parts=np.array([where[g] for g in groups], dtype=np.int64),
            shares=np.array(shares, dtype=np.float64),
        )


def improved(
    balance: Balance, *, movable: Iterable[str], seed: int
) -> tuple[dict[str, int], list[tuple[str, int]]]:
    """The part of each group afterwards, and (trait, part) where a trait is missing in a part."""
    free = set(movable)
    mask = np.array([g in free for g in balance.groups], dtype=bool)
    state = _State(balance)
    if len(balance.shares) > 1 and mask.any():
        state.cover(mask, seed)
        state.move(mask)
        state.swap(mask)
    parts = dict(zip(balance.groups, state.parts.tolist(), strict=True))
    return parts, [(balance.traits[t], int(p)) for p, t in zip(*state.missing(), strict=True)]


class _State:
    """Where groups are now, with the counts of each part kept up to date."""

    def __init__(self, balance: Balance) -> None:
        self.counts: csr_matrix = balance.counts.tocsr()
        self.counts.sum_duplicates()
        self.parts = balance.parts.copy()
        shares = balance.shares
        self._k = len(shares)
        totals = np.asarray(self.counts.sum(axis=0)).ravel()
        self._wanted = np.outer(shares, totals)
        weight = np.full(len(totals), _JOINT)
        weight[: balance.required + 1] = 1.0
        weight[0] = _DOCUMENTS
        self._weight = weight / (self._wanted * (self._wanted + 4.0) + 1e-9)
        carriers = np.diff(self.counts.tocsc().indptr)
        self._needed = carriers >= self._k
        self._needed[0] = False
        self._needed[balance.required + 1 :] = False
        self._has: csr_matrix = self.counts.copy()
        self._has.data = np.where(self._needed[self._has.indices], 1.0, 0.0)
        self._has.eliminate_zeros()
        member = np.eye(self._k)[self.parts]
        self._sums = np.asarray(self.counts.T @ member).T.copy()
        self._present = np.asarray(self._has.T @ member).T.copy()

    def missing(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Parts and traits."""
        found = np.nonzero((self._present < 0.5) & self._needed)
        return found[0], found[1]

    def put(self, group: int, part: int) -> None:
        """Move a group."""
        old = self.parts[group]
        for table, sums in ((self.counts, self._sums), (self._has, self._present)):
            low, high = table.indptr[group], table.indptr[group + 1]
            sums[old, table.indices[low:high]] -= table.data[low:high]
            sums[part, table.indices[low:high]] += table.data[low:high]
        self.parts[group] = part

    def cover(self, mask: NDArray[np.bool_], seed: int) -> None:
        """Give each part the traits it lacks: a walk as that of Selman, Kautz & Cohen (1994).

        A step takes a missing trait at random and moves the group that breaks least, or now and
        then any; the best state that was met is kept.
        """
        chance = np.random.default_rng(seed)
        best, kept = len(self.missing()[0]), self.parts.copy()
        carriers = self._has.tocsc()
        for _ in range(_WALK):
            parts, traits = self.missing()
            if len(parts) < best:
                best, kept = len(parts), self.parts.copy()
            if not best:
                return
            pick = chance.integers(len(parts))
            part, trait = int(parts[pick]), int(traits[pick])
            found = carriers.indices[carriers.indptr[trait] : carriers.indptr[trait + 1]]
            able = np.sort(found[mask[found] & (self.parts[found] != part)])
            if len(able):
                self.put(int(self._least(able, part, chance)), part)
        for group in np.flatnonzero(kept != self.parts):
            self.put(int(group), int(kept[group]))

    def _least(self, able: NDArray[Any], part: int, chance: np.random.Generator) -> Any:
        """The group that takes least from others by going to `part`; one in ten, any group."""
        if chance.random() < 0.1:
            return chance.choice(able)
        rows = self._has[able]
        ours = self.parts[able]
        lone = (self._present < 1.5).astype(np.float64)
        absent = (self._present[part] < 0.5).astype(np.float64)
        broken = np.asarray(rows.multiply(lone[ours]).sum(axis=1)).ravel() - rows @ absent
        cost = self._costs(able)
        change = cost[:, part] - cost[np.arange(len(able)), ours]
        first = np.flatnonzero(broken == broken.min())
        return able[first[np.argmin(change[first])]]

    def _costs(self, groups: NDArray[Any]) -> Floats:
        """Groups by parts: what their being there adds to the squared, weighted distance."""
        counts = self.counts[groups]
        weights = np.asarray(counts.multiply(counts) @ self._weight.T)
        found = 2 * np.asarray(counts @ (self._weight * (self._sums - self._wanted)).T) + weights
        here = np.arange(len(groups)), self.parts[groups]
        found[here] -= 2 * weights[here]
        return np.asarray(found)

    def move(self, mask: NDArray[np.bool_]) -> None:
        """One group at a time, always the one that brings most, without taking a trait away."""
        every = np.flatnonzero(mask)
        rows = np.arange(len(every))
        steps = min(_MOVES, _WORK // max(self.counts.nnz * self._k, 1))
        for _ in range(steps):
            cost = self._costs(every)
            cost -= cost[rows, self.parts[every]][:, None]
            cost[self._alone()[every] > 0] = 0.0
            best = int(np.argmin(cost))
            if cost.flat[best] > -1e-9:
                return
            self.put(int(every[best // self._k]), best % self._k)

    def swap(self, mask: NDArray[np.bool_]) -> None:
        """Two groups of two parts at a time, as long as that brings something."""
        rounds = min(_ROUNDS, _WORK // max(self.counts.nnz * self._k, 1))
        for _ in range(rounds):
            swaps = [self._swapped(a, b, mask) for a, b in combinations(range(self._k), 2)]
            if not any(swaps):
                return

    def _swapped(self, a: int, b: int, mask: NDArray[np.bool_]) -> bool:
        """Whether the best exchange between two parts brought something; it is made then."""
        free = mask & (self._alone() == 0)
        sides = []
        for here, there in ((a, b), (b, a)):
            groups = np.flatnonzero(free & (self.parts == here))
            cost = self._costs(groups)
            change = cost[:, there] - cost[:, here]
            order = np.argsort(change, kind="stable")[:_CANDIDATES]
            sides.append((groups[order], change[order]))
        (first, leaving), (second, coming) = sides
        if not len(first) or not len(second):
            return False
        weighted = self.counts[first].multiply(self._weight[a] + self._weight[b]).tocsr()
        shared = (weighted @ self.counts[second].T).toarray()
        change = leaving[:, None] + coming[None, :] - 2 * shared
        best = int(np.argmin(change))
        if change.flat[best] > -1e-9:
            return False
        self.put(int(first[best // len(second)]), b)
        self.put(int(second[best % len(second)]), a)
        return True

    def _alone(self) -> Floats:
        """Of each group: traits that no other group of its part has."""
        last = ((self._present > 0.5) & (self._present < 1.5)).astype(np.float64)
        found = np.asarray(self._has @ last.T)
        return np.asarray(found[np.arange(len(self.parts)), self.parts])
