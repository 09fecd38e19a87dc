"""The facts of the HTML report, all read from the store."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from curation.agreement.measure import HEADLINES
from curation.agreement.report import AgreementReport
from curation.agreement.targets import LAYERS
from curation.corrections import minutes, survival, was_corrected
from curation.edits import edits
from curation.model import AnnotationSet, Document
from curation.report import facts as f
from curation.report.render import render_report
from curation.store import Repository
from curation.store.changes import state_of
from curation.workflows import agreement, report_lead
from curation.workflows.status import Status, Work, read_status, read_work
from curation.workflows.workspace import Workspace

__all__ = ["agreement_facts", "live_report", "report_facts"]

_EXAMPLES = 10
_SLICES = ("language", "label", "month", "guideline", "assisted")
_HEADLINES_ONLY = {"month", "guideline", "assisted"}
"""Slices of which the report has exact agreement alone; `curation agreement --json` has all."""


def report_facts(workspace: Workspace, *, time: str) -> f.ReportFacts:
    """Everything that the report says; `time` is when, in ISO 8601."""
    settings = workspace.settings
    compared = agreement.read_store(workspace.store, settings.agreement)
    measured = agreement.measure(
        compared, slices=_SLICES, min_documents=settings.agreement.min_documents
    )
    status = read_status(workspace.store, workspace.settings)
    with workspace.store.transaction() as repo:
        proposals = {s.uid: s for s in repo.annotation_sets("model")}
        sent = {(uid, task): made for uid, task, made in repo.sent_proposals()}
        decisions = repo.decisions()
        languages, work = repo.languages(), read_work(repo)
        splits = _splits(repo)
        releases = tuple(
            f.Release(version=r.version, path=r.path, sha256=r.sha256, documents=r.documents)
            for r in repo.releases()
        )
    disputed = Counter(d.status for d in decisions)
    leakage, no_leakage = report_lead.leakage(workspace)
    return f.ReportFacts(
        title=settings.name,
        generated_from=f.Origin(database=f"workspace {settings.id}", time=time),
        sample=any(s.kind == "sample" for s in compared.sets),
        status=_status(status, _languages(languages, work)),
        **agreement_facts(measured, compared.documents, compared.sets, settings.agreement.targets),
        forecasts=report_lead.forecasts(
            work, languages, compared.sets, date.fromisoformat(time[:10])
        ),
        changes=report_lead.changes(measured),
        guidelines=report_lead.guidelines(compared),
        steering=report_lead.steered(compared),
        leakage=leakage,
        no_leakage=no_leakage,
        **_corrections([*_began_from(compared.sets, sent, proposals)], compared),
        adjudication=f.Adjudication(
            agreed=disputed["agreed"] + disputed["rejected"],
            disputed=disputed["disputed"],
            by_rule=dict(Counter(d.rule for d in decisions if d.rule)),
        ),
        splits=splits,
        releases=releases,
        commands=_COMMANDS,
        colours={
            **{e.name: e.colour for e in workspace.ontology.entities},
            **{e.name: e.colour for e in workspace.ontology.events},
        },
    )


def live_report(
    workspace: Workspace, *, clock: Callable[[], str]
) -> tuple[Callable[[], str], Callable[[], tuple[str, str]]]:
    """What says whether the workspace may have changed, and what makes the mark and the page.

    The mark is the same where the page would say the same at another time.
    """

    def make() -> tuple[str, str]:
        facts = report_facts(workspace, time=clock())
        said = facts.model_dump_json(exclude={"generated_from"})
        mark = hashlib.sha256(said.encode("utf-8")).hexdigest()[:16]
        return mark, render_report(facts, live=mark)

    return lambda: state_of(workspace.store), make


def agreement_facts(
    measured: AgreementReport,
    documents: Mapping[str, Document],
    sets: Sequence[AnnotationSet],
    targets: Mapping[str, float] | None = None,
) -> dict[str, Any]:
    """Measures, pairs, confusions, causes and examples; no text of documents without `sets`."""
    wanted = targets or {}
    return {
        "measures": tuple(
            _measure(e.to_json(), wanted)
            for e in measured.measures
            if e.name in HEADLINES or not _HEADLINES_ONLY & e.slice.keys()
        ),
        "pairs": tuple(
            f.Pair(
                annotator_a=p.annotator_a,
                annotator_b=p.annotator_b,
                measure=p.estimate.name,
                value=p.estimate.value,
                reason=p.estimate.reason,
                n_documents=p.estimate.n_documents,
            )
            for p in measured.pairs
        ),
        "confusions": tuple(
            _confusion(layer, c, _compared_documents(measured, layer))
            for layer, c in measured.confusion.items()
        ),
        "causes": report_lead.causes(measured, documents, with_text=bool(sets)),
        "offsets": report_lead.offsets(measured),
        "examples": _examples(measured, documents, sets) if sets else (),
    }


_COMMANDS = tuple(
    f.Command(command=command, gives=gives, figure=figure)
    for command, gives, figure in (
        ("curation status", "documents by status, annotators, quarantine", "status"),
        ("curation agreement --by label --by language", "measures with intervals", "agreement"),
        ("curation agreement --json", "pairs of annotators", "pairs"),
        ("curation agreement --json", "disagreements", "disagreements"),
        ("curation report --json", "confusion of labels", "confusion"),
        ("curation agreement --json", "causes of disagreement, by gain", "todo"),
        ("curation agreement --json", "distances between boundaries", "boundaries"),
        ("curation agreement --by month --by guideline", "agreement over time", "trend"),
        ("curation agreement", "how far suggestions steer", "steering"),
        ("curation report --json", "forecast", "forecast"),
        ("curation report --json", "suggestions kept, changed, removed, added", "survival"),
        ("curation report --json", "edits done, and edits from nothing", "edits"),
        ("curation report --json", "minutes of work a task", "time"),
        ("curation adjudicate --json", "decisions by rule", "adjudication"),
        ("curation split --json", "documents by part", "splits"),
        ("curation split --check", "what the parts have in common", "leakage"),
        ("curation status --json", "releases", "releases"),
    )
)


def _status(status: Status, languages: tuple[f.Progress, ...]) -> f.Status:
    return f.Status(
        documents=status.documents,
        by_status=status.by_status,
        by_layer=status.by_layer,
        languages=languages,
        annotators=tuple(
            f.Progress(name=a.name, assigned=a.assigned, done=a.done, skipped=a.skipped)
            for a in status.annotators
        ),
        quarantine=status.quarantine,
    )


def _languages(language: Mapping[str, str], work: Work) -> tuple[f.Progress, ...]:
    assigned, done, skipped = (
        Counter(language[uid] for _name, uid in pairs if uid in language)
        for pairs in (work.assigned, work.done, work.skipped)
    )
    return tuple(
        f.Progress(name=name, assigned=assigned[name], done=done[name], skipped=skipped[name])
        for name in sorted(set(language.values()))
    )


def _measure(estimate: Mapping[str, Any], targets: Mapping[str, float]) -> f.Measure:
    kept = {k: v for k, v in estimate.items() if k in f.Measure.model_fields}
    return f.Measure.model_validate(kept | {"target": _target(estimate, targets)})


def _target(estimate: Mapping[str, Any], targets: Mapping[str, float]) -> float | None:
    """What the lead wants of exact F1 of a layer, or of one label in it."""
    if estimate["name"] not in HEADLINES:
        return None
    where = estimate["slice"]
    if not where:
        return targets.get(LAYERS[HEADLINES.index(estimate["name"])])
    return targets.get(where["label"]) if where.keys() == {"label"} else None


def _compared_documents(measured: AgreementReport, layer: str) -> int:
    """Documents that two or more annotators have done, of that layer."""
    of, _, attribute = layer.partition(".")
    name = f"percent(layer={of},name={attribute})" if attribute else f"f1(layer={of},match=exact)"
    found = measured.estimate(name)
    return found.n_documents if found else 0


def _confusion(layer: str, confusion: Mapping[str, Sequence[object]], n: int) -> f.Confusion:
    return f.Confusion.model_validate({"layer": layer, "n_documents": n, **confusion})


def _examples(
    measured: AgreementReport, documents: Mapping[str, Document], sets: Sequence[AnnotationSet]
) -> tuple[f.Example, ...]:
    """The documents with most disagreements, as each annotator marked them."""
    worst = Counter(d.uid for d in measured.disagreements)
    chosen = sorted(worst, key=lambda uid: (-worst[uid], uid))[:_EXAMPLES]
    return tuple(_example(documents[uid], sets) for uid in chosen)


def _example(document: Document, sets: Iterable[AnnotationSet]) -> f.Example:
    said = [s for s in sets if s.uid == document.uid]
    urls = [s.provenance["url"] for s in said if s.provenance.get("url")]
    return f.Example(
        uid=document.uid,
        language=document.language,
        text=document.text,
        views=tuple(_view(s) for s in said),
        task_url=urls[0] if urls else None,
    )


def _view(annotations: AnnotationSet) -> f.View:
    index = {e.id: i for i, e in enumerate(annotations.entities)}
    return f.View(
        annotator=annotations.annotator,
        entities=tuple(
            f.Mark(start=e.start, end=e.end, label=e.label) for e in annotations.entities
        ),
        triggers=tuple(f.Mark(start=e.start, end=e.end, label=e.type) for e in annotations.events),
        arguments=tuple(
            f.Argument(role=a.role, trigger=i, entity=index[a.target])
            for i, event in enumerate(annotations.events)
            for a in event.arguments
        ),
    )


def _began_from(
    sets: Iterable[AnnotationSet],
    sent: Mapping[tuple[str, int], AnnotationSet],
    proposals: Mapping[str, AnnotationSet],
) -> Iterator[tuple[AnnotationSet, AnnotationSet]]:
    """(proposal, what was handed in) where somebody began from one: the one in their task.

    Workspaces that were pushed by an earlier version did not keep which one that was.
    """
    for said in filter(was_corrected, sets):
        task = int(said.provenance.get("task") or 0)
        proposal = sent.get((said.uid, task)) or proposals.get(said.uid)
        if proposal is not None:
            yield proposal, said


def _corrections(
    pairs: Sequence[tuple[AnnotationSet, AnnotationSet]], compared: agreement.Compared
) -> dict[str, Any]:
    """What became of proposals in the hands of those who began from them, and the time of all."""
    rows = [f.Survival.model_validate(asdict(row)) for row in survival(pairs)] if pairs else []
    acts = edits((said, proposal) for proposal, said in pairs)
    return {
        "survival": tuple(row for row in rows if row.label is None),
        "survival_by_label": tuple(row for row in rows if row.label is not None),
        "edits": f.Edits(documents=len(pairs), **acts) if pairs else None,
        "work_time": tuple(_work_times(compared)),
    }


def _work_times(compared: agreement.Compared) -> Iterator[f.WorkTime]:
    """Of all tasks, then by annotator, language, and whether there were suggestions."""
    slices: dict[tuple[str, str], list[AnnotationSet]] = {}
    for said in compared.sets:
        language = compared.documents[said.uid].language
        assisted = "with" if said.provenance.get("assisted") else "without"
        for key in (
            ("", ""),
            ("annotator", said.annotator),
            ("language", language),
            ("suggestions", assisted),
        ):
            slices.setdefault(key, []).append(said)
    for (name, value), sets in sorted(slices.items()):
        found = minutes(sets)
        if found.n:
            yield f.WorkTime(slice={name: value} if name else {}, **asdict(found))


def _splits(repo: Repository) -> tuple[f.Split, ...]:
    rows = repo.splits()
    gold = {g.uid: g for g in repo.annotation_sets("gold")}
    found = []
    for part in sorted({row.part for row in rows}):
        members = [row for row in rows if row.part == part]
        labels: Counter[str] = Counter()
        for row in members:
            if row.uid in gold:
                labels.update(e.label for e in gold[row.uid].entities)
                labels.update(e.type for e in gold[row.uid].events)
        found.append(
            f.Split(
                part=part,
                documents=len(members),
                groups=len({row.group for row in members}),
                labels=dict(sorted(labels.items())),
            )
        )
    return tuple(found)
