"""The dataset card: a header that loaders read, and text that hostile names cannot break."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from curation.formats.card import (
    AgreementLine,
    CardFacts,
    SourceFacts,
    count_for_card,
    escape_code,
    escape_markdown,
    render_card,
    yaml_scalar,
)
from curation.formats.tables import table_features
from curation.model import AnnotationSet, Argument, Document, Entity, Event, Record, TextSpan


def record(uid: str, language: str, annotator: str = "anna") -> Record:
    """A record with one entity and one event with one argument."""
    annotations = AnnotationSet(
        uid=uid,
        annotator=annotator,
        entities=(Entity(id="T1", start=0, end=4, label="PER"),),
        events=(
            Event(
                id="E1",
                type="CONSULT",
                trigger=TextSpan(start=5, end=8),
                arguments=(Argument(role="Actor", target="T1"),),
            ),
        ),
    )
    return Record(
        document=Document(uid=uid, language=language, text="Fico met"), annotations=annotations
    )


COUNTS = count_for_card(
    {
        "train": [record("a", "sk"), record("a", "sk", "boris"), record("b", "no")],
        "test": [Record(document=Document(uid="c", language="sk", text=""), has_events=False)],
    }
)
FACTS = CardFacts(
    name="News events",
    version="1.2.0",
    description="Entities and events in news.",
    license="cc-by-4.0",
    counts=COUNTS,
    ontology="news",
    ontology_version="1.0",
    guideline="1",
    annotators=2,
    sample=False,
)


PAIR = [{"name": "name", "dtype": "string"}, {"name": "value", "dtype": "string"}]
SIZES = {part.name: part.sizes for part in COUNTS.parts}
# Only "documents" has rows in "test": datasets opens no config of which a part is empty.
FILLED = {
    "documents": {"train": 2, "test": 1},
    "annotations": {"train": 3},
    "entities": {"train": 3},
    "events": {"train": 3},
    "arguments": {"train": 3},
}


def header(card: str) -> dict[str, Any]:
    """The YAML header of a card."""
    _, front, _ = card.split("---\n", 2)
    data: dict[str, Any] = yaml.safe_load(front)
    return data


def test_counts_are_of_documents_sets_and_items() -> None:
    """A document that two people annotated is one document, two sets, and all their items."""
    assert [part.name for part in COUNTS.parts] == ["train", "test"]
    assert COUNTS.parts[0].rows == {
        "documents": 2,
        "annotations": 3,
        "entities": 3,
        "events": 3,
        "arguments": 3,
    }
    assert COUNTS.parts[1].rows["documents"] == 1
    assert COUNTS.parts[1].rows["annotations"] == 0
    assert COUNTS.parts[0].sizes["entities"] > COUNTS.parts[1].sizes["entities"] == 0
    assert COUNTS.languages == {"sk": 2, "no": 1}
    assert (COUNTS.labels, COUNTS.event_types) == ({"PER": 3}, {"CONSULT": 3})
    assert COUNTS.documents == 3


def test_the_header_says_what_hugging_face_asks_for() -> None:
    """The YAML has each key of the dataset card, with values of the kinds that are known."""
    assert header(render_card(FACTS)) == {
        "pretty_name": "News events",
        "language": ["sk", "no"],
        "license": "cc-by-4.0",
        "annotations_creators": ["expert-generated"],
        "language_creators": ["found"],
        "multilinguality": ["multilingual"],
        "size_categories": ["n<1K"],
        "source_datasets": ["original"],
        "task_categories": ["token-classification"],
        "task_ids": ["named-entity-recognition"],
        "tags": ["event-extraction"],
        "configs": [
            {
                "config_name": table,
                **({"default": True} if table == "documents" else {}),
                "data_files": [
                    {"split": part, "path": f"data/{table}/{part}-00000-of-00001.parquet"}
                    for part in parts
                ],
            }
            for table, parts in FILLED.items()
        ],
        "dataset_info": [
            {
                "config_name": table,
                "features": [
                    {"name": name, "list": PAIR}
                    if type_ == "pairs"
                    else {"name": name, "dtype": type_}
                    for name, type_ in table_features()[table]
                ],
                "splits": [
                    {"name": part, "num_bytes": SIZES[part][table], "num_examples": rows}
                    for part, rows in parts.items()
                ],
            }
            for table, parts in FILLED.items()
        ],
    }


def test_a_licence_without_identifier_is_other_by_its_name() -> None:
    """Terms that Hugging Face has no identifier for are named, not guessed."""
    front = header(render_card(replace(FACTS, license="Own terms, see LICENSE")))
    assert (front["license"], front["license_name"]) == ("other", "own-terms-see-license")
    assert front["license_link"] == "LICENSE"


def test_unstated_things_are_said_in_words() -> None:
    """No licence given is no licence called "other"; a missing interval has its reason."""
    lone = AgreementLine("f1(layer=entities,match=exact)", 0.9, None, 3, 21, "too few documents")
    card = render_card(replace(FACTS, license="other", agreement=(lone,)))
    assert "No licence of the annotations is stated." in card
    assert "under other" not in card
    assert "| 0.900 | none: too few documents |" in card


def test_one_language_is_monolingual() -> None:
    """Multilinguality follows from the languages that occur."""
    counts = count_for_card({"train": [record("a", "sk")]})
    assert header(render_card(replace(FACTS, counts=counts)))["multilinguality"] == ["monolingual"]


@pytest.mark.parametrize(
    ("documents", "category"),
    [(999, "n<1K"), (1000, "1K<n<10K"), (10_000, "10K<n<100K"), (100_000, "100K<n<1M")],
)
def test_the_size_category_follows_from_the_documents(documents: int, category: str) -> None:
    """Bounds belong to the larger category."""
    part = replace(COUNTS.parts[0], rows={**COUNTS.parts[0].rows, "documents": documents})
    card = render_card(replace(FACTS, counts=replace(COUNTS, parts=(part,))))
    assert header(card)["size_categories"] == [category]


def test_sample_annotations_are_announced_before_anything_else() -> None:
    """A release of sample annotations says so under its title; a real one does not say it."""
    notice = "> **Sample annotations.**"
    card = render_card(replace(FACTS, sample=True))
    assert card.split("# News events 1.2.0\n", 1)[1].strip().startswith(notice)
    assert notice not in render_card(FACTS)


def test_agreement_has_the_name_that_computes_it_again() -> None:
    """A measure has its name, interval and counts; an undefined one has its reason."""
    card = render_card(
        replace(
            FACTS,
            agreement=(
                AgreementLine("f1(layer=entities,match=exact)", 0.8125, (0.75, 0.9), 25, 310),
                AgreementLine("alpha(layer=events)", None, reason="one annotator only"),
            ),
        )
    )
    assert (
        "| `f1(layer=entities,match=exact)` | 0.812 | 0.750 to 0.900 | 25 | 310 |\n"
        "| `alpha(layer=events)` | undefined: one annotator only | none | 0 | 0 |\n"
    ) in card
    assert "Agreement was not measured." in render_card(FACTS)


def test_tables_are_whole() -> None:
    """Each table of the card has a head, a rule and its rows, without a gap between them."""
    card = render_card(
        replace(
            FACTS,
            sources=(SourceFacts("Wikinews", "CC BY 2.5", "https://en.wikinews.org", 3),),
            losses={"iob2": {"overlap": 2, "moved": 1}, "spacy": {}},
            split_seed=7,
        )
    )
    assert (
        "| part | documents | annotation sets | entities | events | arguments |\n"
        "| --- | ---: | ---: | ---: | ---: | ---: |\n"
        "| train | 2 | 3 | 3 | 3 | 3 |\n"
        "| test | 1 | 0 | 0 | 0 | 0 |\n\n"
        "| language | documents |\n| --- | ---: |\n| sk | 2 |\n| no | 1 |\n\n"
        "| entity label | entities |\n| --- | ---: |\n| PER | 3 |\n\n"
    ) in card
    assert "| Wikinews | CC BY 2.5 | `https://en.wikinews.org` | 3 |\n" in card
    assert "| iob2 | overlap 2, moved 1 |\n| spacy | none |\n" in card
    assert "drawn with seed 7" in card
    assert "\n\n\n" not in card


HOSTILE = (
    '---\n"x": |<script>alert(1)</script> [a](http://b) `c` www.d.e &amp; \u202e\x1b[31m*b*_c_'
)


def test_hostile_names_stay_words() -> None:
    """Markup, links, table borders and document marks in names have no effect in the card."""
    labelled = record("a", "sk")
    assert labelled.annotations is not None
    entity = Entity(id="T1", start=0, end=4, label=HOSTILE)
    sets = labelled.annotations.model_copy(update={"entities": (entity,)})
    counts = count_for_card({"train": [labelled.model_copy(update={"annotations": sets})]})
    card = render_card(
        replace(
            FACTS,
            name=HOSTILE,
            license=HOSTILE,
            counts=counts,
            agreement=(AgreementLine(HOSTILE, 1.0),),
            sources=(SourceFacts(HOSTILE, HOSTILE, HOSTILE),),
        )
    )
    front = header(card)
    assert front["pretty_name"] == HOSTILE
    assert re.fullmatch("[a-z0-9.-]+", front["license_name"])
    body = card.split("---\n", 2)[2]
    without_code = "\n".join(line for line in body.splitlines() if "`" not in line)
    assert "<script" not in without_code
    assert "\x1b" not in card
    assert "\u202e" not in card
    rows = [line for line in body.splitlines() if line.startswith("|") and "alert" in line]
    assert [row.replace(r"\|", "").count("|") for row in rows] == [3, 6, 5]


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.text(st.characters(exclude_categories=["Cs"])))
@example("no")
@example("\u2028\x85\ufeff\x7f\U0001f468\u200d")
@example('"\\\n\t: # - {} [] & * ! | > %')
def test_a_yaml_scalar_is_read_as_the_text_it_was(text: str) -> None:
    """Any text comes back from the YAML header as it is, and stays on one line."""
    scalar = yaml_scalar(text)
    assert yaml.safe_load(f"key: {scalar}\n") == {"key": text}
    assert len(scalar.splitlines()) == 1


def test_markdown_escapes_are_what_they_should_be() -> None:
    """Each active character is escaped, plain text is left as it is."""
    assert escape_markdown("Žilina, sk-001 (2.0)") == r"Žilina, sk-001 \(2.0\)"
    assert escape_markdown("a|b*c_d<e>&f\n# g") == r"a\|b\*c\_d&lt;e&gt;&amp;f \# g"
    assert escape_markdown("http://x WWW.y") == r"http\://x WWW\.y"
    assert escape_code("a|b`c\nd") == r"`a\|b'c d`"
