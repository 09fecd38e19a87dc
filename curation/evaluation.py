"""Predictions against gold: counts by layer, and what a person has to correct.

Every score is made of counts (`tp`, `fp`, `fn`), which add up over documents and files.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from typing import Any

from curation.agreement.counts import Counts
from curation.agreement.items import Item, arguments, attributes, entities, item_label, triggers
from curation.agreement.matching import matched
from curation.calibration import expected_calibration_error
from curation.edits import Edits
from curation.errors import InputError
from curation.model import AnnotationSet, Record

__all__ = ["evaluate", "evaluate_files"]


def evaluate(gold: Iterable[Record], predicted: Mapping[str, AnnotationSet]) -> dict[str, Any]:
    """Scores of `predicted` (uid -> set) against the records of one gold file.

    Layers:
      entities   exact (start, end, label), overlap (same label, one to one), by_label, by_language
      triggers   span alone, span_type, by_type, by_language
      arguments  end_to_end: trigger span and type, role, filler span, over all events;
                 given_trigger: the same, only on triggers that both sides have
      attributes accuracy over the triggers (span and type) that both have, where gold has a value
    `edits` counts what turns the predictions into gold: see `edits.Edits`. A score without data is
    None. `unscored` counts what was predicted but not scored, layer -> label -> n: entities whose
    label never occurs in the file, and events where the gold line says nothing about events.
    `calibration` gives for each layer how far the scores of predicted items are from the share of
    them that is exactly right (see `calibration.expected_calibration_error`).

    Raises InputError where a gold document has no annotations or no prediction.
    """
    return evaluate_files([gold], predicted)


def evaluate_files(
    files: Iterable[Iterable[Record]], predicted: Mapping[str, AnnotationSet]
) -> dict[str, Any]:
    """As `evaluate`, over several gold files: what a file never labels is unscored in it alone."""
    tally = _Tally()
    for file in files:
        records = tuple(file)
        _require_complete(records, predicted)
        labels = {e.label for r in records if r.annotations for e in r.annotations.entities}
        for record in records:
            tally.add(record, predicted[record.document.uid], labels)
    return tally.to_json()


def _require_complete(records: Iterable[Record], predicted: Mapping[str, AnnotationSet]) -> None:
    problems = [p for record in records for p in _missing(record, predicted)]
    if problems:
        more = f", and {len(problems) - 1} more" if len(problems) > 1 else ""
        raise InputError(f"{problems[0]}{more}", hint="evaluate needs both sides of every document")


def _missing(record: Record, predicted: Mapping[str, AnnotationSet]) -> Iterator[str]:
    uid = record.document.uid
    if record.annotations is None:
        yield f"{uid}: no annotations in the gold file"
    if uid not in predicted:
        yield f"{uid}: no prediction"


@dataclass
class _Tally:
    """Counts so far: (layer, score) and (layer, breakdown, name) -> Counts."""

    n_documents: int = 0
    scores: defaultdict[tuple[str, str], Counts] = field(
        default_factory=lambda: defaultdict(Counts)
    )
    breakdowns: defaultdict[tuple[str, str, str], Counts] = field(
        default_factory=lambda: defaultdict(Counts)
    )
    attributes: defaultdict[str, Counter[bool]] = field(
        default_factory=lambda: defaultdict(Counter)
    )
    unscored: dict[str, Counter[str]] = field(
        default_factory=lambda: {"entities": Counter(), "events": Counter()}
    )
    edits: Edits = field(default_factory=Edits)
    outcomes: dict[str, list[tuple[float, bool]]] = field(
        default_factory=lambda: {"entities": [], "triggers": [], "arguments": []}
    )

    def add(self, record: Record, guess: AnnotationSet, labels: Set[str]) -> None:
        """One document; `labels` are those that its gold file uses."""
        gold = record.annotations
        assert gold is not None
        self.n_documents += 1
        language = record.document.language
        ours = entities(gold)
        theirs = frozenset(item for item in entities(guess) if item[2] in labels)
        self.unscored["entities"].update(map(item_label, entities(guess) - theirs))
        self._entities(ours, theirs, language)
        self.outcomes["entities"] += [
            (e.score, e.key in ours)
            for e in guess.entities
            if e.score is not None and e.label in labels
        ]
        stay = self.edits.align(ours, theirs)
        if record.has_events:
            self._events(gold, guess, language, stay)
        else:
            self.unscored["events"].update(event.type for event in guess.events)

    def _entities(self, gold: frozenset[Item], guess: frozenset[Item], language: str) -> None:
        exact = _counts(gold, guess)
        self.scores["entities", "exact"] += exact
        self.scores["entities", "overlap"] += _counts(gold, guess, "overlap")
        self.breakdowns["entities", "by_language", language] += exact
        self._by_label("entities", "by_label", gold, guess)

    def _events(
        self, gold: AnnotationSet, guess: AnnotationSet, language: str, stay: Mapping[Item, Item]
    ) -> None:
        ours, theirs = triggers(gold), triggers(guess)
        typed = _counts(ours, theirs)
        self.scores["triggers", "span"] += _counts(
            frozenset(item[:2] for item in ours), frozenset(item[:2] for item in theirs)
        )
        self.scores["triggers", "span_type"] += typed
        self.breakdowns["triggers", "by_language", language] += typed
        self._by_label("triggers", "by_type", ours, theirs)
        self._arguments(arguments(gold), arguments(guess), ours & theirs)
        self._event_outcomes(ours, arguments(gold), guess)
        self._attributes(gold, guess, ours & theirs)
        triggers_stay = self.edits.align(ours, theirs)
        self.edits.link(gold, guess, stay, triggers_stay)

    def _event_outcomes(
        self, gold: frozenset[Item], links: frozenset[Item], guess: AnnotationSet
    ) -> None:
        spans = {e.id: (e.start, e.end) for e in guess.entities}
        for event in guess.events:
            if event.score is not None:
                self.outcomes["triggers"].append((event.score, event.key in gold))
            self.outcomes["arguments"] += [
                (a.score, (*spans[a.target], a.role, *event.key) in links)
                for a in event.arguments
                if a.score is not None and a.target in spans
            ]

    def _arguments(
        self, gold: frozenset[Item], guess: frozenset[Item], shared: frozenset[Item]
    ) -> None:
        self.scores["arguments", "end_to_end"] += _counts(gold, guess)
        self.scores["arguments", "given_trigger"] += _counts(
            frozenset(item for item in gold if item[3:] in shared),
            frozenset(item for item in guess if item[3:] in shared),
        )

    def _attributes(
        self, gold: AnnotationSet, guess: AnnotationSet, shared: frozenset[Item]
    ) -> None:
        for name in {name for event in gold.events for name in event.attributes}:
            right, given = attributes(gold, name), attributes(guess, name)
            self.attributes[name].update(
                right[trigger] == given[trigger] for trigger in shared if right[trigger]
            )

    def _by_label(
        self, layer: str, name: str, gold: frozenset[Item], guess: frozenset[Item]
    ) -> None:
        found = Counter(map(item_label, gold & guess))
        ours, theirs = Counter(map(item_label, gold)), Counter(map(item_label, guess))
        for label in ours.keys() | theirs.keys():
            counts = Counts.of(found[label], ours[label], theirs[label])
            self.breakdowns[layer, name, label] += counts

    def to_json(self) -> dict[str, Any]:
        """The report, as `curation evaluate --json` prints it."""
        return {
            "n_documents": self.n_documents,
            "layers": {
                "entities": self._layer("entities", ("exact", "overlap"), ("by_label",)),
                "triggers": self._layer("triggers", ("span", "span_type"), ("by_type",)),
                "arguments": self._layer("arguments", ("given_trigger", "end_to_end"), None),
                "attributes": {
                    name: _accuracy(right) for name, right in sorted(self.attributes.items())
                },
            },
            "edits": self.edits.to_json(),
            "unscored": {
                layer: dict(sorted(labels.items())) for layer, labels in self.unscored.items()
            },
            "calibration": {
                layer: expected_calibration_error(found) for layer, found in self.outcomes.items()
            },
        }

    def _layer(
        self, layer: str, scores: Iterable[str], breakdowns: tuple[str, ...] | None
    ) -> dict[str, Any]:
        found: dict[str, Any] = {s: self.scores[layer, s].to_json() for s in scores}
        for name in (*breakdowns, "by_language") if breakdowns else ():
            found[name] = {
                key[2]: counts.to_json()
                for key, counts in sorted(self.breakdowns.items())
                if key[:2] == (layer, name)
            }
        return found


def _accuracy(right: Counter[bool]) -> dict[str, float | None]:
    n = right.total()
    return {"accuracy": right[True] / n if n else None, "n": n}


def _counts(gold: frozenset[Item], guess: frozenset[Item], match: str = "exact") -> Counts:
    return Counts.of(matched(gold, guess, match), len(gold), len(guess))
