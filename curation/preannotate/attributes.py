"""The spaCy component that sets polarity, tense, modality and genericity of event mentions.

Cue words of the clause, from the lexicon's `[grammar]`, and the form of the trigger itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from spacy.tokens import Doc

from curation.preannotate.arguments import sentences_of
from curation.preannotate.clauses import Sentence
from curation.preannotate.extensions import Mention, add_factory, update_mentions
from curation.preannotate.government import (
    Status,
    infinitive_status,
    is_demanded_clause,
    is_reported_perfect,
    noun_status,
)
from curation.preannotate.lexicon import Lexicon, load_lexicon
from curation.preannotate.morphology import PAST_TAGS, lemma, verb_tag
from curation.preannotate.timing import (
    is_completed_headline,
    is_dated_back,
    is_past_verb,
    is_scheduled,
    is_under_way,
    progressive_tense,
)
from curation.preannotate.words import Word

__all__ = ["describe"]

COMPONENT = "curation_attributes"
NEGATION_REACH = 4
_NEAR = 8
_GOVERNING = frozenset({"REQUEST", "THREATEN", "REJECT"})
_SPOKEN = frozenset({"REQUEST", "ACCUSE", "THREATEN"})
_UNMARKED = frozenset({"", "inf"})
_CONVENED = frozenset({"CONSULT", "PROTEST", "COOPERATE"})
_TO_COME = _CONVENED | {"RETREAT", "MOBILIZE", "AID"}
_DEFINITE_ENDINGS = {"sv": ("en", "et", "na"), "nb": ("en", "et", "ene")}
_NEGATION_FOLLOWS = frozenset({"sv", "nb", "nl"})


def make_attributes(language: str) -> Callable[[Doc], Doc]:
    """The component for `language`."""
    lexicon = load_lexicon(language)
    return lambda doc: update_mentions(doc, describe(doc, lexicon))


add_factory(COMPONENT, make_attributes)


def describe(doc: Doc, lexicon: Lexicon) -> Iterator[Mention]:
    """The document's mentions with their attributes."""
    for sentence in sentences_of(doc, lexicon):
        for mention in sentence.mentions:
            yield mention.described(_attributes(mention, sentence, lexicon))


def _attributes(mention: Mention, sentence: Sentence, lexicon: Lexicon) -> dict[str, str]:
    clause = sentence.clause_tokens(mention.start)
    before = clause[: mention.start - clause[0].i]
    tense, unreal = _time_and_certainty(mention, sentence, clause, before, lexicon)
    other = unreal or tense == "future"
    negative = _is_negated(mention, clause, sentence.doc, lexicon)
    generic = _has(clause, "generic", lexicon)
    return {
        "polarity": "negative" if negative else "positive",
        "tense": tense,
        "modality": "other" if other else "asserted",
        "genericity": "generic" if generic else "specific",
    }


def _time_and_certainty(
    mention: Mention,
    sentence: Sentence,
    clause: Sequence[Word],
    before: Sequence[Word],
    lexicon: Lexicon,
) -> tuple[str, bool]:
    """The tense, and whether the event is anything but reported as a fact."""
    if is_reported_perfect(mention, sentence, lexicon):
        return "past", True
    status = _status(mention, sentence, lexicon)
    known = _placed(mention, sentence, clause, status, lexicon)
    if known is not None:
        return known
    if _is_premise(clause, lexicon):
        return _in_premise(mention, clause, lexicon)
    unreal = _is_unreal(mention, sentence, clause, before, lexicon)
    tense = _tense_in_print(mention, sentence, clause, before, lexicon)
    if status == "open":
        return "future", True
    if status == "accused":
        return tense, True
    if unreal and mention.tag in _UNMARKED and _is_governed(mention, sentence):
        tense = "future"
    return tense, unreal


