"""Documents with open disputes wait outside releases and exports, and commands say how many."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from curation.adjudication import LAYERS
from curation.errors import UsageError
from curation.model import Document
from curation.store import Store, open_store
from curation.testing import annotation_set
from curation.workflows.adjudicate import adjudicate_store
from curation.workflows.export import export

from .conftest import Run

AT = "2024-05-01T12:00:00+00:00"
LATER = "2024-05-02T12:00:00+00:00"
WORDS = {"a": "Anna Berg met Peter Lind.", "b": "Oslo is cold.", "c": "Ships left for Rotterdam."}
LISTED = "curation status --documents --state disputed lists them"


def _said(store: Store, uid: str, label: str, name: str) -> None:
    text = WORDS[uid]
    said = annotation_set(text, [(text.split()[0], label)], uid=uid, annotator=name)
    with store.transaction() as repo:
        repo.save_annotations(said, at=AT)


def _adjudicated(store: Store, at: str) -> None:
    rules = dict.fromkeys(LAYERS, ("majority",))
    adjudicate_store(store, rules=rules, min_annotators=2, at=at)


@pytest.fixture
def store(workspace: Path) -> Store:
    """Three documents on which anna and ben agree."""
    made = open_store(f"sqlite:///{workspace / 'curation.db'}")
    for uid, text in WORDS.items():
        with made.transaction() as repo:
            repo.add_document(Document(uid=uid, language="en", text=text), offset_map=[], at=AT)
        for name in ("anna", "ben"):
            _said(made, uid, "PER", name)
    _adjudicated(made, AT)
    return made


@pytest.fixture
def waits(run: Run, workspace: Path, store: Store) -> Path:
    """All three have a part; then ben says something else of two of them."""
    assert run("split", "-w", workspace).code == 0
    for uid in ("a", "b"):
        _said(store, uid, "ORG", "ben")
    _adjudicated(store, LATER)
    return workspace


def test_an_export_says_what_it_left_out(run: Run, waits: Path, tmp_path: Path) -> None:
    """The first line and JSON count what was written and what was not, and say what helps."""
    target = tmp_path / "gold.jsonl"
    first = run("export", "jsonl", target, "-w", waits).out.splitlines()[0]
    assert first == (
        f"jsonl: 1 document; 2 with open disputes left out ({LISTED}, "
        "--include-disputed takes them)"
    )
    found = run("export", "jsonl", target, "-w", waits, "--json").json
    assert (found["documents"], found["left_out"], found["spans_in"]) == (1, 2, 1)
    assert len(target.read_text("utf-8").splitlines()) == 1


@pytest.mark.parametrize(
    ("options", "documents"),
    [(["--include-disputed"], 3), (["--annotator", "anna"], 3), (["--as-of", "2024-05-01"], 3)],
)
def test_where_nothing_is_left_out_nothing_is_said_of_it(
    run: Run, waits: Path, tmp_path: Path, options: list[str], documents: int
) -> None:
    """With disputed documents, of an annotator, and as of a day before they were disputed."""
    command = ("export", "jsonl", tmp_path / "gold.jsonl", "-w", waits, *options)
    assert run(*command).out.splitlines()[0] == f"jsonl: {documents} documents"
    found = run(*command, "--json").json
    assert (found["documents"], found["left_out"]) == (documents, 0)


@pytest.mark.parametrize("of", [[], ["--annotator", "anna"], ["--as-of", "2024-05-01"]])
def test_what_was_withdrawn_is_not_exported(
    run: Run, workspace: Path, store: Store, tmp_path: Path, of: list[str]
) -> None:
    """Neither gold nor a person's work of it; it is counted, and status names it."""
    assert run("split", "-w", workspace).code == 0
    assert run("split", "--withdraw", "b", "--why", "they asked", "-w", workspace).code == 0
    target = tmp_path / "out.jsonl"
    assert "; 1 withdrawn left out" in run("export", "jsonl", target, *of, "-w", workspace).out
    assert '"id": "b"' not in target.read_text("utf-8")
    assert "b from " in run("status", "-w", workspace).out
    assert run("status", "-w", workspace, "--json").json["withdrawn"]["b"]["why"] == "they asked"


def test_a_part_counts_its_own(run: Run, waits: Path, store: Store, tmp_path: Path) -> None:
    """What other parts left out is not counted; a part of which all waits is said to be so."""
    with store.transaction() as repo:
        parts = {s.uid: s.part for s in repo.splits()}
    for part in set(parts.values()):
        mine = {uid for uid in parts if parts[uid] == part}
        target = tmp_path / f"{part}.jsonl"
        ran = run("export", "jsonl", target, "--part", part, "-w", waits, "--json")
        if "c" in mine:
            assert ran.json["left_out"] == len(mine) - 1
        else:
            assert (ran.code, target.exists()) == (2, False)
            assert f"in part {part}, and {len(mine)} with open disputes left out" in ran.err


