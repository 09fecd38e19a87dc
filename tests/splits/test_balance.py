"""Every part has its share of every label."""

from __future__ import annotations

import itertools
import random
import warnings
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.splits.assignment import Unit, assign, folds, place

PARTS = {"train": 0.7, "dev": 0.15, "test": 0.15}
TYPES = [f"type={i:02}" for i in range(16)]


def zipf(n: int, seed: int, most: int = 3) -> list[Unit]:
    """`n` Documents with one to `most` events of 16 types of Zipf frequency, most groups single."""
    rng = random.Random(seed)
    weights = [1 / rank for rank in range(1, len(TYPES) + 1)]
    return [
        Unit(
            f"d{i:04}",
            f"g{rng.randrange(n):04}",
            Counter(rng.choices(TYPES, weights, k=rng.randint(1, most)))
            + Counter({f"language={rng.choice('abcde')}": 1}),
        )
        for i in range(n)
    ]


def first_type(unit: Unit) -> int:
    """The class of a Document, where it may have one only: the type of its first event."""
    return TYPES.index(next(trait for trait in unit.traits if trait in TYPES))


def deviations(units: Sequence[Unit], where: Mapping[str, str]) -> list[float]:
    """By part and type of 30 groups or more: how far its share is from that of the whole."""
    groups = {t: {u.group for u in units if t in u.traits} for t in TYPES}
    counted = {part: Counter[str]() for part in sorted(set(where.values()))}
    for unit in units:
        counted[where[unit.uid]].update({t: n for t, n in unit.traits.items() if t in groups})
    whole = sum(counted.values(), Counter[str]())
    return [
        abs(inside[t] / inside.total() / (whole[t] / whole.total()) - 1)
        for inside in counted.values()
        for t in TYPES
        if len(groups[t]) >= 30
    ]


def scikit_learn(units: Sequence[Unit], seed: int) -> dict[str, str]:
    """Parts of 70, 15 and 15% from 20 folds of StratifiedGroupKFold."""
    from sklearn.model_selection import StratifiedGroupKFold

    splitter = StratifiedGroupKFold(n_splits=20, shuffle=True, random_state=seed)
    found = splitter.split(
        np.zeros(len(units)), [first_type(u) for u in units], [u.group for u in units]
    )
    names = ["train"] * 14 + ["dev"] * 3 + ["test"] * 3
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that a class has fewer members than there are folds
        rows = list(zip(names, found, strict=True))
    return {units[i].uid: part for part, (_, fold) in rows for i in fold}


@pytest.mark.parametrize("most", [1, 3])
@pytest.mark.parametrize("seed", range(4))
def test_shares_are_near_those_of_the_whole_nearer_than_elsewhere(seed: int, most: int) -> None:
    """Of 1,000 Documents with 16 types: within a fifth, and better than StratifiedGroupKFold."""
    units = zipf(1000, seed, most)
    where = {a.uid: a.part for a in assign(units, PARTS, seed=seed)}
    ours, theirs = deviations(units, where), deviations(units, scikit_learn(units, seed))
    assert max(ours) < 0.2
    assert np.mean(ours) < np.mean(theirs)
    assert max(ours) < max(theirs)
    sizes = Counter(where.values())
    assert all(abs(sizes[part] - 1000 * share) <= 10 for part, share in PARTS.items())


def test_folds_are_of_one_size_and_no_group_is_in_two() -> None:
    """Five folds of 200 Documents, each with its share of the types."""
    units = zipf(1000, 5)
    made = folds(units, 5, seed=5)
    assert max(Counter(a.part for a in made).values()) <= 203
    assert len({(a.group, a.part) for a in made}) == len({a.group for a in made})
    assert max(deviations(units, {a.uid: a.part for a in made})) < 0.2


@st.composite
def small(draw: st.DrawFn) -> tuple[list[Unit], int]:
    """Few groups with few traits, and a number of parts."""
    k = draw(st.integers(2, 3))
    carried = draw(st.lists(st.sets(st.sampled_from("abcdef"), max_size=4), min_size=k, max_size=8))
    units = [Unit(f"u{i}", f"g{i}", dict.fromkeys(sorted(c), 1)) for i, c in enumerate(carried)]
    return units, k


@given(small())
@settings(max_examples=15, deadline=None, derandomize=True)
def test_no_label_is_missing_where_none_has_to_be(drawn: tuple[list[Unit], int]) -> None:
    """Where trying every assignment finds one with each common label in each part, so do we."""
    units, k = drawn
    carriers = [[i for i, u in enumerate(units) if t in u.traits] for t in "abcdef"]
    common = [c for c in carriers if len(c) >= k]
    possible = any(
        all(len({given_[i] for i in c}) == k for c in common)
        for given_ in itertools.product(range(k), repeat=len(units))
    )
    made = place(units, {str(part): 1 / k for part in range(k)}, seed=1)
    where = {a.uid: a.part for a in made.assigned}
    complete = all(len({where[f"u{i}"] for i in c}) == k for c in common)
    assert complete == possible == (not made.missing)


def test_what_a_part_misses_is_said() -> None:
    """Each of three labels on two of three groups: two parts cannot both have all three."""
    units = [Unit(str(i), str(i), {t: 1 for t in "abc" if t != "abc"[i]}) for i in range(3)]
    (missing,) = place(units, {"x": 0.5, "y": 0.5}, seed=1).missing
    assert missing[0] in "abc"
    assert missing[1] in "xy"