def _placed(
    mention: Mention,
    sentence: Sentence,
    clause: Sequence[Word],
    status: Status,
    lexicon: Lexicon,
) -> tuple[str, bool] | None:
    """Where other words than the verb's form tell the time."""
    if status == "behind":
        return "past", False
    if is_scheduled(mention, clause, lexicon) or _is_awaited(mention, clause, lexicon):
        return "future", True
    goes_on = status == "lasting" or is_under_way(mention, sentence, clause, lexicon)
    if status != "open" and goes_on:
        return "present", _has(clause, "hypothetical", lexicon)
    return ("past", False) if is_dated_back(mention, sentence, lexicon) else None


def _tense_in_print(
    mention: Mention,
    sentence: Sentence,
    clause: Sequence[Word],
    before: Sequence[Word],
    lexicon: Lexicon,
) -> str:
    """The tense of the verb; a headline in the present tells what has been done."""
    tense = progressive_tense(mention, sentence)
    tense = tense or _tense(mention, sentence, clause, before, lexicon)
    act = tense == "present" and mention.form == "verb" and mention.tag != "ing"
    return "past" if act and is_completed_headline(mention, sentence) else tense


def _is_premise(clause: Sequence[Word], lexicon: Lexicon) -> bool:
    """The clause begins with "if"."""
    return _first_word(clause) in lexicon.group("conditionals")


def _is_awaited(mention: Mention, clause: Sequence[Word], lexicon: Lexicon) -> bool:
    """A present verb after "until", any verb after Slovak "aby"."""
    if mention.form != "verb":
        return False
    first = _first_word(clause)
    present = mention.tag in {"pres", "pres-pass"}
    awaited = present and first in lexicon.group("terminatives")
    return awaited or first in lexicon.group("subjunctive")


def _first_word(clause: Sequence[Word]) -> str:
    return next((t.lower_ for t in clause if t.is_alpha), "")


def _in_premise(mention: Mention, clause: Sequence[Word], lexicon: Lexicon) -> tuple[str, bool]:
    """What may happen; a definite noun is there already: "if the talks fail"."""
    if mention.form != "noun":
        return "future", True
    definite = lexicon.group("definites")
    near = [t for t in clause if 0 < mention.start - t.i <= 3]
    word = clause[mention.start - clause[0].i].lower_
    known = any(t.lower_ in definite for t in near) or word.endswith(
        _DEFINITE_ENDINGS.get(lexicon.language, ("\0",))
    )
    return ("present", False) if known else ("future", True)


def _status(mention: Mention, sentence: Sentence, lexicon: Lexicon) -> Status:
    if mention.form == "noun":
        return noun_status(mention, sentence, lexicon)
    if is_demanded_clause(mention, sentence, lexicon):
        return "open"
    if mention.tag == "inf":
        return infinitive_status(mention, sentence, lexicon)
    return ""


def _has(tokens: Sequence[Word], group: str, lexicon: Lexicon) -> bool:
    """A cue word outside names; "next month" tells the future, "May" no possibility."""
    words = lexicon.group(group)
    entities = {"", "DATE"} if group == "future" else {""}
    return any([t.ent_type_ in entities for t in tokens if t.lower_ in words])  # noqa: C419 - a list is quicker


def _is_negated(
    mention: Mention, clause: Sequence[Word], doc: Sequence[Word], lexicon: Lexicon
) -> bool:
    negators = lexicon.group("negators")
    reach = NEGATION_REACH
    near = [t for t in clause if 0 < mention.start - t.i <= reach]
    if mention.form == "noun":
        if _is_called_off(mention, clause, lexicon):
            return True
        near = _of_phrase(near, lexicon)
    else:
        if _is_left_undone(mention, doc, lexicon):
            return True
        near = near[-1:] if mention.form == "participle" else near
        near = [t for t in near if t.lower_ not in lexicon.group("without")]
    if lexicon.language in _NEGATION_FOLLOWS and mention.form == "verb":
        near += [t for t in clause if 0 <= t.i - mention.end < reach]
    if any(t.lower_ in negators for t in near):
        return True
    return lexicon.language == "sk" and any(
        _negative_verb(t, lexicon) for t in (*near, doc[mention.start])
    )


