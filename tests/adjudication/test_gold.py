"""Gold from several annotators."""

import itertools

import pytest

from curation.adjudication import LAYERS, Agreed, Disputed, adjudicate, check_rules, decide
from curation.adjudication.positions import align
from curation.errors import UsageError
from curation.model import AnnotationSet, Argument, Entity, Event, TextSpan

MAJORITY = dict.fromkeys(LAYERS, ("majority",))


def entity(start: int, end: int, label: str = "PER", name: str = "T1") -> Entity:
    """An entity, with its offsets first."""
    return Entity(id=name, start=start, end=end, label=label)


def said(
    annotator: str, *entities: Entity, events: tuple[Event, ...] = (), uid: str = "d"
) -> AnnotationSet:
    """What one annotator says."""
    return AnnotationSet(uid=uid, annotator=annotator, entities=entities, events=events)


def event(
    start: int, end: int, kind: str = "CONSULT", *, actor: str | None = "T1", tense: str = "past"
) -> Event:
    """An event with at most one argument and one attribute."""
    return Event(
        id="E1",
        type=kind,
        trigger=TextSpan(start=start, end=end),
        arguments=(Argument(role="Actor", target=actor),) if actor else (),
        attributes={"tense": tense},
    )


@pytest.mark.parametrize(
    ("votes", "rules", "expected"),
    [
        ({"a": "X", "b": "X"}, ["majority"], Agreed("X", "unanimous")),
        ({"a": "X", "b": "X", "c": "Y"}, ["majority"], Agreed("X", "majority")),
        ({"a": "X", "b": None, "c": None}, ["majority"], Agreed(None, "majority")),
        ({"a": "X", "b": "Y"}, ["majority"], Disputed(("X", "Y"))),
        ({"a": "X", "b": None}, ["majority"], Disputed(("X", None))),
        ({"a": "X", "b": "Y"}, ["majority", "prefer:b"], Agreed("Y", "prefer:b")),
        ({"a": "X", "b": "Y"}, ["prefer:c"], Disputed(("X", "Y"))),
        ({"a": "X", "b": "X", "c": "Y"}, ["unanimous"], Disputed(("X", "Y"))),
        ({"a": "X", "b": "X", "c": "Y", "d": "Z"}, ["majority"], Disputed(("X", "Y", "Z"))),
        ({"a": "X", "b": "X", "c": "Y", "d": "Z"}, ["majority:2"], Agreed("X", "majority:2")),
        ({"a": "X", "b": "X", "c": "Y", "d": "Y"}, ["majority:2"], Disputed(("X", "Y"))),
        ({"a": "X", "b": "X", "c": "Y"}, ["majority:3"], Disputed(("X", "Y"))),
        ({"a": "X", "b": None, "c": None}, ["union"], Agreed("X", "union")),
        ({"a": "X", "b": "Y", "c": None}, ["union"], Disputed(("X", "Y", None))),
        ({"a": "X", "b": "X", "c": None}, ["intersection"], Agreed(None, "intersection")),
        ({"a": "X", "b": "X"}, ["intersection"], Agreed("X", "unanimous")),
        ({"a": "X", "b": "Y"}, ["weighted"], Disputed(("X", "Y"))),
    ],
)
def test_rules(votes: dict[str, str | None], rules: list[str], expected: object) -> None:
    """Each rule decides what its name says; ties are disputes; rules are tried in order."""
    outcome = decide(votes, rules)
    if isinstance(outcome, Disputed) and isinstance(expected, Disputed):
        assert set(outcome.candidates) == set(expected.candidates)
    else:
        assert outcome == expected


def test_unknown_rule_is_refused() -> None:
    """A rule that does not exist, or a preference for nobody, is an error that names the rules."""
    wrong = (
        "plurality",
        "prefer",
        "prefer:",
        "majority:anna",
        "majority:0",
        "majority:",
        "union:a",
    )
    for rule in (*wrong, "weighted:0.2", "weighted:1", "weighted:nan"):
        with pytest.raises(UsageError, match="prefer:NAME"):
            check_rules([rule])
    check_rules(["majority:2", "weighted", "weighted:0.9", "union", "intersection", "prefer:a:b"])


def test_boundary_disagreement_is_one_position() -> None:
    """Overlapping spans of two annotators are two candidates of one position."""
    positions = align({"a": [entity(0, 5)], "b": [entity(0, 8)]})
    assert [sorted(p) for p in positions] == [["a", "b"]]


def test_touching_spans_are_two_positions() -> None:
    """Spans that only touch are not aligned."""
    assert len(align({"a": [entity(0, 5)], "b": [entity(5, 8)]})) == 2


def test_alignment_is_one_to_one() -> None:
    """A long span against two short ones takes one of them; the other stays alone."""
    positions = align({"a": [entity(0, 10)], "b": [entity(0, 4, name="T1"), entity(5, 10)]})
    assert sorted(len(p) for p in positions) == [1, 2]


