"""Disputes before an adjudicator on a server in memory: pushed, decided, pulled, asked again."""

from __future__ import annotations

from typing import Any

import pytest
from pushing import AT, TEXT, add

from curation.errors import LabelStudioUnreachable, UsageError
from curation.labelstudio.payload import Payload
from curation.model import AnnotationSet
from curation.ontology import Ontology
from curation.settings import Adjudication, Adjudicator, LabelStudioAddress, Settings
from curation.store import ADJUDICATION, Store, TaskRecord
from curation.testing import FakeLabelStudio, annotation_set
from curation.workflows.adjudicate import adjudicate_store
from curation.workflows.adjudicate_push import DisputesPushed, push_disputes
from curation.workflows.connection import invitation
from curation.workflows.pull import Pulled, pull
from curation.workflows.push import push
from curation.workflows.push_plan import make_plan
from curation.workflows.replay import replay
from curation.workflows.status import read_status, read_work

RULES = dict.fromkeys(("entities", "events", "arguments", "attributes"), ("majority",))
LATER = "2024-05-02T12:00:00+00:00"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """With an adjudicator who is no annotator."""
    eva = Adjudicator(name="eva", email="eva@example.org")
    return settings.model_copy(update={"adjudication": Adjudication(adjudicator=eva)})


def say(store: Store, uid: str, name: str, *entities: tuple[str, str], at: str = AT) -> None:
    """What an annotator says of a document."""
    with store.transaction() as repo:
        repo.save_annotations(annotation_set(TEXT, entities, uid=uid, annotator=name), at=at)


@pytest.fixture
def store(store: Store) -> Store:
    """Two documents about which two people disagree, one about which they agree."""
    for uid in ("a", "b"):
        say(store, uid, "anna", ("Anna Berg", "PER"), ("Oslo", "LOC"))
        say(store, uid, "ben", ("Anna Berg", "PER"), ("Oslo", "ORG"))
    say(store, "c", "anna", ("Oslo", "LOC"))
    say(store, "c", "ben", ("Oslo", "LOC"))
    return store


def sent(
    store: Store, client: FakeLabelStudio, settings: Settings, news: Ontology, **options: Any
) -> DisputesPushed:
    """One push that waits for nothing."""
    return push_disputes(
        store,
        client,
        settings=settings,
        ontology=news,
        rules=RULES,
        at=AT,
        pause=lambda _seconds: None,
        **options,
    )


def tasks(client: FakeLabelStudio) -> dict[str, Payload]:
    """The tasks of the one project of adjudication, by uid."""
    (project,) = client.marked_projects("curation:abcd:@adjudication")
    found = list(client.tasks(project["id"]))
    assert len({t["data"]["uid"] for t in found}) == len(found)
    return {t["data"]["uid"]: t for t in found}


def recorded(store: Store) -> dict[str, TaskRecord]:
    """The tasks of adjudication in the store, by uid."""
    with store.transaction() as repo:
        (project,) = [p for p in repo.projects() if p.adjudicates]
        return {t.uid: t for t in repo.tasks(project.id)}


def decide(client: FakeLabelStudio, uid: str, *without: str, **fields: Any) -> int:
    """The adjudicator submits what was prefilled, without some of it."""
    task = tasks(client)[uid]
    result = [r for r in task["predictions"][-1]["result"] if r["id"] not in without]
    return client.create_annotation(task["id"], result, lead_time=1.0, **fields)


def pulled(store: Store, client: FakeLabelStudio, settings: Settings, news: Ontology) -> Pulled:
    """One pull."""
    return pull(store, client, settings=settings, ontology=news, at=LATER)


def decisions(store: Store) -> list[AnnotationSet]:
    """What adjudicators say."""
    with store.transaction() as repo:
        return list(repo.annotation_sets("adjudicator"))


def labels(annotations: AnnotationSet) -> dict[str, str]:
    """Labels by their words."""
    return {TEXT[e.start : e.end]: e.label for e in annotations.entities}


def test_only_disputed_documents_are_pushed(
    store: Store, client: FakeLabelStudio, settings: Settings, news: Ontology
) -> None:
    """Each disputed document stands once; what is without dispute costs nobody a click."""
    result = sent(store, client, settings, news)
    assert (result.documents, result.disputes, result.created) == (2, 2, 2)
    assert sorted(tasks(client)) == ["a", "b"]
    again = sent(store, client, settings, news)
    assert (again.created, again.existing, again.replaced) == (0, 2, 0)
    assert [p["title"] for p in client.projects()] == ["Test · adjudication"]


