"""UIMA CAS, as JSON and as XMI, which INCEpTION opens: a folder with one file for every set.

    TypeSystem.xml      the types; INCEpTION makes its layers of it
    NAME.json           text, sentences, tokens, entities, events     (`cas_types` has the types)

Everything is carried. Offsets in the files are UTF-16 units, as UIMA counts. What UIMA has no type
for (metadata, provenance, whose annotations these are) is JSON in a MetaDataStringField with the
key "curation". XMI is XML 1.0, which has no place for most control characters: texts with them are
refused, and go to JSON.
"""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from curation.errors import InputError
from curation.formats.alignment import AlignmentPolicy, token_range
from curation.formats.brat_names import file_name
from curation.formats.cas_provenance import Provenance, told_of
from curation.formats.cas_types import (
    ARRAY,
    EVENT,
    FIELD,
    LINK,
    METADATA,
    NAMED_ENTITY,
    SENTENCE,
    TOKEN,
    cassis_library,
    feature_name,
    named_by,
    type_system,
)
from curation.formats.files import placed
from curation.formats.json_items import validated
from curation.formats.jsonl import data_to_record, record_to_data
from curation.formats.losses import LossCertificate, spans_of
from curation.formats.order import canonical, place, streamed
from curation.messages import shown
from curation.model import (
    AnnotationSet,
    Argument,
    Document,
    Entity,
    Event,
    Record,
    TextSpan,
)

__all__ = ["read_json", "read_xmi", "write_json", "write_xmi"]

TYPES = "TypeSystem.xml"
KEY = "curation"
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def write_json(
    records: Iterable[Record], destination: Path, policy: AlignmentPolicy
) -> LossCertificate:
    """Writes the folder with JSON; nothing is lost, under any policy.

    Raises UsageError where dkpro-cassis is not installed.
    """
    del policy  # characters need no alignment
    return _write(records, destination, "cas-json", ".json", _as_json)


def write_xmi(
    records: Iterable[Record], destination: Path, policy: AlignmentPolicy
) -> LossCertificate:
    """Writes the folder with XMI; nothing is lost, under any policy.

    Raises InputError for characters that XML cannot hold, UsageError as `write_json` does.
    """
    del policy
    return _write(records, destination, "cas-xmi", ".xmi", _as_xmi)


def _write(
    records: Iterable[Record],
    destination: Path,
    format_name: str,
    suffix: str,
    serialized: Callable[[Any, Record], str],
) -> LossCertificate:
    cassis_library()
    taken, attributes = {Path(TYPES).stem.casefold()}, set()
    spans, before = 0, ""
    with placed(destination) as folder:
        folder.mkdir()
        for record in streamed(records):
            said, uid = record.annotations, record.document.uid
            again = uid == before and said is not None
            name = file_name(f"{uid}.{said.annotator}" if again and said else uid, taken)
            text = serialized(_cas(record), record)
            (folder / f"{name}{suffix}").write_bytes(text.encode())
            attributes |= _attributes(said)
            spans += spans_of(record)
            before = uid
        (folder / TYPES).write_bytes(type_system(frozenset(attributes)).to_xml().encode())
    return LossCertificate(format_name, spans, spans)


def _as_json(cas: Any, record: Record) -> str:
    del record
    return str(cas.to_json(pretty_print=False)) + "\n"


def _as_xmi(cas: Any, record: Record) -> str:
    for what, value in _texts(record):
        if found := _NOT_IN_XML.search(value):
            raise InputError(
                f"{what} has the character U+{ord(found[0]):04X} at {found.start()}, which XML "
                "cannot hold",
                where=place(record.document.uid),
                hint="export it as cas-json, or clean the text",
            )
    return str(cas.to_xmi(pretty_print=True))


def _texts(record: Record) -> Iterator[tuple[str, str]]:
    yield "the text", record.document.text
    yield "the uid", record.document.uid
    yield "the language", record.document.language
    if record.annotations is None:
        return
    for entity in record.annotations.entities:
        yield f"the label of {entity.id}", entity.label
    for event in record.annotations.events:
        yield f"the type of {event.id}", event.type
        yield from ((f"a role of {event.id}", a.role) for a in event.arguments)
        yield from ((f"an attribute of {event.id}", v) for v in event.attributes.values())


