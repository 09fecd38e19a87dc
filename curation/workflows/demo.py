"""The main job from end to end: on the sample corpus, or on a user's own up to annotating."""

from __future__ import annotations

import secrets
import shlex
import shutil
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from curation import samples
from curation.agreement.items import entities as entity_items
from curation.agreement.items import triggers as trigger_items
from curation.agreement.matching import align
from curation.errors import CheckFailed, UsageError
from curation.formats.registry import exporter
from curation.labelstudio import server
from curation.labelstudio.client import LabelStudio
from curation.labelstudio.convert import annotations_to_result
from curation.model import AnnotationSet, Entity, Event, Record
from curation.report.write import write_report
from curation.settings import FILE_NAME, Annotator
from curation.store import Store
from curation.workflows import agreement
from curation.workflows.adjudicate import adjudicate_workspace
from curation.workflows.ingest import ingest
from curation.workflows.preannotate import preannotate
from curation.workflows.pull import pull
from curation.workflows.push import push
from curation.workflows.release import Options, Released, release
from curation.workflows.report import report_facts
from curation.workflows.split import split_store
from curation.workflows.workspace import Workspace, init_workspace, now

__all__ = ["Outcome", "run_on_corpus", "run_on_samples"]

Say = Callable[[str], None]
SAMPLE_RULES = ("majority", "prefer:anna")
_PEOPLE = ("annotator-1", "annotator-2")
_START_SECONDS = 300.0


@dataclass(frozen=True)
class Outcome:
    """Where everything is. `release` and `report` are None where people must annotate first."""

    workspace: str
    url: str
    login: str
    credentials: str
    documents: int
    tasks: int
    annotations: int
    release: str | None
    report: str | None
    next_steps: tuple[str, ...]


def run_on_samples(folder: Path, environment: Mapping[str, str], say: Say) -> Outcome:
    """The whole job with the sample documents and the sample annotators' work."""
    people = _sample_annotators()
    workspace = _workspace(
        folder, environment, name="Sample corpus", people=people, rules=SAMPLE_RULES
    )
    with workspace.store.transaction() as repo:
        foreign = set(repo.uids()) - {p.stem for p in samples.documents_dir().iterdir()}
    if foreign:
        raise UsageError(f"{folder}: has documents of its own; name another folder for the demo")
    info = _start(workspace, say)
    tokens = _users(info, workspace)
    client = LabelStudio(info.url, info.token)
    tasks = _until_pushed(workspace, client, [samples.documents_dir()], say)
    submitted = _submit_samples(workspace, info.url, tokens)
    say(f"submitted  {submitted} sample annotations, as {', '.join(tokens)}")
    annotations = _pull(workspace, client, say)
    _measure(workspace, say)
    _adjudicate_and_split(workspace, say)
    released = _release(workspace)
    parts = ", ".join(f"{part} {n}" for part, n in released.parts.items())
    say(f"release    {released.version}: {released.documents} documents ({parts})")
    report = workspace.settings.folder / "report.html"
    write_report(report_facts(workspace, time=now()), report)
    place = workspace.settings.folder
    return Outcome(
        workspace=str(place),
        url=info.url,
        login=info.email,
        credentials=str(info.credentials_file),
        documents=_documents(workspace.store),
        tasks=tasks,
        annotations=annotations,
        release=released.path,
        report=str(report),
        next_steps=_steps(
            place,
            "status",
            "agreement --by label",
            "server stop",
        ),
    )


def run_on_corpus(folder: Path, corpus: Path, environment: Mapping[str, str], say: Say) -> Outcome:
    """The user's documents, pre-annotated, before annotators; the server is left running."""
    if not corpus.exists():
        raise UsageError(f"{corpus}: does not exist; name a folder or file with documents")
    people = [Annotator(name=name, email=f"{name}@example.org") for name in _PEOPLE]
    workspace = _workspace(
        folder, environment, name=corpus.resolve().name, people=people, rules=("majority",)
    )
    info = _start(workspace, say)
    tokens = _users(info, workspace)
    client = LabelStudio(info.url, info.token)
    tasks = _until_pushed(workspace, client, [corpus], say)
    place = workspace.settings.folder
    return Outcome(
        workspace=str(place),
        url=info.url,
        login=", ".join(a.email for a in workspace.settings.annotators if a.name in tokens),
        credentials=str(info.credentials_file),
        documents=_documents(workspace.store),
        tasks=tasks,
        annotations=0,
        release=None,
        report=None,
        next_steps=_steps(
            place,
            "pull",
            "agreement",
            "adjudicate",
            "report",
        ),
    )


def _steps(place: Path, *commands: str) -> tuple[str, ...]:
    """Command lines that work where they are printed, also where no environment is activated."""
    own = Path(sys.executable).with_name("curation")
    program = str(own) if shutil.which("curation") is None and own.exists() else "curation"
    return tuple(
        shlex.join([program, *command.split(), "--workspace", str(place)]) for command in commands
    )


