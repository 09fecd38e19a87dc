"""UIMA CAS: cassis opens it with the counts of the source, INCEpTION can, and nothing is lost."""

from __future__ import annotations

import json
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from formats.test_round_trip import record_lists
from hypothesis import given, settings

import curation
from curation.errors import InputError, UsageError
from curation.formats.cas_types import feature_name, named_by
from curation.formats.jsonl import read_records
from curation.formats.order import canonical
from curation.formats.registry import EXPORTERS
from curation.model import AnnotationSet, Argument, Event, Record
from curation.spans import to_utf16
from curation.testing import annotation_set, document

cassis = pytest.importorskip("cassis", reason="needs the extra cas")

FORMATS = ("cas-json", "cas-xmi")
TEXT = "👩‍👩‍👧 Robert Fico\r\nmet Putin. 😀 <Gas> & talks.\tFin"
ENTITY = "de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity"
SEGMENT = "de.tudarmstadt.ukp.dkpro.core.api.segmentation.type"
EVENT = "webanno.custom.Event"


def record(text: str = TEXT, *, uid: str = "d1", **fields: Any) -> Record:
    """A record with nested entities and an event, of which all offsets depend on the emoji."""
    said = annotation_set(
        text,
        [("Robert Fico", "PER"), ("Fico", "PER"), ("<Gas>", "X & Y"), ("Putin", "PER")],
        [("met", "CONSULT", {"Actor": "Robert Fico", "Recipient": "Putin"})],
        uid=uid,
        **fields,
    )
    event = said.events[0].model_copy(update={"attributes": {"tense": "past", "class": '"a"'}})
    said = said.model_copy(update={"events": (event,)})
    return Record(document=document(text, uid=uid), annotations=said)


def exported(name: str, records: list[Record], folder: Path) -> Path:
    """The folder of an export."""
    EXPORTERS[name].export(records, folder / "out", "expand")
    return folder / "out"


def loaded(folder: Path) -> list[Any]:
    """Every CAS of a folder as cassis loads it, by the names of the files."""
    types = cassis.load_typesystem((folder / "TypeSystem.xml").read_text(encoding="utf-8"))
    found = []
    for path in sorted(folder.iterdir()):
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".json":
            found.append(cassis.load_cas_from_json(text))
        elif path.suffix == ".xmi":
            found.append(cassis.load_cas_from_xmi(text, typesystem=types))
    return found


@pytest.mark.parametrize("name", FORMATS)
def test_cassis_has_the_same_words_labels_and_roles(name: str, tmp_path: Path) -> None:
    """Loaded by cassis, every annotation covers the words it was made for."""
    (cas,) = loaded(exported(name, [record()], tmp_path))
    assert cas.sofa_string == TEXT
    assert cas.document_language == "en"
    assert [(e.get_covered_text(), e.value) for e in cas.select(ENTITY)] == [
        ("Robert Fico", "PER"),
        ("Fico", "PER"),
        ("Putin", "PER"),
        ("<Gas>", "X & Y"),
    ]
    (event,) = cas.select(EVENT)
    assert (event.get_covered_text(), event.value) == ("met", "CONSULT")
    assert (event.tense, event[feature_name("class")]) == ("past", '"a"')
    links = [(a.role, a.target.get_covered_text()) for a in event.arguments.elements]
    assert links == [("Actor", "Robert Fico"), ("Recipient", "Putin")]
    words = [t.get_covered_text() for t in cas.select(f"{SEGMENT}.Token")]
    assert words[5:8] == ["Robert", "Fico", "met"]
    assert "".join(words) == "".join(TEXT.split())
    sentences = [s.get_covered_text() for s in cas.select(f"{SEGMENT}.Sentence")]
    assert "".join("".join(s.split()) for s in sentences) == "".join(TEXT.split())


