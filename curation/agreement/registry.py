"""Measures by name: `parse_measure("f1(layer=entities,match=exact)")`, and `str()` gives it back.

A name says everything that identifies a number, so that the same words give the number again.

    f1(layer=L,match=M)              L entities, triggers, arguments; M of `MATCH_MODES`
    f1(layer=arguments,match=M,given=trigger)   only arguments of triggers that both found
    f1(layer=events,step=S)          the cascade, end to end: S trigger, type, argument, role,
                                     attribute (with name=N); `given=before`: of those that agree
                                     in the step before
    semeval(layer=L,scheme=S)        F1 of SemEval-2013: S strict, exact, partial, ent_type
    C(layer=attributes,name=N)       attribute N on triggers that annotators share
    C(layer=events,step=S)           type, role or attribute, over aligned events
    C(unit=U)                        labels over each U character or token (`words`)
    C(unit=U,background=excluded)    without the units that nobody marked
    alpha(unit=U,distance=masi)      label sets of nested spans, near by MASI or jaccard
    alpha_u, u_alpha, bar_u_alpha, cu_alpha, gamma (layer=L)   L entities, triggers
    alpha_u, ku_alpha (layer=L,label=X)   of one label
    gamma_cat(layer=L), gamma_k(layer=L,label=X)   of categories over the alignment of gamma;
                                     `unaligned=counted`: with units that only some have

C is one of `coefficients.COEFFICIENTS`. `average=pairs` is the mean over pairs of annotators,
`average=documents` the mean over documents, each where it is defined; without it counts are
pooled. In a canonical name parameters stand in this order and defaults are left out, but for
layer and match of f1. Commas, equals signs, brackets, percent signs and spaces within a value are
written as in URLs (%2C).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import quote, unquote

from curation.agreement.coefficients import COEFFICIENTS, TWO_ANNOTATORS
from curation.agreement.matching import MATCHES
from curation.errors import UsageError

__all__ = [
    "MATCH_MODES",
    "UNITIZING",
    "Measure",
    "default_measures",
    "full_measures",
    "known_measures",
    "parse_measure",
]

MATCH_MODES: tuple[str, ...] = (*MATCHES, "strict", "span", "head")
"""Ways to match; the last three are for arguments: with the filler's label, spans alone, heads."""

_GAMMAS = ("gamma", "gamma_cat", "gamma_k")
UNITIZING = ("alpha_u", "u_alpha", "bar_u_alpha", "cu_alpha", "ku_alpha", *_GAMMAS)
"""Measures of units on a continuum; all but gamma and its kin need flat annotations."""

_NAME = re.compile(r"\s*([a-z0-9_]+)\s*\(([^()]*)\)\s*")
_SYNTAX = "%,=()"
_TYPED = frozenset({"exact", "overlap", "strict", "head"})
_ANY: tuple[str, ...] = ()
_AVERAGE = {"average": ("pooled", "pairs", "documents")}
_SPAN_LAYERS = ("entities", "triggers")


@dataclass(frozen=True, slots=True)
class _Form:
    """One way to write a family: choices of every parameter (none: any text), defaults."""

    choices: Mapping[str, tuple[str, ...]]
    required: frozenset[str] = frozenset()
    defaults: Mapping[str, str] = field(default_factory=dict)