def _attributes(said: AnnotationSet | None) -> set[str]:
    return set() if said is None else {name for e in said.events for name in e.attributes}


# Writing


def _cas(record: Record) -> Any:
    document, said = record.document, record.annotations
    types = type_system(frozenset(_attributes(said)))
    cas = cassis_library().Cas(typesystem=types)
    cas.sofa_string = document.text
    cas.sofa_mime = "text/plain"
    cas.add(
        types.get_type(METADATA)(
            begin=0,
            end=len(document.text),
            language=document.language,
            documentTitle=document.uid,
            documentId=document.uid,
        )
    )
    cas.add(types.get_type(FIELD)(begin=0, end=0, key=KEY, value=_rest(record)))
    _add_tokens(cas, types, record)
    if said is not None:
        _add_items(cas, types, said)
    return cas


def _rest(record: Record) -> str:
    data = record_to_data(record)
    known = {key: data[key] for key in ("id", "language", "meta", "annotator") if key in data}
    rest = {"events": "events" in data, "sha256": record.document.sha256}
    said = record.annotations
    provenance: dict[str, list[Any]] = {} if said is None else told_of(said)
    # Escapes, so that any character of the metadata can stand in XML.
    return json.dumps({**known, **rest, "provenance": provenance}, allow_nan=False)


def _add_tokens(cas: Any, types: Any, record: Record) -> None:
    from curation.formats.sentences import sentence_ranges
    from curation.formats.tokens import borders, tokenize, word_indices

    document = record.document
    doc = tokenize(document.text, document.language)
    places = borders(doc, word_indices(doc))
    items = () if record.annotations is None else record.annotations.items
    whole = [token_range(places, item.start, item.end) for item in items]
    make_sentence, make_token = types.get_type(SENTENCE), types.get_type(TOKEN)
    for tokens in sentence_ranges(document.text, places, whole):
        first, last = places[tokens.start], places[tokens.stop - 1]
        cas.add(make_sentence(begin=first.start, end=last.end))
        cas.add_all(make_token(begin=places[t].start, end=places[t].end) for t in tokens)


def _add_items(cas: Any, types: Any, said: AnnotationSet) -> None:
    make_entity, make_event = types.get_type(NAMED_ENTITY), types.get_type(EVENT)
    make_link, make_array = types.get_type(LINK), types.get_type(ARRAY)
    entities = {e.id: make_entity(begin=e.start, end=e.end, value=e.label) for e in said.entities}
    cas.add_all(entities.values())
    for event in said.events:
        links = [make_link(role=a.role, target=entities[a.target]) for a in event.arguments]
        attributes = {feature_name(name): value for name, value in event.attributes.items()}
        cas.add(
            make_event(
                begin=event.start,
                end=event.end,
                value=event.type,
                # cassis writes an empty array as JSON that it cannot read.
                arguments=make_array(elements=links) if links else None,
                **attributes,
            )
        )


# Reading


def read_json(path: Path, documents: Mapping[str, Document]) -> list[Record]:
    """The records in a folder that `write_json` wrote; `documents` are not needed.

    Entities and events that were added or changed since are read too; the text must be the same.
    Raises InputError, with the file, where something is missing or of another kind.
    """
    del documents
    return _read(path, ".json", cassis_library().load_cas_from_json)


def read_xmi(path: Path, documents: Mapping[str, Document]) -> list[Record]:
    """The records in a folder that `write_xmi` wrote, as `read_json` does."""
    del documents
    cassis = cassis_library()
    types = _loaded(path / TYPES, cassis.load_typesystem)
    return _read(path, ".xmi", lambda text: cassis.load_cas_from_xmi(text, typesystem=types))


def _read(folder: Path, suffix: str, load: Callable[[str], Any]) -> list[Record]:
    if not (folder / TYPES).is_file():
        raise InputError(f"has no {TYPES}: not an export of UIMA CAS", where=str(folder))
    files = sorted(p for p in folder.iterdir() if p.suffix == suffix and p.name[0] != ".")
    return canonical(_record(_loaded(file, load), str(file)) for file in files)


