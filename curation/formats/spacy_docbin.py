"""spaCy DocBin: ready for `spacy train`, with nested entities and events in `doc.spans`.

    doc.ents                entities that do not overlap, the longest first
    doc.spans["entities"]   every entity; attrs["items"][i] = {"id", …provenance}
    doc.spans["events"]     every trigger; attrs["items"][i] = {"id", "arguments", …attributes}
    doc.user_data           "uid", "annotator", and "curation": the rest of the line, as JSON

A document that nobody has seen has no span groups, and its `ents` are missing, not empty.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import srsly  # type: ignore[import-untyped]  # has no stubs; comes with spaCy
from spacy.tokens import DocBin, Span, SpanGroup

from curation.errors import InputError
from curation.formats.alignment import AlignedItem, AlignmentPolicy, align, flatten, hold_strict
from curation.formats.json_items import entity_to_json, event_to_json
from curation.formats.jsonl import data_to_record, record_to_data
from curation.formats.losses import Loss, LossCertificate, spans_of
from curation.formats.order import streamed
from curation.formats.tokens import blank, borders, tokenize, word_indices
from curation.model import AnnotationSet, Entity, Event, Record

__all__ = ["docbin_to_records", "records_to_docbin"]

_ATTRS = ("ENT_IOB", "ENT_TYPE")
_PLACES = frozenset({"start", "end", "label", "type", "trigger"})


def records_to_docbin(
    records: Iterable[Record], *, policy: AlignmentPolicy = "expand"
) -> tuple[bytes, LossCertificate]:
    """The bytes of a `.spacy` file, and what it does not carry as it was.

    Raises InputError under the policy "strict" where a span is not on token borders.
    """
    binary = _Bin(attrs=list(_ATTRS), store_user_data=True)
    losses: list[Loss] = []
    spans_in = spans_out = 0
    with _encoders_known():
        for record in streamed(records):
            doc, lost = _doc(record, policy)
            binary.add(doc)
            losses += lost
            spans_in += spans_of(record)
            spans_out += sum(len(group) for group in doc.spans.values())
    hold_strict(policy, losses)
    certificate = LossCertificate("spacy", spans_in, spans_out, tuple(losses))
    return binary.to_bytes(), certificate


class _Bin(DocBin):  # type: ignore[misc]  # spaCy tells no types
    """A DocBin to which Docs are added that have tokens and entities only.

    `DocBin.add` asks every token for nine strings, of which such Docs have two: the token and the
    label of its entity, which is that of a span.
    """

    def add(self, doc: Any) -> None:
        strings = doc.vocab.strings
        array = doc.to_array(self.attrs)
        self.tokens.append(array)
        self.spaces.append(doc.to_array(["SPACY"]).reshape(-1, 1).astype(bool))
        self.flags.append({"has_unknown_spaces": doc.has_unknown_spaces})
        self.strings.update(strings[key] for key in set(doc.to_array("ORTH").tolist()))
        self.cats.append(doc.cats)
        self.user_data.append(srsly.msgpack_dumps(doc.user_data))
        self.span_groups.append(doc.spans.to_bytes())
        for group in doc.spans.values():
            self.strings.update(text for span in group for text in (span.label_, span.id_))


@contextmanager
def _encoders_known() -> Iterator[None]:
    """Lets srsly look for encoders of msgpack once.

    It looks through all installed packages for every dictionary that it packs, which costs more
    than tokens, entities and compression together.
    """
    registry = srsly.msgpack.msgpack_encoders
    known = registry.get_all()
    vars(registry)["get_all"] = lambda: known
    try:
        yield
    finally:
        vars(registry).pop("get_all", None)


def _doc(record: Record, policy: AlignmentPolicy) -> tuple[Any, list[Loss]]:
    document, annotations = record.document, record.annotations
    doc = tokenize(document.text, document.language)
    doc.user_data.update(_user_data(record))
    if annotations is None:
        return doc, []
    indices = word_indices(doc)
    places = borders(doc, indices)
    entities, lost = align(annotations.entities, places, annotations, policy)
    events, lost_events = align(annotations.events, places, annotations, policy)
    flat, covered = flatten(entities, annotations, dropped=False)
    doc.set_ents([_span(doc, indices, a) for a in flat], default="outside")
    carried = {a.item.id for a in entities}
    spans = [_span(doc, indices, a) for a in entities]
    _add_group(doc, "entities", spans, [_entity_attrs(a.item) for a in entities])
    if record.has_events or annotations.events:
        triggers = [_span(doc, indices, a) for a in events]
        _add_group(doc, "events", triggers, [_event_attrs(a.item, carried) for a in events])
    arguments = _lost_arguments(annotations, [a.item for a in events], carried)
    return doc, [*lost, *lost_events, *covered, *arguments]


def _span(doc: Any, indices: Sequence[int], aligned: AlignedItem[Any]) -> Any:
    item = aligned.item
    label = item.label if isinstance(item, Entity) else item.type
    first, last = indices[aligned.first], indices[aligned.last - 1] + 1
    return Span(doc, first, last, label=label, span_id=item.id)


def _add_group(doc: Any, name: str, spans: Sequence[Any], attrs: list[dict[str, Any]]) -> None:
    doc.spans[name] = SpanGroup(doc, name=name, spans=list(spans), attrs={"items": attrs})


def _entity_attrs(entity: Entity) -> dict[str, Any]:
    return {k: v for k, v in entity_to_json(entity).items() if k not in _PLACES}


def _event_attrs(event: Event, carried: set[str]) -> dict[str, Any]:
    data = {k: v for k, v in event_to_json(event).items() if k not in _PLACES}
    data["arguments"] = [a for a in data["arguments"] if a["target"] in carried]
    return data


def _lost_arguments(
    annotations: AnnotationSet, events: Sequence[Event], carried: set[str]
) -> list[Loss]:
    return [
        Loss(
            uid=annotations.uid,
            annotator=annotations.annotator,
            item=event.id,
            reason="argument",
            start=event.start,
            end=event.end,
            detail=f"{argument.role}: {argument.target} was dropped",
        )
        for event in events
        for argument in event.arguments
        if argument.target not in carried
    ]


def _user_data(record: Record) -> dict[str, Any]:
    data = record_to_data(record)
    seen = record.annotations is not None
    rest = {"language": data["language"], "meta": data["meta"], "seen": seen}
    return {
        "uid": data["id"],
        "annotator": data.get("annotator"),
        "curation": json.dumps(rest, ensure_ascii=False, allow_nan=False),
    }


def docbin_to_records(data: bytes, *, where: str = "DocBin") -> list[Record]:
    """The records in the bytes of a file that `records_to_docbin` made.

    Raises InputError where the bytes are no DocBin, or one of another origin.
    """
    try:
        docs = list(DocBin().from_bytes(data).get_docs(blank("xx").vocab))
    # zlib, msgpack and numpy each raise their own on bytes that are something else
    except Exception as error:
        raise InputError("not a spaCy DocBin", where=where, hint="export it again") from error
    return [_record(doc, f"{where}, document {n}") for n, doc in enumerate(docs, 1)]


def _record(doc: Any, where: str) -> Record:
    try:
        rest = json.loads(doc.user_data["curation"])
        data = {"id": doc.user_data["uid"], "text": doc.text, **rest}
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise InputError(
            "was not written by curation", where=where, hint="user_data says nothing of its origin"
        ) from error
    if data.pop("seen"):
        data["annotator"] = doc.user_data["annotator"]
        data["entities"] = [_entity(*pair) for pair in _pairs(doc, "entities")]
    if "events" in doc.spans:
        data["events"] = [_event(*pair) for pair in _pairs(doc, "events")]
    return data_to_record(data, where=where)


def _pairs(doc: Any, name: str) -> list[tuple[Any, dict[str, Any]]]:
    group = doc.spans[name]
    return list(zip(group, group.attrs["items"], strict=True))


def _entity(span: Any, attrs: dict[str, Any]) -> dict[str, Any]:
    return {**attrs, "start": span.start_char, "end": span.end_char, "label": span.label_}


def _event(span: Any, attrs: dict[str, Any]) -> dict[str, Any]:
    trigger = {"start": span.start_char, "end": span.end_char}
    return {**attrs, "type": span.label_, "trigger": trigger}
