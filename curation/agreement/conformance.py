"""`python -m curation.agreement.conformance DIR`: the case files of DIR against this package.

A case is a JSON file with `name`, `measure`, `input`, `expected` (null: undefined) and `tolerance`
(absolute). Prints measure, expected, got and verdict of each; ends with 1 unless all pass. A
measure that is not implemented is a failure, and says so; so is a file that is no case: BROKEN.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import isnan
from pathlib import Path
from statistics import fmean, pstdev
from typing import Any

from curation.agreement.coefficients import (
    coefficient,
    from_sums,
    per_category_fleiss,
    sums_of,
)
from curation.agreement.counts import Counts
from curation.agreement.distances import (
    alpha_ordinal,
    alpha_with_distance,
    interval_distance,
    jaccard_distance,
    masi_distance,
    ratio_distance,
)
from curation.agreement.gamma import Dissimilarity, best_alignment_disorder, gamma
from curation.agreement.items import Item, by_label
from curation.agreement.matching import MATCHES, TYPED_MATCHES, matched, matched_by_label
from curation.agreement.reliability import dawid_skene
from curation.agreement.semeval import semeval_counts
from curation.agreement.unitizing import alpha_u, unitized_alpha
from curation.agreement.units import character_ratings
from curation.agreement.weighted import weighted_coefficient

__all__ = ["Outcome", "main", "outcome", "outcomes"]

Input = Mapping[str, Any]
NOT_IMPLEMENTED = "not implemented"
BROKEN = "BROKEN"
_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a case expects and what it got; of a BROKEN file `name` is its path, `got` why."""

    name: str
    measure: str
    expected: Any
    got: Any
    verdict: str

    @property
    def passed(self) -> bool:
        """Whether the value is within the tolerance."""
        return self.verdict == "pass"

    def __str__(self) -> str:
        if self.verdict == BROKEN:
            return _visible(f"{self.verdict} {self.name}: {self.got}")
        values = f"expected {self.expected}, got {self.got}"
        return _visible(f"{self.verdict:16}{self.name}: {self.measure}, {values}")


def _visible(text: str) -> str:
    """One line of `text` in which nothing drives a terminal."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def outcomes(folder: Path) -> Iterator[Outcome]:
    """One outcome a case file, in the order of their names."""
    for path in sorted(folder.glob("*.json")):
        try:
            yield outcome(json.loads(path.read_text(encoding="utf-8")))
        except Exception as error:  # whatever input a measure cannot take is the file's fault
            yield Outcome(str(path), "", None, _reason(error), BROKEN)


def _reason(error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):
        return "not UTF-8"
    if isinstance(error, json.JSONDecodeError):
        return f"not JSON: {error}"
    if isinstance(error, KeyError):
        return f"{error} is not there"
    return f"{type(error).__name__}: {error}"


def outcome(case: Mapping[str, Any]) -> Outcome:
    """Runs one case; any error where it is none."""
    if not isinstance(case, Mapping) or not isinstance(case["measure"], str):
        raise TypeError("a case is an object, and its measure a name")
    name, measure, expected = case["name"], case["measure"], case["expected"]
    compute = _MEASURES.get(measure)
    if compute is None:
        return Outcome(name, measure, expected, None, NOT_IMPLEMENTED)
    got = compute(case["input"])
    verdict = "pass" if _close(expected, got, case["tolerance"]) else "FAIL"
    return Outcome(name, measure, expected, got, verdict)


def _close(expected: Any, got: Any, tolerance: float) -> bool:
    """Same shape, and every number within the tolerance."""
    if isinstance(expected, Mapping):
        same = isinstance(got, Mapping) and expected.keys() == got.keys()
        return same and all(_close(expected[k], got[k], tolerance) for k in expected)
    if isinstance(expected, list):
        same = isinstance(got, Sequence) and len(got) == len(expected)
        return same and all(_close(e, g, tolerance) for e, g in zip(expected, got, strict=True))
    if expected is None or got is None:
        return expected is got
    return bool(abs(expected - got) <= tolerance + _ROUNDING)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the cases of the folder named by the only argument."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    if len(given) != 1 or not Path(given[0]).is_dir():
        sys.stderr.write("usage: python -m curation.agreement.conformance FOLDER\n")
        return 2
    results = list(outcomes(Path(given[0])))
    for result in results:
        sys.stdout.write(f"{result}\n")
    passed = sum(result.passed for result in results)
    sys.stdout.write(f"{passed} of {len(results)} pass\n")
    return 0 if results and passed == len(results) else 1


# -- spans of several documents -----------------------------------------------------------------

Pair = tuple[str, str]


def _items(spans: Sequence[Sequence[Any]]) -> frozenset[Item]:
    return frozenset((start, end, label) for start, end, label in spans)


def _annotators(docs: Input) -> list[str]:
    return sorted({name for document in docs.values() for name in document})


def _shared(docs: Input, pair: Pair) -> list[tuple[frozenset[Item], frozenset[Item]]]:
    """Both annotators' items of every document that both have seen."""
    spans = [(document.get(pair[0]), document.get(pair[1])) for document in docs.values()]
    return [(_items(a), _items(b)) for a, b in spans if a is not None and b is not None]


