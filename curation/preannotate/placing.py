"""Where and when an event was: which places and dates of a sentence belong to which trigger."""

from __future__ import annotations

import re
from collections.abc import Iterable

from curation.preannotate.case import is_instrumental
from curation.preannotate.clauses import Group
from curation.preannotate.extensions import Mention
from curation.preannotate.segments import Scene, Segment

__all__ = [
    "LEAVING",
    "dates_of",
    "distance",
    "is_destination",
    "occasion",
    "places_of",
    "settings_shared",
]

_ISO_DATE = re.compile(r"^\d{4}-\d\d")
LEAVING = frozenset({"RETREAT", "SANCTION", "MOBILIZE"})
"""Types that have the place that is left as their Location."""
_SCENES = frozenset({"ASSAULT", "COERCE", "PROTEST"})
_SAID = frozenset({"ACCUSE", "REQUEST", "REJECT", "THREATEN", "CONCEDE", "SUPPORT"})
"""What is only said has a place of its own only right after it: "warned in Paris"."""
_TO_COME = frozenset({"REQUEST", "THREATEN"})
_MOVING = frozenset({"PROTEST", "CONSULT", "MOBILIZE"})
_NOUN_REACH = 10
_WIDER_WITHIN = 3


def distance(group: Group, mention: Mention) -> int:
    """Tokens between a group and a trigger."""
    return max(group.start - mention.end, mention.start - group.end, 0)


def is_destination(group: Group, mention: Mention, scene: Scene) -> bool:
    """Where somebody travels, or troops are sent, is a Location."""
    places = all(e.label_ == "LOC" for e in group.members)
    moves = mention.type in {"CONSULT", "MOBILIZE"}
    prepositions = scene.lexicon.group("destination_prepositions")
    return moves and places and group.preposition in prepositions


def places_of(mention: Mention, groups: Iterable[Group], scene: Scene) -> list[Group]:
    """The place nearest to a trigger among those that can be its own."""
    if mention.type in _SAID:
        groups = [g for g in groups if 0 <= g.start - mention.end <= 2]
    places = [g for g in groups if is_place(g, mention, scene) and _reaches(g, mention, scene)]
    if not places and mention.form != "noun":
        places = [g for g in groups if _leads(g, mention, scene) and is_place(g, mention, scene)]
    nearest = sorted(places, key=lambda g: distance(g, mention))[:1]
    return [*nearest, *_around(nearest, places, scene)] or _place_of_where(mention, scene)


def _around(nearest: list[Group], places: list[Group], scene: Scene) -> list[Group]:
    """The wider place right after one: "near Djibo in northern Burkina Faso"."""
    return [
        g
        for n in nearest
        for g in places
        if 1 <= g.start - n.end <= _WIDER_WITHIN
        and scene.word_class(n.end) == "prep"
        and scene.token(n.end).lower_ == g.preposition
    ][:1]


def is_place(group: Group, mention: Mention, scene: Scene) -> bool:
    if not any(e.label_ == "LOC" for e in group.members) or _owns_event(group, scene):
        return False
    located = group.preposition in scene.lexicon.group("location_prepositions")
    if mention.type in LEAVING and group.preposition in scene.lexicon.group("source_prepositions"):
        return True
    return (
        located or is_destination(group, mention, scene) or _is_place_in_case(group, mention, scene)
    )


def _owns_event(group: Group, scene: Scene) -> bool:
    """It says whose event it is: "at Britain's request"."""
    return group.owner and any(0 <= m.start - group.end <= 2 for m in scene.sentence.mentions)


def _is_place_in_case(group: Group, mention: Mention, scene: Scene) -> bool:
    """What "visit of Kyiv" and Slovak "marched" with an instrumental say without a preposition."""
    near = 0 <= group.start - mention.end <= 1
    if mention.type == "CONSULT" and mention.form == "noun":
        return near and scene.lexicon.language == "sk" and not group.preposition
    if scene.lexicon.language == "sk":
        return not group.preposition and is_instrumental(group) and mention.type in _MOVING
    return near and group.preposition in scene.lexicon.group("of_prepositions") - {""}


