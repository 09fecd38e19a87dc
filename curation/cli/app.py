"""The command tree. Each command is a module of its own; the order here is the order of work."""

from __future__ import annotations

from typing import Annotated

import typer

from curation import __version__
from curation.cli import (
    adjudicate,
    agreement,
    annotators,
    audit,
    backup,
    demo,
    diff,
    doctor,
    evaluate,
    explain,
    export,
    hydrate,
    import_,
    ingest,
    init,
    ontology,
    preannotate,
    pull,
    push,
    release,
    replay,
    report,
    server,
    split,
    status,
    verify,
)
from curation.cli.group import CurationGroup

__all__ = ["app"]

app = typer.Typer(
    cls=CurationGroup,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Gold datasets of entities and events from multilingual news.",
    epilog="Start with `curation demo DIR`, or `curation init DIR`. "
    "Exit codes: 0 done, 1 a check did not hold, 2 wrong use or input, "
    "3 Label Studio or the database cannot be reached.",
)


def _version(value: bool) -> None:
    if value:
        typer.echo(f"curation {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="The version.")
    ] = False,
) -> None:
    """Gold datasets of entities and events from multilingual news."""


_SETTING_UP = "Setting up"
_WORK = "The work, in order"
_LOOKING = "Looking"

app.command("init", rich_help_panel=_SETTING_UP)(init.init_cli)
app.command("demo", rich_help_panel=_SETTING_UP)(demo.demo_cli)
app.command("doctor", rich_help_panel=_SETTING_UP)(doctor.doctor_cli)
app.command("backup", rich_help_panel=_SETTING_UP)(backup.backup_cli)
app.command("restore", rich_help_panel=_SETTING_UP)(backup.restore_cli)
app.add_typer(server.app, name="server", rich_help_panel=_SETTING_UP)
app.add_typer(ontology.app, name="ontology", rich_help_panel=_SETTING_UP)
app.command("ingest", rich_help_panel=_WORK)(ingest.ingest_cli)
app.command("preannotate", rich_help_panel=_WORK)(preannotate.preannotate_cli)
app.command("push", rich_help_panel=_WORK)(push.push_cli)
app.command("pull", rich_help_panel=_WORK)(pull.pull_cli)
app.add_typer(import_.app, name="import", rich_help_panel=_WORK)
app.command("replay", rich_help_panel=_WORK)(replay.replay_cli)
app.command("agreement", rich_help_panel=_WORK)(agreement.agreement_cli)
app.command("adjudicate", rich_help_panel=_WORK)(adjudicate.adjudicate_cli)
app.command("audit", rich_help_panel=_WORK)(audit.audit_cli)
app.command("split", rich_help_panel=_WORK)(split.split_cli)
app.command("export", rich_help_panel=_WORK)(export.export_cli)
app.command("release", rich_help_panel=_WORK)(release.release_cli)
app.command("diff", rich_help_panel=_WORK)(diff.diff_cli)
app.command("hydrate", rich_help_panel=_WORK)(hydrate.hydrate_cli)
app.command("verify", rich_help_panel=_WORK)(verify.verify_cli)
app.command("status", rich_help_panel=_LOOKING)(status.status_cli)
app.command("annotators", rich_help_panel=_LOOKING)(annotators.annotators_cli)
app.command("explain", rich_help_panel=_LOOKING)(explain.explain_cli)
app.command("report", rich_help_panel=_LOOKING)(report.report_cli)
app.command("evaluate", rich_help_panel=_LOOKING)(evaluate.evaluate_cli)
