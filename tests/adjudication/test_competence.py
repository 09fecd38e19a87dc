"""Weighing annotators by their competence: gold from planted errors."""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np
import pytest

from curation.adjudication import (
    LAYERS,
    Ballot,
    adjudicate,
    ballots_of,
    fit_competence,
    pattern_of,
)
from curation.adjudication.competence import _Columns
from curation.model import AnnotationSet, Entity

LABELS = ("PER", "ORG", "LOC")
Key = tuple[int, int, str]


def planted(seed: int, documents: int = 40, per: int = 15) -> list[list[Key]]:
    """The truth: entities of three labels, with room between them for false ones."""
    drawn = random.Random(seed)
    return [
        [(at * 20, at * 20 + drawn.randint(3, 9), drawn.choice(LABELS)) for at in range(per)]
        for _ in range(documents)
    ]


def annotated(truth: Sequence[Key], drawn: random.Random, *, calls: dict[str, str]) -> list[Key]:
    """One annotator's answers: a tenth goes wrong somehow, and `calls` renames labels always."""
    said: list[Key] = []
    for start, end, true in truth:
        label = calls.get(true, true)
        kind = drawn.choice(["miss", "boundary", "label", "invent"])
        if drawn.random() >= 0.1:
            said.append((start, end, label))
        elif kind == "boundary":
            said.append((start, end + drawn.randint(1, 3), label))
        elif kind == "label":
            said.append((start, end, drawn.choice([x for x in LABELS if x != label])))
        elif kind == "invent":
            said += [(start, end, label), (start + 13, start + 16, drawn.choice(LABELS))]
    return said


def as_set(uid: str, annotator: str, keys: Sequence[Key]) -> AnnotationSet:
    """Keys as an AnnotationSet."""
    entities = tuple(
        Entity(id=f"T{i}", start=s, end=e, label=label) for i, (s, e, label) in enumerate(keys)
    )
    return AnnotationSet(uid=uid, annotator=annotator, entities=entities)


def team(seed: int) -> tuple[list[list[Key]], list[list[AnnotationSet]]]:
    """The truth, and what three annotators make of it; the third calls every ORG a LOC."""
    truth = planted(seed)
    habits: dict[str, dict[str, str]] = {"anna": {}, "ben": {}, "cara": {"ORG": "LOC"}}
    drawn = random.Random(seed + 1000)
    sets = [
        [as_set(f"d{i}", who, annotated(keys, drawn, calls=habit)) for who, habit in habits.items()]
        for i, keys in enumerate(truth)
    ]
    return truth, sets


def f1(truth: Sequence[Sequence[Key]], found: Sequence[Sequence[Entity]]) -> float:
    """Exact F1 over all documents."""
    wanted = {(i, *key) for i, keys in enumerate(truth) for key in keys}
    got = {(i, *e.key) for i, entities in enumerate(found) for e in entities}
    return 2 * len(wanted & got) / (len(wanted) + len(got))


def gold_f1(truth: list[list[Key]], sets: list[list[AnnotationSet]], *rules: str) -> float:
    """F1 of gold by these rules."""
    fitted = fit_competence(b for said in sets for b in ballots_of(said).entities)
    gold = [
        adjudicate(said, dict.fromkeys(LAYERS, rules), competence={"entities": fitted}).gold
        for said in sets
    ]
    return f1(truth, [g.entities for g in gold])


@pytest.mark.parametrize("seed", range(50))
def test_weighted_beats_majority_and_majority_the_best_annotator(seed: int) -> None:
    """With a tenth of random errors and one systematic one, weighing is worth its name."""
    truth, sets = team(seed)
    best = max(f1(truth, [said[i].entities for said in sets]) for i in range(3))
    majority = gold_f1(truth, sets, "majority")
    assert best < majority < gold_f1(truth, sets, "weighted")


