"""Pushing: the plan in the store, newer proposals, what is said, files."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from pushing import AT, TEXT, add, on_server, planned, propose, pushed, recorded, task_of

from curation.assignment import Rules
from curation.errors import LabelStudioUnreachable, UsageError
from curation.labelstudio.convert import annotations_to_result
from curation.ontology import Ontology
from curation.ontology_xml import ontology_to_xml
from curation.settings import Push, Settings
from curation.store import Store, TaskRecord, open_store
from curation.testing import FakeLabelStudio, annotation_set
from curation.workflows.pull import pull
from curation.workflows.push_files import push_to_files
from curation.workflows.push_plan import push_rules


def test_without_overlap_everybody_gets_what_they_read(store: Store, settings: Settings) -> None:
    """Everyone gets the documents they read."""
    plan = planned(store, settings)
    assert plan.to_json()["plan"] == {"anna": ["a", "b", "c"], "ben": ["a", "b"]}


def test_plan_without_people_is_refused(store: Store, settings: Settings) -> None:
    """Without annotators the error says where to name them."""
    with pytest.raises(UsageError, match=r"curation\.toml.*annotators"):
        planned(store, settings.model_copy(update={"annotators": ()}))


def test_plan_is_told_and_nothing_is_written(store: Store, settings: Settings) -> None:
    """A plan has the sums of each annotator, and writes nothing."""
    add(store, *((f"e{i}", "en") for i in range(10)))
    plan = planned(store, settings, overlap=2, overlap_share=0.5, unassisted_share=0.5)
    said = plan.to_json()
    sums = {s["name"]: s for s in said["annotators"]}
    assert sums["ben"]["languages"] == {"en": sums["ben"]["documents"]}
    assert sums["anna"]["words"] == 7 * sums["anna"]["documents"]
    assert sums["anna"]["overlapped"] == sums["ben"]["overlapped"] == len(said["overlapped"]) == 6
    assert len(said["unassisted"]) == 7
    assert said["short"] == {"sk": 1}
    assert plan.lines()[0].split() == [
        "annotator", "documents", "words", "overlapped", "unassisted", "languages",
    ]  # fmt: skip
    assert any(line.startswith("sk: 1 documents have fewer readers") for line in plan.lines())
    with store.transaction() as repo:
        assert repo.assignments() == []


def test_share_without_people_means_two(settings: Settings) -> None:
    """An overlap share alone is that of two people; a number alone is for every document."""
    assert push_rules(settings, overlap_share=0.3) == Rules(2, 0.3)
    assert push_rules(settings, overlap=3) == Rules(3, 1.0)
    assert push_rules(settings, unassisted_share=0) == Rules()
    assert push_rules(settings) is None


def test_push_without_rules_goes_on_as_before(
    store: Store, client: FakeLabelStudio, settings: Settings, news: Ontology
) -> None:
    """After documents were shared out, a plain push gives nobody more, and new ones alike."""
    add(store, *((f"e{i}", "en") for i in range(17)))
    rules = {"overlap": 2, "overlap_share": 0.2, "unassisted_share": 0.25}
    first = pushed(store, client, settings, news, **rules)
    again = pushed(store, client, settings, news)
    assert (first.created, again.created, again.notes) == (24, 0, ())
    add(store, *((f"f{i}", "en") for i in range(20)))
    assert pushed(store, client, settings, news).created == 24
    plan = planned(store, settings)
    assert (len(plan.overlapped), len(plan.unassisted)) == (8, 10)


@pytest.mark.parametrize(
    ("name", "value"), [("overlap_share", float("nan")), ("overlap", 0), ("seed", 2**63)]
)
def test_rules_that_make_no_sense_are_refused(name: str, value: float, settings: Settings) -> None:
    """A value out of range is an error that names the option."""
    with pytest.raises(UsageError, match=f"--{name.replace('_', '-')} "):
        push_rules(settings, **{name: value})  # type: ignore[arg-type]


def test_plan_is_stored_and_kept(
    store: Store, client: FakeLabelStudio, settings: Settings, news: Ontology
) -> None:
    """What was assigned stays, whatever later pushes ask for; documents added later follow it."""
    pushed(store, client, settings, news, overlap=1)
    before = on_server(client)
    add(store, *((f"e{i}", "en") for i in range(20)))
    pushed(store, client, settings, news, overlap=1, seed=99)
    after = on_server(client)
    assert [tasks[: len(old)] for tasks, old in zip(after, before, strict=True)] == before
    assert Counter(uid for tasks in after for uid in tasks).most_common(1)[0][1] == 1
    assert pushed(store, client, settings, news, overlap=1).created == 0


def test_plan_is_stored_before_anything_is_sent(
    store: Store, client: FakeLabelStudio, settings: Settings, news: Ontology
) -> None:
    """A push that ends at its first call goes on with the same plan."""
    client.fail_next("projects", "before")
    with pytest.raises(LabelStudioUnreachable):
        pushed(store, client, settings, news, overlap=1)
    with store.transaction() as repo:
        stored = repo.assignments()
    pushed(store, client, settings, news, overlap=1, seed=7)
    assert {(t.uid, t.annotator) for t in recorded(store).values()} == {
        (a.uid, a.annotator) for a in stored
    }


def test_tasks_of_older_versions_count_as_assigned(
    store: Store, client: FakeLabelStudio, settings: Settings, news: Ontology
) -> None:
    """Tasks from before there were assignments stay where they are and are not shared out anew."""
    with store.transaction() as repo:
        project = repo.save_project(
            server=client.url, marker="curation:abcd:ben", remote_id=900, annotator="ben", at=AT
        )
        repo.save_task(TaskRecord("a", 1, "ben", project.id, 901, "done", True), at=AT)
    plan = planned(store, settings, overlap=1)
    assert plan.by_annotator["ben"]["a"] is True
    assert "a" not in plan.by_annotator["anna"]


def test_documents_adopted_by_hand_are_not_sent_again(store: Store, settings: Settings) -> None:
    """A document in a project made by hand has its reader there."""
    with store.transaction() as repo:
        project = repo.save_project(
            server="s", marker="m", remote_id=9, annotator="ben", at=AT, adopted=True
        )
        repo.save_task(TaskRecord("a", 1, "ben", project.id, 901, "done", True), at=AT)
    plan = planned(store, settings, overlap=1).by_annotator
    assert "a" not in {*plan["anna"], *plan["ben"]}


def test_former_annotators_keep_theirs(
    store: Store, client: FakeLabelStudio, settings: Settings, news: Ontology
) -> None:
    """Documents of somebody who left curation.toml are not given to somebody else."""
    pushed(store, client, settings, news, overlap=1)
    bens = on_server(client)[1]
    alone = settings.model_copy(update={"annotators": settings.annotators[:1]})
    assert pushed(store, client, alone, news, overlap=1).created == 0
    assert bens
    assert on_server(client)[1] == bens


def test_known_tasks_are_not_listed_again(
    store: Store, client: FakeLabelStudio, settings: Settings, news: Ontology
) -> None:
    """Where the server's count fits, only newer tasks are asked for; a deleted one comes again."""
    pushed(store, client, settings, news)
    client.calls.clear()
    pushed(store, client, settings, news)
    assert client.calls.count("task_heads") == 2
    client.delete_task(task_of(client, "c")["id"])
    assert pushed(store, client, settings, news).created == 1


