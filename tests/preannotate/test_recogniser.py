"""The recogniser: names in five languages, exact offsets, and no surprises on odd texts."""

from __future__ import annotations

import gzip
import json
import re
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest
import spacy
from recognising import names, piped
from spacy.tokens import Span

from curation.errors import InputError
from curation.preannotate.ner import (
    MODEL_FOLDER,
    Found,
    NerModel,
    _stretches,
    load_model,
    trim,
)
from curation.preannotate.recogniser import COMPONENT, Recogniser

DEV = Path(__file__).resolve().parents[3] / "shared" / "data" / "ner" / "dev"
FLOOR = 0.84
"""A bit under the mean F1 measured on a sample of the dev sets."""

TEXTS = {
    "sk": (
        "Prezident Peter Novotný pricestoval do Bratislavy, oznámila agentúra Reuters.",
        {("Peter Novotný", "PER"), ("Bratislavy", "LOC"), ("Reuters", "ORG")},
    ),
    "sv": (
        "Anna Lindqvist från Göteborg arbetar sedan i våras på Volvo i Belgien.",
        {("Anna Lindqvist", "PER"), ("Göteborg", "LOC"), ("Volvo", "ORG"), ("Belgien", "LOC")},
    ),
    "nb": (
        "Kari Nordmann møtte ledelsen i Equinor i Stavanger og reiste videre til Danmark.",
        {("Kari Nordmann", "PER"), ("Equinor", "ORG"), ("Stavanger", "LOC"), ("Danmark", "LOC")},
    ),
    "nl": (
        "Jan de Vries vertrok uit Rotterdam, waar hij voor Philips werkte, naar Frankrijk.",
        {("Jan de Vries", "PER"), ("Rotterdam", "LOC"), ("Philips", "ORG"), ("Frankrijk", "LOC")},
    ),
    "en": (
        "Mary Wilson flew from London to Germany to meet officials of the World Bank.",
        {("Mary Wilson", "PER"), ("London", "LOC"), ("Germany", "LOC"), ("World Bank", "ORG")},
    ),
}


@pytest.fixture(scope="module")
def model() -> NerModel:
    """The model that ships."""
    return load_model()


run = partial(piped, COMPONENT)


@pytest.mark.parametrize("language", sorted(TEXTS))
def test_names_are_found_in_every_language(language: str) -> None:
    """Plain names of persons, organisations and places are found, with their labels."""
    text, expected = TEXTS[language]
    assert names(run(language, text)[0]) >= expected


def test_scores_and_component_are_on_every_entity() -> None:
    """Each entity says how certain it is and who found it."""
    for ent in run("en", TEXTS["en"][0])[0].ents:
        assert 0.0 < ent._.score <= 1.0
        assert ent._.component == COMPONENT