def _sample_annotators() -> list[Annotator]:
    languages = {p.stem for p in samples.documents_dir().iterdir()}
    read = exporter("jsonl").read
    found = []
    for name, path in samples.annotation_files().items():
        uids = {r.document.uid for r in read(path, {})}
        narrowed = tuple(sorted(uids)) if uids != languages else ()
        found.append(
            Annotator(name=name, email=f"{name}@example.org", documents=narrowed, sample=True)
        )
    return found


def _workspace(
    folder: Path,
    environment: Mapping[str, str],
    *,
    name: str,
    people: Sequence[Annotator],
    rules: Sequence[str],
) -> Workspace:
    if folder.is_dir() and any(folder.iterdir()) and not (folder / FILE_NAME).is_file():
        raise UsageError(f"{folder}: is not empty and no workspace; name a new folder")
    workspace, _ = init_workspace(
        folder,
        workspace_id=secrets.token_hex(4),
        name=name[:60],
        annotators=people,
        rules=rules,
        environment=environment,
    )
    return workspace


def _start(workspace: Workspace, say: Say) -> server.ServerInfo:
    say("starting   Label Studio on this machine; the first start takes a minute")
    info = server.start(workspace.settings.server_folder, port=None, wait=_START_SECONDS)
    say(f"server     {info.url}")
    return info


def _users(info: server.ServerInfo, workspace: Workspace) -> dict[str, str]:
    """Name -> API token of every configured annotator, made as users where they are not yet."""
    return {
        a.name: server.ensure_user(info, email=a.email, name=a.name)
        for a in workspace.settings.annotators
    }


def _until_pushed(
    workspace: Workspace, client: LabelStudio, paths: Sequence[Path], say: Say
) -> int:
    """Ingest, pre-annotate and push; how many tasks there are."""
    settings = workspace.settings
    sample = paths == [samples.documents_dir()]
    read = ingest(
        workspace.store,
        paths,
        languages=settings.languages,
        at=now(),
        source="sample documents of curation" if sample else None,
        license_name="cc0-1.0" if sample else None,
    )
    for line in (*read.notes, *read.problems):
        say(f"           {line}")
    with workspace.store.transaction() as repo:
        languages = Counter(repo.languages().values())
    found = ", ".join(f"{code} {n}" for code, n in sorted(languages.items()))
    say(f"documents  {read.documents} ({read.new} new): {found}")
    say(f"           {read.near_duplicates} of them near-duplicates of one another")
    if not read.documents:
        raise CheckFailed("no document could be read; mend what is said above")
    made = preannotate(
        workspace.store, pipelines=settings.pipelines, ontology=workspace.ontology, at=now()
    )
    for uid, reason in made.failures:
        say(f"           {uid}: {reason}")
    with workspace.store.transaction() as repo:
        proposals = list(repo.annotation_sets("model"))
    entities = sum(len(p.entities) for p in proposals)
    events = sum(len(p.events) for p in proposals)
    say(f"proposals  {entities} entities, {events} events in {len(proposals)} documents")
    sent = push(workspace.store, client, settings=settings, ontology=workspace.ontology, at=now())
    tasks = sent.created + sent.existing
    say(f"tasks      {tasks} in {len(sent.projects)} projects ({sent.created} new)")
    return tasks


def _submit_samples(workspace: Workspace, url: str, tokens: Mapping[str, str]) -> int:
    """Hand in what the sample annotators say, as those users, where a task has no answer yet."""
    read = exporter("jsonl").read
    submitted = 0
    for name, path in samples.annotation_files().items():
        said = {r.document.uid: r for r in read(path, {})}
        client = LabelStudio(url, tokens[name])
        for task, prediction in _open_tasks(workspace, client, name):
            record = said.get(str(task["data"]["uid"]))
            if record is None or record.annotations is None:
                continue
            result = annotations_to_result(
                _corrected(record.annotations, prediction),
                record.document.text,
                workspace.ontology,
            )
            client.create_annotation(
                int(task["id"]),
                result,
                lead_time=_sample_seconds(record),
                parent_prediction=next((int(p["id"]) for p in task.get("predictions") or []), None),
            )
            submitted += 1
    return submitted


def _open_tasks(
    workspace: Workspace, client: LabelStudio, name: str
) -> Iterator[tuple[Mapping[str, Any], AnnotationSet | None]]:
    with workspace.store.transaction() as repo:
        project = next(p for p in repo.projects() if p.annotator == name and p.server == client.url)
        proposals = {s.uid: s for s in repo.annotation_sets("model")}
    for task in list(client.tasks(project.remote_id)):
        if not task.get("annotations"):
            yield task, proposals.get(str(task["data"]["uid"]))