def test_forgotten_tasks_are_found(
    store: Store, client: FakeLabelStudio, settings: Settings, news: Ontology, tmp_path: Path
) -> None:
    """A store that knows nothing learns from the server what is there."""
    pushed(store, client, settings, news)
    other = open_store(f"sqlite:///{tmp_path / 'other.db'}")
    add(other, ("a", "en"), ("b", "en"), ("c", "sk"))
    assert pushed(other, client, settings, news).created == 0
    assert len(recorded(other)) == 5


def test_newer_proposals_replace_older_ones(
    store: Store, client: FakeLabelStudio, settings: Settings, news: Ontology
) -> None:
    """Tasks nobody has opened get the new prediction with its score; opened ones keep theirs."""
    pushed(store, client, settings, news)
    client.create_annotation(task_of(client, "b", project=1)["id"], [], lead_time=1.0)
    propose(store, "b", "ORG", score=0.25)
    propose(store, "a", "LOC", score=0.5)
    done = pushed(store, client, settings, news)
    assert (done.created, done.replaced, done.opened) == (0, 3, 1)
    (changed,) = task_of(client, "b")["predictions"]
    assert (changed["result"][0]["value"]["labels"], changed["score"]) == (["ORG"], 0.25)
    (kept,) = task_of(client, "b", project=1)["predictions"]
    assert kept["result"][0]["value"]["labels"] == ["PER"]
    assert len(task_of(client, "a")["predictions"]) == 1
    assert recorded(store)["anna", "a"].assisted
    assert pushed(store, client, settings, news).replaced == 0


