"""`curation split`: parts that keep, frozen ones, folds, the check."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from curation.model import Document
from curation.store import Store, open_store
from curation.testing import annotation_set

from .conftest import Run

AT = "2024-05-01T12:00:00+00:00"


def text_of(number: int, words: int = 40) -> str:
    """Words that no other number has."""
    return " ".join(f"w{number}x{i}" for i in range(words))


def gold(store: Store, uid: str, text: str, **fields: str) -> None:
    """A Document with gold."""
    made = annotation_set(
        text, [(text.split(maxsplit=1)[0], "PER")], uid=uid, annotator="gold", kind="gold"
    )
    document = Document(uid=uid, language="en", text=text, **fields)
    with store.transaction() as repo:
        repo.add_document(document, offset_map=[], at=AT)
        repo.save_annotations(made, at=AT)


@pytest.fixture
def store(workspace: Path) -> Store:
    """Twenty Documents with gold, nothing in common, five a month."""
    made = open_store(f"sqlite:///{workspace / 'curation.db'}")
    for i in range(20):
        gold(
            made, f"d{i:02}", text_of(i), published=f"2024-{1 + i // 5:02}-01", source=f"s{i % 10}"
        )
    return made


def part_of(store: Store) -> dict[str, str]:
    """The part of each Document."""
    with store.transaction() as repo:
        return {s.uid: s.part for s in repo.splits()}


@pytest.fixture
def frozen(run: Run, workspace: Path, store: Store) -> Path:
    """Split, with the test part frozen."""
    assert run("split", "-w", workspace, "--frozen", "test").code == 0
    return workspace


def one_of(store: Store, part: str) -> str:
    """The first Document of a part."""
    return min(uid for uid, found in part_of(store).items() if found == part)


def test_a_dry_run_shows_and_stores_nothing(run: Run, workspace: Path, store: Store) -> None:
    """It says what a run would do, then the run does that."""
    shown = run("split", "-w", workspace, "--dry-run", "--frozen", "test", "--json").json
    assert (shown["added"], shown["dry_run"], part_of(store)) == (20, True, {})
    made = run("split", "-w", workspace, "--frozen", "test", "--json").json
    assert part_of(store) == made["assigned"] == shown["assigned"]
    assert made["frozen"] == ["test"]


def test_a_frozen_part_is_filled_once_and_stays(run: Run, frozen: Path, store: Store) -> None:
    """It has its share at first, and nothing of ten more, though it is not named again."""
    before = part_of(store)
    assert sum(part == "test" for part in before.values()) == 3
    for i in range(30, 40):
        gold(store, f"d{i}", text_of(i))
    assert run("split", "-w", frozen, "--json").json["added"] == 10
    after = part_of(store)
    assert {uid: after[uid] for uid in before} == before
    assert sum(part == "test" for part in after.values()) == 3


def test_a_copy_of_a_frozen_document_is_withheld(run: Run, frozen: Path, store: Store) -> None:
    """It is in no part, and the output says why."""
    gold(store, "copy", text_of(int(one_of(store, "test")[1:])) + " and more")
    ran = run("split", "-w", frozen)
    assert "1 document withheld, in no part" in ran.out
    assert "copy: belongs together with a document of test, which is frozen" in ran.out
    assert (ran.code, "copy" in part_of(store)) == (0, False)


def test_a_copy_of_two_parts_is_withheld_and_nothing_straddles(
    run: Run, frozen: Path, store: Store
) -> None:
    """What lies between two parts goes to neither; these two stay as they were."""
    both = [one_of(store, part) for part in ("train", "dev")]
    gold(store, "between", " ".join(text_of(int(uid[1:])) for uid in both))
    found = run("split", "-w", frozen, "--json")
    assert found.json["withheld"] == {"between": "belongs together with documents of dev and train"}
    assert (found.code, found.json["straddling"]) == (0, [])


def test_withdrawn_documents_leave_exports_for_good(run: Run, frozen: Path, store: Store) -> None:
    """With the reason, once; another split does not bring them back, the others are exported."""
    uid = one_of(store, "test")
    assert run("split", "-w", frozen, "--withdraw", uid, "--why", "asked for").code == 0
    again = run("split", "-w", frozen, "--withdraw", uid, "--why", "asked for")
    assert again.out == f"{uid}: withdrawn before\n"
    assert run("split", "-w", frozen, "--json").json["withheld"] == {}
    assert uid not in part_of(store)
    with store.transaction() as repo:
        (stone,) = repo.tombstones()
    assert (stone.uid, stone.part, stone.reason) == (uid, "test", "asked for")
    target = frozen.parent / "test.jsonl"
    assert run("export", "jsonl", target, "--part", "test", "-w", frozen).code == 0
    assert uid not in target.read_text("utf-8")


def test_what_loses_its_gold_leaves_a_frozen_part_and_comes_back_with_it(
    run: Run, frozen: Path, store: Store
) -> None:
    """A new text has no gold; with new gold the Document is in its part again."""
    uid = one_of(store, "test")
    with store.transaction() as repo:
        changed = Document(uid=uid, language="en", text="another text")
        repo.add_document(changed, offset_map=[], at=AT)
    found = run("split", "-w", frozen, "--json").json
    assert (found["withdrawn"], uid in part_of(store)) == ({uid: "no longer gold"}, False)
    gold(store, uid, "another text")
    assert run("split", "-w", frozen, "--json").json["restored"] == [uid]
    assert part_of(store)[uid] == "test"


def test_the_check_fails_above_the_threshold(run: Run, frozen: Path, store: Store) -> None:
    """Half a copy in another part: fine at 60%, not at 40%; the settings' threshold is 50%."""
    assert run("split", "-w", frozen, "--check").code == 0
    uid, other = one_of(store, "test"), one_of(store, "train")
    half = text_of(int(uid[1:]), 22) + " " + text_of(99, 18)
    with store.transaction() as repo:
        repo.add_document(Document(uid=other, language="en", text=half), offset_map=[], at=AT)
    gold(store, other, half)
    found = run("split", "-w", frozen, "--check", "--json")
    assert (found.code, found.json["highest"], found.json["above"]) == (0, 0.5, 0)
    assert run("split", "-w", frozen, "--check", "--threshold", "0.4").code == 1
    assert sorted(found.json["nearest"][0]["uids"]) == sorted([uid, other])
    assert run("split", "-w", frozen).code == 1


