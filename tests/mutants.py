"""Label Studio payloads that went wrong in every way the seed can think of."""

from __future__ import annotations

import copy
import math
import random
from collections.abc import Callable
from typing import Any

__all__ = ["mutated"]

STRANGE: tuple[Any, ...] = (
    None, True, 0, -1, 1.5, 10**30, -(10**30), math.nan, math.inf, "", "x", "😀", "\ud800", "\x00",
    [], {}, [[]], [None], {"a": {}}, [{"id": 1}], "T#1%", "%", "%zz", "0",
)  # fmt: skip

_Random = random.Random
_Result = list[Any]


def mutated(result: _Result, text: str, chance: _Random) -> Any:
    """A copy of `result` with one to four things wrong."""
    found: Any = copy.deepcopy(result)
    for _ in range(chance.randint(1, 4)):
        if not isinstance(found, list):
            return found
        found = chance.choice(_MUTATIONS)(found, text, chance)
    return found


def _places(value: Any) -> list[tuple[Any, Any]]:
    """(container, key) of everything within."""
    inner: list[Any] = list(value.items()) if isinstance(value, dict) else []
    inner = list(enumerate(value)) if isinstance(value, list) else inner
    return [place for key, v in inner for place in [(value, key), *_places(v)]]


def _retype(result: _Result, _text: str, chance: _Random) -> Any:
    places = _places(result)
    if not places or chance.random() < 0.02:
        return chance.choice(STRANGE)
    container, key = chance.choice(places)
    container[key] = copy.deepcopy(chance.choice(STRANGE))
    return result


def _drop(result: _Result, _text: str, chance: _Random) -> Any:
    if places := _places(result):
        container, key = chance.choice(places)
        del container[key]
    return result


def _copy(result: _Result, _text: str, chance: _Random) -> Any:
    """An item twice, sometimes with another id."""
    if result:
        twin = copy.deepcopy(chance.choice(result))
        if isinstance(twin, dict) and chance.random() < 0.5:
            twin["id"] = f"copy-{chance.randrange(5)}"
        result.insert(chance.randrange(len(result) + 1), twin)
    return result


def _swap(result: _Result, _text: str, chance: _Random) -> Any:
    """The value of one place in another."""
    if places := _places(result):
        (a, key), (b, other) = chance.choice(places), chance.choice(places)
        b[other] = copy.deepcopy(a[key])
    return result


def _values(result: _Result) -> list[dict[str, Any]]:
    values = [item.get("value") for item in result if isinstance(item, dict)]
    return [v for v in values if isinstance(v, dict) and type(v.get("start")) is int]


def _in_unit(measure: Callable[[str], int]) -> Callable[[_Result, str, _Random], Any]:
    def shift(result: _Result, text: str, chance: _Random) -> Any:
        """Offsets in another unit: of all regions, or of one."""
        values = _values(result)
        for value in values if chance.random() < 0.7 else values[:1]:
            for key in ("start", "end"):
                if type(value.get(key)) is int and 0 <= value[key] <= len(text):
                    value[key] = measure(text[: value[key]])
        return result

    return shift


def _shift(result: _Result, _text: str, chance: _Random) -> Any:
    if values := _values(result):
        value, by = chance.choice(values), chance.choice((-3, -2, -1, 1, 2, 3, 500, -500))
        for key in chance.choice((("start",), ("end",), ("start", "end"))):
            if type(value.get(key)) is int:
                value[key] += by
    return result


def _resurface(result: _Result, text: str, chance: _Random) -> Any:
    if values := _values(result):
        value = chance.choice(values)
        old = value.get("text")
        old = old if isinstance(old, str) else ""
        piece = text[chance.randrange(len(text) + 1) :][:5]
        value["text"] = chance.choice(
            [old[1:], old + " ", " " + old, old.upper(), piece, old.replace("\n", "\\n"), old[::-1]]
        )
    return result


def _widen(result: _Result, text: str, chance: _Random) -> Any:
    """A region that the editor lets grow over its neighbourhood, surface and all."""
    if values := _values(result):
        value = chance.choice(values)
        start, end = value["start"], value.get("end")
        if type(end) is int and 0 <= start <= end <= len(text):
            start, end = max(0, start - chance.randrange(3)), min(len(text), end + 2)
            value |= {"start": start, "end": end, "text": text[start:end]}
    return result


def _relabel(result: _Result, _text: str, chance: _Random) -> Any:
    if values := _values(result):
        value = chance.choice(values)
        key = "choices" if "choices" in value else "labels"
        extra = chance.choice(("PER", "ORG", "CONSULT", "Nonsense", "past", "positive", "Actor"))
        value[key] = chance.choice(([extra], [*_as_list(value.get(key)), extra], extra))
    return result


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _relation(result: _Result, _text: str, chance: _Random) -> Any:
    ids = [i.get("id") for i in result if isinstance(i, dict) and "value" in i]
    ends = [*ids, "missing", None, 7]
    result.append(
        {
            "type": "relation",
            "from_id": chance.choice(ends),
            "to_id": chance.choice(ends),
            "direction": chance.choice(("right", "left", "bi", None, 3)),
            "labels": chance.choice((["Actor"], ["Nonsense"], [], None, "Actor", [1], [None])),
        }
    )
    return result


_MUTATIONS: tuple[Callable[[_Result, str, _Random], Any], ...] = (
    _retype, _retype, _drop, _drop, _copy, _swap, _shift, _resurface, _widen, _relabel, _relation,
    _in_unit(lambda s: len(s.encode("utf-16-le", "surrogatepass")) // 2),
    _in_unit(lambda s: len(s.encode("utf-8", "surrogatepass"))),
)  # fmt: skip
