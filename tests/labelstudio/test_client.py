"""The client against a real Label Studio."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from curation.errors import LabelStudioRefused, LabelStudioUnreachable
from curation.labelstudio.client import LabelStudio
from curation.labelstudio.convert import document_to_task, result_to_annotations
from curation.labelstudio.port import LabelStudioPort
from curation.labelstudio.server import ensure_user
from curation.ontology import Ontology
from curation.ontology_xml import ontology_to_xml
from curation.testing import FakeLabelStudio, annotation_set, document

if TYPE_CHECKING:
    from curation.labelstudio.server import ServerInfo

pytestmark = pytest.mark.server

TEXT = "😀 Anna met Bob.\nShe left."


@pytest.fixture
def client(label_studio_server: ServerInfo) -> Iterator[LabelStudio]:
    """A client with the administrator's key."""
    made = LabelStudio(label_studio_server.url, label_studio_server.token)
    yield made
    made.close()


@pytest.fixture
def project(client: LabelStudio, news: Ontology) -> Iterator[int]:
    """A project with the shipped configuration, deleted afterwards."""
    marker = "a project of a test\ncuration:test:anna"
    number = client.create_project("A test", ontology_to_xml(news), marker, maximum_annotations=1)
    yield number
    client.delete_project(number)


def task(news: Ontology, uid: str = "d1") -> dict[str, object]:
    """A task with a prediction that has an entity, an event and an argument."""
    made = annotation_set(
        TEXT, [("Anna", "PER"), ("Bob", "PER")], [("met", "CONSULT", {"Actor": "Anna"})], uid=uid
    )
    return document_to_task(
        document(TEXT, uid=uid),
        prediction=made,
        ontology=news,
        annotator="anna",
        model_version="rules@1",
        score=0.5,
    )


def test_server_accepts_the_shipped_configuration(client: LabelStudio) -> None:
    """label_config/news.xml is a valid configuration to the real server."""
    path = Path(__file__).resolve().parents[2] / "label_config" / "news.xml"
    xml = path.read_text(encoding="utf-8")
    number = client.create_project("Shipped", xml, "")
    assert client.project(number)["label_config"] == xml.strip()
    client.delete_project(number)


def test_server_refuses_a_broken_configuration(client: LabelStudio) -> None:
    """A broken configuration is refused in one line."""
    with pytest.raises(LabelStudioRefused, match="unclosed token") as refused:
        client.create_project("Broken", "<View", "")
    assert "\n" not in str(refused.value)


def test_me_and_users(client: LabelStudio, label_studio_server: ServerInfo) -> None:
    """The key's user is known, and one who joined is listed."""
    assert client.me()["email"] == label_studio_server.email
    ensure_user(label_studio_server, email="made@example.org", name="made")
    assert {client.me()["email"], "made@example.org"} <= {u["email"] for u in client.users()}


def test_version_and_invitation(client: LabelStudio) -> None:
    """The release is told as numbers; the invitation leads to this server."""
    assert client.version().split(".")[0].isdigit()
    assert client.invite_link().startswith(f"{client.url}/user/signup/?token=")


def test_project_is_found_by_its_marker_line(client: LabelStudio, project: int) -> None:
    """Only a whole line of the description counts, so that ann does not find anna's project."""
    assert [p["id"] for p in client.marked_projects("curation:test:anna")] == [project]
    assert client.marked_projects("curation:test:ann") == []


def test_labels_in_use_are_counted(client: LabelStudio, project: int, news: Ontology) -> None:
    """Each control tells how many annotations have which of its labels, choices too."""
    sent = task(news)
    (number,) = client.import_tasks(project, [sent])
    assert client.labels_in_use(project) == {}
    (stored,) = client.tasks(project)
    result = stored["predictions"][0]["result"]
    value = {"start": 0, "end": 4, "text": "Anna", "choices": ["past"]}
    tense = {"id": "a", "from_name": "tense", "to_name": "text", "type": "choices", "value": value}
    client.create_annotation(number, [*result, tense], lead_time=1)
    found = client.labels_in_use(project)
    assert found["entities"] == {"PER": 1}
    assert found["events"] == {"CONSULT": 1}
    assert found["tense"] == {"past": 1}


