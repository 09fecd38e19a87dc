"""What an audit finds in a corpus with one planted error, and what its findings are made of."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from audit.making import corpus, pair, relabelled

from curation.audit import (
    KINDS,
    Finding,
    audit,
    in_dispute,
    merged,
    open_places,
    readings,
)
from curation.audit.doubts import FOLDS, doubts, fold_of_groups
from curation.audit.entities import label_choices
from curation.model import AnnotationSet, Document, Entity

Pairs = list[tuple[Document, AnnotationSet]]


def _without(pairs: Pairs, uid: str, item: str) -> Pairs:
    """The pairs with one entity less."""
    return [
        (
            d,
            s.model_copy(
                update={"entities": tuple(e for e in s.entities if (s.uid, e.id) != (uid, item))}
            ),
        )
        for d, s in pairs
    ]


def _first(pairs: Pairs) -> Finding:
    return audit(readings(pairs))[0]


def test_a_planted_label_is_the_first_finding() -> None:
    """One name with another label than everywhere else leads the list, with the right one."""
    found = _first(relabelled(corpus(), "d07", "T1", "ORG"))
    assert (found.uid, found.item, found.kind) == ("d07", "T1", "label")
    assert (found.surface, found.now, found.suggested) == ("Tom Falk", "ORG", "PER")
    assert found.score > 0.9
    assert "the same words: 19 PER, 0 ORG" in found.reasons


def test_a_clean_corpus_has_nothing_probable() -> None:
    """Without a planted error no finding is more probable than not."""
    assert [f for f in audit(readings(corpus())) if f.score > 0.5] == []


def test_a_name_that_was_overlooked_is_found_with_its_label() -> None:
    """An unmarked place of a name that is marked elsewhere is "missed", with the usual label."""
    found = _first(_without(corpus(), "d07", "T1"))
    assert (found.kind, found.uid, found.surface) == ("missed", "d07", "Tom Falk")
    assert (found.item, found.now, found.suggested) == (None, None, "PER")


def test_a_word_too_many_is_found_with_the_right_span() -> None:
    """An entity that takes in a word that stands outside everywhere else is a "boundary"."""
    pairs = corpus()
    document, said = pairs[9]
    first, *rest = said.entities
    longer = first.model_copy(update={"start": 3})  # "arrival Peter Lind"
    pairs[9] = (document, said.model_copy(update={"entities": (longer, *rest)}))
    found = [f for f in audit(readings(pairs), kinds=["boundary"]) if f.uid == document.uid]
    assert found[0].span == (first.start, first.end)
    assert found[0].score > 0.5


def test_a_planted_type_is_found() -> None:
    """A trigger with another type than the same words have elsewhere is first of its layer."""
    pairs = corpus()
    pairs[30] = pair("d30", "On arrival [Sara Holm/PER] [met/ASSAULT] reporters in [Gent/LOC].")
    # Types are two at least, so that there is something to choose between.
    pairs += [pair(f"e{i}", "Troops [bombed/ASSAULT] the town.") for i in range(10)]
    found = audit(readings(pairs), kinds=["type"])[0]
    assert (found.uid, found.now, found.suggested) == ("d30", "ASSAULT", "CONSULT")


def test_of_two_that_contradict_each_other_the_wrong_one_stands_first() -> None:
    """A name with two places and two labels: its neighbours tell which label is the slip."""
    pairs = [
        *corpus(),
        pair("x", "On arrival [Eva Moe/PER] came. Later [Eva Moe/LOC] flew to Oslo."),
    ]
    found = [f for f in audit(readings(pairs), kinds=["label"]) if f.uid == "x"]
    assert found[0].now == "LOC"
    assert all(other.score < found[0].score for other in found[1:])


@pytest.mark.parametrize("seed", [1, 2])
def test_the_order_of_documents_plays_no_part(seed: int) -> None:
    """Shuffled pairs give the same findings, to the last digit."""
    pairs = relabelled(corpus(), "d07", "T1", "ORG")
    shuffled = random.Random(seed).sample(pairs, len(pairs))
    assert audit(readings(shuffled)) == audit(readings(pairs))


def test_the_same_twice() -> None:
    """Two runs give equal findings."""
    pairs = relabelled(corpus(), "d07", "T1", "ORG")
    assert audit(readings(pairs)) == audit(readings(pairs))


def test_no_document_stands_on_both_sides_of_a_fold() -> None:
    """All choices of a document are asked of a classifier that learnt from none of them."""
    choices = [*label_choices(readings(corpus()))]
    fold_of = fold_of_groups([c.group for c in choices], 0)
    assert {c.group for c in choices} == {c.place.uid for c in choices}
    assert sorted(set(fold_of.values())) == [*range(FOLDS)]


def test_near_duplicates_are_one_group() -> None:
    """Documents of one cluster are never on two sides."""
    read = readings(corpus(12), clusters={"d01": "k", "d02": "k"})
    assert len({r.group(0) for r in read}) == 11


def test_one_long_document_is_cut_into_blocks() -> None:
    """With few documents, blocks of them are the groups: else nothing could be learnt."""
    long = pair("long", " ".join(["[Anna Berg/PER] met [Oslo/LOC]."] * 200))
    assert len({c.group for c in label_choices(readings([long]))}) > 1


def test_fewer_than_two_values_leave_nothing_to_doubt() -> None:
    """Where everything has one label, there are no doubts, and no error."""
    assert doubts([*label_choices(readings([pair("a", "[Anna/PER] and [Ben/PER]")]))]) == []
    assert audit(readings([])) == ()


def test_another_opinion_counts() -> None:
    """A label that another annotator contradicts is more doubtful than without them."""
    pairs = relabelled(corpus(), "d07", "T1", "ORG")
    others = {s.uid: [s.model_copy(update={"annotator": "ben"})] for _, s in corpus()}
    alone, beside = (
        next(f for f in audit(readings(pairs, others=o), kinds=["label"]) if f.uid == "d07")
        for o in ({}, others)
    )
    assert beside.score > alone.score
    assert "others say PER (1); other places where that is so: 79 PER, 0 ORG" in beside.reasons


def test_how_many_mark_it_is_told_in_words() -> None:
    """Of a name that gold misses and others mark stands how many do, and what it means."""
    others = {s.uid: [s.model_copy(update={"annotator": n}) for n in "ab"] for _, s in corpus()}
    found = audit(readings(_without(corpus(), "d07", "T1"), others=others))[0]
    assert found.kind == "missed"
    (said,) = (r for r in found.reasons if "annotators" in r)
    assert said == (
        "2 of 2 annotators mark it; other places where that is so: 159 marked, 0 not marked"
    )


def test_what_is_in_dispute_is_told_from_what_is_not() -> None:
    """A finding waits where a disputed position of its layer and Document has a character of it."""
    found = [_first(_without(corpus(), "d07", "T1"))]  # Tom Falk, [11, 19)
    for uid, layer, candidates, waits in (
        ("d07", "entities", ["PER [11, 19)", "nothing"], True),
        ("d07", "entities", ["PER [18, 30)"], True),
        ("d07", "entities", ["PER [19, 30)"], False),
        ("d07", "entities", ["[11, 19) [30, 40)"], False),
        ("d07", "events", ["CONSULT [11, 19)"], False),
        ("d07", "attributes", ["tense=[11, 19)"], False),
        ("d08", "entities", ["PER [11, 19)"], False),
    ):
        places = open_places(uid, layer, candidates)
        assert in_dispute(found, places) == ({found[0].fingerprint} if waits else set())


def test_a_boundary_waits_where_it_would_end() -> None:
    """What would be taken in counts too; an argument of another event does not."""
    one = _first(relabelled(corpus(), "d07", "T1", "ORG"))  # [11, 19)
    beside = [*open_places("d07", "entities", ["ORG [20, 24)"])]
    assert not in_dispute([one], beside)
    assert in_dispute([replace(one, span=(11, 24))], beside)
    argument = replace(one, layer="arguments", item="E1")
    for event, waits in (("E1", True), ("E2", False), (None, True)):
        places = open_places("d07", "arguments", ["Actor [11, 19)"], event)
        assert bool(in_dispute([argument], places)) is waits


def test_evidence_of_two_kinds_is_one_finding() -> None:
    """Independent probabilities of being wrong are combined: 1 - (1 - a)(1 - b)."""
    read = readings(relabelled(corpus(), "d07", "T1", "ORG"))
    (one, *_) = audit(read)
    other = type(one)(**{n: getattr(one, n) for n in one.__slots__} | {"kinds": ("boundary",)})
    (both,) = merged([one, other])
    assert both.score == pytest.approx(1 - (1 - one.score) ** 2)
    assert set(both.kinds) == {"label", "boundary"}


def test_kinds_are_what_was_asked_for() -> None:
    """Only findings of the wanted kinds come."""
    pairs = _without(relabelled(corpus(), "d07", "T1", "ORG"), "d09", "T1")
    assert {f.kind for f in audit(readings(pairs), kinds=["missed"])} == {"missed"}
    assert {f.kind for f in audit(readings(pairs))} <= KINDS.keys()


def test_a_fingerprint_changes_with_the_item_and_with_nothing_else() -> None:
    """An item keeps its fingerprint beside other documents, and gets another with another label."""
    pairs = relabelled(corpus(), "d07", "T1", "ORG")
    found = _first(pairs)
    fewer = next(f for f in audit(readings(pairs[:30])) if f.uid == "d07" and f.item == "T1")
    changed = _first(relabelled(corpus(), "d07", "T1", "DATE"))
    assert fewer.fingerprint == found.fingerprint
    assert changed.fingerprint != found.fingerprint


def test_a_pipelines_word_counts_before_much_is_known() -> None:
    """Of two names with two labels the one that the pipeline calls otherwise stands first."""
    document, said = pair("a", "[Anna/PER] met [Ben/LOC]")
    proposal = pair("a", "[Anna/PER] met [Ben/PER]")[1]
    found = audit(readings([(document, said)], proposals={"a": proposal}), kinds=["label"])
    assert (found[0].surface, found[0].suggested) == ("Ben", "PER")


@pytest.mark.parametrize("text", ["   ", "\n", "a ", " \u200b "])
def test_spans_without_words_are_no_reason_to_stop(text: str) -> None:
    """Entities on blanks, at the very end or on signs that are no words are audited, too."""
    ends = [
        Entity(id=f"T{i}", start=i - 1, end=i, label=label)
        for i, label in zip(range(1, len(text) + 1), ("PER", "LOC", "ORG"), strict=False)
    ]
    said = AnnotationSet(uid="a", annotator="gold", entities=tuple(ends))
    found = audit(readings([(Document(uid="a", language="en", text=text), said)]))
    assert all(0 <= f.score <= 1 for f in found)
