"""Who does what a verb says: subject, object, agent, and what infinitives take from above."""

from __future__ import annotations

from collections.abc import Mapping

from curation.preannotate.case import is_adjective, is_instrumental, is_oblique
from curation.preannotate.clauses import Group
from curation.preannotate.extensions import Mention
from curation.preannotate.phrases import bare_phrases, is_possessed
from curation.preannotate.placing import LEAVING, is_destination
from curation.preannotate.segments import Scene, Segment
from curation.preannotate.subjects import (
    antecedent,
    governor_of,
    is_object_relative,
    members_of,
    subject_of,
)

__all__ = ["may_receive", "participle_roles", "verb_roles"]

Roles = dict[str, list[Group]]
_TARGETING = frozenset({"ASSAULT", "SANCTION", "AID", "THREATEN", "REQUEST", "ACCUSE"})
_ADDRESSING = frozenset({"REQUEST", "ACCUSE"})
_ONE_SIDED = frozenset({"MOBILIZE", "PROTEST", "RETREAT", "AID", "COERCE", "REQUEST", "SUPPORT"})
_MARKER_WITHIN = 4


def participle_roles(mention: Mention, groups: list[Group], scene: Scene) -> Roles:
    """Who is it done to: "the murdered journalist X"; Slovak names the agent after it."""
    if scene.lexicon.language != "sk":
        following = [g for g in groups if 0 <= g.start - mention.end <= 2]
        return {"Actor": [], "Recipient": following[:1]}
    after = [g for g in groups if 0 <= g.start - mention.end <= 2 and not g.preposition]
    before = [g for g in groups if 0 <= mention.start - g.end <= 2 and not g.preposition]
    return {"Actor": after[:1], "Recipient": before[-1:]}


def verb_roles(
    mention: Mention, groups: list[Group], scene: Scene, done: Mapping[int, Roles]
) -> Roles:
    """Actor and Recipient of a verb trigger; `done` has those of the verbs before it."""
    segment = scene.segment(mention.start)
    subject = _subject(mention, segment, scene, done)
    if mention.passive:
        return {"Actor": _agent(mention, groups, scene), "Recipient": subject}
    rest = [g for g in groups if g not in subject]
    return {"Actor": subject, "Recipient": _recipient(mention, segment, rest, scene)}


def _subject(
    mention: Mention, segment: Segment, scene: Scene, done: Mapping[int, Roles]
) -> list[Group]:
    governor = governor_of(mention, scene)
    if governor is not None and _is_dependent(mention, governor, segment, scene):
        return _controller(governor, done)
    return subject_of(segment, scene)


def _is_dependent(mention: Mention, governor: Mention, segment: Segment, scene: Scene) -> bool:
    """An infinitive with its marker, an "-ing" clause, or a demanded clause without a subject."""
    if mention.tag == "ing":
        return not _after_auxiliary(mention, scene)
    if _is_marked_infinitive(mention, segment, scene):
        return True
    unsaid = scene.lexicon.language == "sk" and segment.opener == "subordinate"
    return unsaid and governor.type in _ADDRESSING and not _own(segment, scene)


def _own(segment: Segment, scene: Scene) -> list[Group]:
    return [g for g in scene.groups(segment) if not g.preposition and not is_oblique(g)]


def _after_auxiliary(mention: Mention, scene: Scene) -> bool:
    position = mention.start - 1
    return position >= scene.sentence.start and scene.word_class(position) == "aux"


def _is_marked_infinitive(mention: Mention, segment: Segment, scene: Scene) -> bool:
    if scene.lexicon.language == "sk":
        return mention.tag == "inf" and not any(
            scene.word_class(p) == "aux" for p in range(segment.body, mention.start)
        )
    markers = scene.lexicon.group("infinitive_markers")
    if any(scene.token(p).lower_ in markers for p in range(mention.start, mention.end)):
        return True
    low = max(scene.sentence.start, mention.start - _MARKER_WITHIN)
    near = [scene.token(p).lower_ for p in range(low, mention.end)]
    return not markers.isdisjoint(near) and mention.tag not in {"past", "pres"}


def _controller(governor: Mention, done: Mapping[int, Roles]) -> list[Group]:
    """Who is asked or accused does it; otherwise whoever the main clause is about."""
    roles = done.get(governor.start, {})
    asked = governor.type in _ADDRESSING
    if asked or governor.passive:
        return roles.get("Recipient", [])
    return roles.get("Actor", [])


def _agent(mention: Mention, groups: list[Group], scene: Scene) -> list[Group]:
    """The name after "by", or of whom the noun after it is a part."""
    segment = scene.segment(mention.start)
    prepositions = scene.lexicon.group("agent_prepositions")
    here = [g for g in groups if segment.start <= g.start < segment.end]
    named = [g for g in here if g.preposition in prepositions]
    if named:
        return [g for g in named if g.start >= mention.end][:1] or named[-1:]
    words = (p for p in range(segment.start, segment.end) if scene.token(p).lower_ in prepositions)
    return next((found for p in words if (found := members_of(p + 1, scene))), [])


def _recipient(
    mention: Mention, segment: Segment, groups: list[Group], scene: Scene
) -> list[Group]:
    if is_object_relative(segment, scene):
        return antecedent(segment, scene)
    here = [g for g in groups if segment.start <= g.start < segment.end]
    before = _objects_before(mention, segment, here, scene)
    if before:
        return before
    after = [g for g in here if g.start >= mention.end]
    objects = [g for g in after if may_receive(g, mention, scene)]
    return objects[:1] or _addressed_before(mention, segment, here, scene)


