"""What must hold before a release is made: the conditions of `[release]`, one line each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from curation.agreement.report import AgreementReport, Estimate
from curation.agreement.targets import LAYERS, judged
from curation.errors import UsageError
from curation.formats.licences import is_stated
from curation.formats.release_facts import CardCounts, GateLine, Leakage
from curation.messages import few, shown
from curation.settings_release import Release
from curation.workflows import audit
from curation.workflows.release_content import Content
from curation.workflows.workspace import Workspace

__all__ = ["check_gate"]

AUDIT_PIPELINE = "fast"
"""The second opinion that `curation audit` takes by default."""


def check_gate(
    workspace: Workspace,
    content: Content,
    counts: CardCounts,
    report: AgreementReport,
    leakage: Leakage | None,
    *,
    license_name: str,
    stand_off: bool,
) -> tuple[GateLine, ...]:
    """Every condition that is asked for, held or not.

    Raises UsageError where one is about a measure, a layer or a label that does not exist.
    """
    asked = content.settings
    lines = [
        *_agreement(asked.min_agreement, report, workspace),
        *_double_annotated(asked, counts),
        *_disputed(asked, content),
        *_leakage(asked, leakage),
        *_license(asked, license_name),
        *_redistributable(content, stand_off=stand_off),
    ]
    if asked.audit_reviewed:
        lines.append(_audit(workspace, {*content.documents}))
    return tuple(lines)


def _agreement(
    bounds: Mapping[str, float], report: AgreementReport, workspace: Workspace
) -> Iterator[GateLine]:
    ontology = workspace.ontology
    known = {*LAYERS, *ontology.entity_names, *ontology.event_names}
    known |= {role.name for role in ontology.roles}
    for name, bound in sorted(bounds.items()):
        if "(" not in name and name not in known:
            raise UsageError(
                f"[release] min_agreement {shown(name)} is no measure, layer or label; there are "
                f"{few(sorted(known), most=60, between=', ')}"
            )
        found = _estimate(report, name)
        held = found is not None and found.ci is not None and found.ci[0] >= bound
        yield GateLine(f"agreement {name} at least {bound:g}", held, _found(found))


def _estimate(report: AgreementReport, name: str) -> Estimate | None:
    if "(" in name:
        return report.estimate(name) or report.estimate(name.replace(" ", ""))
    return judged(report, {name: 0.5})[0].estimate


def _found(estimate: Estimate | None) -> str:
    """The interval, whose lower end decides; why there is none."""
    if estimate is None:
        return "nobody marked it"
    if estimate.value is None or estimate.ci is None:
        value = "" if estimate.value is None else f"{estimate.value:.3f}, "
        return f"{value}no interval: {estimate.reason or 'not enough documents'}"
    low, high = estimate.ci
    return f"{estimate.value:.3f}, 95 % interval {low:.3f} to {high:.3f}"


def _double_annotated(asked: Release, counts: CardCounts) -> Iterator[GateLine]:
    least = asked.min_double_annotated
    if least is None:
        return
    n, of = counts.double_annotated, counts.documents
    # Divided, not multiplied: 0.55 * 100 is more than 55. As given, not rounded: 0.305 is not 30 %.
    yield GateLine(
        f"annotated by two or more at least {least * 100:g}% of the documents",
        n / of >= least,
        f"{n} of {of}",
    )


def _disputed(asked: Release, content: Content) -> Iterator[GateLine]:
    if asked.max_disputed is None:
        return
    n = content.disputes
    yield GateLine(
        f"disputed positions at most {asked.max_disputed}",
        n <= asked.max_disputed,
        f"{n} in {content.waiting} documents" if n else "none",
    )


def _leakage(asked: Release, leakage: Leakage | None) -> Iterator[GateLine]:
    if asked.max_leakage is None:
        return
    condition = f"similarity of texts in different parts at most {asked.max_leakage:g}"
    if leakage is not None:
        suspects = f", {leakage.suspects} suspected translations" if leakage.suspects else ""
        yield GateLine(condition, leakage.holds, f"{leakage.highest:.3f}{suspects}")


def _license(asked: Release, name: str) -> Iterator[GateLine]:
    if asked.require_license:
        yield GateLine("a licence is stated", is_stated(name), name or "none")


def _redistributable(content: Content, *, stand_off: bool) -> Iterator[GateLine]:
    """Asked where somebody has said of a source that its texts may not be passed on."""
    closed = [s for s in content.sources if s.redistributable is False]
    if not closed or stand_off:
        return
    names = few((f"{s.name} ({s.documents})" for s in closed), between=", ")
    yield GateLine("no text of a source that may not be passed on", held=False, found=names)


def _audit(workspace: Workspace, released: set[str]) -> GateLine:
    """Whether all findings that were shown, and still are found, have been decided."""
    condition = "findings of the audit looked at"
    material = audit.read_store(workspace.store, ontology=workspace.ontology)
    material = audit.with_proposals(material, AUDIT_PIPELINE)
    found = [f for f in audit.find(material) if f.uid in released]
    with workspace.store.transaction() as repo:
        known = repo.findings()
    seen = [known[f.fingerprint] for f in found if f.fingerprint in known]
    undecided = sum(one.verdict in (None, "later") for one in seen)
    if found and not seen:
        return GateLine(condition, held=False, found=f"none of {len(found)}: run curation audit")
    said = f"{len(seen) - undecided} of {len(seen)} shown are decided, {len(found)} in all"
    return GateLine(condition, undecided == 0, said)
