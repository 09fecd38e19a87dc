"""`curation verify RELEASE` finds whatever was changed."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from releases.conftest import Run
from releases.making import AT, opened, settle

from curation.errors import InputError
from curation.formats.certified import certificate_path, data_sha256
from curation.formats.checksums import CHECKSUMS, write_checksums
from curation.workflows.release import Options, release
from curation.workflows.verify import verify
from curation.workflows.workspace import Workspace

Change = Callable[[Path], None]


def replaced(old: str, new: str) -> Change:
    """Replaces the first `old` in a file; the test is wrong where there is none."""

    def change(path: Path) -> None:
        text = path.read_text("utf-8")
        assert old in text, path
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    return change


def test_a_release_without_its_checksums_is_none_that_holds(released: Path) -> None:
    """It is not taken for a folder of exports."""
    (released / CHECKSUMS).unlink()
    with pytest.raises(InputError, match=CHECKSUMS):
        verify(released)


def test_a_release_is_verified_from_within(released: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`curation verify .` is of the folder that one is in."""
    monkeypatch.chdir(released)
    assert verify(Path()).kind == "release"


def one_byte(path: Path) -> None:
    """Changes one byte in the middle."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))


def test_an_untouched_release_holds(released: Path, run: Run) -> None:
    """Everything is checked, and nothing speaks against it."""
    found = verify(released)
    assert found.problems == ()
    assert found.kind == "release"
    assert found.checked["documents"] == 10
    assert found.checked["exports"] == 18
    assert found.checked["papers"] == 6
    assert found.checked["measures"] > 20
    assert run("verify", released).code == 0


@pytest.mark.parametrize(
    "name",
    [
        "data/entities/train-00000-of-00001.parquet",
        "spacy/train.spacy",
        "jsonl/dev.jsonl",
        "iob2/test.iob2",
        "annotators/train.jsonl",
        "agreement.json",
        "agreement.html",
        "guideline.md",
        "splits.json",
    ],
)
def test_one_byte_is_found(released: Path, name: str) -> None:
    """In data and in papers, by its checksum."""
    one_byte(released / name)
    assert any(problem.startswith(f"{name}: SHA-256") for problem in verify(released).problems)


def test_missing_and_extra_files_are_found(released: Path, run: Run) -> None:
    """Each by its name, and the command ends with 1."""
    (released / "datasheet.md").unlink()
    (released / "notes.txt").write_text("mine")
    ran = run("verify", released)
    assert ran.code == 1
    assert "datasheet.md: missing" in ran.out
    assert "notes.txt: not in SHA256SUMS" in ran.out


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        ("README.md", replaced("| en | 5 |", "| en | 6 |"), "README.md: says '| en | 6 |'"),
        ("README.md", replaced("num_examples: ", "num_examples: 1"), "README.md: says "),
        ("README.md", replaced("| `f1(", "| 0.999 `f1("), "README.md: says "),
        (
            "README.md",
            replaced("# Sample corpus 1.0.0", "# Sample corpus 9.0.0"),
            "README.md: says",
        ),
        ("datasheet.md", replaced("10 news texts", "99 news texts"), "datasheet.md: says "),
        ("croissant.json", replaced('"sha256": "', '"sha256": "0'), "croissant.json: says "),
        ("CITATION.cff", replaced("1.0.0", "1.0.1"), "CITATION.cff: says "),
        ("LICENSE", replaced("cc-by-4.0", "mit"), "LICENSE: says "),
        ("losses.json", replaced('"moved": ', '"moved": 1'), "losses.json: the certificates"),
        ("release.json", replaced('"split_seed": 13', '"split_seed": 14'), "release.json: says "),
        ("agreement.json", replaced('"value": 0', '"value": 1'), "agreement.json: "),
        ("leakage.json", replaced('"above": 0', '"above": 3'), "leakage.json: above: "),
        ("ontology.toml", replaced('guideline = "1"', 'guideline = "2"'), "README.md: says "),
        ("agreement.json", replaced('"measures"', '"measured"'), "another"),
    ],
)
def test_a_number_is_found_though_the_checksums_fit(
    released: Path, name: str, change: Change, said: str
) -> None:
    """Whoever changes a number and makes the checksums again is found: it is counted again."""
    change(released / name)
    write_checksums(released)
    problems = verify(released).problems
    assert not any(CHECKSUMS in problem for problem in problems)
    if said == "another":
        said = "a file has not the shape it had"
    assert any(said in problem for problem in problems), problems


def test_data_that_were_changed_are_found_though_the_checksums_fit(released: Path) -> None:
    """An entity that goes from one format is missed in its certificate, the card, the other one."""
    path = released / "jsonl" / "dev.jsonl"
    first, *rest = path.read_text("utf-8").splitlines()
    line = json.loads(first)
    line["events"] = []
    path.write_text("\n".join([json.dumps(line, ensure_ascii=False), *rest]) + "\n", "utf-8")
    write_checksums(released)
    problems = "\n".join(verify(released).problems)
    assert "jsonl jsonl/dev.jsonl: SHA-256 is" in problems
    assert "the data have" in problems
    assert "dev: other than the first format on" in problems
    assert "README.md: says" in problems


def one_token(path: Path) -> str:
    """The tag of an entity of one token; with it changed the next tag still fits."""
    found = re.search(r"\tB-LOC\n(?=\S+\tO\n)", path.read_text("utf-8"))
    assert found is not None
    return found[0]


def certified(data: Path) -> None:
    """Makes the certificate of changed data fit, as somebody would who wants them to pass."""
    path = certificate_path(data)
    said = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps(said | {"sha256": data_sha256(data)}), "utf-8")


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("iob2/dev.iob2", lambda path: replaced(one_token(path), "\tB-MISC\n")(path)),
        ("csv/dev", lambda path: replaced('"PER"', '"ORG"')(path / "entities.csv")),
        ("csv/dev", lambda path: replaced('"negative"', '"positive"')(path / "events.csv")),
    ],
)
def test_formats_are_held_against_each_other(made: Workspace, name: str, change: Change) -> None:
    """Another label in one of them is found, though checksums and certificate fit."""
    options = Options(formats=("jsonl", "iob2", "csv"))
    folder = Path(release(made, "2.0.0", at=AT, options=options).path)
    change(folder / name)
    certified(folder / name)
    write_checksums(folder)
    found = [p for p in verify(folder).problems if "other than the first format on " in p]
    assert len(found) == 1
    assert name in found[0]


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        ("annotators/dev.jsonl.losses.json", replaced('"spans_in": ', '"spans_in": 1'), "spans_in"),
        ("annotators/dev.losses.json", replaced('"documents": ', '"documents": 1'), "documents"),
        ("splits.json", replaced('"annotators": 3', '"annotators": 4'), "annotators '4', the data"),
        (
            "tombstones.json",
            replaced("[]", '[{"uid": "en-02-market", "part": "test", "reason": "x"}]'),
            "was withdrawn, and is in the data",
        ),
        ("tombstones.json", replaced("[]", "[0]"), "has not the shape it had"),
    ],
)
def test_what_annotators_said_and_lists_are_looked_at_too(
    released: Path, name: str, change: Change, said: str
) -> None:
    """Certificates of annotators' sets, how many they were, and what was withdrawn."""
    change(released / name)
    write_checksums(released)
    problems = verify(released).problems
    assert any(said in problem for problem in problems), problems


