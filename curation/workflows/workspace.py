"""Making a workspace and opening one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from importlib.resources import files
from pathlib import Path

from curation.adjudication import LAYERS, check_rules
from curation.errors import UsageError, WorkspaceError
from curation.ontology import Ontology, load_ontology
from curation.settings import (
    FILE_NAME,
    Annotator,
    Settings,
    load_settings,
    parse_settings,
)
from curation.settings_template import settings_text
from curation.store import Store, open_store

__all__ = ["Workspace", "default_ontology_file", "init_workspace", "now", "open_workspace"]

_GITIGNORE = "curation.db*\n.labelstudio/\nexports/*\n*.lock\n*.log\n"


def now() -> str:
    """The time in UTC, ISO 8601, to the second: the one clock of the workflows."""
    return datetime.now(UTC).isoformat(timespec="seconds")


@dataclass(frozen=True)
class Workspace:
    """An open workspace: its settings, and the store and ontology on first use."""

    settings: Settings

    @cached_property
    def store(self) -> Store:
        """The database, created or migrated where needed."""
        return open_store(self.settings.database_url)

    @cached_property
    def ontology(self) -> Ontology:
        """The ontology the settings name."""
        return load_ontology(self.settings.ontology_path)

    @property
    def rules(self) -> dict[str, tuple[str, ...]]:
        """Adjudication rules by layer, checked."""
        chosen = self.settings.adjudication
        rules: dict[str, tuple[str, ...]] = {layer: getattr(chosen, layer) for layer in LAYERS}
        for layer in LAYERS:
            try:
                check_rules(rules[layer])
            except UsageError as error:
                raise WorkspaceError(
                    f"{self.settings.folder / FILE_NAME}: {layer}: {error}"
                ) from error
        return rules


def open_workspace(folder: Path, environment: Mapping[str, str]) -> Workspace:
    """The workspace in `folder`."""
    return Workspace(load_settings(folder, environment))


def default_ontology_file() -> Path:
    """The default ontology's TOML, in the wheel or in a checkout."""
    installed = Path(str(files("curation"))) / "label_config" / "news.toml"
    return installed if installed.is_file() else installed.parents[2] / "label_config" / "news.toml"


def init_workspace(
    folder: Path,
    *,
    workspace_id: str,
    name: str,
    annotators: Sequence[Annotator] = (),
    languages: Sequence[str] | None = None,
    rules: Sequence[str] = ("majority",),
    environment: Mapping[str, str],
) -> tuple[Workspace, bool]:
    """Make `folder` a workspace; (it, whether it is new). One that is there is left as it is."""
    if (folder / FILE_NAME).is_file():
        return open_workspace(folder, environment), False
    if folder.exists() and not folder.is_dir():
        raise WorkspaceError(f"{folder}: is a file; name a folder")
    chosen = {"languages": languages} if languages else {}
    text = settings_text(
        workspace_id=workspace_id, name=name, annotators=annotators, rules=rules, **chosen
    )
    parse_settings(text, folder, environment)
    try:
        _write_workspace(folder, text)
    except OSError as error:
        raise WorkspaceError(f"{folder}: cannot be written: {error.strerror}") from error
    workspace = open_workspace(folder, environment)
    with workspace.store.transaction():
        pass
    return workspace, True


def _write_workspace(folder: Path, text: str) -> None:
    (folder / "label_config").mkdir(parents=True, exist_ok=True)
    (folder / "exports").mkdir(exist_ok=True)
    source = default_ontology_file()
    target = folder / "label_config" / source.name
    if not target.exists():
        target.write_bytes(source.read_bytes())
    if not (folder / ".gitignore").exists():
        (folder / ".gitignore").write_text(_GITIGNORE, encoding="utf-8")
    # Last, so that a folder is a workspace only when everything else is in it.
    (folder / FILE_NAME).write_text(text, encoding="utf-8")
