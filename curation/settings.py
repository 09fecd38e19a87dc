"""Everything that can be set: curation.toml and the environment, read into one frozen object.

curation.toml          the workspace's own settings, see curation.settings_template
$CURATION_WORKSPACE    the workspace, where no --workspace is given
$CURATION_DATABASE_URL the database, instead of the one in the workspace
$LABEL_STUDIO_URL      the Label Studio server, instead of the embedded one
$LABEL_STUDIO_API_KEY  the key for it; never stored
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from unicodedata import category, normalize
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StrictInt,
    ValidationError,
    field_validator,
    model_validator,
)

from curation.errors import WorkspaceError
from curation.names import ANNOTATOR, LANGUAGE, RESERVED
from curation.settings_release import Release

__all__ = [
    "FILE_NAME",
    "Adjudication",
    "Adjudicator",
    "Agreement",
    "Annotator",
    "LabelStudioAddress",
    "Pipeline",
    "Push",
    "Settings",
    "Splits",
    "find_workspace",
    "load_settings",
    "parse_settings",
]

FILE_NAME = "curation.toml"
DEFAULT_LANGUAGES = ("sk", "sv", "en", "nb", "nl")
_PART = r"[A-Za-z0-9_][A-Za-z0-9_-]{0,39}"


def _no_control(text: str) -> str:
    if any(category(c) == "Cc" for c in text):
        raise ValueError("has a control character")
    return text


def _is_address(url: str) -> bool:
    """Whether it has a host, perhaps a port and a path, and nothing else."""
    if not re.fullmatch(r"(?i:https?)://[^\s/@?#]+(/[^\s@?#]*)?", url):
        return False
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _some(rules: tuple[str, ...]) -> tuple[str, ...]:
    if not rules:
        raise ValueError("no rule; name one or more of unanimous, majority, prefer:NAME")
    return rules


_EMAIL = r"^[^@\s\p{Cc}]+@[^@\s\p{Cc}]+\.[^@\s\p{Cc}]+$"
_Path = Annotated[str, Field(min_length=1), AfterValidator(_no_control)]
_Rules = Annotated[tuple[str, ...], AfterValidator(_some)]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Annotator(_Frozen):
    """A person who labels. Empty `languages` and `documents` mean all of them.

    `documents` are uid patterns ("sk-*"); `share` of the work is relative to the others';
    `sample` marks the invented annotators of the demo.
    """

    name: str = Field(pattern=f"^{ANNOTATOR}$")
    email: str = Field(pattern=_EMAIL)
    languages: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    share: float = Field(default=1.0, gt=0, le=1000)
    sample: bool = False

    def reads(self, *, uid: str, language: str) -> bool:
        """Whether this Document is for this annotator."""
        right_language = not self.languages or language in self.languages
        named = not self.documents or any(fnmatchcase(uid, p) for p in self.documents)
        return right_language and named


class Pipeline(_Frozen):
    """The pipeline of a language: "accurate", "fast", or a spaCy package by its name or folder.

    `labels` says what the labels of a spaCy package are called here; "" leaves one out.
    """

    name: str = Field(min_length=1)
    labels: Mapping[str, str] = Field(default_factory=dict)


class LabelStudioAddress(_Frozen):
    """Where Label Studio is; without `url` it is the embedded server of the workspace."""

    url: str | None = None

    @field_validator("url")
    @classmethod
    def _address(cls, url: str | None) -> str | None:
        if url is not None and not _is_address(url):
            # What was given is not repeated: a password may stand in it.
            raise ValueError("not an address such as http://127.0.0.1:8080, without name or key")
        return url


class Push(_Frozen):
    """How documents are shared out. Without the first two everybody gets all that they read.

    `overlap_share` (else all) of the documents of each language go to `overlap` people (else two),
    the others to one;
    `unassisted_share` of all documents come without proposals.
    """

    overlap: StrictInt | None = Field(default=None, ge=1, le=50)
    overlap_share: float | None = Field(default=None, ge=0, le=1)
    unassisted_share: float = Field(default=0.0, ge=0, le=1)
    seed: int = Field(default=13, ge=0, lt=2**63)


class Adjudicator(_Frozen):
    """Who decides what annotators dispute; one of the annotators, or somebody else."""

    name: str = Field(pattern=f"^{ANNOTATOR}$")
    email: str = Field(pattern=_EMAIL)


class Adjudication(_Frozen):
    """Rules by layer, tried in order until one decides; curation.adjudication.rules has them.

    `adjudicator` decides the rest; without one, whoever hands a decision in.
    """

    entities: _Rules = ("majority",)
    events: _Rules = ("majority",)
    arguments: _Rules = ("majority",)
    attributes: _Rules = ("majority",)
    min_annotators: int = Field(default=2, ge=1)
    adjudicator: Adjudicator | None = None


class Agreement(_Frozen):
    """What agreement should be, and how its slices are made.

    `targets`: exact F1 wanted of a label, event type, role, or of a layer by its name. `rounds`:
    name of a round of annotation -> its first day. `min_documents`: smaller slices have no value.
    """

    targets: Mapping[str, Annotated[float, Field(gt=0, le=1)]] = Field(default_factory=dict)
    rounds: Mapping[str, date] = Field(default_factory=dict)
    min_documents: int = Field(default=5, ge=1)


class Splits(_Frozen):
    """Parts and their shares of the gold Documents, what stays together, and the seed.

    `frozen` parts take no Documents once they have some. `by`: what never straddles parts besides
    near-duplicates, translations and revisions. `max_similarity`: the most that texts of different
    parts may have in common. `event_days`: days between reports of one event.
    """

    parts: Mapping[str, float] = {"train": 0.7, "dev": 0.15, "test": 0.15}
    seed: int = Field(default=13, ge=0, lt=2**63)
    frozen: tuple[str, ...] = ()
    by: tuple[Literal["source", "event", "month"], ...] = ()
    max_similarity: float = Field(default=0.5, gt=0, le=1)
    event_days: StrictInt = Field(default=3, ge=0, le=366)

    @field_validator("parts")
    @classmethod
    def _shares(cls, parts: Mapping[str, float]) -> Mapping[str, float]:
        if wrong := [part for part in parts if not re.fullmatch(_PART, part)]:
            raise ValueError(f"{wrong[0]!r} cannot name files; write letters, digits, - and _")
        if not parts or not all(0 < share <= 1 for share in parts.values()):
            raise ValueError("every part needs a share above 0, the whole is 1")
        if abs(sum(parts.values()) - 1) > 1e-6:
            raise ValueError(f"the shares add up to {sum(parts.values()):g}, not to 1")
        return parts

    @model_validator(mode="after")
    def _known_parts(self) -> Self:
        if unknown := [part for part in self.frozen if part not in self.parts]:
            raise ValueError(f"frozen: {unknown[0]!r} is none of parts")
        return self


class Settings(_Frozen):
    """All settings of one workspace, paths resolved."""

    folder: Path
    id: str = Field(pattern=r"^[a-z0-9]{4,32}$")
    name: str = Field(min_length=1, max_length=60)
    languages: tuple[str, ...] = DEFAULT_LANGUAGES
    ontology: _Path = "label_config/news.toml"
    database: _Path = "curation.db"
    database_url: str = ""
    annotators: tuple[Annotator, ...] = ()
    pipelines: Mapping[str, Pipeline] = Field(default_factory=dict)
    label_studio: LabelStudioAddress = LabelStudioAddress()
    push: Push = Push()
    adjudication: Adjudication = Adjudication()
    agreement: Agreement = Agreement()
    splits: Splits = Splits()
    release: Release = Release()

    @field_validator("languages")
    @classmethod
    def _codes(cls, languages: tuple[str, ...]) -> tuple[str, ...]:
        wrong = [code for code in languages if not re.fullmatch(LANGUAGE, code)]
        if wrong:
            raise ValueError(
                f"not language codes: {', '.join(map(repr, wrong))}; write en, sk, nb …"
            )
        return languages

    @model_validator(mode="after")
    def _unique_annotators(self) -> Self:
        for what, values in (
            ("name", [normalize("NFC", a.name).casefold() for a in self.annotators]),
            ("email", [a.email.casefold() for a in self.annotators]),
        ):
            twice = {v for v in values if values.count(v) > 1}
            if twice:
                raise ValueError(f"annotator {what} {min(twice)!r} stands twice")
        if any(a.name == RESERVED for a in self.annotators):
            raise ValueError(f"an annotator cannot be called {RESERVED}")
        return self

    @model_validator(mode="after")
    def _one_adjudicator(self) -> Self:
        """Whose name and e-mail are those of one annotator, or of none."""
        chosen = self.adjudication.adjudicator
        if chosen is None:
            return self
        if chosen.name == RESERVED:
            raise ValueError(f"an adjudicator cannot be called {RESERVED}")
        for a in self.annotators:
            names = {normalize("NFC", name).casefold() for name in (a.name, chosen.name)}
            same = a.email.casefold() == chosen.email.casefold()
            if (len(names) == 1) != same or (same and a.name != chosen.name):
                raise ValueError(
                    f"adjudicator {chosen.name} <{chosen.email}> has the name or the e-mail of "
                    f"annotator {a.name} <{a.email}>, and not both"
                )
        return self

    @property
    def ontology_path(self) -> Path:
        """The ontology's TOML file."""
        return self.folder / self.ontology

    @property
    def exports(self) -> Path:
        """Where releases land."""
        return self.folder / "exports"

    @property
    def server_folder(self) -> Path:
        """What the embedded Label Studio server keeps."""
        return self.folder / ".labelstudio"

    @property
    def people(self) -> tuple[tuple[str, str], ...]:
        """(name, e-mail) of everybody who needs a login: annotators, and the adjudicator."""
        named = [(a.name, a.email) for a in self.annotators]
        chosen = self.adjudication.adjudicator
        if chosen is not None and all(name != chosen.name for name, _email in named):
            named.append((chosen.name, chosen.email))
        return tuple(named)

    def annotator(self, name: str) -> Annotator | None:
        """The annotator of that name, or None."""
        return next((a for a in self.annotators if a.name == name), None)


