"""Published and worked-out values, one case a file."""

import json
from pathlib import Path

import pytest

from curation.agreement.conformance import main, outcome, outcomes

_CASES = Path(__file__).resolve().parents[2] / ".." / "shared" / "agreement-cases"
needs_cases = pytest.mark.skipif(not _CASES.is_dir(), reason="the shared case files are not here")


@needs_cases
@pytest.mark.parametrize("path", sorted(_CASES.glob("*.json")), ids=lambda path: path.stem)
def test_case(path):
    """The value is the published one, within the tolerance."""
    result = outcome(json.loads(path.read_text(encoding="utf-8")))
    assert result.passed, str(result)


def _case(folder: Path, file: str, **changes) -> None:
    case = {
        "name": file,
        "measure": "percent_agreement",
        "input": {"type": "items", "ratings": {"A": ["x", "y"], "B": ["x", "x"]}},
        "expected": 0.5,
        "tolerance": 0.001,
    }
    (folder / f"{file}.json").write_text(json.dumps(case | changes), encoding="utf-8")


def test_the_command_says_each_verdict_and_fails_unless_all_pass(tmp_path, capsys):
    """Passing, failing and unknown measures are told apart; one failure is a failure."""
    _case(tmp_path, "a")
    assert main([str(tmp_path)]) == 0
    _case(tmp_path, "b", expected=0.6)
    _case(tmp_path, "c", measure="sorcery")
    assert main([str(tmp_path)]) == 1
    lines = capsys.readouterr().out.splitlines()[2:]
    assert [line.split()[0] for line in lines] == ["pass", "FAIL", "not", "1"]


def test_undefined_is_told_from_zero(tmp_path):
    """A case that expects undefined does not accept a number, nor the other way round."""
    _case(tmp_path, "a", expected=None)
    _case(tmp_path, "b", measure="cohen_kappa", expected=0.0)
    _case(
        tmp_path,
        "c",
        measure="cohen_kappa",
        input={"type": "items", "ratings": {"A": ["x"], "B": ["x"]}},
        expected=0.0,
    )
    assert [result.verdict for result in outcomes(tmp_path)] == ["FAIL", "pass", "FAIL"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"{", "not JSON: "),
        (b"", "not JSON: "),
        (b"[" * 100_000, "RecursionError"),
        ('{"name": "é"}'.encode("utf-16"), "not UTF-8"),
        (b"[]", "TypeError: a case is an object"),
        (b"null", "TypeError: a case is an object"),
        (b'{"name": "x", "expected": 1}', "'measure' is not there"),
        (b'{"name": "x", "measure": [], "expected": 1}', "TypeError: a case is an object"),
        (b'{"name": "x", "measure": "percent_agreement", "expected": 1}', "'input' is not there"),
    ],
)
def test_a_file_that_is_no_case_is_broken_and_the_others_are_run(tmp_path, capsys, content, reason):
    """One line with its path and what is wrong, and the command fails."""
    (tmp_path / "a.json").write_bytes(content)
    _case(tmp_path, "b")
    assert main([str(tmp_path)]) == 1
    broken, passed, summary = capsys.readouterr().out.splitlines()
    assert broken.startswith(f"BROKEN {tmp_path / 'a.json'}: {reason}")
    assert (passed.split()[0], summary) == ("pass", "1 of 2 pass")


@pytest.mark.parametrize(
    "changes",
    [
        {"input": []},
        {"input": {"ratings": 3}},
        {"input": {"ratings": {"A": [[]], "B": [[]]}}},
        {"expected": "much"},
        {"tolerance": None},
        {"measure": "gamma", "input": {"annotators": {"A": [["x", 1, "P"]], "B": [[0, 1, "P"]]}}},
        {"measure": "dawid_skene_class_prior", "input": {"responses": {}}},
    ],
)
def test_a_case_of_other_types_is_broken(tmp_path, capsys, changes):
    """What a measure cannot take is the file's fault, never a traceback."""
    _case(tmp_path, "a", **changes)
    assert main([str(tmp_path)]) == 1
    assert capsys.readouterr().out.startswith("BROKEN ")


def test_a_folder_that_is_called_like_a_file_is_broken(tmp_path, capsys):
    """Files that cannot be read are told like those that cannot be understood."""
    (tmp_path / "a.json").mkdir()
    assert main([str(tmp_path)]) == 1
    assert "IsADirectoryError" in capsys.readouterr().out


def test_names_cannot_drive_a_terminal(tmp_path, capsys):
    """Control characters of names and paths are written out, on one line each."""
    _case(tmp_path, "a", name="\x1b[2J\n", expected="\x1b[31m")
    _case(tmp_path, "b", measure="\x9bA", expected="\u202ex")
    (tmp_path / "c\x1b.json").write_text("", encoding="utf-8")
    main([str(tmp_path)])
    out = capsys.readouterr().out
    assert all(c.isprintable() or c == "\n" for c in out)
    assert len(out.splitlines()) == 4


def test_no_folder_is_wrong_use(tmp_path, capsys):
    """A folder that is not there ends with 2, an empty one with 1."""
    assert main([str(tmp_path / "none")]) == 2
    assert main([str(tmp_path)]) == 1
    assert "usage" in capsys.readouterr().err
