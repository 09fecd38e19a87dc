"""What a workspace needs, and whether it is there."""

from __future__ import annotations

import importlib.metadata
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from curation.errors import CurationError
from curation.messages import few
from curation.ontology import Ontology, load_ontology
from curation.settings import Settings, find_workspace
from curation.workflows.workspace import Workspace, default_ontology_file, open_workspace

if TYPE_CHECKING:
    from curation.preannotate.survey import Served

__all__ = ["Check", "State", "examine"]

State = Literal["ok", "warn", "fail"]
_SHOWN = ("spacy", "label-studio-sdk", "sqlmodel", "pydantic", "onnxruntime")


@dataclass(frozen=True)
class Check:
    """One thing that was looked at. `advice` says what to do where it is not ok.

    fail: something will not work. warn: something is missing that not everybody needs.
    """

    what: str
    state: State
    found: str
    advice: str = ""

    def to_json(self) -> dict[str, Any]:
        """The fields by name."""
        return asdict(self)


def examine(
    given: Path | None,
    environment: Mapping[str, str],
    start: Path,
    *,
    clock: Callable[[], datetime],
) -> list[Check]:
    """Everything that can be looked at; a workspace that is missing or broken is one of them.

    Nothing is changed: no database is made or migrated. `clock` tells the time in UTC.
    """
    checks = [_python(), *_packages(), _server_package(), _built_in()]
    named = given or environment.get("CURATION_WORKSPACE")
    try:
        folder = find_workspace(given, environment, start)
    except CurationError as error:
        return [*checks, Check("workspace", "fail" if named else "warn", str(error))]
    try:
        workspace = open_workspace(folder, environment)
        _ = workspace.rules
    except CurationError as error:
        return [*checks, Check("settings", "fail", str(error))]
    return [*checks, *_workspace(workspace, environment, clock)]


def _workspace(
    workspace: Workspace, environment: Mapping[str, str], clock: Callable[[], datetime]
) -> Iterator[Check]:
    from curation.workflows import doctor_places as places
    from curation.workflows.doctor_server import label_studio

    settings = workspace.settings
    yield Check("settings", "ok", str(settings.folder / "curation.toml"))
    yield places.writable(settings)
    yield places.disk(settings)
    yield _guarded("database", lambda: places.database(settings))
    yield _guarded("ontology", lambda: _ontology(workspace))
    for code in settings.languages:
        yield _guarded(f"pipeline {code}", _pipeline_check(workspace, code))
    yield from (_unserved(code) for code in settings.pipelines if code not in settings.languages)
    yield _guarded("Label Studio", lambda: label_studio(settings, environment, clock))
    yield from _annotators(settings)


def _guarded(what: str, look: Callable[[], Check]) -> Check:
    try:
        return look()
    except CurationError as error:
        return Check(what, "fail", str(error))


def _python() -> Check:
    version = ".".join(map(str, sys.version_info[:3]))
    if (3, 11) <= sys.version_info[:2] <= (3, 13):
        return Check("Python", "ok", version)
    return Check("Python", "fail", version, "use Python 3.11, 3.12 or 3.13")


def _packages() -> Iterator[Check]:
    """One line where all are as required, else one for each that is not."""
    from packaging.requirements import Requirement

    try:
        required = [Requirement(line) for line in importlib.metadata.requires("curation") or ()]
    except importlib.metadata.PackageNotFoundError:
        yield Check(
            "packages",
            "warn",
            "curation itself is not installed, so what it requires is not known",
            "pip install -e . in its folder",
        )
        return
    needed = [r for r in required if r.marker is None or r.marker.evaluate({"extra": ""})]
    wrong = [check for check in map(_package, needed) if check.state != "ok"]
    yield from wrong
    if not wrong:
        shown = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in _SHOWN)
        yield Check("packages", "ok", f"all {len(needed)} as required, such as {shown}")


def _package(wanted: Any) -> Check:
    """`wanted` is a packaging Requirement."""
    advice = f"pip install '{wanted.name}{wanted.specifier}'"
    try:
        version = importlib.metadata.version(wanted.name)
    except importlib.metadata.PackageNotFoundError:
        return Check(wanted.name, "fail", "not installed", advice)
    if wanted.specifier.contains(version, prereleases=True):
        return Check(wanted.name, "ok", version)
    return Check(wanted.name, "fail", f"{version}, and {wanted.specifier} is required", advice)


def _server_package() -> Check:
    try:
        return Check("label-studio", "ok", importlib.metadata.version("label-studio"))
    except importlib.metadata.PackageNotFoundError:
        return Check(
            "label-studio",
            "warn",
            "not installed",
            "only needed for a server of your own: pip install 'curation[server]'",
        )


def _built_in() -> Check:
    """Both models that are in the package, loaded and tried on two words."""
    from curation.preannotate.pipeline import BUILT_IN, load_pipeline, pipeline_name

    def look() -> Check:
        tried = [load_pipeline("en", pipeline=name) for name in BUILT_IN]
        for nlp in tried:
            nlp("Anna met Ben.")
        names = [pipeline_name(nlp) for nlp in tried]
        found = ", ".join(names)
        if any(name.startswith("curation-rules") for name in names):
            return Check("models", "fail", found, "reinstall curation: a model did not come along")
        return Check("models", "ok", found)

    return _guarded("models", look)


def _ontology(workspace: Workspace) -> Check:
    ontology = workspace.ontology
    found = (
        f"{ontology.name} {ontology.version}: {len(ontology.entities)} entities, "
        f"{len(ontology.events)} event types, {len(ontology.roles)} roles"
    )
    ours = load_ontology(default_ontology_file())
    if (ontology.name, ontology.version) == (ours.name, ours.version) and ontology != ours:
        advice = "it differs from the one of that name that comes along: give it a name of its own"
        return Check("ontology", "warn", found, advice)
    return Check("ontology", "ok", found)


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
        if drawn := _never_proposed(workspace.ontology, served):
            found += f"; left to annotators: {few(drawn, between=', ')}"
        state: State = "warn" if served.missing else "ok"
        return Check(f"pipeline {language}", state, found, "; ".join(served.missing))

    return look


def _never_proposed(ontology: Ontology, served: Served) -> list[str]:
    """Labels and event types that nothing proposes, in the ontology's order."""
    moved = ontology.migrations
    names = {**moved.entities, **moved.events}
    proposed = {names.get(name, name) for name in served.proposed}
    there = [*(e.name for e in ontology.entities), *(e.name for e in ontology.events)]
    return [name for name in there if name not in proposed]


def _entity_names(workspace: Workspace) -> frozenset[str]:
    ontology = workspace.ontology
    return frozenset({*ontology.entity_names, *ontology.migrations.entities})


def _unserved(language: str) -> Check:
    return Check(
        f"pipeline {language}",
        "warn",
        "named, and no document will have it",
        f"add {language!r} to languages in curation.toml, or take [pipelines.{language}] out",
    )


def _annotators(settings: Settings) -> Iterator[Check]:
    if not settings.annotators:
        yield Check(
            "annotators", "warn", "none", "add [[annotators]] tables to curation.toml before a push"
        )
    else:
        yield Check("annotators", "ok", ", ".join(a.name for a in settings.annotators))
