"""Who does what a noun says: owners, "talks between", "attack on", the subject of a light verb."""

from __future__ import annotations

from curation.preannotate.case import is_dative
from curation.preannotate.clauses import Group
from curation.preannotate.extensions import Mention
from curation.preannotate.placing import is_destination
from curation.preannotate.segments import Scene, Segment
from curation.preannotate.subjects import subject_of

__all__ = ["noun_roles", "role_after_noun"]

_SUFFERED = frozenset({"ASSAULT", "COERCE", "ACCUSE", "SANCTION"})
_GIVEN = frozenset({"AID", "SUPPORT"})
_CONTROLLING = frozenset({"RETREAT", "SANCTION", "SUPPORT", "AGREE", "COOPERATE"})
_OWNER_WITHIN, _AFTER_WITHIN = 4, 5


def noun_roles(mention: Mention, groups: list[Group], scene: Scene) -> dict[str, list[Group]]:
    """Actor and Recipient of a noun trigger."""
    owners = [g for g in groups if _is_its_owner(g, mention, scene)]
    roles: dict[str, list[Group]] = {"Actor": owners[-1:], "Recipient": []}
    segment = scene.segment(mention.start)
    for group in groups:
        if mention.end <= group.start < segment.end:
            _after_noun(mention, group, scene, roles)
    if not roles["Actor"] or _receives(mention, scene):
        _from_light_verb(mention, scene, roles)
    return roles


def _is_its_owner(group: Group, mention: Mention, scene: Scene) -> bool:
    """A genitive, or in English an organisation right before it: "ECOWAS offer"."""
    between = mention.start - group.end
    if scene.lexicon.language == "en" and between == 0:
        return group.owner or group.members[-1].label_ == "ORG"
    near = 0 <= between <= _OWNER_WITHIN
    return group.owner and near and scene.verbal.isdisjoint(range(group.end, mention.start))


def _after_noun(
    mention: Mention, group: Group, scene: Scene, roles: dict[str, list[Group]]
) -> None:
    """Fill the role of the first phrase after a noun, unless one before it has that role."""
    between = group.start - mention.end
    role = role_after_noun(mention, group, between, scene)
    passed = scene.sentence.between(mention, group)
    if role == "Actor" and not scene.verbal.isdisjoint(range(mention.end, group.start)):
        return
    if role and between <= _AFTER_WITHIN and not roles[role] and not passed:
        roles[role].append(group)


def role_after_noun(mention: Mention, group: Group, between: int, scene: Scene) -> str | None:
    """What a preposition says; a bare Slovak genitive is "of", a dative "to"."""
    language, group_of = scene.lexicon.language, scene.lexicon.group
    bare = language == "sk" and between <= 2 and not group.preposition
    if bare and mention.type in _GIVEN and is_dative(group):
        return "Recipient"
    if _is_its_place(mention, group, scene):
        return None
    if bare or group.preposition in group_of("of_prepositions"):
        return "Recipient" if _is_suffered(mention, language) else "Actor"
    if group.preposition in group_of("actor_prepositions"):
        return "Actor"
    return "Recipient" if group.preposition in group_of("recipient_prepositions") else None


def _is_its_place(mention: Mention, group: Group, scene: Scene) -> bool:
    """Where people meet or march: "møte på Ramstein", "visit to Kyiv", "strike on Samos"."""
    if mention.type not in {"CONSULT", "PROTEST", "COOPERATE"} or group.members[0].label_ != "LOC":
        return False
    if scene.lexicon.language == "sk" and not group.preposition:
        return mention.type == "CONSULT"
    located = group.preposition in scene.lexicon.group("location_prepositions")
    return located or is_destination(group, mention, scene)


def _is_suffered(mention: Mention, language: str) -> bool:
    """Whether "of" names who it is done to: "arrest of", unlike "support of" or "aanval van"."""
    if language == "nl":
        return mention.type == "COERCE"
    deverbal = language != "sk" or mention.lemma.endswith(
        ("nie", "tie", "vražda", "únos", "poprava")
    )
    return mention.type in _SUFFERED and deverbal


def _from_light_verb(mention: Mention, scene: Scene, roles: dict[str, list[Group]]) -> None:
    """The subject of "launched an attack", "gave Chile aid", "received aid"."""
    segment = scene.segment(mention.start)
    if not _shares_subject(mention, segment, scene):
        return
    subject = [g for g in _subject_near(segment, scene) if g not in roles["Recipient"]]
    if _receives(mention, scene):
        roles["Recipient"] = roles["Recipient"] or subject
        return
    roles["Actor"] = subject
    if mention.type in _GIVEN | {"ACCUSE"} and not roles["Recipient"]:
        roles["Recipient"] = _given_to(mention, subject, scene)


def _subject_near(segment: Segment, scene: Scene) -> list[Group]:
    """The segment's subject; after "In a call with Peru," that of the next one."""
    following = scene.segments[segment.index + 1 : segment.index + 2]
    leads = not segment.has_verb and scene.word_class(segment.body) == "prep"
    if leads and following and not following[0].opener:
        return subject_of(following[0], scene)
    return subject_of(segment, scene)


def _shares_subject(mention: Mention, segment: Segment, scene: Scene) -> bool:
    """Object of a light verb, of one that ends or makes it, or said to be the subject's own."""
    others = {v.type for v in segment.verbs} - {mention.type}
    if "REQUEST" in others and mention.type not in {"REQUEST", "AGREE"}:
        return False
    if _is_own(mention, scene) or others == {"THREATEN"}:
        return True
    governor = _preposition_before(mention, scene)
    if not governor:
        return not others or (others <= _CONTROLLING and mention.type != "PROTEST")
    if mention.type == "CONSULT" and governor in scene.lexicon.group("scenes"):
        return governor != "na" or _is_locative(mention, scene)
    return not others and (mention.type in _GIVEN or bool(segment.verbs))


def _is_locative(mention: Mention, scene: Scene) -> bool:
    """Slovak "na" with an accusative is an aim, not the circumstances."""
    word = scene.token(mention.start).lower_
    return word.endswith(("e", "í", "u", "ch"))


def _is_own(mention: Mention, scene: Scene) -> bool:
    possessives = scene.lexicon.group("possessives")
    low = max(scene.sentence.start, mention.start - 3)
    return any(scene.token(p).lower_ in possessives for p in range(low, mention.start))


def _preposition_before(mention: Mention, scene: Scene) -> str:
    """The preposition that governs a noun, looking past its modifiers."""
    for position in range(mention.start - 1, max(scene.sentence.start, mention.start - 4) - 1, -1):
        kind = scene.word_class(position)
        if kind == "prep":
            return scene.token(position).lower_
        if kind not in {"word", "det", "adv"} or scene.token(position).ent_type_:
            return ""
    return ""


def _receives(mention: Mention, scene: Scene) -> bool:
    segment = scene.segment(mention.start)
    receivers = scene.lexicon.group("receivers")
    return any(scene.token(p).lower_ in receivers for p in range(segment.start, segment.end))


def _given_to(mention: Mention, subject: list[Group], scene: Scene) -> list[Group]:
    segment = scene.segment(mention.start)
    if not subject:
        return []
    others = [
        g
        for g in scene.groups(segment)
        if not g.preposition and g.end <= mention.start and g not in subject
    ]
    return others[-1:]