def test_nothing_disputed_makes_no_project(
    store: Store, client: FakeLabelStudio, settings: Settings, news: Ontology
) -> None:
    """Where there is nothing to decide, the server is left as it is."""
    for uid in ("a", "b"):
        say(store, uid, "ben", ("Anna Berg", "PER"), ("Oslo", "LOC"))
    assert sent(store, client, settings, news).url == ""
    assert list(client.projects()) == []


def test_decision_is_stored_and_becomes_gold(
    store: Store, client: FakeLabelStudio, settings: Settings, news: Ontology
) -> None:
    """What was submitted is the adjudicator's set, with its link, and gold says the same."""
    sent(store, client, settings, news)
    decide(client, "a", "T2-disputed-1", completed_by=99)
    result = pulled(store, client, settings, news)
    assert (result.adjudications, result.new, result.quarantined) == (1, 1, 0)
    (made,) = decisions(store)
    assert (made.uid, made.annotator, made.kind) == ("a", "eva", "adjudicator")
    assert labels(made) == {"Anna Berg": "PER", "Oslo": "ORG"}
    assert made.provenance["url"].endswith(f"?task={tasks(client)['a']['id']}")
    adjudicate_store(store, rules=RULES, min_annotators=2, at=LATER)
    with store.transaction() as repo:
        gold = {s.uid: labels(s) for s in repo.annotation_sets("gold")}
    assert gold["a"] == {"Anna Berg": "PER", "Oslo": "ORG"}
    assert gold["b"] == {"Anna Berg": "PER"}
    assert sent(store, client, settings, news).documents == 1
    assert sorted(tasks(client)) == ["a", "b"]


def test_undecided_submission_goes_to_quarantine(
    store: Store, client: FakeLabelStudio, settings: Settings, news: Ontology
) -> None:
    """Both candidates left are no decision; a correction takes it out of quarantine."""
    sent(store, client, settings, news)
    decide(client, "a")
    result = pulled(store, client, settings, news)
    assert (result.adjudications, result.quarantined) == (0, 1)
    assert "a by eva (adjudicator): LOC 'Oslo' and ORG 'Oslo' are both still" in result.problems[0]
    assert decisions(store) == []
    with store.transaction() as repo:
        (held,) = repo.quarantined()
    assert (held.annotator, held.uid) == ("eva (adjudicator)", "a")
    assert held.link == client.url + _path(tasks(client)["a"])
    decide(client, "a", "T2-disputed-2")
    assert pulled(store, client, settings, news).adjudications == 1
    with store.transaction() as repo:
        assert repo.quarantined() == []


def test_annotators_quarantine_is_not_the_adjudicators(
    store: Store, client: FakeLabelStudio, settings: Settings, news: Ontology
) -> None:
    """Somebody who annotates and adjudicates is held in both roles apart."""
    anna = Adjudicator(name="anna", email="anna@example.org")
    both = settings.model_copy(update={"adjudication": Adjudication(adjudicator=anna)})
    push(store, client, settings=both, ontology=news, at=AT, pause=lambda _seconds: None)
    sent(store, client, both, news)
    (project,) = client.marked_projects("curation:abcd:anna")
    task = next(t for t in client.tasks(project["id"]) if t["data"]["uid"] == "a")
    client.create_annotation(task["id"], [{"id": "x", "type": "labels"}], lead_time=1.0)
    decide(client, "a", "T2-disputed-2")
    assert pulled(store, client, both, news).quarantined == 1
    with store.transaction() as repo:
        assert [q.annotator for q in repo.quarantined()] == ["anna"]
    assert [s.annotator for s in decisions(store)] == ["anna"]


def test_skipped_task_stays_disputed(
    store: Store, client: FakeLabelStudio, settings: Settings, news: Ontology
) -> None:
    """A skip decides nothing, and is not asked anew by a push."""
    sent(store, client, settings, news)
    decide(client, "a", was_cancelled=True)
    assert pulled(store, client, settings, news).adjudications == 0
    assert recorded(store)["a"].state == "skipped"
    result = sent(store, client, settings, news)
    assert (result.documents, result.created, result.existing) == (2, 0, 2)


def test_unopened_task_follows_its_disputes(
    store: Store, client: FakeLabelStudio, settings: Settings, news: Ontology
) -> None:
    """Changed answers change the list and the candidates; an opened task is left as it is."""
    sent(store, client, settings, news)
    decide(client, "b")
    for uid in ("a", "b"):
        say(store, uid, "ben", ("Anna Berg", "ORG"), ("Oslo", "LOC"))
    result = sent(store, client, settings, news)
    assert (result.replaced, result.opened, result.created) == (1, 1, 0)
    found = tasks(client)
    assert "«Anna Berg»" in found["a"]["data"]["disputes"]
    assert "«Oslo»" not in found["a"]["data"]["disputes"].partition("\n")[2].split(" — ")[0]
    assert len(found["a"]["predictions"]) == 1
    ids = {r["id"] for r in found["a"]["predictions"][0]["result"]}
    assert ids == {"T1-disputed-1", "T1-disputed-2", "T2"}
    assert "«Oslo»" in found["b"]["data"]["disputes"]


