"""CITATION.cff (Citation File Format 1.2.0), and how to cite a release in one line."""

from __future__ import annotations

from curation.formats.licences import spdx_id
from curation.formats.release_facts import CardFacts
from curation.formats.rendering import render

__all__ = ["citation_file", "citation_text", "first_line"]


def citation_file(facts: CardFacts) -> str:
    """The text of CITATION.cff; it has a date only where one was given."""
    return render(
        "citation.cff.j2",
        facts=facts,
        people=[_person(name) for name in facts.authors],
        license=spdx_id(facts.license),
        abstract=first_line(facts.description),
    )


def _person(name: str) -> tuple[str, str]:
    """(family names, given names) of "Berg, Anna"; (name, "") of what is no such name."""
    family, comma, given = name.partition(",")
    return (family.strip(), given.strip()) if comma and given.strip() else (name.strip(), "")


def citation_text(facts: CardFacts) -> str:
    """Authors, year, title, version and address, as far as they are known."""
    authors = "; ".join(facts.authors) or f"The annotators of {facts.name}"
    year = f" ({facts.released[:4]})" if facts.released else ""
    where = f" https://doi.org/{facts.doi}" if facts.doi else f" {facts.url}" if facts.url else ""
    return f"{authors}{year}. {facts.name}, version {facts.version}.{where}"


def first_line(text: str) -> str:
    """`text` on one line."""
    return " ".join(text.split())
