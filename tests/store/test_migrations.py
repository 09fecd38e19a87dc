"""Databases of earlier versions are brought up to date with what is in them."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from sqlalchemy import create_engine, text

from curation.store import open_store
from curation.store.migrations.run import config


def _database_at(path: Path, revision: str) -> str:
    url = f"sqlite:///{path}"
    engine = create_engine(url)
    made = config()
    with engine.begin() as connection:
        made.attributes["connection"] = connection
        command.upgrade(made, revision)
    engine.dispose()
    return url


def test_projects_and_tasks_of_the_first_schema_survive(tmp_path: Path) -> None:
    """A database with tasks, made by the first version, keeps them and knows the new columns."""
    url = _database_at(tmp_path / "old.db", "0001")
    engine = create_engine(url)
    with engine.begin() as connection:
        for statement in (
            "INSERT INTO document (id, uid, revision, current, language, text, sha256, meta,"
            " offset_map, ingested_at) VALUES (1, 'a', 1, 1, 'en', 'text', 'x', '{}', '[]', 't')",
            "INSERT INTO project (id, server, marker, remote_id, annotator, created_at)"
            " VALUES (1, 'http://s', 'm', 7, 'anna', 't')",
            "INSERT INTO task (id, project_id, document_id, remote_id, state, assisted, pushed_at)"
            " VALUES (1, 1, 1, 9, 'done', 1, 't')",
        ):
            connection.execute(text(statement))
    engine.dispose()
    store = open_store(url)
    with store.transaction() as repo:
        (project,) = repo.projects()
        (task,) = repo.tasks(project.id)
        assert (project.remote_id, project.adopted, project.pulled_to) == (7, False, None)
        assert (task.uid, task.remote_id, task.state, task.proposal) == ("a", 9, "done", None)
    store.close()
