"""Annotations in the formats of other tools: folders of brat, CoNLL-style files with columns."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from curation.errors import InputError, UsageError
from curation.formats.brat import read_ann
from curation.formats.brat_folder import INDEX
from curation.formats.conll import read_conll
from curation.formats.json_items import validated
from curation.formats.reading import Reading, Unseen, decoded
from curation.messages import few, shown
from curation.model import Document, Record

__all__ = ["Found", "columns_of", "read_any", "read_brat", "read_columns", "told"]

Found = Reading | Unseen | InputError
"""A set, that there is none, or why it cannot be read."""

_CONLL = frozenset({".bio", ".bilou", ".conll", ".iob", ".iob1", ".iob2", ".tsv"})
_LINE = re.compile(r":[0-9]+$")
_COLUMN = re.compile(r"-?[0-9]{1,4}")
UNKNOWN_LANGUAGE = "und"
_LONGEST = 200
_RENAME = "rename it, or say whose the annotations are with --annotator NAME"
_FORM = "brat: one folder an annotator, .txt beside .ann"


def columns_of(given: Iterable[str]) -> dict[str, int]:
    """From anna=1 and ben=2; UsageError on anything else."""
    columns: dict[str, int] = {}
    for text in given:
        name, _, number = (part.strip() for part in text.rpartition("="))
        if not name or not _COLUMN.fullmatch(number) or int(number) == 0:
            raise UsageError(f"--column {shown(text)}: write NAME=COLUMN; column 0 is the token")
        if not _utf8(name):
            raise UsageError(f"--column {shown(text)}: the name is not UTF-8")
        if name in columns:
            raise UsageError(f"--column {shown(text)}: {shown(name)} has a column already")
        columns[name] = int(number)
    return columns


def read_columns(
    paths: Sequence[Path],
    columns: Mapping[str, int],
    *,
    annotator: str | None = None,
    known: Mapping[str, Document] | None = None,
    language: Callable[[str], str] = lambda _text: UNKNOWN_LANGUAGE,
) -> Iterator[Found]:
    """What is in CoNLL-style files, `columns` or one annotator a file.

    Without `columns` and `annotator` a file is by whom its comments name, else by whom it is called
    after. `known` are documents whose texts hold; of others `language` tells the language.
    """
    columns = columns or ({annotator: -1} if annotator else {})
    for path in paths:
        try:
            yield from _tagged(path, columns, known or {}, language)
        except InputError as error:
            yield error


def _tagged(
    path: Path,
    columns: Mapping[str, int],
    known: Mapping[str, Document],
    language: Callable[[str], str],
) -> Iterator[Found]:
    if not columns and not _utf8(path.stem):
        raise InputError("the file's name is not UTF-8", where=str(path), hint=_RENAME)
    found = read_conll(
        decoded(_bytes(path), str(path)),
        columns,
        where=str(path),
        annotator=path.stem,
        language=language,
        documents=known,
    )
    empty = True
    for item in found:
        empty = False
        yield item
    if empty:
        raise InputError("no tokens", where=str(path), hint="a line is a token and its tags")


def _utf8(name: str) -> bool:
    """Whether a name from the command line or a folder is text: other bytes come as halves."""
    return name == name.encode(errors="replace").decode()


@dataclass(frozen=True)
class _Folder:
    """One annotator's: files by the uid of their document."""

    annotator: str
    path: Path
    texts: Mapping[str, Path]
    notes: Mapping[str, Path]


def read_brat(
    paths: Sequence[Path],
    *,
    annotator: str | None = None,
    known: Mapping[str, Document] | None = None,
    language: Callable[[str], str] = lambda _text: UNKNOWN_LANGUAGE,
) -> Iterator[Found]:
    """What is in folders of brat: each an annotator's, or of one such folder an annotator.

    A document's uid is the path of its files within the folder, without suffix. A text that only
    one folder has is everybody's; a text without an .ann file has not been seen. `known` are
    documents whose texts are elsewhere; of others `language` tells the language.
    """
    found = [item for path in paths for item in _folders(path)]
    yield from (item for item in found if isinstance(item, InputError))
    folders = _named([item for item in found if isinstance(item, _Folder)], annotator)
    documents: dict[str, Document] = dict(known or {})
    for folder in folders:
        if not _utf8(folder.annotator):
            yield InputError("its name is not UTF-8", where=str(folder.path), hint=_RENAME)
            continue
        for uid in sorted(folder.texts.keys() | folder.notes.keys()):
            try:
                if uid in folder.texts:
                    _text(uid, folder.texts[uid], documents, language)
                elif uid not in documents:
                    _text_of_another(uid, folders, documents, language)
                yield _brat_reading(folder, uid, documents)
            except InputError as error:
                yield error


