"""`curation adjudicate --interactive`: disputes settled in the terminal, one key each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from textwrap import wrap
from typing import TYPE_CHECKING

from curation.cli.common import warn
from curation.cli.keys import one_key

if TYPE_CHECKING:
    from curation.workflows.settle import Answer, Question, Settled
    from curation.workflows.workspace import Workspace

__all__ = ["settle_in_terminal"]

_WORDS: Mapping[str, Answer] = {"0": "nothing", "u": "undo", "s": "skip", "q": "quit"}


def settle_in_terminal(
    opened: Workspace,
    rules: Mapping[str, Sequence[str]],
    *,
    name: str | None,
    again: Sequence[str],
    anonymous: bool,
) -> Settled:
    """Ask about each dispute; `name` is the adjudicator's, where not the one of curation.toml.

    Questions go to stderr: stdout is for the result.
    """
    from curation.workflows.settle import settle
    from curation.workflows.workspace import now

    return settle(
        opened,
        adjudicator=_adjudicator(opened, name),
        ask=lambda question: _ask(question, anonymous),
        clock=now,
        rules=rules,
        again=again,
    )


def _adjudicator(opened: Workspace, name: str | None) -> str:
    from curation.errors import UsageError
    from curation.names import annotator_problem

    chosen = opened.settings.adjudication.adjudicator
    found = name or (chosen.name if chosen else "")
    if not found:
        raise UsageError(
            "who adjudicates? give --adjudicator NAME, or adjudicator = {name = …, email = …} "
            "under [adjudication] in curation.toml"
        )
    if problem := annotator_problem(found):
        raise UsageError(f"--adjudicator {problem}")
    return found


def _ask(question: Question, anonymous: bool) -> Answer:
    for line in _lines(question, anonymous):
        warn(line)
    candidates = [c for c in question.dispute.candidates if not c.nothing]
    while True:
        key = one_key()
        if key in _WORDS:
            return _WORDS[key]
        if key.isascii() and key.isdigit() and int(key) <= len(candidates):
            return candidates[int(key) - 1]
        warn(f"  {key!r} is none of: {_keys(len(candidates))}, {_help(question)}")


def _lines(question: Question, anonymous: bool) -> Iterator[str]:
    from curation.adjudication.disputes import describe

    document, dispute = question.document, question.dispute
    yield ""
    yield (
        f"{document.uid} ({question.place} of {question.documents}), {document.language}, "
        f"{dispute.layer}; {question.left} to settle"
    )
    told = describe(dispute, document.text, anonymous=anonymous).partition(". ")[2]
    yield from wrap(told, 78, initial_indent="  ", subsequent_indent="  ")
    for key, candidate in enumerate((c for c in dispute.candidates if not c.nothing), 1):
        start, end = candidate.words or (0, 0)
        words = f'  "{document.text[start:end]}"' if candidate.words else ""
        yield f"  {key}  {candidate.value}{words}"
    yield f"  {_help(question)}"


def _keys(candidates: int) -> str:
    return "1" if candidates == 1 else f"1-{candidates}"


def _help(question: Question) -> str:
    """Whether an argument fills its role is a matter of yes and no."""
    nothing = "no" if question.dispute.layer == "arguments" else "nothing"
    return f"0 {nothing}, u undo, s skip document, q quit"