def _is_left_undone(mention: Mention, doc: Sequence[Word], lexicon: Lexicon) -> bool:
    """As in "without signing", "zonder te tekenen", "utan att underteckna"; "yet to sign"."""
    markers = lexicon.group("infinitive_markers")
    leads = [t.lower_ for t in doc[max(0, mention.start - 2) : mention.start + 1]]
    without = lexicon.group("without")
    for lead, word in pairwise(leads):
        if word in markers and (lead in without or lead in lexicon.group("pending")):
            return True
    return mention.tag == "ing" and not without.isdisjoint(leads)


def _of_phrase(near: Sequence[Word], lexicon: Lexicon) -> list[Word]:
    """What is left of a noun up to a preposition: "not invited to the summit" denies no summit."""
    kept: list[Word] = []
    borders = lexicon.group("prepositions") - lexicon.group("transparent")
    for token in reversed(near):
        marker = token.lower_ in lexicon.group("infinitive_markers") and not _opens_noun(
            kept, lexicon
        )
        kept.append(token)
        if (token.lower_ in borders and not marker) or token.lower_ in _joining(lexicon):
            break
    return kept


def _joining(lexicon: Lexicon) -> frozenset[str]:
    return lexicon.group("conjunctions") - lexicon.group("negators")


def _opens_noun(following: Sequence[Word], lexicon: Lexicon) -> bool:
    """A noun follows at once, so that "to" is a preposition."""
    return not following or following[-1].lower_ in lexicon.group("determiners")


def _is_called_off(mention: Mention, clause: Sequence[Word], lexicon: Lexicon) -> bool:
    """As in "the talks were cancelled", "did not take place"."""
    words = [t.lower_ for t in clause if t.i >= mention.end]
    if mention.type in _CONVENED and not lexicon.group("cancelled").isdisjoint(words):
        return True
    negators, light = lexicon.group("negators"), lexicon.group("light")
    return any(
        word in negators and not light.isdisjoint(words[i + 1 : i + 4])
        for i, word in enumerate(words)
    )


def _negative_verb(token: Word, lexicon: Lexicon) -> bool:
    """Slovak writes the negation of a verb on it: "nerokoval"."""
    word = token.lower_
    if not word.startswith("ne") or len(word) < 5:
        return False
    bare = word[2:]
    if any(bare in lexicon.group(g) for g in ("modals", "auxiliaries", "planned", "future")):
        return True
    if lemma(bare, lexicon.language) in lexicon.group("light"):
        return True
    own = lexicon.words.get(word)
    return not own and any(s.form != "noun" for s in lexicon.senses(bare))


def _tense(
    mention: Mention,
    sentence: Sentence,
    clause: Sequence[Word],
    before: Sequence[Word],
    lexicon: Lexicon,
) -> str:
    if _has(_governors(mention, sentence, clause, before, lexicon), "future", lexicon):
        return "future"
    if mention.form == "verb" and mention.tag not in {"inf", "ing"}:
        return _finite_tense(mention, clause, lexicon)
    if mention.tag == "inf" and _has(before, "planned", lexicon):
        return "future"
    if mention.tag == "inf" and _is_bare_present(before, lexicon):
        return "present"
    return _clause_tense(clause, lexicon, default="past")


def _governors(
    mention: Mention,
    sentence: Sentence,
    clause: Sequence[Word],
    before: Sequence[Word],
    lexicon: Lexicon,
) -> Sequence[Word]:
    """Auxiliaries stand before a verb; a noun may have them on either side."""
    if mention.form == "verb" and mention.tag == "past" and lexicon.language != "en":
        return ()
    if mention.form == "verb" and mention.tag == "pres":
        return [t for t in clause if t.ent_type_ == "DATE"]
    if mention.form == "verb":
        return clause if mention.tag == "inf" else before
    if _may_be_to_come(mention, sentence, lexicon):
        return _until_next_verb(mention, clause, lexicon)
    return _without_later_verbs(mention, clause)


