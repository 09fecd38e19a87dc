"""Writes docs/reference/ from the program itself: every command and every setting.

    python scripts/docs_reference.py

A test makes both pages again and holds them equal; run this after a change of an option or a key.
"""

from __future__ import annotations

import inspect
import types
import typing
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin

import annotated_types
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined
from typer.models import ArgumentInfo, OptionInfo

from curation import settings, settings_release
from curation.cli.app import app

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "reference"
_COMMANDS = """\
# Commands

Made from the program by `scripts/docs_reference.py`; `curation COMMAND --help` says the same.

| exit code | meaning |
| --- | --- |
| 0 | done |
| 1 | a check or a gate did not hold |
| 2 | wrong use or wrong input, said in one line |
| 3 | Label Studio or the database cannot be reached |
| 70 | a mistake of this program, please report it |
| 130 | interrupted |

"""
_SETTINGS = """\
# Keys of curation.toml

Made from the program by `scripts/docs_reference.py`: every key, what may stand there, and what
holds without it. [Settings](../settings.md) says what they mean, and lists the environment.

"""
_TABLES: Mapping[str, type[BaseModel]] = {
    "[workspace]": settings.Settings,
    "[label_studio]": settings.LabelStudioAddress,
    "[[annotators]]": settings.Annotator,
    "[push]": settings.Push,
    "[adjudication]": settings.Adjudication,
    "[adjudication.adjudicator]": settings.Adjudicator,
    "[agreement]": settings.Agreement,
    "[splits]": settings.Splits,
    "[pipelines.LANGUAGE]": settings.Pipeline,
    "[release]": settings_release.Release,
    '[release.sources."NAME"]': settings_release.Source,
    "[release.datasheet]": settings_release.Datasheet,
}
_NO_KEYS = frozenset({"folder", "database_url"})
"""Fields of the settings that curation.toml does not have."""


def commands() -> Iterator[tuple[str, Callable[..., Any]]]:
    """Every command by its full name, with its function, in the order of the help."""
    for group in app.registered_groups:
        assert group.name
        assert group.typer_instance
        for command in group.typer_instance.registered_commands:
            yield f"{group.name} {command.name}", _function(command.callback)
    for command in app.registered_commands:
        yield str(command.name), _function(command.callback)


def _function(found: Callable[..., Any] | None) -> Callable[..., Any]:
    assert found is not None
    return found


def command_page() -> str:
    """docs/reference/commands.md."""
    named = sorted(commands())
    index = " · ".join(f"[{name}](#curation-{name.replace(' ', '-')})" for name, _ in named)
    return _COMMANDS + index + "\n\n" + "\n".join(_command(*found) for found in named)


def _command(name: str, function: Callable[..., Any]) -> str:
    options = list(_parameters(function))
    usage = [f"curation {name}", *(o for o in (_usage(*p) for p in options) if o)]
    lines = [f"## curation {name}", "", f"```text\n{' '.join(usage)} [OPTIONS]\n```", ""]
    lines += [inspect.cleandoc(function.__doc__ or ""), ""]
    lines += ["| option | what it does | default |", "| --- | --- | --- |"]
    lines += [_row(*parameter) for parameter in options]
    return "\n".join([*lines, ""])


_Parameter = tuple[inspect.Parameter, Any, OptionInfo | ArgumentInfo]


def _parameters(function: Callable[..., Any]) -> Iterator[_Parameter]:
    hints = typing.get_type_hints(function, include_extras=True)
    found = []
    for parameter in inspect.signature(function).parameters.values():
        kind, *rest = get_args(hints[parameter.name])
        (info,) = [i for i in rest if isinstance(i, OptionInfo | ArgumentInfo)]
        found.append((parameter, kind, info))
    yield from sorted(found, key=lambda p: isinstance(p[2], OptionInfo))


def _usage(parameter: inspect.Parameter, kind: Any, info: OptionInfo | ArgumentInfo) -> str:
    if isinstance(info, OptionInfo):
        return ""
    name = info.metavar or parameter.name.strip("_").upper()
    several = "..." if get_origin(_inner(kind)) is list else ""
    given = parameter.default is inspect.Parameter.empty
    return f"{name}{several}" if given else f"[{name}]{several}"


def _row(parameter: inspect.Parameter, kind: Any, info: OptionInfo | ArgumentInfo) -> str:
    name = (
        _option(parameter, kind, info)
        if isinstance(info, OptionInfo)
        else _usage(parameter, kind, info)
    )
    what = " ".join(str(info.help or "").split())
    bounds = _bounds(info.min, info.max)
    return _cells(f"`{name}`", what + (f" {bounds}" if bounds else ""), _default(parameter, info))