def _pair_counts(docs: Input, pair: Pair, match: str) -> Counts:
    rows = [Counts.of(matched(a, b, match), len(a), len(b)) for a, b in _shared(docs, pair)]
    return sum(rows, Counts())


def _pairs(docs: Input) -> list[Pair]:
    return list(combinations(_annotators(docs), 2))


def _pooled_f1(match: str) -> Callable[[Input], float | None]:
    def compute(given: Input) -> float | None:
        docs = given["docs"]
        return sum((_pair_counts(docs, pair, match) for pair in _pairs(docs)), Counts()).f1

    return compute


def _f1_per_document(match: str) -> Callable[[Input], list[float | None]]:
    pooled = _pooled_f1(match)
    return lambda given: [pooled({"docs": {name: d}}) for name, d in given["docs"].items()]


def _f1_of_pairs(match: str) -> Callable[[Input], dict[str, float | None]]:
    def compute(given: Input) -> dict[str, float | None]:
        docs = given["docs"]
        return {"|".join(pair): _pair_counts(docs, pair, match).f1 for pair in _pairs(docs)}

    return compute


def _mean_of_pairs(match: str) -> Callable[[Input], list[float] | None]:
    """Mean and population standard deviation."""

    def compute(given: Input) -> list[float] | None:
        values = [value for value in _f1_of_pairs(match)(given).values() if value is not None]
        return [fmean(values), pstdev(values)] if values else None

    return compute


LabelCounts = dict[str, Counts]


def _label_counts(docs: Input, pair: Pair, match: str) -> LabelCounts:
    counts: LabelCounts = {}
    for a, b in _shared(docs, pair):
        both, ours, theirs = matched_by_label(a, b, match), by_label(a), by_label(b)
        here = {k: Counts.of(both[k], ours[k], theirs[k]) for k in ours.keys() | theirs.keys()}
        counts = _added(counts, here)
    return counts


def _added(first: LabelCounts, second: LabelCounts) -> LabelCounts:
    labels = first.keys() | second.keys()
    return {k: first.get(k, Counts()) + second.get(k, Counts()) for k in labels}


def _f1_per_label(match: str) -> Callable[[Input], dict[str, float | None]]:
    def compute(given: Input) -> dict[str, float | None]:
        pooled: LabelCounts = {}
        for pair in _pairs(given["docs"]):
            pooled = _added(pooled, _label_counts(given["docs"], pair, match))
        return {label: counts.f1 for label, counts in pooled.items()}

    return compute


def _mean_f1_per_label(match: str) -> Callable[[Input], dict[str, float]]:
    def compute(given: Input) -> dict[str, float]:
        values: dict[str, list[float]] = {}
        for pair in _pairs(given["docs"]):
            for label, counted in _label_counts(given["docs"], pair, match).items():
                if counted.f1 is not None:
                    values.setdefault(label, []).append(counted.f1)
        return {label: fmean(found) for label, found in values.items()}

    return compute


def _span_measures() -> Iterator[tuple[str, Callable[[Input], Any]]]:
    for match in MATCHES:
        yield f"span_f1_{match}_micro", _pooled_f1(match)
        yield f"span_f1_{match}_per_doc", _f1_per_document(match)
        yield f"span_f1_{match}_pairs", _f1_of_pairs(match)
        yield f"span_f1_{match}_mean_pairwise_sd", _mean_of_pairs(match)
    for match in sorted(TYPED_MATCHES):
        yield f"span_f1_{match}_per_label", _f1_per_label(match)
        yield f"span_f1_{match}_mean_pairwise_per_label", _mean_f1_per_label(match)


# -- one text -----------------------------------------------------------------------------------


def _semeval(given: Input) -> dict[str, list[int]]:
    first, second = (_items(spans) for spans in given["annotators"].values())
    return {scheme: list(counts) for scheme, counts in semeval_counts(first, second).items()}


def _over_tokens(name: str, *, background: bool) -> Callable[[Input], float | None]:
    def compute(given: Input) -> float | None:
        numbers: dict[Any, int] = {}
        spans = [_items(s) for s in given["annotators"].values()]
        rated = character_ratings(spans, given["n_tokens"], numbers, background=background)
        value = float(from_sums(name, sums_of(name, rated, len(numbers))))
        return None if isnan(value) else value

    return compute


def _token_measures() -> Iterator[tuple[str, Callable[[Input], float | None]]]:
    names = {"cohen_kappa": "kappa", "scott_pi": "pi", "krippendorff_alpha": "alpha"}
    for called, name in names.items():
        yield f"{called}_tokens_with_O", _over_tokens(name, background=True)
        yield f"{called}_tokens_without_OO", _over_tokens(name, background=False)


def _units(given: Input) -> dict[str, list[tuple[float, float, str]]]:
    return {
        name: [(start, end, label) for start, end, label in spans]
        for name, spans in given["annotators"].items()
    }


