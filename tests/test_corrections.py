"""What became of suggestions, by hand-made corrections."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.corrections import Minutes, Survival, minutes, survival, was_corrected
from curation.edits import edits
from curation.model import AnnotationSet
from curation.testing import annotation_set

TEXT = "Anna Berg met Peter Lind in Oslo on Monday and Norway protested."
PROPOSAL = annotation_set(
    TEXT,
    [("Anna Berg", "PER"), ("Lind", "PER"), ("Oslo", "LOC"), ("Norway", "ORG")],
    [("met", "CONSULT", {"Actor": "Anna Berg", "Recipient": "Lind", "Location": "Oslo"})],
    kind="model",
)


def said(
    origins: dict[str, str],
    entities: list[tuple[str, str]],
    events: list[tuple[str, str, dict[str, str]]],
    **provenance: Any,
) -> AnnotationSet:
    """What a person handed in; `origins` by surface of the item."""
    made = annotation_set(TEXT, entities, events, provenance=provenance)

    def marked(item: Any) -> Any:
        origin = origins.get(TEXT[item.start : item.end])
        return item.model_copy(update={"origin": origin})

    update = {
        "entities": tuple(map(marked, made.entities)),
        "events": tuple(map(marked, made.events)),
    }
    return made.model_copy(update=update)


CORRECTED = said(
    {
        "Anna Berg": "prediction",
        "Peter Lind": "prediction-changed",
        "Norway": "prediction-changed",
        "Monday": "manual",
        "met": "prediction",
        "protested": "manual",
    },
    [("Anna Berg", "PER"), ("Peter Lind", "PER"), ("Norway", "LOC"), ("Monday", "DATE")],
    [
        ("met", "CONSULT", {"Recipient": "Anna Berg", "Actor": "Peter Lind", "Date": "Monday"}),
        ("protested", "PROTEST", {"Actor": "Norway"}),
    ],
    parent_prediction=7,
)


def with_tense(tense: str) -> AnnotationSet:
    """The proposal, with a tense for its event."""
    (event,) = PROPOSAL.events
    asked = event.model_copy(update={"attributes": {"tense": tense}})
    return PROPOSAL.model_copy(update={"events": (asked,)})


def rows(*pairs: tuple[AnnotationSet, AnnotationSet]) -> dict[tuple[str, str | None], Any]:
    """(layer, label) -> (kept, changed, removed, added)."""
    return {
        (r.layer, r.label): (r.kept, r.changed, r.removed, r.added) for r in survival(list(pairs))
    }


def test_fates_by_hand() -> None:
    """One kept, one with new boundaries, one relabelled, one deleted, one drawn; roles swapped."""
    found = rows((PROPOSAL, CORRECTED))
    assert found["entities", None] == (1, 2, 1, 1)
    assert found["entities", "PER"] == (1, 1, 0, 0)
    assert found["entities", "ORG"] == (0, 1, 0, 0)
    assert found["entities", "LOC"] == (0, 0, 1, 0)
    assert found["entities", "DATE"] == (0, 0, 0, 1)
    assert found["triggers", None] == (1, 0, 0, 1)
    assert found["arguments", None] == (0, 2, 1, 2)
    assert found["arguments", "Location"] == (0, 0, 1, 0)
    assert found["arguments", "Date"] == (0, 0, 0, 1)


def test_edits_are_those_of_evaluate() -> None:
    """Delete Oslo; add Monday and protested; relabel Norway; move Lind; four arguments relinked."""
    assert edits([(CORRECTED, PROPOSAL)]) == {
        "add": 2,
        "delete": 1,
        "relabel": 1,
        "move_boundary": 1,
        "relink": 4,
        "from_nothing": 10,
        "kept_share": pytest.approx(2 / 5),
    }


def test_origin_outweighs_likeness() -> None:
    """Deleted and drawn again is work done twice; edited and set back was not left alone."""
    again = said(
        {"Anna Berg": "manual", "met": "prediction-changed"},
        [("Anna Berg", "PER"), ("Lind", "PER"), ("Oslo", "LOC"), ("Norway", "ORG")],
        [("met", "CONSULT", {})],
        parent_prediction=7,
    )
    found = rows((PROPOSAL, again))
    assert found["entities", "PER"] == (1, 0, 1, 1)
    assert found["triggers", None] == (0, 1, 0, 0)


def test_recorded_sources_find_what_was_moved_away() -> None:
    """A region dragged to where it overlaps nothing is still the suggestion that it was."""
    moved = said({"Monday": "prediction-changed"}, [("Monday", "LOC")], [], proposed={"T1": "T3"})
    found = rows((PROPOSAL, moved))
    assert found["entities", "LOC"] == (0, 1, 0, 0)
    assert found["entities", None] == (0, 1, 3, 0)


def test_without_origins_likeness_decides() -> None:
    """Items without origin are kept where they are equal, attributes included, else changed."""
    plain = said(
        {},
        [("Anna Berg", "PER"), ("Peter Lind", "PER"), ("Monday", "DATE")],
        [("met", "CONSULT", {})],
    )
    (event,) = plain.events
    answered = event.model_copy(update={"attributes": {"tense": "future"}})
    found = rows((with_tense("past"), plain.model_copy(update={"events": (answered,)})))
    assert found["entities", "PER"] == (1, 1, 0, 0)
    assert found["entities", "DATE"] == (0, 0, 0, 1)
    assert found["triggers", None] == (0, 1, 0, 0)
    assert rows((PROPOSAL, plain))["triggers", None] == (1, 0, 0, 0)


@pytest.mark.parametrize(("tense", "fate"), [("past", (1, 0, 0, 0)), ("future", (0, 1, 0, 0))])
def test_answer_is_compared_where_the_origin_is_silent(
    tense: str, fate: tuple[int, int, int, int]
) -> None:
    """Label Studio leaves "prediction" on an event whose answer was changed; it is changed."""
    made = said({"met": "prediction"}, [], [("met", "CONSULT", {})])
    (event,) = made.events
    asked = event.model_copy(update={"attributes": {"tense": tense, "polarity": "positive"}})
    found = rows((with_tense("past"), made.model_copy(update={"events": (asked,)})))
    assert found["triggers", None] == fate


def test_who_began_from_suggestions() -> None:
    """A copy of a prediction did, also when emptied; what was drawn from nothing did not."""
    assert was_corrected(CORRECTED)
    assert was_corrected(said({}, [], [], parent_prediction=7))
    drawn = said({"Oslo": "manual"}, [("Oslo", "LOC")], [], assisted=True)
    assert not was_corrected(drawn)
    assert was_corrected(said({"Oslo": "prediction"}, [("Oslo", "LOC")], []))
    assert was_corrected(said({}, [("Oslo", "LOC")], [], assisted=True))
    assert not was_corrected(said({}, [("Oslo", "LOC")], []))


_SURFACES = st.lists(
    st.tuples(
        st.sampled_from(["Anna Berg", "Berg met", "Lind", "Oslo", "Norway", "Monday"]),
        st.sampled_from(["PER", "ORG", "LOC"]),
        st.sampled_from([None, "prediction", "prediction-changed", "manual"]),
    ),
    unique_by=lambda t: t[0],
)


@settings(derandomize=True, max_examples=60, deadline=None)
@given(_SURFACES)
def test_every_suggestion_has_one_fate(items: list[tuple[str, str, str | None]]) -> None:
    """Kept, changed and removed are never fewer than the suggestions, and nothing is lost."""
    made = said(
        {surface: origin for surface, _, origin in items if origin},
        [(surface, label) for surface, label, _ in items],
        [],
    )
    (layer,) = [r for r in survival([(PROPOSAL, made)]) if (r.layer, r.label) == ("entities", None)]
    assert layer.kept + layer.changed + layer.removed >= len(PROPOSAL.entities)
    assert layer.kept + layer.changed + layer.added == len(items)


def timed(*seconds: object) -> list[AnnotationSet]:
    """Sets with these lead times."""
    return [annotation_set(TEXT, provenance={"lead_time": s}) for s in seconds]


def test_minutes_are_quartiles_of_lead_times() -> None:
    """60, 120, 240 and 480 seconds: 1, 2, 4 and 8 minutes."""
    assert minutes(timed(480, 60, 240.0, 120)) == Minutes(4, 3.0, 1.75, 5.0)
    assert minutes(timed(90)) == Minutes(1, 1.5, 1.5, 1.5)


def test_no_time_is_not_zero_minutes() -> None:
    """What is missing, zero or no number is left out; without any there is no median."""
    assert minutes(timed(None, 0, -5, True, "60", float("nan"), float("inf"))) == Minutes(
        0, None, None, None
    )


def test_no_corrections_at_all() -> None:
    """Without pairs every layer is there with nothing in it."""
    assert survival([]) == tuple(
        Survival(layer, None, 0, 0, 0, 0) for layer in ("entities", "triggers", "arguments")
    )
