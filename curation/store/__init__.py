"""The database: SQLModel tables, mapping, repository, migrations."""

from curation.store.database import Store, open_store
from curation.store.records import (
    ADJUDICATION,
    AssignmentRecord,
    DecisionRecord,
    DocumentSize,
    ProjectRecord,
    QuarantineRecord,
    ReleaseRecord,
    RemoteRecord,
    RepairRecord,
    SplitRecord,
    TaskRecord,
)
from curation.store.repository import Repository

__all__ = [
    "ADJUDICATION",
    "AssignmentRecord",
    "DecisionRecord",
    "DocumentSize",
    "ProjectRecord",
    "QuarantineRecord",
    "ReleaseRecord",
    "RemoteRecord",
    "RepairRecord",
    "Repository",
    "SplitRecord",
    "Store",
    "TaskRecord",
    "open_store",
]
