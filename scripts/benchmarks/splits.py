"""Splits: speed of clustering and of splitting, recall and precision of what was put in.

`repeats` and `stories` of benchmarks.news make the texts; the score of translations was chosen on
`held_out=False` and is measured on `held_out=True`. Needs datasketch, which is no dependency.
"""

from __future__ import annotations

import os
import re
import resource
import subprocess
import sys
import time
from collections import Counter, defaultdict
from itertools import combinations
from pathlib import Path

from benchmarks.news import Corpus, repeats, stories

PARTS = {"train": 0.7, "dev": 0.15, "test": 0.15}
THEIRS = 4_000
"""Documents that datasketch gets, of the same ones."""
PERMUTATIONS = 128
SPLIT_LIMIT_S, MEMORY_LIMIT_MB = 60.0, 2048.0
CODE = """
import sys
sys.path[:0] = [sys.argv[1], sys.argv[1] + "/scripts"]
from benchmarks.splits import alone
alone(int(sys.argv[2]))
"""


def rows(count: int = 100_000) -> list[dict]:
    """Rows of `scripts/bench splits` for `count` documents of 300 words."""
    clustering, memory, splitting = _alone(count)
    corpus = repeats(THEIRS, seed=2)
    theirs = {name: _seconds(lambda f=f: f(corpus.texts)) for name, f in DATASKETCH.items()}
    found = [
        _row(
            f"clustering {count:,} documents of 300 words",
            clustering,
            f"datasketch, {name}, for so many",
            took * count / THEIRS,
            count,
        )
        for name, took in theirs.items()
    ]
    found.append(_row("splitting them", splitting, "limit", SPLIT_LIMIT_S, count))
    found.append(_row("peak memory of both in MB", memory, "limit", MEMORY_LIMIT_MB, count))
    found += _near_duplicates(corpus)
    for n in (50, 5_000, 50_000):
        found.append(_translations(stories(n, seed=6, held_out=True)))
    return found


def _row(what: str, ours: float, other: str, theirs: float, n: int, **more: float) -> dict:
    made = {"what": what, "ours_s": round(ours, 3), "other": other, "other_s": round(theirs, 3)}
    return made | {"ratio": round(theirs / ours, 3) if ours else None, "n": n} | more


def _seconds(run: object) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def _alone(count: int) -> list[float]:
    """Clustering, memory and splitting in a process of its own."""
    root = str(Path(__file__).resolve().parents[2])
    made = subprocess.run(
        [sys.executable, "-c", CODE, root, str(count)],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        env=dict(os.environ),
    )
    return [float(line) for line in made.stdout.split()]


def alone(count: int) -> None:
    """Print seconds of clustering, peak memory in MB, seconds of splitting: groups and parts."""
    import random

    from curation.ingest.near_duplicates import clusters
    from curation.splits.assignment import Unit, place
    from curation.splits.grouping import group
    from curation.splits.stories import Story

    corpus, chance = repeats(count, seed=1), random.Random(1)
    clustering = _seconds(lambda: clusters(corpus.texts))
    stories_ = [Story(u, t, chance.choice(("en", "sk"))) for u, t in corpus.texts.items()]
    labels = [f"label={i}" for i in range(20)]
    traits = {
        u: Counter(chance.choices(labels, range(1, 21), k=chance.randint(3, 15)))
        for u in corpus.texts
    }

    def split() -> None:
        groups = group(stories_).groups
        units = [Unit(u, groups[u], traits[u]) for u in corpus.texts]
        assert len(place(units, PARTS, seed=1).assigned) == count

    splitting = _seconds(split)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(clustering, memory, splitting)


def _tokens(text: str) -> set[bytes]:
    words = re.findall(r"\w+", text.casefold())
    return {" ".join(words[i : i + 5]).encode() for i in range(len(words) - 4)}


def _update_batch(texts: dict[str, str]) -> dict[str, list[str]]:
    """As its documentation shows, with `update_batch`."""
    from datasketch import MinHash, MinHashLSH

    index, hashes = MinHashLSH(threshold=0.5, num_perm=PERMUTATIONS), {}
    for uid, text in texts.items():
        hashes[uid] = MinHash(num_perm=PERMUTATIONS)
        hashes[uid].update_batch(list(_tokens(text)))
        index.insert(uid, hashes[uid])
    return {uid: index.query(made) for uid, made in hashes.items()}


def _bulk(texts: dict[str, str]) -> dict[str, list[str]]:
    """Its quickest way: `MinHash.bulk` and an insertion session."""
    from datasketch import MinHash, MinHashLSH

    index = MinHashLSH(threshold=0.5, num_perm=PERMUTATIONS)
    hashes = MinHash.bulk([_tokens(t) for t in texts.values()], num_perm=PERMUTATIONS)
    with index.insertion_session() as session:
        for uid, made in zip(texts, hashes, strict=True):
            session.insert(uid, made)
    return {uid: index.query(made) for uid, made in zip(texts, hashes, strict=True)}


DATASKETCH = {"update_batch": _update_batch, "bulk": _bulk}


def _near_duplicates(corpus: Corpus) -> list[dict]:
    """Pairs of one group against the planted ones that share half of their shingles, and all."""
    from curation.splits.grouping import group
    from curation.splits.stories import Story

    start = time.perf_counter()
    groups = group([Story(u, t, "en") for u, t in corpus.texts.items()]).groups
    took = time.perf_counter() - start
    ours = _pairs(groups)
    near = {p for p in corpus.pairs if _shared(*(corpus.texts[u] for u in p)) >= 0.5}
    asked = _update_batch(corpus.texts)
    theirs = {(min(a, b), max(a, b)) for a, found in asked.items() for b in found if a != b}
    made = []
    for name, found in (("ours", ours), ("datasketch", theirs)):
        made.append(
            _row(
                f"near-duplicates put in with half of their shingles left: {name}",
                took,
                "of all put in, found",
                len(found & corpus.pairs) / len(corpus.pairs),
                len(near),
                recall=round(len(found & near) / len(near), 4),
                precision=round(len(found & corpus.pairs) / max(1, len(found)), 4),
            )
        )
        made[-1]["ratio"] = None
    return made


def _shared(a: str, b: str) -> float:
    one, other = _tokens(a), _tokens(b)
    return len(one & other) / min(len(one), len(other))


def _pairs(groups: dict[str, str]) -> set[tuple[str, str]]:
    members = defaultdict(list)
    for uid, found in groups.items():
        members[found].append(uid)
    return {pair for uids in members.values() for pair in combinations(sorted(uids), 2)}


def _translations(corpus: Corpus) -> dict:
    from curation.splits.names import clues
    from curation.splits.translations import translations

    uids = list(corpus.texts)
    start = time.perf_counter()
    made = translations(map(clues, corpus.texts.values()), [corpus.languages[u] for u in uids])
    took = time.perf_counter() - start
    found = {tuple(sorted((uids[t.first], uids[t.second]))) for t in made}
    right = len(found & corpus.pairs)
    return _row(
        f"translations among {len(uids):,} documents",
        took,
        "pairs put in",
        len(corpus.pairs),
        len(uids),
        recall=round(right / len(corpus.pairs), 4),
        precision=round(right / max(1, len(found)), 4),
    )
