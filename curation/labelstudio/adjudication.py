"""How disputes are put before an adjudicator in Label Studio, and whether they were all decided."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

from curation.adjudication.disputes import Contested, describe, in_text_order, rival_group
from curation.labelstudio.convert import document_to_task
from curation.labelstudio.payload import Conversion, Payload, item_id
from curation.messages import few, shown
from curation.model import AnnotationSet, Document
from curation.ontology import Ontology
from curation.ontology_xml import ontology_to_xml

__all__ = ["AGAIN", "adjudication_xml", "contested_to_task", "undecided"]

AGAIN = "again"
"""The field of a task's data that is true where somebody is asked once more."""
_DISPUTES = "disputes"
_NAME = "adjudication"

# Region ids are part of the class names of their words. The list stays in view with the labels; a
# long one scrolls, so that the text keeps its place.
_STYLE = """\
.curation-disputes h4 { white-space: pre-wrap !important; max-height: 7.5em; min-height: 1.5em;
  overflow-y: auto; resize: vertical; margin: 2px 0 !important; font-size: 14px !important;
  line-height: 1.5 !important; font-weight: 400 !important; }
.curation-disputes { border-bottom: 1px solid var(--color-neutral-border, #ddd); }
.htx-highlight[class*="-disputed"] { outline: 2px dashed #c62828; outline-offset: 1px; }
.htx-highlight[class*="-disputed"]::after { display: inline !important;
  content: attr(data-label) !important; color: #c62828; font-size: 11px; font-weight: 600;
  vertical-align: super; padding: 0 2px; background: #fff; border-radius: 2px; }
"""
_ABOVE = (
    f'    <View className="curation-disputes"><Header value="${_DISPUTES}" size="6" /></View>',
)


def adjudication_xml(ontology: Ontology) -> str:
    """The labelling configuration of an adjudication: the annotators', with a list of disputes."""
    return ontology_to_xml(ontology, above=_ABOVE, style=_STYLE, required=True)


def contested_to_task(
    document: Document,
    contested: Contested,
    ontology: Ontology,
    *,
    anonymous: bool = False,
    again: bool = False,
) -> Payload:
    """The task in which an adjudicator decides: disputes told, all else prefilled.

    `anonymous`: no annotator is named in it. `again`: `contested.prefilled` is what was decided
    before. Raises InputError where Label Studio could not show the prefilled set.
    """
    contested = in_text_order(contested)
    task = document_to_task(
        document,
        prediction=contested.prefilled,
        ontology=ontology,
        annotator=_NAME,
        model_version=_NAME,
        score=_score(contested),
    )
    told = [describe(d, document.text, anonymous=anonymous) for d in contested.disputes]
    task["data"][_DISPUTES] = "\n".join([_heading(len(told), again=again), *told])
    if again:
        task["data"][AGAIN] = True
    for region in task["predictions"][0]["result"]:
        note = _note(contested, region, anonymous)
        if note and region["type"] == "labels":
            region["meta"] = {"text": [note]}
    return task


def _score(contested: Contested) -> float:
    """The more disputes, the less certain."""
    return 1 / (1 + len(contested.disputes))


def _heading(count: int, *, again: bool) -> str:
    number = f"{count} dispute{'s' * (count != 1)}"
    if again:
        return f"Decided before, and asked again: {number}. Change what is wrong, and submit."
    return (
        f"{number}, outlined in red. Delete what is wrong, keep what is right, choose what an "
        "event lacks; then submit."
    )


def _note(contested: Contested, region: Mapping[str, Any], anonymous: bool) -> str:
    parts = []
    for number, names in contested.notes.get(item_id(str(region.get("id"))), ()):
        if not names:
            parts.append(f"dispute {number}")
        elif anonymous:
            parts.append(f"dispute {number}: {len(names)} for it")
        else:
            parts.append(f"dispute {number}: {', '.join(names)}")
    return "; ".join(parts)


def undecided(result: Any, made: Conversion, text: str, ontology: Ontology) -> Iterator[str]:
    """What an adjudicator's `result`, read as `made`, leaves open, one line each.

    Those are its problems, and what for an annotator is settled without asking: an attribute
    without an answer, candidates for one position that are there together, an entity in another.
    """
    items = [i for i in result if isinstance(i, dict)] if isinstance(result, list) else []
    rivals = list(_rivals(items))
    yield from rivals
    if not rivals:
        yield from (f"region {r.region}: {r.detail}" for r in made.repairs if r.kind == "overlap")
    # Of candidates that overlap it was told already, in the words of the text.
    yield from (p for p in made.problems if not (rivals and " overlaps " in p))
    if made.annotations is not None:
        yield from _unanswered(items, made.annotations, text, ontology)


def _rivals(items: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    groups: dict[str, dict[str, Mapping[str, Any]]] = defaultdict(dict)
    for item in items:
        name = item_id(str(item.get("id")))
        group = rival_group(name)
        value = item.get("value")
        if group is not None and item.get("type") == "labels" and isinstance(value, dict):
            groups[group][name] = value
    for values in groups.values():
        for one, other in combinations(values.values(), 2):
            if _overlap(one, other):
                yield (
                    f"{_told(one)} and {_told(other)} are both still there: delete one; where both "
                    "are right, draw one of them anew"
                )


def _overlap(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    try:
        return bool(one["start"] < other["end"] and other["start"] < one["end"])
    except (KeyError, TypeError):
        return False


def _told(value: Mapping[str, Any]) -> str:
    labels = value.get("labels")
    named = few(map(str, labels), between=" ") if isinstance(labels, list) else ""
    told = f"{named} {shown(str(value.get('text')))}".strip()
    # Half a character is no text that a database takes.
    return told.encode("utf-8", "replace").decode()


def _unanswered(
    items: Sequence[Mapping[str, Any]], said: AnnotationSet, text: str, ontology: Ontology
) -> Iterator[str]:
    answered: dict[str, set[str]] = defaultdict(set)
    for item in items:
        if item.get("type") == "choices" and item["value"].get("choices"):
            answered[item_id(str(item.get("id")))].add(str(item.get("from_name")))
    for event in said.events:
        # An event that was drawn as one region with an entity has a name of its own.
        given = answered[event.id] or answered[event.id.removesuffix("-event")]
        for attribute in ontology.attributes:
            if attribute.name not in given:
                words = shown(text[event.start : event.end])
                yield f"{attribute.name} of {event.type} {words} is not chosen"
