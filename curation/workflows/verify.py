"""Do data and what is said about them agree: read back, counted again, compared."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeAlias

from curation.errors import CurationError, InputError
from curation.formats.certified import SUFFIX, SetKey, certificate_path, data_sha256
from curation.formats.checksums import CHECKSUMS
from curation.formats.losses import DROPPED, LEFT_OUT, spans_of
from curation.formats.order import place
from curation.formats.registry import Exporter, exporter
from curation.model import Document, Record

__all__ = ["Compared", "Documents", "Verified", "verify", "verify_export"]

Documents: TypeAlias = Callable[[], Mapping[str, Document]]
"""Gives the texts by uid, for formats that have none; called only where they are needed."""

Compared: TypeAlias = Callable[[list[Record], list[dict[str, Any]]], Iterable[str]]
"""What speaks against records that were read back, by something else that is known of them."""

_SHAPE: Mapping[str, type | tuple[type, ...]] = {
    "format": str,
    "sha256": str,
    "documents": int,
    "spans_in": int,
    "spans_out": int,
    "dropped": int,
    "by_reason": dict,
    "losses": list,
    "sets": list,
}


_RELEASED = (CHECKSUMS, "release.json", "croissant.json")
"""Any of these makes a folder a release, also one from which the others were taken."""


@dataclass(frozen=True)
class Verified:
    """What was checked, by what it was, and everything that does not hold."""

    path: str
    kind: Literal["release", "export"]
    checked: Mapping[str, int] = field(default_factory=dict)
    problems: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether nothing speaks against it."""
        return not self.problems

    def to_json(self) -> dict[str, Any]:
        """The fields by name, and whether it holds."""
        return {**asdict(self), "holds": self.holds}


def verify(path: Path, documents: Documents | None = None) -> Verified:
    """A release, an export, or a folder of exports, by what `path` is.

    Raises InputError where it is none of these.
    """
    path = path.resolve()
    if not path.exists() and not certificate_path(path).is_file():
        raise InputError("does not exist", where=str(path))
    if path.is_dir() and any((path / name).is_file() for name in _RELEASED):
        from curation.workflows.verify_release import verify_release

        return verify_release(path)
    if path.is_dir() and not certificate_path(path).is_file():
        return _verify_folder(path, documents)
    return verify_export(path, documents)


def _verify_folder(folder: Path, documents: Documents | None) -> Verified:
    """Every export in a folder; what lies there without a certificate is a problem."""
    certificates = sorted(folder.glob(f"*{SUFFIX}"))
    if not certificates:
        raise InputError(
            "is no release and has no export in it",
            where=str(folder),
            hint=f"an export has its certificate beside it, NAME{SUFFIX}",
        )
    checked: Counter[str] = Counter()
    problems: list[str] = []
    for certificate in certificates:
        name = certificate.name.removesuffix(SUFFIX)
        found = verify_export(folder / name, documents)
        checked.update(found.checked)
        problems += [f"{place(name)}: {problem}" for problem in found.problems]
    return Verified(str(folder), "export", dict(checked), tuple(problems))


def verify_export(
    path: Path, documents: Documents | None = None, compared: Compared | None = None
) -> Verified:
    """Read one export back and compare it with its certificate.

    `compared` is asked too: it gets what was read back, and the losses of the certificate.

    Formats without texts are counted by the tokens they have ("without_texts" in `checked`); with
    `documents` their offsets are looked up too. Raises InputError where there is no certificate, or
    one that cannot be read.
    """
    said = _certificate(certificate_path(path))
    chosen = exporter(said["format"])
    problems = [*_hash_problems(path, said, chosen), *_sum_problems(said)]
    checked = Counter(files=1, documents=said["documents"], losses=len(said["losses"]))
    try:
        records = _read(path, chosen, documents, checked)
    except CurationError as error:
        problems.append(f"cannot be read back: {error}")
    else:
        problems += _count_problems(records, said)
        problems += compared(records, said["losses"]) if compared is not None else ()
        checked["sets"] = len(said["sets"])
        checked["spans"] = sum(map(spans_of, records))
    return Verified(str(path), "export", dict(checked), tuple(problems))


def _certificate(path: Path) -> dict[str, Any]:
    try:
        said = json.loads(path.read_bytes())
    except OSError as error:
        raise InputError(
            f"no certificate: {error.strerror}", where=str(path), hint="export it again"
        ) from error
    except (ValueError, RecursionError) as error:
        raise InputError("not valid JSON", where=str(path), hint="export it again") from error
    wrong = [
        key
        for key, kind in _SHAPE.items()
        if not isinstance(said, dict) or not isinstance(said.get(key), kind)
    ]
    if wrong or not _sound(said):
        what = f"has no {', '.join(wrong)}" if wrong else "losses or sets are not as they are made"
        raise InputError(f"not a loss certificate: {what}", where=str(path), hint="export again")
    return dict(said)