def _objects_before(
    mention: Mention, segment: Segment, groups: list[Group], scene: Scene
) -> list[Group]:
    """Before a clause-final Dutch verb, and anywhere in Slovak."""
    language = scene.lexicon.language
    if language not in {"nl", "sk"}:
        return _given_before(mention, segment, groups, scene)
    named = [g for g in groups if g.end <= mention.start and not g.preposition]
    if language == "sk":
        return named[-1:] if _has_no_object_after(mention, groups, scene) else []
    bare = [p for p in bare_phrases(segment.body, mention.start, scene) if isinstance(p, Group)]
    return [g for g in bare if g in named][-1:]


def _given_before(
    mention: Mention, segment: Segment, groups: list[Group], scene: Scene
) -> list[Group]:
    """A second bare phrase before it: "gives Kyiv the blame"."""
    if mention.type not in {"ACCUSE", "AID", "SUPPORT"} or segment.opener == "relative":
        return []
    bare = [p for p in bare_phrases(segment.body, mention.start, scene) if isinstance(p, Group)]
    return [g for g in bare[1:] if g in groups][-1:]


def _has_no_object_after(mention: Mention, groups: list[Group], scene: Scene) -> bool:
    return not any(
        g.start >= mention.end and may_receive(g, mention, scene) and not g.preposition
        for g in groups
    )


def may_receive(group: Group, mention: Mention, scene: Scene) -> bool:
    """A bare object or an addressee; past another trigger only "sign an agreement with"."""
    if is_destination(group, mention, scene) or is_possessed(group, scene):
        return False
    if _is_source_or_side(group, mention, scene) or _is_instrument(group, mention, scene):
        return False
    addressed = group.preposition in scene.lexicon.group("recipient_prepositions")
    if mention.type == "REJECT" and _is_made_by(group, scene):
        return True
    between = scene.sentence.between(mention, group)
    if between:
        return addressed and all(_continues(m, mention) for m in between)
    return addressed or not group.preposition


def _is_made_by(group: Group, scene: Scene) -> bool:
    """Whose offer or demand is rejected: "an appeal by ECOWAS"."""
    made = [m for m in scene.sentence.mentions if 0 <= group.start - m.end <= _MARKER_WITHIN + 2]
    by = group.preposition in scene.lexicon.group("agent_prepositions")
    return by and any(m.form == "noun" for m in made)


def _is_where(group: Group, mention: Mention, scene: Scene) -> bool:
    """A place is a target only of force and the like: "attack on", "sanctions on"."""
    located = group.preposition in scene.lexicon.group("location_prepositions")
    return located and group.members[0].label_ == "LOC" and mention.type not in _TARGETING


def _continues(noun: Mention, mention: Mention) -> bool:
    """The noun's partner is the verb's too: "sign an agreement with", "end cooperation with"."""
    ended = mention.type == "SANCTION" and noun.type in {"COOPERATE", "AGREE", "CONSULT"}
    return noun.form == "noun" and (noun.type == mention.type or ended)


def _is_source_or_side(group: Group, mention: Mention, scene: Scene) -> bool:
    """Where somebody withdraws from; and "with" says a partner only of what is mutual."""
    if group.preposition in scene.lexicon.group("source_prepositions"):
        return mention.type in LEAVING | {"AID", "SUPPORT"} and group.members[0].label_ == "LOC"
    if _is_where(group, mention, scene):
        return True
    with_ = group.preposition in scene.lexicon.group("mutual_prepositions")
    return with_ and mention.type in _ONE_SIDED


def _is_instrument(group: Group, mention: Mention, scene: Scene) -> bool:
    """Slovak: where one marches, or the noun in between is whose: "o vstupe Švédska"."""
    if scene.lexicon.language != "sk":
        return False
    if group.members[0].label_ == "PER":
        return _is_whose(group, scene)
    if not group.preposition:
        return mention.type == "PROTEST" and is_instrumental(group)
    before = scene.token(group.start - 1).text
    return before.lower() != group.preposition and not is_adjective(before)


def _is_whose(person: Group, scene: Scene) -> bool:
    """Slovak "proti vláde X": the name is in the genitive and the noun before it is not."""
    name = person.members[0].last.text
    noun = scene.token(max(person.start - 1, scene.sentence.start)).lower_
    genitive = name.endswith(("a", "ého", "ovej")) and noun != person.preposition
    return bool(person.preposition) and genitive and noun.endswith(("e", "i", "u", "ou"))


def _addressed_before(
    mention: Mention, segment: Segment, groups: list[Group], scene: Scene
) -> list[Group]:
    """Who is addressed may come first: "met Kenia tekenden zij"."""
    group_of = scene.lexicon.group
    if scene.lexicon.language == "en":
        return []
    prepositions = group_of("recipient_prepositions") - group_of("location_prepositions")
    return [
        g
        for g in groups
        if g.end <= mention.start
        and g.preposition in prepositions
        and not _is_in_subject(g, segment, scene)
        and not _is_of_noun(g, scene)
        and not scene.verbs_between(g.start, mention.start)
    ][-1:]


def _is_of_noun(group: Group, scene: Scene) -> bool:
    """A noun stands right before its preposition: "on the loan for Ukraine they disagreed"."""
    low = max(scene.sentence.start, group.start - 4)
    governing = (p for p in range(low, group.start) if scene.word_class(p) == "prep")
    before = max(governing, default=low) - 1
    if before < scene.sentence.start or before in scene.verbal:
        return False
    return scene.word_class(before) == "word" and not scene.token(before).ent_type_


def _is_in_subject(group: Group, segment: Segment, scene: Scene) -> bool:
    """No verb stands before it, and it does not begin the clause: "leaders for ECOWAS met"."""
    verb = any(segment.body <= v < group.start for v in scene.verbal)
    return not verb and scene.word_class(segment.body) != "prep"