def _place_of_where(mention: Mention, scene: Scene) -> list[Group]:
    """The place before "where": "Vilnius, where he spoke"."""
    segment = scene.segment(mention.start)
    if segment.opener != "where":
        return []
    before = [g for g in scene.sentence.groups if 0 <= segment.body - 1 - g.end <= 2]
    return [g for g in before[-1:] if any(e.label_ == "LOC" for e in g.members)]


def dates_of(mention: Mention, scene: Scene) -> list[Group]:
    """The date nearest to a trigger among those that can be its own."""
    dates = [
        g
        for g in scene.sentence.groups
        if g.is_date and not _is_dateline(g) and not _is_of_saying(g, mention, scene)
    ]
    own = [g for g in dates if _reaches(g, mention, scene)]
    if not own and mention.form != "noun":
        own = [g for g in dates if _stands_alone(g, mention, scene)]
    return sorted(own, key=lambda g: distance(g, mention))[:1]


def _is_dateline(group: Group) -> bool:
    return group.start <= 2 and bool(_ISO_DATE.match(group.members[0].text))


def _is_of_saying(group: Group, mention: Mention, scene: Scene) -> bool:
    """When something was said, not when it was: "said on Sunday they would meet"."""
    verb = group.start - 1 - bool(group.preposition)
    if verb < scene.sentence.start or mention.start < group.start:
        return False
    return scene.token(verb).lower_ in scene.lexicon.group("reporting")


def _stands_alone(group: Group, mention: Mention, scene: Scene) -> bool:
    """In the next segment, which has no event and no verb of its own."""
    near = abs(scene.segment(group.start).index - scene.segment(mention.start).index) == 1
    segment = scene.segment(group.start)
    inside = any(segment.start <= m.start < segment.end for m in scene.sentence.mentions)
    return near and not inside and not segment.has_verb


def _leads(group: Group, mention: Mention, scene: Scene) -> bool:
    """It opens the sentence, set off by a comma: "In Geneva on Monday, Iran agreed"."""
    first = (
        scene.segment(group.start).index == 0 and scene.word_class(scene.sentence.start) == "prep"
    )
    return first and _stands_alone(group, mention, scene)


def _reaches(group: Group, mention: Mention, scene: Scene) -> bool:
    segment = scene.segment(mention.start)
    if not segment.start <= group.start < segment.end:
        return False
    if mention.form == "noun":
        return _reaches_noun(group, mention, segment, scene)
    return _reaches_verb(group, mention, scene)


def _reaches_verb(group: Group, mention: Mention, scene: Scene) -> bool:
    """No other verb trigger stands between, and no noun trigger keeps it for itself."""
    if group.start < mention.start:
        return True
    if scene.verbs_between(mention.start, group.start):
        return False
    return not any(
        _keeps(noun, group, mention, scene) for noun in _nouns_between(mention, group, scene)
    )


def _nouns_between(mention: Mention, group: Group, scene: Scene) -> list[Mention]:
    return [m for m in scene.sentence.between(mention, group) if m.form == "noun"]


def _keeps(noun: Mention, group: Group, mention: Mention, scene: Scene) -> bool:
    """A place, or a date to come, right after a noun is the noun's: "called for a strike on…"."""
    if noun.type == mention.type:
        return False
    if group.is_date:
        return mention.type in _TO_COME and _follows_closely(noun, group, scene)
    return 0 <= group.start - noun.end <= 2


def _follows_closely(noun: Mention, date: Group, scene: Scene) -> bool:
    """Nothing but places stands between a noun and a date."""
    places = [g for g in scene.sentence.groups if noun.end <= g.start and g.end <= date.start]
    filled = sum(g.end - g.start + 1 for g in places)
    return 0 <= date.start - noun.end - filled <= 2


