"""What tests of this project, and of programs that use it, can build on.

`FakeLabelStudio` keeps projects in memory and fails on demand; `document`, `annotation_set` build
values from a few words; `documents()`, `annotation_sets()` are Hypothesis strategies (Hypothesis
is imported when they are called).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Literal

from curation.errors import LabelStudioRefused, LabelStudioUnreachable
from curation.labelstudio.payload import Payload
from curation.model import AnnotationSet, Argument, Document, Entity, Event, TextSpan
from curation.ontology import Ontology
from curation.spans import Span, overlapping, trim_whitespace

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn, SearchStrategy

__all__ = ["FakeLabelStudio", "annotation_set", "annotation_sets", "document", "documents"]


class FakeLabelStudio:
    """A LabelStudioPort without a server.

    `fail_next("import_tasks", "after")` makes the next call of that name do its work and then
    lose the connection; "before" loses it with nothing done.
    """

    url = "http://fake.invalid"

    def __init__(self) -> None:
        self.calls: list[str] = []
        self._users: list[Payload] = [{"id": 1, "email": "admin@example.org", "username": "admin"}]
        self._projects: dict[int, Payload] = {}
        self._tasks: dict[int, Payload] = {}
        self._faults: dict[str, Literal["before", "after"]] = {}
        self._last_id = 0

    def fail_next(self, method: str, when: Literal["before", "after"]) -> None:
        """Makes the next call of `method` raise LabelStudioUnreachable."""
        self._faults[method] = when

    def version(self) -> str:
        """The release it behaves like."""
        return "1.23.2"

    def me(self) -> Payload:
        """The administrator."""
        return self._users[0]

    def users(self) -> list[Payload]:
        """All users."""
        return list(self._users)

    def create_user(self, email: str, name: str) -> int:
        """A new user; the id. Refused where the address is taken."""
        if any(user["email"] == email for user in self._users):
            raise LabelStudioRefused(f"user {email} exists")
        number = self._next_id()
        self._users.append({"id": number, "email": email, "username": name})
        return number

    def invite_link(self) -> str:
        """An address that leads nowhere."""
        return f"{self.url}/user/signup/?token=fake"

    def create_project(self, title: str, xml: str, description: str, **flags: Any) -> int:
        """A new project; the id. Refused where the title has not 3 to 50 characters."""
        self._called("create_project", "before")
        if not 3 <= len(title) <= 50:
            raise LabelStudioRefused(f"title {title!r}: 3 to 50 characters")
        number = self._next_id()
        fields = {"id": number, "title": title, "label_config": xml, "description": description}
        self._projects[number] = fields | flags
        self._called("create_project", "after")
        return number

    def update_project(self, project_id: int, **changes: Any) -> None:
        """Changes fields of a project."""
        self._project(project_id).update(changes)

    def projects(self) -> Iterator[Payload]:
        """All projects."""
        self._called("projects", "before")
        yield from list(self._projects.values())

    def find_project(self, marker: str) -> Payload | None:
        """The oldest project with `marker` as a line of its description."""
        marked = (p for p in self.projects() if marker in str(p["description"]).splitlines())
        return next(marked, None)

    def delete_project(self, project_id: int) -> None:
        """Deletes a project with its tasks."""
        del self._projects[self._project(project_id)["id"]]
        self._tasks = {k: t for k, t in self._tasks.items() if t["project"] != project_id}

    def validate_config(self, xml: str) -> None:
        """Refuses what has no <View>."""
        if "<View" not in xml:
            raise LabelStudioRefused("the labelling configuration has no <View>")

    def import_tasks(self, project_id: int, tasks: Sequence[Payload]) -> list[int]:
        """Adds tasks; their ids, in the order of `tasks`."""
        self._called("import_tasks", "before")
        project = self._project(project_id)["id"]
        ids = [self._add_task(project, task) for task in tasks]
        self._called("import_tasks", "after")
        return ids

    def tasks(self, project_id: int) -> Iterator[Payload]:
        """The tasks of a project, oldest first."""
        self._called("tasks", "before")
        project = self._project(project_id)["id"]
        yield from [task for task in self._tasks.values() if task["project"] == project]

    def project(self, project_id: int) -> Payload:
        """One project with the number of its tasks."""
        self._called("project", "before")
        mine = [t for t in self._tasks.values() if t["project"] == project_id]
        return self._project(project_id) | {"task_number": len(mine)}

    def task_states(self, project_id: int, *, since: str | None = None) -> dict[int, str]:
        """By id, the time of a task's last change."""
        self._called("task_states", "before")
        mine = [t for t in self._tasks.values() if t["project"] == project_id]
        return {t["id"]: t["updated_at"] for t in mine if not since or t["updated_at"] >= since}

    def drafted_tasks(self, project_id: int) -> list[int]:
        """The ids of the tasks with a draft."""
        mine = [t for t in self._tasks.values() if t["project"] == project_id]
        return [t["id"] for t in mine if t["drafts"]]

    def annotated_tasks(
        self, project_id: int, ids: Sequence[int] | None = None
    ) -> Iterator[list[Payload]]:
        """Tasks with annotations and drafts, in pages of two."""
        self._called("annotated_tasks", "before")
        mine = [t for t in self._tasks.values() if t["project"] == project_id]
        wanted = [t for t in mine if ids is None or t["id"] in ids]
        for first in range(0, len(wanted), 2):
            yield [
                {k: v for k, v in task.items() if k != "predictions"}
                | {"total_predictions": len(task["predictions"])}
                for task in wanted[first : first + 2]
            ]

    def delete_annotation(self, annotation_id: int) -> None:
        """What a person does in the browser: the annotation is gone, its task has changed."""
        for task in self._tasks.values():
            kept = [a for a in task["annotations"] if a["id"] != annotation_id]
            if len(kept) < len(task["annotations"]):
                task["annotations"], task["updated_at"] = kept, self._time()

    def delete_task(self, task_id: int) -> None:
        """What a person does in the browser: the task is gone."""
        del self._tasks[task_id]

    def create_annotation(
        self,
        task_id: int,
        result: Sequence[Payload],
        *,
        lead_time: float,
        completed_by: int | None = None,
        parent_prediction: int | None = None,
        was_cancelled: bool = False,
    ) -> int:
        """A new annotation of a task; the id."""
        self._called("create_annotation", "before")
        if task_id not in self._tasks:
            raise LabelStudioRefused(f"no task {task_id}")
        number = self._next_id()
        annotation = {
            "id": number,
            "result": list(result),
            "lead_time": lead_time,
            "completed_by": completed_by or self.me()["id"],
            "parent_prediction": parent_prediction,
            "was_cancelled": was_cancelled,
            "updated_at": self._time(),
        }
        self._tasks[task_id]["annotations"].append(annotation)
        self._tasks[task_id]["updated_at"] = annotation["updated_at"]
        self._called("create_annotation", "after")
        return number

    def project_url(self, project_id: int) -> str:
        """An address that leads nowhere."""
        return f"{self.url}/projects/{project_id}/data"

    def task_url(self, project_id: int, task_id: int) -> str:
        """An address that leads nowhere."""
        return f"{self.project_url(project_id)}?task={task_id}"

    def _called(self, method: str, when: Literal["before", "after"]) -> None:
        if when == "before":
            self.calls.append(method)
        if self._faults.get(method) == when:
            del self._faults[method]
            raise LabelStudioUnreachable(f"{method}: the connection was lost {when} the work")

    def _project(self, project_id: int) -> Payload:
        if project_id not in self._projects:
            raise LabelStudioRefused(f"no project {project_id}")
        return self._projects[project_id]

    def _add_task(self, project: int, task: Payload) -> int:
        number = self._next_id()
        predictions = [{"id": self._next_id()} | p for p in task.get("predictions", [])]
        self._tasks[number] = {
            "id": number,
            "project": project,
            "data": task["data"],
            "predictions": predictions,
            "annotations": [],
            "drafts": [],
            "updated_at": self._time(),
        }
        return number

    def _time(self) -> str:
        """Fakes have no clock: what comes later has a later, made-up time, a minute apart."""
        at = self._next_id()
        return f"2024-01-01T{at // 60:02}:{at % 60:02}:00.000000Z"

    def _next_id(self) -> int:
        self._last_id = max(self._last_id, 1) + 1
        return self._last_id


