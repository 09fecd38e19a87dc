"""SHA256SUMS: made like `sha256sum` makes it, and able to tell every kind of change."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest

from curation.errors import InputError
from curation.formats.checksums import verify_checksums, write_checksums


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with files at two depths, one with a hostile name."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a.jsonl").write_bytes(b"a\n")
    (tmp_path / "README.md").write_bytes(b"")
    (tmp_path / "two\nlines \\ é").write_bytes(b"x")
    return tmp_path


def test_sums_are_sorted_and_in_the_format_of_sha256sum(folder: Path) -> None:
    """Each line is the digest, two spaces and the path; odd names are escaped as coreutils do."""
    sums = {name: hashlib.sha256(data).hexdigest() for name, data in [("a", b"a\n"), ("x", b"x")]}
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    text = write_checksums(folder)
    assert text == (
        f"{empty}  README.md\n{sums['a']}  data/a.jsonl\n\\{sums['x']}  two\\nlines \\\\ é\n"
    )
    assert (folder / "SHA256SUMS").read_text(encoding="utf-8") == text


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="needs coreutils")
def test_sha256sum_itself_accepts_the_file(folder: Path) -> None:
    """The command that users have checks the folder without a complaint."""
    write_checksums(folder)
    done = subprocess.run(
        ["sha256sum", "--check", "--strict", "SHA256SUMS"],
        cwd=folder,
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")


def test_an_untouched_folder_has_no_problems(folder: Path) -> None:
    """What was just written holds, and writing again changes nothing."""
    assert write_checksums(folder) == write_checksums(folder)
    assert verify_checksums(folder) == []


def test_every_kind_of_change_is_told(folder: Path) -> None:
    """Changed, missing and added files are each named, one line each."""
    write_checksums(folder)
    (folder / "README.md").write_bytes(b"changed")
    (folder / "data" / "a.jsonl").unlink()
    (folder / "data" / "new").write_bytes(b"")
    (folder / "two\nlines \\ é").unlink()
    problems = verify_checksums(folder)
    assert [p.split(": ")[0] for p in problems] == [
        r"'two\nlines \\ é'",
        "README.md",
        "data/a.jsonl",
        "data/new",
    ]
    assert "SHA-256 is " in problems[1]
    assert problems[2:] == ["data/a.jsonl: missing", "data/new: not in SHA256SUMS"]


def test_a_path_out_of_the_folder_is_not_followed(folder: Path) -> None:
    """A sum for a file elsewhere is reported as missing; the file is not opened."""
    outside = folder.parent / "outside"
    outside.write_bytes(b"x")
    write_checksums(folder)
    with (folder / "SHA256SUMS").open("a", encoding="utf-8") as stream:
        stream.write(f"{hashlib.sha256(b'x').hexdigest()}  ../outside\n")
    assert verify_checksums(folder) == ["../outside: missing"]


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"abc  x\n", "SHA256SUMS:1: not a line"), (b"\xff\n", "not UTF-8"), (None, "cannot be read")],
)
def test_a_file_of_sums_that_cannot_be_read_is_an_input_error(
    content: bytes | None, message: str, folder: Path
) -> None:
    """A damaged or missing SHA256SUMS is not the same as a folder in order."""
    if content is not None:
        (folder / "SHA256SUMS").write_bytes(content)
    with pytest.raises(InputError, match=message):
        verify_checksums(folder)


def test_a_link_is_not_released(folder: Path) -> None:
    """A link could point out of the folder, and is refused."""
    (folder / "link").symlink_to("README.md")
    with pytest.raises(InputError, match="link: is no plain file"):
        write_checksums(folder)