def test_a_release_says_what_it_left_out(run: Run, waits: Path) -> None:
    """So does a release, which cannot take them; the same again says the same."""
    refused = run("release", "1.0.0", "-w", waits)
    assert (refused.code, "FAILS  disputed positions at most 0: 2 in 2" in refused.out) == (1, True)
    ran = run("release", "1.0.0", "--force", "-w", waits)
    first = ran.out.splitlines()[0]
    assert first.startswith("release 1.0.0: 1 document (")
    assert first.endswith(f"; 2 with open disputes left out ({LISTED})")
    found = run("release", "1.0.0", "--force", "-w", waits, "--json").json
    assert (found["documents"], found["left_out"], found["new"]) == (1, 2, False)


def test_nothing_to_release_says_why(run: Run, waits: Path, store: Store) -> None:
    """Where all that has a part waits, a new split is not what helps."""
    _said(store, "c", "ORG", "ben")
    _adjudicated(store, LATER)
    ran = run("release", "1.0.0", "-w", waits)
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert "all 3 gold documents that have a part have open disputes" in ran.err


def test_status_and_split_say_how_many_wait(run: Run, waits: Path) -> None:
    """A part once given is kept: both count those in it that wait, in words and in JSON."""
    for command in ("status", "split"):
        ran = run(command, "-w", waits)
        assert "2 of them wait outside releases and exports, with open disputes" in ran.out
    status = run("status", "-w", waits, "--json").json
    assert (sum(status["splits"].values()), sum(status["splits_waiting"].values())) == (3, 2)
    split = run("split", "-w", waits, "--json").json
    assert (sum(split["parts"].values()), split["waiting"]) == (3, status["splits_waiting"])


@pytest.mark.usefixtures("store")
def test_without_disputes_nobody_waits(run: Run, workspace: Path) -> None:
    """Neither split nor status nor release says anything of waiting."""
    for command in (["split"], ["status"], ["release", "1.0.0"]):
        ran = run(*command, "-w", workspace)
        assert ran.code == 0
        assert "wait" not in ran.out
        assert "left out" not in ran.out
    assert run("status", "-w", workspace, "--json").json["splits_waiting"] == {}


@pytest.mark.parametrize(
    ("given", "allowed"),
    [
        ("2024-05-03", True),
        ("2024-05-03T10:00:00Z", True),
        ("2024-05-03T10:00:01Z", False),
        ("2024-05-03T11:30:00+02:00", True),
        ("2024-05-04", False),
    ],
)
def test_a_time_to_come_is_none_to_export(
    store: Store, tmp_path: Path, given: str, allowed: bool
) -> None:
    """Today is a day that has begun, and times have zones; a refusal writes nothing."""
    target = tmp_path / "gold.jsonl"
    now = "2024-05-03T10:00:00+00:00"
    if allowed:
        assert export(store, "jsonl", target, now=now, as_of=given).documents == 3
    else:
        with pytest.raises(
            UsageError, match=f"as of .{given}.: is yet to come; now it is {now[:10]}"
        ):
            export(store, "jsonl", target, now=now, as_of=given)
    assert target.exists() == allowed


@pytest.mark.usefixtures("store")
def test_the_command_refuses_tomorrow(run: Run, workspace: Path, tmp_path: Path) -> None:
    """The command's clock is the present: two days on is refused on one line, with code 2."""
    then = (datetime.now(UTC) + timedelta(days=2)).date().isoformat()
    ran = run("export", "jsonl", tmp_path / "x.jsonl", "--as-of", then, "-w", workspace)
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert "is yet to come" in ran.err


def test_exported_gold_imported_as_a_persons_forgets_how_it_was_made(
    run: Run, workspace: Path, store: Store, tmp_path: Path
) -> None:
    """Out with `export`, in with `import jsonl --annotator`: only gold has gold's provenance."""
    target = tmp_path / "gold.jsonl"
    assert run("export", "jsonl", target, "-w", workspace).code == 0
    row = json.loads(target.read_text("utf-8").splitlines()[0])
    assert row["meta"]["annotation"]["provenance"]["annotators"] == ["anna", "ben"]
    assert run("import", "jsonl", target, "--annotator", "eva", "-w", workspace).code == 0
    with store.transaction() as repo:
        sets = list(repo.annotation_sets("person", annotator="eva"))
    assert [(s.uid, len(s.entities), dict(s.provenance)) for s in sets] == [
        (uid, 1, {}) for uid in WORDS
    ]
