#!/usr/bin/env python3
"""Recipe: agreement between canonical files, and parts for their documents, without a workspace.

    python scripts/agreement_and_splits.py anna.jsonl ben.jsonl

Prints measures with intervals, then one line for each document with its part; documents that are
near-duplicates of each other get the same part.
"""

import sys
from collections import Counter
from pathlib import Path

from curation.errors import CurationError
from curation.ingest.near_duplicates import clusters
from curation.splits import Unit, assign
from curation.workflows.agreement import measure, read_files

PARTS = {"train": 0.7, "dev": 0.15, "test": 0.15}
SEED = 13


def main(files: list[Path]) -> int:
    compared = read_files(files)
    for estimate in measure(compared, slices=(), seed=SEED).measures:
        value = estimate.reason if estimate.value is None else f"{estimate.value:.3f}"
        print(f"{estimate.name}\t{value}\t{estimate.ci or ''}")
    groups = clusters((uid, d.text) for uid, d in compared.documents.items())
    labels = {uid: Counter({f"language={d.language}": 1}) for uid, d in compared.documents.items()}
    for annotations in compared.sets:
        labels[annotations.uid].update(e.label for e in annotations.entities)
    units = [Unit(uid, groups.get(uid, uid), traits) for uid, traits in labels.items()]
    for assignment in assign(units, PARTS, seed=SEED):
        print(f"{assignment.uid}\t{assignment.part}\t{assignment.group}")
    return 0


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit("usage: agreement_and_splits.py A.jsonl B.jsonl …")
    try:
        sys.exit(main([Path(name) for name in sys.argv[1:]]))
    except CurationError as error:
        print(error, file=sys.stderr)
        sys.exit(error.exit_code)