_F1 = _Form(
    {"layer": ("entities", "triggers", "arguments", "events"), "match": MATCH_MODES,
     "given": ("trigger",), **_AVERAGE},
    defaults={"average": "pooled"},
)  # fmt: skip
_F1_EVENTS = _Form(
    {"layer": ("events",), "step": ("trigger", "type", "argument", "role", "attribute"),
     "name": _ANY, "match": ("exact", "head", "overlap"), "given": ("before",), **_AVERAGE},
    frozenset({"layer", "step"}),
    {"average": "pooled", "match": "exact"},
)  # fmt: skip
_UNITS = _Form(
    {"unit": ("character", "token"), "layer": _SPAN_LAYERS,
     "background": ("included", "excluded"), "distance": ("nominal", "masi", "jaccard"),
     **_AVERAGE},
    frozenset({"unit"}),
    {"layer": "entities", "background": "included", "distance": "nominal", "average": "pooled"},
)  # fmt: skip
_ATTRIBUTES = _Form(
    {"layer": ("attributes",), "name": _ANY, **_AVERAGE},
    frozenset({"layer", "name"}),
    {"average": "pooled"},
)
_EVENTS = _Form(
    {"layer": ("events",), "step": ("type", "role", "attribute"), "name": _ANY,
     "match": ("exact", "head", "overlap"), **_AVERAGE},
    frozenset({"layer", "step"}),
    {"average": "pooled", "match": "exact"},
)  # fmt: skip
_SEMEVAL = _Form(
    {"layer": _SPAN_LAYERS, "scheme": ("strict", "exact", "partial", "ent_type"), **_AVERAGE},
    frozenset({"layer", "scheme"}),
    {"average": "pooled"},
)
_CONTINUUM = _Form({"layer": _SPAN_LAYERS, **_AVERAGE}, frozenset({"layer"}), {"average": "pooled"})
_ALPHA_U = _Form({**_CONTINUUM.choices, "label": _ANY}, _CONTINUUM.required, _CONTINUUM.defaults)
_GAMMA_CAT = _Form(
    {**_CONTINUUM.choices, "unaligned": ("ignored", "counted")},
    _CONTINUUM.required,
    {"average": "pooled", "unaligned": "ignored"},
)
_GAMMA_K = _Form(
    {**_GAMMA_CAT.choices, "label": _ANY}, frozenset({"layer", "label"}), _GAMMA_CAT.defaults
)
_KU_ALPHA = _Form(_ALPHA_U.choices, frozenset({"layer", "label"}), _CONTINUUM.defaults)
_UNITIZING_FORMS = {
    "alpha_u": _ALPHA_U,
    "ku_alpha": _KU_ALPHA,
    "gamma_cat": _GAMMA_CAT,
    "gamma_k": _GAMMA_K,
}
_ORDER = (
    "layer", "step", "name", "label", "unit", "scheme", "match", "given", "background", "distance",
    "unaligned", "average",
)  # fmt: skip
_FAMILIES = ("f1", *COEFFICIENTS, "semeval", *UNITIZING)


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
    def average(self) -> str:
        """How pairs and documents are put together: "pooled", "pairs" or "documents"."""
        return self.parameters.get("average", "pooled")

    @property
    def pooled(self) -> Measure:
        """The same measure with pooled counts."""
        kept = {key: value for key, value in self.parameters.items() if key != "average"}
        return Measure(self.family, kept)

    @property
    def accepts(self) -> Literal["two", "many"]:
        """How many annotators at once; f1 pools the counts of all pairs of many."""
        only_pairs = self.family in TWO_ANNOTATORS and self.average != "pairs"
        return "two" if only_pairs else "many"

    @property
    def flat(self) -> bool:
        """Whether it refuses annotations in which spans of one annotator overlap."""
        return self.family in UNITIZING and self.family not in _GAMMAS

    @property
    def by_label(self) -> bool:
        """Whether it can be sliced by label: only where items of one label match one another."""
        return self.match in _TYPED and self.family == "f1" and self.layer != "events"

    @property
    def needs_lengths(self) -> bool:
        """Whether it counts unmarked characters, hence needs the length of each text."""
        return "unit" in self.parameters or self.flat

    @property
    def needs_texts(self) -> bool:
        """Whether it counts words."""
        return self.parameters.get("unit") == "token"

    @property
    def lowest(self) -> float:
        """The least value it can take."""
        return 0.0 if self.family in {"f1", "percent", "semeval"} else -1.0

    def refusal(self, annotators: int, *, lengths: bool = True, texts: bool = True) -> str | None:
        """Why it cannot be taken over so many annotators or without texts; else None."""
        if self.accepts == "two" and annotators > 2:
            return "only for two annotators"
        if self.needs_texts and not texts:
            return "texts not given"
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
    if family not in _FAMILIES:
        known = ", ".join(_FAMILIES)
        raise UsageError(f"{name!r}: no measure is called {family!r}; there are {known}")
    parameters = dict(_parameter(part, name) for part in inner.split(",") if part.strip())
    form = _form(family, parameters)
    if family == "f1" and form is _F1:
        parameters = {"layer": "entities", "match": "exact", **parameters}
    _check(name, family, parameters, form)
    kept = {k: v for k, v in parameters.items() if form.defaults.get(k) != v}
    return Measure(family, kept)


def _escaped(value: str) -> str:
    return "".join(quote(c, safe="") if c in _SYNTAX or c.isspace() else c for c in value)


def _parameter(part: str, name: str) -> tuple[str, str]:
    key, sign, value = part.partition("=")
    if not sign or not key.strip():
        raise UsageError(f"{name!r}: {part!r} is not of the form key=value")
    return key.strip(), unquote(value.strip())


def _form(family: str, parameters: Mapping[str, str]) -> _Form:
    if family == "f1":
        return _F1_EVENTS if parameters.get("layer") == "events" else _F1
    if family == "semeval":
        return _SEMEVAL
    if family in UNITIZING:
        return _UNITIZING_FORMS.get(family, _CONTINUUM)
    if "unit" in parameters:
        return _UNITS
    return _EVENTS if parameters.get("layer") == "events" else _ATTRIBUTES


