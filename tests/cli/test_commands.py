"""Commands that need no server, as a user runs them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from curation import samples
from curation.cli.app import app
from curation.store import open_store

from .conftest import Run

ANNOTATIONS = samples.annotation_files()


def test_init_is_repeatable(run: Run, workspace: Path) -> None:
    """A folder that is a workspace already is left as it is."""
    before = (workspace / "curation.toml").read_bytes()
    ran = run("init", workspace, "--json")
    assert (ran.code, ran.json["new"]) == (0, False)
    assert (workspace / "curation.toml").read_bytes() == before


def test_ingest_again_changes_nothing(run: Run, workspace: Path) -> None:
    """The same input twice gives the same documents, and every record is accounted for."""
    first = run("ingest", "-w", workspace, samples.documents_dir(), "--json").json
    again = run("ingest", "-w", workspace, samples.documents_dir(), "--json").json
    assert (first["new"], first["refused"]) == (25, 0)
    assert (again["new"], again["unchanged"], again["documents"]) == (0, 25, 25)
    assert first["near_duplicates"] == 2


def test_source_and_licence_are_for_documents_that_name_none(
    run: Run, workspace: Path, tmp_path: Path
) -> None:
    """--source and --license fill in what a record leaves open, and nothing else."""
    rows = [{"id": "a", "text": "Oslo."}, {"id": "b", "text": "Bergen.", "source": "NTB"}]
    file = tmp_path / "rows.jsonl"
    file.write_text("\n".join(map(json.dumps, rows)))
    ran = run("ingest", "-w", workspace, file, "--source", "Own", "--license", "cc0-1.0")
    assert ran.code == 0
    with open_store(f"sqlite:///{workspace / 'curation.db'}").transaction() as repo:
        found = {d.uid: (d.source, d.meta["license"]) for d in repo.documents()}
    assert found == {"a": ("Own", "cc0-1.0"), "b": ("NTB", "cc0-1.0")}


def test_ingest_dry_run_leaves_nothing(run: Run, workspace: Path) -> None:
    """--dry-run counts and stores nothing."""
    ran = run("ingest", "-w", workspace, samples.documents_dir(), "--dry-run", "--json")
    assert (ran.json["new"], ran.json["documents"]) == (25, 0)


def test_changed_text_is_a_revision(run: Run, workspace: Path, tmp_path: Path) -> None:
    """The same file with another text becomes a new revision of the same document."""
    file = tmp_path / "story.txt"
    file.write_text("Ministers met in Oslo on Monday.")
    run("ingest", "-w", workspace, file)
    file.write_text("Ministers met in Bergen on Tuesday.")
    ran = run("ingest", "-w", workspace, file, "--json")
    assert (ran.json["revised"], ran.json["documents"]) == (1, 1)
    assert "another text" not in ran.err


def test_revision_says_what_counts_no_more(run: Run, tmp_path: Path) -> None:
    """Annotations and gold of a text that is replaced are told of, when it goes and afterwards."""
    place, file = tmp_path / "w", tmp_path / "anna.jsonl"
    assert run("init", place, "--annotator", "anna <a@example.org>").code == 0
    line = json.loads(ANNOTATIONS["anna"].read_text("utf-8").splitlines()[0])
    file.write_text(json.dumps(line) + "\n", encoding="utf-8")
    assert run("import", "jsonl", file, "-w", place).code == 0
    other = {name: line[name] for name in ("id", "language")} | {"text": "Another text."}
    file.write_text(json.dumps(other) + "\n", encoding="utf-8")
    ran = run("ingest", "-w", place, file)
    assert "not counted any more: 1 annotation set\n" in ran.err
    assert "before revision 2 does not count" in run("explain", line["id"], "-w", place).err


def test_ingest_reads_a_stream(run: Run, workspace: Path) -> None:
    """Text on stdin becomes a document; the same text again is the same document."""
    for expected in ("new", "unchanged"):
        ran = run("ingest", "-w", workspace, "-", "--json", stdin="Ministers met in Oslo.")
        assert ran.json[expected] == 1


def test_preannotate_stream_needs_no_workspace(run: Run) -> None:
    """Canonical lines in, canonical lines out, in order, offsets inside the text."""
    lines = [
        {"id": "1", "language": "en", "text": "Police arrested Anna Berg in Oslo on Monday 🙂."},
        {"id": "2", "language": "de", "text": "Am Montag trafen sich Minister in Berlin."},
    ]
    ran = run("preannotate", "--stdin", "--json", stdin="\n".join(map(json.dumps, lines)))
    assert ran.code == 0
    made = [json.loads(line) for line in ran.out.splitlines()]
    assert [m["id"] for m in made] == ["1", "2"]
    assert [m["text"] for m in made] == [line["text"] for line in lines]
    triggers = {e["type"] for e in made[0]["events"]}
    assert "COERCE" in triggers
    assert all(e["end"] <= len(m["text"]) for m in made for e in m["entities"])


def test_preannotate_stream_says_bad_lines(run: Run) -> None:
    """A line that is not JSON is said with its number, the others go through, exit code 2."""
    good = json.dumps({"id": "1", "language": "en", "text": "Police arrested Anna Berg."})
    ran = run("preannotate", "--stdin", "--json", stdin=f"{{\n{good}\n")
    assert ran.code == 2
    assert len(ran.out.splitlines()) == 1
    assert "1" in ran.err


def test_agreement_of_files(run: Run) -> None:
    """Agreement between canonical files has the contract's shape and needs no workspace."""
    ran = run("agreement", "--from", ANNOTATIONS["anna"], ANNOTATIONS["ben"], "--json")
    assert ran.code == 0
    by_name = {m["name"]: m for m in ran.json["measures"] if not m["slice"]}
    exact = by_name["f1(layer=entities,match=exact)"]
    assert exact["ci"][0] <= exact["value"] <= exact["ci"][1]
    assert (exact["n_documents"], exact["ci_method"]) == (25, "bootstrap")
    assert exact["value"] <= by_name["f1(layer=entities,match=overlap)"]["value"]
    assert ran.json["pairs"]
    assert ran.json["disagreements"]


