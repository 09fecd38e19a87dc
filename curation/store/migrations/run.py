"""Running Alembic from the program, without an alembic.ini."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

__all__ = ["config", "known_revisions", "upgrade"]


def config() -> Config:
    """The Alembic configuration of this package."""
    made = Config()
    made.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    return made


def known_revisions() -> list[str]:
    """All migrations, newest first."""
    return [s.revision for s in ScriptDirectory.from_config(config()).walk_revisions()]


def upgrade(engine: Engine) -> None:
    """Bring the database to the newest migration, in one transaction."""
    made = config()
    with engine.begin() as connection:
        made.attributes["connection"] = connection
        command.upgrade(made, "head")