def test_settled_document_is_withdrawn(
    store: Store, client: FakeLabelStudio, settings: Settings, news: Ontology
) -> None:
    """A task that nobody opened goes when nothing is disputed any more; an opened one stays."""
    sent(store, client, settings, news)
    decide(client, "b")
    for uid in ("a", "b"):
        say(store, uid, "ben", ("Anna Berg", "PER"), ("Oslo", "LOC"))
    result = sent(store, client, settings, news)
    assert (result.withdrawn, result.documents) == (1, 0)
    assert sorted(tasks(client)) == ["b"]
    assert recorded(store)["a"].state == "gone"
    say(store, "a", "ben", ("Anna Berg", "PER"))
    assert sent(store, client, settings, news).created == 1


def test_cut_off_push_goes_on(
    store: Store, client: FakeLabelStudio, settings: Settings, news: Ontology
) -> None:
    """A connection that is lost while the list is renewed costs nothing: the next push does it."""
    sent(store, client, settings, news)
    say(store, "a", "ben", ("Anna Berg", "ORG"), ("Oslo", "LOC"))
    client.fail_next("update_task", "after")
    with pytest.raises(LabelStudioUnreachable):
        sent(store, client, settings, news)
    assert sent(store, client, settings, news).replaced == 1
    assert sent(store, client, settings, news).replaced == 0


def test_forgotten_tasks_are_found(
    store: Store, client: FakeLabelStudio, settings: Settings, news: Ontology
) -> None:
    """A batch that the server took before the line broke is not sent twice."""
    client.fail_next("import_tasks", "after")
    assert sent(store, client, settings, news).created == 2
    assert sorted(tasks(client)) == ["a", "b"]


def test_again_prefills_the_decision(
    store: Store, client: FakeLabelStudio, settings: Settings, news: Ontology
) -> None:
    """A decision made elsewhere is put before the adjudicator again, until it is decided anew."""
    made = annotation_set(
        TEXT, [("Oslo", "ORG")], uid="a", annotator="eva", kind="adjudicator", provenance={}
    )
    with store.transaction() as repo:
        repo.save_annotations(made, at=LATER)
    assert sent(store, client, settings, news).documents == 1
    result = sent(store, client, settings, news, again=["a"])
    task = tasks(client)["a"]
    assert (result.created, result.again) == (1, (client.url + _path(task),))
    assert task["data"]["disputes"].startswith("Decided before, and asked again: 1 dispute.")
    assert [r["value"]["text"] for r in task["predictions"][0]["result"]] == ["Oslo"]
    assert sent(store, client, settings, news).withdrawn == 0
    client.create_annotation(task["id"], [], lead_time=1.0)
    assert pulled(store, client, settings, news).adjudications == 1
    assert [labels(s) for s in decisions(store)] == [{}]
    assert sent(store, client, settings, news).documents == 1


def test_again_names_the_task_that_was_submitted(
    store: Store, client: FakeLabelStudio, settings: Settings, news: Ontology
) -> None:
    """A decision from Label Studio is changed where it was made: it is linked, and not doubled."""
    sent(store, client, settings, news)
    decide(client, "a", "T2-disputed-1")
    pulled(store, client, settings, news)
    result = sent(store, client, settings, news, again=["a"])
    assert (result.created, result.existing) == (0, 2)
    assert result.again == (client.url + _path(tasks(client)["a"]),)
    assert len(tasks(client)["a"]["annotations"]) == 1


@pytest.mark.parametrize("uid", ["b", "c", "nowhere"])
def test_again_needs_a_decision(
    store: Store, client: FakeLabelStudio, settings: Settings, news: Ontology, uid: str
) -> None:
    """What no adjudicator has decided cannot be asked again."""
    with pytest.raises(UsageError, match=f"--again '{uid}': no adjudicator has decided it"):
        sent(store, client, settings, news, again=[uid])
    assert list(client.projects()) == []


def test_anonymous_project_names_nobody(
    store: Store, client: FakeLabelStudio, settings: Settings, news: Ontology
) -> None:
    """No annotator's name is in the project or its tasks."""
    sent(store, client, settings, news, anonymous=True)
    (project,) = client.projects()
    everything = f"{project['title']}{project['description']}{tasks(client)}"
    # Anna Berg is in the text; the annotator is not.
    assert ("anna" in everything, "ben" in everything) == (False, False)


