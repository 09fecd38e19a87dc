"""What the parts of a dataset have in common: a certificate that anybody can compute again."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from math import log2
from typing import Any

import numpy as np

from curation.splits.forest import Forest
from curation.splits.grouping import EVENT_DAYS, SIMILARITY, WIDTH, same_event
from curation.splits.shingles import Ints
from curation.splits.similar import Near, Pairs, Reading, Shingled, near_pairs, shingled
from curation.splits.stories import Story
from curation.splits.translations import Alike, alike, translations

__all__ = ["DISTANCE", "LeakageCertificate", "NamePair", "TextPair", "certify"]

DISTANCE = "Jensen-Shannon divergence in bits"
"""What tells how far the labels of a part are from those of the whole; from 0 to 1 (Lin 1991)."""
_LISTED = 20
"""Pairs of a kind that a certificate lists; all of them are counted."""
_RARE = 60
"""A shingle in more texts than that brings no pair below the threshold into the list."""
_AT_ONCE = 2_000
_CANDIDATES = 400
_NAMES = 2
"""Names that two Documents must share to be listed for them."""


@dataclass(frozen=True, slots=True)
class TextPair:
    """Two Documents of different parts whose texts have shingles in common.

    `similarity`: part of the shorter text's shingles that the other has; `jaccard`: of all
    shingles of the two; `names` and `events` that both have.
    """

    uids: tuple[str, str]
    parts: tuple[str, str]
    similarity: float
    jaccard: float
    shared: int
    names: tuple[str, ...]
    events: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NamePair:
    """Two Documents of different parts with names, or clues of a translation, in common.

    `score`: their part of what the one with fewer has, by weight; rare ones weigh more.
    """

    uids: tuple[str, str]
    parts: tuple[str, str]
    score: float
    shared: tuple[str, ...]


@dataclass(frozen=True)
class LeakageCertificate:
    """How near the parts come to each other, and how far each is from the whole.

    `above`: pairs of texts whose similarity is above the `threshold`. `nearest`: the pairs with
    the most similar texts. `names`: those that share most names, rare ones above all.
    `translations`: suspects, `suspects` how many there are. `events`: Documents that report what
    another part reports, by type. `labels` and `distances`: by part, then by what is counted.
    """

    threshold: float
    documents: Mapping[str, int]
    above: int
    nearest: tuple[TextPair, ...]
    names: tuple[NamePair, ...]
    translations: tuple[NamePair, ...]
    suspects: int
    events: Mapping[str, int]
    labels: Mapping[str, Mapping[str, Mapping[str, int]]]
    distances: Mapping[str, Mapping[str, float]]

    @property
    def highest(self) -> float:
        """The highest similarity of texts in different parts; 0 where none share a shingle."""
        return self.nearest[0].similarity if self.nearest else 0.0

    @property
    def holds(self) -> bool:
        """Whether no pair is above the threshold and none is suspected to be a translation."""
        return self.above == 0 and self.suspects == 0

    def to_json(self) -> dict[str, Any]:
        """The fields by name, with what is compared how."""
        how = {"shingle": WIDTH, "distance": DISTANCE, "event_days": EVENT_DAYS}
        found = {"holds": self.holds, "highest": self.highest, **how, **asdict(self)}
        return dict(sorted(found.items()))


def certify(
    stories: Sequence[Story],
    parts: Mapping[str, str],
    counts: Mapping[str, Mapping[str, int]],
    *,
    threshold: float = SIMILARITY,
    days: int = EVENT_DAYS,
) -> LeakageCertificate:
    """The certificate of the stories that have a part, by uid; `counts` are their traits.

    The order of the stories does not matter.
    """
    ordered = sorted((s for s in stories if s.uid in parts), key=lambda s: s.uid)
    names = sorted({parts[s.uid] for s in ordered})
    apart = np.array([names.index(parts[s.uid]) for s in ordered], dtype=np.int64)
    above, nearest = _texts(ordered, apart, threshold)
    suspects = [
        t
        for t in translations((s.clues for s in ordered), [s.language for s in ordered])
        if apart[t.first] != apart[t.second]
    ]
    named = alike((s.names for s in ordered), apart, score=0.0, least=_NAMES)

    def listed(found: list[Alike]) -> tuple[NamePair, ...]:
        best = sorted(found, key=lambda t: (-t.weight, t.first, t.second))[:_LISTED]
        return tuple(NamePair(*_who(ordered, parts, t), t.score, t.shared) for t in best)

    return LeakageCertificate(
        threshold=threshold,
        documents=dict(sorted(Counter(parts[s.uid] for s in ordered).items())),
        above=above,
        nearest=tuple(_text_pair(ordered, parts, *pair) for pair in nearest),
        names=listed(named),
        translations=listed(suspects),
        suspects=len(suspects),
        events=_events(ordered, apart, days),
        **_balance({s.uid: parts[s.uid] for s in ordered}, counts),
    )


def _who(ordered: Sequence[Story], parts: Mapping[str, str], pair: Any) -> tuple[Any, Any]:
    uids = (ordered[pair.first].uid, ordered[pair.second].uid)
    return uids, (parts[uids[0]], parts[uids[1]])


_Row = tuple[int, int, int, int, int]
"""Two texts, the shingles they share, those of the shorter, those of the longer."""


def _texts(ordered: Sequence[Story], apart: Ints, threshold: float) -> tuple[int, list[_Row]]:
    """How many pairs are above the threshold, and the nearest ones."""
    (found,) = shingled([s.text for s in ordered], Reading(WIDTH))
    rows: set[_Row] = set()
    for pairs in near_pairs(found, Near(1.0, threshold), apart):
        rows.update(_rows(pairs))
    above = sum(shared > threshold * shorter + 1e-9 for _, _, shared, shorter, _ in rows)
    rows.update(_rows(_below(found, apart)))
    best = sorted(rows, key=lambda r: (-r[2] / r[3], -r[2], r[0], r[1]))
    return above, best[:_LISTED]


def _rows(pairs: Pairs) -> Iterator[_Row]:
    low, high = np.minimum(pairs.first, pairs.second), np.maximum(pairs.first, pairs.second)
    columns = (low, high, pairs.shared, pairs.shorter, pairs.longer)
    return zip(*(column.tolist() for column in columns), strict=True)


def _below(found: Shingled, apart: Ints) -> Pairs:
    """Pairs in different parts that share rare shingles, those that share most of them."""
    rare = found.matrix[:, np.flatnonzero(found.counts <= _RARE)]
    others = rare.T.tocsr()
    kept = [np.zeros((3, 0))]
    for first in range(0, rare.shape[0], _AT_ONCE):
        shared = (rare[first : first + _AT_ONCE] @ others).tocoo()
        i, j = shared.row.astype(np.int64) + first, shared.col.astype(np.int64)
        across = (i < j) & (apart[i] != apart[j])
        i, j = i[across], j[across]
        near = shared.data[across] / np.minimum(found.sizes[i], found.sizes[j])
        best = np.lexsort((j, i, -near))[:_CANDIDATES]
        kept.append(np.stack([-near[best], i[best], j[best]]))
    table = np.concatenate(kept, axis=1)
    best = np.lexsort(table[::-1])[:_CANDIDATES]
    return found.compared(table[1, best].astype(np.int64), table[2, best].astype(np.int64))


def _text_pair(
    ordered: Sequence[Story],
    parts: Mapping[str, str],
    first: int,
    second: int,
    shared: int,
    shorter: int,
    longer: int,
) -> TextPair:
    a, b = ordered[first], ordered[second]
    both = {h.type for h in a.happenings} & {h.type for h in b.happenings}
    events = {
        f"{x.type}: {actor}"
        for x in a.happenings
        for y in b.happenings
        if x.type == y.type and x.type in both
        for actor in x.actors & y.actors
    }
    return TextPair(
        uids=(a.uid, b.uid),
        parts=(parts[a.uid], parts[b.uid]),
        similarity=round(shared / shorter, 4),
        jaccard=round(shared / (shorter + longer - shared), 4),
        shared=shared,
        names=tuple(sorted(a.names & b.names)),
        events=tuple(sorted(events)),
    )


def _events(ordered: Sequence[Story], apart: Ints, days: int) -> dict[str, int]:
    """Documents with reports of one event in two parts, by the type of the event."""
    linked: dict[str, Forest] = {}
    for kind, a, b in same_event(ordered, days):
        linked.setdefault(kind, Forest(len(ordered))).join(a, b)
    found: dict[str, int] = {}
    for kind, forest in sorted(linked.items()):
        members: dict[int, list[int]] = defaultdict(list)
        for number, root in enumerate(forest.roots().tolist()):
            members[root].append(number)
        across = (len(m) for m in members.values() if len(set(apart[m].tolist())) > 1)
        if count := sum(across):
            found[kind] = count
    return found


def _balance(
    parts: Mapping[str, str], counts: Mapping[str, Mapping[str, int]]
) -> dict[str, dict[str, dict[str, Any]]]:
    """Counts of each part by kind and value, and their distances from the whole."""
    whole: dict[str, Counter[str]] = defaultdict(Counter)
    found: dict[str, dict[str, Counter[str]]] = {
        part: defaultdict(Counter) for part in sorted(set(parts.values()))
    }
    for uid, part in parts.items():
        for trait, n in counts.get(uid, {}).items():
            kind, _, value = trait.partition("=")
            found[part][kind][value] += n
            whole[kind][value] += n
    return {
        "labels": {
            part: {kind: dict(sorted(n.items())) for kind, n in sorted(kinds.items())}
            for part, kinds in found.items()
        },
        "distances": {
            part: {kind: round(_divergence(n, whole[kind]), 6) for kind, n in sorted(kinds.items())}
            for part, kinds in found.items()
        },
    }


def _divergence(a: Mapping[str, int], b: Mapping[str, int]) -> float:
    """Jensen-Shannon divergence of two distributions given by counts, in bits."""
    total_a, total_b = sum(a.values()), sum(b.values())
    p = {key: a.get(key, 0) / total_a for key in b}
    q = {key: n / total_b for key, n in b.items()}
    halves = ((x, (x + q[key]) / 2) for key, x in p.items())
    others = ((y, (y + p[key]) / 2) for key, y in q.items())
    return sum(x * log2(x / m) / 2 for x, m in (*halves, *others) if x > 0)