def _may_be_to_come(mention: Mention, sentence: Sentence, lexicon: Lexicon) -> bool:
    """As in "the talks will", "the attack will take place"; but "the threats will not stop us"."""
    if mention.type in _TO_COME:
        return True
    following = sentence.doc[mention.end : min(sentence.end, mention.end + _NEAR)]
    return any(t.lower_ in lexicon.group("light") for t in following)


def _without_later_verbs(mention: Mention, clause: Sequence[Word]) -> Sequence[Word]:
    return [t for t in clause if t.i < mention.start or t.ent_type_ == "DATE"]


def _until_next_verb(mention: Mention, clause: Sequence[Word], lexicon: Lexicon) -> Sequence[Word]:
    """Up to an "and" that joins no names: what follows is said of something else."""
    conjunctions = lexicon.group("conjunctions")
    for index, token in enumerate(clause):
        joins = token.i >= mention.end and token.lower_ in conjunctions
        if joins and clause[min(index + 1, len(clause) - 1)].ent_iob_ not in {"B", "I"}:
            return clause[:index]
    return clause


def _is_bare_present(before: Sequence[Word], lexicon: Lexicon) -> bool:
    """English and Dutch plurals look like infinitives; no "to" and no auxiliary tells them."""
    leads = lexicon.group("infinitive_leads")
    return bool(leads) and not any(t.lower_ in leads for t in before)


def _finite_tense(mention: Mention, clause: Sequence[Word], lexicon: Lexicon) -> str:
    if mention.tag in PAST_TAGS:
        auxiliary = mention.passive and not mention.tag.endswith("-pass")
        present_passive = auxiliary and _has(clause, "present", lexicon)
        past = _has(clause, "past", lexicon)
        return "present" if present_passive and not past else "past"
    if lexicon.language == "sk" and mention.lemma in lexicon.group("perfective"):
        return "future"
    return "present"


def _clause_tense(clause: Sequence[Word], lexicon: Lexicon, *, default: str) -> str:
    if _has(clause, "past", lexicon) or any(is_past_verb(t, lexicon) for t in clause):
        return "past"
    if any(_is_perfective_present(t, lexicon) for t in clause):
        return "future"
    return "present" if _has(clause, "present", lexicon) else default


def _is_perfective_present(token: Word, lexicon: Lexicon) -> bool:
    """Slovak perfective verbs have a future where others have a present."""
    perfective = lexicon.group("perfective")
    if not perfective or not token.is_alpha or token.lower_ in perfective:
        return False
    return lemma(token.lower_, "sk") in perfective and verb_tag(token.lower_, "sk") == "pres"


def _is_unreal(
    mention: Mention,
    sentence: Sentence,
    clause: Sequence[Word],
    before: Sequence[Word],
    lexicon: Lexicon,
) -> bool:
    if _has(before, "modals", lexicon):
        return True
    if mention.form != "noun" and _has(before, "planned", lexicon):
        return True
    if _has(clause, "hypothetical", lexicon):
        return True
    if mention.form == "verb" and mention.tag in PAST_TAGS | {"pres", "pres-pass"}:
        return False
    if mention.tag == "inf" and lexicon.language == "sk" and _has(before, "hearsay", lexicon):
        return True
    spoken = mention.type in _SPOKEN or mention.form == "noun"
    return not spoken and _is_governed(mention, sentence)


def _is_governed(mention: Mention, sentence: Sentence) -> bool:
    """It is what somebody demands, threatens with or refuses."""
    return any(
        m.type in _GOVERNING
        and m.end <= mention.start
        and sentence.breaks(m.start, mention.start) <= 1
        for m in sentence.mentions
    )
