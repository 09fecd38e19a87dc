"""Phrases of a stretch of words: names, nouns and pronouns, and what prepositions govern."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from curation.preannotate.clauses import Group
from curation.preannotate.segments import Scene

__all__ = ["Phrase", "bare_phrases", "is_possessed"]

_POSSESSIVES = frozenset({"'s", "’s", "'", "’"})
Phrase = Group | int
"""A group of names, or the position of a noun or pronoun that is no name."""


def bare_phrases(start: int, stop: int, scene: Scene) -> Iterator[Phrase]:
    """Phrases from `start` up to `stop` that no preposition governs, and no verb is in between."""
    reader = _Reader(scene)
    starts = {g.start: g for g in scene.sentence.groups}
    position = start
    while position < stop:
        group = starts.get(position)
        if group is not None:
            reader.group(group)
            position = group.end
            continue
        reader.word(position)
        position += 1
    yield from reader.found


class _Reader:
    """Reads words from left to right and collects the phrases that stand alone."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.found: list[Phrase] = []
        self.governed = False
        self.complete = False
        self.open = False
        self.joined = False

    def group(self, group: Group) -> None:
        """A date ends what was before; a name takes the place of its title."""
        titled = (self.open or self.joined) and not group.preposition
        self.open = self.governed = self.complete = self.joined = False
        if group.is_date or group.preposition or is_possessed(group, self.scene):
            return
        if titled and self.found and isinstance(self.found[-1], int):
            self.found.pop()
        self.found.append(group)
        # "Haftar's troops", "RSF units": who owns the noun after the name acts
        self.open = self._owns(group) and _is_noun_after(group, self.scene)

    def _owns(self, group: Group) -> bool:
        compound = self.scene.lexicon.language == "en" and group.members[-1].label_ != "PER"
        return group.owner or compound

    def word(self, position: int) -> None:
        """Any word that is no name that can fill a role."""
        token = self.scene.token(position)
        if token.ent_type_ or token.text in _POSSESSIVES:
            return
        verb = position in self.scene.verbal
        kind = "" if verb else self.scene.word_class(position)
        step = _STEPS.get(kind)
        if step is not None:
            step(self, position)
            return
        self.open = self.joined = False
        if not kind:
            self.governed = self.complete = False

    def _noun(self, position: int) -> None:
        if self.governed:
            self.complete = True
        elif not self.open:
            if not self.joined:
                self.found.append(position)
            self.open = True

    def _determiner(self, _: int) -> None:
        self.open = False
        if self.complete:
            self.governed = self.complete = False

    def _conjunction(self, position: int) -> None:
        """What "and" adds to a phrase is part of it: "Boeing and its union"."""
        last = self.found[-1] if self.found else -1
        ends_here = isinstance(last, Group) and last.end == position
        self.joined = ends_here or self.open
        self.open = False

    def _preposition(self, _: int) -> None:
        self.open, self.governed, self.complete = False, True, False

    def _pronoun(self, position: int) -> None:
        reflexive = self.scene.token(position).lower_ in self.scene.lexicon.group("reflexives")
        if not self.governed and not reflexive:
            self.found.append(position)
        self.open = self.governed = self.complete = False


# Not in each reader: it and its methods would refer to each other, and outlive their use.
_STEPS: Mapping[str, Callable[[_Reader, int], None]] = {
    "word": _Reader._noun,
    "det": _Reader._determiner,
    "prep": _Reader._preposition,
    "pron": _Reader._pronoun,
    "conj": _Reader._conjunction,
}


def _is_noun_after(group: Group, scene: Scene) -> bool:
    """A word that may be a noun follows the group, perhaps after "'s"."""
    end = scene.sentence.start + len(scene.sentence.tokens)
    following = group.end
    while following < end and scene.token(following).text in _POSSESSIVES:
        following += 1
    if following >= end or scene.token(following).ent_type_:
        return False
    return scene.word_class(following) == "word" and following not in scene.verbal


def is_possessed(group: Group, scene: Scene) -> bool:
    """Dutch "van" before it, which may have a title before it and is no preposition elsewhere."""
    if scene.lexicon.language != "nl":
        return False
    for position in range(group.start - 1, max(scene.sentence.start, group.start - 3) - 1, -1):
        if scene.token(position).lower_ == "van":
            return True
        if scene.word_class(position) != "det":
            return False
    return False