def test_importing_loads_no_network_library() -> None:
    """Importing the module, and even adding the component, leaves onnxruntime unloaded."""
    code = (
        "import sys, spacy, curation.preannotate.recogniser as r\n"
        "spacy.blank('en').add_pipe(r.COMPONENT)\n"
        "sys.exit('onnxruntime' in sys.modules or 'torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_languages_share_one_session() -> None:
    """Components of different languages use the very same model object."""
    first, second = (spacy.blank(language).add_pipe(COMPONENT) for language in ("sk", "nl"))
    assert isinstance(first, Recogniser)
    assert isinstance(second, Recogniser)
    assert first.network is second.network


def test_pipe_gives_what_single_calls_give() -> None:
    """What a text is batched with does not change its entities or scores."""
    texts = [text for text, _ in TEXTS.values()] + [
        "Short.",
        " ".join(t for t, _ in TEXTS.values()),
    ]
    together = run("en", *texts)
    for text, doc in zip(texts, together, strict=True):
        alone = run("en", text)[0]
        assert names(alone) == names(doc)
        assert [e._.score for e in alone.ents] == pytest.approx(
            [e._.score for e in doc.ents], abs=1e-3
        )


@pytest.mark.parametrize("text", ["", " ", "\n\n\t ", "\u200b", "\u00a0\u2028", "…", "?!"])
def test_texts_without_words_have_no_entities(text: str) -> None:
    """Empty text, white space and bare punctuation pass through unharmed."""
    doc = run("sv", text)[0]
    assert doc.text == text
    assert not doc.ents


def test_emoji_do_not_shift_offsets() -> None:
    """Characters outside the basic plane, joined emoji and flags leave offsets exact."""
    text = "😀👨‍👩‍👧 Mary Wilson 🇳🇴 landed in London 🎉🎉 with e\u0301clat."
    doc = run("en", text)[0]
    assert ("Mary Wilson", "PER") in names(doc)
    assert ("London", "LOC") in names(doc)
    assert all(text[ent.start_char : ent.end_char] == ent.text for ent in doc.ents)


def test_nested_quotes_stay_outside_of_names() -> None:
    """Quotes and brackets around a name, also nested ones, are not part of it."""
    text = "„Povedal ‚Peter Novotný‘,“ napísal (“Reuters”) z «Londýna»."
    for ent in run("sk", text)[0].ents:
        assert re.fullmatch(r"\w.*\w", ent.text)
        assert not set(ent.text) & set("„“‚‘”«»(),")


def test_a_name_glued_to_a_quote_is_cut_out_of_its_token() -> None:
    """A token that holds more than the name is split; text and sentence starts stay."""
    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")
    doc = nlp('It was a "London"-based firm. It closed.')
    start = doc.text.index("London")
    Recogniser().annotate(doc, [Found(start, start + 6, "LOC", 0.9)])
    assert [(ent.text, ent._.score) for ent in doc.ents] == [("London", 0.9)]
    assert doc.text == 'It was a "London"-based firm. It closed.'
    assert len(list(doc.sents)) == 2


def test_entities_already_there_win() -> None:
    """An entity of an earlier component is kept as it was, and not given a score."""
    doc = spacy.blank("en")("Mary Wilson flew to London.")
    doc.ents = [Span(doc, 0, 1, label="DATE")]
    Recogniser().annotate(doc, [Found(0, 11, "PER", 0.9), Found(20, 26, "LOC", 0.8)])
    assert names(doc) == {("Mary", "DATE"), ("London", "LOC")}
    assert doc.ents[0]._.score is None


def test_names_below_the_least_score_are_left_out() -> None:
    """`min_score` filters."""
    doc = spacy.blank("en")("Mary Wilson flew to London.")
    Recogniser(min_score=0.5).annotate(doc, [Found(0, 11, "PER", 0.4), Found(20, 26, "LOC", 0.8)])
    assert names(doc) == {("London", "LOC")}


def test_a_long_text_keeps_all_its_names() -> None:
    """In 100,000 characters on one line nearly every repetition of a sentence is labelled alike."""
    sentence = "Mary Wilson flew from London to Germany to see a friend. "
    count = 100_000 // len(sentence) + 1
    begin = time.monotonic()
    doc = run("en", sentence * count)[0]
    assert time.monotonic() - begin < 120
    for name in ("Mary Wilson", "London", "Germany"):
        assert sum(ent.text == name for ent in doc.ents) > 0.97 * count


def test_a_text_without_spaces_or_borders_works(model: NerModel) -> None:
    """Cuts that no space or period allows for are made anyway."""
    text = "x" * 5_000 + "漢" * 3_000 + "😀" * 2_000
    assert all(0 <= name.start < name.end <= len(text) for name in next(model.predict([text])))


def test_a_line_longer_than_a_window_is_read_with_context(model: NerModel) -> None:
    """Without sentence borders, names at the window borders are still whole."""
    text = "and then Mary Wilson met " * 200
    found = [text[name.start : name.end] for name in next(model.predict([text]))]
    assert found.count("Mary Wilson") > 190


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (' "Wagner", ', "Wagner"),
        ("(U.S.", "U.S."),
        ("Acme Inc.", "Acme Inc."),
        ("London.", "London"),
        ("George W.", "George W."),
        ("Karol XII.", "Karol XII."),
        ("Karol MIX.", "Karol MIX"),
        ("Court (CJ)", "Court (CJ)"),
        ("CJ)", "CJ"),
        ("„Kremeľ“", "Kremeľ"),
        ("...", ""),
    ],
)
def test_trim_keeps_only_the_name(text: str, expected: str) -> None:
    """Outer punctuation goes; periods of abbreviations and paired brackets stay."""
    start, end = trim(text, 0, len(text))
    assert text[start:end] == expected