def test_gold_does_not_depend_on_order() -> None:
    """Any order of annotators gives the same gold and the same decisions."""
    sets = [
        said("a", entity(0, 5), entity(10, 14, "LOC", "T2"), events=(event(6, 9),)),
        said("b", entity(0, 5), entity(10, 16, "LOC", "T2"), events=(event(6, 9, "AGREE"),)),
        said("c", entity(0, 5, "ORG"), events=(event(6, 9),)),
    ]
    results = [adjudicate(list(order), MAJORITY) for order in itertools.permutations(sets)]
    assert all(r == results[0] for r in results)
    assert [e.key for e in results[0].gold.entities] == [(0, 5, "PER")]
    assert [e.key for e in results[0].gold.events] == [(6, 9, "CONSULT")]


def test_nothing_disputed_is_in_gold() -> None:
    """Every gold item has an agreed decision, and what is disputed is missing."""
    sets = [said("a", entity(0, 5), events=(event(6, 9),)), said("b", entity(0, 7))]
    result = adjudicate(sets, MAJORITY)
    assert result.gold.entities == ()
    assert result.gold.events == ()
    assert result.disputed == 2


def test_argument_of_a_disputed_entity_is_disputed() -> None:
    """An argument whose filler is open is open too, though all agree on the role."""
    sets = [
        said("a", entity(0, 5), events=(event(6, 9),)),
        said("b", entity(0, 5, "ORG"), events=(event(6, 9),)),
    ]
    result = adjudicate(sets, MAJORITY)
    assert [d.status for d in result.decisions if d.layer == "arguments"] == ["disputed"]
    assert result.gold.events[0].arguments == ()


def test_attributes_are_decided_one_by_one() -> None:
    """A dispute about the tense leaves the event in gold without a tense."""
    sets = [said(n, events=(event(6, 9, actor=None, tense=t),)) for n, t in (("a", "past"),)]
    sets.append(said("b", events=(event(6, 9, actor=None, tense="future"),)))
    result = adjudicate(sets, MAJORITY)
    assert result.gold.events[0].attributes == {}
    assert result.disputed == 1


def test_gold_entities_never_overlap() -> None:
    """Where two agreed positions would overlap, the later one is a dispute."""
    sets = [
        said("a", entity(0, 10, name="T1")),
        said("b", entity(0, 10, name="T1")),
        said("c", entity(5, 12, name="T1"), entity(0, 4, name="T2")),
        said("d", entity(5, 12, name="T1"), entity(0, 4, name="T2")),
    ]
    gold = adjudicate(sets, dict.fromkeys(LAYERS, ("prefer:a", "prefer:c"))).gold
    spans = sorted((e.start, e.end) for e in gold.entities)
    assert all(first[1] <= second[0] for first, second in itertools.pairwise(spans))


def test_nested_entities_are_gold_where_the_ontology_has_them() -> None:
    """Spans within each other stay apart in alignment, and in gold where they may overlap."""
    sets = [said(n, entity(0, 20, "ORG"), entity(8, 14, "LOC", "T2")) for n in ("a", "b")]
    keys = [e.key for e in adjudicate(sets, MAJORITY, nested=True).gold.entities]
    assert keys == [(0, 20, "ORG"), (8, 14, "LOC")]
    assert adjudicate(sets, MAJORITY).disputed == 1


def test_both_empty_is_gold_without_items() -> None:
    """A Document that all saw and left empty has an empty gold set."""
    result = adjudicate([said("a"), said("b")], MAJORITY)
    assert (result.gold.entities, result.gold.events, result.decisions) == ((), (), ())


def test_decisions_name_the_items_of_gold() -> None:
    """Each agreed decision names an item that gold has; each gold item has exactly one."""
    sets = [
        said("a", entity(0, 5), entity(20, 25, name="T2"), events=(event(6, 9, actor="T2"),)),
        said("b", entity(20, 25, name="T1"), events=(event(6, 9, actor="T1"),)),
        said("c", entity(20, 25, name="T1"), events=(event(6, 9, actor="T1"),)),
    ]
    result = adjudicate(sets, MAJORITY)
    items = {e.id for e in (*result.gold.entities, *result.gold.events)}
    arguments = {f"{e.id}:{a.role}:{a.target}" for e in result.gold.events for a in e.arguments}
    attributes = {f"{e.id}:{name}" for e in result.gold.events for name in e.attributes}
    named = [d.item_id for d in result.decisions if d.status == "agreed"]
    assert sorted(named, key=str) == sorted(items | arguments | attributes)
    assert [d.item_id for d in result.decisions if d.status == "rejected"] == [None]
    assert "E1:Actor:T1" in named


def test_argument_falls_with_its_entity() -> None:
    """Where most say that there is no entity, an argument that points there is decided too."""
    sets = [
        said("a", entity(0, 5), events=(event(6, 9),)),
        said("b", events=(event(6, 9, actor=None),)),
        said("c", events=(event(6, 9, actor=None),)),
    ]
    rules = {**MAJORITY, "arguments": ("prefer:a",)}
    result = adjudicate(sets, rules)
    assert result.disputed == 0
    assert [(d.status, d.rule) for d in result.decisions if d.layer == "arguments"] == [
        ("rejected", "no entity")
    ]
