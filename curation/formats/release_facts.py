"""All that a release says of itself: counts that are made from its data, and what was said.

The card, the datasheet, croissant.json and CITATION.cff are views of one `CardFacts`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from curation.formats.tables import TABLES
from curation.model import Record

__all__ = [
    "COUNTED",
    "AgreementLine",
    "CardCounts",
    "CardFacts",
    "GateLine",
    "Leakage",
    "PartFacts",
    "SourceFacts",
    "count_for_card",
    "said_of",
    "said_to",
]


@dataclass(frozen=True, slots=True)
class PartFacts:
    """Rows of each table in one part (train, dev, test), and its size in memory in bytes."""

    name: str
    rows: Mapping[str, int]
    sizes: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class CardCounts:
    """What is in the data; languages count documents, the others items.

    `readers`: how many Documents so many annotators have annotated, by that number. `published`:
    the first and last date of publication, "" where no Document has one. `shared`: as `parts`, of
    what each annotator said, where that is released too.
    """

    parts: tuple[PartFacts, ...]
    languages: Mapping[str, int]
    labels: Mapping[str, int]
    event_types: Mapping[str, int]
    readers: Mapping[int, int] = field(default_factory=dict)
    published: tuple[str, str] = ("", "")
    shared: tuple[PartFacts, ...] = ()

    @property
    def documents(self) -> int:
        """Documents in all parts."""
        return sum(part.rows["documents"] for part in self.parts)

    @property
    def double_annotated(self) -> int:
        """Documents that two or more people annotated."""
        return sum(n for readers, n in self.readers.items() if readers > 1)

    def total(self, table: str) -> int:
        """Rows of a table in all parts."""
        return sum(part.rows[table] for part in self.parts)


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
    """Where texts come from, and under which terms they may be used.

    `redistributable` is None where nobody has said.
    """

    name: str
    licence: str
    url: str = ""
    documents: int = 0
    redistributable: bool | None = None


@dataclass(frozen=True, slots=True)
class GateLine:
    """A condition that a release has to meet, whether it does, and what was found."""

    condition: str
    held: bool
    found: str


@dataclass(frozen=True, slots=True)
class Leakage:
    """What the leakage certificate comes to: the highest similarity of texts in two parts.

    `suspects`: pairs in two parts that may be translations of each other.
    """

    highest: float
    threshold: float
    holds: bool
    suspects: int = 0


@dataclass(frozen=True, slots=True)
class CardFacts:
    """Everything the card says.

    `license` is an identifier that Hugging Face knows ("cc-by-4.0"); any other name is given as
    "other" with its name. `sample` says that the annotations are samples, and the card then says
    so first. `losses` maps a format to how often each loss reason occurred in it. `gate` are the
    conditions that were asked for; `forced` that it was released though some do not hold. `waiting`
    Documents with open disputes and `unplaced` ones without a part are not in the release.
    `machines` are the pipelines whose proposals annotators may have seen. `sheet` is what people
    said, by the names in `[release.datasheet]`. `blind`: everybody worked in a Label Studio project
    of their own, from where their sets were pulled; of imported work nobody knows.
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
    formats: tuple[str, ...] = ("parquet",)
    stand_off: bool = False
    shared_sets: bool = False
    gate: tuple[GateLine, ...] = ()
    forced: bool = False
    waiting: int = 0
    unplaced: int = 0
    leakage: Leakage | None = None
    machines: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    contact: str = ""
    url: str = ""
    doi: str = ""
    released: str = ""
    previous: str = ""
    sheet: Mapping[str, str] = field(default_factory=dict)
    policy: str = "expand"
    blind: bool = False

    @property
    def failed(self) -> tuple[GateLine, ...]:
        """Conditions that do not hold."""
        return tuple(line for line in self.gate if not line.held)


COUNTED = frozenset({"counts", "agreement", "losses", "leakage"})
"""Fields that are counted again from the other files of a release; the rest was said."""


def said_of(facts: CardFacts) -> dict[str, Any]:
    """What was said, as one JSON-able object."""
    return {k: v for k, v in asdict(facts).items() if k not in COUNTED}


def said_to(data: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that `said_of` wrote, to make a CardFacts of.

    Raises TypeError or ValueError where it is not what `said_of` writes.
    """
    expected = {f.name for f in fields(CardFacts)} - COUNTED
    if set(data) != expected:
        raise ValueError(f"other keys than {', '.join(sorted(expected))}")
    made = {k: tuple(v) if isinstance(v, list) else v for k, v in data.items()}
    made["sources"] = tuple(SourceFacts(**source) for source in made["sources"])
    made["gate"] = tuple(GateLine(**line) for line in made["gate"])
    return made


def count_for_card(
    parts: Mapping[str, Iterable[Record]],
    shared: Mapping[str, Sequence[Record]] | None = None,
    readers: Iterable[int] | None = None,
) -> CardCounts:
    """The counts of a release whose parts hold these records, parts in the order given.

    `shared` is what annotators said, by part. `readers`: how many annotators each Document had; by
    default as the provenance of gold says.
    """
    held = {name: list(records) for name, records in parts.items()}
    every = [record for records in held.values() for record in records]
    sets = [r.annotations for r in every if r.annotations is not None]
    languages = {r.document.uid: r.document.language for r in every}
    dates = sorted(r.document.published for r in every if r.document.published)
    if readers is None:
        readers = (len(s.provenance["annotators"]) for s in sets if "annotators" in s.provenance)
    return CardCounts(
        parts=tuple(_part(name, records) for name, records in held.items()),
        languages=_sorted(Counter(languages.values())),
        labels=_sorted(Counter(e.label for s in sets for e in s.entities)),
        event_types=_sorted(Counter(e.type for s in sets for e in s.events)),
        readers=dict(sorted(Counter(readers).items())),
        published=(dates[0], dates[-1]) if dates else ("", ""),
        shared=tuple(_part(name, records) for name, records in (shared or {}).items()),
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
