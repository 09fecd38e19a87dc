"""Annotations to Label Studio's regions and back, and every repair on the way."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from curation.errors import InputError
from curation.labelstudio.convert import (
    Conversion,
    annotations_to_result,
    document_to_task,
    rendering_problems,
    result_to_annotations,
)
from curation.model import AnnotationSet, Argument, Entity, Event, TextSpan
from curation.ontology import Ontology
from curation.spans import to_utf16
from curation.testing import annotation_set, annotation_sets, document, documents

TEXT = "😀 Anna met Bob Novák in Oslo.\nThen Anna  left."
DEFAULTS = {
    "polarity": "positive",
    "tense": "past",
    "modality": "asserted",
    "genericity": "specific",
}
_SETTINGS = settings(
    derandomize=True,
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def region(
    name: str, surface: str, label: str, *, group: str = "entities", start: int | None = None
) -> dict[str, Any]:
    """A labelled region over the first place of `surface`, or one that claims `start`."""
    at = TEXT.index(surface) if start is None else start
    value = {"start": at, "end": at + len(surface), "text": surface, "labels": [label]}
    return {"id": name, "from_name": group, "to_name": "text", "type": "labels", "value": value}


def answer(name: str, attribute: str, *values: str) -> dict[str, Any]:
    """A per-region choice about `met`."""
    value = {"start": 7, "end": 10, "text": "met", "choices": list(values)}
    return {
        "id": name,
        "from_name": attribute,
        "to_name": "text",
        "type": "choices",
        "value": value,
    }


def relation(source: str, target: str, *roles: str, direction: str = "right") -> dict[str, Any]:
    """An arrow between two regions."""
    ends = {"from_id": source, "to_id": target, "direction": direction}
    return {"type": "relation", "labels": list(roles), **ends}


ANNA = region("a", "Anna", "PER")
BOB = region("b", "Bob Novák", "PER")
MET = region("m", "met", "CONSULT", group="events")


def read(ontology: Ontology, *items: Any, text: str = TEXT) -> Conversion:
    """What the result `items` says."""
    return result_to_annotations(
        list(items),
        uid="d1",
        annotator="anna",
        text=text,
        ontology=ontology,
        provenance={"task": 7},
    )


def kinds(conversion: Conversion) -> list[str]:
    """The kinds of repairs, in order."""
    return [repair.kind for repair in conversion.repairs]


def annotations(conversion: Conversion) -> AnnotationSet:
    """The set, which must be there."""
    assert conversion.annotations is not None, conversion.problems
    return conversion.annotations


def spans(conversion: Conversion, text: str = TEXT) -> list[str]:
    """The surfaces of the entities."""
    return [text[e.start : e.end] for e in annotations(conversion).entities]


@_SETTINGS
@given(data=st.data(), doc=documents(), nested=st.booleans())
def test_round_trip_is_exact(data: st.DataObject, doc: Any, nested: bool, news: Ontology) -> None:
    """Whatever the text, what goes to Label Studio comes back equal, without a repair."""
    ontology = news.model_copy(update={"nested_entities": nested})
    made = data.draw(annotation_sets(doc.text, ontology, uid=doc.uid))
    result = annotations_to_result(made, doc.text, ontology)
    back = result_to_annotations(
        result, uid=doc.uid, annotator="anna", text=doc.text, ontology=ontology, provenance={}
    )
    assert back == Conversion(made)


@_SETTINGS
@given(data=st.data(), doc=documents())
def test_offsets_in_utf16_units_are_converted(
    data: st.DataObject, doc: Any, news: Ontology
) -> None:
    """A result whose offsets count UTF-16 units gives the same spans or is refused."""
    made = data.draw(annotation_sets(doc.text, news, uid=doc.uid))
    result = annotations_to_result(made, doc.text, news)
    for item in result:
        if "value" in item:
            for end in ("start", "end"):
                item["value"][end] = to_utf16(doc.text, item["value"][end])
    back = result_to_annotations(
        result, uid=doc.uid, annotator="anna", text=doc.text, ontology=news, provenance={}
    )
    if back.annotations is not None:
        surfaces = [doc.text[i.start : i.end] for i in back.annotations.items]
        assert surfaces == [doc.text[i.start : i.end] for i in made.items]


def test_utf16_offsets_are_counted(news: Ontology) -> None:
    """Regions that only fit as UTF-16 units are converted, each counted as one repair."""
    back = read(news, region("a", "Anna", "PER", start=3), region("b", "Bob", "PER", start=12))
    assert spans(back) == ["Anna", "Bob"]
    assert kinds(back) == ["utf-16 offsets", "utf-16 offsets"]


def test_provenance_survives(news: Ontology) -> None:
    """Score, component and origin of items and arguments make the round trip."""
    entity = Entity(id="T1", start=2, end=6, label="PER", score=0.5, component="ner@1", origin="x")
    argument = Argument(role="Actor", target="T1", score=0.25, component="rules")
    event = Event(
        id="E1",
        type="CONSULT",
        trigger=TextSpan(start=7, end=10),
        arguments=(argument,),
        attributes=DEFAULTS,
        score=1,
        component="lexicon",
    )
    made = AnnotationSet(uid="d1", annotator="anna", entities=(entity,), events=(event,))
    back = read(news, *annotations_to_result(made, TEXT, news))
    assert annotations(back).model_copy(update={"provenance": {}}) == made


def test_empty_result_is_seen_and_empty(news: Ontology) -> None:
    """An empty result is an AnnotationSet with empty lists, not None."""
    assert annotations(read(news)) == AnnotationSet(
        uid="d1", annotator="anna", provenance={"task": 7}
    )


def test_missing_attributes_get_the_default(news: Ontology) -> None:
    """An event drawn by hand without answers has the ontology's defaults, and no repair."""
    back = read(news, MET, answer("m", "tense", "future"))
    assert dict(annotations(back).events[0].attributes) == DEFAULTS | {"tense": "future"}
    assert back.repairs == ()


