"""The dataset card: README.md with the YAML header that Hugging Face reads.

Whatever stands in the card comes from outside (names, licences, labels): values are escaped for
Markdown unless the template asks for YAML or code, which are escaped in their own way.
"""

from __future__ import annotations

from curation.formats.licences import hub_id, is_stated, licence_slug
from curation.formats.release_facts import (
    AgreementLine,
    CardCounts,
    CardFacts,
    PartFacts,
    SourceFacts,
    count_for_card,
)
from curation.formats.rendering import escape_code, escape_markdown, render, yaml_scalar
from curation.formats.tables import SHARED, TABLES, table_configs, table_features

__all__ = [
    "AgreementLine",
    "CardCounts",
    "CardFacts",
    "PartFacts",
    "SourceFacts",
    "count_for_card",
    "escape_code",
    "escape_markdown",
    "render_card",
    "yaml_scalar",
]


def render_card(facts: CardFacts) -> str:
    """The text of README.md; the same facts give the same text."""
    return render(
        "card.md.j2",
        facts=facts,
        counts=facts.counts,
        tables=TABLES,
        configs=_configs(facts) if "parquet" in facts.formats else [],
        features=table_features(),
        license_id=hub_id(facts.license),
        license_slug=licence_slug(facts.license),
        stated=is_stated(facts.license),
        size=_size_category(facts.counts.documents),
    )


def _configs(facts: CardFacts) -> list[dict[str, object]]:
    """The tables of gold, and those of what annotators said, each with the parts to count."""
    gold, shared = facts.counts.parts, facts.counts.shared
    return [
        config | {"parts": parts}
        for parts, folder in ((gold, ""), (shared, SHARED))
        for config in table_configs({part.name: part.rows for part in parts}, folder)
    ]


def _size_category(documents: int) -> str:
    """The Hugging Face size category of a number of documents."""
    bounds = [(10**3, "n<1K"), (10**4, "1K<n<10K"), (10**5, "10K<n<100K"), (10**6, "100K<n<1M")]
    return next((name for bound, name in bounds if documents < bound), "1M<n<10M")
