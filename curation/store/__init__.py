"""The database: SQLModel tables, mapping, repository, migrations."""

from curation.store.database import Store, open_store
from curation.store.gold import gold_record
from curation.store.records import (
    ADJUDICATION,
    AssignmentRecord,
    DecisionRecord,
    DocumentSize,
    GoldRecord,
    ProjectRecord,
    QuarantineRecord,
    ReleaseRecord,
    RemoteRecord,
    RepairRecord,
    SplitRecord,
    TaskRecord,
    Tombstone,
)
from curation.store.repository import Repository

__all__ = [
    "ADJUDICATION",
    "AssignmentRecord",
    "DecisionRecord",
    "DocumentSize",
    "GoldRecord",
    "ProjectRecord",
    "QuarantineRecord",
    "ReleaseRecord",
    "RemoteRecord",
    "RepairRecord",
    "Repository",
    "SplitRecord",
    "Store",
    "TaskRecord",
    "Tombstone",
    "gold_record",
    "open_store",
]
