"""CoNLL-style files from elsewhere: schemes, columns, documents and texts."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.errors import InputError
from curation.formats.conll import IRREGULAR, read_conll
from curation.formats.reading import Reading, Unseen
from curation.model import Document


def read(
    text: str, columns: Mapping[str, int] | None = None, *known: Document
) -> list[Reading | Unseen | InputError]:
    """What is in the file "f" with this text."""
    documents = {document.uid: document for document in known}
    given = {} if columns is None else columns
    found = read_conll(
        text, given, where="f", annotator="f", language=lambda _text: "en", documents=documents
    )
    return list(found)


def spans(reading: Reading | Unseen | InputError) -> list[tuple[str, str]]:
    """(surface, label) of each entity."""
    assert isinstance(reading, Reading), reading
    text = reading.record.document.text
    return [(text[e.start : e.end], e.label) for e in reading.annotations.entities]


@pytest.mark.parametrize(
    ("name", "tags"),
    [
        ("IOB2", "B-PER I-PER B-PER O B-LOC"),
        ("IOB1", "I-PER I-PER B-PER O I-LOC"),
        ("BILOU", "B-PER L-PER U-PER O U-LOC"),
        ("BIOES", "B-PER E-PER S-PER O S-LOC"),
    ],
)
def test_the_schemes_say_the_same(name: str, tags: str) -> None:
    """Two touching persons and a place, in every scheme."""
    words = ["Anna", "Berg", "Ben", "in", "Oslo"]
    text = "\n".join(f"{w} {t}" for w, t in zip(words, tags.split(), strict=True))
    (found,) = read(text)
    assert spans(found) == [("Anna Berg", "PER"), ("Ben", "PER"), ("Oslo", "LOC")], name
    assert isinstance(found, Reading)
    assert found.repaired == {}


def test_an_entity_ends_with_its_sentence_and_its_label() -> None:
    """I- after a blank line, or after another label, begins an entity; in BIO that is told."""
    (found,) = read("A B-PER\n\nB I-PER\nC I-LOC\n")
    assert spans(found) == [("A", "PER"), ("B", "PER"), ("C", "LOC")]
    assert isinstance(found, Reading)
    assert found.repaired == {IRREGULAR: 2}


def test_columns_are_annotators_over_one_document() -> None:
    """Each column is somebody's set of the same document; the token is column 0."""
    text = "Anna NNP B-PER O\nsaw VBD O O\nOslo NNP O B-LOC\n"
    anna, ben = read(text, {"anna": 2, "ben": -1})
    assert (spans(anna), spans(ben)) == ([("Anna", "PER")], [("Oslo", "LOC")])
    assert isinstance(anna, Reading)
    assert isinstance(ben, Reading)
    assert anna.record.document == ben.record.document
    assert (anna.annotations.annotator, ben.annotations.annotator) == ("anna", "ben")
    assert anna.record.document.text == "Anna saw Oslo"


def test_documents_begin_at_their_marks() -> None:
    """Newdoc and -DOCSTART- begin documents; without an id the text gives one."""
    text = (
        "# newdoc id = a\n# sent_id = 1\nAnna B-PER\n\n# newdoc id = b\nBen B-PER\n"
        "-DOCSTART- -X- O\n\nOslo B-LOC\n"
    )
    found = read(text)
    uids = [r.record.document.uid for r in found if isinstance(r, Reading)]
    assert uids[:2] == ["a", "b"]
    assert uids[2].startswith("text-")
    again = read("Oslo\tO\r\n")[0]
    assert isinstance(again, Reading)
    assert again.record.document.uid == uids[2]


def test_the_text_comment_is_kept_where_it_has_the_same_tokens() -> None:
    """The blanks of "# text" are kept; where it is another text, single blanks stand there."""
    text = "# text = Fico, then.\nFico B-PER\n, O\nthen O\n. O\n\n# text = other\nOslo B-LOC\n! O\n"
    (found,) = read(text)
    assert isinstance(found, Reading)
    assert found.record.document.text == "Fico, then.\nOslo !"
    assert spans(found) == [("Fico", "PER"), ("Oslo", "LOC")]


def test_the_text_of_a_known_document_holds() -> None:
    """Offsets are found in a text that is known; tokens of another text are refused."""
    known = Document(uid="a", language="sk", text="Anna  saw\n\nOslo.")
    (found,) = read("# id = a\nAnna O\nsaw O\nOslo B-LOC\n. O\n", None, known)
    assert isinstance(found, Reading)
    assert found.record.document is known
    assert found.annotations.entities[0].start == 11
    (wrong,) = read("# id = a\nAnna O\nsees O\n", None, known)
    assert "f:3: the text goes on with 'saw" in str(wrong)


def test_a_column_of_underscores_has_not_been_seen() -> None:
    """No set is not an empty set."""
    empty, unseen = read("# id = a\nAnna O _\nBerg O _\n", {"anna": 1, "ben": 2})
    assert spans(empty) == []
    assert unseen == Unseen("a", "ben")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Anna O\nOslo\n", "f:2: no column 1 beside the token; the line has 1"),
        ("Anna O\nOslo PER\n", "f:2: 'PER' in column 1 is no tag"),
        ("Anna O\nOslo _\n", "f:2: column 1 has tags and “_” in one document"),
        ("Anna Berg\tO\n", "f:1: a token with white space"),
    ],
)
def test_bad_lines_are_refused_with_their_place(text: str, message: str) -> None:
    """What is wrong with a document is given in its place, and the next one is read."""
    bad, good = read(text + "# id = b\nBen O\n", {"anna": 1})
    assert str(bad).startswith(message)
    assert isinstance(good, Reading)


def test_a_token_may_look_like_a_comment() -> None:
    """A line that begins with # and ends with a tag is a token."""
    (found,) = read("# O\n1 O\nOslo B-LOC\n", {"anna": 1})
    assert isinstance(found, Reading)
    assert found.record.document.text == "# 1 Oslo"


LABELS = st.sampled_from(["PER", "LOC"])


@settings(derandomize=True, max_examples=60)
@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(1, 3), LABELS), min_size=1, max_size=8),
    st.sampled_from(["IOB2", "BILOU"]),
)
def test_written_entities_are_read(chunks: list[tuple[int, int, str]], scheme: str) -> None:
    """Any sequence of entities with gaps comes back from IOB2 and BILOU as it was."""
    tags: list[str] = []
    expected = []
    for gap, size, label in chunks:
        tags += ["O"] * gap
        expected.append((len(tags), len(tags) + size, label))
        middle = [f"I-{label}"] * size
        middle[0] = f"B-{label}"
        if scheme == "BILOU":
            middle[-1] = f"L-{label}" if size > 1 else f"U-{label}"
        tags += middle
    (found,) = read("\n".join(f"x {tag}" for tag in tags), {"a": 1})
    assert isinstance(found, Reading)
    # every word is one character with one blank behind it
    assert [
        (e.start // 2, (e.end + 1) // 2, e.label) for e in found.annotations.entities
    ] == expected


@pytest.mark.timeout(10)
def test_a_file_of_comments_and_blank_lines_is_read_at_once() -> None:
    """Blank lines without tokens between them are no sentences."""
    (found,) = read("# id = a\n\n" * 50_000 + "Anna B-PER\n\n\nBerg I-PER\n")
    assert spans(found) == [("Anna", "PER"), ("Berg", "PER")]
    assert isinstance(found, Reading)
    assert found.record.document.text == "Anna\nBerg"
