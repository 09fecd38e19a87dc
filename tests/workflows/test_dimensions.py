"""By what agreement is sliced."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from curation.errors import UsageError
from curation.model import AnnotationSet, Document
from curation.settings import Agreement
from curation.workflows.agreement import SLICES, Compared, measure
from curation.workflows.dimensions import DIMENSIONS, LENGTHS, dimensions_of


def _document(uid: str = "d", words: int = 5, **fields: Any) -> Document:
    return Document(uid=uid, language="en", text="word " * words, **fields)


def _set(annotator: str, uid: str = "d", **provenance: Any) -> AnnotationSet:
    return AnnotationSet(uid=uid, annotator=annotator, provenance=provenance)


def _value(
    name: str, *provenances: dict[str, Any], settings: Agreement | None = None, **fields: Any
) -> str | None:
    """Of one document with a set for each provenance; None where it is in no slice."""
    sets = [_set(f"a{i}", **provenance) for i, provenance in enumerate(provenances)]
    documents = {"d": _document(**fields)}
    return dimensions_of(documents, sets, settings or Agreement(), [name])[name].get("d")


def test_only_what_is_wanted_is_made() -> None:
    """Languages and labels come from elsewhere; a dimension that nobody wants costs nothing."""
    documents, sets = {"d": _document(source="s")}, [_set("a")]
    found = dimensions_of(documents, sets, Agreement(), ["label", "language", "source"])
    assert found == {"source": {"d": "s"}}
    assert set(SLICES) == {"label", *DIMENSIONS}


def test_a_document_without_sets_is_in_no_slice() -> None:
    """What nobody annotated says nothing about agreement."""
    documents = {"d": _document(), "e": _document("e")}
    found = dimensions_of(documents, [_set("a")], Agreement(), ["length"])
    assert found["length"].keys() == {"d"}


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (1, "1: under 100 words"),
        (99, "1: under 100 words"),
        (100, "2: 100-299 words"),
        (299, "2: 100-299 words"),
        (300, "3: 300-999 words"),
        (999, "3: 300-999 words"),
        (1000, "4: 1000 words and more"),
    ],
)
def test_lengths_are_in_fixed_bins(words: int, name: str) -> None:
    """A bin begins with its lower bound."""
    assert _value("length", {}, words=words) == name
    assert [limit for limit, _ in LENGTHS] == [100, 300, 1000]


@pytest.mark.parametrize(
    ("published", "month"),
    [("2020-01-13", "2020-01"), ("2020-01", "2020-01"), ("2020", None), (None, None)],
)
def test_published_is_a_month_or_nothing(published: str | None, month: str | None) -> None:
    """A year alone is no month."""
    assert _value("published", {}, published=published) == month


def test_the_month_is_that_of_the_last_change() -> None:
    """Of several annotators the one who was last; without a date the document is in no slice."""
    early, late = {"updated_at": "2024-03-30T10:00:00Z"}, {"updated_at": "2024-05-01T00:00:00Z"}
    assert _value("month", late, early) == "2024-05"
    assert _value("month", early, {}) == "2024-03"
    assert _value("month", {}, {"updated_at": None}) is None


@pytest.mark.parametrize("name", ["guideline", "round"])
def test_what_annotators_say_differently_is_mixed(name: str) -> None:
    """The same for all, "mixed", what one says where the other says nothing, or nothing."""
    assert _value(name, {name: "1.2"}, {name: "1.2"}) == "1.2"
    assert _value(name, {name: "1.2"}, {name: "1.3"}) == "mixed"
    assert _value(name, {name: "1.2"}, {}) == "1.2"
    assert _value(name, {name: 2}, {name: "2"}) == "2"
    assert _value(name, {}, {}) is None


def test_rounds_by_their_first_day() -> None:
    """A day begins its round; before the first there is none; a round that is named wins."""
    rounds = {"two": date(2024, 4, 1), "one": date(2024, 1, 1)}
    settings = Agreement(rounds=rounds)

    def of(day: str, **more: str) -> str | None:
        return _value("round", {"updated_at": f"{day}T23:59:59Z", **more}, settings=settings)

    assert of("2023-12-31") is None
    assert of("2024-01-01") == "one"
    assert of("2024-03-31") == "one"
    assert of("2024-04-01") == "two"
    assert of("2024-04-01", round="pilot") == "pilot"
    assert _value("round", {}, settings=settings) is None


def test_assisted_is_yes_no_or_mixed() -> None:
    """Whether annotators began from a proposal; unknown where no set says so."""
    assert _value("assisted", {"assisted": True}, {"assisted": True}) == "yes"
    assert _value("assisted", {"assisted": False}, {}) == "no"
    assert _value("assisted", {"assisted": True}, {"assisted": False}) == "mixed"
    assert _value("assisted", {}, {}) is None


def test_agreement_under_two_guideline_versions_is_compared() -> None:
    """Versions come from the provenance of pulled sets; the difference is second less first."""
    entity = {"id": "T1", "start": 0, "end": 4, "label": "PER"}
    other = {**entity, "end": 9}
    sets = tuple(
        AnnotationSet.model_validate(
            {
                "uid": f"d{i:02}",
                "annotator": name,
                "entities": [entity if i >= 6 or name == "anna" else other],
                "provenance": {"guideline": "1.0" if i < 6 else "2.0"},
            }
        )
        for i in range(12)
        for name in ("anna", "ben")
    )
    compared = Compared({f"d{i:02}": _document(f"d{i:02}") for i in range(12)}, sets)
    report = measure(compared, slices=["guideline"], min_documents=5)
    exact = "f1(layer=entities,match=exact)"
    found = [report.estimate(exact, guideline=version) for version in ("1.0", "2.0")]
    assert [(e.value, e.n_documents) for e in found if e is not None] == [(0.0, 6), (1.0, 6)]
    (difference,) = (
        d for d in report.differences if d.dimension == "guideline" and d.name == exact
    )
    assert (difference.a, difference.b, difference.value) == ("1.0", "2.0", 1.0)
    few = measure(compared, slices=["guideline"], min_documents=7)
    estimate = few.estimate(exact, guideline="1.0")
    assert estimate is not None
    assert (estimate.value, estimate.reason) == (None, "fewer than 7 documents")


def test_a_slice_that_does_not_exist_is_wrong_use() -> None:
    """The message has those there are."""
    with pytest.raises(UsageError, match="--by weather: slices are label, language, source"):
        measure(Compared({}, ()), slices=["weather"])
