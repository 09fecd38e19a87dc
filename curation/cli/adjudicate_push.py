"""`curation adjudicate --push`: disputes before an adjudicator in Label Studio."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from curation.cli.common import progress, warn

if TYPE_CHECKING:
    from curation.labelstudio.client import LabelStudio
    from curation.workflows.adjudicate_push import Case, DisputesPushed
    from curation.workflows.workspace import Workspace

__all__ = ["Sending", "sending"]

_SHOWN = 20


@dataclass(frozen=True)
class Sending:
    """A push that was asked for; `client` is None where it is only to be told."""

    opened: Workspace
    client: LabelStudio | None
    again: Sequence[str]
    anonymous: bool

    def run(self, rules: Mapping[str, Sequence[str]]) -> tuple[dict[str, Any], list[str], bool]:
        """(JSON, lines for a person, whether all could be sent)."""
        if self.client is None:
            cases = self._cases(rules)
            return _planned(cases), list(_plan_lines(cases)), True
        result = self._pushed(self.client, rules)
        for line in (*result.notes, *result.problems):
            warn(line)
        return result.to_json(), list(_lines(result)), not result.problems

    def _cases(self, rules: Mapping[str, Sequence[str]]) -> dict[str, Case]:
        from curation.workflows.adjudicate_push import open_cases

        return open_cases(
            self.opened.store,
            rules=rules,
            min_annotators=self.opened.settings.adjudication.min_annotators,
            nested=self.opened.ontology.nested_entities,
            again=self.again,
        )

    def _pushed(self, client: LabelStudio, rules: Mapping[str, Sequence[str]]) -> DisputesPushed:
        from curation.workflows.adjudicate_push import push_disputes
        from curation.workflows.connection import ensure_logins
        from curation.workflows.workspace import now

        for problem in ensure_logins(self.opened.settings)[1]:
            warn(f"no login made for {problem}")
        with progress("pushing") as advance:
            return push_disputes(
                self.opened.store,
                client,
                settings=self.opened.settings,
                ontology=self.opened.ontology,
                rules=rules,
                at=now(),
                again=self.again,
                anonymous=self.anonymous,
                advance=advance,
            )


def sending(
    opened: Workspace,
    *,
    push: bool,
    again: Sequence[str] | None,
    anonymous: bool,
    dry_run: bool,
) -> Sending | None:
    """The push that the options ask for, or None; UsageError where they do not go together."""
    from curation.errors import UsageError
    from curation.workflows.connection import connect

    options = {"--again": again, "--anonymous": anonymous, "--dry-run": dry_run}
    if not push and (alone := [name for name, given in options.items() if given]):
        others = "" if alone[0] == "--dry-run" else " or --interactive"
        raise UsageError(f"{alone[0]} goes with --push{others}")
    if not push:
        return None
    client = None if dry_run else connect(opened.settings, os.environ, warn=warn)
    return Sending(opened, client, tuple(again or ()), anonymous)


def _planned(cases: Mapping[str, Case]) -> dict[str, Any]:
    return {
        "documents": len(cases),
        "disputes": sum(len(case.contested.disputes) for case in cases.values()),
        "plan": {uid: len(case.contested.disputes) for uid, case in cases.items()},
    }


def _plan_lines(cases: Mapping[str, Case]) -> Iterator[str]:
    for uid, case in list(cases.items())[:_SHOWN]:
        told = _counted(len(case.contested.disputes), "dispute")
        yield f"{uid}: {told}{', asked again' * case.again}"
    if len(cases) > _SHOWN:
        yield f"and {len(cases) - _SHOWN} more documents; --json has all"
    yield f"{_counted(len(cases), 'document')} would be put before the adjudicator"


def _lines(result: DisputesPushed) -> Iterator[str]:
    yield (
        f"{_counted(result.documents, 'document')} before the adjudicator, with "
        f"{_counted(result.disputes, 'dispute')}"
    )
    yield "  (what hangs on a disputed entity or event is decided with it, and not counted)"
    yield f"{_counted(result.created, 'task')} created, {result.existing} there already" + "".join(
        f", {count} {what}"
        for count, what in (
            (result.replaced, "brought up to date"),
            (result.opened, "opened and left as they are"),
            (result.withdrawn, "withdrawn"),
        )
        if count
    )
    if result.url:
        yield result.url
    for address in result.again:
        yield f"to be decided again: {address}"


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'s' * (count != 1)}"
