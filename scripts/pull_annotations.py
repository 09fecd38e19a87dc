#!/usr/bin/env python3
"""Recipe: bring the annotators' work back and say who has done how much.

    python scripts/pull_annotations.py WORKSPACE

Every payload is kept verbatim in the database before it is interpreted.
"""

import os
import sys
from pathlib import Path

from curation.errors import CurationError
from curation.workflows.connection import connect
from curation.workflows.pull import pull
from curation.workflows.status import read_status
from curation.workflows.workspace import now, open_workspace


def main(folder: Path) -> int:
    workspace = open_workspace(folder, os.environ)
    client = connect(workspace.settings, os.environ)
    pulled = pull(
        workspace.store,
        client,
        settings=workspace.settings,
        ontology=workspace.ontology,
        at=now(),
    )
    print(f"{pulled.new} new, {pulled.revised} revised, {pulled.quarantined} quarantined")
    for problem in pulled.problems:
        print(problem, file=sys.stderr)
    for annotator in read_status(workspace.store, workspace.settings).annotators:
        print(f"{annotator.name}: {annotator.done} of {annotator.assigned} done")
    return 1 if pulled.problems else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: pull_annotations.py WORKSPACE")
    try:
        sys.exit(main(Path(sys.argv[1])))
    except CurationError as error:
        print(error, file=sys.stderr)
        sys.exit(error.exit_code)
