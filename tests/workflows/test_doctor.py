"""What doctor says about pipelines, with spaCy pipelines that are really saved and loaded."""

from __future__ import annotations

import contextlib
import importlib.metadata
import json
import shutil
import sqlite3
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
import spacy
from spacy.training import Example

from curation.errors import UsageError, WorkspaceError
from curation.model import AnnotationSet, Document
from curation.preannotate.pipeline import load_pipeline
from curation.settings import Pipeline, load_settings
from curation.settings_template import settings_text
from curation.testing import document
from curation.workflows.doctor import Check, examine
from curation.workflows.doctor_places import database, disk, writable
from curation.workflows.doctor_server import label_studio
from curation.workflows.preannotate import predictions
from curation.workflows.workspace import init_workspace

TEXT = "Anna Berg met Kenya in Nairobi on Monday."
PATTERNS = [("PERSON", "Anna Berg"), ("GPE", "Kenya"), ("FAC", "Nairobi"), ("MONEY", "dollars")]


def saved(folder: Path, *, language: str = "en", parser: bool = False) -> Path:
    """A spaCy pipeline on disk that finds the names of the text, with OntoNotes' labels."""
    nlp = spacy.blank(language)
    if parser:
        nlp.add_pipe("parser", config={"min_action_freq": 1})
        heads = [1, 2, 2, 2, 2, 4, 2, 6, 2]
        deps = ["compound", "nsubj", "ROOT", "dobj", "prep", "pobj", "prep", "pobj", "punct"]
        marked = {"words": [*TEXT[:-1].split(), "."], "heads": heads, "deps": deps}
        example = Example.from_dict(nlp.make_doc(TEXT), marked)
        optimizer = nlp.initialize(lambda: [example])
        for _ in range(20):
            nlp.update([example], sgd=optimizer)
    ruler = nlp.add_pipe("entity_ruler")
    ruler.add_patterns([{"label": label, "pattern": name} for label, name in PATTERNS])
    nlp.meta["name"], nlp.meta["version"] = "mine", "1.2.3"
    folder.parent.mkdir(exist_ok=True)
    nlp.to_disk(folder)
    return folder


def now() -> datetime:
    """The time."""
    return datetime.now(UTC)


def workspace(folder: Path, pipelines: str, languages: tuple[str, ...] = ("en",)) -> Path:
    """A workspace whose curation.toml ends with these tables."""
    init_workspace(
        folder,
        workspace_id="abcd",
        name="w",
        annotators=(),
        languages=languages,
        environment={},
    )
    text = settings_text(workspace_id="abcd", name="w", annotators=(), languages=languages)
    (folder / "curation.toml").write_text(text + pipelines, encoding="utf-8")
    return folder


def checks(folder: Path) -> Mapping[str, Check]:
    """What doctor says, by what it looked at."""
    return {check.what: check for check in examine(folder, {}, folder, clock=now)}


def annotated(given: list[Document], chosen: Mapping[str, Pipeline]) -> list[AnnotationSet]:
    """What the pipelines say, none of them failing."""
    found = list(predictions(given, chosen, None))
    assert all(isinstance(f, AnnotationSet) for f in found), found
    return [f for f in found if isinstance(f, AnnotationSet)]


def test_saved_pipeline_is_shown_with_its_labels(tmp_path: Path) -> None:
    """A folder from the workspace on; what its labels become, and which are left out."""
    folder = workspace(tmp_path / "w", '[pipelines.en]\nname = "spacy/mine"\n')
    saved(folder / "spacy" / "mine")
    assert checks(folder)["pipeline en"] == Check(
        "pipeline en",
        "ok",
        "curation-en_mine-1.2.3; FAC as LOC, GPE as LOC, PERSON as PER; left out MONEY; "
        "left to annotators: ORG",
    )


@pytest.mark.parametrize("parser", [False, True], ids=["rules", "parser"])
def test_saved_pipeline_annotates(tmp_path: Path, *, parser: bool) -> None:
    """With a dependency parser or without one: names under our labels, events with arguments."""
    chosen = {"en": Pipeline(name=str(saved(tmp_path / "mine", parser=parser)))}
    (found,) = annotated([document(TEXT)], chosen)
    surfaces = {(TEXT[e.start : e.end], e.label) for e in found.entities}
    assert surfaces == {
        ("Anna Berg", "PER"), ("Kenya", "LOC"), ("Nairobi", "LOC"), ("Monday", "DATE"),
    }  # fmt: skip
    (event,) = found.events
    assert (TEXT[event.start : event.end], event.type) == ("met", "CONSULT")
    assert {a.role for a in event.arguments} >= {"Actor"}
    assert event.score is not None


