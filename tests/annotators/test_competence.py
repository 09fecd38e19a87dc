"""Intervals of competence."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from curation.adjudication.competence import Pattern, fit_patterns
from curation.annotators import competence
from curation.annotators.competence import fit_with_intervals

RATES = {"anna": 0.95, "ben": 0.8, "cara": 0.6}


def documents(number: int, *, seed: int = 5, names: tuple[str, ...] = tuple(RATES)) -> list[
    Counter[Pattern]
]:  # fmt: skip
    """Documents of ten positions, at each of which people are right at their rates."""
    rng = random.Random(seed)
    made = []
    for _ in range(number):
        found: Counter[Pattern] = Counter()
        for _ in range(10):
            true = rng.choice(("PER", "LOC", ""))
            answers = [
                true if rng.random() < RATES[name] else rng.choice(("PER", "LOC", ""))
                for name in names
            ]
            order = {kind: n for n, kind in enumerate(dict.fromkeys(answers))}
            found[tuple((n, k, order[k]) for n, k in zip(names, answers, strict=True))] += 1
        made.append(found)
    return made


def test_the_value_is_the_fit_over_all() -> None:
    """What `fit_patterns` says, with the positions that somebody answered."""
    made = documents(30)
    whole: Counter[Pattern] = Counter()
    for document in made:
        whole.update(document)
    found = fit_with_intervals(made, refits=20)
    expected = fit_patterns(whole)
    assert found is not None
    assert expected is not None
    assert {name: one.accuracy for name, one in found.items()} == expected.accuracy()
    assert {one.positions for one in found.values()} == {300}


@pytest.mark.parametrize(
    ("number", "method"), [(4, None), (5, "jackknife-t"), (19, "jackknife-t"), (20, "bootstrap")]
)
def test_the_method_hangs_on_the_number(number: int, method: str | None) -> None:
    """None below five, the jackknife below twenty, then the bootstrap, as for agreement."""
    found = fit_with_intervals(documents(number), refits=20)
    assert found is not None
    for one in found.values():
        assert one.interval.method == method
        if one.interval.bounds is None:
            assert one.interval.reason == "too few documents"
        else:
            low, high = one.interval.bounds
            assert 0 <= low < one.accuracy < high <= 1


def test_more_documents_narrow_the_interval() -> None:
    """Four times as many, about half as wide."""
    widths = []
    for number in (40, 160):
        found = fit_with_intervals(documents(number), refits=100)
        assert found is not None
        assert found["cara"].interval.bounds is not None
        low, high = found["cara"].interval.bounds
        widths.append(high - low)
    assert 1.5 < widths[0] / widths[1] < 2.7


def test_near_duplicates_are_drawn_together() -> None:
    """The same documents in four clusters are four things to draw: too few."""
    found = fit_with_intervals(documents(8), clusters=[1, 1, 2, 2, 3, 3, 4, 4])
    assert found is not None
    assert {one.interval.bounds for one in found.values()} == {None}


def test_two_annotators_have_no_competence() -> None:
    """With two, nothing tells who of them is right."""
    assert fit_with_intervals(documents(20, names=("anna", "ben"))) is None
    assert fit_with_intervals([]) is None


def test_a_seed_gives_the_same_interval_again() -> None:
    """And another seed another one."""
    made = documents(25)
    first = fit_with_intervals(made, seed=3, refits=20)
    assert first == fit_with_intervals(made, seed=3, refits=20)
    assert first != fit_with_intervals(made, seed=4, refits=20)


def test_many_patterns_are_left_out_by_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond what the bootstrap can do in time: as wide an interval, from 20 fits."""
    made = documents(200)
    usual = fit_with_intervals(made, refits=100)
    monkeypatch.setattr(competence, "_MOST", 1)
    grouped = fit_with_intervals(made, refits=100)
    assert usual is not None
    assert grouped is not None
    for name, one in grouped.items():
        assert one.accuracy == usual[name].accuracy
        assert one.interval.method == "jackknife-t"
        widths = [r[name].interval.bounds or (0, 0) for r in (grouped, usual)]
        assert 0.6 < (widths[0][1] - widths[0][0]) / (widths[1][1] - widths[1][0]) < 1.7
    assert grouped == fit_with_intervals(made, refits=100)