def test_a_broken_model_folder_is_named(tmp_path: Path) -> None:
    """A missing configuration is an input error that says where it was looked for."""
    with pytest.raises(InputError, match=re.escape(str(tmp_path))):
        load_model(tmp_path)


def test_the_model_folder_is_small_and_documented() -> None:
    """Under 36 MB, with scores, seed and the licence of every training set in the card."""
    assert sum(path.stat().st_size for path in MODEL_FOLDER.iterdir()) < 36_000_000
    config = json.loads((MODEL_FOLDER / "config.json").read_text(encoding="utf-8"))
    card = (MODEL_FOLDER / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert config["seed"]
    assert config["dev"]["mean_f1"] > 0
    for source in config["trained_on"]:
        assert re.search(rf"\| {re.escape(source)} \|.+\|.+\|", card)


def read_sample(path: Path, count: int) -> list[tuple[list[str], list[str]]]:
    """Evenly spread sentences with names of an IOB2 file."""
    with gzip.open(path, "rt", encoding="utf-8") as handle:
        blocks = [block for block in handle.read().split("\n\n") if "\tB-" in block]
    rows = [[line.split("\t") for line in block.splitlines()] for block in blocks]
    step = max(1, len(rows) // count)
    return [([r[0] for r in row], [r[1] for r in row]) for row in rows[::step][:count]]


def gold_spans(tokens: list[str], tags: list[str]) -> set[tuple[int, int, str]]:
    """Character spans in the tokens joined by spaces."""
    spans: list[tuple[int, int, str]] = []
    place = 0
    for token, tag in zip(tokens, tags, strict=True):
        end = place + len(token)
        if tag.startswith("I-") and spans:
            spans[-1] = (spans[-1][0], end, tag[2:])
        elif tag.startswith("B-"):
            spans.append((place, end, tag[2:]))
        place = end + 1
    return set(spans)


@pytest.mark.skipif(
    not DEV.is_dir(), reason="needs the annotated dev sets in ../shared/data/ner/dev"
)
def test_dev_scores_stay_above_the_floor(model: NerModel) -> None:
    """Exact F1 on a sample of the dev sets, averaged over languages, does not fall."""
    counts: dict[str, list[int]] = {}
    for path in sorted(DEV.glob("*.iob2.gz")):
        rows = read_sample(path, 120)
        found = model.predict([" ".join(tokens) for tokens, _ in rows])
        for (tokens, tags), predicted in zip(rows, found, strict=True):
            gold = gold_spans(tokens, tags)
            given = {(name.start, name.end, name.label) for name in predicted}
            cell = counts.setdefault(path.name[:2], [0, 0])
            cell[0] += 2 * len(gold & given)
            cell[1] += len(gold) + len(given)
    scores = {language: hits / total for language, (hits, total) in counts.items()}
    assert len(scores) == 5
    assert sum(scores.values()) / 5 > FLOOR, scores


@pytest.mark.parametrize("run", ["x" * 20_000, "-" * 20_000, "a1" * 10_000])
def test_a_run_without_spaces_is_passed_over(run: str) -> None:
    """Encoded data and rules of dashes are no text; what stands around them is read."""
    text = f"Berlin {run} Oslo"
    read = [text[a:b] for a, b, _ in _stretches(text)]
    assert read[0].startswith("Berlin ")
    assert read[-1].endswith("Oslo")
    assert sum(map(len, read)) < 1500
