"""What a lead acts on, for the report: forecast, causes, offsets, changes, steering, leakage."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from curation.agreement.causes import CauseFacts, causes_of
from curation.agreement.report import AgreementReport
from curation.agreement.steering import steering
from curation.corrections import minutes
from curation.errors import UsageError
from curation.forecast import Forecast, Queue, forecast
from curation.model import AnnotationSet, Document
from curation.report import findings as f
from curation.workflows.agreement import Compared
from curation.workflows.dimensions import dimensions_of
from curation.workflows.split import certificate
from curation.workflows.status import Work
from curation.workflows.workspace import Workspace

__all__ = ["causes", "changes", "forecasts", "guidelines", "leakage", "offsets", "steered"]

_CAUSES = 40
_CONTEXT = 40
_INSIDE = 120
_DIMENSIONS = ("month", "guideline", "assisted", "round")


def forecasts(
    work: Work, languages: Mapping[str, str], sets: Sequence[AnnotationSet], today: date
) -> tuple[f.Forecast, ...]:
    """Of all that is given out, then by annotator, then by language; none where nothing is."""
    if not work.assigned:
        return ()
    open_ = work.assigned - work.done - work.skipped
    by_person = _queues(Counter(name for name, _ in open_), sets, lambda s: s.annotator)
    left = Counter(languages[uid] for _, uid in open_ if uid in languages)
    by_language = _queues(left, sets, lambda s: languages.get(s.uid, "und"))
    people, everything = forecast(by_person, today)
    spoken, _ = forecast(by_language, today)
    timed = defaultdict(list)
    for said in sets:
        timed["annotator", said.annotator].append(said)
        timed["language", languages.get(said.uid, "und")].append(said)
    return (
        _forecast("all", "", everything, sets),
        *(_forecast("annotator", n, people[n], timed["annotator", n]) for n in sorted(people)),
        *(_forecast("language", n, spoken[n], timed["language", n]) for n in sorted(spoken)),
    )


def _queues(
    left: Mapping[str, int], sets: Sequence[AnnotationSet], key: object
) -> dict[str, Queue]:
    assert callable(key)
    done: defaultdict[str, list[date]] = defaultdict(list)
    for said in sets:
        if (day := _day(said)) is not None:
            done[key(said)].append(day)
    names = sorted(done.keys() | left.keys())
    return {name: Queue(left.get(name, 0), tuple(done.get(name, ()))) for name in names}


def _day(said: AnnotationSet) -> date | None:
    """The day on which it was last changed, where the server told."""
    try:
        return date.fromisoformat(str(said.provenance.get("updated_at") or "")[:10])
    except ValueError:
        return None


def _forecast(kind: object, name: str, of: Forecast, sets: Sequence[AnnotationSet]) -> f.Forecast:
    time = minutes(sets)
    days = {
        key: None if day is None else day.isoformat()
        for key, day in (("earliest", of.earliest), ("likely", of.likely), ("latest", of.latest))
    }
    return f.Forecast.model_validate(
        {
            "kind": kind,
            "name": name,
            "left": of.left,
            "done": of.done,
            "days": of.days,
            "per_week": of.per_week,
            "reason": of.reason,
            "hours": None if time.median is None else of.left * time.median / 60,
            "n_timed": time.n,
            **days,
        }
    )


def causes(
    measured: AgreementReport, documents: Mapping[str, Document], *, with_text: bool
) -> tuple[f.Cause, ...]:
    """Causes of disagreement, the one with the largest rise first; examples only `with_text`."""
    return tuple(
        f.Cause(
            layer=cause.layer,
            cause=cause.cause,
            detail=cause.detail,
            n=cause.n,
            n_counted=cause.n_counted,
            rise=cause.rise,
            measure=cause.measure,
            labels=tuple(cause.detail.split(" / ")),
            examples=tuple(_examples(cause, documents)) if with_text else (),
        )
        for cause in causes_of(measured)[:_CAUSES]
    )


def _examples(cause: CauseFacts, documents: Mapping[str, Document]) -> Iterator[f.CauseExample]:
    for found in cause.examples:
        text = documents[found.uid].text
        yield f.CauseExample(
            uid=found.uid,
            before=text[max(0, found.start - _CONTEXT) : found.start],
            inside=text[found.start : found.end][:_INSIDE],
            after=text[found.end : found.end + _CONTEXT],
            said=found.said(text, _CONTEXT),
        )


def offsets(measured: AgreementReport) -> tuple[f.Offset, ...]:
    """How far boundaries lie apart, by layer and label."""
    return tuple(
        f.Offset(layer=cause.layer, label=cause.detail, start=start, end=end, n=n)
        for cause in causes_of(measured)
        for (start, end), n in sorted(cause.offsets.items())
    )


def changes(measured: AgreementReport) -> tuple[f.Change, ...]:
    """Differences between months, guidelines, rounds, and work with and without suggestions."""
    return tuple(
        f.Change(
            name=d.name,
            dimension=d.dimension,
            a=d.a,
            b=d.b,
            value=d.value,
            ci=d.ci,
            n_documents=d.n_documents,
            reason=d.reason,
        )
        for d in measured.differences
        if d.dimension in _DIMENSIONS
    )


def guidelines(compared: Compared) -> dict[str, dict[str, int]]:
    """Month -> version of the guideline -> documents of that month that were done by it."""
    found = dimensions_of(
        compared.documents, compared.sets, compared.settings, ("month", "guideline")
    )
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for uid, month in found["month"].items():
        counts[month][found["guideline"].get(uid, "not known")] += 1
    return {month: dict(sorted(of.items())) for month, of in sorted(counts.items())}


def steered(compared: Compared) -> tuple[f.Steering, ...]:
    """How far what was handed in follows the suggestions, seen and unseen."""
    rows = steering(compared.sets, compared.proposal_of)
    return tuple(
        f.Steering(
            layer=row.layer,
            n_assisted=row.n_sets[0],
            n_unassisted=row.n_sets[1],
            assisted=row.assisted[0],
            assisted_ci=row.assisted[1],
            unassisted=row.unassisted[0],
            unassisted_ci=row.unassisted[1],
            difference=row.difference[0],
            difference_ci=row.difference[1],
        )
        for row in rows
    )


def leakage(workspace: Workspace) -> tuple[f.Leakage | None, str | None]:
    """The certificate of the parts, or why there is none."""
    chosen = workspace.settings.splits
    try:
        found = certificate(
            workspace.store, similarity=chosen.max_similarity, days=chosen.event_days
        )
    except UsageError as error:
        return None, str(error)
    made = f.Leakage(
        holds=found.holds,
        threshold=found.threshold,
        highest=found.highest,
        above=found.above,
        suspects=found.suspects,
        documents=found.documents,
        nearest=tuple(
            f.NearPair(uids=p.uids, parts=p.parts, similarity=p.similarity) for p in found.nearest
        )[:10],
        events=found.events,
        distances=found.distances,
    )
    return made, None