def test_pull_does_not_make_proposals_look_new(
    store: Store, client: FakeLabelStudio, settings: Settings, news: Ontology
) -> None:
    """After a pull a push still knows what it has sent."""
    pushed(store, client, settings, news)
    pull(store, client, settings=settings, ontology=news, at=AT)
    assert pushed(store, client, settings, news).replaced == 0
    assert recorded(store)["anna", "b"].proposal is not None


def test_least_certain_proposals_come_first(
    store: Store, client: FakeLabelStudio, settings: Settings, news: Ontology
) -> None:
    """The queue is ordered by certainty; without a proposal is least certain of all."""
    propose(store, "b", "PER", score=0.25)
    propose(store, "c", "PER", score=0.125)
    pushed(store, client, settings, news)
    assert on_server(client) == [["a", "c", "b"], ["a", "b"]]


def test_control_arm_comes_without_proposals(
    store: Store, client: FakeLabelStudio, settings: Settings, news: Ontology
) -> None:
    """Unassisted tasks have no prediction, neither at first nor when there are newer ones."""
    for uid in ("a", "b", "c"):
        propose(store, uid, "PER")
    pushed(store, client, settings, news, unassisted_share=0.34)
    (control,) = planned(store, settings).unassisted
    propose(store, control, "ORG")
    assert pushed(store, client, settings, news).replaced == 0
    found = {t.uid: t.assisted for t in recorded(store).values()}
    assert found == {uid: uid != control for uid in ("a", "b", "c")}
    assert task_of(client, control)["predictions"] == []


def test_proposals_that_cannot_be_shown_are_named(
    store: Store, client: FakeLabelStudio, settings: Settings, news: Ontology
) -> None:
    """A prediction with an unknown label stays behind and is named; its document is sent."""
    propose(store, "a", "WIZARD")
    propose(store, "c", "DRAGON")
    done = pushed(store, client, settings, news)
    assert done.created == 5
    assert [p.split(":")[0] for p in done.problems] == ["a", "c"]
    assert "WIZARD" in done.problems[0]
    assert task_of(client, "a")["predictions"] == []
    propose(store, "a", "PER")
    again = pushed(store, client, settings, news)
    assert (again.replaced, [p.split(":")[0] for p in again.problems]) == (2, ["c"])


def test_labels_in_use_that_the_ontology_lacks_are_said(
    store: Store, client: FakeLabelStudio, settings: Settings, news: Ontology
) -> None:
    """A label that annotations use and the ontology no longer has is named."""
    pushed(store, client, settings, news)
    said = annotation_set(TEXT, [("Anna Berg", "PER")], [])
    result = annotations_to_result(said, TEXT, news)
    client.create_annotation(task_of(client, "a")["id"], result, lead_time=1.0)
    fewer = tuple(e for e in news.entities if e.name != "PER")
    roles = tuple(
        r.model_copy(update={"fillers": tuple(f for f in r.fillers if f != "PER")})
        for r in news.roles
    )
    changed = news.model_copy(update={"entities": fewer, "roles": roles})
    done = pushed(store, client, settings, changed)
    assert [n for n in done.notes if n.startswith("anna:") and "PER" in n]
    assert not [n for n in done.notes if n.startswith("ben:")]
    assert next(iter(client.projects()))["label_config"] == ontology_to_xml(changed)


