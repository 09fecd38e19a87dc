"""The part of the settings that releases are about: `[release]` in curation.toml."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["Datasheet", "Release", "Source"]

_Line = Annotated[str, Field(max_length=300, pattern=r"^[^\p{Cc}]*$")]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Source(_Frozen):
    """Terms of the texts of one source. `redistributable` is None where nobody has said."""

    license: _Line = ""
    url: _Line = ""
    redistributable: bool | None = None


class Datasheet(_Frozen):
    """What only people can say of a dataset; what is empty is said to be unsaid."""

    motivation: str = ""
    funding: str = ""
    selection: str = ""
    collection: str = ""
    timeframe: str = ""
    demographics: str = ""
    payment: str = ""
    consent: str = ""
    sensitive: str = ""
    preprocessing: str = ""
    biases: str = ""
    uses: str = ""
    misuses: str = ""
    limitations: str = ""
    distribution: str = ""
    maintenance: str = ""


class Release(_Frozen):
    """What a release is made of, what must hold before it is made, and what it says of itself.

    `min_agreement`: least lower end of the 95 % interval, by measure, layer or label.
    `min_double_annotated`: least share of the released Documents that two people annotated.
    `max_disputed`: most open positions. `max_leakage`: highest similarity of texts in different
    parts. None, empty and false ask for nothing.
    """

    formats: tuple[str, ...] = ("jsonl", "spacy", "iob2", "parquet")
    license: _Line = ""
    description: str = "Entities and events in news, adjudicated from several annotators."
    authors: tuple[_Line, ...] = ()
    contact: _Line = ""
    url: _Line = ""
    doi: _Line = ""
    released: date | None = None
    guideline: _Line | None = None
    min_agreement: Mapping[str, Annotated[float, Field(gt=-1, le=1)]] = Field(default_factory=dict)
    min_double_annotated: float | None = Field(default=None, ge=0, le=1)
    max_disputed: int | None = Field(default=0, ge=0)
    max_leakage: float | None = Field(default=None, ge=0, le=1)
    audit_reviewed: bool = False
    require_license: bool = False
    sources: Mapping[str, Source] = Field(default_factory=dict)
    datasheet: Datasheet = Datasheet()