def test_whitespace_is_trimmed(news: Ontology) -> None:
    """A region that took a blank along loses it, and the repair says which region."""
    back = read(news, region("a", " Anna ", "PER"))
    assert spans(back) == ["Anna"]
    assert [(r.kind, r.region) for r in back.repairs] == [("trimmed", "a")]


def test_only_whitespace_is_refused(news: Ontology) -> None:
    """A region over blanks alone sends the record to quarantine."""
    back = read(news, region("a", "  ", "PER"))
    assert back.annotations is None
    assert "region a" in back.problems[0]


def test_moved_region_is_found_by_its_surface(news: Ontology) -> None:
    """Wrong offsets are put right where the surface stands exactly once nearby."""
    back = read(news, region("b", "Bob Novák", "PER", start=3))
    assert (spans(back), kinds(back)) == (["Bob Novák"], ["relocated"])


def test_ambiguous_surface_is_refused(news: Ontology) -> None:
    """Anna stands twice: nobody can tell which one was meant."""
    back = read(news, region("a", "Anna", "PER", start=15))
    assert back.annotations is None
    assert "'Anna'" in back.problems[0]


def test_escaped_line_break_in_the_surface(news: Ontology) -> None:
    r"""The two characters \n in a surface stand for a line break of the text."""
    item = region("x", "Oslo.\nThen", "LOC")
    item["value"]["text"] = "Oslo.\\nThen"
    assert kinds(read(news, item)) == []


@pytest.mark.parametrize(
    ("start", "end"), [(-1, 3), (5, 5), (6, 2), (0, 999), ("1", 3), (True, 3), (None, None)]
)
def test_impossible_offsets_are_refused(start: Any, end: Any, news: Ontology) -> None:
    """Offsets that are no span of the text are a problem, whether or not a surface came along."""
    item = region("a", "Anna", "PER")
    item["value"] = {"start": start, "end": end, "labels": ["PER"]}
    assert read(news, item).annotations is None


