"""Every format gives back what went in, less what its certificate lists; for any record."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.errors import InputError
from curation.formats.alignment import AlignmentPolicy
from curation.formats.losses import DROPPED, LossCertificate
from curation.formats.order import canonical
from curation.formats.registry import EXPORTERS, exporter
from curation.model import AnnotationSet, Argument, Document, Entity, Event, Record, TextSpan

# Words and gaps that have broken tokenisers and offset arithmetic: astral characters, joiners,
# combining marks, right-to-left text, punctuation inside words, rare line breaks, comment signs.
PIECES = [
    *("Fico", "don't", "U.S.", "e-mail@x.sk", "New-York", "#", "# id = x", "-DOCSTART-", "B-PER"),
    *("👍🏽", "👩‍👩‍👧", "e\u0301", "שלום", "القاهرة", "北京", "Žilina,", "“Haftar”", "\u200b", '"'),
    *(" ", "  ", "\n", "\r\n", "\t", "\u00a0", "\u2028", "\x85", "\x1c"),
]
LANGUAGES = ["sk", "en", "nl", "nb", "sv", "he", "zh", "ja", "pt-BR", "zz-unknown", "../en"]
KINDS = ["person", "sample", "model", "adjudicator", "gold"]
META = st.dictionaries(
    st.sampled_from(["a", "b", "ключ"]),
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5), st.just([{"x": 1.5}])),
    max_size=2,
)
texts = st.lists(st.sampled_from(PIECES), max_size=12).map("".join)
names = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1, max_size=6
).map(lambda name: name + "x")
labels = st.sampled_from(["PER", "ORG", "Political party", "خ‌ی", "B-x", "|"])
scores = st.one_of(st.none(), st.floats(0, 1, width=32))


@st.composite
def spans(draw: st.DrawFn, text: str) -> TextSpan | None:
    """A span of `text` that is not only whitespace, or None where there is none."""
    inked = [i for i, character in enumerate(text) if not character.isspace()]
    if not inked:
        return None
    inside = draw(st.sampled_from(inked))
    start = draw(st.integers(max(0, inside - 8), inside))
    return TextSpan(start=start, end=draw(st.integers(inside + 1, min(len(text), inside + 8))))


@st.composite
def annotation_sets(draw: st.DrawFn, uid: str, text: str, annotator: str) -> AnnotationSet:
    """A sound set over `text`, with nested, touching and unaligned spans."""
    found = draw(st.lists(spans(text), max_size=5))
    entities = tuple(
        Entity(id=f"T{i}", start=s.start, end=s.end, label=draw(labels), score=draw(scores))
        for i, s in enumerate(found, 1)
        if s is not None
    )
    triggers = draw(st.lists(spans(text), max_size=2))
    targets = st.sampled_from([e.id for e in entities]) if entities else st.nothing()
    arguments = st.lists(
        st.builds(Argument, role=st.sampled_from(["Actor", "Date"]), target=targets), max_size=2
    )
    events = tuple(
        Event(
            id=f"E{i}",
            type=draw(st.sampled_from(["CONSULT", "AID"])),
            trigger=s,
            arguments=tuple(draw(arguments)) if entities else (),
            attributes=draw(st.sampled_from([{}, {"tense": "past"}, {"b": "1", "a": "🙂"}])),
            component=draw(st.sampled_from([None, "rules"])),
        )
        for i, s in enumerate(triggers, 1)
        if s is not None
    )
    return AnnotationSet(
        uid=uid,
        annotator=annotator,
        kind=draw(st.sampled_from(KINDS)),
        entities=entities,
        events=events,
        provenance=draw(META),
    )


@st.composite
def documents(draw: st.DrawFn, uid: str) -> Document:
    """A document with any of the metadata it may have."""
    return Document(
        uid=uid,
        language=draw(st.sampled_from(LANGUAGES)),
        text=draw(texts),
        source=draw(st.sampled_from([None, "TASR", "=cmd()"])),
        published=draw(st.sampled_from([None, "2020", "2020-01", "2020-01-13"])),
        revision=draw(st.integers(1, 3)),
        meta=draw(META),
    )


@st.composite
def record_lists(draw: st.DrawFn) -> list[Record]:
    """Documents that nobody, one or two annotators have seen, in any order."""
    records: list[Record] = []
    for uid in draw(st.lists(names, max_size=3, unique=True)):
        document = draw(documents(uid))
        annotators = draw(st.lists(names, max_size=2, unique=True))
        sets = [draw(annotation_sets(uid, document.text, name)) for name in annotators]
        records += [
            Record(
                document=document, annotations=s, has_events=bool(s.events) or draw(st.booleans())
            )
            for s in sets
        ] or [Record(document=document, has_events=False)]
    return draw(st.permutations(records))


def as_bytes(path: Path) -> dict[str, bytes]:
    """Every file at or under `path`."""
    files = [path] if path.is_file() else [p for p in path.rglob("*") if p.is_file()]
    return {str(p.relative_to(path)): p.read_bytes() for p in files}


def without_losses(
    records: list[Record], certificate: LossCertificate
) -> tuple[list[Record], Mapping[tuple[str, str, str], tuple[int, int]]]:
    """The records less all that the certificate says was dropped, and where the rest was moved."""
    dropped = {(x.uid, x.annotator, x.item) for x in certificate.losses if x.reason in DROPPED}
    unseen = {x.uid for x in certificate.losses if x.reason == "unseen"}
    moved = {
        (x.uid, x.annotator, x.item): (x.start, x.end)
        for x in certificate.losses
        if x.reason == "moved"
    }
    kept = [r for r in canonical(records) if r.annotations or r.document.uid not in unseen]
    return [_less(record, dropped) for record in kept], moved


def _less(record: Record, dropped: set[tuple[str, str, str]]) -> Record:
    s = record.annotations
    if s is None:
        return record
    gone = {item for uid, annotator, item in dropped if (uid, annotator) == (s.uid, s.annotator)}
    events = [
        e.model_copy(update={"arguments": tuple(a for a in e.arguments if a.target not in gone)})
        for e in s.events
        if e.id not in gone
    ]
    entities = tuple(e for e in s.entities if e.id not in gone)
    left = s.model_copy(update={"entities": entities, "events": tuple(events)})
    return record.model_copy(update={"annotations": left})


def assert_same_but_moved(
    found: list[Record],
    expected: list[Record],
    moved: Mapping[tuple[str, str, str], tuple[int, int]],
    *,
    full: bool,
) -> None:
    """Equal records, except that moved items touch their old place; `full`: with all else."""
    assert len(found) == len(expected)
    for new, old in zip(found, expected, strict=True):
        assert new.document == old.document
        assert (new.annotations is None) == (old.annotations is None)
        if new.annotations is None or old.annotations is None:
            continue
        a, b = new.annotations, old.annotations
        assert (a.annotator, a.kind) == (b.annotator, b.kind)
        assert len(a.items) == len(b.items)
        for item, before in zip(a.items, b.items, strict=True):
            key = (b.uid, b.annotator, before.id)
            if key in moved:
                assert moved[key] == (before.start, before.end) != (item.start, item.end)
                assert item.start < before.end
                assert before.start < item.end
            else:
                assert item.key == before.key
        if full:
            assert new.has_events == old.has_events
            assert a.provenance == b.provenance
            assert [_content(e) for e in a.items] == [_content(e) for e in b.items]


def map_labels(record: Record) -> tuple[str, str, list[str]]:
    """Whose record of what it is, and its labels."""
    assert record.annotations is not None
    said = record.annotations
    return said.uid, said.annotator, [e.label for e in said.entities]


def _content(item: Entity | Event) -> dict[str, object]:
    data = item.model_dump()
    return {k: v for k, v in data.items() if k not in {"start", "end", "trigger"}}


@pytest.mark.parametrize("name", ["jsonl", "parquet", "brat"])
@settings(max_examples=60, deadline=None, derandomize=True)
@given(records=record_lists())
def test_formats_that_carry_everything_give_equal_records(name: str, records: list[Record]) -> None:
    """JSON Lines, parquet and brat lose nothing, and say so."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "out"
        certificate = EXPORTERS[name].export(records, path, "expand")
        assert EXPORTERS[name].read(path, {}) == canonical(records)
    assert certificate.losses == ()