def test_each_language_has_its_own_map(tmp_path: Path) -> None:
    """What one language calls GPE does not change what another does; "" leaves a label out."""
    chosen = {
        "en": Pipeline(name=str(saved(tmp_path / "en")), labels={"GPE": "ORG", "FAC": ""}),
        "nl": Pipeline(name=str(saved(tmp_path / "nl", language="nl"))),
    }
    given = [document(TEXT, uid="e"), document(TEXT, uid="n", language="nl")]
    english, dutch = annotated(given, chosen)
    for found, expected in (
        (english, {("Anna Berg", "PER"), ("Kenya", "ORG")}),
        (dutch, {("Anna Berg", "PER"), ("Kenya", "LOC"), ("Nairobi", "LOC")}),
    ):
        named = {(TEXT[e.start : e.end], e.label) for e in found.entities if e.label != "DATE"}
        assert named == expected


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("en_core_web_trf", "`python -m spacy download en_core_web_trf` installs that one"),
        ("their_pipeline", "others are an installed spaCy package's name, or its folder"),
    ],
)
def test_missing_package_comes_with_its_line(tmp_path: Path, name: str, line: str) -> None:
    """A pipeline that is named and not installed is broken, and the others are still looked at."""
    folder = workspace(tmp_path / "w", f'[pipelines.en]\nname = "{name}"\n', ("en", "fr"))
    found = checks(folder)
    assert found["pipeline en"].state == "fail"
    assert found["pipeline en"].found.startswith(f"no pipeline {name!r}: accurate and fast")
    assert found["pipeline en"].found.endswith(line)
    french = found["pipeline fr"]
    assert (french.state, french.advice) == ("warn", "no lexicon for fr: no events are proposed")


def test_what_a_pipeline_lacks_is_said(tmp_path: Path) -> None:
    """Labels that the ontology lacks, another language, a language that no document has."""
    folder = workspace(
        tmp_path / "w",
        '[pipelines.sv]\nname = "./mine"\nlabels = { MONEY = "SUM" }\n'
        '[pipelines.no]\nname = "fast"\n',
        ("sv",),
    )
    saved(folder / "mine")
    found = checks(folder)
    assert found["pipeline sv"].state == "warn"
    assert found["pipeline sv"].advice == (
        "it is made for 'en'; the ontology has no SUM: these are not proposed"
    )
    assert found["pipeline no"].state == "warn"
    assert "add 'no' to languages" in found["pipeline no"].advice


def test_folder_that_holds_no_pipeline_is_said(tmp_path: Path) -> None:
    """A folder that spaCy cannot load is one line with the folder, not a traceback."""
    (tmp_path / "mine").mkdir()
    with pytest.raises(UsageError, match="cannot be loaded") as caught:
        load_pipeline("en", pipeline=str(tmp_path / "mine"))
    assert "\n" not in str(caught.value)


def test_broken_package_is_said(tmp_path: Path) -> None:
    """A pipeline with a component that nobody has installed names the component."""
    folder = saved(tmp_path / "mine")
    config = folder / "config.cfg"
    text = config.read_text(encoding="utf-8")
    config.write_text(text.replace('"entity_ruler"', '"their_own_ruler"'), encoding="utf-8")
    with pytest.raises(UsageError, match="their_own_ruler"):
        load_pipeline("en", pipeline=str(folder))


def test_a_workspace_that_was_named_and_is_broken_is_broken(tmp_path: Path) -> None:
    """Not being in a workspace is a note; naming one that is none, or cannot be read, is not."""
    assert examine(None, {}, tmp_path, clock=now)[-1].state == "warn"
    assert examine(tmp_path, {}, tmp_path, clock=now)[-1].state == "fail"
    assert (
        examine(None, {"CURATION_WORKSPACE": str(tmp_path)}, tmp_path, clock=now)[-1].state
        == "fail"
    )
    (tmp_path / "curation.toml").write_text("[workspace", encoding="utf-8")
    assert examine(None, {}, tmp_path, clock=now)[-1].state == "fail"


def test_a_missing_table_is_found(tmp_path: Path) -> None:
    """A database that somebody has taken a table out of is not ok."""
    folder = workspace(tmp_path / "w", "")
    with contextlib.closing(sqlite3.connect(folder / "curation.db")) as database:
        database.execute("DROP TABLE quarantine")
    found = checks(folder)["database"]
    assert (found.state, found.found) == ("fail", "no table quarantine")


def test_a_built_in_pipeline_tells_its_labels(tmp_path: Path) -> None:
    """What it proposes under which label; one that the ontology lacks is named."""
    own = '[pipelines.en]\nname = "fast"\nlabels = { LOC = "PLACE" }\n'
    found = checks(workspace(tmp_path / "w", own))["pipeline en"]
    shown = "curation-fast-0.1.0; DATE, LOC as PLACE, ORG, PER; left to annotators: LOC"
    assert found.found == shown
    assert found.advice == "the ontology has no PLACE: these are not proposed"
    assert found.state == "warn"