def find_workspace(given: Path | None, environment: Mapping[str, str], start: Path) -> Path:
    """The workspace: as given, else $CURATION_WORKSPACE, else the nearest parent that is one."""
    named = given or (
        Path(environment["CURATION_WORKSPACE"]) if environment.get("CURATION_WORKSPACE") else None
    )
    if named is not None:
        if not (named / FILE_NAME).is_file():
            raise _no_workspace(named)
        return named.resolve()
    for folder in (start, *start.parents):
        if (folder / FILE_NAME).is_file():
            return folder.resolve()
    raise WorkspaceError(
        f"{start}: no workspace here or above; make one with `curation init DIR`, or name one "
        "with --workspace DIR"
    )


def _no_workspace(folder: Path) -> WorkspaceError:
    return WorkspaceError(
        f"{folder}: not a workspace, it has no {FILE_NAME}; make one with: curation init {folder}"
    )


def load_settings(folder: Path, environment: Mapping[str, str]) -> Settings:
    """The settings of the workspace `folder`; WorkspaceError tells all that is wrong with them."""
    path = folder / FILE_NAME
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (FileNotFoundError, NotADirectoryError) as error:
        raise _no_workspace(folder) from error
    except OSError as error:
        raise WorkspaceError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise WorkspaceError(f"{path}: not UTF-8 at byte {error.start}") from error
    return parse_settings(text, folder, environment)


