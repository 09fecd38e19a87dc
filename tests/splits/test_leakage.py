"""Nothing leaks from part to part: planted copies and translations, and what the check says."""

from __future__ import annotations

import json
import random
from collections import Counter
from itertools import combinations

import pytest

from curation.samples import documents_dir
from curation.splits.assignment import Unit, place
from curation.splits.grouping import group
from curation.splits.leakage import certify
from curation.splits.names import clues
from curation.splits.stories import Happening, Story, story_of
from curation.splits.translations import translations
from curation.testing import annotation_set, document

PARTS = {"train": 0.7, "dev": 0.15, "test": 0.15}
WORDS = [f"w{i}" for i in range(4000)]


def changed(words: list[str], share: float, chance: random.Random) -> str:
    """So much of the words replaced, and four paragraphs in another order."""
    new = [chance.choice(WORDS) if chance.random() < share else w for w in words]
    paragraphs = [" ".join(new[i : i + len(new) // 4]) for i in range(0, len(new), len(new) // 4)]
    chance.shuffle(paragraphs)
    return "\n\n".join(paragraphs)


def repeating(seed: int) -> list[Story]:
    """Twelve texts and three copies of each, with 5% to 60% of the words changed, some cut."""
    chance = random.Random(seed)
    made = []
    for number in range(12):
        body = chance.choices(WORDS, k=chance.randint(20, 120))
        made.append(Story(f"{number}", " ".join(body), "en"))
        for copy in range(3):
            kept = body[: chance.randint(len(body) // 2, len(body))] if copy == 2 else body
            text = changed(kept, chance.uniform(0.05, 0.6) if copy else 0.05, chance)
            made.append(Story(f"{number}-{copy}", text, "en"))
    return made


def shared(a: str, b: str) -> float:
    """Part of the shorter text's 5-word shingles that the other has, counted on strings."""

    def shingles(text: str) -> set[tuple[str, ...]]:
        words = text.split()
        return {tuple(words[i : i + 5]) for i in range(len(words) - 4)}

    one, other = shingles(a), shingles(b)
    return len(one & other) / min(len(one), len(other))


@pytest.mark.parametrize("seeds", [range(i, i + 10) for i in range(0, 100, 10)], ids=str)
def test_no_copies_are_in_two_parts(seeds: range) -> None:
    """In 100 seeds, no two texts of different parts share more than half of their shingles."""
    for seed in seeds:
        stories = repeating(seed)
        groups = group(stories).groups
        units = [Unit(s.uid, groups[s.uid], {"length=a": 1}) for s in stories]
        where = {a.uid: a.part for a in place(units, PARTS, seed=seed).assigned}
        across = [(a, b) for a, b in combinations(stories, 2) if where[a.uid] != where[b.uid]]
        assert across
        assert max(shared(a.text, b.text) for a, b in across) <= 0.5
        assert certify(stories, where, {}).holds


def test_the_certificate_finds_what_a_random_split_leaks() -> None:
    """It counts the same pairs above the threshold, and the same highest similarity, as by hand."""
    stories = repeating(7)
    chance = random.Random(1)
    where = {s.uid: chance.choice(list(PARTS)) for s in stories}
    found = certify(stories, where, {}, threshold=0.4)
    across = [
        shared(a.text, b.text) for a, b in combinations(stories, 2) if where[a.uid] != where[b.uid]
    ]
    assert found.above == sum(value > 0.4 for value in across) > 0
    assert found.highest == pytest.approx(max(across), abs=1e-4)
    assert not found.holds
    assert [p.similarity for p in found.nearest] == pytest.approx(
        sorted(across, reverse=True)[: len(found.nearest)], abs=1e-4
    )


def test_the_order_of_the_stories_does_not_matter() -> None:
    """Groups and certificate are the same from any order, and the latter is JSON."""
    stories = repeating(3)
    shuffled = random.Random(1).sample(stories, len(stories))
    assert group(stories) == group(shuffled)
    where = {s.uid: "train" if len(s.uid) > 2 else "test" for s in stories}
    one, other = (json.dumps(certify(s, where, {}).to_json()) for s in (stories, shuffled))
    assert one == other


def sample_stories() -> list[Story]:
    """The sample documents."""
    files = sorted(documents_dir().glob("*.txt"))
    return [Story(f.stem, f.read_text("utf-8"), f.name[:2]) for f in files]


def test_the_translation_among_the_samples_is_found() -> None:
    """One story is there in English and in Dutch; it makes a group, and a suspect across parts."""
    stories = sample_stories()
    groups = group(stories).groups
    assert groups["nl-05-vrachtschip"] == "en-05-freighter"
    where = {s.uid: "train" if s.language == "en" else "test" for s in stories}
    found = certify(stories, where, {})
    assert ("en-05-freighter", "nl-05-vrachtschip") in {p.uids for p in found.translations}
    assert not found.holds


def test_texts_in_one_language_are_no_translations() -> None:
    """Where all texts are in one language, nothing is compared."""
    assert translations([clues("Anna Berg met Tom Falk in Oslo")] * 2, ["en", "en"]) == []


def test_clues_are_the_same_in_two_languages() -> None:
    """Names without endings and accents, numbers without separators, days of a month."""
    english = "On 12 March Peter Šimko paid 1,200 euros in Bratislava."
    slovak = "Peter Šimko zaplatil 12. marca v Bratislave 1 200 eur."
    assert clues(english) & clues(slovak) == {"peter", "simko", "brati", "12", "12 of 3", "1200"}


def happening(uid: str, day: str, *actors: str, place: str = "", kind: str = "CONSULT") -> Story:
    """A Document about one event."""
    places = frozenset({place} - {""})
    event = Happening(kind, frozenset(actors), places)
    return Story(uid, uid, "en", published=day, happenings=(event,))


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (happening("b", "2024-05-04", "anna", "tom"), True),
        (happening("b", "2024-05-05", "anna"), False),
        (happening("b", "2024-05-02", "tom"), False),
        (happening("b", "2024-05-02", "anna", kind="AID"), False),
        (happening("b", "2024-05-02", "anna", place="malmo"), False),
        (happening("b", "2024-05-02", "anna", place="oslo"), True),
        (happening("b", "2024", "anna", place="oslo"), False),
    ],
)
def test_reports_of_one_event_stay_together_on_request(other: Story, same: bool) -> None:
    """The same type, an actor in common, no other place, at most three days between them."""
    stories = [happening("a", "2024-05-01", "anna", place="oslo"), other]
    assert (group(stories, by=["event"]).groups["b"] == "a") == same
    assert group(stories).groups["b"] == "b"


def test_sources_and_revisions() -> None:
    """One address is one Document revised; one source stays together on request only."""
    stories = [
        story_of(document("one", uid="a", source="x", meta={"url": "https://x/1"}), None, None),
        story_of(document("two", uid="b", source="x", meta={"url": "https://x/1"}), None, None),
        story_of(document("three", uid="c", source="x", meta={"url": "https://x/"}), None, None),
        story_of(document("four", uid="d", source="y", meta={"url": "https://x/"}), None, "a"),
    ]
    assert group(stories).groups == {"a": "a", "b": "a", "c": "c", "d": "d"}
    assert group(stories, by=["source"]).groups == {"a": "a", "b": "a", "c": "a", "d": "d"}


def test_events_and_names_in_common_are_shown() -> None:
    """Of a pair: names of both, and events of one type with an actor in common."""
    text = "Anna Berg met Tom Falk in Oslo on Monday and they spoke for an hour about the weather"
    gold = annotation_set(
        text,
        [("Anna Berg", "PER"), ("Monday", "DATE")],
        [("met", "CONSULT", {"Actor": "Anna Berg", "Date": "Monday"})],
    )
    stories = [story_of(document(text, uid=uid), gold, None) for uid in "ab"]
    found = certify(stories, {"a": "x", "b": "y"}, {"a": {"label=PER": 2}, "b": {"label=PER": 1}})
    (pair,) = found.nearest
    assert (pair.names, pair.events) == (("anna berg",), ("CONSULT: anna berg",))
    assert found.labels == {"x": {"label": {"PER": 2}}, "y": {"label": {"PER": 1}}}


def test_distance_is_the_jensen_shannon_divergence() -> None:
    """Hand-computed: a part of label A only, in a whole of A and B: 0.3113 bits."""
    stories = [Story("a", "one", "en"), Story("b", "two", "en")]
    counts = {"a": Counter({"label=A": 1}), "b": Counter({"label=B": 1})}
    found = certify(stories, {"a": "x", "b": "y"}, counts)
    assert found.distances["x"]["label"] == pytest.approx(0.311278, abs=1e-6)


def test_without_documents_there_is_no_leakage() -> None:
    """An empty dataset has a certificate, which holds."""
    assert certify([], {}, {}).holds
    assert group([]).groups == {}