@pytest.mark.parametrize("name", FORMATS)
def test_cassis_counts_the_sample_data_as_they_are(name: str, tmp_path: Path) -> None:
    """Of real stories, cassis has as many entities of each label and events of each type."""
    path = Path(curation.__file__).parent / "samples" / "annotations" / "anna.jsonl"
    records = [r for _, r in read_records(path, annotator="anna") if isinstance(r, Record)][:8]
    sets = [r.annotations for r in records if r.annotations is not None]
    cases = loaded(exported(name, records, tmp_path))
    for kind, labels in (
        (ENTITY, [e.label for s in sets for e in s.entities]),
        (EVENT, [e.type for s in sets for e in s.events]),
    ):
        assert len(set(labels)) > 3
        assert Counter(fs.value for cas in cases for fs in cas.select(kind)) == Counter(labels)
    slots = [fs.arguments.elements for cas in cases for fs in cas.select(EVENT) if fs.arguments]
    assert sum(map(len, slots)) == sum(len(e.arguments) for s in sets for e in s.events)


@pytest.mark.parametrize("name", FORMATS)
def test_offsets_in_the_files_are_utf16(name: str, tmp_path: Path) -> None:
    """As UIMA counts, an emoji is two: the numbers in the file are not those of Python."""
    folder = exported(name, [record()], tmp_path)
    start = TEXT.index("Putin")
    wanted = (to_utf16(TEXT, start), to_utf16(TEXT, start + 5))
    assert wanted == (start + 3, start + 8)
    if name == "cas-json":
        data = json.loads((folder / "d1.json").read_text(encoding="utf-8"))
        found = {(x.get("begin"), x.get("end")) for x in data["%FEATURE_STRUCTURES"]}
    else:
        tags = ET.parse(folder / "d1.xmi").getroot()
        found = {(int(x.get("begin", -1)), int(x.get("end", -1))) for x in tags}
    assert wanted in found


def test_inception_can_make_its_layers_of_the_types(tmp_path: Path) -> None:
    """What INCEpTION asks of a span layer with slots: features are texts, and one array of links
    that come from TOP and have a role and a target and nothing else; entities have a value alone.
    """
    root = ET.parse(exported("cas-xmi", [record()], tmp_path) / "TypeSystem.xml").getroot()
    ns = {"u": "http://uima.apache.org/resourceSpecifier"}
    types = {
        t.findtext("u:name", "", ns): (
            t.findtext("u:supertypeName", "", ns),
            {
                f.findtext("u:name", "", ns): f.findtext("u:rangeTypeName", "", ns)
                for f in t.iterfind(".//u:featureDescription", ns)
            },
        )
        for t in root.iterfind(".//u:typeDescription", ns)
    }
    text = "uima.cas.String"
    assert types["webanno.custom.EventArgumentsLink"] == (
        "uima.cas.TOP",
        {"role": text, "target": ENTITY},
    )
    parent, features = types[EVENT]
    assert parent == "uima.tcas.Annotation"
    assert features.pop("arguments") == "uima.cas.FSArray"
    assert features == {"value": text, "tense": text, feature_name("class"): text}
    assert types[ENTITY] == ("uima.tcas.Annotation", {"value": text})
    elements = [e.text for e in root.iterfind(".//u:elementType", ns)]
    assert elements == ["webanno.custom.EventArgumentsLink"]


@settings(max_examples=40, deadline=None, derandomize=True)
@given(records=record_lists())
def test_everything_comes_back_from_json(records: list[Record]) -> None:
    """Any records are read back as they were, and cassis counts what the certificate does."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "out"
        certificate = EXPORTERS["cas-json"].export(records, path, "strict")
        assert EXPORTERS["cas-json"].read(path, {}) == canonical(records)
        cases = loaded(path)
    spans = sum(len(cas.select(ENTITY)) + len(cas.select(EVENT)) for cas in cases)
    assert spans == certificate.spans_out == certificate.spans_in
    assert certificate.losses == ()


NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""The production Char of XML 1.0, turned round."""


def texts(records: list[Record]) -> Iterator[str]:
    """The uids and texts; labels and the like have no such characters here."""
    for made in records:
        yield made.document.uid
        yield made.document.text


