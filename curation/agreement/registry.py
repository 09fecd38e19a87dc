"""Measures by name: `parse_measure("f1(layer=entities,match=exact)")`, and `str()` gives it back.

A name says everything that identifies a number, so that the same words give the number again.

    f1(layer=L,match=M)              L entities, triggers, arguments; M of `matching.MATCHES`
    f1(layer=arguments,match=M,given=trigger)   only arguments of triggers that both found
    C(layer=attributes,name=N)       attribute N on triggers that annotators share
    C(unit=character)                labels over each character; C of `coefficients.COEFFICIENTS`
    C(unit=character,background=excluded)   without the characters that nobody marked

In a canonical name parameters stand in this order; `layer=entities` and `background=included`
are understood for unit=character and left out. Commas, equals signs, brackets, percent signs
and spaces within a value are written as in URLs (%2C).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import quote, unquote

from curation.agreement.coefficients import COEFFICIENTS, TWO_ANNOTATORS
from curation.agreement.matching import MATCHES, TYPED_MATCHES
from curation.errors import UsageError

__all__ = ["Measure", "default_measures", "known_measures", "parse_measure"]

_NAME = re.compile(r"\s*([a-z0-9_]+)\s*\(([^()]*)\)\s*")
_SYNTAX = "%,=()"
_ORDER = ("layer", "name", "unit", "match", "given", "background")
_DEFAULTS = {"layer": "entities", "background": "included"}
_F1_CHOICES: Mapping[str, tuple[str, ...]] = {
    "layer": ("entities", "triggers", "arguments"),
    "match": MATCHES,
    "given": ("trigger",),
}
_UNIT_CHOICES: Mapping[str, tuple[str, ...]] = {
    "unit": ("character",),
    "layer": ("entities", "triggers"),
    "background": ("included", "excluded"),
}


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure: its family ("f1", "kappa", …) and its parameters.

    Two measures are equal when their names are.
    """

    family: str
    parameters: Mapping[str, str] = field(hash=False, default_factory=dict)

    def __str__(self) -> str:
        written = {key: _escaped(value) for key, value in self.parameters.items()}
        given = [f"{key}={written[key]}" for key in _ORDER if key in written]
        return f"{self.family}({','.join(given)})"

    @property
    def layer(self) -> str:
        """The layer of annotation it looks at."""
        return self.parameters.get("layer", "entities")

    @property
    def match(self) -> str:
        """The mode of matching, of measures that match; else ""."""
        return self.parameters.get("match", "")

    @property
    def accepts(self) -> Literal["two", "many"]:
        """How many annotators at once; f1 pools the counts of all pairs of many."""
        return "two" if self.family in TWO_ANNOTATORS else "many"

    @property
    def by_label(self) -> bool:
        """Whether it can be sliced by label: only where items of one label match one another."""
        return self.match in TYPED_MATCHES

    @property
    def needs_lengths(self) -> bool:
        """Whether it counts unmarked characters, hence needs the length of each text."""
        return "unit" in self.parameters

    @property
    def lowest(self) -> float:
        """The least value it can take."""
        return 0.0 if self.family in {"f1", "percent"} else -1.0

    def refusal(self, annotators: int, *, lengths: bool = True) -> str | None:
        """Why it cannot be taken over so many annotators or without text lengths; else None."""
        if self.accepts == "two" and annotators > 2:
            return "only for two annotators"
        if self.needs_lengths and not lengths:
            return "text lengths not given"
        return None


def parse_measure(name: str) -> Measure:
    """The measure of that name; UsageError says what is wrong with it."""
    found = _NAME.fullmatch(name)
    if not found:
        raise UsageError(
            f"{name!r} is no measure; write for example f1(layer=entities,match=exact)"
        )
    family, inner = found.groups()
    parameters = dict(_parameter(part, name) for part in inner.split(",") if part.strip())
    if family == "f1":
        return _f1(name, parameters)
    if family in COEFFICIENTS:
        return _coefficient(name, family, parameters)
    known = ", ".join(("f1", *COEFFICIENTS))
    raise UsageError(f"{name!r}: no measure is called {family!r}; there are {known}")


def _escaped(value: str) -> str:
    return "".join(quote(c, safe="") if c in _SYNTAX or c.isspace() else c for c in value)


def _parameter(part: str, name: str) -> tuple[str, str]:
    key, sign, value = part.partition("=")
    if not sign or not key.strip():
        raise UsageError(f"{name!r}: {part!r} is not of the form key=value")
    return key.strip(), unquote(value.strip())


def _f1(name: str, parameters: Mapping[str, str]) -> Measure:
    full = {"layer": "entities", "match": "exact", **parameters}
    _check(name, full, _F1_CHOICES)
    if "given" in full and full["layer"] != "arguments":
        raise UsageError(f"{name!r}: given=trigger goes with layer=arguments only")
    return Measure("f1", full)


def _coefficient(name: str, family: str, parameters: Mapping[str, str]) -> Measure:
    if "unit" in parameters:
        _check(name, parameters, _UNIT_CHOICES)
        kept = {k: v for k, v in parameters.items() if _DEFAULTS.get(k) != v}
        return Measure(family, kept)
    if set(parameters) != {"layer", "name"} or parameters["layer"] != "attributes":
        raise UsageError(
            f"{name!r}: {family} takes (layer=attributes,name=…) or (unit=character); "
            "spans have no countable number of units to correct for chance"
        )
    return Measure(family, dict(parameters))


def _check(
    name: str, parameters: Mapping[str, str], choices: Mapping[str, tuple[str, ...]]
) -> None:
    for key, value in parameters.items():
        if key not in choices:
            raise UsageError(f"{name!r}: unknown parameter {key!r}; there are {', '.join(choices)}")
        if value not in choices[key]:
            raise UsageError(f"{name!r}: {key} is one of {', '.join(choices[key])}, not {value!r}")


_DEFAULT_NAMES = (
    *(f"f1(layer=entities,match={match})" for match in MATCHES),
    *(f"f1(layer=triggers,match={match})" for match in MATCHES),
    "f1(layer=arguments,match=exact)",
    "f1(layer=arguments,match=overlap)",
    "f1(layer=arguments,match=exact,given=trigger)",
    "alpha(unit=character)",
)


def default_measures(attributes: tuple[str, ...] = ()) -> tuple[Measure, ...]:
    """The ladder of F1 for every layer, alpha over characters, and three for each attribute."""
    return tuple(parse_measure(name) for name in _DEFAULT_NAMES) + tuple(
        Measure(coefficient, {"layer": "attributes", "name": attribute})
        for attribute in attributes
        for coefficient in ("percent", "kappa", "alpha")
    )


def known_measures(attributes: tuple[str, ...] = ()) -> tuple[Measure, ...]:
    """Every measure that there is, for documentation and tests."""
    f1 = [f"f1(layer={layer},match={m})" for layer in _F1_CHOICES["layer"] for m in MATCHES]
    f1 += [f"f1(layer=arguments,match={m},given=trigger)" for m in MATCHES]
    units = ("unit=character", "unit=character,background=excluded")
    coefficients = [f"{family}({unit})" for family in COEFFICIENTS for unit in units]
    return tuple(parse_measure(name) for name in (*f1, *coefficients)) + tuple(
        Measure(family, {"layer": "attributes", "name": name})
        for family in COEFFICIENTS
        for name in attributes
    )