def _sound(said: Mapping[str, Any]) -> bool:
    losses = all(
        isinstance(x, dict)
        and all(isinstance(x.get(k), str) for k in ("uid", "annotator", "reason"))
        for x in said["losses"]
    )
    return losses and all(
        isinstance(s, dict)
        and isinstance(s.get("uid"), str)
        and isinstance(s.get("annotator"), str | None)
        and type(s.get("spans_in")) is int
        and type(s.get("spans_out")) is int
        for s in said["sets"]
    )


def _hash_problems(path: Path, said: Mapping[str, Any], chosen: Exporter) -> Iterator[str]:
    files = None
    folder = path
    if chosen.parts is not None and not path.exists():
        folder, files = path.parent, chosen.parts.files(path.parent, path.name)
    try:
        found = data_sha256(folder, files)
    except InputError as error:
        yield str(error)
        return
    if found != said["sha256"]:
        yield f"SHA-256 is {found}, the certificate says {said['sha256']}"


def _sum_problems(said: Mapping[str, Any]) -> Iterator[str]:
    """Where the certificate does not agree with itself."""
    reasons = Counter(loss["reason"] for loss in said["losses"])
    dropped = sum(reasons[reason] for reason in DROPPED)
    sets = said["sets"]
    sums = {
        "by_reason": (said["by_reason"], dict(reasons)),
        "dropped": (said["dropped"], dropped),
        "spans in less spans out": (said["spans_in"] - said["spans_out"], dropped),
        "spans_in": (said["spans_in"], sum(s["spans_in"] for s in sets)),
        "spans_out": (said["spans_out"], sum(s["spans_out"] for s in sets)),
        "documents": (said["documents"], len({s["uid"] for s in sets})),
    }
    for name, (stated, counted) in sums.items():
        if stated != counted:
            yield f"certificate: {name} {stated}, its entries come to {counted}"
    yield from _set_sum_problems(said)


def _set_sum_problems(said: Mapping[str, Any]) -> Iterator[str]:
    gone = Counter(_key(loss) for loss in said["losses"] if loss["reason"] in DROPPED)
    known = {_key(s) for s in said["sets"]}
    for s in said["sets"]:
        if s["spans_in"] != s["spans_out"] + gone[_key(s)]:
            yield (
                f"certificate: {_named(_key(s))}: {s['spans_in']} spans in, {s['spans_out']} out, "
                f"{gone[_key(s)]} dropped"
            )
    for key in sorted(gone.keys() - known, key=str):
        yield f"certificate: {_named(key)}: losses of a set that did not go in"


def _key(said: Mapping[str, Any]) -> SetKey:
    return said["uid"], said["annotator"] or None


def _named(key: SetKey) -> str:
    uid, annotator = key
    return f"{place(uid)}, {'seen by nobody' if annotator is None else place(annotator)}"


def _read(
    path: Path, chosen: Exporter, documents: Documents | None, checked: Counter[str]
) -> list[Record]:
    if chosen.parts is not None and not path.exists():
        return chosen.parts.read(path.parent, path.name)
    if chosen.texts is None:
        return chosen.read(path, {})
    if documents is None:
        checked["without_texts"] += 1
        return chosen.read(path, chosen.texts(path))
    return chosen.read(path, documents())


def _count_problems(records: Iterable[Record], said: Mapping[str, Any]) -> Iterator[str]:
    """Where what was read back has other sets, or other numbers of spans in them."""
    left_out = {_key(loss) for loss in said["losses"] if loss["reason"] in LEFT_OUT}
    left_out |= {(uid, None) for uid, _ in left_out}
    stated = {_key(s): s["spans_out"] for s in said["sets"] if _key(s) not in left_out}
    found = {
        (r.document.uid, None if r.annotations is None else r.annotations.annotator): spans_of(r)
        for r in records
    }
    for key in sorted(stated.keys() | found.keys(), key=str):
        if stated.get(key) != found.get(key):
            in_data, in_words = (_spans(counts.get(key)) for counts in (found, stated))
            yield f"{_named(key)}: the data have {in_data}, the certificate says {in_words}"


def _spans(count: int | None) -> str:
    return "no such set" if count is None else f"{count} spans"
