#!/usr/bin/env python3
"""Recipe: propose entities and events for text files, without a workspace.

    python scripts/pre_annotate.py FOLDER > proposals.jsonl

Copy it and change what you need: another pipeline, a filter, another output.
"""

import sys
from pathlib import Path

from curation.errors import CurationError, InputError
from curation.formats.jsonl import record_to_line
from curation.ingest.prepare import prepare
from curation.ingest.readers import read_inputs
from curation.ingest.records import RawDocument
from curation.model import Record
from curation.preannotate.documents import Failure, annotate

LANGUAGES = ("sk", "sv", "en", "nb", "nl")


def main(folder: Path) -> int:
    documents, problems = [], []
    for found in read_inputs([folder]):
        made = prepare(found, languages=LANGUAGES) if isinstance(found, RawDocument) else found
        if isinstance(made, InputError):
            problems.append(str(made))
        elif hasattr(made, "document"):
            documents.append(made.document)
    for document, proposal in zip(documents, annotate(documents), strict=True):
        if isinstance(proposal, Failure):
            problems.append(f"{proposal.uid}: {proposal.reason}")
        else:
            print(record_to_line(Record(document=document, annotations=proposal)))
    for problem in problems:
        print(problem, file=sys.stderr)
    return 2 if problems else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: pre_annotate.py FOLDER > proposals.jsonl")
    try:
        sys.exit(main(Path(sys.argv[1])))
    except CurationError as error:
        print(error, file=sys.stderr)
        sys.exit(error.exit_code)