def _option(parameter: inspect.Parameter, kind: Any, info: OptionInfo) -> str:
    plain = "--" + parameter.name.rstrip("_").replace("_", "-")
    # In Annotated[] the first name stands where a default stood once.
    given = (info.default, *(info.param_decls or ()))
    names = [d for d in given if isinstance(d, str) and d.startswith("-")]
    inner = _inner(kind)
    if inner is bool:
        return ", ".join(names or [plain, f"--no-{plain[2:]}"])
    return f"{', '.join(names or [plain])} {info.metavar or _value(inner)}"


def _inner(kind: Any) -> Any:
    """A type without its None."""
    if get_origin(kind) in {types.UnionType, typing.Union}:
        return next(a for a in get_args(kind) if a is not type(None))
    return kind


def _value(kind: Any) -> str:
    if get_origin(kind) is list:
        return _value(get_args(kind)[0]) + " ..."
    return {int: "NUMBER", float: "NUMBER", Path: "PATH"}.get(kind, "TEXT")


def _bounds(least: float | None, most: float | None) -> str:
    if least is None and most is None:
        return ""
    if most is None:
        return f"From {least} on."
    return f"At most {most}." if least is None else f"{least} to {most}."


def _default(parameter: inspect.Parameter, info: OptionInfo | ArgumentInfo) -> str:
    if isinstance(info.show_default, str):
        return info.show_default
    if parameter.default is inspect.Parameter.empty:
        return "required"
    if parameter.default is None or parameter.default is False or parameter.default == "":
        return ""
    return f"`{parameter.default}`"


def _cells(*cells: str) -> str:
    escaped = (c.replace("|", "\\|").replace("<", "&lt;") if "`" not in c else c for c in cells)
    return f"| {' | '.join(escaped)} |"


def settings_page() -> str:
    """docs/reference/settings.md."""
    return _SETTINGS + "\n".join(_table(name, model) for name, model in _TABLES.items())


def _table(name: str, model: type[BaseModel]) -> str:
    lines = [f"## `{name}`", "", "| key | what may stand there | default |", "| --- | --- | --- |"]
    for key, field in model.model_fields.items():
        if key not in _NO_KEYS and not _is_table(key, model):
            lines.append(_cells(f"`{key}`", _allowed(field), _field_default(field)))
    return "\n".join([*lines, ""])


def _is_table(key: str, model: type[BaseModel]) -> bool:
    """Whether the key is a table of its own here."""
    above = [name for name, found in _TABLES.items() if found is model]
    names = (f"[{key}", f"[[{key}") if model is settings.Settings else (f"{above[0][:-1]}.{key}",)
    return any(name.startswith(f"{n}{end}") for name in _TABLES for n in names for end in "].")


def _allowed(field: FieldInfo) -> str:
    kind = _kind(field.annotation)
    limits = [text for text in map(_limit, field.metadata) if text]
    return ", ".join([kind, *limits])


def _kind(annotation: Any) -> str:
    origin, inside = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        limits = [text for text in map(_limit, _flat(inside[1:])) if text]
        return ", ".join([_kind(inside[0]), *limits])
    if origin in {types.UnionType, typing.Union}:
        return _kind(_inner(annotation))
    if origin is tuple:
        return f"list: {_kind(inside[0])}"
    if origin is typing.Literal:
        return " or ".join(f"`{value}`" for value in inside)
    if origin is not None and len(inside) == 2:
        return f"table, each value: {_kind(inside[1])}"
    return {
        "str": "text",
        "int": "whole number",
        "float": "number",
        "bool": "true or false",
        "date": "day",
    }[annotation.__name__]


def _flat(metadata: tuple[Any, ...]) -> Iterator[Any]:
    for item in metadata:
        yield from item.metadata if isinstance(item, FieldInfo) else [item]


def _limit(item: Any) -> str:
    shapes = {
        annotated_types.Ge: "at least",
        annotated_types.Gt: "above",
        annotated_types.Le: "at most",
        annotated_types.Lt: "below",
    }
    for shape, words in shapes.items():
        if isinstance(item, shape):
            return f"{words} {getattr(item, shape.__name__.lower())}"
    return ""


def _field_default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True)
    if value is PydanticUndefined or value is None:
        return "none"
    if isinstance(value, str):
        return f'`"{value}"`'
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, Mapping):
        inner = ", ".join(f"{k} = {v}" for k, v in value.items())
        return f"`{{ {inner} }}`" if inner else "`{}`"
    if isinstance(value, tuple):
        return "`[" + ", ".join(f'"{v}"' for v in value) + "]`"
    return f"`{value:.10g}`" if isinstance(value, float) else f"`{value}`"


PAGES: Mapping[str, Callable[[], str]] = {"commands.md": command_page, "settings.md": settings_page}


def main() -> None:
    """Write both pages."""
    FOLDER.mkdir(exist_ok=True)
    for name, page in PAGES.items():
        (FOLDER / name).write_text(page(), encoding="utf-8")
        print(FOLDER / name)


if __name__ == "__main__":
    main()
