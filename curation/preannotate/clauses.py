"""Rough clauses and entity groups of a sentence: what the argument and attribute rules look at."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from itertools import accumulate

from curation.preannotate.extensions import Mention
from curation.preannotate.lexicon import Lexicon
from curation.preannotate.morphology import lemma
from curation.preannotate.participants import (
    MODIFIERS,
    is_listed_verb,
    is_modifier,
    is_owner,
    participants,
)
from curation.preannotate.words import Name, Word

__all__ = ["Group", "Sentence", "analyse"]

_BREAKS = frozenset({",", ";", ":", "–", "—", "|", "…"})
_REACH = 6
_ADJECTIVE_ENDINGS = ("ý", "á", "é", "í", "ú", "ého", "ej", "ou", "ým", "ich", "ych", "ých", "ími")
ATTRIBUTE = "(attribute)"
"""Stands for a preposition where a phrase belongs to another noun and fills no role."""


@dataclass(frozen=True)
class Group:
    """Entities joined by "and" or commas, as one phrase.

    `preposition` is what governs it, "" where nothing does; `owner` says that it is in the
    genitive, as in "Haftar's".
    """

    members: tuple[Name, ...]
    preposition: str
    owner: bool

    @property
    def start(self) -> int:
        """First token."""
        return self.members[0].start

    @property
    def end(self) -> int:
        """One past the last token."""
        return self.members[-1].end

    @property
    def is_date(self) -> bool:
        """It is a time, not a participant."""
        return self.members[0].label_ == "DATE"


@dataclass(frozen=True)
class Sentence:
    """A sentence with its triggers, entity groups and clause numbers per token.

    `doc` has the words of the whole document.
    """

    doc: Sequence[Word]
    start: int
    tokens: Sequence[Word]
    mentions: tuple[Mention, ...]
    groups: tuple[Group, ...]
    clause_of: Sequence[int]

    @property
    def end(self) -> int:
        """One past the last token."""
        return self.start + len(self.tokens)

    def with_mentions(self, mentions: tuple[Mention, ...]) -> Sentence:
        """The same sentence, where more is known of its mentions."""
        return Sentence(self.doc, self.start, self.tokens, mentions, self.groups, self.clause_of)

    def token(self, position: int) -> Word:
        """The token at `position` in the document."""
        return self.tokens[position - self.start]

    def clause(self, position: int) -> int:
        """The number of the clause that the token at `position` (in the document) is in."""
        return self.clause_of[position - self.start]

    def breaks(self, a: int, b: int) -> int:
        """How many clause borders lie between two tokens."""
        return abs(self.clause(a) - self.clause(b))

    def between(self, mention: Mention, group: Group) -> list[Mention]:
        """The other mentions that stand between a trigger and a group."""
        low, high = sorted((mention.start, group.start))
        return [m for m in self.mentions if low < m.start < high and m.start != mention.start]

    def clause_tokens(self, position: int) -> Sequence[Word]:
        """The tokens of the clause around `position`."""
        number = self.clause(position)
        first, last = bisect_left(self.clause_of, number), bisect_right(self.clause_of, number)
        return self.tokens[first:last]


def analyse(
    doc: Sequence[Word],
    span: tuple[int, int],
    mentions: Sequence[Mention],
    entities: Sequence[Name],
    lexicon: Lexicon,
) -> Sentence:
    """Clauses and groups of the sentence that `span` of `doc` is."""
    tokens = doc[span[0] : span[1]]
    triggers = {i for m in mentions if m.form != "participle" for i in range(m.start, m.end)}
    names = participants(tokens, entities, triggers, lexicon)
    named = {i for e in names for i in range(e.start, e.end)}
    groups = tuple(_groups(span[0], names, triggers | named, lexicon))
    inside = {i for g in groups for i in range(g.start, g.end)}
    subordinators = lexicon.group("subordinators")
    borders = [_is_border(t, subordinators) and t.i not in inside for t in tokens]
    return Sentence(doc, span[0], tokens, tuple(mentions), groups, list(accumulate(borders)))


def _is_border(token: Word, subordinators: Set[str]) -> bool:
    text = token.text
    spaced_hyphen = text == "-" and bool(token.whitespace_)
    return spaced_hyphen or text in _BREAKS or token.lower_ in subordinators


def _groups(
    start: int, entities: Sequence[Name], triggers: set[int], lexicon: Lexicon
) -> Iterator[Group]:
    chain: list[Name] = []
    for entity in entities:
        if chain and not _joined(chain[-1], entity, triggers, lexicon):
            yield from _phrases(chain, start, triggers, lexicon)
            chain = []
        chain.append(entity)
    if chain:
        yield from _phrases(chain, start, triggers, lexicon)


def _phrases(
    chain: list[Name], start: int, triggers: set[int], lexicon: Lexicon
) -> Iterator[Group]:
    """One, unless commas alone join people: "in a call with X, Y said"."""
    conjunctions = lexicon.group("conjunctions")
    linked = any(e.doc[e.end].lower_ in conjunctions for e in chain[:-1])
    governed = bool(_preposition(chain[0], start, triggers, lexicon))
    split = len(chain) > 1 and not linked and not _is_list(chain, governed, triggers, lexicon)
    for part in [[e] for e in chain] if split else [chain]:
        yield _group(part, start, triggers, lexicon)


def _is_list(chain: list[Name], governed: bool, triggers: set[int], lexicon: Lexicon) -> bool:
    """Places joined by commas, unless a verb or another case shows that the last one is new."""
    if any(e.label_ in {"PER", "ORG"} for e in chain):
        return False
    last = chain[-1]
    if lexicon.language == "sk" and len(last) == 1 and not last.text.isupper():
        plain = [lemma(e.last.lower_, "sk") == e.last.lower_ for e in chain]
        return plain[-1] == plain[0]
    following = last.doc[last.end : last.end + 1]
    verb = any(t.i in triggers or is_listed_verb(t, lexicon) for t in following)
    return not (governed and verb)


def _joined(left: Name, right: Name, triggers: set[int], lexicon: Lexicon) -> bool:
    """Only "and" or a comma, and perhaps a title, stands between the two."""
    between = left.doc[left.end : right.start]
    if not 1 <= len(between) <= MODIFIERS + 1 or (left.label_ == "DATE") != (
        right.label_ == "DATE"
    ):
        return False
    first, rest = between[0], between[1:]
    if first.text == "," and len(rest) == 0:
        return True
    if (left.label_, right.label_) == ("LOC", "PER") and len(rest):
        return False
    conjunction = first.lower_ in lexicon.group("conjunctions")
    return conjunction and all(is_modifier(t, triggers, lexicon) for t in rest)


def _group(chain: list[Name], start: int, triggers: set[int], lexicon: Lexicon) -> Group:
    preposition = _preposition(chain[0], start, triggers, lexicon)
    if not preposition and lexicon.language == "sk" and _is_genitive(chain[0], triggers, lexicon):
        preposition = ATTRIBUTE
    return Group(tuple(chain), preposition, is_owner(chain[-1], lexicon))


def _is_genitive(entity: Name, triggers: set[int], lexicon: Lexicon) -> bool:
    """Slovak "hovorca Kremľa": a noun, and no adjective, stands before an ORG or LOC."""
    if entity.label_ not in {"ORG", "LOC"} or entity.first.is_sent_start or entity.start == 0:
        return False
    previous = entity.doc[entity.start - 1]
    adjective = previous.text.endswith(_ADJECTIVE_ENDINGS)
    verb = lemma(previous.lower_, "sk").endswith("ť")
    if previous.lower_ in lexicon.group("classifiers"):
        return False
    plain = previous.is_alpha and len(previous) > 3 and not previous.ent_type_ and not verb
    return plain and not adjective and is_modifier(previous, triggers, lexicon)


def _preposition(entity: Name, start: int, triggers: set[int], lexicon: Lexicon) -> str:
    prepositions = lexicon.group("prepositions")
    for position in range(entity.start - 1, max(start, entity.start - _REACH) - 1, -1):
        token = entity.doc[position]
        inside = token.i in triggers
        if token.lower_ in prepositions and not inside:
            if _is_class_of(position, entity, lexicon):
                continue
            if _opens_clause(token, entity, triggers, lexicon):
                return ""
            before = entity.doc[max(position - 1, 0)].lower_
            # "even if" is no preposition, whatever its second word is elsewhere
            return "" if before in lexicon.group("concessive") else str(token.lower_)
        if inside or not is_modifier(token, triggers, lexicon):
            return ""
    return ""


def _opens_clause(token: Word, entity: Name, triggers: set[int], lexicon: Lexicon) -> bool:
    """A word that may be either is no preposition where a verb follows: "after Mali attacked"."""
    if entity.label_ == "DATE" or token.lower_ not in lexicon.group("subordinators"):
        return False
    following = entity.doc[entity.end : entity.end + MODIFIERS]
    return any(t.i in triggers or is_listed_verb(t, lexicon) for t in following)


def _is_class_of(position: int, entity: Name, lexicon: Lexicon) -> bool:
    """Between "town" and its name "of" governs nothing: "in the town of Goma"."""
    linked = entity.doc[position].lower_ in lexicon.group("of_prepositions")
    before = entity.doc[max(position - 1, 0)].lower_
    return linked and position == entity.start - 1 and before in lexicon.group("classifiers")