@settings(max_examples=40, deadline=None, derandomize=True)
@given(records=record_lists())
def test_everything_comes_back_from_xmi_or_is_refused(records: list[Record]) -> None:
    """XMI too gives records back as they were, unless XML cannot hold a character of them."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "out"
        if any(map(NOT_IN_XML.search, texts(records))):
            with pytest.raises(InputError, match="which XML cannot hold"):
                EXPORTERS["cas-xmi"].export(records, path, "strict")
            assert list(Path(folder).iterdir()) == []
            return
        EXPORTERS["cas-xmi"].export(records, path, "strict")
        assert EXPORTERS["cas-xmi"].read(path, {}) == canonical(records)
        assert len(loaded(path)) == len(records)


def test_xml_refuses_control_characters_and_says_where(tmp_path: Path) -> None:
    """The message names the document, the character and its place, and what to do instead."""
    with pytest.raises(InputError) as caught:
        EXPORTERS["cas-xmi"].export([record(TEXT + "\x0c")], tmp_path / "out", "expand")
    assert str(caught.value) == (
        f"d1: the text has the character U+000C at {len(TEXT)}, which XML cannot hold "
        "(export it as cas-json, or clean the text)"
    )
    assert list(tmp_path.iterdir()) == []
    made = record(TEXT + "\x0c")
    assert EXPORTERS["cas-json"].read(exported("cas-json", [made], tmp_path), {}) == canonical(
        [made]
    )


@pytest.mark.parametrize("name", FORMATS)
def test_a_name_is_never_a_path(name: str, tmp_path: Path) -> None:
    """Files are named for their documents without leaving the folder or meeting each other."""
    uids = ["../../etc/passwd", "TypeSystem", "a", "A", "con", "x" * 200]
    records = [record(uid=uid) for uid in uids] + [record(uid="a", annotator="ben")]
    folder = exported(name, records, tmp_path)
    files = [p.name for p in folder.iterdir()]
    assert len({f.casefold() for f in files}) == len(records) + 1
    assert all(len(f) < 80 for f in files)
    assert [p.name for p in tmp_path.iterdir()] == ["out"]
    assert EXPORTERS[name].read(folder, {}) == canonical(records)


@pytest.mark.parametrize(
    "attribute", ["class", "begin", "x_1", "é", "a b", "self", "value", "_x", "match", "get", "1"]
)
@pytest.mark.parametrize("name", FORMATS)
def test_attributes_of_any_name_are_features(name: str, attribute: str, tmp_path: Path) -> None:
    """Names that UIMA, Java or cassis cannot take are coded, and come back."""
    said = AnnotationSet(
        uid="d1",
        annotator="anna",
        events=(
            Event(id="E1", type="X", trigger={"start": 0, "end": 4}, attributes={attribute: "v"}),
        ),
    )
    made = Record(document=document(TEXT), annotations=said)
    assert EXPORTERS[name].read(exported(name, [made], tmp_path), {}) == [made]
    assert feature_name(attribute).isidentifier()
    assert named_by(feature_name(attribute)) == attribute


def test_plain_attributes_keep_their_names() -> None:
    """What the ontology calls tense is tense in INCEpTION."""
    names = ["tense", "polarity", "modality", "genericity", "time_frame", "B2"]
    assert [feature_name(name) for name in names] == names


@pytest.mark.parametrize("name", FORMATS)
def test_scores_come_back_to_the_items_they_belong_to(name: str, tmp_path: Path) -> None:
    """Items at the same place with the same label keep each its own provenance."""
    made = record()
    assert made.annotations is not None
    first = made.annotations.entities[0]
    twins = tuple(
        first.model_copy(update={"id": f"X{n}", "score": score})
        for n, score in enumerate([None, 0.25, 0.5])
    )
    event = made.annotations.events[0].model_copy(
        update={
            "component": "rules",
            "arguments": (
                Argument(role="Actor", target="X0", score=0.75),
                Argument(role="Actor", target="X2", origin="anna"),
            ),
        }
    )
    said = made.annotations.model_copy(update={"entities": twins, "events": (event,)})
    made = made.model_copy(update={"annotations": said})
    assert EXPORTERS[name].read(exported(name, [made], tmp_path), {}) == canonical([made])


def test_what_was_edited_elsewhere_is_read(tmp_path: Path) -> None:
    """An entity and a slot that were added in another tool are in the record."""
    folder = exported("cas-json", [record()], tmp_path)
    (cas,) = loaded(folder)
    types = cas.typesystem
    start = TEXT.index("talks")
    entity = types.get_type(ENTITY)(begin=start, end=start + 5, value="TOPIC")
    cas.add(entity)
    (event,) = cas.select(EVENT)
    link = types.get_type("webanno.custom.EventArgumentsLink")(role="Topic", target=entity)
    event.arguments.elements.append(link)
    (folder / "d1.json").write_text(cas.to_json(), encoding="utf-8")
    (found,) = EXPORTERS["cas-json"].read(folder, {})
    assert found.annotations is not None
    assert [(e.start, e.label) for e in found.annotations.entities][-1] == (start, "TOPIC")
    assert [a.role for a in found.annotations.events[0].arguments] == [
        "Actor",
        "Recipient",
        "Topic",
    ]


def test_without_cassis_one_line_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The library is optional; the formats that need it say so, and write nothing."""
    monkeypatch.setitem(sys.modules, "cassis", None)
    for name in FORMATS:
        with pytest.raises(UsageError, match=r"pip install 'curation\[cas\]'"):
            EXPORTERS[name].export([record()], tmp_path / "out", "expand")
        (tmp_path / "in").mkdir(exist_ok=True)
        (tmp_path / "in" / "TypeSystem.xml").write_text("<x/>", encoding="utf-8")
        with pytest.raises(UsageError, match=r"curation\[cas\]"):
            EXPORTERS[name].read(tmp_path / "in", {})
    assert [p.name for p in tmp_path.iterdir()] == ["in"]


