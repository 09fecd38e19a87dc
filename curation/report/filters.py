"""What the filters of the page choose by: languages, labels and annotators, as small numbers.

Names from outside stand in the page once, as the options of a list; rows, cells and documents
only carry the numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from markupsafe import Markup

from curation.report.facts import NONE, Example, ReportFacts
from curation.report.figures import Limits, Table

__all__ = ["Filters", "filters_of"]

KINDS = ("language", "label", "annotator")


@dataclass(frozen=True)
class Filters:
    """Name -> number, by kind."""

    numbers: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    def of(self, found: Mapping[str, Iterable[str]]) -> Markup:
        """The attributes of an element that is about these names, by kind."""
        parts = []
        for kind, names in found.items():
            known = self.numbers.get(kind, {})
            numbers = sorted({known[name] for name in names if name in known})
            if numbers:
                parts.append(f' data-{kind}="{" ".join(map(str, numbers))}"')
        return Markup("".join(parts))  # noqa: S704  # of fixed words and numbers

    def one(self, found: Mapping[str, str]) -> Markup:
        """The same of one name a kind."""
        return self.of({kind: (name,) for kind, name in found.items()})

    def row(self, table: Table, index: int) -> Markup:
        """The attributes of a row of a table."""
        if not table.raw:
            return Markup()
        found: dict[str, list[str]] = {}
        for kind, value in zip(table.by.values(), table.raw[index], strict=True):
            found.setdefault(kind, []).append(str(value))
        return self.of(found)


def filters_of(facts: ReportFacts, shown: Iterable[Example], limits: Limits) -> Filters:
    """All languages, labels and annotators that the page is about, in the order of their names."""
    examples = tuple(shown)
    found = {
        "language": _languages(facts, examples),
        "label": _labels(facts, examples),
        "annotator": _annotators(facts, examples),
    }
    return Filters(
        {
            kind: {name: i for i, name in enumerate(sorted(names)[: limits.rows])}
            for kind, names in found.items()
        }
    )


def _languages(facts: ReportFacts, examples: Iterable[Example]) -> set[str]:
    sliced = {m.slice["language"] for m in facts.measures if "language" in m.slice}
    return {p.name for p in facts.status.languages} | {e.language for e in examples} | sliced


def _labels(facts: ReportFacts, examples: Iterable[Example]) -> set[str]:
    marks = {m.label for e in examples for v in e.views for m in (*v.entities, *v.triggers)}
    sliced = {m.slice["label"] for m in facts.measures if "label" in m.slice}
    fates = {s.label for s in facts.survival_by_label if s.label is not None}
    confused = {
        label
        for c in facts.confusions
        if not c.layer.startswith("attributes")
        for label in c.labels
    }
    return (marks | sliced | fates | confused) - {NONE}


def _annotators(facts: ReportFacts, examples: Iterable[Example]) -> set[str]:
    pairs = {name for p in facts.pairs for name in (p.annotator_a, p.annotator_b)}
    views = {v.annotator for e in examples for v in e.views}
    return {p.name for p in facts.status.annotators} | pairs | views
