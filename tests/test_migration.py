"""Names of an earlier ontology in the words of the present one, in sets and in raw results."""

from __future__ import annotations

import pytest

from curation.errors import OntologyError
from curation.labelstudio.convert import annotations_to_result, result_to_annotations
from curation.migration import migrate
from curation.model import AnnotationSet
from curation.ontology import Migrations, Ontology, parse_ontology
from curation.ontology_toml import ontology_to_toml
from curation.testing import annotation_set

TEXT = "Anna Berg met Peter Lind in Oslo and left for Bergen."
OLD = Migrations(
    entities={"GPE": "LOC", "MISC": ""},
    events={"MEET": "CONSULT", "GO": ""},
    roles={"Agent": "Actor", "Manner": ""},
    attributes={"modality": {"believed": "other"}},
)


@pytest.fixture
def present(news: Ontology) -> Ontology:
    """The shipped ontology with names of an invented earlier one."""
    return news.model_copy(update={"migrations": OLD})


def earlier(news: Ontology) -> Ontology:
    """The ontology in which `said` was sound."""
    toml = ontology_to_toml(news)
    for old, new in (("LOC", "GPE"), ("CONSULT", "MEET"), ("RETREAT", "GO"), ("ORG", "MISC")):
        toml = toml.replace(f'"{old}"', f'"{new}"')
    toml = toml.replace('"Actor"', '"Agent"').replace('"Recipient"', '"Manner"')
    toml = toml.replace('"other"', '"believed"')
    return parse_ontology(toml, where="earlier")


def said() -> AnnotationSet:
    """A set in the old words: a meeting, and a leaving for what is a MISC."""
    made = annotation_set(
        TEXT,
        [("Anna Berg", "PER"), ("Peter Lind", "PER"), ("Oslo", "GPE"), ("Bergen", "MISC")],
        [
            ("met", "MEET", {"Agent": "Anna Berg", "Manner": "Peter Lind", "Location": "Oslo"}),
            ("left", "GO", {"Agent": "Anna Berg"}),
        ],
    )
    events = tuple(
        e.model_copy(update={"attributes": {"modality": "believed"}}) for e in made.events
    )
    return made.model_copy(update={"events": events})


def words(annotations: AnnotationSet) -> tuple[list[str], list[tuple[str, list[str], str | None]]]:
    """Labels, and of each event its type, roles and modality."""
    return [e.label for e in annotations.entities], [
        (e.type, [a.role for a in e.arguments], e.attributes.get("modality"))
        for e in annotations.events
    ]


NOW = (["PER", "PER", "LOC"], [("CONSULT", ["Actor", "Location"], "other")])


def test_a_set_is_told_in_present_words() -> None:
    """Renamed names change; what was given up goes, with the arguments that hung on it."""
    assert words(migrate(said(), OLD)) == NOW


def test_a_set_that_is_not_concerned_stays_the_very_same() -> None:
    """Nothing is copied where there is nothing to change."""
    found = annotation_set(TEXT, [("Oslo", "LOC")])
    assert migrate(found, OLD) is found


def test_a_raw_result_is_read_in_present_words(news: Ontology, present: Ontology) -> None:
    """A payload of the old configuration gives what the migrated set gives, each change counted."""
    result = annotations_to_result(said(), TEXT, earlier(news))
    made = result_to_annotations(
        result, uid="d1", annotator="anna", text=TEXT, ontology=present, provenance={}
    )
    assert made.problems == ()
    assert made.annotations is not None
    assert words(made.annotations) == NOW
    kinds = [r.kind for r in made.repairs]
    assert (kinds.count("renamed"), kinds.count("given up")) == (6, 3)


def test_without_migrations_old_names_go_to_quarantine(news: Ontology) -> None:
    """A name that the ontology does not know is a problem, never dropped in silence."""
    result = annotations_to_result(said(), TEXT, earlier(news))
    made = result_to_annotations(
        result, uid="d1", annotator="anna", text=TEXT, ontology=news, provenance={}
    )
    assert made.annotations is None
    assert any("GPE" in problem for problem in made.problems)


def test_migrations_survive_toml(present: Ontology) -> None:
    """What is written is read back equal."""
    assert parse_ontology(ontology_to_toml(present), where="x") == present


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ('[migrations.entities]\nLOC = "PER"', "'LOC' is still in use"),
        ('[migrations.entities]\nGPE = "PLACE"', "'GPE' becomes unknown 'PLACE'"),
        ('[migrations.attributes.mood]\na = "b"', "unknown attribute 'mood'"),
    ],
)
def test_migrations_that_contradict_the_ontology_are_refused(
    news: Ontology, table: str, message: str
) -> None:
    """The error names the line's table and name."""
    with pytest.raises(OntologyError, match=message):
        parse_ontology(ontology_to_toml(news) + table, where="x")