def test_duplicates_are_merged_and_arguments_follow(news: Ontology) -> None:
    """Two regions that say the same become the first; relations to the second now name it."""
    twin = region("a2", "Anna", "PER")
    back = read(news, ANNA, twin, MET, relation("m", "a2", "Actor"), relation("m", "a", "Actor"))
    assert [e.id for e in annotations(back).entities] == ["a"]
    assert annotations(back).events[0].arguments == (Argument(role="Actor", target="a"),)
    assert kinds(back) == ["merged duplicate", "merged duplicate"]


def test_duplicate_events_join_their_arguments(news: Ontology) -> None:
    """Two equal triggers become one event with the arguments of both."""
    twin = region("m2", "met", "CONSULT", group="events")
    back = read(
        news, ANNA, BOB, MET, twin, relation("m", "a", "Actor"), relation("m2", "b", "Actor")
    )
    (event,) = annotations(back).events
    assert [a.target for a in event.arguments] == ["a", "b"]


def test_duplicate_events_that_disagree_are_refused(news: Ontology) -> None:
    """Two equal triggers with different tenses cannot be one event."""
    twin = region("m2", "met", "CONSULT", group="events")
    back = read(news, MET, twin, answer("m2", "tense", "future"))
    assert back.annotations is None


@pytest.mark.parametrize("direction", ["right", "left", "bi"])
def test_event_to_entity_is_an_argument(direction: str, news: Ontology) -> None:
    """An arrow between an event and an entity fills the role, however it points."""
    back = read(news, ANNA, MET, relation("m", "a", "Actor", direction=direction))
    assert annotations(back).events[0].arguments == (Argument(role="Actor", target="a"),)
    assert kinds(back) == ([] if direction == "right" else ["turned relation"])


@pytest.mark.parametrize(("direction", "repaired"), [("right", True), ("left", False)])
def test_entity_to_event_is_turned_round(direction: str, repaired: bool, news: Ontology) -> None:
    """An arrow drawn from the entity is turned, and counted unless its direction says the same."""
    back = read(news, ANNA, MET, relation("a", "m", "Actor", direction=direction))
    assert annotations(back).events[0].arguments == (Argument(role="Actor", target="a"),)
    assert kinds(back) == (["turned relation"] if repaired else [])


@pytest.mark.parametrize(
    ("items", "said"),
    [
        ([region("a", "Anna", "ALIEN")], "ALIEN"),
        ([ANNA, MET, relation("m", "gone", "Actor")], "gone"),
        ([ANNA, MET, relation("m", "a", "Villain")], "Villain"),
        ([ANNA, MET, relation("m", "a")], "no role"),
        ([ANNA, BOB, relation("a", "b", "Actor")], "two entities"),
        ([MET, answer("m", "tense", "yesterday")], "yesterday"),
        ([MET, answer("m", "mood", "happy")], "mood"),
        ([MET, answer("m", "tense", "past", "future")], "more than one answer"),
        ([answer("m", "tense", "past")], "no label"),
        ([region("a", "Anna", "PER") | {"id": None}], "no id"),
        (["nonsense"], "no object"),
        ([region("a", "Bob Novák", "PER"), region("b", "Novák", "ORG")], "overlaps"),
    ],
)
def test_undecidable_results_are_refused(items: list[Any], said: str, news: Ontology) -> None:
    """What has no single reading gives no set, and one line that names it."""
    back = read(news, *items)
    assert back.annotations is None
    assert said in "\n".join(back.problems)
    assert all("\n" not in problem for problem in back.problems)


def test_all_problems_are_reported_at_once(news: Ontology) -> None:
    """Two unrelated problems give two lines."""
    back = read(news, region("a", "Anna", "X1"), region("b", "Bob", "X2"))
    assert len(back.problems) == 2


def test_several_labels_are_refused(news: Ontology) -> None:
    """A region with two entity labels cannot be one entity."""
    item = region("a", "Anna", "PER")
    item["value"]["labels"].append("ORG")
    assert read(news, item).annotations is None


def test_region_with_label_and_event_is_split(news: Ontology) -> None:
    """One region with an entity label and an event type is both, each with an id of its own."""
    back = read(news, region("m", "met", "ORG"), MET, relation("m", "m", "Actor"))
    found = annotations(back)
    assert (found.entities[0].id, found.events[0].id) == ("m", "m-event")
    assert found.events[0].arguments == (Argument(role="Actor", target="m"),)
    assert kinds(back) == ["split"]


