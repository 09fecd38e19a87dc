"""The fast recogniser: its parts by hand, and what it finds and costs as it ships."""

from __future__ import annotations

import json
import re
from functools import partial
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st
from recognising import names, piped
from spacy.tokens import Span

from curation.errors import InputError
from curation.model import Document
from curation.preannotate import fast
from curation.preannotate.documents import annotate
from curation.preannotate.fast import (
    COMPONENT,
    MODEL_FOLDER,
    TABLES,
    FastModel,
    best_labels,
    load_fast,
    names_of,
    rows_of,
)
from curation.preannotate.pipeline import load_pipeline, pipeline_name
from curation.preannotate.tags import transitions

LABELS = ["O", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC"]
TEXTS = {
    "sk": ("Prezident Peter Novotný pricestoval do Bratislavy.", ("Bratislavy", "LOC")),
    "sv": ("Anna Lindqvist reste från Stockholm i går kväll.", ("Stockholm", "LOC")),
    "nb": ("Kari Hansen reiste fra Oslo til Danmark i går.", ("Danmark", "LOC")),
    "nl": ("Jan de Vries vertrok gisteren naar Frankrijk.", ("Frankrijk", "LOC")),
    "en": ("Mary Wilson flew from London to Germany.", ("Germany", "LOC")),
}


run = partial(piped, COMPONENT)


@pytest.mark.parametrize("language", sorted(TEXTS))
def test_plain_names_are_found_in_every_language(language: str) -> None:
    """A well-known place is found, with a score and the component's name."""
    text, expected = TEXTS[language]
    doc = run(language, text)[0]
    assert expected in names(doc)
    for ent in doc.ents:
        assert 0.0 < ent._.score <= 1.0
        assert ent._.component == COMPONENT


@pytest.mark.parametrize("language", ["de", "zh", "xx"])
def test_languages_it_was_not_taught_pass_through(language: str) -> None:
    """Another language's tokenizer gives entities with exact offsets, or none."""
    text = "Angela Merkel reiste von Berlin nach Frankreich."
    nlp = spacy.blank("xx") if language == "zh" else spacy.blank(language)
    nlp.add_pipe(COMPONENT)
    assert all(text[e.start_char : e.end_char] == e.text for e in nlp(text).ents)


@pytest.mark.parametrize("text", ["", " ", "\n\n\t ", "\u200b", "…", "?!", "😀"])
def test_texts_without_words_have_no_entities(text: str) -> None:
    """Empty text, white space and bare punctuation pass through unharmed."""
    doc = run("sv", text)[0]
    assert (doc.text, len(doc.ents)) == (text, 0)


def test_entities_already_there_win() -> None:
    """An entity of an earlier component is kept as it was."""
    nlp = spacy.blank("en")
    component = nlp.add_pipe(COMPONENT)
    doc = nlp.make_doc(TEXTS["en"][0])
    doc.ents = [Span(doc, 6, 7, label="DATE")]
    assert {ent.label_ for ent in component(doc).ents if ent.text == "Germany"} == {"DATE"}


def test_pipe_gives_what_single_calls_give() -> None:
    """A text's entities and scores do not depend on the texts before it."""
    texts = [text for text, _ in TEXTS.values()]
    for text, doc in zip(texts, run("en", *texts), strict=True):
        alone = run("en", text)[0]
        assert [(e.text, e.label_, e._.score) for e in alone.ents] == [
            (e.text, e.label_, e._.score) for e in doc.ents
        ]


def test_a_long_text_is_read_in_stretches_that_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    """Logits of stretches of 50 tokens are those of the whole at once."""
    words = " ".join(text for text, _ in TEXTS.values()).split() * 10
    whole = load_fast().logits(words, "en")
    monkeypatch.setattr(fast, "_TOKENS", 50)
    assert np.allclose(load_fast().logits(words, "en"), whole, atol=1e-4)


def test_forgotten_words_are_worked_out_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the memory of words overflows it starts afresh, and nothing else changes."""
    model = FastModel()
    words = TEXTS["en"][0].split()
    before = model.logits(words, "en")
    monkeypatch.setattr(fast, "_KEPT_WORDS", len(words) + 2)
    model.logits([f"word{i}" for i in range(5)], "en")
    assert len(model._known) == 5
    assert np.allclose(model.logits(words, "en"), before, atol=1e-5)


@given(st.text(min_size=1, max_size=40))
def test_every_word_has_rows_in_each_table(word: str) -> None:
    """Whatever the characters, each group of features has rows, inside its own table."""
    first = 0
    for (_, size), rows in zip(TABLES, rows_of(word), strict=True):
        assert rows
        assert all(first <= row < first + size for row in rows)
        first += size


def test_digits_and_case_are_told_by_shape_alone() -> None:
    """Numbers share the rows of words and n-grams; "May" and "may" differ in shape and start."""
    assert rows_of("1998") == rows_of("2024")[:2] + rows_of("1998")[2:]
    upper, lower = rows_of("May"), rows_of("may")
    assert [a == b for a, b in zip(upper, lower, strict=True)] == [True, True, False, True, False]


def test_names_are_read_off_labels() -> None:
    """B starts a name, also right after another; O ends it; the last may end the text."""
    assert list(names_of([0, 1, 2, 0, 5, 5, 6])) == [(1, 3, 1), (4, 5, 3), (5, 7, 3)]
    assert list(names_of([])) == []


def test_broken_sequences_are_mended_where_they_break() -> None:
    """An I-ORG after O becomes the start of the best valid name; sure labels stay."""
    logits = np.full((5, 7), -9.0, np.float32)
    logits[[0, 1, 4], 0] = 9.0
    logits[2, [4, 3]] = 3.0, 2.5
    logits[3, 4] = 3.0
    assert best_labels(logits, transitions(LABELS)) == [0, 0, 3, 4, 0]


@given(st.lists(st.lists(st.floats(-5, 5, width=32), min_size=7, max_size=7), min_size=1))
def test_best_sequences_are_valid(rows: list[list[float]]) -> None:
    """An inside label follows its own type only, whatever the logits."""
    labels = best_labels(np.asarray(rows, np.float32), transitions(LABELS))
    for before, label in pairwise([0, *labels]):
        assert label == 0 or label % 2 == 1 or before in {label, label - 1}


def test_the_pipeline_is_chosen_by_name() -> None:
    """Both built-in pipelines are named after themselves; without a name it is "accurate"."""
    assert pipeline_name(load_pipeline("sk", pipeline="fast")) == "curation-fast-0.1.0"
    assert load_pipeline("sk", pipeline="accurate") is load_pipeline("sk")
    assert pipeline_name(load_pipeline("sk")).startswith("curation-accurate-")


def test_languages_take_their_own_pipeline_before_the_default() -> None:
    """`pipelines` wins over `default`; sets are signed by what made them."""
    documents = [
        Document(uid=language, language=language, text="Anna Berg.") for language in ("sk", "en")
    ]
    found = annotate(documents, pipelines={"sk": "accurate"}, default="fast")
    assert [f.annotator.split("-")[1] for f in found] == ["accurate", "fast"]  # type: ignore[union-attr]


def test_a_broken_model_folder_is_named(tmp_path: Path) -> None:
    """A missing configuration is an input error that says where it was looked for."""
    with pytest.raises(InputError, match=re.escape(str(tmp_path))):
        load_fast(tmp_path)


def test_the_model_folder_is_small_and_documented() -> None:
    """Under 6 MB, with seed and scores, and the licence of every training set in the card."""
    assert sum(path.stat().st_size for path in MODEL_FOLDER.iterdir()) < 6_000_000
    config = json.loads((MODEL_FOLDER / "config.json").read_text(encoding="utf-8"))
    card = (MODEL_FOLDER / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert config["seed"]
    assert config["dev"]["mean_f1"] > 0.5
    for source in config["trained_on"]:
        assert re.search(rf"\| {re.escape(source)} \|.+\|.+\|", card)
