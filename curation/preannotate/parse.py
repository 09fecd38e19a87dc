"""Roles from a dependency parse, where the pipeline has a parser.

Reads the labels of Universal Dependencies (nsubj, nsubj:pass, obj, iobj, obl, nmod) and of ClearNLP
(nsubjpass, dobj, dative, agent, prep with pobj, poss, relcl). A role that it leaves out is open:
the rules over positions decide it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from spacy.tokens import Doc, Token

from curation.preannotate.clauses import Group
from curation.preannotate.extensions import Mention
from curation.preannotate.nominal import role_after_noun
from curation.preannotate.placing import is_place
from curation.preannotate.segments import Scene
from curation.preannotate.verbal import may_receive

__all__ = ["Tree", "parsed_roles", "tree_of"]

Roles = dict[str, list[Group]]
_SUBJECT = frozenset({"nsubj", "csubj", "nsubj:outer", "sb"})
_PASSIVE = frozenset({"nsubj:pass", "nsubjpass", "csubj:pass", "csubjpass"})
_OBJECT = frozenset({"obj", "dobj", "oa"})
_ADDRESSEE = frozenset({"iobj", "dative", "obl:arg", "da"})
_AGENT = frozenset({"obl:agent", "agent"})
_OWNER = frozenset({"nmod:poss", "poss", "nmod:gen"})
_PART = frozenset({"flat", "flat:name", "compound", "appos", "nmod", "nmod:desc"}) | _OWNER
_OBLIQUE = frozenset({
    "obl", "obl:tmod", "obl:loc", "obl:arg", "nmod", "nmod:tmod", "npadvmod", "nummod", "advmod",
    "obl:agent", "dative", "agent", "prep", "pobj",
})  # fmt: skip
_PREPOSITION = frozenset({"prep", "agent", "dative"})
_RELATIVE = frozenset({"relcl", "acl:relcl", "acl"})
_CONTROLLED = frozenset({"xcomp", "advcl", "ccomp"})
_DEEPEST = 10


@dataclass(frozen=True)
class Tree:
    """A parsed sentence of `doc`, and the name at each token that is in one."""

    scene: Scene
    doc: Doc
    name_at: dict[int, Group]

    def names(self, token: Token, depth: int = 0) -> list[Group]:
        """Whom a phrase names: its head, else an apposition or owner; and what "and" adds."""
        if depth > _DEEPEST:
            return []
        found = [self.name_at[token.i]] if token.i in self.name_at else self._parts(token, depth)
        for child in token.children:
            if child.dep_ == "conj":
                found = [*found, *(g for g in self.names(child, depth + 1) if g not in found)]
        return [g for g in found if not g.is_date]

    def _parts(self, token: Token, depth: int) -> list[Group]:
        parts = sorted(self._kin(token), key=lambda t: t.dep_ not in {"appos", "flat", "flat:name"})
        return next((names for part in parts if (names := self.names(part, depth + 1))), [])

    def _kin(self, token: Token) -> Iterator[Token]:
        """What may name a common noun: "rebels of the M23", "the president, Joseph Mwale"."""
        of = self.scene.lexicon.group("of_prepositions") | {""}
        for child in token.children:
            if child.dep_ in _PART and _case(child) in of:
                yield child
            elif child.dep_ == "prep" and child.lower_ in of:
                yield from (t for t in child.children if t.dep_ == "pobj")


def _case(token: Token) -> str:
    """The preposition that hangs on a noun, "" for none; the mark of a genitive is none."""
    cases = (c.lower_ for c in token.children if c.dep_ == "case" and c.i < token.i)
    return str(next(cases, ""))


def tree_of(scene: Scene, doc: Doc) -> Tree:
    """Names one by one: what joins them is for the parse to say."""
    single = [replace(g, members=(m,)) for g in scene.sentence.groups for m in g.members]
    return Tree(scene, doc, {i: g for g in single for i in range(g.start, g.end)})


def parsed_roles(mention: Mention, tree: Tree) -> Roles:
    """The roles that the parse decides, perhaps with nobody in them."""
    head = _head_of(mention, tree)
    if mention.form == "noun":
        roles = _noun_roles(head, mention, tree)
    else:
        roles = _verb_roles(head, mention, tree)
    return roles | _setting(head, mention, tree)


def _head_of(mention: Mention, tree: Tree) -> Token:
    tokens = list(tree.doc[mention.start : mention.end])
    inside = range(mention.start, mention.end)
    return next((t for t in tokens if t.head.i not in inside or t.head.i == t.i), tokens[0])


def _child(token: Token, labels: Iterable[str]) -> Token | None:
    return next((c for c in token.children if c.dep_ in labels), None)


def _is_passive(verb: Token) -> bool:
    return _child(verb, _PASSIVE | {"aux:pass", "auxpass"}) is not None


def _verb_roles(verb: Token, mention: Mention, tree: Tree) -> Roles:
    subject = _subject(verb, tree)
    objects = _objects(verb, mention, tree)
    agent = _agent(verb, tree)
    reduced = verb.dep_ == "acl" and (mention.tag == "part" or agent is not None)
    if _is_passive(verb) or reduced:
        return {"Actor": agent or []} | ({} if subject is None else {"Recipient": subject})
    roles = {} if subject is None else {"Actor": subject}
    return roles | ({} if objects is None else {"Recipient": objects})


def _subject(verb: Token, tree: Tree, depth: int = 0) -> list[Group] | None:
    """The subject of a verb: its own, what it is relative to, or shared; None where none shows."""
    own = _child(verb, _SUBJECT | _PASSIVE)
    if own is not None:
        return _meant(own, verb, tree)
    if depth > _DEEPEST:
        return None
    if verb.dep_ == "conj" and verb.head.i != verb.i:
        return _subject(verb.head, tree, depth + 1)
    if verb.dep_ in _RELATIVE:
        return tree.names(verb.head)
    if verb.dep_ not in _CONTROLLED:
        return None
    return _controller(verb.head, tree, depth, by_object=verb.dep_ != "advcl")


def _controller(governor: Token, tree: Tree, depth: int, *, by_object: bool) -> list[Group] | None:
    """Who is asked does it, otherwise who asks."""
    asked = _child(governor, _OBJECT | _ADDRESSEE)
    if asked is not None and by_object:
        return tree.names(asked)
    return _subject(governor, tree, depth + 1)


def _meant(token: Token, verb: Token, tree: Tree) -> list[Group] | None:
    """A relative pronoun stands for what its clause is about; other pronouns are left open."""
    if token.i in tree.name_at:
        return tree.names(token)
    clause = _relative_clause(verb)
    if clause is not None and _is_relative(token, tree):
        return tree.names(clause.head)
    if tree.scene.word_class(token.i) == "pron":
        return None
    return tree.names(token)


def _relative_clause(verb: Token) -> Token | None:
    """The verb itself, or the one that it is coordinated with or depends on."""
    for token in [verb, *verb.ancestors][:_DEEPEST]:
        if token.dep_ in _RELATIVE:
            return token
        if token.dep_ not in _CONTROLLED | {"conj"}:
            return None
    return None


def _is_relative(token: Token, tree: Tree) -> bool:
    return token.lower_ in tree.scene.lexicon.group("relatives")


def _objects(verb: Token, mention: Mention, tree: Tree) -> list[Group] | None:
    """Who is addressed, else the object, else what a preposition of the Recipient governs."""
    found: list[Group] | None = None
    for labels in (_ADDRESSEE, _OBJECT):
        child = _child(verb, labels)
        if child is not None:
            phrase = _child(child, {"pobj"}) or child
            found = found or _meant(phrase, verb, tree) or []
    if not found and verb.dep_ in _RELATIVE and _is_of_object(verb, tree):
        return tree.names(verb.head)
    return found or _addressed(verb, mention, tree) or found


def _is_of_object(verb: Token, tree: Tree) -> bool:
    """A relative clause with a subject of its own and no object: "the port they shelled"."""
    own = _child(verb, _SUBJECT)
    return own is not None and not _is_relative(own, tree) and _child(verb, _OBJECT) is None


def _addressed(verb: Token, mention: Mention, tree: Tree) -> list[Group]:
    for phrase, preposition in _phrases(verb):
        names = [replace(g, preposition=preposition) for g in tree.names(phrase)]
        if preposition and names and may_receive(names[0], mention, tree.scene):
            return names
    return []


def _agent(verb: Token, tree: Tree) -> list[Group] | None:
    prepositions = tree.scene.lexicon.group("agent_prepositions")
    for phrase, preposition in _phrases(verb):
        if preposition in prepositions or phrase.dep_ in _AGENT:
            return tree.names(phrase)
    return None


def _phrases(token: Token) -> Iterator[tuple[Token, str]]:
    """The oblique phrases of a word, each with its preposition ("" for none)."""
    for child in token.children:
        if child.dep_ in _PREPOSITION and (inner := _child(child, {"pobj", "pcomp"})) is not None:
            yield inner, child.lower_
        elif child.dep_ in _OBLIQUE:
            yield child, _case(child)


def _noun_roles(noun: Token, mention: Mention, tree: Tree) -> Roles:
    roles: Roles = {"Actor": [], "Recipient": []}
    owner = _child(noun, _OWNER)
    compound = _child(noun, {"compound"})
    for part in (owner, compound):
        if part is not None and not roles["Actor"]:
            roles["Actor"] = tree.names(part)
    for phrase, preposition in _phrases(noun):
        for name in tree.names(phrase):
            group = replace(name, preposition=preposition)
            role = role_after_noun(mention, group, group.start - mention.end, tree.scene)
            if role:
                roles[role].append(name)
    if not roles["Actor"]:
        roles["Actor"] = _of_light_verb(noun, tree) or []
    return {role: names for role, names in roles.items() if names}


def _of_light_verb(noun: Token, tree: Tree) -> list[Group] | None:
    """The subject of "launched an attack", the agent of "an attack was launched by"."""
    triggers = {m.start for m in tree.scene.sentence.mentions if m.form == "verb"}
    if noun.head.i in triggers:
        return None
    if noun.dep_ in _OBJECT:
        return _subject(noun.head, tree)
    return _agent(noun.head, tree) if noun.dep_ in _PASSIVE else None


def _setting(head: Token, mention: Mention, tree: Tree) -> Roles:
    """The dates and places that hang on the trigger itself."""
    dates, places = [], []
    for phrase, preposition in _phrases(head):
        name = tree.name_at.get(phrase.i)
        if name is None:
            continue
        if name.is_date:
            dates.append(name)
        elif is_place(replace(name, preposition=preposition), mention, tree.scene):
            places += tree.names(phrase)
    return {role: names for role, names in (("Date", dates), ("Location", places)) if names}
