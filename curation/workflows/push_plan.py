"""Who gets what: the settings and the store made into a plan, and the plan told."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pydantic import ValidationError

from curation.assignment import Assignment, Item, Rules, assign
from curation.errors import UsageError
from curation.settings import Push, Settings
from curation.store import AssignmentRecord, DocumentSize, Repository

__all__ = ["PushPlan", "make_plan", "push_rules"]

_EVERY = 1.0


@dataclass(frozen=True)
class PushPlan:
    """All assignments, those there were and the `new` ones, of Documents that are here.

    `unsaved` are to be stored before anything is sent. `short`: see `assignment.Plan`.
    `continued`: the rules of before, where no others were given, else these are `asked`; `passing`
    where they are not those of the settings.
    """

    annotators: tuple[str, ...]
    assignments: tuple[AssignmentRecord, ...]
    new: int
    unsaved: tuple[AssignmentRecord, ...]
    short: Mapping[str, int]
    sizes: Mapping[str, DocumentSize]
    continued: Rules | None = None
    asked: Rules | None = None
    passing: bool = False

    @cached_property
    def by_annotator(self) -> dict[str, dict[str, bool]]:
        """Annotator -> uid -> whether proposals go along; those of the settings first."""
        found: dict[str, dict[str, bool]] = {name: {} for name in self.annotators}
        for a in self.assignments:
            found.setdefault(a.annotator, {})[a.uid] = a.assisted
        return found

    @cached_property
    def overlapped(self) -> frozenset[str]:
        """The uids that more than one person gets."""
        counts = Counter(a.uid for a in self.assignments)
        return frozenset(uid for uid, n in counts.items() if n > 1)

    @cached_property
    def unassisted(self) -> frozenset[str]:
        """The uids that come without proposals."""
        return frozenset(a.uid for a in self.assignments if not a.assisted)

    def to_json(self) -> dict[str, Any]:
        """Uids by annotator, the sums of each, and what is special about which Document."""
        return {
            "plan": {name: list(given) for name, given in self.by_annotator.items()},
            "annotators": [
                {"name": name} | self._sums(given) for name, given in self.by_annotator.items()
            ],
            "documents": len(self.sizes),
            "new": self.new,
            "overlapped": sorted(self.overlapped),
            "unassisted": sorted(self.unassisted),
            "short": dict(self.short),
        }

    def lines(self) -> list[str]:
        """A table for people, and what could not be done as wished."""
        rows = [
            (
                name,
                *(str(sums[key]) for key in ("documents", "words", "overlapped", "unassisted")),
                " ".join(f"{language} {n}" for language, n in sums["languages"].items()),
            )
            for name, given in self.by_annotator.items()
            for sums in [self._sums(given)]
        ]
        head = ("annotator", "documents", "words", "overlapped", "unassisted", "languages")
        sent = f"{self.new} of these are new in the plan; what Label Studio lacks of all is sent"
        return [*_table([head, *rows]), sent, *self.notes()]

    def notes(self) -> list[str]:
        """How new ones were shared out, and what could not be done as wished."""
        return [
            *(self._sharing() if self.new else ()),
            *(
                f"{language}: {n} documents have fewer readers than the overlap asks for; name "
                "more people who read it"
                for language, n in sorted(self.short.items())
            ),
        ]

    def _sharing(self) -> Iterator[str]:
        if self.continued:
            yield (
                f"shared out as before: {_shares(self.continued)}; [push] in curation.toml sets "
                "it, options hold for one push"
            )
        elif self.asked and self.asked.overlap is not None:
            kept = (
                f"; this holds for one push, overlap = {self.asked.overlap} and overlap_share = "
                f"{self.asked.overlap_share:g} under [push] in curation.toml keep it"
            )
            yield (
                f"asked for: {_shares(self.asked)}; now {len(self.overlapped)} of "
                f"{len(self.sizes)} have several readers{kept if self.passing else ''}"
            )

    def _sums(self, given: Mapping[str, bool]) -> dict[str, Any]:
        sizes = [self.sizes[uid] for uid in given]
        return {
            "documents": len(sizes),
            "words": sum(s.words for s in sizes),
            "characters": sum(s.length for s in sizes),
            "languages": dict(sorted(Counter(s.language for s in sizes).items())),
            "overlapped": len(self.overlapped & given.keys()),
            "unassisted": sum(not assisted for assisted in given.values()),
        }


def push_rules(
    settings: Settings,
    *,
    overlap: int | None = None,
    overlap_share: float | None = None,
    unassisted_share: float | None = None,
    seed: int | None = None,
) -> Rules | None:
    """The [push] table, with what is given here instead of it; None where nothing is said at all.

    A share without a number of people means two, a number without a share every Document.
    Raises UsageError where a value makes no sense.
    """
    given = {
        "overlap": overlap,
        "overlap_share": overlap_share,
        "unassisted_share": unassisted_share,
        "seed": seed,
    }
    changed = {name: value for name, value in given.items() if value is not None}
    try:
        chosen = Push.model_validate(settings.push.model_dump() | changed)
    except ValidationError as error:
        wrong = error.errors()[0]
        option = str(wrong["loc"][0]).replace("_", "-")
        raise UsageError(f"--{option} {wrong['input']}: {wrong['msg']}") from error
    if chosen.model_copy(update={"seed": Push().seed}) == Push() and unassisted_share is None:
        return None
    people = chosen.overlap
    if people is None and chosen.overlap_share is not None:
        people = 2
    share = _EVERY if chosen.overlap_share is None else chosen.overlap_share
    return Rules(people, share, chosen.unassisted_share, chosen.seed)


def make_plan(repo: Repository, settings: Settings, rules: Rules | None) -> PushPlan:
    """The plan, from the store's Documents, assignments and tasks; nothing is written.

    Without `rules` it goes on as documents were shared out before, at first to all who read them.
    Raises UsageError where there is nobody, or a Document that nobody reads.
    """
    if not settings.annotators:
        raise UsageError(
            f"{settings.folder / 'curation.toml'}: no annotators; add an [[annotators]] table with "
            "name and email"
        )
    sizes = {size.uid: size for size in repo.sizes()}
    kept = {(a.uid, a.annotator): a for a in repo.assignments() if a.uid in sizes}
    sent, adopted = _from_tasks(repo, kept)
    items = [_item(size, settings) for size in sizes.values()]
    existing = [
        Assignment(a.uid, a.annotator, a.assisted) for a in (*kept.values(), *sent, *adopted)
    ]
    before = _as_before(items, existing, settings.push.seed)
    shares = {a.name: a.share for a in settings.annotators}
    plan = assign(items, shares, rules or before, existing=existing)
    new = tuple(AssignmentRecord(a.uid, a.annotator, a.assisted) for a in plan.new)
    return PushPlan(
        annotators=tuple(a.name for a in settings.annotators),
        assignments=tuple(
            sorted((*kept.values(), *sent, *new), key=lambda a: (a.uid, a.annotator))
        ),
        new=len(new),
        unsaved=(*sent, *new),
        short=plan.short,
        sizes=sizes,
        continued=before if rules is None and before.overlap is not None else None,
        asked=rules,
        passing=rules is not None and rules != push_rules(settings),
    )


def _shares(rules: Rules) -> str:
    several = f"{rules.overlap_share:.0%} of the documents of each language to {rules.overlap}"
    return f"{several} people, the others to one"


def _as_before(items: Iterable[Item], existing: Iterable[Assignment], seed: int) -> Rules:
    """The rules that what exists looks like.

    It was shared out where somebody with documents has not got one that they read.
    """
    given = defaultdict(set)
    controls = set()
    for assignment in existing:
        given[assignment.uid].add(assignment.annotator)
        if not assignment.assisted:
            controls.add(assignment.uid)
    unassisted = len(controls) / len(given) if given else 0.0
    team = set().union(*given.values())
    if not any(given[i.uid] and (team & set(i.readers)) - given[i.uid] for i in items):
        return Rules(unassisted_share=unassisted, seed=seed)
    counts = [len(names) for names in given.values() if names]
    several = sum(n > 1 for n in counts) / len(counts)
    return Rules(max(counts), several, unassisted, seed)


def _from_tasks(
    repo: Repository, kept: Mapping[tuple[str, str], AssignmentRecord]
) -> tuple[list[AssignmentRecord], list[AssignmentRecord]]:
    """Tasks without an assignment: sent before there were assignments, and made by hand.

    What is in a project made by hand has its reader there, and is not sent to them again.
    """
    by_hand = {p.id for p in repo.projects() if p.adopted}
    found: dict[bool, dict[tuple[str, str], AssignmentRecord]] = defaultdict(dict)
    for task in repo.tasks():
        key = (task.uid, task.annotator)
        if key not in kept:
            adopted = task.project_id in by_hand
            found[adopted][key] = AssignmentRecord(task.uid, task.annotator, assisted=True)
    adopted_only = [a for key, a in found[True].items() if key not in found[False]]
    return list(found[False].values()), adopted_only


def _item(size: DocumentSize, settings: Settings) -> Item:
    readers = tuple(
        a.name for a in settings.annotators if a.reads(uid=size.uid, language=size.language)
    )
    return Item(size.uid, size.language, size.length, readers)


def _table(rows: list[tuple[str, ...]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell.ljust(width) if index in (0, len(row) - 1) else cell.rjust(width)
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
