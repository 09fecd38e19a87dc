"""The labelling configuration: made from the ontology, and read back from a team's own."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.errors import OntologyError
from curation.ontology import Attribute, EntityLabel, EventType, Ontology, Role
from curation.ontology_xml import ontology_to_xml, xml_to_ontology

TEAM = """
<View>
  <Style>.x { color: red }</Style>
  <Labels name="label" toName="t">
    <Label value="Person" background="red" hotkey="p"/>
    <Label value="Place" alias="LOC" background="#0f0" hotkey="shift+l"/>
    <Label value="Person"/>
    <Label value="Other" background="chartreuse" hotkey="p"/>
  </Labels>
  <Labels name="event_trigger" toName="t"><Label value="Attack" hint="Somebody strikes."/></Labels>
  <Labels name="topics" toName="t"><Label value="Sport"/></Labels>
  <Relations><Relation value="Agent"/><Relation value="Agent"/></Relations>
  <Choices name="Event Tense" toName="t" perRegion="true" whenTagName="event_trigger">
    <Choice value="past"/><Choice value="future" selected="true"/>
  </Choices>
  <Choices name="gender" toName="t" perRegion="true" whenTagName="label">
    <Choice value="f"/><Choice value="m"/>
  </Choices>
  <Choices name="sentiment" toName="t"><Choice value="good"/><Choice value="bad"/></Choices>
  <Choices name="only" toName="t" perRegion="true"><Choice value="one"/></Choices>
  <Choices name="many" toName="t" perRegion="true" choice="multiple">
    <Choice value="a"/><Choice value="b"/>
  </Choices>
  <Text name="t" value="$body"/>
  <TextArea name="note" toName="t"/>
</View>
"""


def test_shipped_configuration_is_the_one_made(news: Ontology) -> None:
    """label_config/news.xml is what `ontology_to_xml` makes of news.toml, byte for byte."""
    path = Path(__file__).resolve().parents[1] / "label_config" / "news.xml"
    assert path.read_text(encoding="utf-8") == ontology_to_xml(news)


def test_every_label_has_colour_hotkey_and_hint(news: Ontology) -> None:
    """Each label of both groups carries its colour, its key and its definition."""
    root = ElementTree.fromstring(ontology_to_xml(news))
    shown = {
        (e.get("value"), e.get("background"), e.get("hotkey"), e.get("hint"))
        for e in root.iter("Label")
    }
    items = [*news.entities, *news.events]
    assert shown == {(i.name, i.colour, i.hotkey, i.definition) for i in items}


def test_attributes_ask_about_events_only(news: Ontology) -> None:
    """All choices stand in a block that shows when an event region is selected."""
    root = ElementTree.fromstring(ontology_to_xml(news))
    (block,) = [e for e in root.iter("View") if e.get("visibleWhen") == "region-selected"]
    assert block.get("whenTagName") == "events"
    choices = list(block.iter("Choices"))
    assert [c.get("name") for c in choices] == [a.name for a in news.attributes]
    assert choices == list(root.iter("Choices"))
    assert {c.get("perRegion") for c in choices} == {"true"}


def test_offsets_are_by_character(news: Ontology) -> None:
    """Word granularity would move what annotators draw."""
    (text,) = ElementTree.fromstring(ontology_to_xml(news)).iter("Text")
    assert text.get("granularity") == "symbol"


@pytest.mark.parametrize(
    ("direction", "css"),
    [("ltr", "direction: ltr"), ("rtl", "direction: rtl"), ("auto", "unicode-bidi: plaintext")],
)
def test_direction_of_the_text(direction: str, css: str, news: Ontology) -> None:
    """The ontology's direction is the direction of the text."""
    xml = ontology_to_xml(news.model_copy(update={"direction": direction}))
    assert css in xml


def test_ontology_of_entities_alone(news: Ontology) -> None:
    """Without events there is no event group, no roles and no attributes, and no empty block."""
    bare = Ontology(name="bare", version="1", entities=news.entities)
    root = ElementTree.fromstring(ontology_to_xml(bare))
    assert [e.get("name") for e in root.iter("Labels")] == ["entities"]
    assert not list(root.iter("Relations"))
    assert not list(root.iter("Choices"))


@pytest.mark.parametrize("name", ["entities", "events", "text", "roles"])
def test_attribute_named_like_a_tag_is_refused(name: str, news: Ontology) -> None:
    """Such an attribute could not be told from the tag in what comes back."""
    clash = Attribute(name=name, definition="", values=("a", "b"), default="a")
    with pytest.raises(OntologyError, match=name):
        ontology_to_xml(news.model_copy(update={"attributes": (clash,)}))