def test_adjudication_is_nobodys_annotation(
    store: Store, client: FakeLabelStudio, settings: Settings, news: Ontology
) -> None:
    """Tasks of adjudication, skipped ones too, are no work of annotators, and no assignments."""
    before = read_status(store, settings)
    with store.transaction() as repo:
        work, plan = read_work(repo), make_plan(repo, settings, None)
    sent(store, client, settings, news)
    decide(client, "b", was_cancelled=True)
    pulled(store, client, settings, news)
    with store.transaction() as repo:
        assert read_work(repo) == work
        assert make_plan(repo, settings, None) == plan
        assert all(t.annotator != ADJUDICATION for t in repo.tasks())
    assert read_status(store, settings).annotators == before.annotators


def test_replay_reads_decisions_again(
    store: Store, client: FakeLabelStudio, settings: Settings, news: Ontology
) -> None:
    """A replay comes to the same decision, and to the same quarantine."""
    sent(store, client, settings, news)
    decide(client, "a", "T2-disputed-1")
    decide(client, "b")
    pulled(store, client, settings, news)
    before = decisions(store)
    result = replay(store, settings=settings, ontology=news, at=LATER)
    assert (result.unchanged, result.quarantined, result.revised) == (1, 1, 0)
    assert decisions(store) == before


def test_deleted_project_is_told_and_made_again(
    store: Store, client: FakeLabelStudio, settings: Settings, news: Ontology
) -> None:
    """Decisions stay, and the next push makes a project for what is still disputed."""
    sent(store, client, settings, news)
    decide(client, "a", "T2-disputed-1")
    pulled(store, client, settings, news)
    (project,) = client.projects()
    client.delete_project(project["id"])
    (told,) = pulled(store, client, settings, news).unread
    assert "of adjudication, was deleted" in told
    assert "curation adjudicate --push makes it again" in told
    assert len(decisions(store)) == 1
    assert sent(store, client, settings, news).created == 1
    assert sorted(tasks(client)) == ["b"]


def test_without_an_adjudicator_whoever_submits_is_named(
    store: Store, client: FakeLabelStudio, settings: Settings, news: Ontology
) -> None:
    """The account's e-mail stands where the settings name nobody."""
    nobody = settings.model_copy(update={"adjudication": Adjudication()})
    sent(store, client, nobody, news)
    decide(client, "a", "T2-disputed-1")
    pulled(store, client, nobody, news)
    assert [s.annotator for s in decisions(store)] == ["admin@example.org"]


def test_adjudicator_without_an_account_is_invited(
    client: FakeLabelStudio, settings: Settings
) -> None:
    """On a configured server the adjudicator joins as annotators do."""
    there = LabelStudioAddress(url="http://127.0.0.1:1")
    emails, link = invitation(settings.model_copy(update={"label_studio": there}), client)
    assert emails == ["anna@example.org", "ben@example.org", "eva@example.org"]
    assert link


def test_new_labels_reach_the_project(
    store: Store, client: FakeLabelStudio, settings: Settings, news: Ontology
) -> None:
    """A changed ontology is brought to it as to annotators' projects, and the list stays."""
    sent(store, client, settings, news)
    ship = news.entities[0].model_copy(update={"name": "SHIP", "hotkey": None})
    more = news.model_copy(update={"entities": (*news.entities, ship)})
    sent(store, client, settings, more)
    (project,) = client.projects()
    assert 'value="SHIP"' in project["label_config"]
    assert 'value="$disputes"' in project["label_config"]


def test_unknown_label_is_told_and_the_others_go(
    store: Store, client: FakeLabelStudio, settings: Settings, news: Ontology
) -> None:
    """A document that Label Studio could not show is named; nothing half of it is sent."""
    say(store, "a", "ben", ("Anna Berg", "PER"), ("Oslo", "TOWN"))
    result = sent(store, client, settings, news)
    assert (result.created, sorted(tasks(client))) == (1, ["b"])
    (problem,) = result.problems
    assert problem.startswith("a: ")
    assert "'TOWN'" in problem


def test_new_text_is_a_new_task(
    store: Store, client: FakeLabelStudio, settings: Settings, news: Ontology
) -> None:
    """A task for the text of before goes, where nobody has opened it."""
    sent(store, client, settings, news)
    add(store, ("z", "en"))
    with store.transaction() as repo:
        old = repo.document("a")
        assert old is not None
        repo.add_document(old.model_copy(update={"text": TEXT + " "}), offset_map=[], at=AT)
    say(store, "a", "anna", ("Oslo", "LOC"))
    say(store, "a", "ben", ("Oslo", "ORG"))
    result = sent(store, client, settings, news)
    assert (result.created, result.withdrawn) == (1, 1)
    assert {u: t["data"]["revision"] for u, t in tasks(client).items()} == {"a": 2, "b": 1}


def _path(task: Payload) -> str:
    return f"/projects/{task['project']}/data?task={task['id']}"
