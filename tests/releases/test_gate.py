"""A release is refused where a condition does not hold; forced, it says so for ever."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from releases.conftest import Run
from releases.making import AT, opened, settle, workspace

from curation.errors import CheckFailed
from curation.formats.release_facts import PartFacts
from curation.model import AnnotationSet
from curation.settings_release import Release
from curation.workflows import audit
from curation.workflows.release import Options, Plan, prepare, release
from curation.workflows.release_gate import _double_annotated
from curation.workflows.verify import verify
from curation.workflows.workspace import Workspace

LINES = Options(formats=("jsonl",))


def planned(made: Workspace, lines: str, options: Options = LINES) -> Plan:
    """The plan of 2.0.0 with these lines of [release]."""
    settle(made.settings.folder, lines)
    return prepare(opened(made.settings.folder), "2.0.0", options)


def test_what_is_not_asked_for_is_not_a_condition(made: Workspace) -> None:
    """By default only that nothing is disputed."""
    gate = planned(made, "").facts.gate
    assert [(line.condition, line.held) for line in gate] == [
        ("disputed positions at most 0", True)
    ]


def test_the_lower_end_of_the_interval_decides(made: Workspace) -> None:
    """A bound between the lower end and the value fails; one at the lower end holds."""
    plan = planned(made, "")
    found = plan.extras.report.estimate("f1(layer=entities,match=exact)")
    assert found is not None
    assert found.value is not None
    assert found.ci is not None
    low = found.ci[0]
    assert low < found.value
    between = (low + found.value) / 2
    assert planned(made, f"min_agreement = {{ entities = {low!r} }}").facts.gate[0].held
    for name in ("entities", "f1(layer=entities,match=exact)"):
        line = planned(made, f"min_agreement = {{ '{name}' = {between!r} }}").facts.gate[0]
        assert not line.held
        assert f"{found.value:.3f}, 95 % interval {low:.3f} to" in line.found


def test_a_measure_beside_the_defaults_is_measured_and_released(made: Workspace) -> None:
    """It is in agreement.json, by the name that was asked for."""
    name = "semeval(layer=entities,scheme=partial)"
    plan = planned(made, f"min_agreement = {{ '{name}' = 0.1 }}")
    assert plan.facts.gate[0].held
    assert name in {line.measure for line in plan.facts.agreement}


def test_a_bound_about_nothing_is_told(made: Workspace, run: Run) -> None:
    """A misspelt label is wrong use, not a condition that holds."""
    settle(made.settings.folder, "min_agreement = { PERS = 0.5 }")
    ran = run("release", "2.0.0", "-w", made.settings.folder)
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert "'PERS' is no measure, layer or label" in ran.err


def test_double_annotation_is_counted_over_what_is_released(made: Workspace) -> None:
    """Documents with two annotators or more, of all released."""
    plan = planned(made, "min_double_annotated = 1.0")
    with made.store.transaction() as repo:
        sets = list(repo.annotation_sets("person", "sample"))
    readers = [sum(s.uid == uid for s in sets) for uid in {s.uid for s in sets}]
    double = sum(n > 1 for n in readers)
    line = next(line for line in plan.facts.gate if "annotated by two" in line.condition)
    assert line.found == f"{double} of 10"
    assert line.held == (double == 10)
    assert planned(made, "min_double_annotated = 0.1").facts.gate[0].held


def test_a_bound_is_met_exactly_and_told_as_given(made: Workspace) -> None:
    """55 of 100 are 55%, which 0.55 * 100 in floating point is more than; 30.5% is not 30%."""
    asked = Release(min_double_annotated=0.55)
    counts = replace(planned(made, "").facts.counts, readers={2: 55, 1: 45})
    parts = (PartFacts("train", {"documents": 100}, {}),)
    (line,) = _double_annotated(asked, replace(counts, parts=parts))
    assert (line.held, line.found) == (True, "55 of 100")
    (line,) = _double_annotated(Release(min_double_annotated=0.305), replace(counts, parts=parts))
    assert "at least 30.5% of" in line.condition


def test_disputes_refuse(tmp_path: Path, run: Run) -> None:
    """Open positions are counted; the list says what to do; nothing is written."""
    folder = tmp_path / "workspace"
    made = workspace(folder, languages=("en",), names=("anna",))
    with made.store.transaction() as repo:
        one = next(repo.annotation_sets("person"))
        repo.save_annotations(
            one.model_copy(update={"annotator": "ben", "entities": one.entities[1:], "events": ()}),
            at=AT,
        )
    _adjudicate(made, ("majority",))
    ran = run("release", "1.0.0", "-w", folder, "--format", "jsonl")
    assert ran.code == 1
    assert "release 1.0.0 is not made: 4 documents" in ran.out
    assert "FAILS  disputed positions at most 0:" in ran.out
    assert "--force" in ran.out
    assert [*made.settings.exports.iterdir()] == []
    settle(folder, "max_disputed = 100000")
    assert run("release", "1.0.0", "-w", folder, "--format", "jsonl").code == 0


def _adjudicate(made: Workspace, rules: tuple[str, ...]) -> None:
    from curation.adjudication import LAYERS
    from curation.workflows.adjudicate import adjudicate_store

    later = "2024-06-01T12:00:00+00:00"
    adjudicate_store(made.store, rules=dict.fromkeys(LAYERS, rules), min_annotators=1, at=later)


def test_leakage_refuses(made: Workspace) -> None:
    """A text of another part, with one word added, is above any bound."""
    with made.store.transaction() as repo:
        part = {s.uid: s.part for s in repo.splits()}
        test = next(d for d in repo.documents() if part[d.uid] == "test")
        train = next(u for u in part if part[u] == "train")
        copy = test.model_copy(update={"uid": train, "text": test.text + " Finis."})
        repo.add_document(copy, offset_map=[], at=AT)
        repo.save_annotations(AnnotationSet(uid=train, annotator="anna"), at=AT)
    _adjudicate(made, ("majority", "prefer:anna"))
    line = planned(made, "max_leakage = 0.5").facts.gate[-1]
    assert not line.held
    assert line.condition == "similarity of texts in different parts at most 0.5"
    assert line.found.startswith("1.000")


def test_texts_that_may_not_be_passed_on_refuse(tmp_path: Path) -> None:
    """A source that is not redistributable stops a release with texts, and not one without."""
    made = workspace(tmp_path / "workspace", languages=("en",), source="Example Times")
    lines = '[release.sources."Example Times"]\nredistributable = false\nlicense = "all reserved"'
    line = planned(made, lines).facts.gate[-1]
    assert (line.held, line.found) == (False, "Example Times (5)")
    assert planned(made, lines, Options(stand_off=True)).failed == ()
    options = Options(formats=("jsonl",), force=True)
    folder = Path(release(opened(made.settings.folder), "2.0.0", at=AT, options=options).path)
    notice = (folder / "LICENSE").read_text()
    assert r"Example Times (5 documents): all reserved; may not be passed on." in notice


def test_a_licence_may_be_required(made: Workspace) -> None:
    """Given on the command line or in the settings."""
    asked = "require_license = true"
    assert not planned(made, asked).facts.gate[-1].held
    options = Options(formats=("jsonl",), license_name="mit")
    assert planned(made, asked, options).facts.gate[-1].held
    assert planned(made, asked + '\nlicense = "mit"').facts.gate[-1].held


def test_findings_must_have_been_looked_at(
    made: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not run: fails. Shown and undecided, or put off: fails. Decided: holds."""
    monkeypatch.setattr("curation.workflows.release_gate.AUDIT_PIPELINE", audit.NO_PIPELINE)
    lines = "audit_reviewed = true"
    line = planned(made, lines).facts.gate[-1]
    assert not line.held
    assert "run curation audit" in line.found
    material = audit.with_proposals(
        audit.read_store(made.store, ontology=made.ontology), audit.NO_PIPELINE
    )
    shown = audit.listed(material, audit.find(material), {}, limit=2)
    audit.remember(made.store, shown, at=AT)
    names = [one.finding.fingerprint for one in shown.shown]
    assert planned(made, lines).facts.gate[-1].found.startswith("0 of 2 shown are decided")
    audit.decide(made.store, {names[0]: "fine", names[1]: "later"}, by="eva", at=AT)
    assert not planned(made, lines).facts.gate[-1].held
    audit.decide(made.store, {names[1]: "error"}, by="eva", at=AT)
    assert planned(made, lines).facts.gate[-1].held