def _check(name: str, family: str, parameters: Mapping[str, str], form: _Form) -> None:
    if form is _ATTRIBUTES and parameters.get("layer") != "attributes":
        raise UsageError(
            f"{name!r}: {family} takes (layer=attributes,name=…), (layer=events,step=…) or "
            "(unit=character); spans have no countable number of units to correct for chance"
        )
    for key, value in parameters.items():
        if key not in form.choices:
            raise UsageError(
                f"{name!r}: unknown parameter {key!r}; there are {', '.join(form.choices)}"
            )
        choices = form.choices[key]
        if choices and value not in choices:
            raise UsageError(f"{name!r}: {key} is one of {', '.join(choices)}, not {value!r}")
    if missing := sorted(form.required - parameters.keys()):
        raise UsageError(f"{name!r}: {family} needs {', '.join(missing)}")
    if wrong := _contradiction(family, parameters, form):
        raise UsageError(f"{name!r}: {wrong}")


def _contradiction(family: str, parameters: Mapping[str, str], form: _Form) -> str | None:
    """What does not go together."""
    layer, step = parameters.get("layer"), parameters.get("step")
    if form is _F1 and layer != "arguments":
        if "given" in parameters:
            return "given=trigger goes with layer=arguments only"
        if parameters["match"] not in MATCHES:
            return f"match={parameters['match']} goes with layer=arguments only"
    if layer == "events":
        if (step == "attribute") != ("name" in parameters):
            return "name=… goes with step=attribute, and only with it"
        if step == "trigger" and "given" in parameters:
            return "given=before: nothing comes before the trigger"
        if step not in {"argument", "role"} and parameters.get("match", "exact") != "exact":
            return "match=… goes with the steps argument and role"
    if parameters.get("distance", "nominal") != "nominal" and family != "alpha":
        return "a distance goes with alpha only"
    return None


_DEFAULT_NAMES = (
    *(f"f1(layer=entities,match={match})" for match in MATCHES),
    *(f"f1(layer=triggers,match={match})" for match in MATCHES),
    "f1(layer=arguments,match=exact)",
    "f1(layer=arguments,match=overlap)",
    "f1(layer=arguments,match=exact,given=trigger)",
    "alpha(unit=character)",
)
_FULL_NAMES = (
    "f1(layer=arguments,match=strict)",
    "f1(layer=arguments,match=span)",
    "f1(layer=arguments,match=head)",
    "f1(layer=entities,match=exact,average=pairs)",
    "f1(layer=entities,match=exact,average=documents)",
    "alpha(unit=character,background=excluded)",
    "alpha(unit=token)",
    "alpha(unit=token,background=excluded)",
    *(f"f1(layer=events,step={step})" for step in ("trigger", "type", "argument", "role")),
    *(f"f1(layer=events,step={step},given=before)" for step in ("type", "argument", "role")),
    "alpha(layer=events,step=type)",
    "alpha(layer=events,step=role)",
    *(f"semeval(layer=entities,scheme={s})" for s in ("strict", "exact", "partial", "ent_type")),
)


def default_measures(attributes: tuple[str, ...] = ()) -> tuple[Measure, ...]:
    """The ladder of F1 for every layer, alpha over characters, and three for each attribute."""
    return tuple(parse_measure(name) for name in _DEFAULT_NAMES) + tuple(
        Measure(coefficient, {"layer": "attributes", "name": attribute})
        for attribute in attributes
        for coefficient in ("percent", "kappa", "alpha")
    )


def full_measures(attributes: tuple[str, ...] = ()) -> tuple[Measure, ...]:
    """The defaults, the cascade of events, words, SemEval counts and averages: all that is cheap.

    The unitizing coefficients and the gammas, whose cost grows with the square of a text's spans,
    are taken by name.
    """
    cascade = [
        Measure("f1", {"layer": "events", "step": "attribute", "name": name, **given})
        for name in attributes
        for given in ({}, {"given": "before"})
    ]
    names = [parse_measure(name) for name in _FULL_NAMES]
    return (*default_measures(attributes), *names, *cascade)


def known_measures(attributes: tuple[str, ...] = ()) -> tuple[Measure, ...]:
    """A measure of every form and choice, for documentation and tests."""
    names = [str(m) for m in full_measures(attributes)]
    names += [
        f"f1(layer=arguments,match={m}{g})" for m in MATCH_MODES for g in ("", ",given=trigger")
    ]
    units = [f"unit={u}{b}" for u in ("character", "token") for b in ("", ",background=excluded")]
    names += [f"{family}({unit})" for family in COEFFICIENTS for unit in units]
    names += [f"alpha({unit},distance={d})" for unit in units for d in ("masi", "jaccard")]
    names += [f"{c}(layer=events,step={s})" for c in COEFFICIENTS for s in ("type", "role")]
    labels = {"ku_alpha": ",label=PER", "gamma_k": ",label=PER,unaligned=counted"}
    names += [
        f"{family}(layer={layer}{labels.get(family, '')})"
        for family in UNITIZING
        for layer in _SPAN_LAYERS
    ]
    names += [
        f"{family}(layer=attributes,name={_escaped(name)})"
        for family in COEFFICIENTS
        for name in attributes
    ]
    return tuple(dict.fromkeys(parse_measure(name) for name in names))
