"""IOB2 files from elsewhere: what is read, and what is refused with its line."""

from __future__ import annotations

import pytest

from curation.errors import InputError, OffsetMismatch
from curation.formats.conll import read_conll
from curation.formats.iob2 import read_iob2, records_to_iob2
from curation.formats.reading import Reading
from curation.formats.tagged import LAYOUTS, parse_iob2
from curation.model import AnnotationSet, Document, Entity, Record

DOCUMENTS = {"a": Document(uid="a", language="en", text="Khalifa  Haftar met\nPutin.")}
HEAD = "# id = a\n# annotator = anna\n"


def read(text: str) -> list[Record | InputError]:
    """What is in the file "f" with this text."""
    return list(read_iob2(text.split("\n"), DOCUMENTS, "f"))


def test_offsets_are_found_in_the_text() -> None:
    """Tokens are placed one after the other, whatever whitespace is between them."""
    found = read(f"{HEAD}Khalifa\tB-PER\nHaftar\tI-PER\nmet\tO\n\nPutin\tB-PER\n.\tO\n\n")
    assert found == [
        Record(
            document=DOCUMENTS["a"],
            annotations=AnnotationSet(
                uid="a",
                annotator="anna",
                entities=(
                    Entity(id="T1", start=0, end=15, label="PER"),
                    Entity(id="T2", start=20, end=25, label="PER"),
                ),
            ),
            has_events=False,
        )
    ]


@pytest.mark.parametrize(
    ("tokens", "message"),
    [
        ("Khalifa\tO\nHafter\tO\n", "f:4: the text goes on with 'Haftar', not 'Hafter'"),
        ("Khalifa\tO\n", "f: the tokens end at 7 of 26 characters"),
    ],
)
def test_tokens_of_another_text_are_an_offset_mismatch(tokens: str, message: str) -> None:
    """A file made from another version of the document is refused at the token that differs."""
    (error,) = read(HEAD + tokens)
    assert isinstance(error, OffsetMismatch)
    assert str(error).startswith(message)


def test_one_bad_document_does_not_hide_the_next() -> None:
    """A document that is not known is reported, and the next one is read."""
    rest = "Khalifa\tO\nHaftar\tO\nmet\tO\nPutin\tO\n.\tO\n"
    unknown, known = read(f"# id = b\n# annotator = anna\nx\tO\n\n{HEAD}{rest}")
    assert "document 'b' is unknown" in str(unknown)
    assert isinstance(known, Record)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (HEAD + "Khalifa\n", "f:3: 'Khalifa' is not a token, a tab and a tag"),
        (HEAD + "Khalifa\tPER\n", "f:3: .* is not a token"),
        (HEAD + "Khalifa\tO\tx\n", "f:3: .* is not a token"),
        (HEAD + "Khalifa\tI-PER\n", "f:3: I-PER continues nothing"),
        (HEAD + "Khalifa\tB-PER\n\nHaftar\tI-PER\n", "f:5: I-PER continues nothing"),
        (HEAD + "Khalifa\tB-PER\nHaftar\tI-ORG\n", "f:4: I-ORG continues nothing"),
        ("Khalifa\tO\n", "f:1: tokens without a comment"),
        ('# id = "a\n', "f:1: the id is quoted, and not valid JSON"),
    ],
)
def test_a_line_that_is_not_iob2_is_refused(text: str, message: str) -> None:
    """Whatever cannot be IOB2 is an InputError with its line."""
    with pytest.raises(InputError, match=message):
        list(parse_iob2(text.split("\n"), "f"))


@pytest.mark.parametrize(
    ("head", "message"),
    [
        ("# id = a\n", "annotator: String should have at least 1 character"),
        (HEAD + "# kind = robot\n", "kind: Input should be 'person'"),
    ],
)
def test_a_header_that_no_set_can_have_is_refused(head: str, message: str) -> None:
    """A document without an annotator, or of an unknown kind, is reported."""
    (error,) = read(f"{head}Khalifa\tO\nHaftar\tO\nmet\tO\nPutin\tO\n.\tO\n")
    assert message in str(error)