def test_update_project(client: LabelStudio, project: int) -> None:
    """A changed title is read back."""
    client.update_project(project, title="Renamed")
    assert {p["id"]: p["title"] for p in client.projects()}[project] == "Renamed"


def test_all_pages_of_tasks_arrive(client: LabelStudio, project: int, news: Ontology) -> None:
    """More tasks than fit one page come back complete, ids in the order that was sent."""
    sent = [task(news, f"d{i}") for i in range(230)]
    ids = client.import_tasks(project, sent)
    tasks = {t["id"]: t for t in client.tasks(project)}
    assert [tasks[i]["data"]["uid"] for i in ids] == [f"d{i}" for i in range(230)]


def test_prediction_is_stored_as_sent(client: LabelStudio, project: int, news: Ontology) -> None:
    """The prediction that comes back says what was sent, with the score."""
    sent = task(news)
    client.import_tasks(project, [sent])
    (stored,) = client.tasks(project)
    assert stored["predictions"][0]["result"] == sent["predictions"][0]["result"]  # type: ignore[index]
    assert stored["predictions"][0]["score"] == 0.5


def test_annotation_round_trip(client: LabelStudio, project: int, news: Ontology) -> None:
    """An annotation keeps its result, its seconds of work and the prediction it came from."""
    sent = task(news)
    (number,) = client.import_tasks(project, [sent])
    (stored,) = client.tasks(project)
    prediction = stored["predictions"][0]
    made = client.create_annotation(
        number, prediction["result"], lead_time=12.5, parent_prediction=prediction["id"]
    )
    ((annotation,),) = [t["annotations"] for t in client.tasks(project)]
    assert annotation["id"] == made
    assert annotation["lead_time"] == 12.5
    assert annotation["parent_prediction"] == prediction["id"]
    back = result_to_annotations(
        annotation["result"], uid="d1", annotator="anna", text=TEXT, ontology=news, provenance={}
    )
    assert back.annotations is not None
    assert [TEXT[e.start : e.end] for e in back.annotations.entities] == ["Anna", "Bob"]


def test_skipped_task_is_told(client: LabelStudio, project: int, news: Ontology) -> None:
    """A skipped task comes back marked, not as an empty annotation."""
    (number,) = client.import_tasks(project, [task(news)])
    client.create_annotation(number, [], lead_time=1, was_cancelled=True)
    ((annotation,),) = [t["annotations"] for t in client.tasks(project)]
    assert annotation["was_cancelled"] is True


def test_annotation_in_the_name_of_another(
    client: LabelStudio, label_studio_server: ServerInfo, project: int, news: Ontology
) -> None:
    """`completed_by` names another user than the key's."""
    ensure_user(label_studio_server, email="other@example.org", name="other")
    (other,) = (u["id"] for u in client.users() if u["email"] == "other@example.org")
    (number,) = client.import_tasks(project, [task(news)])
    client.create_annotation(number, [], lead_time=1, completed_by=other)
    ((annotation,),) = [t["annotations"] for t in client.tasks(project)]
    assert annotation["completed_by"] == other


def test_bad_task_is_refused_and_none_is_kept(client: LabelStudio, project: int) -> None:
    """A task without text is refused with the server's reason, and the project stays empty."""
    with pytest.raises(LabelStudioRefused, match="text"):
        client.import_tasks(project, [{"data": {"nothing": "here"}}])
    assert list(client.tasks(project)) == []


