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


def _case(folder: Path, name: str, **changes) -> None:
    case = {
        "name": name,
        "measure": "percent_agreement",
        "input": {"type": "items", "ratings": {"A": ["x", "y"], "B": ["x", "x"]}},
        "expected": 0.5,
        "tolerance": 0.001,
    }
    (folder / f"{name}.json").write_text(json.dumps(case | changes), encoding="utf-8")


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


def test_no_folder_is_wrong_use(tmp_path, capsys):
    """A folder that is not there ends with 2, an empty one with 1."""
    assert main([str(tmp_path / "none")]) == 2
    assert main([str(tmp_path)]) == 1
    assert "usage" in capsys.readouterr().err