def test_an_entity_over_a_line_break_is_not_cut() -> None:
    """A sentence ends at a line break of the text, but never inside an entity."""
    document = Document(uid="a", language="en", text="New\nYork\nis big")
    annotations = AnnotationSet(
        uid="a", annotator="anna", entities=(Entity(id="T1", start=0, end=8, label="LOC"),)
    )
    text, _ = records_to_iob2([Record(document=document, annotations=annotations)])
    assert text == f"{HEAD}New\tB-LOC\nYork\tI-LOC\n\nis\tO\nbig\tO\n\n"


@pytest.mark.parametrize("label", ["a\tb", "a\nb", "a\u2028b"])
def test_a_label_that_would_break_the_columns_is_refused(label: str) -> None:
    """A tab or line break in a label is an error, not a damaged file."""
    annotations = AnnotationSet(
        uid="a", annotator="anna", entities=(Entity(id="T1", start=0, end=7, label=label),)
    )
    with pytest.raises(InputError, match=r"a: T1: label .* cannot stand in a column"):
        records_to_iob2([Record(document=DOCUMENTS["a"], annotations=annotations)])


BILOU = f"{HEAD}Khalifa\tB-PER\nHaftar\tL-PER\nmet\tO\n\nPutin\tU-PER\n.\tO\n\n"


def test_bilou_tells_the_last_token_and_single_ones() -> None:
    """Two tokens are B- and L-, one is U-; reading gives the same entities as IOB2 does."""
    (record,) = (r for r in read(BILOU.replace("L-", "I-").replace("U-", "B-")))
    assert isinstance(record, Record)
    text, certificate = records_to_iob2([record], layout=LAYOUTS["bilou"])
    assert text == BILOU
    assert (certificate.format, certificate.spans_in, certificate.spans_out) == ("bilou", 2, 2)
    again = list(read_iob2(text.split("\n"), DOCUMENTS, "f", LAYOUTS["bilou"]))
    assert again == [record]


@pytest.mark.parametrize(
    ("tokens", "message"),
    [
        ("Khalifa\tB-PER\nHaftar\tO\n", "f:4: B-PER is not ended by L-"),
        ("Khalifa\tB-PER\n\nHaftar\tL-PER\n", "f:5: L-PER continues nothing"),
        ("Khalifa\tB-PER\nHaftar\tI-PER\n", "f:4: I-PER is not ended by L-"),
        ("Khalifa\tU-PER\nHaftar\tL-PER\n", "f:4: L-PER continues nothing"),
        ("Khalifa\tS-PER\n", "f:3: .* is not a token, a tab and a tag"),
    ],
)
def test_tags_that_are_not_bilou_are_refused(tokens: str, message: str) -> None:
    """An entity that is not ended, or goes on with nothing, is an InputError with its line."""
    with pytest.raises(InputError, match=message):
        list(parse_iob2((HEAD + tokens).split("\n"), "f", LAYOUTS["bilou"]))


def test_conll_brings_the_texts_of_its_sentences_to_the_import_of_teams() -> None:
    """Offsets are found again without the document, by the reader of files from elsewhere."""
    text = "Khalifa Haftar, New York\nis big"
    said = AnnotationSet(
        uid="a",
        annotator="anna",
        entities=(
            Entity(id="T1", start=0, end=14, label="PER"),
            Entity(id="T2", start=16, end=24, label="LOC"),
        ),
    )
    record = Record(document=Document(uid="a", language="en", text=text), annotations=said)
    written, _ = records_to_iob2([record], layout=LAYOUTS["conll"])
    assert written.startswith(
        "# newdoc id = a\n# annotator = anna\n# language = en\n"
        "# text = Khalifa Haftar, New York\nKhalifa\tB-PER\n"
    )
    (found,) = read_conll(
        written, {}, where="f", annotator="x", language=lambda _: "en", documents={}
    )
    assert isinstance(found, Reading)
    assert found.record == record.model_copy(update={"has_events": False})