def _loaded(path: Path, load: Callable[[str], Any]) -> Any:
    try:
        text = path.read_bytes().decode()
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=str(path)) from error
    except UnicodeDecodeError as error:
        raise InputError(f"not UTF-8 at byte {error.start}", where=str(path)) from error
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise InputError("declares XML entities, which no CAS does", where=str(path))
    try:
        with warnings.catch_warnings():
            # cassis warns of offsets that are none, and goes on with them.
            warnings.simplefilter("error")
            return load(text)
    # json, lxml and cassis each raise their own on text that is something else
    except Exception as error:
        raise InputError(
            f"not a UIMA CAS: {shown(str(error))}", where=str(path), hint="export it again"
        ) from error


def _record(cas: Any, where: str) -> Record:
    rest = _said_rest(cas, where)
    known: dict[str, Any] = {k: rest[k] for k in ("id", "language", "meta") if k in rest}
    seen = {"annotator": rest["annotator"], "entities": []} if "annotator" in rest else {}
    frame = data_to_record({**known, **seen, "text": cas.sofa_string or ""}, where=where)
    if frame.document.sha256 != rest.get("sha256"):
        raise InputError("has another text than the one that was exported", where=where)
    said = frame.annotations
    if said is None:
        return frame.model_copy(update={"has_events": bool(rest.get("events"))})
    try:
        found = _annotations(cas, said, Provenance(rest.get("provenance") or {}), where)
    except (TypeError, ValueError, AttributeError) as error:
        raise InputError(f"not an export of curation: {error}", where=where) from error
    has_events = bool(rest.get("events") or found.events)
    return frame.model_copy(update={"annotations": found, "has_events": has_events})


def _said_rest(cas: Any, where: str) -> dict[str, Any]:
    """What stands in the field "curation"."""
    values = []
    if cas.typesystem.contains_type(FIELD):
        values = [field.value for field in cas.select(FIELD) if field.key == KEY]
    try:
        rest = json.loads(values[0])
    except (IndexError, TypeError, ValueError, RecursionError) as error:
        raise InputError(
            "was not written by curation", where=where, hint=f'no MetaDataStringField "{KEY}"'
        ) from error
    if not isinstance(rest, dict):
        raise InputError(f'the MetaDataStringField "{KEY}" is no object', where=where)
    return rest


def _annotations(
    cas: Any, frame: AnnotationSet, provenance: Provenance, where: str
) -> AnnotationSet:
    names: dict[int, Entity] = {}
    for found in _of(cas, NAMED_ENTITY):
        key = (found.begin, found.end, found.value)
        fields = {"start": key[0], "end": key[1], "label": key[2]}
        told = provenance.take("entities", key)
        names[found.xmiID] = validated(
            Entity, {"id": f"T{len(names) + 1}", **fields, **told}, where, of="a NamedEntity"
        )
    events = tuple(
        _event(found, f"E{n}", names, provenance, where)
        for n, found in enumerate(_of(cas, EVENT), 1)
    )
    return frame.model_copy(update={"entities": tuple(names.values()), "events": events})


def _of(cas: Any, name: str) -> list[Any]:
    """The annotations of a type in the order in which they were made."""
    found = cas.select(name) if cas.typesystem.contains_type(name) else []
    return sorted(found, key=lambda fs: fs.xmiID)


def _event(
    found: Any, name: str, names: Mapping[int, Entity], provenance: Provenance, where: str
) -> Event:
    key = (found.begin, found.end, found.value)
    of = f"the Event at {found.begin}"
    arguments = []
    for link in found.arguments.elements or () if found.arguments else ():
        target = names.get(getattr(link.target, "xmiID", -1))
        if target is None:
            raise InputError(f"{of}: {link.role} is filled by no NamedEntity", where=where)
        told = provenance.take("arguments", (*key, link.role, *target.key))
        fields = {"role": link.role, "target": target.id, **told}
        arguments.append(validated(Argument, fields, where, of=of))
    known = {"begin", "end", "sofa", "value", "arguments"}
    features = [f.name for f in found.type.all_features if f.name not in known]
    attributes = {named_by(f): found[f] for f in features if found[f] is not None}
    trigger = validated(TextSpan, {"start": key[0], "end": key[1]}, where, of=of)
    told = provenance.take("events", key)
    fields = {"id": name, "type": key[2], "trigger": trigger, "arguments": tuple(arguments)}
    return validated(Event, {**fields, "attributes": attributes, **told}, where, of=of)