def _reaches_noun(group: Group, noun: Mention, segment: Segment, scene: Scene) -> bool:
    """A noun shares the setting of its clause where no verb has an event of its own."""
    if group.start < noun.start and _is_background(noun, scene):
        return False
    passed = scene.sentence.between(noun, group)
    if any(m.type != noun.type for m in passed if m.form == "verb" or group.start >= noun.end):
        return False
    if group.start >= noun.end and _is_next(group, noun, scene):
        return True
    others = [v for v in segment.verbs if v.type != noun.type]
    return not others or (others[0].type in _SCENES and _is_scene(noun, scene))


def _is_background(noun: Mention, scene: Scene) -> bool:
    """It came before what the clause tells: "expelled the team in 2022 after an invasion"."""
    background = scene.lexicon.group("background") & scene.lexicon.group("prepositions")
    low = max(scene.sentence.start, noun.start - 3)
    return any(scene.token(p).lower_ in background for p in range(low, noun.start))


def _is_scene(noun: Mention, scene: Scene) -> bool:
    """The noun says the circumstances: "killed in an attack"."""
    position = noun.start - 1
    for _ in range(3):
        if position < scene.sentence.start:
            return False
        word = scene.token(position).lower_
        if scene.word_class(position) == "prep":
            return word in scene.lexicon.group("scenes") and noun.type in _SCENES
        position -= 1
    return False


def _is_next(group: Group, noun: Mention, scene: Scene) -> bool:
    if group.is_date and scene.segment(noun.start).verbs:
        verb = scene.segment(noun.start).verbs[0]
        kept = verb.type in _TO_COME and _follows_closely(noun, group, scene)
        return kept or verb.type == noun.type or _is_scene(noun, scene)
    return group.start - noun.end <= _NOUN_REACH and not scene.sentence.between(noun, group)


def settings_shared(mention: Mention, scene: Scene) -> dict[str, list[Mention]]:
    """For Location and Date: the triggers whose setting holds for this one too."""
    segment = scene.segment(mention.start)
    last = _last_before(mention, scene)
    both, leading = [*occasion(mention, scene)], []
    if last is not None and segment.index - scene.segment(last.start).index == 1:
        both += [last] if _shares_scene(mention, last, segment) else []
        leading = [last] if segment.opener == "and" and mention.start == segment.body else []
    dated = [m for m in leading if any(g.start < m.start for g in dates_of(m, scene))]
    return {"Location": both, "Date": both + dated}


def _last_before(mention: Mention, scene: Scene) -> Mention | None:
    """The verb trigger before this one, or the noun of a light verb."""
    index = scene.segment(mention.start).index - 1
    before = [m for m in scene.sentence.mentions if scene.segment(m.start).index == index]
    if mention.form == "noun" or not before:
        return None
    verbs = [m for m in before if m.form == "verb"]
    return verbs[-1] if verbs else before[-1]


def _shares_scene(mention: Mention, last: Mention, segment: Segment) -> bool:
    """An "-ing" clause; or violence against others at the same occasion."""
    if mention.tag == "ing":
        return mention.start == segment.body
    others = segment.opener == "and" and mention.start > segment.body
    return others and {mention.type, last.type} <= _SCENES


def occasion(mention: Mention, scene: Scene) -> list[Mention]:
    """The trigger on the other side of "when", where both tell of one occasion."""
    segment = scene.segment(mention.start)
    near = {}
    for other in scene.sentence.mentions:
        place = scene.segment(other.start)
        later = max(place, segment, key=lambda s: s.index)
        opens = scene.token(later.body - 1).lower_ if later.body > later.start else ""
        if abs(place.index - segment.index) == 1 and opens in scene.lexicon.group("simultaneous"):
            near[other.start] = other
    return [
        m
        for m in near.values()
        if {m.type, mention.type} <= _SCENES or {m.type, mention.type} == {"CONSULT"}
    ]