def test_a_forced_release_says_so_for_ever(made: Workspace, run: Run) -> None:
    """In the card, the datasheet and Croissant, with what failed; and it verifies."""
    settle(made.settings.folder, 'require_license = true\nauthors = ["Berg, Anna"]')
    folder = made.settings.folder
    refused = run("release", "2.0.0", "-w", folder, "--format", "jsonl")
    assert refused.code == 1
    assert not (made.settings.exports / "2.0.0").exists()
    ran = run("release", "2.0.0", "-w", folder, "--format", "jsonl", "--force", "--json")
    assert ran.code == 0
    assert json.loads(ran.out)["failed"] == ["a licence is stated: none"]
    path = made.settings.exports / "2.0.0"
    card = (path / "README.md").read_text()
    assert "## Released against its gate" in card
    assert "| a licence is stated | none |" in card
    assert "Released against its gate: a licence is stated" in (path / "datasheet.md").read_text()
    said = json.loads((path / "croissant.json").read_text())
    assert "Released against its gate: a licence is stated" in said["rai:dataLimitations"][0]
    assert verify(path).problems == ()


def test_a_release_that_holds_says_its_gate(made: Workspace) -> None:
    """Conditions that hold are in the card too, and nothing is said of force, also with --force."""
    settle(made.settings.folder, 'require_license = true\nlicense = "mit"')
    options = Options(formats=("jsonl",), force=True)
    result = release(opened(made.settings.folder), "2.0.0", at=AT, options=options)
    card = (Path(result.path) / "README.md").read_text()
    assert "| a licence is stated | yes | mit |" in card
    assert "against its gate" not in card


def test_the_workflow_refuses_too(made: Workspace) -> None:
    """Whoever calls it without the command line gets an error of exit code 1."""
    settle(made.settings.folder, "require_license = true")
    with pytest.raises(CheckFailed, match="does not meet its gate: a licence is stated: none"):
        release(opened(made.settings.folder), "2.0.0", at=AT, options=LINES)


def test_gold_without_a_part_is_told(tmp_path: Path, run: Run) -> None:
    """How many Documents, and what to do: they are left out."""
    folder = tmp_path / "workspace"
    made = workspace(folder, languages=("en",))
    more = workspace(tmp_path / "other", languages=("en", "sk"))
    with more.store.transaction() as theirs, made.store.transaction() as mine:
        for said in theirs.annotation_sets("person", annotator="anna"):
            if said.uid.startswith("sk"):
                document = theirs.document(said.uid)
                assert document is not None
                mine.add_document(document, offset_map=[], at=AT)
                mine.save_annotations(said, at=AT)
    _adjudicate(made, ("majority", "prefer:anna"))
    ran = run("release", "1.0.0", "-w", folder, "--format", "jsonl")
    assert ran.code == 0
    assert "5 gold documents have no part and are left out; run: curation split" in ran.out
    card = (made.settings.exports / "1.0.0" / "README.md").read_text()
    assert "0 with open disputes, 5\nwithout a part." in card
