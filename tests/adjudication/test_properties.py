"""What holds of gold whatever annotators say."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from curation.adjudication import ADJUDICATOR, LAYERS, Result, adjudicate, ballots_of
from curation.adjudication.settling import Settling
from curation.model import AnnotationSet
from curation.ontology import load_ontology
from curation.testing import annotation_sets
from curation.workflows.workspace import default_ontology_file

NEWS = load_ontology(default_ontology_file())
TEXT = "Anna Berg met Peter Lind in Oslo on Monday, and they signed a treaty there."
NAMES = ("anna", "ben", "cara", "dan")
RULES = st.sampled_from(
    [
        ("majority",),
        ("majority:2", "union"),
        ("intersection",),
        ("prefer:ben", "majority"),
        (),
    ]
)


@st.composite
def teams(draw: st.DrawFn) -> list[AnnotationSet]:
    """What one to four annotators say about one text."""
    count = draw(st.integers(1, 4))
    made = [draw(annotation_sets(TEXT, NEWS)) for _ in range(count)]
    return [one.model_copy(update={"annotator": NAMES[i]}) for i, one in enumerate(made)]


def run(sets: Sequence[AnnotationSet], rules: tuple[str, ...]) -> Result:
    """Gold by the same rules in all layers."""
    return adjudicate(sets, dict.fromkeys(LAYERS, rules))


@given(teams(), RULES, st.randoms())
def test_order_plays_no_part(
    sets: list[AnnotationSet], rules: tuple[str, ...], chance: Random
) -> None:
    """Gold and its decisions are the same in whatever order annotators come."""
    shuffled = list(sets)
    chance.shuffle(shuffled)
    assert run(shuffled, rules) == run(sets, rules)


@given(teams(), RULES)
def test_gold_is_sound_and_every_item_has_a_decision(
    sets: list[AnnotationSet], rules: tuple[str, ...]
) -> None:
    """Items, arguments and attributes of gold each have one decision that agreed on them."""
    found = run(sets, rules)
    assert list(found.gold.problems(TEXT)) == []
    agreed = [str(d.item_id) for d in found.decisions if d.status == "agreed"]
    items = [item.id for item in found.gold.items]
    for event in found.gold.events:
        items += [f"{event.id}:{a.role}:{a.target}" for a in event.arguments]
        items += [f"{event.id}:{name}" for name in event.attributes]
    assert sorted(agreed) == sorted(items)
    assert all(d.rule and d.votes for d in found.decisions if d.status != "disputed")


@given(teams(), RULES)
def test_what_is_disputed_is_not_in_gold(sets: list[AnnotationSet], rules: tuple[str, ...]) -> None:
    """No entity or event of gold stands at a position that is disputed."""
    found = run(sets, rules)
    open_places = {d.place for d in found.decisions if d.status == "disputed"}
    decided = {d.place: d.item_id for d in found.decisions if d.status == "agreed"}
    assert not open_places & decided.keys()
    count = sum(place[0] in "TE" and ":" not in place for place in decided)
    assert count == len(found.gold.items)


@given(teams(), RULES)
def test_adjudicating_gold_again_changes_nothing(
    sets: list[AnnotationSet], rules: tuple[str, ...]
) -> None:
    """Gold, taken as what an adjudicator says, is gold."""
    gold = run(sets, rules).gold
    word = gold.model_copy(update={"annotator": "eva", "kind": "adjudicator"})
    again = adjudicate(sets, dict.fromkeys(LAYERS, rules), final=word)
    assert (again.gold.entities, again.gold.events) == (gold.entities, gold.events)
    assert again.disputed == 0
    assert all(d.rule for d in again.decisions)


@given(teams(), annotation_sets(TEXT, NEWS), RULES)
def test_an_adjudicators_word_is_gold(
    sets: list[AnnotationSet], word: AnnotationSet, rules: tuple[str, ...]
) -> None:
    """Whatever annotators and rules say, gold is what the adjudicator says, and nothing is open;
    where the rules do not come to it by themselves the adjudicator is named.
    """
    word = word.model_copy(update={"annotator": "anna", "kind": "adjudicator"})
    found = adjudicate(sets, dict.fromkeys(LAYERS, rules), final=word, nested=True)
    expected = word.sorted()
    assert found.gold.entities == tuple(map(_bare, expected.entities))
    assert [(e.key, dict(e.attributes)) for e in found.gold.events] == [
        (e.key, dict(e.attributes)) for e in expected.events
    ]
    assert found.disputed == 0
    for decision in found.decisions:
        assert (decision.overruled is None) or decision.rule == f"{ADJUDICATOR}:anna"


@settings(max_examples=50)
@given(teams(), RULES, st.integers(0, 9))
def test_settling_ends(sets: list[AnnotationSet], rules: tuple[str, ...], seed: int) -> None:
    """Whoever always answers that nothing belongs there, or takes the first candidate without an
    overlap, comes to an end, and nothing is open then.
    """
    chance = Random(seed)
    work = Settling(sets, dict.fromkeys(LAYERS, rules), {})
    limit = 2 * sum(1 for _ in ballots_of(sets).all()) + 1
    for _ in range(limit):
        disputes = work.disputes()
        if not disputes:
            break
        first = disputes[0]
        keep = first.beside is None and first.place not in work.chosen and chance.random() < 0.5
        work.choose(first, first.candidates[0] if keep else None)
    assert work.decided("eva").kind == "adjudicator"


def _bare(entity: object) -> object:
    return entity.model_copy(update={"score": None, "component": None, "origin": None})  # type: ignore[attr-defined]