@pytest.mark.parametrize("policy", ["expand", "drop"])
@settings(max_examples=60, deadline=None, derandomize=True)
@given(records=record_lists())
def test_docbin_gives_back_all_but_what_its_certificate_lists(
    policy: AlignmentPolicy, records: list[Record]
) -> None:
    """A DocBin holds every document, entity, event, argument and attribute it did not list."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "out.spacy"
        certificate = EXPORTERS["spacy"].export(records, path, policy)
        found = EXPORTERS["spacy"].read(path, {})
    expected, moved = without_losses(records, certificate)
    assert_same_but_moved(found, expected, moved, full=True)
    assert ("moved" if policy == "drop" else "unaligned") not in certificate.by_reason
    assert certificate.by_reason.keys() <= {"moved", "unaligned", "flattened", "argument"}


@pytest.mark.parametrize("name", ["iob2", "bilou", "conll"])
@pytest.mark.parametrize("policy", ["expand", "drop"])
@settings(max_examples=40, deadline=None, derandomize=True)
@given(records=record_lists())
def test_tags_give_back_the_entities_their_certificate_does_not_list(
    name: str, policy: AlignmentPolicy, records: list[Record]
) -> None:
    """With the texts given, every flat entity is at its exact place; without, there are as many."""
    exporter_, path_name = EXPORTERS[name], f"out{EXPORTERS[name].suffix}"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / path_name
        certificate = exporter_.export(records, path, policy)
        found = exporter_.read(path, {r.document.uid: r.document for r in records})
        assert exporter_.texts is not None
        counted = exporter_.read(path, exporter_.texts(path))
    expected, moved = without_losses(records, certificate)
    assert_same_but_moved(found, expected, moved, full=False)
    assert [map_labels(r) for r in counted] == [map_labels(r) for r in found]


@pytest.mark.parametrize("name", EXPORTERS)
@settings(max_examples=15, deadline=None, derandomize=True)
@given(records=record_lists())
def test_the_same_records_give_the_same_bytes(name: str, records: list[Record]) -> None:
    """Built twice, from any order of records, an export is the same to the byte."""
    with tempfile.TemporaryDirectory() as folder:
        one, two = Path(folder) / "one", Path(folder) / "two"
        try:
            first = EXPORTERS[name].export(records, one, "expand")
        except InputError:
            assert name == "cas-xmi"  # XML has no place for control characters
            return
        second = EXPORTERS[name].export(records[::-1], two, "expand")
        assert as_bytes(one) == as_bytes(two)
    assert first == second


UNALIGNED = [
    Record(
        document=Document(uid=uid, language="en", text="Washington met"),
        annotations=AnnotationSet(
            uid=uid, annotator="anna", entities=(Entity(id="T1", start=0, end=4, label="PER"),)
        ),
    )
    for uid in ("a", "b")
]


@pytest.mark.parametrize("name", ["spacy", "iob2"])
def test_strict_refuses_and_names_every_span_that_does_not_fit(name: str, tmp_path: Path) -> None:
    """The strict policy writes nothing, and says which spans are in the way, in all documents."""
    with pytest.raises(InputError, match=r"2 spans .*a, anna, T1 \[0, 4\).*b, anna, T1"):
        EXPORTERS[name].export(UNALIGNED, tmp_path / "out", "strict")
    assert list(tmp_path.iterdir()) == []


def test_strict_takes_what_fits(tmp_path: Path) -> None:
    """Aligned, flat entities pass the strict policy of IOB2 without losses."""
    record = Record(
        document=Document(uid="a", language="en", text="Haftar met Putin"),
        annotations=AnnotationSet(
            uid="a", annotator="anna", entities=(Entity(id="T1", start=11, end=16, label="PER"),)
        ),
    )
    certificate = EXPORTERS["iob2"].export([record], tmp_path / "out", "strict")
    assert (certificate.spans_in, certificate.spans_out, certificate.losses) == (1, 1, ())


def test_an_unknown_format_is_answered_with_the_known_ones() -> None:
    """Asking for a format that does not exist lists those that do."""
    with pytest.raises(Exception, match="no format 'conllu'; the formats are jsonl, spacy, iob2"):
        exporter("conllu")


@pytest.mark.parametrize("name", EXPORTERS)
def test_rubbish_is_refused_by_every_reader(name: str, tmp_path: Path) -> None:
    """A file of another kind, or none, gives an InputError that names it."""
    hashed = hashlib.sha256(b"rubbish").digest() * 10
    (tmp_path / "rubbish").write_bytes(hashed)
    for path in (tmp_path / "rubbish", tmp_path / "missing"):
        with pytest.raises(InputError, match=path.name):
            EXPORTERS[name].read(path, {})
