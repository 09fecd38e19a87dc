"""`curation backup` and `curation restore`: what goes in comes out, or nothing does."""

from __future__ import annotations

import json
import shutil
import sqlite3
import stat
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

from curation.cli.app import app

from .conftest import Run

LINE = {
    "id": "d1",
    "language": "en",
    "text": "Anna Berg met Peter Lind.",
    "meta": {},
    "annotator": "anna",
    "entities": [{"id": "T1", "start": 0, "end": 9, "label": "PER"}],
    "events": [],
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A workspace with one document that anna has annotated, and a backup of it."""
    folder = tmp_path_factory.mktemp("backup")
    (folder / "anna.jsonl").write_text(json.dumps(LINE) + "\n", encoding="utf-8")
    for command in (
        ["init", folder / "w", "--annotator", "anna <anna@example.org>"],
        ["import", "jsonl", folder / "anna.jsonl", "-w", folder / "w"],
        ["backup", folder / "b.zip", "-w", folder / "w"],
    ):
        assert CliRunner().invoke(app, [str(a) for a in command]).exit_code == 0
    return folder / "w", folder / "b.zip"


@pytest.fixture
def filled(made: tuple[Path, Path], tmp_path: Path) -> Path:
    """A copy of the workspace, to change."""
    return Path(shutil.copytree(made[0], tmp_path / "w"))


@pytest.fixture
def backup(made: tuple[Path, Path], tmp_path: Path) -> Path:
    """A copy of the backup."""
    return Path(shutil.copy(made[1], tmp_path / "b.zip"))


def contents(path: Path) -> dict[str, bytes]:
    """The members of an archive, by name, in order."""
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def write(path: Path, members: dict[str, bytes], **modes: int) -> Path:
    """An archive of these members; `modes` are file types by name."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in members.items():
            info = zipfile.ZipInfo(name)
            info.external_attr = modes.get(name, stat.S_IFREG | 0o600) << 16
            archive.writestr(info, body)
    return path


def with_manifest(members: dict[str, bytes], change: Callable[[dict[str, object]], object]) -> None:
    """Changes the manifest among the members."""
    manifest = json.loads(members["manifest.json"])
    change(manifest)
    members["manifest.json"] = json.dumps(manifest).encode()


def test_restored_workspace_is_the_one_that_was_backed_up(
    run: Run, filled: Path, backup: Path, tmp_path: Path
) -> None:
    """Settings, ontology and every annotation are back, and the counts are said."""
    restored = run("restore", backup, "-w", tmp_path / "again", "--json").json
    assert restored["rows"]["annotation_set"] == 1
    assert restored["aside"] is None
    for name in ("curation.toml", "label_config/news.toml", ".gitignore"):
        assert (tmp_path / "again" / name).read_bytes() == (filled / name).read_bytes()
    for folder in (filled, tmp_path / "again"):
        assert run("export", "jsonl", folder / "o", "-w", folder, "--annotator", "anna").code == 0
    assert (tmp_path / "again" / "o").read_bytes() == (filled / "o").read_bytes()


def test_releases_are_made_again(run: Run, tmp_path: Path) -> None:
    """No backup holds their folders; the restored workspace says so, and makes the same bytes."""
    place, again = tmp_path / "w", tmp_path / "again"
    people = [x for name in "ab" for x in ("--annotator", f"{name} <{name}@example.org>")]
    assert run("init", place, *people).code == 0
    for name in "ab":
        said = (
            LINE | {"id": f"d{n}", "annotator": name, "text": f"{LINE['text']} {n}"}
            for n in range(9)
        )
        file = tmp_path / f"{name}.jsonl"
        file.write_text("".join(json.dumps(line) + "\n" for line in said), encoding="utf-8")
        assert run("import", "jsonl", file, "-w", place).code == 0
    for command in ("adjudicate", "split", "release 1.0.0", f"backup {tmp_path / 'b.zip'}"):
        assert run(*command.split(), "-w", place).code == 0, command
    restored = run("restore", tmp_path / "b.zip", "-w", again)
    assert "curation release VERSION" in restored.err
    assert run("release", "1.0.0", "-w", again).code == 0
    sums = "exports/1.0.0/SHA256SUMS"
    assert (again / sums).read_bytes() == (place / sums).read_bytes()


def test_same_state_gives_the_same_archive(
    run: Run, filled: Path, backup: Path, tmp_path: Path
) -> None:
    """But for the time in the manifest; the order of the members is fixed."""
    assert run("backup", tmp_path / "c.zip", "-w", filled).code == 0
    first, second = contents(backup), contents(tmp_path / "c.zip")
    assert [*first] == ["manifest.json", *sorted([*first][1:])] == [*second]
    for members in (first, second):
        with_manifest(members, lambda m: m.pop("made_at"))
    assert first == second


def test_backup_is_taken_while_another_process_writes(
    run: Run, filled: Path, tmp_path: Path
) -> None:
    """What is written and not committed is not in it, and nobody waits for anybody."""
    with closing(sqlite3.connect(filled / "curation.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        other.execute("UPDATE document SET language = 'xx'")
        made = run("backup", tmp_path / "b.zip", "-w", filled)
        other.execute("COMMIT")
    assert made.code == 0, made.err
    assert run("restore", tmp_path / "b.zip", "-w", tmp_path / "again").code == 0
    found = run("status", "-w", tmp_path / "again")
    assert "(en 1)" in found.out


def test_backup_is_private_and_without_keys(
    run: Run, filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only its owner reads it; the server's credentials are not in it, and that is said."""
    (filled / ".labelstudio").mkdir()
    (filled / ".labelstudio" / "credentials.json").write_text('{"secret": "s3cret"}')
    monkeypatch.setenv("LABEL_STUDIO_API_KEY", "k3y" * 13 + "k")
    made = run("backup", tmp_path / "b.zip", "-w", filled)
    assert "not in it: .labelstudio" in made.err
    assert stat.S_IMODE((tmp_path / "b.zip").stat().st_mode) == 0o600
    held = b"".join(contents(tmp_path / "b.zip").values())
    assert b"s3cret" not in held
    assert b"k3yk3y" not in held


def test_backup_overwrites_nothing_unasked(run: Run, filled: Path, backup: Path) -> None:
    """A file that is there stays, unless --force."""
    before = backup.read_bytes()
    refused = run("backup", backup, "-w", filled)
    assert (refused.code, backup.read_bytes()) == (2, before)
    assert run("backup", backup, "-w", filled, "--force").code == 0


def test_workspace_that_is_there_is_kept_aside(run: Run, filled: Path, backup: Path) -> None:
    """Without --force nothing happens; with it the old one is renamed, and releases stay."""
    (filled / "exports" / "1.0.0").mkdir()
    toml = (filled / "curation.toml").read_text(encoding="utf-8")
    (filled / "curation.toml").write_text(toml + "# changed\n", encoding="utf-8")
    refused = run("restore", backup, "-w", filled)
    assert refused.code == 2
    assert "--force" in refused.err
    done = run("restore", backup, "-w", filled, "--force", "--json").json
    assert (filled / "curation.toml").read_text(encoding="utf-8") == toml
    assert (Path(done["aside"]) / "curation.toml").read_text(encoding="utf-8").endswith("changed\n")
    assert (filled / "exports" / "1.0.0").is_dir()


def test_folder_that_is_no_workspace_is_left_alone(run: Run, backup: Path, tmp_path: Path) -> None:
    """--force replaces workspaces, nothing else."""
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "thesis.txt").write_text("mine")
    assert run("restore", backup, "-w", tmp_path / "home", "--force").code == 2
    assert [p.name for p in (tmp_path / "home").iterdir()] == ["thesis.txt"]


def refused(run: Run, path: Path, said: str) -> None:
    """A restore of `path` is refused in one line, and leaves nothing."""
    place = path.parent / "place"
    place.mkdir()
    ran = run("restore", path, "-w", place / "w")
    assert (ran.code, ran.err.count("\n")) == (2, 1), ran.err
    assert said in ran.err
    assert [*place.iterdir()] == []


@pytest.mark.parametrize("name", ["curation.db", "curation.toml", "label_config/news.toml"])
def test_changed_member_is_found(run: Run, backup: Path, tmp_path: Path, name: str) -> None:
    """One byte of any file changed, in an archive that is whole otherwise."""
    members = contents(backup)
    body = bytearray(members[name])
    body[len(body) // 2] ^= 1
    members[name] = bytes(body)
    refused(run, write(tmp_path / "bad.zip", members), f"{name} is damaged")


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9])
def test_cut_off_backup_is_found(run: Run, backup: Path, tmp_path: Path, share: float) -> None:
    """A file of which only the beginning came."""
    whole = backup.read_bytes()
    (tmp_path / "cut.zip").write_bytes(whole[: int(len(whole) * share)])
    refused(run, tmp_path / "cut.zip", "damaged, or no backup")


@pytest.mark.parametrize(
    "name", ["../evil", "/evil", "a/../../evil", "C:evil", "a\\evil", "exports/1.0.0/x"]
)
def test_member_outside_the_workspace_is_refused(
    run: Run, backup: Path, tmp_path: Path, name: str
) -> None:
    """Also where the manifest has it, with the right hash."""
    members = contents(backup)
    size_and_hash = json.loads(members["manifest.json"])["files"][0]
    with_manifest(members, lambda m: m["files"].append(size_and_hash | {"path": name}))  # type: ignore[attr-defined]
    members[name] = members[size_and_hash["path"]]
    refused(run, write(tmp_path / "bad.zip", members), "has no place in a workspace")


def test_link_is_refused(run: Run, backup: Path, tmp_path: Path) -> None:
    """A member that would be a symbolic link."""
    made = write(tmp_path / "bad.zip", contents(backup), **{"curation.toml": stat.S_IFLNK | 0o777})
    refused(run, made, "is a link")


def test_stranger_in_the_archive_is_refused(run: Run, backup: Path, tmp_path: Path) -> None:
    """A file that the manifest does not have."""
    members = contents(backup) | {"label_config/more.toml": b""}
    refused(run, write(tmp_path / "bad.zip", members), "is not as manifest.json says")


def test_more_than_the_disk_holds_is_refused(
    run: Run, backup: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before anything is unpacked."""
    free = shutil.disk_usage(tmp_path)._replace(free=1000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: free)
    refused(run, backup, "bytes, and 1,000 are free")


def test_other_counts_are_refused(run: Run, backup: Path, tmp_path: Path) -> None:
    """A manifest that promises more rows than there are."""
    members = contents(backup)
    with_manifest(members, lambda m: m["rows"].update(document=2))  # type: ignore[attr-defined]
    refused(run, write(tmp_path / "bad.zip", members), "other rows")


def test_database_of_a_newer_version_is_refused(run: Run, backup: Path, tmp_path: Path) -> None:
    """With the version to install."""
    members = contents(backup)
    with_manifest(members, lambda m: m.update(migration="9999"))
    refused(run, write(tmp_path / "bad.zip", members), "at migration 9999")


def test_any_other_zip_is_refused(run: Run, tmp_path: Path) -> None:
    """An archive of something else."""
    refused(run, write(tmp_path / "other.zip", {"a.txt": b"a"}), "no backup of curation")


def test_damaged_database_is_not_backed_up(run: Run, filled: Path, tmp_path: Path) -> None:
    """The command says so, and writes no file."""
    database = filled / "curation.db"
    body = bytearray(database.read_bytes())
    body[5000:9000] = b"\xff" * 4000
    database.write_bytes(bytes(body))
    ran = run("backup", tmp_path / "b.zip", "-w", filled)
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert "damaged" in ran.err
    assert not (tmp_path / "b.zip").exists()


def test_empty_file_is_no_new_database(run: Run, filled: Path) -> None:
    """A database of no bytes is not taken for a new one; a missing one is made."""
    (filled / "curation.db").write_bytes(b"")
    ran = run("status", "-w", filled)
    assert (ran.code, (filled / "curation.db").stat().st_size) == (2, 0)
    assert "an empty file, not a database" in ran.err
    (filled / "curation.db").unlink()
    assert run("status", "-w", filled).code == 0
