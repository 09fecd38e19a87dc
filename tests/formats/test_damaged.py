"""Files that were damaged, by chance or on purpose: readers say so, or read what is still sound."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.errors import CurationError
from curation.formats.registry import EXPORTERS
from curation.model import Record
from curation.testing import annotation_set, document

TEXT = "Fico met Putin in Žilina. 😀 They talked.\r\nNothing was signed."
NAMES = [name for name in ("csv", "dygie", "oneie", "cas-json", "cas-xmi") if name in EXPORTERS]
PIECES = [
    "",
    "0",
    "-1",
    "99999999999999999999",
    '"',
    "null",
    "[]",
    "{}",
    "<",
    "&x;",
    "\x00",
    "é",
    ",",
]


def source() -> list[Record]:
    """One document seen by two annotators, one by nobody."""
    first = annotation_set(
        TEXT,
        [("Fico", "PER"), ("Putin", "PER"), ("Žilina", "LOC")],
        [("met", "CONSULT", {"Actor": "Fico", "Location": "Žilina"})],
    )
    event = first.events[0].model_copy(update={"attributes": {"tense": "past"}})
    first = first.model_copy(update={"events": (event,)})
    second = annotation_set(TEXT, [("Fico", "PER")], annotator="ben", kind="model")
    return [
        Record(document=document(TEXT), annotations=first),
        Record(document=document(TEXT), annotations=second),
        Record(document=document("Nobody.", uid="d2"), has_events=False),
    ]


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=150, deadline=None, derandomize=True)
@given(data=st.data())
def test_a_damaged_file_gives_no_traceback(name: str, data: st.DataObject) -> None:
    """With any piece of any file replaced, reading ends well or with one of our errors."""
    if name.startswith("cas"):
        pytest.importorskip("cassis", reason="needs the extra cas")
    documents = {r.document.uid: r.document for r in source()}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "out"
        EXPORTERS[name].export(source(), path, "expand")
        files = [path] if path.is_file() else sorted(path.iterdir())
        damaged = data.draw(st.sampled_from(files))
        text = damaged.read_bytes()
        start = data.draw(st.integers(0, len(text) - 1))
        end = data.draw(st.integers(start, min(len(text), start + 12)))
        piece = data.draw(st.sampled_from(PIECES)).encode()
        damaged.write_bytes(text[:start] + piece + text[end:])
        said = ""
        try:
            EXPORTERS[name].read(path, documents)
        except CurationError as error:
            said = str(error)
        assert "\n" not in said
        texts = EXPORTERS[name].texts
        if texts is not None:
            assert all(len(d.text) < 10_000 for d in texts(path).values())


@pytest.mark.parametrize("name", NAMES)
def test_what_is_not_damaged_is_read(name: str, tmp_path: Path) -> None:
    """The source of the test above is sound, so that it is the damage that is refused."""
    EXPORTERS[name].export(source(), tmp_path / "out", "strict")
    documents = {r.document.uid: r.document for r in source()}
    assert len(EXPORTERS[name].read(tmp_path / "out", documents)) == (2 if name == "oneie" else 3)
