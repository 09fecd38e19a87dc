"""Exact span scores: counts per source and label, F1 derived from them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

Spans = set[tuple[int, int, str]]
TYPES = ("PER", "ORG", "LOC")


@dataclass
class Counts:
    """True positives, false positives, false negatives."""

    tp: int = 0
    fp: int = 0
    fn: int = 0

    @property
    def precision(self) -> float:
        """Share of the found spans that are right."""
        return self.tp / (self.tp + self.fp) if self.tp + self.fp else 0.0

    @property
    def recall(self) -> float:
        """Share of the true spans that were found."""
        return self.tp / (self.tp + self.fn) if self.tp + self.fn else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of the two."""
        total = 2 * self.tp + self.fp + self.fn
        return 2 * self.tp / total if total else 0.0

    def __add__(self, other: Counts) -> Counts:
        return Counts(self.tp + other.tp, self.fp + other.fp, self.fn + other.fn)


Table = dict[str, dict[str, Counts]]


def count(pairs: Iterable[tuple[str, Spans, Spans]]) -> Table:
    """Counts (source, gold, found) triples into a table of source -> label (and ``ALL``)."""
    table: Table = defaultdict(lambda: defaultdict(Counts))
    for source, gold, found in pairs:
        for label in TYPES:
            wanted = {span for span in gold if span[2] == label}
            given = {span for span in found if span[2] == label}
            hits = len(wanted & given)
            cell = Counts(hits, len(given) - hits, len(wanted) - hits)
            table[source][label] += cell
            table[source]["ALL"] += cell
    return {source: dict(row) for source, row in table.items()}


def by_language(table: Mapping[str, Mapping[str, Counts]]) -> Table:
    """Sums the sources (``sk-wikigoldsk``) of a language (``sk``)."""
    merged: Table = defaultdict(lambda: defaultdict(Counts))
    for source, row in table.items():
        for label, cell in row.items():
            merged[source.split("-", 1)[0]][label] += cell
    return {language: dict(row) for language, row in sorted(merged.items())}


def mean_f1(table: Mapping[str, Mapping[str, Counts]]) -> float:
    """Unweighted mean over the five languages of the micro F1 within each."""
    rows = by_language(table)
    return sum(row["ALL"].f1 for row in rows.values()) / len(rows)


def render(table: Mapping[str, Mapping[str, Counts]]) -> str:
    """The table as Markdown: F1 (precision/recall) per source and label."""
    labels = [*TYPES, "ALL"]
    lines = ["| set | " + " | ".join(labels) + " |", "|---" * (len(labels) + 1) + "|"]
    rows = {**{k: dict(v) for k, v in table.items()}, **by_language(table)}
    for source, row in sorted(rows.items()):
        cells = [row.get(label, Counts()) for label in labels]
        shown = [f"{c.f1:.3f} ({c.precision:.2f}/{c.recall:.2f})" for c in cells]
        lines.append(f"| {source} | " + " | ".join(shown) + " |")
    return "\n".join([*lines, f"mean of the languages: {mean_f1(table):.4f}"])
