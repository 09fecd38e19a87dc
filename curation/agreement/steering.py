"""How far suggestions steer: work that began from a proposal against work that did not.

Overlap is the exact F1 of what an annotator handed in with the proposal for that document,
whether they saw it or not. Where those who saw it are nearer to it by more than chance, and agree
more with each other, part of their agreement is the proposal's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from curation.agreement.intervals import Job, Resampler
from curation.agreement.items import Item, entities, triggers
from curation.agreement.tables import f1_score
from curation.model import AnnotationSet

__all__ = ["Steering", "steering"]

Floats: TypeAlias = NDArray[np.float64]
_LAYERS: Mapping[str, Callable[[AnnotationSet], frozenset[Item]]] = {
    "entities": entities,
    "triggers": triggers,
}
Bounds: TypeAlias = tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Steering:
    """Overlap with the proposal in one layer: of assisted and of unassisted work, and between.

    The difference has no interval where one side has none: it would rest on that side too.
    """

    layer: str
    n_sets: tuple[int, int]
    assisted: tuple[float | None, Bounds]
    unassisted: tuple[float | None, Bounds]
    difference: tuple[float | None, Bounds]

    def to_json(self) -> dict[str, Any]:
        """The fields by name, values as `{"value", "ci"}`."""
        rows = {
            name: {"value": value, "ci": None if ci is None else list(ci)}
            for name in ("assisted", "unassisted", "difference")
            for value, ci in [getattr(self, name)]
        }
        return {"layer": self.layer, "n_sets": list(self.n_sets)} | rows


def steering(
    sets: Sequence[AnnotationSet],
    proposal_of: Callable[[AnnotationSet], AnnotationSet | None],
    *,
    seed: int = 0,
    resamples: int = 2000,
) -> list[Steering]:
    """One row a layer; empty where no set has a proposal to be compared with.

    `proposal_of` gives what was proposed for a set's document; whether it was seen is
    `provenance["assisted"]`. Documents are resampled.
    """
    pairs = [(s, p) for s in sets if (p := proposal_of(s)) is not None]
    if not pairs:
        return []
    uids = {uid: i for i, uid in enumerate(sorted({s.uid for s, _ in pairs}))}
    sampler = Resampler(seed, resamples)
    return [_row(layer, pairs, uids, sampler) for layer in _LAYERS]


def _row(
    layer: str,
    pairs: Sequence[tuple[AnnotationSet, AnnotationSet]],
    uids: Mapping[str, int],
    sampler: Resampler,
) -> Steering:
    sums = np.zeros((len(uids), 6))
    sizes = [0, 0]
    for said, proposal in pairs:
        ours, theirs = _LAYERS[layer](said), _LAYERS[layer](proposal)
        side = 0 if said.provenance.get("assisted") else 1
        sizes[side] += 1
        counts = (len(ours & theirs), len(ours), len(theirs))
        sums[uids[said.uid], 3 * side : 3 * side + 3] += counts
    everything = np.ones(len(uids), dtype=np.bool_)
    seen = sums[:, 1:3].sum(axis=1) > 0, sums[:, 4:6].sum(axis=1) > 0
    jobs = [
        Job(sums[:, :3], seen[0], f1_score, 0.0),
        Job(sums[:, 3:], seen[1], f1_score, 0.0),
        Job(sums, everything, lambda s: f1_score(s[..., :3]) - f1_score(s[..., 3:])),
    ]
    total = sums.sum(axis=0)[None, :]
    values = [
        float(v[0]) for v in (f1_score(total[:, :3]), f1_score(total[:, 3:]), jobs[2].score(total))
    ]
    found = [
        (None, None) if np.isnan(value) else (value, interval.bounds)
        for value, interval in zip(values, sampler.intervals(jobs), strict=True)
    ]
    assisted, unassisted, (value, bounds) = found
    if assisted[1] is None or unassisted[1] is None:
        bounds = None
    return Steering(layer, (sizes[0], sizes[1]), assisted, unassisted, (value, bounds))
