"""The parts of a canonical line as JSON text, put together by hand.

Byte for byte what `json.dumps` makes of `entity_to_json` and `event_to_json`, in about a third of
the time: no dictionaries are made on the way, and names are quoted once. Fields are taken from
`__dict__`, because an attribute of a pydantic model costs several times as much.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
from json.encoder import encode_basestring
from operator import itemgetter
from typing import Any

from curation.formats.json_items import event_to_json, reserved
from curation.model import Entity, Event

__all__ = ["dumps", "entities_text", "events_text", "quoted", "text_bytes"]

quoted = encode_basestring
"""A string as JSON, characters beyond ASCII as they are."""

dumps = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode
"""Anything else as JSON; ValueError and TypeError as `json.dumps` raises them."""


class _Names(dict[str, str]):
    """Labels, roles and ids as JSON: the same few over and over."""

    def __missing__(self, name: str) -> str:
        if len(self) >= _MOST:
            self.clear()
        found = self[name] = quoted(name)
        return found


_MOST = 65_536
_CONTROL = bytes(range(32))
_NAMES = _Names()
_FIELDS = itemgetter("id", "start", "end", "label", "score", "component", "origin")


def text_bytes(text: str) -> bytes:
    """A long string as JSON in UTF-8; UnicodeEncodeError for half of a surrogate pair."""
    # To look for the few characters that need it is quicker than to look at every one.
    raw = text.encode()
    escaped = raw.replace(b"\\", b"\\\\").replace(b'"', b'\\"').replace(b"\n", b"\\n")
    if len(escaped.translate(None, _CONTROL)) < len(escaped):
        return quoted(text).encode()
    return b'"%b"' % escaped


def entities_text(entities: Iterable[Entity]) -> str:
    """The list under "entities"."""
    found = [
        f'{{"id": {_NAMES[name]}, "start": {start}, "end": {end}, "label": {_NAMES[label]}'
        f"{'' if score is component is origin is None else _provenance(score, component, origin)}}}"
        for name, start, end, label, score, component, origin in map(_FIELDS, map(vars, entities))
    ]
    return f"[{', '.join(found)}]"


def events_text(events: Iterable[Event]) -> str:
    """The list under "events"; InputError for an attribute that is called like another key."""
    return f"[{', '.join([_event(e) for e in events])}]"


def _event(event: Event) -> str:
    e = vars(event)
    attributes = _attributes(tuple(e["attributes"].items()))
    if attributes is None:
        return dumps(event_to_json(event))
    trigger = vars(e["trigger"])
    arguments = ", ".join([_argument(a) for a in map(vars, e["arguments"])])
    return (
        f'{{"id": {_NAMES[e["id"]]}, "type": {_NAMES[e["type"]]}, '
        f'"trigger": {{"start": {trigger["start"]}, "end": {trigger["end"]}}}, '
        f'"arguments": [{arguments}]{attributes}{_of(e)}}}'
    )


def _argument(a: Mapping[str, Any]) -> str:
    return f'{{"role": {_NAMES[a["role"]]}, "target": {_NAMES[a["target"]]}{_of(a)}}}'


@lru_cache(maxsize=4096)
def _attributes(pairs: tuple[tuple[str, str], ...]) -> str | None:
    """The keys of attributes, each after a comma; None where one is called like another key."""
    if any(name in reserved for name, _ in pairs):
        return None
    return "".join([f", {quoted(name)}: {quoted(value)}" for name, value in sorted(pairs)])


def _of(item: Mapping[str, Any]) -> str:
    return _provenance(item["score"], item["component"], item["origin"])


def _provenance(score: float | None, component: str | None, origin: str | None) -> str:
    if score is None and component is None and origin is None:
        return ""
    said = {"score": score, "component": component, "origin": origin}
    return "".join([f', "{k}": {dumps(v)}' for k, v in said.items() if v is not None])