def document(text: str, *, uid: str = "d1", language: str = "en", **fields: Any) -> Document:
    """A Document of which only the text matters."""
    return Document(uid=uid, language=language, text=text, **fields)


def annotation_set(
    text: str,
    entities: Sequence[tuple[str, str]] = (),
    events: Sequence[tuple[str, str, dict[str, str]]] = (),
    *,
    uid: str = "d1",
    annotator: str = "anna",
    **fields: Any,
) -> AnnotationSet:
    """A set told by surfaces: entities as (surface, label), events as (trigger, type, arguments).

    Arguments are {role: surface of an entity}; each surface stands for its first place in `text`.

    >>> annotation_set("Anna met Bob", [("Anna", "PER")], [("met", "CONSULT", {"Actor": "Anna"})])
    ... # doctest: +ELLIPSIS
    AnnotationSet(uid='d1', annotator='anna', ...)
    """
    ids = {surface: f"T{i}" for i, (surface, _) in enumerate(entities, 1)}
    made_entities = [
        Entity(id=f"T{i}", start=span.start, end=span.end, label=label)
        for i, (surface, label) in enumerate(entities, 1)
        for span in [_find(text, surface)]
    ]
    made_events = [
        Event(
            id=f"E{i}",
            type=event_type,
            trigger=TextSpan(**_find(text, trigger)._asdict()),
            arguments=tuple(Argument(role=r, target=ids[s]) for r, s in arguments.items()),
        )
        for i, (trigger, event_type, arguments) in enumerate(events, 1)
    ]
    return AnnotationSet(
        uid=uid,
        annotator=annotator,
        entities=tuple(made_entities),
        events=tuple(made_events),
        **fields,
    )