def test_attributes_on_an_entity_are_left_out(news: Ontology) -> None:
    """An answer on an entity is counted and not kept."""
    item = answer("a", "tense", "past")
    item["value"] |= ANNA["value"] | {"choices": ["past"]}
    back = read(news, ANNA, item)
    assert kinds(back) == ["attributes on an entity"]


def test_contained_entity_of_the_same_label_gives_way(news: Ontology) -> None:
    """Without nesting the longer of two equal-labelled entities stays, arguments follow."""
    inner = region("n", "Novák", "PER")
    back = read(news, inner, BOB, MET, relation("m", "n", "Actor"))
    assert spans(back) == ["Bob Novák"]
    assert annotations(back).events[0].arguments == (Argument(role="Actor", target="b"),)
    assert kinds(back) == ["overlap"]


def test_nested_entities_stay_where_allowed(news: Ontology) -> None:
    """With nesting both stay."""
    nested = news.model_copy(update={"nested_entities": True})
    assert len(annotations(read(nested, BOB, region("n", "Novák", "PER"))).entities) == 2


def test_other_items_are_counted(news: Ontology) -> None:
    """A note written in a text area has no place: counted as a repair, not dropped in silence."""
    note = {"id": "n", "from_name": "note", "type": "textarea", "value": {"text": ["hm"]}}
    assert kinds(read(news, note)) == ["ignored"]


@_SETTINGS
@given(
    items=st.lists(
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=5),
            lambda inner: st.dictionaries(
                st.sampled_from(
                    ["id", "type", "value", "start", "end", "labels", "from_id", "to_id", "text"]
                ),
                inner,
            ),
            max_leaves=12,
        )
        | st.sampled_from([ANNA, MET, BOB]),
        max_size=4,
    ),
    kind=st.sampled_from(["labels", "choices", "relation", None]),
)
def test_no_payload_breaks_the_reader(items: list[Any], kind: Any, news: Ontology) -> None:
    """Whatever JSON arrives, the answer is a set or problems, never an exception."""
    whole = [i | {"type": kind} if isinstance(i, dict) and kind else i for i in items]
    back = read(news, *copy.deepcopy(whole))
    assert (back.annotations is None) == bool(back.problems)


def test_task_tells_which_text_it_is(news: Ontology) -> None:
    """The task's data name the document, its version and its sample notice."""
    doc = document(TEXT, published="2020-01", meta={"title": "Anna", "sample": True})
    made = annotation_set(TEXT, [("Anna", "PER")])
    task = document_to_task(
        doc, prediction=made, ontology=news, annotator="bo", model_version="rules@1", score=0.5
    )
    assert task["data"]["text"] == TEXT
    assert task["data"]["sha256"] == doc.sha256
    assert task["data"]["title"] == "Anna"
    assert task["data"]["notice"] == "2020-01 · en · d1 · sample text, written for this tool"
    assert task["predictions"][0]["model_version"] == "rules@1"
    assert task["predictions"][0]["result"][0]["value"]["text"] == "Anna"


def test_task_without_prediction_has_none(news: Ontology) -> None:
    """No prediction gives no `predictions` key."""
    task = document_to_task(
        document(TEXT), prediction=None, ontology=news, annotator="bo", model_version="m"
    )
    assert "predictions" not in task


def test_what_cannot_be_shown_is_refused(news: Ontology) -> None:
    """Every label and offset that Label Studio would drop in silence is named at once."""
    made = annotation_set(TEXT, [("Anna", "ALIEN")], [("met", "DANCE", {})])
    with pytest.raises(InputError, match=r"ALIEN.*DANCE"):
        annotations_to_result(made, TEXT, news)


def test_disallowed_filler_can_be_shown(news: Ontology) -> None:
    """A person may have put a DATE into Actor: that is for agreement, not a reason to refuse."""
    made = annotation_set(TEXT, [("Anna", "DATE")], [("met", "CONSULT", {"Actor": "Anna"})])
    assert list(rendering_problems(made, TEXT, news)) == []