def test_files_hold_what_a_push_would_send(
    store: Store, settings: Settings, news: Ontology, tmp_path: Path
) -> None:
    """Each annotator gets an import file with the same tasks, least certain first."""
    folder = tmp_path / "out"
    wrote = push_to_files(store, settings=settings, ontology=news, folder=folder, at=AT)
    assert [(f.annotator, f.tasks) for f in wrote.files] == [("anna", 3), ("ben", 2)]
    tasks = json.loads((folder / "tasks-anna.json").read_text(encoding="utf-8"))
    assert [t["data"]["uid"] for t in tasks] == ["a", "c", "b"]
    assert {"uid", "revision", "sha256", "annotator"} <= tasks[0]["data"].keys()
    assert tasks[2]["predictions"][0]["result"][0]["value"]["text"] == "Anna Berg"
    assert (folder / "label_config.xml").read_text(encoding="utf-8") == ontology_to_xml(news)
    assert sorted(p.name for p in folder.iterdir()) == [
        "README.txt", "label_config.xml", "tasks-anna.json", "tasks-ben.json",
    ]  # fmt: skip
    with store.transaction() as repo:
        assert len(repo.assignments()) == 5


def test_folder_that_cannot_be_written_gives_nothing_to_anybody(
    store: Store, settings: Settings, news: Ontology, tmp_path: Path
) -> None:
    """Where no files can be written the plan is not stored either."""
    (tmp_path / "file").write_text("", encoding="utf-8")
    for folder in (tmp_path / "file", tmp_path / "file" / "x"):
        with pytest.raises(UsageError, match="cannot be written"):
            push_to_files(store, settings=settings, ontology=news, folder=folder, at=AT)
    with store.transaction() as repo:
        assert repo.assignments() == []


def test_files_are_written_through_no_link(
    store: Store, settings: Settings, news: Ontology, tmp_path: Path
) -> None:
    """A link in the place of a file, or of one that is half-written, is replaced."""
    folder, other = tmp_path / "out", tmp_path / "other"
    folder.mkdir()
    other.write_text("mine", encoding="utf-8")
    for name in ("tasks-anna.json", "tasks-anna.json.part", "README.txt.part"):
        (folder / name).symlink_to(other)
    push_to_files(store, settings=settings, ontology=news, folder=folder, at=AT)
    assert other.read_text(encoding="utf-8") == "mine"
    assert not (folder / "tasks-anna.json").is_symlink()
    assert not list(folder.glob("*.part"))


def test_what_was_asked_for_and_what_is_now_are_said(
    store: Store, client: FakeLabelStudio, settings: Settings, news: Ontology
) -> None:
    """Options say what they came to, and that they hold for one push; settings need no reminder."""
    add(store, ("d", "en"))
    asked = "asked for: 30% of the documents of each language to 2 people, the others to one; "
    assert pushed(store, client, settings, news, overlap_share=0.3).notes[0] == (
        f"{asked}now 1 of 4 have several readers; this holds for one push, overlap = 2 and "
        "overlap_share = 0.3 under [push] in curation.toml keep it"
    )
    add(store, ("e", "en"))
    (said,) = pushed(store, client, settings, news).notes
    assert said == (
        "shared out as before: 25% of the documents of each language to 2 people, the others to "
        "one; [push] in curation.toml sets it, options hold for one push"
    )
    add(store, ("f", "en"))
    kept = settings.model_copy(update={"push": Push(overlap=2, overlap_share=0.3)})
    (said,) = pushed(store, client, kept, news).notes
    assert said.startswith(f"{asked}now ")
    assert said.endswith(" of 6 have several readers")


def test_thousand_misfits_in_a_proposal_make_a_line_that_can_be_read(
    store: Store, client: FakeLabelStudio, settings: Settings, news: Ontology
) -> None:
    """A proposal that cannot be shown is told by its first items and the number of the others."""
    entity = annotation_set(TEXT, [("Oslo", "PER")], [], uid="b").entities[0]
    misfits = [entity.model_copy(update={"id": f"T{i}", "label": f"X{i}"}) for i in range(1000)]
    made = annotation_set(TEXT, [], [], uid="b", annotator="m-1", kind="model")
    with store.transaction() as repo:
        repo.save_annotations(made.model_copy(update={"entities": tuple(misfits)}), at=AT)
    (problem,) = pushed(store, client, settings, news).problems
    assert problem.startswith("b: ")
    assert problem.endswith("and 990 more")
    assert len(problem) < 2000