def test_labels_that_nothing_proposes_are_named(tmp_path: Path) -> None:
    """Own labels are left to annotators; beside the name of the ontology we bring, warned of."""
    folder = workspace(tmp_path / "w", "")
    own = folder / "label_config" / "news.toml"
    label = '\n[[entities]]\nname = "LAW"\ndefinition = "A law."\ncolour = "#aabbcc"\n'
    event = '\n[[events]]\nname = "VOTE"\ndefinition = "A vote."\ncolour = "#123456"\n'
    own.write_text(own.read_text("utf-8") + label + event, encoding="utf-8")
    found = checks(folder)
    assert found["pipeline en"].found.endswith("; left to annotators: LAW, VOTE")
    assert found["pipeline en"].state == "ok"
    assert found["ontology"].state == "warn"
    assert "give it a name of its own" in found["ontology"].advice
    own.write_text(own.read_text("utf-8").replace('"news"', '"laws"', 1), encoding="utf-8")
    assert checks(folder)["ontology"].state == "ok"


def test_packages_are_held_against_what_is_required(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that is too old, one that is not there, and one of another Python."""
    required = ["spacy>=99", "no-such-package-here>=1", "other>=1; python_version < '3'"]
    monkeypatch.setattr(importlib.metadata, "requires", lambda _name: required)
    found = {c.what: c for c in examine(None, {}, tmp_path, clock=now)}
    assert found["spacy"].state == found["no-such-package-here"].state == "fail"
    assert found["spacy"].advice == "pip install 'spacy>=99'"
    assert found.keys().isdisjoint({"other", "packages"})
    monkeypatch.setattr(importlib.metadata, "requires", lambda _name: ["spacy>=3", "sqlmodel"])
    (packages,) = [c for c in examine(None, {}, tmp_path, clock=now) if c.what == "packages"]
    assert (packages.state, packages.found[:19]) == ("ok", "all 2 as required, ")


def test_database_is_looked_at_and_not_touched(tmp_path: Path) -> None:
    """An empty file, a missing one, an older migration and a newer one, each with what to do."""
    file = workspace(tmp_path / "w", "") / "curation.db"
    settings = load_settings(file.parent, {})

    def said() -> tuple[str, str, str]:
        found = database(settings)
        return found.state, found.found, found.advice

    assert said()[0] == "ok"
    with contextlib.closing(sqlite3.connect(file)) as opened, opened:
        opened.execute("UPDATE alembic_version SET version_num = '0005'")
    assert (said()[0], "the next command brings it to" in said()[2]) == ("warn", True)
    with contextlib.closing(sqlite3.connect(file)) as opened, opened:
        assert [*opened.execute("SELECT * FROM alembic_version")] == [("0005",)]
        opened.execute("UPDATE alembic_version SET version_num = '9999'")
    assert (said()[0], "install that version" in said()[2]) == ("fail", True)
    for log in file.parent.glob("curation.db-*"):
        log.unlink()
    file.write_bytes(b"")
    assert (said()[0], "an empty file" in said()[1], "restore" in said()[2]) == ("fail", True, True)
    assert file.stat().st_size == 0
    file.unlink()
    assert (said()[0], file.exists()) == ("warn", False)
    file.write_bytes(b"no database" * 1000)
    with pytest.raises(WorkspaceError, match="damaged or no SQLite database"):
        said()


def test_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """Here a file in the place of the releases' folder."""
    folder = workspace(tmp_path / "w", "")
    (folder / "exports").rmdir()
    (folder / "exports").write_text("")
    found = writable(load_settings(folder, {}))
    assert (found.state, str(folder / "exports") in found.found) == ("fail", True)


def test_full_disk_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Too little room for a migration and a backup."""
    folder = workspace(tmp_path / "w", "")
    free = shutil.disk_usage(tmp_path)._replace(free=1_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: free)
    assert disk(load_settings(folder, {})).state == "fail"


class _OldServer(BaseHTTPRequestHandler):
    """A Label Studio of long ago, whose clock stands at 2001."""

    def do_GET(self) -> None:
        body = {"release": "1.9.0"} if "version" in self.path else {"id": 1, "email": "a@b.c"}
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def date_time_string(self, timestamp: float | None = None) -> str:  # noqa: ARG002 (theirs)
        return "Mon, 01 Jan 2001 00:00:00 GMT"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (its name there)
        pass


def test_server_of_another_time_is_said(tmp_path: Path) -> None:
    """Version, kind of key and clock of a server that answers; no key is a failure."""
    server = HTTPServer(("127.0.0.1", 0), _OldServer)
    url = f"http://127.0.0.1:{server.server_port}"
    settings = load_settings(workspace(tmp_path / "w", ""), {"LABEL_STUDIO_URL": url})
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        found = label_studio(settings, {"LABEL_STUDIO_API_KEY": "a" * 40}, now)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert (found.state, "1.9.0" in found.found) == ("warn", True)
    assert "with a legacy token, clock -" in found.found
    assert "set the clocks" in found.advice
    assert "tried with versions" in found.advice
    with pytest.raises(UsageError, match="no key"):
        label_studio(settings, {}, now)
