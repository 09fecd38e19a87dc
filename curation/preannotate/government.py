"""What an event depends on: somebody plans, demands or denies it, or it lies behind.

Two questions to the words on the left of a trigger. An infinitive: which verb governs it ("promised
to free", "began to fight")? A noun: what governs its phrase ("called for talks", "after talks")?
The words are in the lexicon's `[grammar]`:

- `infinitive_markers`: "to", "att", "å", "te";
- `implicatives`: verbs whose infinitive came about, as "began";
- `light`: verbs that only say that an event takes place, as "hold";
- `background`: words before an event that is there already, as "after" or "end";
- `ahead`: words before one that is still to come, as "inför".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from curation.preannotate.clauses import Sentence
from curation.preannotate.extensions import Mention
from curation.preannotate.lexicon import Lexicon
from curation.preannotate.morphology import PAST_TAGS
from curation.preannotate.timing import is_lasting
from curation.preannotate.words import Word

__all__ = [
    "Status",
    "infinitive_marker",
    "infinitive_status",
    "is_demanded_clause",
    "is_reported_perfect",
    "noun_status",
]

Status = Literal["open", "real", "behind", "lasting", "accused", ""]
"""Still to come or not sure to; took place; was there before; goes on; is alleged; unsaid."""

_REACH = 10
_NEARBY = 3
_STOPS = frozenset({";", ":", ".", "–", "—", "|", "?", "!", "„", "“", "”", '"', "«", "»"})
_WANTED = frozenset({"REQUEST", "THREATEN", "REJECT"})
_REACTIONS = frozenset({"REQUEST", "REJECT", "ACCUSE"})
_PROMISED = frozenset({"RETREAT", "AID", "COOPERATE", "MOBILIZE", "SUPPORT"})
_DISCUSSED = frozenset({"RETREAT", "AID"})
_CONVENED = frozenset({"CONSULT", "PROTEST", "COOPERATE", "AGREE"})
_SAID = frozenset({"REQUEST", "ACCUSE", "THREATEN", "REJECT"})
_DEFINITE_ENDINGS = {"sv": ("et", "en", "na"), "nb": ("en", "et", "ene")}
_PERFECT = frozenset({"have", "ha", "hebben", "zijn", "være", "vara"})


def infinitive_marker(mention: Mention, sentence: Sentence, lexicon: Lexicon) -> int | None:
    """The token position of the "to" before an infinitive, at most two adverbs away."""
    markers = lexicon.group("infinitive_markers")
    low = max(sentence.start, mention.start - 3)
    for position in range(mention.start, low - 1, -1):
        if sentence.token(position).lower_ in markers:
            return position
    return None


def is_reported_perfect(mention: Mention, sentence: Sentence, lexicon: Lexicon) -> bool:
    """What is said to have been: "skal ha angrepet", "is said to have attacked"."""
    if mention.tag not in PAST_TAGS:
        return False
    low = max(sentence.start, mention.start - 4)
    words = [sentence.token(i).lower_ for i in range(low, mention.start)]
    leads = lexicon.group("infinitive_markers") | lexicon.group("hearsay")
    return any(w in _PERFECT and leads.intersection(words[:i]) for i, w in enumerate(words))


def infinitive_status(mention: Mention, sentence: Sentence, lexicon: Lexicon) -> Status:
    """Whether the event of an infinitive is reported or open."""
    marker = infinitive_marker(mention, sentence, lexicon)
    if marker is None:
        return ""
    triggers = {i: m for m in sentence.mentions for i in range(m.start, m.end)}
    for token in _leftwards(sentence, marker):
        if token.lower_ in lexicon.group("implicatives"):
            return "real"
        if token.lower_ in lexicon.group("planned"):
            return "open"
        governor = triggers.get(token.i)
        if governor is not None and governor.start != mention.start:
            return _of_governor(governor, mention)
    return "open"


def _of_governor(governor: Mention, mention: Mention) -> Status:
    if governor.type == "ACCUSE":
        return "accused"
    said = mention.type in _SAID and governor.type not in _WANTED
    return "real" if said and governor.type == "PROTEST" else "open"


def noun_status(mention: Mention, sentence: Sentence, lexicon: Lexicon) -> Status:
    """Whether what governs the phrase of an event noun makes it open, or something past."""
    triggers = {i: m for m in sentence.mentions for i in range(m.start, m.end)}
    subordinators = lexicon.group("subordinators") - lexicon.group("infinitive_markers")
    subordinators -= lexicon.group("prepositions")
    light = False
    for token in _leftwards(sentence, mention.start):
        word = token.lower_
        governor = triggers.get(token.i)
        if governor is not None and (governor.type, governor.tag) == (mention.type, "inf"):
            # "wants to sign an agreement" is one event twice
            if infinitive_status(governor, sentence, lexicon) == "open":
                return "open"
            continue
        if governor is not None and light and governor.tag == "inf":
            return infinitive_status(governor, sentence, lexicon)
        light = light or word in lexicon.group("light")
        if governor is not None:
            return _of_governing_mention(governor, mention, sentence, word, lexicon)
        if word in lexicon.group("background") and not _of_date(token, sentence):
            return _of_background(token, mention, sentence, lexicon)
        if word in lexicon.group("ahead") and mention.type in _CONVENED:
            return "open"
        if word in lexicon.group("planned"):
            return "" if mention.type in _SAID else "open"
        if word in subordinators or word == ",":
            break
    return _of_later_verb(mention, sentence) if lexicon.language == "nl" else ""


def _of_governing_mention(
    governor: Mention, mention: Mention, sentence: Sentence, word: str, lexicon: Lexicon
) -> Status:
    if _is_there_already(governor, mention, sentence, lexicon):
        return "behind"
    planned = word in lexicon.group("planned") and mention.type not in _SAID
    return _of_noun_governor(governor, mention) or ("open" if planned else "")


def _is_there_already(
    governor: Mention, mention: Mention, sentence: Sentence, lexicon: Lexicon
) -> bool:
    """A refused offer or accusation was made; the deal that is supported has been struck."""
    word = sentence.token(mention.start).lower_
    if governor.type == "REJECT":
        return mention.type == "ACCUSE" or word in lexicon.group("tabled")
    if (governor.type, mention.type) != ("SUPPORT", "AGREE"):
        return False
    before = sentence.token(mention.start - 1).lower_
    endings = _DEFINITE_ENDINGS.get(lexicon.language, ())
    return word.endswith(endings) if endings else before in lexicon.group("definites")


def _of_background(token: Word, mention: Mention, sentence: Sentence, lexicon: Lexicon) -> Status:
    """Behind, but a state that somebody reacts to, or wants to end, may go on."""
    if not is_lasting(mention, sentence, lexicon):
        return "behind"
    if token.lower_ in lexicon.group("concurrent"):
        return ""
    wanted = any(
        m.type == "REQUEST" and m.end <= token.i and token.i - m.end <= _NEARBY
        for m in sentence.mentions
    )
    return "lasting" if wanted and token.lower_ in lexicon.group("endings") else "behind"


def _of_later_verb(mention: Mention, sentence: Sentence) -> Status:
    """Dutch puts the verb of a subordinate clause last: "die het vertrek van X eisen"."""
    for other in sentence.mentions:
        same = other.start > mention.end and sentence.breaks(other.start, mention.start) == 0
        if same and other.form == "verb" and other.type == "REQUEST":
            return _of_noun_governor(other, mention)
    return ""


def is_demanded_clause(mention: Mention, sentence: Sentence, lexicon: Lexicon) -> bool:
    """A present verb in what somebody demands: "krever at X løslater Y"."""
    complementizers = lexicon.group("complementizers")
    if mention.tag not in {"pres", "pres-pass", "inf"} or not complementizers:
        return False
    first = next((t for t in sentence.clause_tokens(mention.start) if t.is_alpha), None)
    if first is None or first.lower_ not in complementizers:
        return False
    return any(
        m.type == "REQUEST" and m.end <= first.i and sentence.breaks(m.start, first.i) < _NEARBY
        for m in sentence.mentions
    )


def _of_noun_governor(governor: Mention, mention: Mention) -> Status:
    if governor.type == "THREATEN" and mention.type != "THREATEN":
        return "open"
    if mention.type in _SAID:
        return ""
    wanted = governor.type == "REQUEST" and mention.start - governor.end < _NEARBY
    if mention.type == "ASSAULT" and governor.type in _REACTIONS and not wanted:
        # "demand an inquiry into the killing": violence that somebody reacts to took place
        return "behind"
    if governor.type in _WANTED:
        return "open"
    promised = governor.type == "AGREE" and mention.type in _PROMISED
    discussed = governor.type == "CONSULT" and mention.type in _DISCUSSED
    return "open" if promised or discussed else ""


def _of_date(token: Word, sentence: Sentence) -> bool:
    """It belongs to a time: "since Monday" says nothing about the noun behind it."""
    return any(t.ent_type_ == "DATE" for t in sentence.doc[token.i : token.i + 2])


def _leftwards(sentence: Sentence, position: int) -> Iterator[Word]:
    """The tokens before `position`, nearest first, up to a stop."""
    for index in range(position - 1, max(sentence.start, position - _REACH) - 1, -1):
        token = sentence.token(index)
        if token.text in _STOPS:
            return
        yield token
