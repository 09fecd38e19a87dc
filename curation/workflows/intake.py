"""Records of imported files into the store, one at a time, and counts of what was done."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any

from curation.errors import InputError
from curation.messages import few
from curation.migration import migrate
from curation.model import AnnotationSet, Document, Record
from curation.names import annotator_problem, language_problem
from curation.ontology import Ontology
from curation.store import Repository
from curation.workflows.allowed import allowed

__all__ = ["RENAME", "Imported", "Intake"]

RENAME = "rename it, or say whose they are with --annotator NAME"
_OF_GOLD = frozenset({"adjudicator", "annotators", "disputed", "ontology", "sources"})
"""What the provenance of gold says, and that of a person's set does not."""
_REPAIR = "--repair leaves out what the ontology does not allow, and counts it"


@dataclass
class Imported:
    """What an import of canonical lines did: records = annotations + bare + refused.

    `bare` lines hold a document that nobody has annotated. `documents` are new ones; new +
    unchanged + revised are the annotations. `left_out` counts items by the reason.
    """

    records: int = 0
    documents: int = 0
    bare: int = 0
    new: int = 0
    unchanged: int = 0
    revised: int = 0
    refused: int = 0
    left_out: dict[str, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """The fields by name."""
        return asdict(self)


class Intake:
    """Takes records into the store: new documents, and one set of each annotator for each.

    `annotator` is whose the sets are, instead of whom the records name. With `repair`, what the
    ontology does not allow is left out and counted; without, it refuses its record.
    """

    def __init__(
        self, ontology: Ontology, *, at: str, annotator: str | None = None, repair: bool = False
    ) -> None:
        self.done = Imported()
        self.errors: list[InputError] = []
        self._ontology = ontology
        self._at = at
        self._annotator = annotator
        self._repair = repair
        self._seen: set[tuple[str, str]] = set()

    def take(
        self, repo: Repository, found: Record | InputError, where: str
    ) -> AnnotationSet | None:
        """The set that is in the store now, None where there is none; what is wrong is counted."""
        self.done.records += 1
        try:
            if isinstance(found, InputError):
                raise found
            return self._store(repo, found, where)
        except InputError as error:
            self.done.refused += 1
            self.errors.append(error)
            return None

    def _store(self, repo: Repository, record: Record, where: str) -> AnnotationSet | None:
        said, left_out = self._said(record, where)
        self._add(repo, record.document, where)
        if said is None:
            self.done.bare += 1
            return None
        self._once(said, where)
        change = repo.save_annotations(said, at=self._at)
        setattr(self.done, change, getattr(self.done, change) + 1)
        self.done.left_out = dict(sorted((left_out + Counter(self.done.left_out)).items()))
        return said

    def _once(self, said: AnnotationSet, where: str) -> None:
        key = said.uid, said.annotator
        if key in self._seen:
            raise InputError(
                f"document {said.uid} is annotated twice by {said.annotator}",
                where=where,
                hint="give each annotator a name, and each document an id, of its own",
            )
        self._seen.add(key)

    def _add(self, repo: Repository, document: Document, where: str) -> None:
        known = repo.document(document.uid)
        if known is None:
            if problem := language_problem(document.language):
                raise InputError(problem, where=where)
            first = document.model_copy(update={"revision": 1})
            repo.add_document(first, offset_map=[], at=self._at)
            self.done.documents += 1
        elif known.sha256 != document.sha256:
            raise InputError(
                "the document of this id has another text here",
                where=where,
                hint="give the document in the file an id of its own",
            )

    def _said(self, record: Record, where: str) -> tuple[AnnotationSet | None, Counter[str]]:
        """The set as it goes into the store, and what was left out of it."""
        found = record.annotations
        if found is None:
            return None, Counter()
        if self._annotator is not None:
            found = _as_persons(found, self._annotator)
        self._check(found, where)
        found = migrate(found, self._ontology.migrations)
        if self._repair:
            return allowed(found, self._ontology)
        if problems := few(self._ontology.problems(found)):
            raise InputError(problems, where=where, hint=_REPAIR)
        return found, Counter()

    def _check(self, found: AnnotationSet, where: str) -> None:
        if found.kind == "gold":
            raise InputError(
                "gold is made by `curation adjudicate`",
                where=where,
                hint="import it as somebody's annotations, with --annotator NAME",
            )
        if problem := annotator_problem(found.annotator):
            raise InputError(problem, where=where, hint=RENAME)


def _as_persons(found: AnnotationSet, annotator: str) -> AnnotationSet:
    """The set as `annotator`'s; of gold without what says how it was adjudicated."""
    changes: dict[str, Any] = {"annotator": annotator, "kind": "person"}
    if found.kind == "gold":
        changes["provenance"] = {
            key: value
            for key, value in found.provenance.items()
            # A person's set names one guideline, gold the several of its sets.
            if key not in _OF_GOLD and not (key == "guideline" and isinstance(value, list | tuple))
        }
    return found.model_copy(update=changes)
