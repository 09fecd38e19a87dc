"""The tools that exports are made for open them: datasets, spaCy's training, sequence taggers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from formats.loading import run_offline

from curation.formats.card import CardFacts, count_for_card, render_card
from curation.formats.parquet import write_tables
from curation.formats.registry import EXPORTERS
from curation.model import AnnotationSet, Argument, Document, Entity, Event, Record, TextSpan

TEXT = "Ministerstvo obrany SR rokovalo v Bratislave 🙂.\nHaftar pricestoval z Kaira."


def entity(number: int, surface: str, label: str) -> Entity:
    """The entity at the first place of `surface` in TEXT."""
    start = TEXT.index(surface)
    return Entity(id=f"T{number}", start=start, end=start + len(surface), label=label)


def record(uid: str) -> Record:
    """A record with nested entities, one of them inside a token, and an event."""
    annotations = AnnotationSet(
        uid=uid,
        annotator="anna",
        entities=(
            entity(1, "Ministerstvo obrany SR", "ORG"),
            entity(2, "SR", "LOC"),
            entity(3, "Bratislav", "LOC"),
            entity(4, "Haftar", "PER"),
        ),
        events=(
            Event(
                id="E1",
                type="CONSULT",
                trigger=TextSpan(start=23, end=31),
                arguments=(Argument(role="Actor", target="T1"),),
                attributes={"tense": "past"},
            ),
        ),
    )
    document = Document(uid=uid, language="sk", text=TEXT, published="2020-01")
    return Record(document=document, annotations=annotations)


UNSEEN = Record(document=Document(uid="z", language="sk", text="Nikto."), has_events=False)
PARTS: Mapping[str, list[Record]] = {"train": [record("a"), record("b")], "test": [UNSEEN]}

LOAD = """
import json, sys
from datasets import get_dataset_config_names, load_dataset
folder, cache = sys.argv[1:]
tables = {}
for name in get_dataset_config_names(folder):
    table = load_dataset(folder, name, cache_dir=cache)
    tables[name] = {part: rows.to_list() for part, rows in table.items()}
default = load_dataset(folder, cache_dir=cache)["test"].column_names
json.dump({"tables": tables, "default": default}, sys.stdout)
"""


def release(folder: Path) -> None:
    """A release folder with every part and its card."""
    for part, records in PARTS.items():
        write_tables(folder, part, records)
    facts = CardFacts(
        name="Test",
        version="1.0.0",
        description="A test.",
        license="cc-by-4.0",
        counts=count_for_card(PARTS),
        ontology="news",
        ontology_version="1.0",
        guideline="1",
        annotators=1,
        sample=True,
    )
    (folder / "README.md").write_text(render_card(facts), encoding="utf-8")


def test_datasets_loads_every_table_and_part_by_the_card(tmp_path: Path) -> None:
    """`load_dataset(folder, table)` gives the rows of each part, checked against the card."""
    pytest.importorskip("datasets", reason="needs the dev extra")
    release(tmp_path / "release")
    done = run_offline(LOAD, tmp_path / "release", tmp_path)
    assert "Ignoring part of dataset_info" not in done.stderr
    loaded = json.loads(done.stdout)
    tables = loaded["tables"]
    assert set(tables) == {"documents", "annotations", "entities", "events", "arguments"}
    assert "text" in loaded["default"]
    assert [row["uid"] for row in tables["documents"]["train"]] == ["a", "b"]
    assert [row["uid"] for row in tables["documents"]["test"]] == ["z"]
    assert set(tables["events"]) == {"train"}
    event = tables["events"]["train"][0]
    assert (event["trigger_surface"], event["attributes"]) == (
        "rokovalo",
        [{"name": "tense", "value": "past"}],
    )
    for row in tables["entities"]["train"]:
        assert TEXT[row["start"] : row["end"]] == row["surface"]


def test_spacy_trains_on_the_docbin(tmp_path: Path) -> None:
    """SpaCy's own corpus reader opens the file, and `ner` and `spancat` learn from it."""
    import spacy
    from spacy.training import Corpus

    path = tmp_path / "train.spacy"
    EXPORTERS["spacy"].export(PARTS["train"], path, "expand")
    nlp = spacy.blank("sk")
    nlp.add_pipe("ner")
    nlp.add_pipe("spancat", config={"spans_key": "entities"})
    examples = list(Corpus(path)(nlp))
    assert [example.reference.text for example in examples] == [TEXT, TEXT]
    nlp.initialize(lambda: examples)
    assert nlp.get_pipe("ner").labels == ("LOC", "ORG", "PER")
    assert set(nlp.get_pipe("spancat").labels) == {"LOC", "ORG", "PER"}
    losses = [nlp.update(examples)["ner"] for _ in range(30)]
    assert losses[-1] < losses[0] / 2


def test_spacy_aligns_the_docbin_with_its_own_tokens(tmp_path: Path) -> None:
    """No entity of the file is misaligned for the tokeniser that training will use."""
    import spacy
    from spacy.training import Corpus

    path = tmp_path / "train.spacy"
    EXPORTERS["spacy"].export(PARTS["train"], path, "expand")
    example = next(iter(Corpus(path)(spacy.blank("sk"))))
    tags = example.get_aligned_ner()
    assert tags[:3] == ["B-ORG", "I-ORG", "L-ORG"]
    assert None not in tags
    assert "-" not in tags


def test_a_plain_reader_of_iob2_finds_the_entities(tmp_path: Path) -> None:
    """A reader that knows only tabs, blank lines and comments gets the flat entities."""
    path = tmp_path / "train.iob2"
    EXPORTERS["iob2"].export([record("a")], path, "expand")
    sentences: list[list[list[str]]] = [[]]
    for line in path.read_text(encoding="utf-8").split("\n"):
        if not line:
            sentences.append([])
        elif not line.startswith("# "):
            sentences[-1].append(line.split("\t"))
    found = [
        (" ".join(token for token, _ in sentence[i : i + length]), label)
        for sentence in sentences
        for label, i, length in chunks([tag for _, tag in sentence])
    ]
    assert found == [
        ("Ministerstvo obrany SR", "ORG"),
        ("Bratislave", "LOC"),
        ("Haftar", "PER"),
    ]
    assert [len(sentence) for sentence in sentences if sentence] == [8, 5]


def chunks(tags: list[str]) -> list[tuple[str, int, int]]:
    """(label, first, length) of each chunk, by the rules of conlleval, on its own."""
    found: list[tuple[str, int, int]] = []
    for i, tag in enumerate(tags):
        if tag.startswith("B-"):
            found.append((tag[2:], i, 1))
        elif tag.startswith("I-"):
            label, first, length = found.pop()
            assert (label, first + length) == (tag[2:], i)
            found.append((label, first, length + 1))
    return found


def test_seqeval_takes_the_tags(tmp_path: Path) -> None:
    """The scorer that taggers are measured with reads the same chunks."""
    labeling = pytest.importorskip("seqeval.metrics.sequence_labeling", reason="not installed")
    path = tmp_path / "train.iob2"
    EXPORTERS["iob2"].export(PARTS["train"], path, "drop")
    lines = path.read_text(encoding="utf-8").split("\n")
    tags = [line.split("\t")[1] for line in lines if "\t" in line]
    assert [(c[0], c[2] - c[1] + 1) for c in labeling.get_entities(tags)] == [
        (label, length) for label, _, length in chunks(tags)
    ]
