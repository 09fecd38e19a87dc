"""What tests of this project, and of programs that use it, can build on.

`FakeLabelStudio` keeps projects in memory and fails on demand; `document`, `annotation_set` build
values from a few words; `documents()`, `annotation_sets()` are Hypothesis strategies (Hypothesis
is imported when they are called).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from curation.labelstudio.fake import FakeLabelStudio
from curation.model import AnnotationSet, Argument, Document, Entity, Event, TextSpan
from curation.ontology import Ontology
from curation.spans import Span, overlapping, trim_whitespace

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn, SearchStrategy

__all__ = ["FakeLabelStudio", "annotation_set", "annotation_sets", "document", "documents"]


def document(text: str, *, uid: str = "d1", language: str = "en", **fields: Any) -> Document:
    """A Document of which only the text matters."""
    return Document(uid=uid, language=language, text=text, **fields)


def annotation_set(
    text: str,
    entities: Sequence[tuple[str, str]] = (),
    events: Sequence[tuple[str, str, dict[str, str]]] = (),
    *,
    uid: str = "d1",
    annotator: str = "anna",
    **fields: Any,
) -> AnnotationSet:
    """A set told by surfaces: entities as (surface, label), events as (trigger, type, arguments).

    Arguments are {role: surface of an entity}; each surface stands for its first place in `text`.

    >>> annotation_set("Anna met Bob", [("Anna", "PER")], [("met", "CONSULT", {"Actor": "Anna"})])
    ... # doctest: +ELLIPSIS
    AnnotationSet(uid='d1', annotator='anna', ...)
    """
    ids = {surface: f"T{i}" for i, (surface, _) in enumerate(entities, 1)}
    made_entities = [
        Entity(id=f"T{i}", start=span.start, end=span.end, label=label)
        for i, (surface, label) in enumerate(entities, 1)
        for span in [_find(text, surface)]
    ]
    made_events = [
        Event(
            id=f"E{i}",
            type=event_type,
            trigger=TextSpan(**_find(text, trigger)._asdict()),
            arguments=tuple(Argument(role=r, target=ids[s]) for r, s in arguments.items()),
        )
        for i, (trigger, event_type, arguments) in enumerate(events, 1)
    ]
    return AnnotationSet(
        uid=uid,
        annotator=annotator,
        entities=tuple(made_entities),
        events=tuple(made_events),
        **fields,
    )


def _find(text: str, surface: str) -> Span:
    start = text.index(surface)
    return Span(start, start + len(surface))


def _texts() -> SearchStrategy[str]:
    """Text with what moves offsets: emoji, joiners, combining accents, breaks, tabs, both ways."""
    from hypothesis import strategies as st

    hard = ["😀", "👩‍👩‍👧", "e\u0301", "\n", "\t", "  ", "\r\n", "שלום", "𝒜", "\\n", "Žofia", " "]
    plain = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=8)
    return st.lists(st.sampled_from(hard) | plain, max_size=20).map("".join)


def documents() -> SearchStrategy[Document]:
    """Documents of every kind of text, the empty one too."""
    from hypothesis import strategies as st

    return st.builds(
        Document,
        uid=st.text("abcdefgh-0123456789", min_size=1, max_size=20),
        language=st.sampled_from(["sk", "sv", "en", "nb", "nl", "he"]),
        text=_texts(),
        source=st.none() | st.sampled_from(["Fixture Times", '<b>&"quoted"</b>']),
        published=st.none() | st.sampled_from(["2020", "2020-01", "2020-01-13"]),
    )


def annotation_sets(
    text: str, ontology: Ontology, *, uid: str = "d1", annotator: str = "anna"
) -> SearchStrategy[AnnotationSet]:
    """Sound sets over `text`: no item twice, and entities apart where the ontology wants it."""
    from hypothesis import strategies as st

    @st.composite
    def build(draw: DrawFn) -> AnnotationSet:
        entities = _draw_entities(draw, text, ontology)
        events = _draw_events(draw, text, ontology, entities)
        return AnnotationSet(
            uid=uid, annotator=annotator, entities=tuple(entities), events=tuple(events)
        )

    return build()


def _draw_spans(draw: DrawFn, text: str) -> list[Span]:
    from hypothesis import strategies as st

    places = st.integers(0, len(text))
    pairs = draw(st.lists(st.tuples(places, places), max_size=6))
    spans = [trim_whitespace(text, Span(min(pair), max(pair))) for pair in pairs]
    return [span for span in spans if span.start < span.end]


def _draw_entities(draw: DrawFn, text: str, ontology: Ontology) -> list[Entity]:
    from hypothesis import strategies as st

    names = st.sampled_from(sorted(ontology.entity_names))
    scores = st.none() | st.floats(0, 1)
    entities: list[Entity] = []
    for number, span in enumerate(_draw_spans(draw, text), 1):
        label, score = draw(names), draw(scores)
        entity = Entity(id=f"T#{number}%", start=span.start, end=span.end, label=label, score=score)
        rivals = [e for e in entities if overlapping(e, entity)]
        if (rivals and not ontology.nested_entities) or entity.key in {e.key for e in rivals}:
            continue
        entities.append(entity)
    return entities


def _draw_events(
    draw: DrawFn, text: str, ontology: Ontology, entities: Sequence[Entity]
) -> list[Event]:
    from hypothesis import strategies as st

    if not ontology.events:
        return []
    names = st.sampled_from(sorted(ontology.event_names))
    events: dict[tuple[int, int, str], Event] = {}
    for number, span in enumerate(_draw_spans(draw, text), 1):
        event = Event(
            id=f"E{number}",
            type=draw(names),
            trigger=TextSpan(start=span.start, end=span.end),
            arguments=_draw_arguments(draw, ontology, entities),
            attributes={a.name: draw(st.sampled_from(a.values)) for a in ontology.attributes},
        )
        events.setdefault(event.key, event)
    return list(events.values())


def _draw_arguments(
    draw: DrawFn, ontology: Ontology, entities: Sequence[Entity]
) -> tuple[Argument, ...]:
    from hypothesis import strategies as st

    allowed = [(r.name, e.id) for r in ontology.roles for e in entities if e.label in r.fillers]
    if not allowed:
        return ()
    chosen = draw(st.lists(st.sampled_from(allowed), unique=True, max_size=4))
    return tuple(Argument(role=role, target=target) for role, target in chosen)