def _alpha_u(given: Input) -> float | None:
    category = given.get("category")
    return alpha_u(_units(given), given["length"], begin=given["begin"], category=category)


def _unitized(member: str) -> Callable[[Input], Any]:
    return lambda given: getattr(
        unitized_alpha(_units(given), given["length"], begin=given["begin"]), member
    )


def _dissimilarity(given: Input) -> Dissimilarity:
    params = given.get("params", {})
    return Dissimilarity(
        params.get("alpha", 1.0), params.get("beta", 1.0), params.get("deltaEmpty", 1.0)
    )


def _disorder(given: Input) -> float | None:
    return best_alignment_disorder(_units(given), _dissimilarity(given))


def _gamma(given: Input) -> float | None:
    params = given.get("params", {})
    seed, samples = params.get("seed", 0), params.get("samples", 100)
    return gamma(_units(given), _dissimilarity(given), seed=seed, samples=samples)


# -- ratings, relations, sets -------------------------------------------------------------------


def _of_ratings(name: str) -> Callable[[Input], float | None]:
    return lambda given: coefficient(name, given["ratings"])


def _mean_pairwise_kappa(given: Input) -> float | None:
    ratings = given["ratings"]
    values = [
        coefficient("kappa", {a: ratings[a], b: ratings[b]}) for a, b in combinations(ratings, 2)
    ]
    defined = [value for value in values if value is not None]
    return fmean(defined) if defined else None


def _weighted(name: str) -> Callable[[Input], float | None]:
    return lambda given: weighted_coefficient(
        name, given["ratings"], given.get("weights", "identity")
    )


def _alpha_of(distance: Callable[[Any, Any], float]) -> Callable[[Input], float | None]:
    return lambda given: alpha_with_distance(given["ratings"], distance)


def _alpha_of_sets(distance: Callable[[Any, Any], float]) -> Callable[[Input], float | None]:
    def compute(given: Input) -> float | None:
        sets = {
            name: [None if labels is None else frozenset(labels) for labels in rated]
            for name, rated in given["ratings"].items()
        }
        return alpha_with_distance(sets, distance)

    return compute


def _argument_f1(key: Callable[[str, Any, Any], Any]) -> Callable[[Input], float | None]:
    def compute(given: Input) -> float | None:
        first, second = (
            {key(role, tuple(trigger), filler) for role, trigger, filler in given[side]}
            for side in ("A", "B")
        )
        return Counts.of(len(first & second), len(first), len(second)).f1

    return compute


def _dawid_skene_prior(given: Input) -> list[float]:
    return list(dawid_skene(given["responses"]).prior)


_MEASURES: Mapping[str, Callable[[Input], Any]] = {
    **dict(_span_measures()),
    "semeval2013_counts[correct,incorrect,partial,missed,spurious]": _semeval,
    "event_argument_f1_strict": _argument_f1(lambda role, trigger, f: (role, trigger, tuple(f))),
    "event_argument_f1_untyped_args": _argument_f1(lambda role, t, f: (role, t, f[0], f[1])),
    # Without a parse, the head is the last token of the filler.
    "event_argument_f1_head": _argument_f1(lambda role, trigger, f: (role, trigger, f[1])),
    "percent_agreement": _of_ratings("percent"),
    "cohen_kappa": _of_ratings("kappa"),
    "scott_pi": _of_ratings("pi"),
    "fleiss_kappa": _of_ratings("fleiss"),
    "gwet_ac1": _of_ratings("ac1"),
    "gwet_ac2": _weighted("ac2"),
    "weighted_kappa": _weighted("kappa"),
    "bennett_s": _weighted("s"),
    "krippendorff_alpha_nominal": _of_ratings("alpha"),
    "krippendorff_alpha_ordinal": lambda given: alpha_ordinal(given["ratings"]),
    "krippendorff_alpha_interval": _alpha_of(interval_distance),
    "krippendorff_alpha_ratio": _alpha_of(ratio_distance),
    "fleiss_kappa_per_category": lambda given: per_category_fleiss(given["ratings"]),
    "cohen_kappa_mean_pairwise_complete": _mean_pairwise_kappa,
    **dict(_token_measures()),
    "masi_distance": lambda given: masi_distance(set(given["a"]), set(given["b"])),
    "jaccard_distance": lambda given: jaccard_distance(set(given["a"]), set(given["b"])),
    "krippendorff_alpha_masi": _alpha_of_sets(masi_distance),
    "krippendorff_alpha_jaccard": _alpha_of_sets(jaccard_distance),
    "alpha_u_2004": _alpha_u,
    "alpha_u_2004_category": _alpha_u,
    "u_alpha_2016": _unitized("u"),
    "bar_u_alpha_2016": _unitized("bar_u"),
    "cu_alpha_2016": _unitized("cu"),
    "ku_alpha_2016": _unitized("ku"),
    "gamma": _gamma,
    "gamma_best_alignment_disorder": _disorder,
    "dawid_skene_class_prior": _dawid_skene_prior,
}


if __name__ == "__main__":
    sys.exit(main())
