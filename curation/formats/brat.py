r"""brat standoff: a text and beside it an .ann file of lines, one an annotation.

    T1<TAB>PER 0 6<TAB>Robert           a text bound: an entity, or the trigger of an event
    T2<TAB>ORG 0 4;9 13<TAB>Bank Oslo   in pieces: taken from the first to the last (its hull)
    E1<TAB>CONSULT:T3 Actor:T1          an event; a role's number (Actor2) tells fillers apart
    A1<TAB>tense E1 past                an attribute (M in old files); without a value it is "true"
    #1<TAB>AnnotatorNotes T1<TAB>…      a note
    N1<TAB>Reference T1 Wikipedia:1<TAB>…   a normalisation
    R1<TAB>Origin Arg1:T1 Arg2:T2       a relation;  *<TAB>Equiv T1 T2   the same thing twice

Notes and pieces stay in the provenance of the set, under "brat". Relations, normalisations,
attributes of entities and events as arguments have no place in a set: their lines stay in the
provenance too, and are counted as left out.

Offsets count code points. Where the surfaces in the file do not stand there, other ways to count
are tried on the whole document: \r\n as one, UTF-16, UTF-8, a byte order mark counted.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from types import MappingProxyType
from typing import Any

from curation.errors import InputError, OffsetMismatch
from curation.formats.brat_names import unescaped, unnumbered
from curation.formats.brat_notes import NOTE, completed
from curation.formats.json_items import validated
from curation.formats.reading import Reading
from curation.messages import few, shown
from curation.model import AnnotationSet, Argument, Document, Entity, Event, Record, TextSpan

__all__ = ["read_ann"]

_LINE_END = re.compile(r"\r\n|\n|\r")
# A text fits in one way at most: a pattern that could divide it in several would try them all.
_PIECE = r"[0-9]{1,18} [0-9]{1,18}"
_TEXT_BOUND = re.compile(rf"(T\S+)\t(\S+) ({_PIECE}(?:;{_PIECE})*)(?:\t(.*))?")
_EVENT = re.compile(r"(E\S+)\t(\S+(?: +\S+)*)")
_TRIGGER = re.compile(r"(\S+):(T[^\s:]+)")
_ARGUMENT = re.compile(r"(\S+):([TE][^\s:]+)")
_ATTRIBUTE = re.compile(r"([AM]\S+)\t(\S+) (\S+)(?: (.+))?")
_NOTE = re.compile(r"(#\S*)\t(\S+) (\S+)(?:\t(.*))?")
_LEFT_OUT: Mapping[str, tuple[str, re.Pattern[str]]] = MappingProxyType(
    {
        "R": ("relations", re.compile(r"R\S+\t\S+( +[^\s:]+:\S+)+\t?")),
        "*": ("equivalences", re.compile(r"\*\t\S+( +\S+)+")),
        "N": ("normalisations", re.compile(r"N\S+\t\S+ \S+ \S+(\t.*)?")),
    }
)
_FORMS = "a line begins with T, E, R, A, M, N, * or # and has its parts between tabs"
HULL = "discontinuous spans taken as their hull"


@dataclass(frozen=True, slots=True)
class _Bound:
    """A T line: its pieces, and the surface that came along."""

    id: str
    label: str
    pieces: tuple[tuple[int, int], ...]
    surface: str | None
    line: int

    @property
    def start(self) -> int:
        return self.pieces[0][0]

    @property
    def end(self) -> int:
        return self.pieces[-1][1]


@dataclass(frozen=True, slots=True)
class _Event:
    """An E line: arguments are (role, target)."""

    type: str
    trigger: str
    arguments: tuple[tuple[str, str], ...]
    line: int


@dataclass(frozen=True, slots=True)
class _Attribute:
    """An A or M line."""

    name: str
    target: str
    value: str
    raw: str
    line: int


class _File:
    """The lines of one .ann file by kind; what is wrong is gathered in `problems`."""

    def __init__(self, ann: str) -> None:
        self.bounds: dict[str, _Bound] = {}
        self.events: dict[str, _Event] = {}
        self.attributes: list[_Attribute] = []
        self.notes: list[tuple[str, str, str]] = []
        self.kept: list[str] = []
        self.left_out: Counter[str] = Counter()
        self.problems: list[tuple[int, str]] = []
        for number, line in enumerate(_LINE_END.split(ann), 1):
            if line.strip():
                self._line(line.rstrip(" "), number)

    def _line(self, line: str, number: int) -> None:
        kinds: Mapping[str, Callable[[str, int], bool]] = {
            "T": self._text_bound,
            "E": self._event,
            "A": self._attribute,
            "M": self._attribute,
            "#": self._note,
        }
        if not kinds.get(line[0], self._other)(line, number):
            self.problems.append((number, f"{shown(line)} is no line of brat"))

    def _text_bound(self, line: str, number: int) -> bool:
        found = _TEXT_BOUND.fullmatch(line)
        if not found:
            return False
        pieces = [tuple(map(int, piece.split(" "))) for piece in found[3].split(";")]
        bound = _Bound(
            found[1], found[2], tuple((p[0], p[1]) for p in sorted(pieces)), found[4], number
        )
        if any(start >= end for start, end in bound.pieces):
            self.problems.append((number, f"{bound.id}: {found[3]} is empty"))
        self._once(bound.id, self.bounds, number)
        self.bounds[bound.id] = bound
        return True

    def _once(self, name: str, known: Mapping[str, Any], number: int) -> None:
        if name in known:
            self.problems.append((number, f"{name} stands twice"))

    def _event(self, line: str, number: int) -> bool:
        found = _EVENT.fullmatch(line)
        if not found:
            return False
        first, *others = found[2].split()
        trigger = _TRIGGER.fullmatch(first)
        arguments = [_ARGUMENT.fullmatch(part) for part in others]
        filled = tuple((a[1], a[2]) for a in arguments if a)
        if not trigger or len(filled) < len(others):
            return False
        self._once(found[1], self.events, number)
        self.events[found[1]] = _Event(trigger[1], trigger[2], filled, number)
        return True

    def _attribute(self, line: str, number: int) -> bool:
        found = _ATTRIBUTE.fullmatch(line)
        if found:
            said = _Attribute(found[2], found[3], found[4] or "true", line, number)
            self.attributes.append(said)
        return bool(found)

    def _note(self, line: str, number: int) -> bool:
        del number
        found = _NOTE.fullmatch(line)
        if found:
            self.notes.append((found[2], found[3], found[4] or ""))
        return bool(found)

    def _other(self, line: str, number: int) -> bool:
        del number
        name, form = _LEFT_OUT.get(line[0], ("", re.compile(r"(?!)")))
        if form.fullmatch(line):
            self.leave_out(name, line)
            return True
        return False

    def leave_out(self, name: str, line: str) -> None:
        self.left_out[name] += 1
        self.kept.append(line)


def read_ann(
    ann: str, document: Document, *, annotator: str, where: str, ours: bool = False
) -> Reading:
    """What an .ann file says about `document`; `ours`: `brat_folder` wrote it.

    Raises InputError with everything that is wrong, OffsetMismatch where surfaces do not stand at
    their offsets in any way to count them.
    """
    file = _File(ann)
    _check_references(file)
    if file.problems:
        raise InputError(_said(file.problems), where=where, hint=_FORMS)
    repaired: Counter[str] = Counter()
    bounds = _placed(file.bounds, document.text, where, repaired)
    repaired[HULL] = sum(len(b.pieces) > 1 for b in bounds.values())
    found = _annotations(file, bounds, document.uid, annotator, where, ours=ours)
    if problems := few(found.problems(document.text)):
        raise InputError(problems, where=where)
    record = Record(document=document, annotations=found)
    return Reading(record, where, +repaired, dict(sorted(file.left_out.items())))


def _said(problems: Sequence[tuple[int, str]]) -> str:
    return few(f"line {number}: {problem}" for number, problem in sorted(problems))


def _check_references(file: _File) -> None:
    known = file.bounds.keys() | file.events.keys()
    for name, event in file.events.items():
        for target in (event.trigger, *(target for _, target in event.arguments)):
            if target not in known:
                file.problems.append((event.line, f"{name} names {target}, which is not here"))
    said: dict[tuple[str, str], str] = {}
    for a in file.attributes:
        if a.target not in known and a.target[0] != "R":
            file.problems.append((a.line, f"{a.name} is said of {a.target}, which is not here"))
        if said.setdefault((a.target, a.name), a.value) != a.value:
            file.problems.append((a.line, f"{a.name} of {a.target} has two values"))


# Offsets


def _placed(
    bounds: Mapping[str, _Bound], text: str, where: str, repaired: Counter[str]
) -> Mapping[str, _Bound]:
    """The text bounds in code points; OffsetMismatch lists those that nothing explains."""
    if not any(_misplaced(bounds, text)):
        return bounds
    fitting: dict[str, Mapping[str, _Bound]] = {}
    for name, borders in _counted(text):
        moved = _moved(bounds, borders)
        if moved is not None and not any(_misplaced(moved, text)):
            fitting[name] = moved
    readings = {tuple(b.pieces for b in moved.values()) for moved in fitting.values()}
    if len(readings) != 1:
        raise OffsetMismatch(
            few(_misplaced(bounds, text)),
            where=where,
            hint="was the text changed after it was annotated?",
        )
    name, found = next(iter(fitting.items()))
    repaired[f"offsets counted in {name}"] += len(bounds)
    return found


def _misplaced(bounds: Mapping[str, _Bound], text: str) -> Iterator[str]:
    for bound in bounds.values():
        if bound.end > len(text):
            yield f"line {bound.line}: {bound.id} ends at {bound.end} of {len(text)} characters"
            continue
        found = " ".join(text[start:end] for start, end in bound.pieces)
        if bound.surface is not None and _plain(found) != _plain(bound.surface):
            yield f"line {bound.line}: {bound.id} is {shown(found)}, not {shown(bound.surface)}"


def _plain(text: str) -> str:
    """White space as one blank: brat writes line breaks in a surface as blanks."""
    return " ".join(text.split())


def _counted(text: str) -> Iterator[tuple[str, Mapping[int, int]]]:
    """Other ways to count: what they are called, and code points by their offsets."""
    ways: Mapping[str, Callable[[str], int]] = {
        "UTF-16 units": lambda c: 2 if ord(c) > 0xFFFF else 1,
        "UTF-8 bytes": lambda c: len(c.encode("utf-8", "surrogatepass")),
        "line ends of one character": lambda _: 1,
    }
    for name, width in ways.items():
        widths = [width(c) for c in text]
        if name.startswith("line ends"):
            widths = [0 if text[i : i + 2] == "\r\n" else 1 for i in range(len(text))]
        yield name, _borders(widths)
    yield "characters after a byte order mark", {i + 1: i for i in range(len(text) + 1)}


def _borders(widths: Sequence[int]) -> dict[int, int]:
    """Offset -> code point; of code points without width the first, where a break begins."""
    found: dict[int, int] = {}
    for index, offset in enumerate(accumulate(widths, initial=0)):
        found.setdefault(offset, index)
    return found


def _moved(bounds: Mapping[str, _Bound], borders: Mapping[int, int]) -> dict[str, _Bound] | None:
    """The text bounds by other borders; None where an offset is none of them."""
    offsets = {offset for b in bounds.values() for piece in b.pieces for offset in piece}
    if not offsets <= borders.keys():
        return None
    return {
        name: _Bound(
            b.id,
            b.label,
            tuple((borders[start], borders[end]) for start, end in b.pieces),
            b.surface,
            b.line,
        )
        for name, b in bounds.items()
    }


# The set


def _annotations(
    file: _File,
    bounds: Mapping[str, _Bound],
    uid: str,
    annotator: str,
    where: str,
    *,
    ours: bool,
) -> AnnotationSet:
    name_of = unescaped if ours else str
    triggers = {event.trigger for event in file.events.values()}
    arguments = {target for event in file.events.values() for _, target in event.arguments}
    entities = tuple(
        Entity(id=b.id, start=b.start, end=b.end, label=name_of(b.label))
        for b in bounds.values()
        # A trigger that fills a role itself is an entity as well.
        if b.id not in triggers or b.id in arguments
    )
    attributes = _attributes(file, name_of)
    events = tuple(
        Event(
            id=name,
            type=name_of(event.type),
            trigger=TextSpan(start=bounds[event.trigger].start, end=bounds[event.trigger].end),
            arguments=tuple(_arguments(file, name, event, name_of)),
            attributes=attributes.get(name, {}),
        )
        for name, event in file.events.items()
    )
    fields = {"uid": uid, "annotator": annotator, "entities": entities, "events": events}
    found = validated(AnnotationSet, fields, where)
    if ours:
        found = completed(found, file.notes, where)
        file.notes = [note for note in file.notes if note[0] != NOTE]
    provenance = _provenance(file, bounds, found.canonical_ids())
    return found.sorted().model_copy(update={"provenance": provenance})


def _arguments(
    file: _File, name: str, event: _Event, name_of: Callable[[str], str]
) -> Iterator[Argument]:
    for role, target in event.arguments:
        if target in file.events:
            file.leave_out("events as arguments", f"{name}\t{role}:{target}")
            continue
        yield Argument(role=name_of(unnumbered(role)), target=target)


def _attributes(file: _File, name_of: Callable[[str], str]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for a in file.attributes:
        if a.target in file.events:
            found.setdefault(a.target, {})[name_of(a.name)] = name_of(a.value)
        else:
            file.leave_out("attributes of entities and relations", a.raw)
    return found


def _provenance(
    file: _File, bounds: Mapping[str, _Bound], names: Mapping[str, str]
) -> dict[str, Any]:
    """What a set has no place for, with the ids that its items have now."""
    pieces = {
        names.get(b.id, b.id): [list(p) for p in b.pieces]
        for b in bounds.values()
        if len(b.pieces) > 1
    }
    notes = [
        {"kind": kind, "target": names.get(target, target), "text": text}
        for kind, target, text in file.notes
    ]
    ids = {name: new for name, new in names.items() if name != new} if file.kept else {}
    kept = {"notes": notes, "pieces": pieces, "left_out": file.kept, "ids": ids}
    said = {key: value for key, value in kept.items() if value}
    return {"brat": said} if said else {}