def test_agreement_with_oneself_is_one(run: Run, tmp_path: Path) -> None:
    """Two identical sets agree fully on every layer."""
    other = tmp_path / "copy.jsonl"
    text = ANNOTATIONS["anna"].read_text(encoding="utf-8")
    other.write_text(text.replace('"annotator": "anna"', '"annotator": "zoe"'), encoding="utf-8")
    ran = run("agreement", "--from", ANNOTATIONS["anna"], other, "--json")
    f1 = [m for m in ran.json["measures"] if m["name"].startswith("f1") and not m["slice"]]
    assert {m["value"] for m in f1} == {1.0}


def test_evaluate_has_the_contracts_shape(run: Run) -> None:
    """`evaluate --json` gives counts and scores by layer, and predictions equal to gold score 1."""
    gold = ANNOTATIONS["anna"]
    layers = run("evaluate", gold, "--predictions", gold, "--json").json["layers"]
    assert layers["entities"]["exact"]["f1"] == 1.0
    assert layers["arguments"]["end_to_end"]["fn"] == 0
    assert layers["attributes"]["tense"]["accuracy"] == 1.0
    assert set(layers) == {"entities", "triggers", "arguments", "attributes"}


def test_ontology_commands(run: Run, tmp_path: Path) -> None:
    """The printed XML is the shipped file, and an imported XML is an ontology that checks."""
    root = Path(__file__).parents[2]
    xml = run("ontology", "xml", root / "label_config" / "news.toml").out
    assert xml == (root / "label_config" / "news.xml").read_text(encoding="utf-8")
    imported = run("ontology", "import-xml", root / "label_config" / "news.xml", "--name", "ours")
    (tmp_path / "ours.toml").write_text(imported.out, encoding="utf-8")
    checked = run("ontology", "check", tmp_path / "ours.toml", "--json").json
    assert (checked["entities"], checked["events"]) == (4, 16)
    same = run(
        "ontology", "diff", root / "label_config" / "news.toml", root / "label_config" / "news.toml"
    )
    assert same.out.strip() == "no difference"


def test_doctor_says_what_is_there(run: Run, workspace: Path) -> None:
    """Every check has a state; a workspace without a server is not broken."""
    ran = run("doctor", "-w", workspace, "--json")
    assert ran.code == 0
    states = {c["what"]: c["state"] for c in ran.json["checks"]}
    assert states["database"] == "ok"
    assert states["pipeline sk"] == "ok"
    assert states["Label Studio"] == "warn"


def _commands() -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = [(c.name,) for c in app.registered_commands if c.name]
    for group in app.registered_groups:
        assert group.name
        assert group.typer_instance
        found += [(group.name, c.name) for c in group.typer_instance.registered_commands if c.name]
    return found


@pytest.mark.parametrize("command", _commands(), ids=" ".join)
def test_every_command_has_help_with_an_example(run: Run, command: tuple[str, ...]) -> None:
    """`--help` of every command explains it and gives an example."""
    ran = run(*command, "--help")
    assert ran.code == 0
    assert f"curation {' '.join(command)}" in " ".join(ran.out.split())
    assert "Example" in ran.out


def test_help_imports_nothing_heavy() -> None:
    """`curation --help` loads none of the libraries that make a command slow to start."""
    heavy = "{'spacy', 'pydantic', 'sqlmodel', 'sqlalchemy', 'numpy', 'label_studio_sdk', 'jinja2'}"
    code = (
        "import sys; from curation.cli.app import app; from typer.testing import CliRunner; "
        "assert CliRunner().invoke(app, ['--help']).exit_code == 0; "
        f"print(sorted(m for m in sys.modules if m in {heavy}))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"