def parse_settings(text: str, folder: Path, environment: Mapping[str, str]) -> Settings:
    """The settings in the TOML `text` of the curation.toml of `folder`."""
    path = folder / FILE_NAME
    try:
        data: dict[str, Any] = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise WorkspaceError(f"{path}: not valid TOML: {error}") from error
    workspace = data.pop("workspace", {})
    if not isinstance(workspace, dict):
        raise WorkspaceError(f"{path}: [workspace] must be a table")
    try:
        settings = Settings.model_validate({**workspace, **data, "folder": folder.resolve()})
    except ValidationError as error:
        raise WorkspaceError(f"{path}: {_all_wrong(error)}") from error
    return settings.model_copy(
        update={
            "pipelines": {k: _in_folder(p, settings.folder) for k, p in settings.pipelines.items()},
            "database_url": environment.get("CURATION_DATABASE_URL") or _database_url(settings),
            "label_studio": _label_studio(environment) or settings.label_studio,
        }
    )


def _in_folder(pipeline: Pipeline, folder: Path) -> Pipeline:
    """A pipeline that is named by a path, from the workspace's own folder on."""
    if "/" not in pipeline.name and "\\" not in pipeline.name:
        return pipeline
    return pipeline.model_copy(update={"name": str(folder / pipeline.name)})


def _database_url(settings: Settings) -> str:
    path = str(settings.folder / settings.database)
    if "?" in path:
        raise WorkspaceError(
            f"{settings.folder / FILE_NAME}: a database cannot have a ? in its path, {path}; "
            "rename it, or set CURATION_DATABASE_URL"
        )
    return f"sqlite:///{path}"


def _label_studio(environment: Mapping[str, str]) -> LabelStudioAddress | None:
    url = environment.get("LABEL_STUDIO_URL")
    try:
        return LabelStudioAddress(url=url) if url else None
    except ValidationError as error:
        raise WorkspaceError(f"LABEL_STUDIO_URL: {_all_wrong(error)}") from error


def _all_wrong(error: ValidationError) -> str:
    return "; ".join(
        f"{'.'.join(str(p) for p in e['loc']) or 'settings'}: "
        + e["msg"].removeprefix("Value error, ")
        for e in error.errors()
    )