def _find(text: str, surface: str) -> Span:
    start = text.index(surface)
    return Span(start, start + len(surface))


def _texts() -> SearchStrategy[str]:
    """Text with what moves offsets: emoji, joiners, combining accents, breaks, tabs, both ways."""
    from hypothesis import strategies as st

    hard = ["😀", "👩‍👩‍👧", "e\u0301", "\n", "\t", "  ", "\r\n", "שלום", "𝒜", "\\n", "Žofia", " "]
    plain = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=8)
    return st.lists(st.sampled_from(hard) | plain, max_size=20).map("".join)


def documents() -> SearchStrategy[Document]:
    """Documents of every kind of text, the empty one too."""
    from hypothesis import strategies as st

    return st.builds(
        Document,
        uid=st.text("abcdefgh-0123456789", min_size=1, max_size=20),
        language=st.sampled_from(["sk", "sv", "en", "nb", "nl", "he"]),
        text=_texts(),
        source=st.none() | st.sampled_from(["Fixture Times", '<b>&"quoted"</b>']),
        published=st.none() | st.sampled_from(["2020", "2020-01", "2020-01-13"]),
    )


def annotation_sets(
    text: str, ontology: Ontology, *, uid: str = "d1", annotator: str = "anna"
) -> SearchStrategy[AnnotationSet]:
    """Sound sets over `text`: no item twice, and entities apart where the ontology wants it."""
    from hypothesis import strategies as st

    @st.composite
    def build(draw: DrawFn) -> AnnotationSet:
        entities = _draw_entities(draw, text, ontology)
        events = _draw_events(draw, text, ontology, entities)
        return AnnotationSet(
            uid=uid, annotator=annotator, entities=tuple(entities), events=tuple(events)
        )

    return build()


def _draw_spans(draw: DrawFn, text: str) -> list[Span]:
    from hypothesis import strategies as st

    places = st.integers(0, len(text))
    pairs = draw(st.lists(st.tuples(places, places), max_size=6))
    spans = [trim_whitespace(text, Span(min(pair), max(pair))) for pair in pairs]
    return [span for span in spans if span.start < span.end]


def _draw_entities(draw: DrawFn, text: str, ontology: Ontology) -> list[Entity]:
    from hypothesis import strategies as st

    names = st.sampled_from(sorted(ontology.entity_names))
    scores = st.none() | st.floats(0, 1)
    entities: list[Entity] = []
    for number, span in enumerate(_draw_spans(draw, text), 1):
        label, score = draw(names), draw(scores)
        entity = Entity(id=f"T#{number}%", start=span.start, end=span.end, label=label, score=score)
        rivals = [e for e in entities if overlapping(e, entity)]
        if (rivals and not ontology.nested_entities) or entity.key in {e.key for e in rivals}:
            continue
        entities.append(entity)
    return entities


def _draw_events(
    draw: DrawFn, text: str, ontology: Ontology, entities: Sequence[Entity]
) -> list[Event]:
    from hypothesis import strategies as st

    if not ontology.events:
        return []
    names = st.sampled_from(sorted(ontology.event_names))
    events: dict[tuple[int, int, str], Event] = {}
    for number, span in enumerate(_draw_spans(draw, text), 1):
        event = Event(
            id=f"E{number}",
            type=draw(names),
            trigger=TextSpan(start=span.start, end=span.end),
            arguments=_draw_arguments(draw, ontology, entities),
            attributes={a.name: draw(st.sampled_from(a.values)) for a in ontology.attributes},
        )
        events.setdefault(event.key, event)
    return list(events.values())


def _draw_arguments(
    draw: DrawFn, ontology: Ontology, entities: Sequence[Entity]
) -> tuple[Argument, ...]:
    from hypothesis import strategies as st

    allowed = [(r.name, e.id) for r in ontology.roles for e in entities if e.label in r.fillers]
    if not allowed:
        return ()
    chosen = draw(st.lists(st.sampled_from(allowed), unique=True, max_size=4))
    return tuple(Argument(role=role, target=target) for role, target in chosen)
