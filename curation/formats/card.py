"""The dataset card: README.md with the YAML header that Hugging Face reads.

Whatever stands in the card comes from outside (names, licences, labels): values are escaped for
Markdown unless the template asks for YAML or code, which are escaped in their own way.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from curation.formats.tables import TABLES, table_configs
from curation.model import Record

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


@dataclass(frozen=True, slots=True)
class PartFacts:
    """Rows of each table in one part (train, dev, test), and its size in memory in bytes."""

    name: str
    rows: Mapping[str, int]
    sizes: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class CardCounts:
    """What is in the data; languages count documents, the others items."""

    parts: tuple[PartFacts, ...]
    languages: Mapping[str, int]
    labels: Mapping[str, int]
    event_types: Mapping[str, int]

    @property
    def documents(self) -> int:
        """Documents in all parts."""
        return sum(part.rows["documents"] for part in self.parts)


@dataclass(frozen=True, slots=True)
class AgreementLine:
    """One measure by the name that computes it again; `reason` says why `value` is None."""

    measure: str
    value: float | None
    ci: tuple[float, float] | None = None
    n_documents: int = 0
    n_items: int = 0
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """Where texts come from, and under which terms they may be used."""

    name: str
    licence: str
    url: str = ""
    documents: int = 0


@dataclass(frozen=True, slots=True)
class CardFacts:
    """Everything the card says.

    `license` is an identifier that Hugging Face knows ("cc-by-4.0"); any other name is given as
    "other" with its name. `sample` says that the annotations are samples, and the card then says
    so first. `losses` maps a format to how often each loss reason occurred in it.
    """

    name: str
    version: str
    description: str
    license: str
    counts: CardCounts
    ontology: str
    ontology_version: str
    guideline: str
    annotators: int
    sample: bool
    agreement: tuple[AgreementLine, ...] = ()
    sources: tuple[SourceFacts, ...] = ()
    losses: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    split_seed: int | None = None
    annotations_creators: tuple[str, ...] = ("expert-generated",)
    language_creators: tuple[str, ...] = ("found",)
    source_datasets: tuple[str, ...] = ("original",)


def count_for_card(parts: Mapping[str, Iterable[Record]]) -> CardCounts:
    """The counts of a release whose parts hold these records, parts in the order given."""
    languages: dict[str, str] = {}
    labels: Counter[str] = Counter()
    types: Counter[str] = Counter()
    facts: list[PartFacts] = []
    for name, records in parts.items():
        held = list(records)
        languages |= {r.document.uid: r.document.language for r in held}
        sets = [r.annotations for r in held if r.annotations is not None]
        labels.update(e.label for s in sets for e in s.entities)
        types.update(e.type for s in sets for e in s.events)
        facts.append(_part(name, held))
    return CardCounts(
        parts=tuple(facts),
        languages=_sorted(Counter(languages.values())),
        labels=_sorted(labels),
        event_types=_sorted(types),
    )


def _part(name: str, records: Sequence[Record]) -> PartFacts:
    from curation.formats.parquet import records_to_tables  # pyarrow loads where it is needed

    tables, _ = records_to_tables(records)
    return PartFacts(
        name=name,
        rows={table: tables[table].num_rows for table in TABLES},
        sizes={table: tables[table].nbytes for table in TABLES},
    )


def _sorted(counts: Counter[str]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))


def render_card(facts: CardFacts) -> str:
    """The text of README.md; the same facts give the same text."""
    return (
        _environment()
        .get_template("card.md.j2")
        .render(
            facts=facts,
            counts=facts.counts,
            tables=TABLES,
            configs=table_configs({part.name: part.rows for part in facts.counts.parts}),
            license_id=_license_id(facts.license),
            size=_size_category(facts.counts.documents),
        )
    )


def _license_id(name: str) -> str:
    return name if re.fullmatch(r"[a-z0-9]+([.-][a-z0-9]+)*", name) else "other"


def _size_category(documents: int) -> str:
    """The Hugging Face size category of a number of documents."""
    bounds = [(10**3, "n<1K"), (10**4, "1K<n<10K"), (10**5, "10K<n<100K"), (10**6, "100K<n<1M")]
    return next((name for bound, name in bounds if documents < bound), "1M<n<10M")


class _Escaped(str):
    """Text that is already safe where the template puts it."""

    __slots__ = ()


@cache
def _environment() -> Environment:
    # Autoescape would escape for HTML; `finalize` escapes for Markdown instead, everywhere.
    environment = Environment(  # noqa: S701
        loader=PackageLoader("curation.formats"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_finalize,
    )
    environment.filters["yaml"] = lambda value: _Escaped(yaml_scalar(str(value)))
    environment.filters["code"] = lambda value: _Escaped(escape_code(str(value)))
    environment.filters["number"] = lambda value: _Escaped(f"{value:.3f}")
    return environment


def _finalize(value: Any) -> Any:
    if isinstance(value, _Escaped | int):
        return value
    return escape_markdown(str(value))


def escape_markdown(text: str) -> str:
    """`text` as plain words in one line of Markdown, also in a table: no markup, HTML or links."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    line = re.sub(r"([\\`*_{}\[\]()#|~!$@:])", r"\\\1", line)
    line = line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"(?i)\bwww\.", lambda match: match[0][:-1] + r"\.", line)


def escape_code(text: str) -> str:
    """`text` as a code span that also holds in a table."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return "`" + line.replace("`", "'").replace("|", r"\|") + "`"


def yaml_scalar(text: str) -> str:
    """`text` as a double-quoted YAML scalar, on one line; what does not print is escaped."""
    quoted = json.dumps(text, ensure_ascii=False)
    return "".join(c if c.isprintable() else _yaml_escape(ord(c)) for c in quoted)


def _yaml_escape(code: int) -> str:
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
