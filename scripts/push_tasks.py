#!/usr/bin/env python3
"""Recipe: put the documents of a workspace before its annotators in Label Studio.

    python scripts/push_tasks.py WORKSPACE

Documents without proposals are pre-annotated first. Running it again sends only what is missing.
"""

import os
import sys
from pathlib import Path

from curation.errors import CurationError
from curation.workflows.connection import connect
from curation.workflows.preannotate import preannotate
from curation.workflows.push import push
from curation.workflows.workspace import now, open_workspace


def main(folder: Path) -> int:
    workspace = open_workspace(folder, os.environ)
    settings, ontology = workspace.settings, workspace.ontology
    made = preannotate(workspace.store, pipelines=settings.pipelines, ontology=ontology, at=now())
    print(f"{made.documents} documents pre-annotated, {len(made.failures)} failed")
    client = connect(settings, os.environ)
    sent = push(workspace.store, client, settings=settings, ontology=ontology, at=now())
    for project in sent.projects:
        print(
            f"{project.annotator}: {project.created} new, {project.existing} there, {project.url}"
        )
    return 1 if made.failures else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: push_tasks.py WORKSPACE")
    try:
        sys.exit(main(Path(sys.argv[1])))
    except CurationError as error:
        print(error, file=sys.stderr)
        sys.exit(error.exit_code)
