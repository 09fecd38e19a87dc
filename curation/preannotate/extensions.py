"""What the pipeline keeps on spaCy objects, and the event mentions it passes along.

`register()` adds the custom attributes once:

- `Span._.score`, `Span._.component`: how certain an entity is, and which component found it;
- `Span._.date`: the parsed calendar expression of a DATE span;
- `Doc._.events`: the event mentions, in text order; `doc.spans["events"]` holds their triggers;
- `Doc._.published`: ISO publication date as precise as known, or None.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from spacy.language import Language
from spacy.tokens import Doc, Span

__all__ = [
    "Filler",
    "Form",
    "Mention",
    "add_factory",
    "register",
    "span_values",
    "store_mentions",
    "update_mentions",
]

Form = Literal["verb", "participle", "noun"]
"""How a trigger is used: finite or infinite verb, participle before a noun, or noun."""

SPANS_KEY = "events"


@dataclass(frozen=True)
class Filler:
    """An entity, by its token offsets, that fills a role."""

    role: str
    start: int
    end: int
    score: float


@dataclass(frozen=True)
class Mention:
    """An event mention under construction; `start` and `end` are token offsets of its trigger."""

    start: int
    end: int
    type: str
    score: float
    form: Form
    tag: str = ""
    lemma: str = ""
    passive: bool = False
    fillers: tuple[Filler, ...] = ()
    attributes: Mapping[str, str] = field(default_factory=dict)

    # `dataclasses.replace` asks for every field by name, which for all mentions takes a while.

    def filled(self, fillers: tuple[Filler, ...], *, passive: bool) -> Mention:
        """The same mention with its fillers, and whether it is passive."""
        return Mention(
            self.start, self.end, self.type, self.score, self.form, self.tag, self.lemma,
            passive, fillers, self.attributes,
        )  # fmt: skip

    def described(self, attributes: Mapping[str, str]) -> Mention:
        """The same mention with its attributes."""
        return Mention(
            self.start, self.end, self.type, self.score, self.form, self.tag, self.lemma,
            self.passive, self.fillers, attributes,
        )  # fmt: skip


def register() -> None:
    """Add the custom attributes, unless they are there already."""
    _add(Span, "score", None)
    _add(Span, "component", None)
    _add(Span, "date", None)
    _add(Doc, "events", ())
    _add(Doc, "published", None)


def _add(owner: Any, name: str, default: object) -> None:
    if not owner.has_extension(name):
        owner.set_extension(name, default=default)


def span_values(doc: Doc, name: str, spans: Iterable[Span]) -> list[Any]:
    """What `span._.name` is for each of the spans.

    Straight from where spaCy keeps it: the view that `span._` makes each time takes ten times as
    long, for each entity of each document.
    """
    kept, default = doc.user_data, Span.get_extension(name)[0]
    return [kept.get(("._.", name, s.start_char, s.end_char), default) for s in spans]


def add_factory(component: str, make: Callable[[str], Callable[[Doc], Doc]]) -> None:
    """Register a spaCy component that `make` builds for a language code.

    Its setting `language` is for pipelines around the multilingual tokenizer; by default it is
    the pipeline's own.
    """

    def factory(nlp: Language, name: str, language: str) -> Any:  # noqa: ARG001 - spaCy passes it
        return make(language or nlp.lang)

    Language.factory(component, default_config={"language": ""}, func=factory)


def store_mentions(doc: Doc, mentions: Iterable[Mention]) -> Doc:
    """Put the mentions on the document, with their triggers in `doc.spans["events"]`."""
    update_mentions(doc, mentions)
    doc.spans[SPANS_KEY] = [Span(doc, m.start, m.end, label=m.type) for m in doc._.events]
    return doc


def update_mentions(doc: Doc, mentions: Iterable[Mention]) -> Doc:
    """Put mentions with the same triggers, of which more is known now, on the document."""
    doc._.events = tuple(sorted(mentions, key=lambda m: (m.start, m.end, m.type)))
    return doc


register()
