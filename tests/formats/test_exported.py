"""Exports of all parts, opened by what they are made for, with the counts of their certificates."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from formats.loading import run_offline

from curation.formats.certified import Certified, certify_part
from curation.formats.registry import EXPORTERS
from curation.model import Document, Record
from curation.testing import annotation_set

TEXT = "Anna Berg met Peter Lind in New York.\nThe Red Cross left Oslo 🙂."
SAID = [("Anna Berg", "PER"), ("Lind", "PER"), ("New York", "LOC"), ("York", "LOC")]
MORE = [("Red Cross", "ORG"), ("Oslo", "LOC")]

LOAD = """
import json, sys
from datasets import load_dataset
folder, cache = sys.argv[1:]
counts = {}
for table in ("documents", "annotations", "entities", "events", "arguments"):
    parts = load_dataset(folder, data_dir=f"data/{table}", cache_dir=cache)
    counts[table] = {part: rows.num_rows for part, rows in parts.items()}
json.dump(counts, sys.stdout)
"""


def record(uid: str) -> Record:
    """Six entities, one of them nested, and an event."""
    said = annotation_set(
        TEXT, [*SAID, *MORE], [("met", "CONSULT", {"Actor": "Anna Berg"})], uid=uid
    )
    return Record(document=Document(uid=uid, language="en", text=TEXT), annotations=said)


PARTS = {"train": [record("a"), record("b")], "test": [record("c")]}


def exported(name: str, folder: Path) -> dict[str, Certified]:
    """Every part in one folder."""
    return {
        part: certify_part(EXPORTERS[name], records, folder, part, "expand")
        for part, records in PARTS.items()
    }


def test_datasets_opens_the_folder_of_parts_as_it_is(tmp_path: Path) -> None:
    """`load_dataset(folder, data_dir="data/entities")` has the parts, and as many rows."""
    pytest.importorskip("datasets", reason="needs the dev extra")
    made = exported("parquet", tmp_path / "out")
    counts = json.loads(run_offline(LOAD, tmp_path / "out", tmp_path).stdout)
    assert counts["documents"] == {part: one.documents for part, one in made.items()}
    spans = {part: counts["entities"][part] + counts["events"][part] for part in made}
    assert spans == {part: one.certificate.spans_out for part, one in made.items()}
    assert counts["arguments"] == {"train": 2, "test": 1}


@pytest.mark.parametrize(
    ("name", "scheme"), [("iob2", "IOB2"), ("bilou", "BILOU"), ("conll", "IOB2")]
)
def test_seqeval_finds_as_many_entities_in_strict_mode(
    name: str, scheme: str, tmp_path: Path
) -> None:
    """The scorer's own parser of the scheme counts what the certificate says, label by label."""
    seqeval = pytest.importorskip("seqeval.scheme", reason="needs the dev extra")
    made = exported(name, tmp_path)
    for part, one in made.items():
        sentences: list[list[str]] = [[]]
        for line in (tmp_path / f"{part}.{name}").read_text("utf-8").split("\n"):
            if not line:
                sentences.append([])
            elif "\t" in line:
                sentences[-1].append(line.split("\t")[-1])
        found = seqeval.Entities(sentences, getattr(seqeval, scheme)).entities
        labels = [entity.tag for sentence in found for entity in sentence]
        assert len(labels) == one.certificate.spans_out
        assert labels[:5] == ["PER", "PER", "LOC", "ORG", "LOC"]
        assert one.certificate.by_reason == {
            "overlap": len(PARTS[part]),
            "not_carried": len(PARTS[part]),
        }
