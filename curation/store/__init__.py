"""The database: SQLModel tables, mapping, repository, migrations."""

from curation.store.database import Store, open_store
from curation.store.records import (
    DecisionRecord,
    ProjectRecord,
    QuarantineRecord,
    ReleaseRecord,
    SplitRecord,
    TaskRecord,
)
from curation.store.repository import Repository

__all__ = [
    "DecisionRecord",
    "ProjectRecord",
    "QuarantineRecord",
    "ReleaseRecord",
    "Repository",
    "SplitRecord",
    "Store",
    "TaskRecord",
    "open_store",
]
