"""What each format looks like for cases with names: the files under tests/golden/formats.

Run with CURATION_UPDATE_GOLDEN=1 to write the files anew, and read the difference before you
commit it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from curation.errors import InputError
from curation.formats.alignment import AlignmentPolicy
from curation.formats.iob2 import records_to_iob2
from curation.formats.jsonl import read_records, write_jsonl
from curation.formats.parquet import records_to_tables
from curation.formats.registry import EXPORTERS
from curation.formats.spacy_docbin import records_to_docbin
from curation.model import Record

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "formats"
POLICIES: tuple[AlignmentPolicy, ...] = ("expand", "drop")
CASES = sorted(path.name for path in GOLDEN.iterdir() if (path / "input.jsonl").exists())


def records_of(case: str) -> list[Record]:
    """The records of a case, all of them sound."""
    found = [record for _, record in read_records(GOLDEN / case / "input.jsonl")]
    assert all(isinstance(record, Record) for record in found), found
    return [record for record in found if isinstance(record, Record)]


def docbin_as_text(data: bytes) -> Iterator[str]:
    """A DocBin as lines that can be compared: tokens, and where each span lies on them."""
    import spacy
    from spacy.tokens import DocBin

    for doc in DocBin().from_bytes(data).get_docs(spacy.blank("xx").vocab):
        yield f"= {doc.user_data['uid']!r} {doc.user_data['annotator']!r}"
        yield "tokens " + json.dumps([token.text for token in doc], ensure_ascii=False)
        yield "ents " + ("given" if doc.has_annotation("ENT_IOB") else "missing")
        yield from (f"  {e.label_} {e.start}-{e.end} {e.text!r}" for e in doc.ents)
        for name, group in doc.spans.items():
            yield f"spans {name}"
            for span, attrs in zip(group, group.attrs["items"], strict=True):
                known = json.dumps(attrs, ensure_ascii=False)
                yield f"  {span.label_} {span.start}-{span.end} {span.text!r} {known}"


def views(case: str, folder: Path) -> dict[str, str]:
    """Every file of a golden case but its input, with the text it should have."""
    records = records_of(case)
    write_jsonl(records, folder / "canonical.jsonl")
    made = {"canonical.jsonl": (folder / "canonical.jsonl").read_text(encoding="utf-8")}
    losses: dict[str, object] = {}
    for policy in ("expand", "drop"):
        made[f"{policy}.iob2"], certificate = records_to_iob2(records, policy=policy)
        losses[f"iob2 {policy}"] = certificate.to_json()
        data, certificate = records_to_docbin(records, policy=policy)
        made[f"{policy}.docbin.txt"] = "\n".join([*docbin_as_text(data), ""])
        losses[f"spacy {policy}"] = certificate.to_json()
    for name in ("dygie", "oneie", "csv", "cas-json", "cas-xmi"):
        made |= exported(name, records, folder, losses)
    tables, _ = records_to_tables(records)
    made["tables.json"] = as_json({name: table.to_pylist() for name, table in tables.items()})
    made["losses.json"] = as_json(losses)
    return made


def exported(
    name: str, records: list[Record], folder: Path, losses: dict[str, object]
) -> dict[str, str]:
    """The views of a registered format, and its certificates in `losses`.

    A format of tokens has one for every policy; one that carries everything has one at all.
    """
    made = {}
    for policy in POLICIES if EXPORTERS[name].texts else POLICIES[:1]:
        view = f"{policy}.{name}.jsonl" if EXPORTERS[name].texts else f"{name}.txt"
        path = folder / view
        try:
            losses[f"{name} {policy}"] = EXPORTERS[name].export(records, path, policy).to_json()
            made[view] = "".join(as_text(path))
        except InputError as error:
            made[view] = f"refused: {error}\n"
    return made


def as_text(path: Path) -> Iterator[str]:
    """A file as it is; the files of a folder, each after its name, with things on their lines."""
    if path.is_file():
        yield path.read_bytes().decode()
        return
    for file in sorted(path.iterdir()):
        text = file.read_bytes().decode()
        if file.suffix == ".json":
            data = json.loads(text)
            things = [json.dumps(x, ensure_ascii=False) for x in data["%FEATURE_STRUCTURES"]]
            text = "\n".join([*things, json.dumps(data["%VIEWS"]), ""])
        yield f"== {file.name} ==\n{text.replace('<typeD', chr(10) + '<typeD')}"


def as_json(value: object) -> str:
    """Readable JSON, ended with a newline."""
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


@pytest.mark.parametrize("case", CASES)
def test_formats_look_as_they_did(case: str, tmp_path: Path) -> None:
    """Every view of a golden case is the file beside its input, character by character."""
    made = views(case, tmp_path)
    folder = GOLDEN / case
    if os.environ.get("CURATION_UPDATE_GOLDEN"):
        for name, text in made.items():
            (folder / name).write_text(text, encoding="utf-8", newline="")
    kept = {
        path.name: path.read_bytes().decode()
        for path in folder.iterdir()
        if path.name != "input.jsonl"
    }
    assert made == kept


def test_there_are_golden_cases() -> None:
    """The folder is found, so that the test above cannot pass by having nothing to do."""
    assert len(CASES) >= 9
