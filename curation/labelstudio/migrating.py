"""Results that were made with an earlier labelling configuration, in the words of the present."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from curation.labelstudio.payload import Payload
from curation.ontology import Migrations

__all__ = ["migrated"]

_Report = Callable[[str, str, str], None]
_LABELS = ("labels", "hypertextlabels")


def migrated(result: Sequence[Payload], migrations: Migrations, report: _Report) -> list[Payload]:
    """`result` with names as `migrations` says; `report` hears of every change.

    A region all of whose labels were given up goes, with its answers and relations.
    """
    names = {**migrations.entities, **migrations.events}
    changed = [_item(item, names, migrations, report) for item in result]
    emptied = {
        str(new.get("id"))
        for old, new in zip(result, changed, strict=True)
        if new != old and not _labels(new) and new.get("type") in _LABELS
    }
    gone = emptied - {str(item.get("id")) for item in changed if _labels(item)}
    return [
        new
        for old, new in zip(result, changed, strict=True)
        if not _concerns(new, gone) and not _emptied_relation(old, new)
    ]


def _item(item: Any, names: Mapping[str, str], migrations: Migrations, report: _Report) -> Any:
    if not isinstance(item, Mapping):
        return item
    kind, value = item.get("type"), item.get("value")
    if kind == "relation" and isinstance(item.get("labels"), list):
        return {**item, "labels": _renamed(item["labels"], migrations.roles, item, report)}
    if not isinstance(value, Mapping):
        return item
    if kind == "choices" and isinstance(value.get("choices"), list):
        table = migrations.attributes.get(str(item.get("from_name")), {})
        found = {"choices": _renamed(value["choices"], table, item, report)}
        return {**item, "value": {**value, **found}}
    key = next((k for k in _LABELS if isinstance(value.get(k), list)), None)
    if kind not in _LABELS or key is None:
        return item
    return {**item, "value": {**value, key: _renamed(value[key], names, item, report)}}


def _renamed(
    labels: list[Any], names: Mapping[str, str], item: Mapping[str, Any], report: _Report
) -> list[Any]:
    found = []
    for label in labels:
        new = names.get(label, label) if isinstance(label, str) else label
        if new != label:
            region = str(item.get("id") or item.get("from_id") or "")
            report("renamed" if new else "given up", region, f"{label} -> {new or 'nothing'}")
        if new:
            found.append(new)
    return found


def _labels(item: Any) -> list[Any]:
    value = item.get("value") if isinstance(item, Mapping) else None
    if not isinstance(value, Mapping) or item.get("type") not in _LABELS:
        return []
    return [label for key in _LABELS if isinstance(value.get(key), list) for label in value[key]]


def _emptied_relation(old: Any, new: Any) -> bool:
    return new != old and new.get("type") == "relation" and not new.get("labels")


def _concerns(item: Any, gone: set[str]) -> bool:
    if not isinstance(item, Mapping):
        return False
    if item.get("type") == "relation":
        return bool({str(item.get("from_id")), str(item.get("to_id"))} & gone)
    return str(item.get("id")) in gone
