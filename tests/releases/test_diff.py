"""What changed between two releases, by label and part, and the version that it calls for."""

from __future__ import annotations

import json
import shutil

import pytest
from releases.conftest import Run
from releases.making import AT, opened

from curation.changes import Placed, Snapshot, Tally, compare, next_version, version_key
from curation.errors import UsageError
from curation.model import AnnotationSet
from curation.ontology import Ontology
from curation.testing import annotation_set
from curation.workflows.release import Options, release
from curation.workflows.workspace import Workspace

TEXT = "Anna Berg met Peter Lind in Oslo."
BASE = annotation_set(
    TEXT, [("Anna Berg", "PER"), ("Oslo", "LOC")], [("met", "CONSULT", {"Actor": "Anna Berg"})]
)


def snapshot(
    *sets: AnnotationSet, part: str = "train", sha: str = "a", ontology: Ontology | None = None
) -> Snapshot:
    """A release of these sets, all in one part."""
    placed = {s.uid: Placed(part, sha) for s in sets}
    return Snapshot(placed, {s.uid: s for s in sets}, ontology)


def test_nothing_changed() -> None:
    """The same release twice calls for nothing, whatever its ids are called."""
    renamed = BASE.model_copy(
        update={"entities": tuple(e.model_copy(update={"id": f"X{e.id}"}) for e in BASE.entities)}
    )
    events = tuple(
        e.model_copy(
            update={
                "arguments": tuple(
                    a.model_copy(update={"target": f"X{a.target}"}) for a in e.arguments
                )
            }
        )
        for e in BASE.events
    )
    changes = compare(snapshot(BASE), snapshot(renamed.model_copy(update={"events": events})))
    assert (changes.advice, changes.reasons) == (None, {})


def test_mended_errors_call_for_a_patch() -> None:
    """Another label, other words, one that came and one that went, each counted by label."""
    said = annotation_set(
        TEXT, [("Anna", "PER"), ("Oslo", "ORG"), ("Peter Lind", "PER")], [("met", "CONSULT", {})]
    )
    changes = compare(snapshot(BASE), snapshot(said))
    assert changes.entities == {
        "train": {"ORG": Tally(changed=1), "PER": Tally(added=1, changed=1)}
    }
    assert changes.relabelled == {"LOC -> ORG": 1}
    assert changes.events == {"train": {"CONSULT": Tally(changed=1)}}
    assert (changes.documents, changes.advice) == ({}, "patch")
    back = compare(snapshot(said), snapshot(BASE))
    assert back.entities["train"]["PER"] == Tally(removed=1, changed=1)


def test_data_that_came_call_for_a_minor_version() -> None:
    """Documents added, removed or with another text, with what is in them."""
    other = BASE.model_copy(update={"uid": "d2"})
    changes = compare(snapshot(BASE), snapshot(BASE, other))
    assert changes.documents == {"train": Tally(added=1)}
    assert changes.entities == {"train": {"LOC": Tally(added=1), "PER": Tally(added=1)}}
    assert changes.advice == "minor"
    assert compare(snapshot(BASE, other), snapshot(BASE)).documents == {"train": Tally(removed=1)}
    rewritten = compare(snapshot(BASE), snapshot(BASE, sha="b"))
    assert (rewritten.documents, rewritten.entities) == ({"train": Tally(changed=1)}, {})


def test_documents_that_moved_call_for_a_major_version() -> None:
    """Scores on the old test part and on the new one are not of the same thing."""
    changes = compare(snapshot(BASE), snapshot(BASE, part="test"))
    assert (changes.moved, changes.advice) == ({"train to test": 1}, "major")


def test_another_meaning_calls_for_a_major_version(news: Ontology) -> None:
    """A definition, a constraint or a name that went; a colour is no meaning, a new label data."""

    def changed(**fields: object) -> Ontology:
        first, *rest = news.entities
        return news.model_copy(update={"entities": (first.model_copy(update=fields), *rest)})

    def advice(new: Ontology) -> object:
        return compare(snapshot(BASE, ontology=news), snapshot(BASE, ontology=new)).advice

    assert advice(changed(definition="Somebody.")) == "major"
    assert advice(changed(name="PERSON")) == "major"
    assert advice(changed(colour="#000000", hotkey=None)) is None
    more = news.entities[0].model_copy(update={"name": "MISC", "hotkey": None})
    assert advice(news.model_copy(update={"entities": (*news.entities, more)})) == "minor"
    assert advice(news.model_copy(update={"guideline": "2"})) == "minor"
    fillers = news.roles[0].model_copy(update={"fillers": news.roles[0].fillers[:1]})
    assert advice(news.model_copy(update={"roles": (fillers, *news.roles[1:])})) == "major"


