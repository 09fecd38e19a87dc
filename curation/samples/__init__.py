"""Sample documents and sample annotations that ship with the package.

Everything here is invented; README.md in this folder says what is where and under which licence.
"""

from importlib.resources import files
from pathlib import Path


def _root() -> Path:
    # A package that is installed from a wheel or read from a checkout lies in a real folder;
    # importlib.resources then hands out a Path, which callers need to open files by name.
    return Path(str(files(__name__)))


def documents_dir() -> Path:
    """The folder with the sample documents, one UTF-8 text file each, named `sv-01-varvet.txt`.

    The two letters at the start of a name are the language: en, nb, nl, sk or sv.
    """
    return _root() / "documents"


def annotation_files() -> dict[str, Path]:
    """The sample annotations: annotator's name -> JSON Lines file in the canonical format."""
    return {path.stem: path for path in sorted((_root() / "annotations").glob("*.jsonl"))}
