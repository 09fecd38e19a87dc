"""AnnotationSets in, AgreementReport out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from curation.agreement.disagreements import Confusion, confusion_matrix, differences
from curation.agreement.families import Refused, table_of
from curation.agreement.intervals import Job, Resampler
from curation.agreement.listed import Disagreements
from curation.agreement.panel import Group, Panel, panel_of
from curation.agreement.registry import Measure, default_measures, full_measures, parse_measure
from curation.agreement.report import AgreementReport, Difference, Estimate, PairEstimate
from curation.agreement.tables import Score, Table
from curation.model import AnnotationSet

__all__ = ["HEADLINES", "SLICES", "clusters_of", "measure_agreement", "per_document", "sampler_of"]

SLICES = ("language", "label")
NO_DOCUMENTS = "no shared documents"
NO_ITEMS = "no items"
NO_VARIATION = "no variation"
HEADLINES = tuple(
    f"f1(layer={layer},match=exact)" for layer in ("entities", "triggers", "arguments")
)
"""What differences and single documents are told by."""
_COMPARED = ("round", "guideline", "assisted", "month")

Rows: TypeAlias = NDArray[np.bool_]


def measure_agreement(
    sets: Iterable[AnnotationSet],
    *,
    languages: Mapping[str, str] | None = None,
    text_lengths: Mapping[str, int] | None = None,
    texts: Mapping[str, str] | None = None,
    clusters: Mapping[str, str] | None = None,
    dimensions: Mapping[str, Mapping[str, str]] | None = None,
    measures: Sequence[Measure | str] | None = None,
    seed: int = 0,
    resamples: int = 2000,
    slices: Sequence[str] = SLICES,
    min_documents: int = 1,
    disagreements: bool = True,
    full: bool = False,
) -> AgreementReport:
    """How far annotators agree.

    `sets` are those to compare: one an annotator and document; the caller leaves out models and
    gold. An annotator without a set for a document has not seen it and drops out there; an empty
    set says that there is nothing. F1 of several annotators pools the counts of all pairs.

    `languages` (uid -> language) and `dimensions` (name -> uid -> value) are what slices go by;
    `slices` names those wanted, "label" among them. A slice of fewer than `min_documents` has no
    value. `text_lengths` (uid -> number of code points) is what measures over characters need,
    `texts` those over words too; documents without are left out of these. Documents with the same
    value in `clusters` are resampled together. `measures` are names or parsed measures, by
    default those of `default_measures`, or with `full` of `full_measures`.
    `disagreements=False` leaves out disagreements and confusion, and saves their time.

    Raises InputError where an annotator has two sets for a document, UsageError on a measure that
    does not exist.
    """
    panel = panel_of(sets, text_lengths, texts)
    chosen = _measures(measures, panel, full=full)
    values = {"language": languages or {}} | {**(dimensions or {})}
    run = _Run(panel, sampler_of(panel, clusters or {}, seed, resamples))
    confusion: Confusion = Confusion()
    with ThreadPoolExecutor(1) as pool:  # intervals are sums of numbers: Python has time beside
        settled = [pool.submit(run.sampler.prepare, len(panel.uids))]
        run.overall(chosen, _masks(panel, values, slices), slices, min_documents)
        settled.append(pool.submit(run.settle, run.taken()))
        run.pairs(chosen)
        compared = [name for name in slices if name in _COMPARED]
        run.differences(_masks(panel, values, compared), min_documents)
        settled.append(pool.submit(run.settle, run.taken()))
        found = differences(panel, confusion) if disagreements else Disagreements.none()
        for lot in settled:
            lot.result()
    estimates, pairs, changes = run.finished()
    layers = sorted({layer for layer, _, _ in confusion})
    return AgreementReport(
        annotators=panel.annotators,
        measures=tuple(estimates),
        pairs=tuple(pairs),
        disagreements=found,
        confusion={layer: confusion_matrix(confusion, layer) for layer in layers},
        seed=seed,
        resamples=resamples,
        differences=tuple(changes),
        panel=panel,
    )


def _measures(
    measures: Sequence[Measure | str] | None, panel: Panel, *, full: bool
) -> tuple[Measure, ...]:
    if measures is None:
        made = full_measures if full else default_measures
        return made(panel.attribute_names)
    return tuple(parse_measure(m) if isinstance(m, str) else m for m in measures)


def clusters_of(panel: Panel, clusters: Mapping[str, str]) -> NDArray[np.int64]:
    """Number of the cluster of each document that is compared; 0 for the others, never drawn."""
    compared = panel.compared(tuple(range(len(panel.annotators))))
    numbers: dict[tuple[str, str], int] = {}
    found = np.zeros(len(panel.uids), dtype=np.int64)
    for place in np.flatnonzero(compared).tolist():
        uid = panel.uids[place]
        key = ("cluster", clusters[uid]) if uid in clusters else ("document", uid)
        found[place] = numbers.setdefault(key, len(numbers))
    return found


def sampler_of(panel: Panel, clusters: Mapping[str, str], seed: int, resamples: int) -> Resampler:
    """What draws the documents of a panel, made once: its draws cost more than most measures."""
    numbers = clusters_of(panel, clusters)
    key = ("sampler", seed, resamples, numbers.tobytes())
    return panel.once(key, lambda: Resampler(seed, resamples, clusters=numbers))


Mask: TypeAlias = tuple[dict[str, str], Rows]


def _masks(
    panel: Panel, values: Mapping[str, Mapping[str, str]], slices: Sequence[str]
) -> list[Mask]:
    """Each value of each dimension, and the documents that have it."""
    found: list[Mask] = []
    for name in slices:
        if name == "label":
            continue
        of = [values.get(name, {}).get(uid) for uid in panel.uids]
        for value in sorted({v for v in of if v is not None}):
            found.append(({name: value}, np.array([v == value for v in of], dtype=np.bool_)))
    return found


_Awaited: TypeAlias = tuple[list, int, Job]  # type: ignore[type-arg]  # of one of three kinds
"""Where an estimate or difference stands that awaits its interval, and the job."""


@dataclass
class _Run:
    """Collects estimates and the intervals they need, so that these are made many at one go."""

    panel: Panel
    sampler: Resampler
    _estimates: list[Estimate] = field(default_factory=list)
    _pairs: list[tuple[str, str, Estimate]] = field(default_factory=list)
    _differences: list[Difference] = field(default_factory=list)
    _jobs: list[_Awaited] = field(default_factory=list)

    def overall(
        self, measures: Sequence[Measure], masks: Sequence[Mask], slices: Sequence[str], least: int
    ) -> None:
        """Every measure over all annotators, then in each slice."""
        everyone = tuple(range(len(self.panel.annotators)))
        for measure in measures:
            table = self._table(measure, everyone)
            if isinstance(table, str):
                n = int(self.panel.compared(everyone).sum())
                self._estimates.append(_refused(measure, table, n))
                continue
            self._estimates.append(self._over(measure, table, table.compared, {}, self._estimates))
            for where, mask in masks:
                rows = table.compared & mask
                found = self._over(measure, table, rows, where, self._estimates, least=least)
                self._estimates.append(found)
            for index, label in enumerate(table.labels if "label" in slices else (), 1):
                where = {"label": label}
                self._estimates.append(
                    self._over(measure, table, table.compared, where, self._estimates, index)
                )

    def pairs(self, measures: Sequence[Measure]) -> None:
        """Every measure between every two annotators."""
        held: list[Estimate] = []
        for pair in self.panel.pairs:
            for measure in measures:
                if measure.average == "pairs":
                    continue  # one pair's mean is that pair's value
                table = self._table(measure, pair)
                if isinstance(table, str):
                    held.append(_refused(measure, table, int(self.panel.compared(pair).sum())))
                else:
                    held.append(self._over(measure, table, table.compared, {}, held))
                first, second = (self.panel.annotators[i] for i in pair)
                self._pairs.append((first, second, held[-1]))
        self._held = held

    def differences(self, masks: Sequence[Mask], least: int) -> None:
        """Consecutive values of a dimension, and every two pairs of annotators, side by side."""
        everyone = tuple(range(len(self.panel.annotators)))
        for measure in map(parse_measure, HEADLINES):
            table = self._table(measure, everyone)
            if isinstance(table, str):
                continue
            for (where, one), (then, other) in pairwise(masks):
                if where.keys() == then.keys():
                    ((dimension, a),), (b,) = where.items(), then.values()
                    sides = (table, table.compared & one), (table, table.compared & other)
                    self._difference(measure, dimension, (a, b), sides, least)
            self._between_pairs(measure, least)

    def _between_pairs(self, measure: Measure, least: int) -> None:
        pairs = self.panel.pairs
        for i, one in enumerate(pairs if len(pairs) <= 10 else ()):
            for other in pairs[i + 1 :]:
                tables = self._table(measure, one), self._table(measure, other)
                if isinstance(tables[0], str) or isinstance(tables[1], str):
                    continue
                names = tuple(" - ".join(self.panel.annotators[a] for a in p) for p in (one, other))
                sides = tuple((t, t.compared) for t in tables if not isinstance(t, str))
                self._difference(measure, "pair", (names[0], names[1]), (sides[0], sides[1]), least)

    def _difference(
        self,
        measure: Measure,
        dimension: str,
        names: tuple[str, str],
        sides: tuple[tuple[Table, Rows], tuple[Table, Rows]],
        least: int,
    ) -> None:
        blocks = [table.sums[0] * rows[:, None] for table, rows in sides]
        sizes = tuple(int(rows.sum()) for _, rows in sides)
        both = np.concatenate(blocks, axis=1)
        score = _minus(sides[1][0].score, sides[0][0].score, blocks[0].shape[1])
        value = float(score(both.sum(axis=0)[None, :])[0])
        blank = Difference(str(measure), dimension, *names, None, None, None, sizes, None)
        if min(sizes) < max(1, least) or np.isnan(value):
            reason = f"fewer than {least} documents" if min(sizes) < least else NO_ITEMS
            self._differences.append(replace(blank, reason=reason))
            return
        found = replace(blank, value=value)
        place = len(self._differences)
        self._differences.append(found)
        rows = sides[0][1] | sides[1][1]
        self._jobs.append((self._differences, place, Job(both, rows, score, -1.0)))

    def _table(self, measure: Measure, group: Group) -> Table | str:
        """The table, or why there is none."""
        nothing = not self.panel.uids
        if len(group) < 2 and measure.family != "f1":
            return NO_DOCUMENTS
        refusal = measure.refusal(
            len(group),
            lengths=bool(self.panel.lengths) or nothing,
            texts=bool(self.panel.texts) or nothing,
        )
        if refusal:
            return refusal
        try:
            return table_of(measure, self.panel, group)
        except Refused as error:
            return str(error)

    def _over(
        self,
        measure: Measure,
        table: Table,
        rows: Rows,
        where: Mapping[str, str],
        into: list[Estimate],
        layer_slice: int = 0,
        *,
        least: int = 1,
    ) -> Estimate:
        """The measure over the documents in `rows`, for one slice of the table."""
        n, n_items = int(rows.sum()), round(table.items[layer_slice][rows].sum())
        blank = Estimate(str(measure), None, None, None, n, n_items, None, where)
        if not n:
            return replace(blank, reason=NO_DOCUMENTS)
        if n < least:
            return replace(blank, reason=f"fewer than {least} documents")
        total = table.sums[layer_slice][rows].sum(axis=0)
        value = float(table.score(total[None, :])[0])
        counts = dict(zip(table.names, total.tolist(), strict=True)) if table.names else None
        if table.spread is not None and not np.isnan(value):
            counts = {"sd": float(table.spread(total[None, :])[0])}
        if np.isnan(value):
            return replace(blank, reason=NO_VARIATION if n_items else NO_ITEMS, counts=counts)
        job = Job(table.sums[layer_slice], rows, table.score, measure.lowest)
        self._jobs.append((into, len(into), job))
        return replace(blank, value=value, counts=counts)

    def taken(self) -> list[_Awaited]:
        """The jobs since the last time: for `settle`, which may run beside what makes the next."""
        jobs, self._jobs = self._jobs, []
        return jobs

    def settle(self, jobs: Sequence[_Awaited]) -> None:
        """Makes the intervals."""
        intervals = self.sampler.intervals([job for _, _, job in jobs])
        for (into, place, _), interval in zip(jobs, intervals, strict=True):
            into[place] = replace(
                into[place],
                ci=interval.bounds,
                ci_method=interval.method,
                reason=interval.reason,
                dropped=interval.dropped,
            )

    def finished(self) -> tuple[list[Estimate], list[PairEstimate], list[Difference]]:
        """Everything, once all is settled."""
        pairs = [
            PairEstimate(first, second, held)
            for (first, second, _), held in zip(self._pairs, self._held, strict=True)
        ]
        return self._estimates, pairs, self._differences

    _held: list[Estimate] = field(default_factory=list)


def _minus(second: Score, first: Score, cut: int) -> Score:
    return lambda sums: second(sums[..., cut:]) - first(sums[..., :cut])


def _refused(measure: Measure, reason: str, n_documents: int) -> Estimate:
    return Estimate(str(measure), None, None, None, n_documents, 0, reason)


def per_document(panel: Panel, measure: Measure) -> Iterator[tuple[str, float | None]]:
    """The measure in each document that two annotators have seen."""
    table = table_of(measure, panel, tuple(range(len(panel.annotators))))
    values = table.score(table.sums[0])
    for place in np.flatnonzero(table.compared).tolist():
        value = float(values[place])
        yield panel.uids[place], None if np.isnan(value) else value
