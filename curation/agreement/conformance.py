"""`python -m curation.agreement.conformance DIR`: the case files of DIR against this package.

A case is a JSON file with `name`, `measure`, `input`, `expected` (null: undefined) and `tolerance`
(absolute). Prints measure, expected, got and verdict of each; ends with 1 unless all pass. A
measure that is not implemented is a failure, and says so.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
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
from curation.agreement.distances import alpha_with_distance, masi_distance
from curation.agreement.gamma import Dissimilarity, best_alignment_disorder, gamma
from curation.agreement.items import Item, item_label
from curation.agreement.matching import matched, matched_by_label
from curation.agreement.reliability import dawid_skene
from curation.agreement.semeval import semeval_counts
from curation.agreement.unitizing import alpha_u, unitized_alpha
from curation.agreement.units import character_ratings

__all__ = ["Outcome", "main", "outcome", "outcomes"]

Input = Mapping[str, Any]
NOT_IMPLEMENTED = "not implemented"
_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a case expects and what it got."""

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
        values = f"expected {self.expected}, got {self.got}"
        return f"{self.verdict:16}{self.name}: {self.measure}, {values}"


def outcomes(folder: Path) -> Iterator[Outcome]:
    """One outcome a case file, in the order of their names."""
    for path in sorted(folder.glob("*.json")):
        yield outcome(json.loads(path.read_text(encoding="utf-8")))


def outcome(case: Mapping[str, Any]) -> Outcome:
    """Runs one case."""
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


def _f1_per_document(given: Input) -> list[float | None]:
    docs = given["docs"]
    return [_pooled_f1("exact")({"docs": {name: docs[name]}}) for name in docs]


def _f1_of_pairs(given: Input) -> dict[str, float | None]:
    docs = given["docs"]
    return {"|".join(pair): _pair_counts(docs, pair, "exact").f1 for pair in _pairs(docs)}


def _mean_and_deviation(given: Input) -> list[float]:
    values = [value for value in _f1_of_pairs(given).values() if value is not None]
    return [fmean(values), pstdev(values)]


def _label_counts(docs: Input, pair: Pair) -> dict[str, Counts]:
    counts: dict[str, Counts] = {}
    for a, b in _shared(docs, pair):
        both, ours, theirs = matched_by_label(a, b, "exact"), _labels(a), _labels(b)
        for label in ours.keys() | theirs.keys():
            here = Counts.of(both[label], ours[label], theirs[label])
            counts[label] = counts.get(label, Counts()) + here
    return counts


def _labels(items: frozenset[Item]) -> Counter[str]:
    return Counter(map(item_label, items))


def _mean_f1_per_label(given: Input) -> dict[str, float]:
    by_pair = [_label_counts(given["docs"], pair) for pair in _pairs(given["docs"])]
    values: dict[str, list[float]] = {}
    for counts in by_pair:
        for label, counted in counts.items():
            if counted.f1 is not None:
                values.setdefault(label, []).append(counted.f1)
    return {label: fmean(found) for label, found in values.items()}


# -- one text -----------------------------------------------------------------------------------


def _semeval(given: Input) -> dict[str, list[int]]:
    first, second = (_items(spans) for spans in given["annotators"].values())
    return {scheme: list(counts) for scheme, counts in semeval_counts(first, second).items()}


def _token_kappa(background: bool) -> Callable[[Input], float | None]:
    def compute(given: Input) -> float | None:
        numbers: dict[Any, int] = {}
        spans = [_items(s) for s in given["annotators"].values()]
        rated = character_ratings(spans, given["n_tokens"], numbers, background=background)
        value = float(from_sums("kappa", sums_of("kappa", rated, len(numbers))))
        return None if isnan(value) else value

    return compute


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


def _masi_alpha(given: Input) -> float | None:
    sets = {
        name: [None if labels is None else frozenset(labels) for labels in rated]
        for name, rated in given["ratings"].items()
    }
    return alpha_with_distance(sets, masi_distance)


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
    "span_f1_exact_micro": _pooled_f1("exact"),
    "span_f1_boundary_micro": _pooled_f1("boundary"),
    "span_f1_overlap_micro": _pooled_f1("overlap"),
    "span_f1_overlap_any_micro": _pooled_f1("overlap_any"),
    "span_f1_partial_micro": _pooled_f1("partial"),
    "span_f1_exact_per_doc": _f1_per_document,
    "span_f1_exact_per_label": _mean_f1_per_label,
    "span_f1_exact_pairs": _f1_of_pairs,
    "span_f1_exact_mean_pairwise_sd": _mean_and_deviation,
    "span_f1_exact_mean_pairwise_per_label": _mean_f1_per_label,
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
    "krippendorff_alpha_nominal": _of_ratings("alpha"),
    "fleiss_kappa_per_category": lambda given: per_category_fleiss(given["ratings"]),
    "cohen_kappa_mean_pairwise_complete": _mean_pairwise_kappa,
    "cohen_kappa_tokens_with_O": _token_kappa(background=True),
    "cohen_kappa_tokens_without_OO": _token_kappa(background=False),
    "masi_distance": lambda given: masi_distance(set(given["a"]), set(given["b"])),
    "krippendorff_alpha_masi": _masi_alpha,
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
