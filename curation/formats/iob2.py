"""IOB2, BILOU and CoNLL: one token and tag per line; flat entities and nothing else.

    # id = sk-001             iob2, bilou             # newdoc id = sk-001       conll
    # annotator = anna                                # annotator = anna
    Robert<TAB>B-PER                                  # language = sk
    Fico<TAB>I-PER            bilou: L-PER            # text = Robert Fico
                                                      Robert<TAB>B-PER
                                                      Fico<TAB>I-PER

"conll" has IOB2 tags and the text of every sentence: what `curation import iob2` takes as it is.
A blank line ends a sentence; sentences end at the line breaks of the text, except inside an entity.
A comment has no tab, so a token "#" is not taken for one. Values in comments are quoted as in JSON
where they hold control characters. Whitespace is no token: with the text at hand, `read_iob2` finds
the offsets again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from curation.errors import InputError
from curation.formats.alignment import AlignedItem, AlignmentPolicy, align, flatten, hold_strict
from curation.formats.files import write_lines
from curation.formats.json_items import validated
from curation.formats.losses import Loss, LossCertificate, spans_of
from curation.formats.order import place, streamed
from curation.formats.tagged import IOB2, Layout, TaggedDocument, parse_iob2, token_places
from curation.formats.tags import chunks, continues, tags
from curation.model import AnnotationSet, Document, Entity, Event, Record
from curation.spans import Span

__all__ = [
    "read_iob2",
    "records_to_iob2",
    "stand_ins",
    "tagged_lines",
]


def records_to_iob2(
    records: Iterable[Record], *, policy: AlignmentPolicy = "expand", layout: Layout = IOB2
) -> tuple[str, LossCertificate]:
    """The text of a file, and what it does not carry.

    Raises InputError under the policy "strict" where an entity is not on token borders or overlaps
    another, and under any policy for a label that holds a tab or a line break.
    """
    balance = _Balance()
    lines = "".join(line + "\n" for line in _lines(records, policy, layout, balance))
    return lines, balance.certificate(layout)


def tagged_lines(
    path: Path, records: Iterable[Record], policy: AlignmentPolicy, layout: Layout
) -> LossCertificate:
    """`records_to_iob2` into a file, whole or not at all, one record at a time in memory."""
    balance = _Balance()
    write_lines(path, _lines(records, policy, layout, balance))
    return balance.certificate(layout)


@dataclass
class _Balance:
    """What went in and out so far."""

    spans_in: int = 0
    spans_out: int = 0
    losses: list[Loss] = field(default_factory=list)

    def certificate(self, layout: Layout) -> LossCertificate:
        return LossCertificate(layout.name, self.spans_in, self.spans_out, tuple(self.losses))


def _lines(
    records: Iterable[Record], policy: AlignmentPolicy, layout: Layout, balance: _Balance
) -> Iterator[str]:
    for record in streamed(records):
        balance.spans_in += spans_of(record)
        if record.annotations is None:
            balance.losses.append(_unseen(record.document))
        else:
            yield from _block(record.document, record.annotations, policy, layout, balance)
    hold_strict(policy, balance.losses)


def _unseen(document: Document) -> Loss:
    size = len(document.text)
    return Loss(document.uid, "", "", "unseen", 0, size, "nobody has annotated the document")


def _block(
    document: Document,
    annotations: AnnotationSet,
    policy: AlignmentPolicy,
    layout: Layout,
    balance: _Balance,
) -> Iterator[str]:
    # Reading needs no tokenizer, and spaCy takes seconds to import.
    from curation.formats.tokens import borders, tokenize, word_indices

    doc = tokenize(document.text, document.language)
    places = borders(doc, word_indices(doc))
    aligned, lost = align(annotations.entities, places, annotations, policy)
    flat, covered = flatten(aligned, annotations, dropped=True)
    balance.spans_out += len(flat)
    balance.losses += [*lost, *covered, *(_not_carried(e, annotations) for e in annotations.events)]
    said = tags(len(places), _named(flat, document.uid), layout.scheme)
    yield from _comments(document, annotations, layout)
    text = document.text
    for number, (first, end) in enumerate(_sentences(text, places, said)):
        if number:
            yield ""
        if layout.texts:
            yield f"# text = {_quoted(text[places[first].start : places[end - 1].end])}"
        for span, tag in zip(places[first:end], said[first:end], strict=True):
            yield f"{text[span.start : span.end]}\t{tag}"
    yield ""


def _sentences(text: str, places: Sequence[Span], said: Sequence[str]) -> Iterator[tuple[int, int]]:
    """The tokens of each sentence, half-open: it ends at line breaks outside entities."""
    first = 0
    for index in range(1, len(places)):
        gap = text[places[index - 1].end : places[index].start]
        if not continues(said[index]) and _breaks(gap):
            yield first, index
            first = index
    if places:
        yield first, len(places)


def _breaks(gap: str) -> bool:
    return any(character in gap for character in "\n\r\x0b\x0c\x85\u2028\u2029")


def _named(flat: Iterable[AlignedItem[Entity]], uid: str) -> Iterator[tuple[int, int, str]]:
    """Tokens and label of each entity; InputError for a label that would break the columns."""
    for aligned in flat:
        label = aligned.item.label
        if "\t" in label or len(label.splitlines()) != 1:
            raise InputError(
                f"{aligned.item.id}: label {label!r} cannot stand in a column",
                where=place(uid),
                hint="rename the label",
            )
        yield aligned.first, aligned.last, label


def _comments(document: Document, annotations: AnnotationSet, layout: Layout) -> Iterator[str]:
    yield f"# {'newdoc id' if layout.texts else 'id'} = {_quoted(annotations.uid)}"
    yield f"# annotator = {_quoted(annotations.annotator)}"
    if annotations.kind != "person":
        yield f"# kind = {annotations.kind}"
    if layout.texts:
        yield f"# language = {_quoted(document.language)}"


def _quoted(value: str) -> str:
    plain = value.isprintable() and value == value.strip() and not value.startswith('"')
    return value if plain else json.dumps(value)


def _not_carried(event: Event, annotations: AnnotationSet) -> Loss:
    return Loss(
        uid=annotations.uid,
        annotator=annotations.annotator,
        item=event.id,
        reason="not_carried",
        start=event.start,
        end=event.end,
        detail=f"event with {len(event.arguments)} arguments "
        f"and {len(event.attributes)} attributes",
    )


def read_iob2(
    lines: Iterable[str],
    documents: Mapping[str, Document],
    where: str,
    layout: Layout = IOB2,
) -> Iterator[Record | InputError]:
    """The records in a file, with offsets found in the texts of `documents` (by uid).

    What is wrong with one document is given in its place, so that all of it can be reported.
    Raises InputError, as `parse_iob2` does, where the file itself cannot be read.
    """
    for tagged in parse_iob2(lines, where, layout):
        try:
            yield _record(tagged, documents, where)
        except InputError as error:
            yield error


def stand_ins(lines: Iterable[str], where: str, layout: Layout) -> dict[str, Document]:
    """By uid, Documents with as much of the texts as the file has.

    Sentences that bring their texts are lines of it; of others the tokens, a blank between two.
    """
    found: dict[str, Document] = {}
    for tagged in parse_iob2(lines, where, layout):
        if layout.texts:
            text = "\n".join(tagged.texts)
        else:
            text = " ".join(token.text for token in tagged.tokens)
        fields = {"uid": tagged.uid, "language": tagged.language, "text": text}
        found.setdefault(tagged.uid, validated(Document, fields, where))
    return found


def _record(tagged: TaggedDocument, documents: Mapping[str, Document], where: str) -> Record:
    document = documents.get(tagged.uid)
    if document is None:
        raise InputError(
            f"document {tagged.uid!r} is unknown", where=where, hint="give its text as well"
        )
    fields = {
        "uid": tagged.uid,
        "annotator": tagged.annotator,
        "kind": tagged.kind,
        "entities": tuple(_entities(tagged, document.text, where)),
    }
    annotations = validated(AnnotationSet, fields, where, of=f"document {tagged.uid!r}")
    return Record(document=document, annotations=annotations, has_events=False)


def _entities(tagged: TaggedDocument, text: str, where: str) -> Iterator[Entity]:
    tokens = tagged.tokens
    places = token_places(tokens, text, where)
    found = chunks([token.tag for token in tokens])
    for number, (first, end, label) in enumerate(found, 1):
        start = places[first].start
        yield Entity(id=f"T{number}", start=start, end=places[end - 1].end, label=label)
