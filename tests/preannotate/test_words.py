"""What the rules read of a Doc."""

from __future__ import annotations

import spacy
from spacy.tokens import Doc, Span

from curation.preannotate.words import read, text_of, texts_of


def doc_of(text: str) -> Doc:
    """Tokens and sentences."""
    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")
    return nlp(text)


def test_words_say_what_tokens_say() -> None:
    """Every attribute of a word is that of its token."""
    doc = doc_of("On 3 May  AU's Ann Lee spoke. They\nleft twelve towns!")
    doc.ents = [Span(doc, 5, 6, "ORG"), Span(doc, 7, 9, "PER")]
    reading = read(doc)
    for word, token in zip(reading.words, doc, strict=True):
        for name in (
            *("i", "text", "lower_", "whitespace_", "ent_type_", "ent_iob_", "is_alpha"),
            *("like_num", "is_space", "is_digit", "is_lower", "is_upper"),
        ):
            assert getattr(word, name) == getattr(token, name), (token, name)
        assert word.is_sent_start is bool(token.is_sent_start)
        assert len(word) == len(token)
    assert texts_of(doc) == [token.text for token in doc]
    assert text_of(doc) == doc.text
    assert reading.sentences == [(s.start, s.end) for s in doc.sents]
    found = [(n.start, n.end, n.label_, n.text, n.first.text, n.last.text) for n in reading.names]
    assert found == [(e.start, e.end, e.label_, e.text, e[0].text, e[-1].text) for e in doc.ents]


def test_a_changed_document_is_read_anew() -> None:
    """One reading serves as long as words, sentences and entities are the same."""
    doc = doc_of("Ann met Bo. They left.")
    first = read(doc)
    assert read(doc) is first
    doc.ents = [Span(doc, 0, 1, "PER")]
    second = read(doc)
    assert second is not first
    assert [n.text for n in second.names] == ["Ann"]
    doc[4].is_sent_start = False
    assert read(doc).sentences == [(0, len(doc))]


def test_no_words() -> None:
    """An empty document has nothing to read."""
    reading = read(doc_of(""))
    assert (list(reading.words), list(reading.names), list(reading.sentences)) == ([], [], [])