def _changed(old: str, new: str) -> Any:
    return lambda text: text.replace(old, new, 1)


BROKEN = [
    ("cas-json", _changed("Robert", "Rupert"), "another text"),
    ("cas-xmi", _changed("Robert Fico&#13;", "Rupert Fico&#13;"), "another text"),
    ("cas-json", lambda text: text[:-100], "not a UIMA CAS"),
    ("cas-xmi", lambda text: text[:-100], "not a UIMA CAS"),
    ("cas-json", lambda _: "[]", "not a UIMA CAS"),
    ("cas-json", lambda _: "{}", "not a UIMA CAS"),
    ("cas-json", _changed('"key": "curation"', '"key": "other"'), "not written by curation"),
    ("cas-xmi", _changed('key="curation"', 'key="other"'), "not written by curation"),
    ("cas-json", _changed('"value": "PER"', '"value": null'), "a NamedEntity: label"),
    ("cas-json", _changed('"begin": 9,', '"begin": 1,'), "not a UIMA CAS"),
    ("cas-xmi", _changed('target="', 'target="99'), "not a UIMA CAS"),
    ("cas-xmi", _changed("<xmi:XMI", '<!DOCTYPE x [<!ENTITY e "e">]><xmi:XMI'), "XML entities"),
]


@pytest.mark.parametrize(("name", "change", "message"), BROKEN)
def test_a_broken_file_is_named(name: str, change: Any, message: str, tmp_path: Path) -> None:
    """Whatever is wrong with a file, an InputError says what, and in which file."""
    folder = exported(name, [record()], tmp_path)
    (path,) = folder.glob("d1.*")
    with path.open(encoding="utf-8", newline="") as stream:
        text = stream.read()
    assert change(text) != text
    path.write_text(change(text), encoding="utf-8", newline="")
    with pytest.raises(InputError, match=message) as caught:
        EXPORTERS[name].read(folder, {})
    assert path.name in str(caught.value)
    assert "\n" not in str(caught.value)
