"""The agreement report of a release: the lead's page, of what is released, without addresses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from curation.agreement.report import AgreementReport
from curation.formats.release_facts import CardFacts
from curation.report import facts as f
from curation.workflows.release_content import Content
from curation.workflows.report import agreement_facts

__all__ = ["agreement_page"]


def agreement_page(content: Content, facts: CardFacts, report: AgreementReport) -> f.ReportFacts:
    """What agreement.html says; texts of examples only where the release has texts."""
    documents = content.documents
    language = {uid: d.language for uid, d in documents.items()}
    rules = Counter(str(d["rule"]) for d in content.decisions if d["rule"])
    outcomes = Counter(d["status"] for d in content.decisions)
    shown = () if facts.stand_off else content.said
    return f.ReportFacts(
        title=facts.name,
        generated_from=f.Origin(database=facts.name, time=f"release {facts.version}"),
        sample=facts.sample,
        status=f.Status(
            documents=len(documents),
            by_status={"released": len(documents)},
            languages=_progress(language[s.uid] for s in content.said),
            annotators=_progress(s.annotator for s in content.said),
        ),
        **agreement_facts(report, documents, shown),
        adjudication=f.Adjudication(
            agreed=outcomes["agreed"] + outcomes["rejected"],
            disputed=outcomes["disputed"],
            by_rule=dict(sorted(rules.items())),
        ),
        splits=_splits(content),
        commands=_COMMANDS,
        left_out=("todo", "trend", "suggestions", "releases", "commands"),
    )


_COMMANDS = (
    f.Command(command="curation verify .", gives="documents and sets", figure="status"),
    f.Command(command="curation verify .", gives="decisions by rule", figure="adjudication"),
    f.Command(command="curation verify .", gives="documents by part", figure="splits"),
)


def _progress(names: Iterable[str]) -> tuple[f.Progress, ...]:
    counts: Mapping[str, int] = Counter(names)
    return tuple(
        f.Progress(name=name, assigned=n, done=n, skipped=0) for name, n in sorted(counts.items())
    )


def _splits(content: Content) -> tuple[f.Split, ...]:
    found = []
    for part, records in content.parts.items():
        labels: Counter[str] = Counter()
        for record in records:
            if record.annotations is not None:
                labels.update(e.label for e in record.annotations.entities)
                labels.update(e.type for e in record.annotations.events)
        groups = {content.splits[r.document.uid].group for r in records}
        found.append(
            f.Split(
                part=part,
                documents=len(records),
                groups=len(groups),
                labels=dict(sorted(labels.items())),
            )
        )
    return tuple(found)