@pytest.mark.parametrize(
    ("version", "advice", "following"),
    [
        ("1.2.3", "major", "2.0.0"),
        ("1.2.3", "minor", "1.3.0"),
        ("1.2.3", "patch", "1.2.4"),
        ("1.2.3", None, "1.2.3"),
        ("2.0.0-rc.1", "patch", "2.0.0"),
    ],
)
def test_the_next_version(version: str, advice: object, following: str) -> None:
    """As semver.org has it; what follows a pre-release is its version."""
    assert next_version(version, advice) == following  # type: ignore[arg-type]


def test_versions_are_in_the_order_of_semver() -> None:
    """The example of the specification, and numbers that are no words."""
    ordered = ["1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0", "1.10.0"]
    assert sorted({*ordered}, key=version_key) == ordered
    with pytest.raises(UsageError, match=r"MAJOR\.MINOR\.PATCH"):
        version_key("v1")


@pytest.fixture
def revised(made: Workspace) -> Workspace:
    """The workspace with one entity less in gold."""
    with made.store.transaction() as repo:
        gold = next(g for g in repo.gold() if g.entities and not g.events[0].arguments)
        used = {a.target for e in gold.events for a in e.arguments}
        left = tuple(e for e in gold.entities if e.id in used)
        repo.save_annotations(gold.model_copy(update={"entities": left}), at=AT)
    return made


def test_diff_of_versions_and_folders(revised: Workspace, run: Run) -> None:
    """By version in a workspace or by folder without one: the same."""
    folder, exports = revised.settings.folder, revised.settings.exports
    release(revised, "1.0.1", at=AT, options=Options(formats=("parquet",)))
    ran = run("diff", "1.0.0", "1.0.1", "-w", folder)
    assert ran.code == 0
    assert "calls for a patch version: 1.0.1" in ran.out
    assert "removed" in ran.out
    found = json.loads(run("diff", exports / "1.0.0", exports / "1.0.1", "--json").out)
    assert found == json.loads(run("diff", "1.0.0", "1.0.1", "-w", folder, "--json").out)
    assert found["advice"] == "patch"
    log = (exports / "1.0.1" / "CHANGELOG.md").read_text()
    assert log.index("## 1.0.1") < log.index("Since 1.0.0") < log.index("## 1.0.0")
    missing = run("diff", "1.0.0", "9.9.9", "-w", folder)
    assert (missing.code, missing.err.count("\n")) == (2, 1)
    assert "releases are 1.0.0, 1.0.1" in missing.err


def test_too_small_a_version_is_warned_of(made: Workspace, run: Run) -> None:
    """The release before had a part of the Documents only: a patch is too little."""
    splits = made.settings.exports / "1.0.0" / "splits.json"
    splits.write_text(
        json.dumps({k: v for k, v in json.loads(splits.read_text()).items() if k != "dev"})
    )
    ran = run("release", "1.0.1", "-w", made.settings.folder, "--dry-run")
    assert ran.code == 0
    assert "warning: 1.0.1 is lower than 1.1.0, which the changes call for" in ran.out
    assert "warning" not in run("release", "1.1.0", "-w", made.settings.folder, "--dry-run").out


def test_a_release_that_is_gone_is_said(made: Workspace, run: Run) -> None:
    """The changes are not compared, and both the command and CHANGELOG say so."""
    shutil.rmtree(made.settings.exports / "1.0.0")
    ran = run("release", "1.1.0", "-w", made.settings.folder, "--format", "jsonl")
    assert "not compared with 1.0.0" in ran.out
    log = (made.settings.exports / "1.1.0" / "CHANGELOG.md").read_text()
    assert "Not compared: release 1.0.0 is not in exports/." in log
    assert opened(made.settings.folder).settings.release.max_disputed == 0