def _named(folders: Sequence[_Folder], annotator: str | None) -> list[_Folder]:
    if annotator is not None and folders:
        if len(folders) != 1:
            raise UsageError("--annotator goes with one folder; several are called after theirs")
        return [replace(folders[0], annotator=annotator)]
    names = [f.annotator for f in folders]
    for twice in sorted({name for name in names if names.count(name) > 1}):
        raise UsageError(f"two folders are called {twice!r}; an annotator has one")
    return list(folders)


def _folders(path: Path) -> list[_Folder | InputError]:
    try:
        return [_folder(inner) for inner in _annotated(path)]
    except OSError as error:
        return [InputError(f"cannot be read: {error.strerror}", where=str(path))]
    except InputError as error:
        return [error]


def _annotated(path: Path) -> list[Path]:
    """The folder itself, or those in it that belong to one annotator each."""
    if not path.is_dir():
        raise InputError("not a folder", where=str(path), hint=_FORM)
    if any(path.glob("*.ann")):
        return [path]
    inner = [p for p in sorted(path.iterdir()) if p.is_dir() and any(p.rglob("*.ann"))]
    if not inner:
        raise InputError("no .ann files", where=str(path), hint=_FORM)
    return inner


def _folder(path: Path) -> _Folder:
    def files(suffix: str) -> dict[str, Path]:
        # Links that lead nowhere are files here too: reading them says so.
        return {
            p.relative_to(path).with_suffix("").as_posix(): p
            for p in sorted(path.rglob(f"*{suffix}"))
            if not p.is_dir() and not p.name.startswith(".")
        }

    return _Folder(path.resolve().name, path, files(".txt"), files(".ann"))


def _text(
    uid: str, path: Path, documents: dict[str, Document], language: Callable[[str], str]
) -> None:
    """Puts the text among `documents`; InputError where another text stands there."""
    text = _regular(path)
    if not text.strip() or len(uid) > _LONGEST or not uid.isprintable():
        what = "the path is too long or not printable" if text.strip() else "the text is empty"
        raise InputError(what, where=str(path))
    if uid not in documents:
        fields = {"uid": uid, "language": language(text), "text": text}
        documents[uid] = validated(Document, fields, str(path))
    elif documents[uid].text != text:
        raise InputError(
            f"document {uid} has another text elsewhere",
            where=str(path),
            hint="annotators must have the same text; offsets would not mean the same",
        )


def _text_of_another(
    uid: str,
    folders: Sequence[_Folder],
    documents: dict[str, Document],
    language: Callable[[str], str],
) -> None:
    path = next((f.texts[uid] for f in folders if uid in f.texts), None)
    if path is None:
        where = next(f.notes[uid] for f in folders if uid in f.notes)
        raise InputError("there is no text", where=str(where), hint="put the .txt file beside it")
    _text(uid, path, documents, language)


def _brat_reading(folder: _Folder, uid: str, documents: Mapping[str, Document]) -> Reading | Unseen:
    if uid not in folder.notes:
        return Unseen(uid, folder.annotator)
    path = folder.notes[uid]
    ours = (folder.path / INDEX).is_file()
    return read_ann(
        _regular(path), documents[uid], annotator=folder.annotator, where=str(path), ours=ours
    )


def _regular(path: Path) -> str:
    """The text of a file; of a pipe or a device nobody would see the end."""
    if path.exists() and not path.is_file():
        raise InputError("not a file", where=str(path))
    return decoded(_bytes(path), str(path))


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=str(path)) from error


def told(errors: Sequence[InputError]) -> Iterator[str]:
    """One line for a reason and file, with how often it stands there."""
    same: dict[tuple[str, str], list[InputError]] = {}
    for error in errors:
        file = _LINE.sub("", error.where)
        same.setdefault((file, error.message), []).append(error)
    for first, *others in same.values():
        yield f"{first}; and {len(others)} more like it" if others else str(first)


def read_any(
    paths: Sequence[Path], columns: Mapping[str, int] | None = None
) -> Iterator[tuple[Record, str]]:
    """Records of canonical files, folders of brat and CoNLL-style files, each with its place.

    CoNLL-style files are known by their suffix, or by `columns` being given. Raises InputError with
    everything of such files that cannot be read, the first of very many.
    """
    from curation.formats.registry import exporter

    folders = [path for path in paths if path.is_dir()]
    tagged = [p for p in paths if p not in folders and p.suffix.lower() in _conll(columns, p)]
    read = exporter("jsonl").read
    for path in paths:
        if path not in folders and path not in tagged:
            yield from ((record, str(path)) for record in read(path, {}))
    found = [*read_brat(folders), *read_columns(tagged, columns or {})]
    if errors := few(told([item for item in found if isinstance(item, InputError)])):
        raise InputError(errors)
    yield from ((item.record, item.where) for item in found if isinstance(item, Reading))


def _conll(columns: Mapping[str, int] | None, path: Path) -> frozenset[str]:
    """Suffixes of CoNLL-style files: with `columns` any but that of canonical lines."""
    suffix = path.suffix.lower()
    return _CONLL | {suffix} if columns and suffix != ".jsonl" else _CONLL
