"""What `curation agreement` prints for a person: 80 columns, no colour needed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from curation.agreement.intervals import INTERVAL_FROM, TOO_FEW_DOCUMENTS
from curation.agreement.matching import MATCHES
from curation.agreement.measure import HEADLINES, NO_DOCUMENTS, NO_ITEMS
from curation.agreement.targets import BAND_WARNING, LAYERS, band_of
from curation.messages import counted

if TYPE_CHECKING:
    from curation.agreement.annotators import AnnotatorFacts
    from curation.agreement.causes import CauseFacts
    from curation.agreement.facts import Facts
    from curation.agreement.listed import Disagreement
    from curation.agreement.reliability import Reliability
    from curation.agreement.report import AgreementReport, Estimate
    from curation.workflows.agreement import Compared

__all__ = ["lines"]

_WIDTH = 80
_NAME = (40, 45)
"""Least and greatest width of names in the table; longer ones stand above their values."""
_CAUSES = 10
_FIRST = 5
_LADDER = frozenset(f"f1(layer={layer},match={match})" for layer in LAYERS for match in MATCHES)
_COSTLY = 8
_CONTEXT, _SURFACE = 24, 30
_ONLY_TWO = "only for two annotators"


def lines(
    report: AgreementReport,
    facts: Facts,
    compared: Compared,
    *,
    by: Sequence[str],
    named: bool,
    bands: bool,
    short: bool = False,
) -> Iterator[str]:
    """Measures, pairs, and unless measures were asked for by name, what to do about them.

    `short`: the ladder, the targets and the first causes, and nothing else. Lines are folded at 80
    columns; what has no space in it, a link for one, is never broken.
    """
    whole = (
        _in_short(report, facts, compared, by=by, named=named)
        if short
        else _unfolded(report, facts, compared, by=by, named=named, bands=bands)
    )
    for line in whole:
        yield from _folded(line)


def _in_short(
    report: AgreementReport, facts: Facts, compared: Compared, *, by: Sequence[str], named: bool
) -> Iterator[str]:
    yield from _head(report, compared)
    ladder = report.measures if named else [e for e in report.measures if e.name in _LADDER]
    yield from _table(ladder, by, named=named)
    yield from _targets(facts)
    yield from _causes(facts.causes[:_FIRST])


def _head(report: AgreementReport, compared: Compared) -> Iterator[str]:
    if any(s.kind == "sample" for s in compared.sets):
        yield "sample annotations: these numbers are about invented annotators"
    yield f"annotators: {', '.join(report.annotators) or 'none'}"


def _unfolded(
    report: AgreementReport,
    facts: Facts,
    compared: Compared,
    *,
    by: Sequence[str],
    named: bool,
    bands: bool,
) -> Iterator[str]:
    yield from _head(report, compared)
    yield from _table(report.measures, by, named=named)
    if bands:
        yield from _bands(report)
    yield from _matrix(report)
    yield from _targets(facts)
    yield from _differences(report)
    if not named:
        yield from _annotators(facts)
        yield from _steering(facts)
        yield from _widths(facts)
        yield from _labels(facts)
        yield from _causes(facts.causes[:_CAUSES], compared)
        yield from _documents(facts)
    yield ""
    count = len(report.disagreements)
    if facts.comparisons:
        some = counted(facts.comparisons, "interval")
        yield f"{some} of 95%: about one in twenty misses by chance"
    where = "; --json lists them, curation report shows them in the text" if count else ""
    yield f"{counted(count, 'disagreement')}{where}"


def _folded(line: str) -> Iterator[str]:
    """`line`, or where it is too long several, the others further in."""
    from textwrap import wrap

    if len(line) <= _WIDTH:
        yield line
        return
    indent = " " * (len(line) - len(line.lstrip(" ")))
    yield from wrap(
        line.lstrip(" "),
        _WIDTH,
        initial_indent=indent,
        subsequent_indent=f"{indent}    ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def _table(estimates: Sequence[Estimate], by: Sequence[str], *, named: bool) -> Iterator[str]:
    shown = [
        e
        for e in estimates
        if (not e.slice or set(e.slice) <= set(by)) and (named or e.reason != _ONLY_TWO)
    ]
    if not named and all(e.reason == NO_DOCUMENTS for e in shown):
        yield f"no values: {NO_DOCUMENTS}, none has two annotators"
        return
    empty = [] if named else _without_items(shown)
    shown = [e for e in shown if _layer(e.name) not in empty]
    names = [_name(estimate) for estimate in shown]
    width = max(_NAME[0], *(len(name) for name in names if len(name) <= _NAME[1]), 0)
    yield f"{'measure':<{width}} {'value':>6}  {'95% interval':<12} {'docs':>4} {'items':>5}"
    for name, estimate in zip(names, shown, strict=True):
        above = len(name) > width
        if above:
            yield name
        yield f"{'' if above else name:<{width}} {_values(estimate)}"
        if estimate.value is None and estimate.reason:
            yield f"    no value: {estimate.reason}"
        elif estimate.reason and estimate.reason != TOO_FEW_DOCUMENTS:
            yield f"    no interval: {estimate.reason}"
    if any(e.reason == TOO_FEW_DOCUMENTS for e in shown):
        yield f"no interval: {TOO_FEW_DOCUMENTS}, it takes {INTERVAL_FROM}"
    yield from (f"{layer}: {NO_ITEMS}" for layer in empty)


def _without_items(estimates: Sequence[Estimate]) -> list[str]:
    """Layers in which nobody marked anything: no measure of them has a value."""
    some = {_layer(e.name) for e in estimates if e.n_items or e.value is not None}
    return [k for k in dict.fromkeys(_layer(e.name) for e in estimates) if k and k not in some]


def _layer(measure: str) -> str:
    """The layer that a measure names, "" where it names none."""
    return measure.partition("layer=")[2].partition(",")[0].rstrip(")")


def _name(estimate: Estimate) -> str:
    """The measure; a slice of it stands below it."""
    # Lengths are numbered, so that they can be sorted.
    shown = {k: v.partition(": ")[2] if k == "length" else v for k, v in estimate.slice.items()}
    where = " ".join(f"{k}={v}" for k, v in shown.items())
    return f"  {where}" if where else estimate.name


def _values(estimate: Estimate) -> str:
    return (
        f"{_number(estimate.value):>6}  {_interval(estimate.ci):<12} "
        f"{estimate.n_documents:>4} {estimate.n_items:>5}"
    )


def _number(value: float | None, sign: str = "") -> str:
    return "-" if value is None else f"{value:{sign}.3f}"


def _interval(ci: tuple[float, float] | None, sign: str = "") -> str:
    return (
        "-"
        if ci is None
        else f"{ci[0]:{sign}.3f}-{ci[1]:{sign}.3f}"
        if not sign
        else (f"{ci[0]:{sign}.3f} to {ci[1]:{sign}.3f}")
    )


def _bands(report: AgreementReport) -> Iterator[str]:
    yield ""
    yield f"bands: {BAND_WARNING}"
    for estimate in report.measures:
        found = {} if estimate.slice else band_of(estimate)
        for scale, band in found.items():
            yield f"  {estimate.name}: {band} ({scale})"


def _matrix(report: AgreementReport) -> Iterator[str]:
    """Values between every two annotators over the documents that both saw."""
    for name in HEADLINES if report.pairs else ():
        pairs = [p for p in report.pairs if p.estimate.name == name]
        if not pairs or all(p.estimate.value is None for p in pairs):
            continue
        yield ""
        yield f"pairs, {name}:"
        width = min(36, max(len(f"{p.annotator_a} - {p.annotator_b}") for p in pairs))
        for pair in pairs:
            estimate = pair.estimate
            names = f"{pair.annotator_a} - {pair.annotator_b}"
            yield (
                f"  {names:<{width}} {_number(estimate.value):>6}  "
                f"{_interval(estimate.ci):<14} {estimate.n_documents:>4} documents"
            )


def _targets(facts: Facts) -> Iterator[str]:
    if facts.targets:
        yield ""
        yield "targets, by where the interval lies:"
    for target in facts.targets:
        found = target.estimate
        ci = _interval(found.ci if found else None)
        value = _number(found.value if found else None)
        reason = (found.reason if found else "nobody marked it") or ""
        name = f"  {target.verdict:<7}{target.name:<24}"
        yield f"{name} wanted {target.target:.2f}, is {value} ({ci})"
        if reason:
            yield f"         {reason}"


def _differences(report: AgreementReport) -> Iterator[str]:
    shown = [d for d in report.differences if d.value is not None]
    if shown:
        yield ""
        yield "differences, the same documents drawn for both sides (second less first):"
    for found in shown:
        layer = _layer(found.name)
        ci = f"{_number(found.value, '+')} ({_interval(found.ci, '+')})"
        yield f"  {layer:<10} {ci:<26} {found.dimension}: {found.b} against {found.a}"


def _annotators(facts: Facts) -> Iterator[str]:
    rows = [a for a in facts.annotators if a.n_items]
    if not rows:
        return
    yield ""
    yield "annotators: share of their items that others have, of others' that they have"
    for row in rows:
        line = (
            f"  {row.layer:<9} {row.annotator:<16} {row.n_items:>6} items "
            f"{_number(row.precision[0])} {_number(row.recall[0])}  {_marks(row.more)}"
        )
        yield line
        if row.without[0] is not None:
            change = _number(row.change[0], "+")
            line = f"{'':<12} without them {_number(row.without[0])} ({change})"
            yield line
        if not isinstance(row.dawid_skene, str):
            yield f"{'':<12} {_reliability(row.dawid_skene)}"
    yield from _without_model(rows)


def _reliability(fitted: Reliability) -> str:
    return (
        f"Dawid-Skene: finds {_number(fitted.found)}, mislabels {_number(fitted.mislabelled)}, "
        f"misses {_number(fitted.missed)}"
    )


def _without_model(rows: Sequence[AnnotatorFacts]) -> Iterator[str]:
    """Who has no value of the model, and why; two annotators alone never have one."""
    names: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        if isinstance(row.dawid_skene, str) and row.without[0] is not None:
            names.setdefault((row.layer, row.dawid_skene), []).append(row.annotator)
    for (layer, reason), who in names.items():
        yield f"  no Dawid-Skene of {layer} by {', '.join(who)}: {reason}"


def _marks(more: tuple[float | None, tuple[float, float] | None]) -> str:
    """Who marks more than the others: said only where the interval is on one side of 0."""
    if more[1] is None or more[1][0] <= 0 <= more[1][1]:
        return ""
    return "marks more" if more[1][0] > 0 else "marks less"


def _steering(facts: Facts) -> Iterator[str]:
    for row in facts.steering:
        if not min(row.n_sets):
            continue
        yield ""
        yield f"{row.layer}: overlap with the proposal, exact F1 of what was handed in with it"
        for name, n, (value, ci) in zip(
            ("assisted", "unassisted"), row.n_sets, (row.assisted, row.unassisted), strict=True
        ):
            yield f"  {name:<12} {_number(value)} ({_interval(ci)}) in {n} tasks"
        value, ci = row.difference
        yield f"  {'difference':<12} {_number(value, '+')} ({_interval(ci, '+')})"


def _widths(facts: Facts) -> Iterator[str]:
    for name, rows in facts.widths.items():
        if rows:
            more = ", ".join(f"{width:.3f} with {n} documents" for _, n, width in rows)
            yield ""
            yield f"how much more, {name}:"
            yield f"  expected width of the interval: {more}"


def _labels(facts: Facts) -> Iterator[str]:
    for layer, rows in facts.labels.items():
        if rows:
            yield ""
            yield f"{layer}: labels that cost most agreement (points of exact F1)"
        for label, n, rise in rows[:_COSTLY]:
            yield f"  {label:<30} {n:>6} disagreements  {rise:+.3f}"


_TITLES: Mapping[str, str] = {
    "boundary": "boundary of",
    "label": "label",
    "missed": "missed",
    "split": "split or merged",
    "type": "event type",
    "role": "role",
    "swapped": "swapped",
    "attribute": "attribute",
}


def _causes(causes: Sequence[CauseFacts], compared: Compared | None = None) -> Iterator[str]:
    """Numbered; with the annotations also where boundaries differ, and examples."""
    if causes:
        yield ""
        yield "what to do about it: by how much agreement would rise without it"
    for i, cause in enumerate(causes, 1):
        times = counted(cause.n, "time")
        yield f"{i:>2}. {_TITLES[cause.cause]} {cause.detail}, {cause.layer}: {times}"
        some = "" if cause.n_counted == cause.n else f", which counts {cause.n_counted} of them"
        yield f"    {cause.rise:+.3f} {cause.measure}{some}"
        if compared is not None:
            yield from _offsets(cause)
            for example in cause.examples:
                yield from _example(example, compared)


def _offsets(cause: CauseFacts) -> Iterator[str]:
    """The commonest differences of start and end, in characters."""
    ordered = sorted(cause.offsets.items(), key=lambda kv: (-kv[1], kv[0]))[:4]
    if ordered:
        shown = ", ".join(f"start {s:+d} end {e:+d}: {n}" for (s, e), n in ordered)
        yield f"    {shown}"


def _example(found: Disagreement, compared: Compared) -> Iterator[str]:
    text = compared.documents[found.uid].text
    before = text[max(0, found.start - _CONTEXT) : found.start]
    after = text[found.end : found.end + _CONTEXT]
    inside = text[found.start : found.end]
    if len(inside) > _WIDTH - 2 * _CONTEXT - 8:
        half = (_WIDTH - 2 * _CONTEXT - 11) // 2
        inside = f"{inside[:half]}...{inside[-half:]}"
    yield f"    {_one_line(before)}[{_one_line(inside)}]{_one_line(after)}"
    said = (f"{name}: {_one_line(words)}" for name, words in found.said(text, _SURFACE))
    yield f"      {found.uid}, {'; '.join(said)}"


def _one_line(text: str) -> str:
    return "".join(" " if c.isspace() else c for c in text)


def _documents(facts: Facts) -> Iterator[str]:
    if facts.documents:
        yield ""
        yield "documents to discuss, most disagreements first:"
    for found in facts.documents:
        values = " ".join(
            f"{_layer(name)} {_number(value)}" for name, value in found.values.items()
        )
        yield f"  {found.uid}: {counted(found.n, 'disagreement')}"
        yield f"    {values}"
        for annotator, url in sorted(found.urls.items()):
            yield f"    {annotator}: {url}"
