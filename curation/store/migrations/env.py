"""Alembic's environment: the connection comes from `run.upgrade`."""

from alembic import context
from sqlmodel import SQLModel

from curation.store import tables  # noqa: F401 (fills SQLModel.metadata)

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    render_as_batch=True,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