def _corrected(said: AnnotationSet, proposal: AnnotationSet | None) -> AnnotationSet:
    """`said` as corrections of `proposal`: what was kept has its id, and each item its origin."""
    if proposal is None:
        return said
    names: dict[str, tuple[str, str]] = {}
    for items, mine, theirs in (
        (entity_items, said.entities, proposal.entities),
        (trigger_items, said.events, proposal.events),
    ):
        by_key = {item.key: item for item in theirs}
        own = {item.key: item for item in mine}
        pairs, _, _ = align(items(said), items(proposal))
        for one, other in pairs:
            item, suggested = own[_key(one)], by_key[_key(other)]
            origin = "prediction" if _same(item, suggested) else "prediction-changed"
            names[item.id] = (suggested.id, origin)
    return said.model_copy(
        update={
            "entities": tuple(e.model_copy(update=_origin(e.id, names)) for e in said.entities),
            "events": tuple(
                e.model_copy(
                    update={
                        **_origin(e.id, names),
                        "arguments": tuple(
                            a.model_copy(update={"target": _origin(a.target, names)["id"]})
                            for a in e.arguments
                        ),
                    }
                )
                for e in said.events
            ),
        }
    )


def _same(item: Entity | Event, suggested: Entity | Event) -> bool:
    """Neither moved, nor relabelled, nor with another answer."""
    if isinstance(item, Event) and isinstance(suggested, Event):
        return item.key == suggested.key and dict(item.attributes) == dict(suggested.attributes)
    return item.key == suggested.key


def _key(item: Sequence[Any]) -> tuple[int, int, str]:
    return (int(item[0]), int(item[1]), str(item[2]))


def _origin(item_id: str, names: Mapping[str, tuple[str, str]]) -> dict[str, str]:
    new_id, origin = names.get(item_id, (f"by-hand-{item_id}", "manual"))
    return {"id": new_id, "origin": origin}


def _sample_seconds(record: Record) -> float:
    """An invented time of work for a sample annotation, the same every time."""
    items = len(record.annotations.items) if record.annotations else 0
    return round(len(record.document.text) / 15 + 2.5 * items, 1)


def _pull(workspace: Workspace, client: LabelStudio, say: Say) -> int:
    pulled = pull(
        workspace.store,
        client,
        settings=workspace.settings,
        ontology=workspace.ontology,
        at=now(),
    )
    for problem in pulled.problems:
        say(f"           quarantined: {problem}")
    with workspace.store.transaction() as repo:
        count = sum(1 for _ in repo.annotation_sets(*agreement.PEOPLE))
    say(f"pulled     {count} annotation sets ({pulled.new} new), {pulled.quarantined} quarantined")
    return count


def _measure(workspace: Workspace, say: Say) -> None:
    report = agreement.measure(agreement.read_store(workspace.store), slices=())
    for layer in ("entities", "triggers", "arguments"):
        for match in ("exact", "overlap"):
            estimate = report.estimate(f"f1(layer={layer},match={match})")
            if estimate is None or estimate.value is None:
                continue
            interval = f", 95% [{estimate.ci[0]:.3f}, {estimate.ci[1]:.3f}]" if estimate.ci else ""
            say(f"agreement  {estimate.name} = {estimate.value:.3f}{interval}")


def _adjudicate_and_split(workspace: Workspace, say: Say) -> None:
    gold = adjudicate_workspace(workspace, at=now())
    rules = ", ".join(f"{rule} {n}" for rule, n in gold.by_rule.items())
    say(f"gold       {gold.complete} documents without disputes, {gold.disputed_documents} with")
    say(f"           decisions by rule: {rules}")
    splits = workspace.settings.splits
    placed = split_store(workspace.store, parts=splits.parts, seed=splits.seed, at=now())
    parts = ", ".join(f"{part} {n}" for part, n in placed.parts.items())
    say(f"splits     {parts}; {len(placed.straddling)} groups in two parts")


def _release(workspace: Workspace) -> Released:
    """The newest release again if nothing changed, else the next minor version."""
    with workspace.store.transaction() as repo:
        newest, following = _versions(r.version for r in repo.releases())
    options = Options(license_name="cc0-1.0")
    try:
        return release(workspace, newest, at=now(), options=options)
    except UsageError:
        return release(workspace, following, at=now(), options=options)


def _versions(released: Iterable[str]) -> tuple[str, str]:
    """The newest final version, and the minor one after it; "1.0.0-rc1" is not final."""
    final = [tuple(map(int, v.split("."))) for v in released if "-" not in v]
    major, minor, patch = max(final, default=(1, 0, 0))
    return f"{major}.{minor}.{patch}", f"{major}.{minor + 1}.0"


def _documents(store: Store) -> int:
    with store.transaction() as repo:
        return len(repo.uids())