def test_a_document_in_two_parts_is_found(released: Path) -> None:
    """Parts are disjoint by uid and by text."""
    splits = json.loads((released / "splits.json").read_text())
    splits["dev"].append(splits["train"][0])
    (released / "splits.json").write_text(json.dumps(splits))
    write_checksums(released)
    problems = "\n".join(verify(released).problems)
    assert f"uid '{splits['train'][0]['uid']}' is in dev and train" in problems


def test_what_is_no_release_is_said(tmp_path: Path, released: Path, run: Run) -> None:
    """A folder without anything, and one whose splits are gone."""
    (tmp_path / "empty").mkdir()
    assert run("verify", tmp_path / "empty").code == 2
    (released / "release.json").write_text("[]")
    ran = run("verify", released)
    assert (ran.code, "Traceback" in ran.out + ran.err) == (1, False)


@pytest.fixture
def stand_off(made: Workspace) -> Path:
    """A release without texts."""
    options = Options(stand_off=True, with_annotators=True)
    return Path(release(made, "2.0.0", at=AT, options=options).path)


def test_a_stand_off_release_has_no_text(made: Workspace, stand_off: Path) -> None:
    """No twenty characters of any text are in any file, of gold or of annotators."""
    with made.store.transaction() as repo:
        texts = [d.text for d in repo.documents()]
    pieces = [text[i : i + 20] for text in texts for i in range(0, len(text) - 20, 7)]
    encoded = {json.dumps(piece)[1:-1].encode() for piece in pieces} | {p.encode() for p in pieces}
    for path in stand_off.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert not [piece for piece in encoded if piece in data], path
    names = {p.suffix for p in stand_off.rglob("*") if p.is_file()}
    assert not names & {".parquet", ".spacy", ".iob2"}


