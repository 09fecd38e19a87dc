"""From a RawDocument to a Document: faithful text, flags, language, date."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from curation.errors import InputError
from curation.ingest.boilerplate import cut, flag
from curation.ingest.dates import LANGUAGES, Published, iso_date, published_from
from curation.ingest.language import detect, match_language, rank
from curation.ingest.offsets import OffsetMap, compose, normalise
from curation.ingest.records import RawDocument, language_problem, text_problem
from curation.model import Document

__all__ = ["Prepared", "prepare"]

FOREIGN = 0.9
"""Probability, among all languages, from which a text counts as not in one of the workspace's."""


UNCERTAIN = 0.7
"""Probability, among the workspace's languages, under which a person should look."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A Document, and how its text came about.

    `offset_map` leads from the text as read to `document.text`. `language_probability` is 1.0
    where the input named the language. `notes` are for a person: what is odd, one line each.
    """

    document: Document
    offset_map: OffsetMap
    language_probability: float
    notes: tuple[str, ...] = ()


def prepare(
    raw: RawDocument,
    *,
    languages: Sequence[str] = (),
    cut_boilerplate: bool = False,
    limit_bytes: int = 5_000_000,
) -> Prepared | InputError:
    """The Document of `raw`, or why there cannot be one (returned, not raised).

    Flags stand in `meta["flags"]` with offsets in the document's text; those of text that was cut
    stand in `meta["cut"]`, with offsets in the normalised text before the cut.
    """
    problem = text_problem(raw.text, raw.where, limit_bytes=limit_bytes)
    problem = problem or language_problem(raw.language, tuple(languages), raw.where)
    if problem:
        return problem
    text, offset_map = normalise(raw.text)
    language, probability, notes = _language(text, raw.language, languages)
    meta = dict(raw.meta)
    published = published_from(text, _dates(raw), languages=tuple(languages) or LANGUAGES)
    notes += _keep_date_as_written(raw.published, published, meta)
    flags = flag(text)
    if cut_boilerplate and flags:
        shorter, cuts = cut(text, flags)
        if shorter.strip():
            notes += (f"cut {len(text) - len(shorter)} characters of boilerplate",)
            text, offset_map = shorter, compose(offset_map, cuts)
            meta["cut"] = [asdict(f) for f in flags]
            flags = ()
        else:
            notes += ("all of it looks like boilerplate, so nothing was cut",)
    meta["flags"] = [asdict(f) for f in flags]
    document = Document(
        uid=raw.uid,
        language=language,
        text=text,
        source=raw.source,
        published=published.value if published else None,
        meta=meta,
    )
    return Prepared(document, offset_map, probability, notes)


def _dates(raw: RawDocument) -> dict[str, Any]:
    return {**raw.meta, **({"published": raw.published} if raw.published else {})}


def _keep_date_as_written(
    written: str | None, published: Published | None, meta: dict[str, Any]
) -> tuple[str, ...]:
    """What a date field says beyond the ISO date goes to the metadata."""
    if published:
        meta["published_from"] = published.origin
    if not written or (published and published.value == written):
        return ()
    meta["published_as_written"] = written
    return () if iso_date(written) else (f"the date {written!r} cannot be read",)


def _language(
    text: str, named: str | None, languages: Sequence[str]
) -> tuple[str, float, tuple[str, ...]]:
    if named is not None:
        return match_language(named, languages) or named, 1.0, ()
    language, probability = detect(text, languages)
    unsure = (f"the language is uncertain: {language!r} with {probability:.0%}",)
    likeliest, certainty = next(iter(rank(text).items()))
    if certainty < FOREIGN or match_language(likeliest, languages):
        return language, probability, unsure if probability < UNCERTAIN else ()
    note = f"taken as {language!r}, looks like {likeliest!r}: no language of this workspace"
    return language, probability, (note,)
