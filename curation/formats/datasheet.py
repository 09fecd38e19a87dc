"""datasheet.md and guideline.md: why and how a dataset was made, and by which definitions.

The sections are those of Gebru et al., "Datasheets for Datasets" (2021). What the store knows is
filled in; what only people can say is theirs, or is said to be unsaid.
"""

from __future__ import annotations

from curation.formats.licences import is_stated
from curation.formats.release_facts import CardFacts
from curation.formats.rendering import render
from curation.formats.tables import TABLES
from curation.ontology import Ontology

__all__ = ["SHEET", "datasheet", "guideline", "licence_notice"]

SHEET = (
    "motivation",
    "funding",
    "selection",
    "collection",
    "timeframe",
    "demographics",
    "payment",
    "consent",
    "sensitive",
    "preprocessing",
    "biases",
    "uses",
    "misuses",
    "limitations",
    "distribution",
    "maintenance",
)
"""What only people can say, by the names in `[release.datasheet]`."""


def datasheet(facts: CardFacts) -> str:
    """The text of datasheet.md."""
    sheet = {name: facts.sheet.get(name, "") for name in SHEET}
    return render(
        "datasheet.md.j2",
        facts=facts,
        counts=facts.counts,
        sheet=sheet,
        totals={table: facts.counts.total(table) for table in TABLES},
        stated=is_stated(facts.license),
    )


def guideline(ontology: Ontology) -> str:
    """The text of guideline.md, made from the definitions of the ontology."""
    return render("guideline.md.j2", ontology=ontology)


def licence_notice(facts: CardFacts) -> str:
    """The text of LICENSE: the annotations' licence, and the terms of each source."""
    return render("licence.md.j2", facts=facts, stated=is_stated(facts.license))
