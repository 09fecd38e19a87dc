"""`curation_recogniser`: persons, organisations and locations in five languages, offline.

One small network serves every language, so the component needs no trained spaCy pipeline: it
works on `spacy.blank(...)`. Names are found as character spans; where a token holds more than
the name (a quote, a hyphenated tail), the token is split, so that `doc.ents` says exactly what
was found. The network and its library load when a first document is processed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc, Span, Token
from spacy.util import filter_spans, minibatch

from curation.preannotate.ner import MODEL_FOLDER, Found, NerModel, load_model

__all__ = ["COMPONENT", "Recogniser", "make_recogniser"]

COMPONENT = "curation_recogniser"

for _name in ("score", "component"):
    if not Span.has_extension(_name):
        Span.set_extension(_name, default=None)


class Recogniser:
    """The component; entities that are already on a document win over new ones."""

    def __init__(
        self,
        name: str = COMPONENT,
        *,
        threads: int = 2,
        min_score: float = 0.0,
        model: str | Path | None = None,
    ) -> None:
        self.name = name
        self.threads = threads
        self.min_score = min_score
        self.folder = Path(model) if model else MODEL_FOLDER

    # Not called "model": spaCy asks every component for that name when one is added.
    @property
    def network(self) -> NerModel:
        """The network, shared by all components of this process with the same settings."""
        return load_model(self.folder, self.threads)

    def __call__(self, doc: Doc) -> Doc:
        """Sets the entities of one document."""
        return next(self.pipe([doc]))

    def pipe(self, stream: Iterable[Doc], *, batch_size: int = 32) -> Iterator[Doc]:
        """Sets the entities of many documents; short ones are run together."""
        for docs in minibatch(stream, batch_size):
            found = self.network.predict([doc.text for doc in docs])
            for doc, names in zip(docs, found, strict=True):
                yield self.annotate(doc, names)

    def annotate(self, doc: Doc, names: Iterable[Found]) -> Doc:
        """Adds names to `doc.ents` with their score and this component's name."""
        taken = [(ent.start_char, ent.end_char) for ent in doc.ents]
        kept = [
            name
            for name in names
            if name.score >= self.min_score
            and not any(name.start < end and start < name.end for start, end in taken)
        ]
        spans = [_span(doc, name) for name in kept]
        if _split_tokens(doc, kept, spans):
            spans = [_span(doc, name) for name in kept]
        doc.ents = filter_spans([*doc.ents, *spans])
        final = {(ent.start_char, ent.end_char): ent for ent in doc.ents}
        for span, name in zip(spans, kept, strict=True):
            ent = final.get((span.start_char, span.end_char))
            if ent is not None and (ent.start_char, ent.end_char) not in taken:
                ent._.score = name.score
                ent._.component = self.name
        return doc


def _span(doc: Doc, name: Found) -> Span:
    return doc.char_span(name.start, name.end, label=name.label, alignment_mode="expand")


def _split_tokens(doc: Doc, names: Sequence[Found], spans: Sequence[Span]) -> bool:
    """Splits tokens that a name covers in part, unless the cut would go through a word.

    `spans` are the tokens that each name touches; tells whether they are others now.
    """
    cuts: dict[int, set[int]] = {}
    for name, span in zip(names, spans, strict=True):
        if span.start_char == name.start and span.end_char == name.end:
            continue
        for token, place in ((span[0], name.start), (span[-1], name.end)):
            inside = place - token.idx
            if 0 < inside < len(token) and not _in_word(token.text, inside):
                cuts.setdefault(token.i, set()).add(inside)
    if not cuts:
        return False
    marked = doc.has_annotation("SENT_START") and not doc.has_annotation("DEP")
    with doc.retokenize() as retokenizer:
        for index, places in cuts.items():
            _split(retokenizer, doc[index], sorted(places))
    if marked:
        for token in doc:
            if token.i and token.is_sent_start is None:
                token.is_sent_start = False
    return True


def _in_word(text: str, place: int) -> bool:
    return text[place - 1].isalnum() and text[place].isalnum()


def _split(retokenizer: Any, token: Token, places: list[int]) -> None:
    parts = [token.text[a:b] for a, b in pairwise([0, *places, len(token)])]
    head = (token, 0) if token.head.i == token.i else token.head
    retokenizer.split(token, parts, heads=[head] + [(token, 0)] * (len(parts) - 1))


def make_recogniser(
    nlp: Language,  # noqa: ARG001 - spaCy's signature
    name: str,
    threads: int,
    min_score: float,
    model: str | None,
) -> Recogniser:
    """Makes the component; nothing heavy is loaded yet."""
    return Recogniser(name, threads=threads, min_score=min_score, model=model)


Language.factory(
    COMPONENT,
    assigns=["doc.ents", "span._.score", "span._.component"],
    default_config={"threads": 2, "min_score": 0.0, "model": None},
    func=make_recogniser,
)
