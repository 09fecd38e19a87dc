"""What the README and the guides show is run, block by block, in the order of the page."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
import subprocess
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from documents import NOT_RUN, ROOT, SERVER, blocks, documents, forking, run

from curation import samples
from curation.ontology import Ontology
from curation.settings import Settings, parse_settings
from curation.settings_template import settings_text

if TYPE_CHECKING:
    from curation.labelstudio.server import ServerInfo

RUN = [d for d in documents() if any(b.runnable for b in blocks(d))]
NAMES = [str(d.relative_to(ROOT)) for d in RUN]
WITH_SERVER = [d for d in RUN if any(b.title == SERVER for b in blocks(d))]
STORY = {
    "id": "story-1",
    "language": "en",
    "text": "Anna Berg met Peter Lind in Oslo.",
    "meta": {"title": "A visit", "source": "Example Times"},
}
MET = {
    "id": "E1",
    "type": "CONSULT",
    "trigger": {"start": 10, "end": 13},
    "arguments": [{"role": "Actor", "target": "T1"}],
    "polarity": "positive",
    "tense": "past",
    "modality": "asserted",
    "genericity": "specific",
}
LANGUAGES = {"en"}
BEFORE = {"tour.md": ("release 1.0.0 -w workspace/sample",)}
"""What a page takes for granted that would cost all others time."""
FINGERPRINTS = ("3f09ab12cd34", "90ab12cd34ef", "12cd34ef90ab")


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, str]]:
    """The environment in which documentation runs."""
    with forking(tmp_path_factory.mktemp("forking")) as made:
        yield made


@pytest.fixture(scope="session")
def place(environment: Mapping[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what the documents speak of: a workspace, lines of annotators, texts."""
    folder = tmp_path_factory.mktemp("place")
    _lines(folder)
    (folder / "texts").mkdir()
    (folder / "texts" / "one.txt").write_text("Norway signed an agreement with Sweden on Monday.\n")
    (folder / "articles.csv").write_text(
        "id,body,published\na1,The court in Oslo fined the company.,2024-05-01\n"
    )
    (folder / ".venv" / "bin").mkdir(parents=True)
    (folder / ".venv" / "bin" / "activate").write_text("")
    _curation(
        environment,
        folder,
        "init . --name corpus"
        " --annotator 'anna <anna@example.org>' --annotator 'ben <ben@example.org>'",
    )
    _settle(folder / "curation.toml")
    _curation(
        environment,
        folder,
        "import jsonl anna.jsonl",
        "import jsonl ben.jsonl",
        "preannotate --pipeline fast",
        "adjudicate",
        "split",
        "export jsonl gold.jsonl",
        "export brat annotations/anna --annotator anna",
        "export brat annotations/ben --annotator ben",
        "export iob2 train.iob2 --part train --policy drop",
        "export csv tables",
    )
    (folder / "double.conll").write_text("Malmö\tB-LOC\tB-ORG\nslept\tO\tO\n", encoding="utf-8")
    (folder / "config.xml").write_bytes((ROOT / "label_config" / "news.xml").read_bytes())
    _findings(folder / "curation.db")
    return folder


def _lines(folder: Path) -> None:
    """anna.jsonl and ben.jsonl, documents.jsonl without annotations, and the texts alone."""
    (folder / "my-articles").mkdir()
    entity = {"id": "T1", "start": 0, "end": 9, "label": "PER"}
    said = STORY | {"entities": [entity], "events": [MET]}
    for name in ("anna", "ben"):
        text = samples.annotation_files()[name].read_text(encoding="utf-8")
        chosen = [line for line in text.splitlines() if json.loads(line)["language"] in LANGUAGES]
        lines = [*chosen, json.dumps(said | {"annotator": name})]
        (folder / f"{name}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    for line in map(json.loads, lines):
        (folder / "my-articles" / f"{line['id']}.txt").write_text(line["text"], encoding="utf-8")
    (folder / "documents.jsonl").write_text(json.dumps(STORY) + "\n")


def _settle(settings: Path) -> None:
    """Whatever two people dispute is decided, so that there is something to release."""
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text.replace('["majority"]', '["majority", "prefer:anna"]'))