def test_competence_names_the_systematic_error() -> None:
    """The confusions say who calls what otherwise, and the boundaries who cuts words off."""
    _, sets = team(7)
    fitted = fit_competence(b for said in sets for b in ballots_of(said).entities)
    assert fitted is not None
    org, loc = fitted.kinds.index("ORG"), fitted.kinds.index("LOC")
    assert fitted.confusion["cara"][org][loc] > 0.8
    assert fitted.confusion["anna"][org][loc] < 0.1
    accuracy = fitted.accuracy()
    assert min(accuracy, key=lambda name: accuracy[name]) == "cara"
    assert all(share > 0.9 for share in fitted.boundary.values())


def test_one_position_is_weighed_as_all_are() -> None:
    """The formula for a single position, which needs no arrays, is that of the estimation."""
    _, sets = team(5)
    ballots = [b for said in sets[:10] for b in ballots_of(said).entities]
    fitted = fit_competence(ballots)
    assert fitted is not None
    columns = _Columns([(pattern_of(b), 1) for b in ballots], fitted.kinds, tuple(fitted.confusion))
    confusion, boundary = (np.array(list(d.values())) for d in (fitted.confusion, fitted.boundary))
    together = columns.expected(np.array(fitted.prior), confusion, boundary)
    alone = [chance for ballot in ballots for chance in fitted.weigh(ballot).values()]
    assert alone == pytest.approx(together.tolist())


def test_two_annotators_are_not_weighed() -> None:
    """With two, nothing tells who is right, and the rule decides nothing."""
    _, sets = team(7)
    two = [said[:2] for said in sets]
    assert fit_competence(b for said in two for b in ballots_of(said).entities) is None
    rules = dict.fromkeys(LAYERS, ("weighted",))
    assert any(adjudicate(said, rules).disputed for said in two)


def test_an_even_chance_is_a_dispute() -> None:
    """Three who always differ leave nothing to choose by."""
    said = [as_set("d", name, [(0, 5, label)]) for name, label in zip("abc", LABELS, strict=True)]
    fitted = {"entities": fit_competence(ballots_of(said).entities)}
    result = adjudicate(said, dict.fromkeys(LAYERS, ("weighted",)), competence=fitted)
    assert (result.disputed, result.gold.entities) == (1, ())


def test_a_weighted_decision_says_how_probable_it_is() -> None:
    """The probability stands beside the candidates; a higher threshold leaves more open."""
    _, sets = team(3)
    fitted = {"entities": fit_competence(b for said in sets for b in ballots_of(said).entities)}
    disputed = {}
    for rule in ("weighted", "weighted:0.99"):
        rules = dict.fromkeys(LAYERS, (rule,))
        results = [adjudicate(said, rules, competence=fitted) for said in sets]
        disputed[rule] = sum(r.disputed for r in results)
        decided = [d for r in results for d in r.decisions if d.rule == rule]
        least = float(rule.partition(":")[2] or 0.5)
        assert decided
        assert all(least < d.to_json()["probability"] <= 1 for d in decided)
    assert disputed["weighted"] < disputed["weighted:0.99"]


def test_who_was_not_fitted_has_no_weight() -> None:
    """An answer of somebody without any other position in the layer changes no probability."""
    votes = {"anna": "Actor", "ben": None, "cara": "Actor"}
    fitted = fit_competence([Ballot("arguments", "E1:Actor:T1", votes)])
    assert fitted is not None
    known = Ballot("arguments", "E2:Actor:T1", {"anna": "Actor", "ben": None})
    joined = Ballot("arguments", "E2:Actor:T1", {"anna": "Actor", "ben": None, "dan": "Actor"})
    assert fitted.weigh(joined) == fitted.weigh(known)


def test_a_label_that_came_meanwhile_is_not_weighed() -> None:
    """Where a candidate has a label that nobody had when annotators were weighed, none wins."""
    _, sets = team(5)
    fitted = fit_competence(b for said in sets for b in ballots_of(said).entities)
    assert fitted is not None
    keys = [(0, 4, "LAW")], [(0, 4, "PER")], [(0, 4, "PER")]
    said = [
        as_set("d", name, some) for name, some in zip(("anna", "ben", "cara"), keys, strict=True)
    ]
    (ballot,) = ballots_of(said).entities
    assert set(fitted.weigh(ballot).values()) == {0.5}
