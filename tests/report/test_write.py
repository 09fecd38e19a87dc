"""Writing a report: whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from curation.errors import UsageError
from curation.report.facts import ReportFacts
from curation.report.render import render_report
from curation.report.write import write_report


def test_file_is_the_page(facts: ReportFacts, tmp_path: Path) -> None:
    """The file holds the page as UTF-8, replaces an older one, and leaves nothing beside it."""
    path = tmp_path / "report.html"
    path.write_text("old", encoding="utf-8")
    write_report(facts, path)
    assert path.read_bytes() == render_report(facts).encode("utf-8")
    assert list(tmp_path.iterdir()) == [path]


def test_missing_folder(facts: ReportFacts, tmp_path: Path) -> None:
    """A folder that is not there is said in one line, with the path."""
    path = tmp_path / "no" / "report.html"
    with pytest.raises(UsageError, match=r"no/report\.html: the report cannot be written"):
        write_report(facts, path)


def test_folder_in_the_way(facts: ReportFacts, tmp_path: Path) -> None:
    """A folder of that name stays, and no half-written file is left beside it."""
    path = tmp_path / "report.html"
    path.mkdir()
    with pytest.raises(UsageError, match="not a file"):
        write_report(facts, path)
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("path", ["/", ".", "", "/dev/null"])
def test_what_is_no_file_stays(facts: ReportFacts, path: str) -> None:
    """The root, this folder and a device are refused, and are what they were."""
    with pytest.raises(UsageError, match="not a file"):
        write_report(facts, Path(path))
    assert Path("/dev/null").is_char_device()


def test_file_as_folder(facts: ReportFacts, tmp_path: Path) -> None:
    """A path below a file is refused in the same words."""
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(UsageError, match="cannot be written"):
        write_report(facts, tmp_path / "file" / "report.html")
