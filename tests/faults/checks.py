"""What must hold when a push and a pull have come through: each check yields what does not."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from faults.workspace import Said, said

from curation.store import Repository, TaskRecord

__all__ = ["check_kept", "check_said", "check_sound", "check_states", "check_tasks", "dump", "keys"]

Payload = Mapping[str, Any]
Key = tuple[str, int, str, str, bool]


def check_tasks(repo: Repository, server: Mapping[str, list[Payload]]) -> Iterator[str]:
    """Each assignment has one task on the server, the database knows it, predictions as planned."""
    proposals = repo.proposals()
    assigned = {(a.uid, a.annotator): a.assisted for a in repo.assignments()}
    stored = {(t.uid, t.annotator): t for t in repo.tasks() if t.state != "gone"}
    there: dict[tuple[str, str], list[Payload]] = defaultdict(list)
    for annotator, tasks in server.items():
        for task in tasks:
            there[task["data"]["uid"], annotator].append(task)
    for key in sorted(assigned.keys() | there.keys() | stored.keys()):
        found = [int(t["id"]) for t in there[key]]
        if key not in assigned or len(found) != 1:
            yield f"{key}: tasks {found}, assigned: {key in assigned}"
        elif key not in stored or stored[key].remote_id != found[0]:
            yield f"{key}: task {found} is stored as {stored.get(key)}"
        else:
            newest = proposals.get(key[0]) if assigned[key] else None
            yield from _check_proposal(there[key][0], stored[key], newest)


def _check_proposal(task: Payload, stored: TaskRecord, newest: str | None) -> Iterator[str]:
    """A task that was opened keeps what it had, which may be nothing or an older proposal."""
    opened, there = task["annotations"] or task["drafts"], len(task["predictions"])
    if there > 1 or there != stored.assisted or (there and newest is None):
        yield f"{stored}: {there} predictions, wanted {newest}"
    if not opened and stored.proposal != newest:
        yield f"{stored}: unopened, the newest proposal is {newest}"


def keys(server: Mapping[str, list[Payload]]) -> set[Key]:
    """The revisions of annotations and drafts that are on the server now."""
    return {
        _key(kind, item)
        for tasks in server.values()
        for task in tasks
        for kind in ("annotation", "draft")
        for item in task[f"{kind}s"]
    }


def check_kept(database: Path, expected: set[Key]) -> Iterator[str]:
    """Every revision that was there at a pull is kept once, and nothing else is."""
    with closing(sqlite3.connect(database)) as connection:
        rows = connection.execute("SELECT kind, body FROM payload").fetchall()
    kept = Counter(_key(kind, json.loads(body)) for kind, body in rows)
    for key in expected - kept.keys():
        yield f"payload lost: {key[:3]}"
    for key, count in kept.items():
        if count > 1:
            yield f"payload kept {count} times: {key[:3]}"
        if key not in expected:
            yield f"payload of nowhere: {key[:3]}"


def check_said(repo: Repository, expected: Mapping[tuple[str, str], Said]) -> Iterator[str]:
    """What people submitted last is what the database says they said."""
    found = {(s.uid, s.annotator): said(s) for s in repo.annotation_sets("person")}
    for key in sorted(found.keys() | expected.keys()):
        if found.get(key) != expected.get(key):
            yield f"{key}: said {expected.get(key)}, stored {found.get(key)}"


def check_states(
    repo: Repository, server: Mapping[str, list[Payload]], deleted: set[int]
) -> Iterator[str]:
    """Tasks are done, skipped or open as on the server; the annotations that went are deleted."""
    wanted = {int(t["id"]): _state(t) for tasks in server.values() for t in tasks}
    live = {key[:2] for key in keys(server)}
    gone = set()
    for task in repo.tasks():
        if task.state != wanted.get(task.remote_id, "gone"):
            yield f"{task.uid} {task.annotator}: {task.state}, is {wanted.get(task.remote_id)}"
        for remote in repo.remotes(task):
            if remote.state == "deleted":
                gone.add(remote.remote_id)
            if (remote.state != "deleted") != ((remote.kind, remote.remote_id) in live):
                yield f"{task.uid} {task.annotator}: {remote.kind} {remote.state} by mistake"
    for number in sorted(deleted - gone):
        yield f"annotation {number} was deleted and is not known as such"
    for record in repo.quarantined():
        yield f"quarantine: {record}"


def check_sound(database: Path) -> Iterator[str]:
    """The file itself is sound."""
    with closing(sqlite3.connect(database)) as connection:
        found = connection.execute("PRAGMA integrity_check").fetchall()
        found += connection.execute("PRAGMA foreign_key_check").fetchall()
    if found != [("ok",)]:
        yield f"the database is damaged: {found}"


def dump(database: Path) -> list[str]:
    """All that is stored."""
    with closing(sqlite3.connect(database)) as connection:
        return sorted(connection.iterdump())


def _key(kind: str, item: Payload) -> Key:
    result = json.dumps(item["result"], sort_keys=True)
    return (kind, int(item["id"]), str(item["updated_at"]), result, bool(item.get("was_cancelled")))


def _state(task: Payload) -> str:
    states = {bool(a["was_cancelled"]) for a in task["annotations"]}
    if False in states:
        return "done"
    return "skipped" if states else "open"
