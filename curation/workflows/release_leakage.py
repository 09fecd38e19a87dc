"""The leakage certificate of a release, made from its own texts, and again when it is verified."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from curation.formats.release_facts import Leakage
from curation.model import Record
from curation.splits.grouping import SIMILARITY
from curation.splits.leakage import certify
from curation.splits.stories import story_of, traits

__all__ = ["leakage_facts", "leakage_json"]

_WORDS = ("names", "events", "shared")
"""What a pair of a certificate tells in words of the texts."""


def leakage_json(
    parts: Mapping[str, Sequence[Record]],
    clusters: Mapping[str, str],
    *,
    threshold: float | None = None,
    stand_off: bool = False,
) -> dict[str, Any]:
    """The certificate as JSON has it; of a stand-off release without words of the texts."""
    where: dict[str, str] = {}
    stories = []
    counts: dict[str, Mapping[str, int]] = {}
    for part, records in parts.items():
        for record in records:
            document, gold = record.document, record.annotations
            where[document.uid] = part
            story = story_of(document, gold, clusters.get(document.uid))
            stories.append(story)
            if gold is not None:
                counts[document.uid] = traits(gold, story)[0]
    limit = SIMILARITY if threshold is None else threshold
    found = certify(stories, where, counts, threshold=limit).to_json()
    data: dict[str, Any] = json.loads(json.dumps(found))
    return data if not stand_off else dict(_without_words(data))


def _without_words(data: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, value in data.items():
        if key in ("nearest", "names", "translations"):
            yield key, [{k: v for k, v in pair.items() if not _wordy(k, v)} for pair in value]
        else:
            yield key, value


def _wordy(key: str, value: object) -> bool:
    return key in _WORDS and isinstance(value, list)


def leakage_facts(data: Mapping[str, Any]) -> Leakage:
    """What the card says of a certificate."""
    return Leakage(data["highest"], data["threshold"], data["holds"], data["suspects"])
