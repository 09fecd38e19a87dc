"""Near-duplicate clusters."""

import random
from collections.abc import Callable
from unicodedata import normalize

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.ingest.near_duplicates import clusters, similarity


def words(count: int, seed: int) -> list[str]:
    """Random words that no other seed shares."""
    rng = random.Random(seed)
    return [f"w{seed}x{rng.randrange(10_000)}" for _ in range(count)]


def test_similarity_is_the_jaccard_index_of_shingles() -> None:
    """Hand-computed: two-word shingles ab bc cd | ab bc ce share 2 of 4."""
    assert similarity("a b c d", "A b, c e!") == 0.5


def test_similarity_of_longer_texts_uses_longer_shingles() -> None:
    """40 words give 36 shingles of five; one changed word in the middle leaves 31 of 41."""
    a = words(40, 1)
    b = [*a[:20], "changed", *a[21:]]
    assert similarity(" ".join(a), " ".join(b)) == pytest.approx(31 / 41)


@pytest.mark.parametrize(
    ("a", "b", "value"), [("", "", 1), ("!", "?", 0), ("", "a", 0), ("a", "A", 1)]
)
def test_similarity_at_the_edges(a: str, b: str, value: float) -> None:
    """Texts without a word are similar only if they are the same."""
    assert similarity(a, b) == value


def test_copies_with_small_changes_cluster_under_the_smallest_uid() -> None:
    """A corrected copy and one with another end join the original, an unrelated text does not."""
    original = words(300, 1)
    texts = {
        "m": " ".join(original),
        "z": " ".join([*original[:100], "new", *original[101:]]),
        "b": " ".join([*original[:250], *words(50, 2)]),
        "a": " ".join(words(300, 3)),
    }
    assert clusters(texts) == {"a": "a", "b": "b", "m": "b", "z": "b"}


def test_a_text_inside_a_longer_one_joins_it() -> None:
    """A short version of a wire story is a near-duplicate of the long one."""
    long = words(300, 1)
    assert clusters({"a": " ".join(long), "b": " ".join(long[:140])}) == {"a": "a", "b": "a"}


def test_short_texts_cluster_too() -> None:
    """One changed word in ten does not hide a duplicate."""
    a = "Police in Oslo have arrested a man after the attack"
    b = "Police in Oslo have arrested one man after the attack"
    assert clusters({"1": a, "2": b, "3": "Something else happened in another town today"}) == {
        "1": "1",
        "2": "1",
        "3": "3",
    }


def test_equal_texts_without_words_cluster() -> None:
    """Texts with nothing to compare are joined only if they are the same; empty input is fine."""
    assert clusters([("b", "…"), ("a", "…"), ("c", "!")]) == {"a": "a", "b": "a", "c": "c"}
    assert clusters({}) == {}


def test_clusters_are_transitive() -> None:
    """A near B and B near C puts all three together."""
    base = words(200, 1)
    middle = [*base[:150], *words(50, 2)]
    end = [*base[50:150], *words(50, 2), *words(50, 3)]
    found = clusters({"a": " ".join(base), "b": " ".join(middle), "c": " ".join(end)})
    assert similarity(" ".join(base), " ".join(end)) < 0.5
    assert set(found.values()) == {"a"}


@pytest.mark.parametrize("threshold", [0.3, 0.5, 0.8])
def test_pairs_at_the_threshold_are_found(threshold: float) -> None:
    """Of 60 pairs just above the threshold at most two are missed, and none below is joined."""
    texts = {}
    for pair in range(60):
        base = words(200, 2 * pair)
        # s shared shingles of n in each: s / (2n - s) = threshold.
        shared = round(2 * 196 * threshold / (1 + threshold)) + 6
        texts[f"{pair:02}a"] = " ".join(base)
        texts[f"{pair:02}b"] = " ".join([*base[:shared], *words(200 - shared, 2 * pair + 1)])
    found = clusters(texts, threshold=threshold)
    assert len(set(found.values())) <= 62
    assert all(cluster[:2] == uid[:2] for uid, cluster in found.items())


@settings(derandomize=True, max_examples=25, deadline=None)
@given(st.randoms(use_true_random=False))
def test_the_order_of_the_texts_does_not_matter(rng: random.Random) -> None:
    """Any order gives the same clusters."""
    base = words(80, 1)
    texts = {str(i): " ".join([*base[: 80 - 5 * i], *words(5 * i, i + 2)]) for i in range(8)}
    shuffled = list(texts.items())
    rng.shuffle(shuffled)
    assert clusters(shuffled) == clusters(texts)


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("e", "e\u00ad"),
        lambda text: text.replace(" ", " \u200b").replace("o", "o\u200d"),
        lambda text: normalize("NFD", text),
    ],
    ids=["soft hyphens", "zero width", "decomposed"],
)
def test_what_nobody_sees_makes_no_other_text(change: Callable[[str], str]) -> None:
    """A copy with invisible characters, or with accents of their own, is a copy."""
    text = "Predseda vlády povedal, že dohoda sa podpíše v utorok v Košiciach. " * 3
    assert clusters({"a": text, "b": change(text)}) == {"a": "a", "b": "a"}
    assert similarity(text, change(text)) == 1