def test_a_stand_off_release_holds_and_is_compared(
    made: Workspace, stand_off: Path, run: Run
) -> None:
    """It is verified like any other, and says the same as the release with texts."""
    assert verify(stand_off).problems == ()
    card = (stand_off / "README.md").read_text()
    assert "curation hydrate" in card
    assert "load_dataset" not in card
    ran = run("diff", made.settings.exports / "1.0.0", stand_off)
    assert (ran.code, ran.out) == (0, "from 1.0.0 to 2.0.0\nnothing changed\n")


def test_a_stand_off_release_takes_no_format_with_texts(made: Workspace, run: Run) -> None:
    """One line says why."""
    folder = made.settings.folder
    ran = run("release", "3.0.0", "-w", folder, "--stand-off", "--format", "parquet")
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert "the format parquet has them" in ran.err


def test_texts_come_back(made: Workspace, stand_off: Path, tmp_path: Path, run: Run) -> None:
    """Hydrated lines are those of the release with texts, but for provenance and metadata."""
    texts = tmp_path / "texts"
    texts.mkdir()
    with made.store.transaction() as repo:
        for document in repo.documents():
            (texts / f"{document.uid}.txt").write_text(document.text, "utf-8", newline="")
    target = tmp_path / "dev.jsonl"
    lines = stand_off / "standoff" / "dev.standoff.jsonl"
    assert run("hydrate", lines, "--texts", texts, "--to", target).code == 0
    whole = made.settings.exports / "1.0.0" / "jsonl" / "dev.jsonl"
    keys = ("id", "text", "entities", "events")
    said = [
        [{k: json.loads(line)[k] for k in keys} for line in path.read_text("utf-8").splitlines()]
        for path in (target, whole)
    ]
    assert said[0] == said[1]


def test_a_release_of_another_version_of_the_program(released: Path) -> None:
    """It may have used other words; a number in a table of its card is found all the same."""
    manifest = released / "release.json"
    replaced('"curation": "', '"curation": "0.0.0-other')(manifest)
    replaced("Entities and events in news", "News")(released / "README.md")
    write_checksums(released)
    assert verify(released).problems == ()
    replaced("| sk | 5 |", "| sk | 4 |")(released / "README.md")
    write_checksums(released)
    (problem,) = verify(released).problems
    assert problem == "README.md: says nothing, the data come to '| sk | 5 |'"


def test_an_older_release_is_no_traceback(made: Workspace, released: Path, run: Run) -> None:
    """One of the program before manifests is compared, and verified as far as it goes."""
    shutil.copytree(released, made.settings.exports / "0.9.0")
    (made.settings.exports / "0.9.0" / "release.json").unlink()
    ran = run("verify", made.settings.exports / "0.9.0")
    assert (ran.code, "an older program made this release" in ran.out) == (1, True)
    settle(made.settings.folder, "")
    assert opened(made.settings.folder).settings.release.license == ""
    assert run("diff", "0.9.0", "1.0.0", "-w", made.settings.folder).code == 0
