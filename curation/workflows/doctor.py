"""What a workspace needs, and whether it is there."""

from __future__ import annotations

import importlib.metadata
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from curation.errors import CurationError
from curation.settings import Settings, find_workspace
from curation.workflows.workspace import Workspace, open_workspace

__all__ = ["Check", "examine"]

Verdict = Literal["ok", "note", "broken"]
_PACKAGES = ("spacy", "label-studio-sdk", "sqlmodel", "pydantic", "scikit-learn", "onnxruntime")
_LOW_DISK_MB = 500


@dataclass(frozen=True)
class Check:
    """One thing that was looked at. `advice` says what to do where it is not ok."""

    what: str
    verdict: Verdict
    found: str
    advice: str = ""

    def to_json(self) -> dict[str, Any]:
        """The fields by name."""
        return asdict(self)


def examine(given: Path | None, environment: Mapping[str, str], start: Path) -> list[Check]:
    """Everything that can be looked at; a workspace that is missing or broken is one of them."""
    checks = [_python(), *map(_package, _PACKAGES), _server_package()]
    named = given or environment.get("CURATION_WORKSPACE")
    try:
        folder = find_workspace(given, environment, start)
    except CurationError as error:
        return [*checks, Check("workspace", "broken" if named else "note", str(error))]
    try:
        workspace = open_workspace(folder, environment)
    except CurationError as error:
        return [*checks, Check("workspace", "broken", str(error))]
    settings = workspace.settings
    return [
        *checks,
        Check("workspace", "ok", str(settings.folder)),
        _guarded("database", lambda: _database(workspace)),
        _disk(settings.folder),
        _guarded("ontology", lambda: _ontology(workspace)),
        *(
            _guarded(f"pipeline {code}", _pipeline_check(workspace, code))
            for code in settings.languages
        ),
        *(_unserved(code) for code in settings.pipelines if code not in settings.languages),
        _guarded("Label Studio", lambda: _label_studio(settings, environment)),
        *_annotators(settings),
    ]


def _guarded(what: str, look: Callable[[], Check]) -> Check:
    try:
        return look()
    except CurationError as error:
        return Check(what, "broken", str(error))


def _python() -> Check:
    version = ".".join(map(str, sys.version_info[:3]))
    if (3, 11) <= sys.version_info[:2] <= (3, 13):
        return Check("Python", "ok", version)
    return Check("Python", "broken", version, "use Python 3.11, 3.12 or 3.13")


def _package(name: str) -> Check:
    try:
        return Check(name, "ok", importlib.metadata.version(name))
    except importlib.metadata.PackageNotFoundError:
        return Check(name, "broken", "not installed", f"pip install {name}")


def _server_package() -> Check:
    try:
        return Check("label-studio", "ok", importlib.metadata.version("label-studio"))
    except importlib.metadata.PackageNotFoundError:
        return Check(
            "label-studio",
            "note",
            "not installed",
            "only needed for a server of your own: pip install 'curation[server]'",
        )


def _database(workspace: Workspace) -> Check:
    with workspace.store.transaction() as repo:
        problems = repo.integrity_problems()
        if problems:
            return Check("database", "broken", "; ".join(problems[:3]), "restore it from a backup")
        count = len(repo.uids())
    return Check("database", "ok", f"{workspace.store.url}, {count} documents")


def _disk(folder: Path) -> Check:
    free = shutil.disk_usage(folder).free // 1_000_000
    if free < _LOW_DISK_MB:
        return Check("disk", "broken", f"{free} MB free", "make room before going on")
    return Check("disk", "ok", f"{free} MB free")


def _ontology(workspace: Workspace) -> Check:
    ontology = workspace.ontology
    return Check("ontology", "ok", f"{ontology.name} {ontology.version}")


def _pipeline_check(workspace: Workspace, language: str) -> Callable[[], Check]:
    def look() -> Check:
        from curation.preannotate.survey import survey

        chosen = workspace.settings.pipelines.get(language)
        served = survey(
            language,
            pipeline=chosen.name if chosen else None,
            label_map=chosen.labels if chosen else {},
            known=_entity_names(workspace),
        )
        renamed = ", ".join(
            f"{own} as {here}" if own != here else own for own, here in served.labels.items()
        )
        found = served.pipeline + (f"; {renamed}" if renamed else "")
        if served.left_out:
            found += f"; left out {', '.join(served.left_out)}"
        verdict: Verdict = "note" if served.missing else "ok"
        return Check(f"pipeline {language}", verdict, found, "; ".join(served.missing))

    return look


def _entity_names(workspace: Workspace) -> frozenset[str]:
    ontology = workspace.ontology
    return frozenset({*ontology.entity_names, *ontology.migrations.entities})


def _unserved(language: str) -> Check:
    return Check(
        f"pipeline {language}",
        "note",
        "named, and no document will have it",
        f"add {language!r} to languages in curation.toml, or take [pipelines.{language}] out",
    )


def _label_studio(settings: Settings, environment: Mapping[str, str]) -> Check:
    from curation.errors import LabelStudioUnreachable, UsageError
    from curation.workflows.connection import connect

    warnings: list[str] = []
    try:
        client = connect(settings, environment, warn=warnings.append)
    except (LabelStudioUnreachable, UsageError) as error:
        return Check("Label Studio", "note", str(error))
    found = f"{client.url}, {client.version()}, as {client.me().get('email')}"
    return Check("Label Studio", "note" if warnings else "ok", found, "; ".join(warnings))


def _annotators(settings: Settings) -> Iterator[Check]:
    if not settings.annotators:
        yield Check(
            "annotators", "note", "none", "add [[annotators]] tables to curation.toml before a push"
        )
    else:
        yield Check("annotators", "ok", ", ".join(a.name for a in settings.annotators))