def test_drafts_of_everybody_are_read(
    client: LabelStudio, label_studio_server: ServerInfo, project: int, news: Ontology
) -> None:
    """Label Studio lists a user's own drafts only; those of others come along with their tasks."""
    empty, drafted = client.import_tasks(project, [task(news, "d1"), task(news, "d2")])
    key = ensure_user(label_studio_server, email="drafter@example.org", name="drafter")
    other = LabelStudio(client.url, key)
    other._send("POST", f"api/tasks/{drafted}/drafts", {"result": [], "lead_time": 1.5})
    for ids in (None, [empty, drafted]):
        (page,) = client.annotated_tasks(project, ids)
        found = {t["id"]: [d["user"] for d in t["drafts"]] for t in page}
        assert found == {empty: [], drafted: ["drafter@example.org"]}
    other.close()


def test_the_newest_change_of_a_project_is_told(
    client: LabelStudio, project: int, news: Ontology
) -> None:
    """It is that of the task that changed last, and none where there is no task."""
    assert client.last_change(project) is None
    first, _second = client.import_tasks(project, [task(news, "d1"), task(news, "d2")])
    client.create_annotation(first, [], lead_time=1)
    states = client.task_states(project)
    assert client.last_change(project) == states[first] == max(states.values())


def test_missing_project_is_refused(client: LabelStudio) -> None:
    """A project that is not there is an error with exit code 2, not an empty list."""
    with pytest.raises(LabelStudioRefused, match="404") as refused:
        list(client.tasks(987654))
    assert refused.value.exit_code == 2


def test_personal_access_token_is_a_key_too(
    client: LabelStudio, label_studio_server: ServerInfo
) -> None:
    """The tokens that newer servers give out, which must be exchanged for access, work as well."""
    import httpx

    made = httpx.post(
        f"{client.url}/api/token/",
        headers={"Authorization": f"Token {label_studio_server.token}"},
        trust_env=False,
    )
    token = made.json()["token"]
    assert token.count(".") == 2
    assert LabelStudio(client.url, token).me()["email"] == label_studio_server.email


@pytest.mark.parametrize("key", ["0" * 40, "", "two words", "käse", "line\nbreak", "a.b.c"])
def test_wrong_key_is_refused_and_not_shown(key: str, label_studio_server: ServerInfo) -> None:
    """A wrong key gives one line that names the variable to set, and not the key."""
    with pytest.raises(LabelStudioRefused, match="LABEL_STUDIO_API_KEY") as refused:
        LabelStudio(label_studio_server.url, key).me()
    said = str(refused.value)
    assert "\n" not in said
    assert not key or key not in said
    assert refused.value.__cause__ is None


def test_dead_port_is_unreachable() -> None:
    """Nobody listens: exit code 3, one line."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with pytest.raises(LabelStudioUnreachable, match="LABEL_STUDIO_URL") as unreachable:
        LabelStudio(f"http://127.0.0.1:{port}", "0" * 40).me()
    assert unreachable.value.exit_code == 3


@pytest.mark.parametrize("url", ["nonsense", "http://", "ftp://example.org"])
def test_nonsense_url_is_unreachable(url: str) -> None:
    """What is no address of a server is told as such."""
    with pytest.raises(LabelStudioUnreachable):
        LabelStudio(url, "0" * 40).me()


def test_every_error_of_the_sdk_is_translated() -> None:
    """All errors that the SDK defines are ApiErrors, which the client translates."""
    from label_studio_sdk import errors
    from label_studio_sdk.core.api_error import ApiError

    defined = [getattr(errors, name) for name in errors.__all__]
    assert defined
    assert all(issubclass(error, ApiError) for error in defined)


def test_fake_is_a_port_too(client: LabelStudio) -> None:
    """The fake has everything of the port, and so has the client."""
    ports: list[LabelStudioPort] = [client, FakeLabelStudio()]
    methods = [name for name in vars(LabelStudioPort) if not name.startswith("_")]
    assert "import_tasks" in methods
    assert [n for n in methods if not all(hasattr(port, n) for port in ports)] == []


def test_addresses(client: LabelStudio) -> None:
    """The address of a task opens its project at that task."""
    assert client.task_url(3, 4) == f"{client.url}/projects/3/data?task=4"
