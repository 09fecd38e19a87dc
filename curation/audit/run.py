"""All finders, one after the other, and their evidence about one item together."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from curation.audit import constraints, finders, outliers
from curation.audit.corpus import Reading
from curation.audit.findings import KINDS, Finding, merged
from curation.ontology import Ontology

__all__ = ["STEPS", "audit"]

Find = Callable[[Sequence[Reading], int], Iterable[Finding]]

_LEARNT: Mapping[str, tuple[frozenset[str], Find]] = {
    "labels": (frozenset({"label"}), lambda c, s: finders.labels(c, seed=s)),
    "marks of entities": (
        frozenset({"missed", "spurious"}),
        lambda c, s: finders.marks(c, "entities", seed=s),
    ),
    "boundaries": (frozenset({"boundary"}), lambda c, s: finders.boundaries(c, seed=s)),
    "types": (frozenset({"type"}), lambda c, s: finders.types(c, seed=s)),
    "marks of events": (
        frozenset({"missed", "spurious"}),
        lambda c, s: finders.marks(c, "triggers", seed=s),
    ),
    "roles": (frozenset({"role"}), lambda c, s: finders.roles(c, seed=s)),
    "attributes": (frozenset({"attribute"}), lambda c, s: finders.attributes(c, seed=s)),
}
STEPS = len(_LEARNT) + 2
"""How often `advance` of `audit` is called."""


def audit(
    corpus: Sequence[Reading],
    work: Sequence[Reading] = (),
    *,
    ontology: Ontology | None = None,
    kinds: Collection[str] = tuple(KINDS),
    least: float = finders.LEAST,
    seed: int = 0,
    advance: Callable[[], object] = lambda: None,
) -> tuple[Finding, ...]:
    """Findings of `kinds` with a score of `least` or more, likeliest first.

    `work` is what people did, where times and kept suggestions are looked for; a Document is in
    it once for each of them, and once in `corpus`. The same corpus and seed give the same findings.
    Without an `ontology` there are none of its constraints.
    """
    found: list[Finding] = []
    for makes, find in _LEARNT.values():
        # Labels tell constraints which side of an argument is at fault.
        if not makes.isdisjoint(kinds) or ("label" in makes and "constraint" in kinds):
            found += find(corpus, seed)
        advance()
    if ontology is not None and "constraint" in kinds:
        suspects = {(one.uid, one.item or ""): one.score for one in found if one.kind == "label"}
        found += constraints.constraints(corpus, ontology, suspects=suspects)
    advance()
    found += [*outliers.times(work), *outliers.acceptance(work)]
    advance()
    kept = merged(one for one in found if one.kind in kinds)
    return tuple(one for one in kept if one.score >= least)
