"""Names that --map gives, and what of them stands in the input."""

from __future__ import annotations

import pytest

from curation.errors import UsageError
from curation.formats.reading import missing, names_of
from curation.model import AnnotationSet, Argument, Entity, Event, TextSpan

SET = AnnotationSet(
    uid="a",
    annotator="anna",
    entities=(Entity(id="T1", start=0, end=4, label="GPE"),),
    events=(
        Event(
            id="E1",
            type="MEET",
            trigger=TextSpan(start=5, end=8),
            arguments=(Argument(role="Place", target="T1"),),
            attributes={"Negation": "true"},
        ),
    ),
)


def test_what_is_not_in_the_input_is_named_as_it_was_given() -> None:
    """Labels, types, roles, attributes and values; values by the attribute's new name."""
    given = ["GPE=LOC", "MEET=CONSULT", "Place=", "Negation=polarity", "polarity:true=negative"]
    assert missing(names_of(given), [SET]) == []
    wrong = ["gpe=LOC", "GPE=LOC", "Negation:true=negative", "tense:Past=past"]
    assert missing(names_of([*wrong, "Negation=polarity"]), [SET]) == [
        "gpe", "Negation:true", "tense:Past",
    ]  # fmt: skip
    assert missing(names_of(["GPE=LOC"]), []) == ["GPE"]


@pytest.mark.parametrize("given", [["A=B", "A=C"], ["A=B", "A="], ["t:x=y", " t:x = z"]])
def test_one_name_is_renamed_once(given: list[str]) -> None:
    """The second is refused with what it said."""
    with pytest.raises(UsageError, match="is renamed already"):
        names_of(given)