def test_folds_are_written_and_leave_the_parts_alone(run: Run, frozen: Path, store: Store) -> None:
    """The same manifest each time, every Document in one fold, but for the frozen part."""
    before, target = part_of(store), frozen.parent / "folds.json"
    ran = run("split", "-w", frozen, "--kfold", "4", "--to", target, "--json")
    assert json.loads(target.read_text("utf-8")) == ran.json
    uids = [row["uid"] for rows in ran.json["folds"].values() for row in rows]
    assert sorted(uids) == sorted(uid for uid, part in before.items() if part != "test")
    assert ran.json["left_out"].keys() == {uid for uid, part in before.items() if part == "test"}
    assert run("split", "-w", frozen, "--kfold", "4", "--json").json == ran.json
    assert part_of(store) == before


def test_months_and_sources_on_request(run: Run, workspace: Path, store: Store) -> None:
    """The latest month is for testing; one source is in one part."""
    found = run("split", "-w", workspace, "--by", "month", "--dry-run", "--json").json["assigned"]
    months = {
        part: {int(uid[1:]) // 5 for uid in found if found[uid] == part}
        for part in ["train", "dev", "test"]
    }
    assert months == {"train": {0, 1}, "dev": {2}, "test": {3}}
    found = run("split", "-w", workspace, "--by", "source", "--json").json["assigned"]
    assert all(found[f"d{i:02}"] == found[f"d{i + 10:02}"] for i in range(10))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--frozen", "exam"], "no such part; parts are train, dev, test"),
        (["--by", "author"], "one of source, event, month"),
        (["--kfold", "1"], "give 2 to 20"),
        (["--kfold", "21"], "give 2 to 20"),
        (["--kfold", "3", "--by", "month"], "no order of time"),
        (["--check", "--kfold", "3"], "give one of them"),
        (["--threshold", "0.2"], "--threshold goes with --check"),
        (["--to", "x.json"], "--to goes with --kfold"),
        (["--withdraw", "d01"], "needs --why"),
        (["--withdraw", "d01", "--why", "x"], "has no part"),
        (["--check"], "no gold document has a part"),
    ],
)
def test_wrong_use_is_said_in_one_line(
    run: Run, workspace: Path, store: Store, options: list[str], said: str
) -> None:
    """Exit code 2, what is wrong and what to do."""
    ran = run("split", "-w", workspace, *options)
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert said in ran.err


def test_a_frozen_part_in_the_settings_has_to_be_one(run: Run, workspace: Path) -> None:
    """A name that is no part is said."""
    path = workspace / "curation.toml"
    path.write_text(path.read_text().replace('# frozen = ["test"]', 'frozen = ["exam"]'))
    ran = run("split", "-w", workspace)
    assert (ran.code, "'exam' is none of parts" in ran.err) == (2, True)
