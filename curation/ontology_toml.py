"""An Ontology as the TOML that `curation.ontology` reads."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from curation.ontology import Ontology

__all__ = ["ontology_to_toml"]

_TABLES = ("entities", "events", "roles", "attributes")


def ontology_to_toml(ontology: Ontology) -> str:
    """TOML text that `parse_ontology` reads back as an equal Ontology."""
    data = ontology.model_dump(mode="json", exclude_none=True)
    migrations = data.pop("migrations")
    head = {key: value for key, value in data.items() if key not in _TABLES}
    blocks = ["\n".join(_lines(head))]
    for table in _TABLES:
        blocks += [f"[[{table}]]\n" + "\n".join(_lines(row)) for row in data[table]]
    values = migrations.pop("attributes")
    named = migrations | {f"attributes.{_key(name)}": table for name, table in values.items()}
    blocks += [f"[migrations.{where}]\n" + "\n".join(_lines(t)) for where, t in named.items() if t]
    return "\n\n".join(blocks) + "\n"


def _lines(values: Mapping[str, Any]) -> Iterator[str]:
    # JSON's strings, booleans and flat lists of strings are TOML's too, but for DEL.
    for key, value in values.items():
        yield f"{_key(key)} = {_value(value)}"


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _value(name)


def _value(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