def _curation(environment: Mapping[str, str], folder: Path, *commands: str) -> None:
    text = "set -e\n" + "\n".join(f"curation {command} >&2" for command in commands)
    ran = subprocess.run(
        ["bash", "-c", text], cwd=folder, env=dict(environment), capture_output=True, check=False
    )
    assert ran.returncode == 0, ran.stderr.decode()


def _findings(database: Path) -> None:
    """Findings of the audit with the fingerprints that docs/audit.md shows."""
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.executemany(
            "INSERT INTO finding (fingerprint, uid, kind, summary, shown_at, note) "
            "VALUES (?, 'story-1', 'label', 'ORG -> PER', '2024-05-01', '')",
            [(fingerprint,) for fingerprint in FINGERPRINTS],
        )


@pytest.fixture
def copy(place: Path, tmp_path: Path) -> Path:
    """The folder, to work in; the README and the tour speak of a workspace in it by other names."""
    made = Path(shutil.copytree(place, tmp_path / "place"))
    for name in ("corpus", "sample"):
        shutil.copytree(place, made / "workspace" / name)
    return made


@pytest.mark.parametrize("document", RUN, ids=NAMES)
def test_blocks_run(document: Path, copy: Path, environment: Mapping[str, str]) -> None:
    """Every command of the page ends with 0, one after the other, and every example in Python."""
    _curation(environment, copy, *BEFORE.get(document.name, ()))
    ran = run(document, copy, environment, server=False)
    assert ran.returncode == 0, f"{document.name}\n{ran.stdout[-2000:]}\n{ran.stderr[-3000:]}"


@pytest.mark.server
@pytest.mark.slow
@pytest.mark.parametrize("document", WITH_SERVER, ids=[d.name for d in WITH_SERVER])
def test_blocks_run_with_a_label_studio(
    document: Path, copy: Path, environment: Mapping[str, str], label_studio_server: ServerInfo
) -> None:
    """The whole page again, what needs a Label Studio included."""
    server = {
        "LABEL_STUDIO_URL": label_studio_server.url,
        "LABEL_STUDIO_API_KEY": label_studio_server.token,
    }
    whole = {**environment, **server}
    _curation(whole, copy, "push", "push -w workspace/corpus")
    ran = run(document, copy, whole, server=True)
    assert ran.returncode == 0, f"{document.name}\n{ran.stdout[-2000:]}\n{ran.stderr[-3000:]}"


def test_blocks_that_are_not_run_are_counted() -> None:
    """A block is left out by its title only, which says what it needs; nobody adds one unseen."""
    found = Counter(b.title for d in RUN for b in blocks(d) if b.runnable)
    assert {title: found[title] for title in sorted(NOT_RUN)} == {
        "for cron": 1,
        "needs PostgreSQL": 2,
        "needs a network": 4,
        "needs a project of yours": 2,
        "needs a spaCy configuration": 1,
        "needs an export of yours": 2,
        "needs predictions of yours": 1,
    }
    assert found[SERVER] == 4
    assert sum(n for title, n in found.items() if not title) >= 40
    assert set(found) == {"", SERVER, *NOT_RUN}


def test_settings_in_the_pages_are_settings(tmp_path: Path) -> None:
    """Every block of TOML is a part of a curation.toml, or of an ontology, that is read."""
    base = settings_text(workspace_id="abcd", name="w", annotators=())
    seen = 0
    for document in documents():
        for block in blocks(document):
            if block.language != "toml":
                continue
            table = next(iter(tomllib.loads(block.code)))
            if table in Settings.model_fields:
                # A table of the template gives way to the page's.
                kept = re.sub(rf"^\[{table}\]\n.*?(?=^\[|\Z)", "", base, flags=re.M | re.S)
                parse_settings(f"{kept}\n{block.code}", tmp_path, {})
            else:
                assert table in Ontology.model_fields, f"{document.name}:{block.line}"
            seen += 1
    assert seen >= 8