def test_control_character_is_refused(news: Ontology) -> None:
    """A definition with a character that XML cannot hold is told, not sent."""
    label = news.entities[0].model_copy(update={"definition": "bell \x07"})
    with pytest.raises(OntologyError, match=r"U\+0007"):
        ontology_to_xml(news.model_copy(update={"entities": (label,)}))


@settings(derandomize=True, deadline=None, max_examples=60)
@given(
    hostile=st.text(st.characters(exclude_categories=("Cs", "Cc", "Cn")), max_size=40)
    | st.sampled_from(["</Style><Text/>", '"><script>', "$uid", "&amp;", "]]>", "--><View>"]),
    name=st.sampled_from(["A--B", "C]]", "D\\", "E{}", "F$", "G;", "H I"]),
)
def test_hostile_words_stay_words(hostile: str, name: str) -> None:
    """Definitions and names of any content neither break the configuration nor add to it."""
    label = EntityLabel(name=name, definition=hostile, colour="#000000")
    event = EventType(name=f"{name}2", definition=hostile, colour="#000000")
    role = Role(name="R", definition=hostile, fillers=(name,))
    attribute = Attribute(name="a", definition=hostile, values=("x", hostile or "y"), default="x")
    ontology = Ontology(
        name="hostile",
        version=hostile,
        entities=(label,),
        events=(event,),
        roles=(role,),
        attributes=(attribute,),
    )
    root = ElementTree.fromstring(ontology_to_xml(ontology))
    assert [e.get("hint") for e in root.iter("Label")] == [hostile, hostile]
    assert len(list(root.iter("Text"))) == 1
    headings = [e.get("value", "") for e in root.iter("Header")]
    assert [h for h in headings if h.startswith("$")] == ["$title", "$notice"]


def test_reading_back_keeps_labels_roles_and_attributes(news: Ontology) -> None:
    """What was made from an ontology is read back, up to what a configuration cannot say."""
    back, notes = xml_to_ontology(ontology_to_xml(news), name="news")
    assert back.entities == news.entities
    assert [e.name for e in back.events] == [e.name for e in news.events]
    assert [r.name for r in back.roles] == [r.name for r in news.roles]
    assert [(a.name, a.values) for a in back.attributes] == [
        (a.name, a.values) for a in news.attributes
    ]
    assert notes == ["roles: every entity label may fill each; narrow `fillers` by hand"]


def test_a_teams_configuration_is_read() -> None:
    """Groups, colours, keys, roles and defaults of a configuration made elsewhere."""
    ontology, _ = xml_to_ontology(TEAM, name="team")
    assert [(e.name, e.colour, e.hotkey) for e in ontology.entities] == [
        ("Person", "#ff0000", "p"),
        ("LOC", "#00ff00", None),
        ("Other", "#f4a6d7", None),
    ]
    assert [(e.name, e.definition) for e in ontology.events] == [("Attack", "Somebody strikes.")]
    (role,) = ontology.roles
    assert (role.name, role.fillers) == ("Agent", ("Person", "LOC", "Other"))
    (attribute,) = ontology.attributes
    assert (attribute.name, attribute.values, attribute.default) == (
        "event_tense",
        ("past", "future"),
        "future",
    )


@pytest.mark.parametrize(
    "said",
    [
        "'Person' stands twice",
        "'shift+l'",
        "'chartreuse'",
        "'topics'",
        "'Agent' stands twice",
        "'gender': not about events",
        "'sentiment': not about a region",
        "'only': has fewer than two answers",
        "'many': has several answers",
        "<TextArea>",
        "'Event Tense' is now 'event_tense'",
    ],
)
def test_what_has_no_counterpart_is_noted(said: str) -> None:
    """Everything that is changed or left out has a note."""
    _, notes = xml_to_ontology(TEAM, name="team")
    assert said in "\n".join(notes)


@pytest.mark.parametrize(
    "xml",
    [
        "",
        "<View",
        "<View></Vieuw>",
        "<View/>",
        "\x00",
        "<View>\ud800</View>",
        '<!DOCTYPE v [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><View>&b;</View>',
        '<!DOCTYPE v SYSTEM "file:///etc/passwd"><View/>',
        '<View><Labels name="x" toName="t"></Labels></View>',
        '<View><Labels name="events" toName="t"><Label value="A"/></Labels></View>',
    ],
)
def test_broken_configurations_are_refused_in_one_line(xml: str) -> None:
    """Broken, hostile or empty configurations give one line that names the ontology."""
    with pytest.raises(OntologyError) as refused:
        xml_to_ontology(xml, name="team")
    assert str(refused.value).startswith("team: ")
    assert "\n" not in str(refused.value)


def test_bad_name_is_refused() -> None:
    """A name that no ontology may have is an OntologyError too."""
    with pytest.raises(OntologyError):
        xml_to_ontology(TEAM, name="Not A Name")
