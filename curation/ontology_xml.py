"""Ontology -> Label Studio labelling configuration, and a team's configuration -> Ontology.

The control tags are named `ENTITIES`, `EVENTS` and `TEXT`; each attribute is a per-region choice
named after itself. Everything that comes from the ontology is escaped.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from xml.etree import ElementTree
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from pydantic import ValidationError

from curation.errors import OntologyError
from curation.messages import few
from curation.ontology import Attribute, EntityLabel, EventType, Ontology, Role

__all__ = [
    "ENTITIES",
    "EVENTS",
    "RESERVED",
    "TEXT",
    "ontology_to_xml",
    "text_field",
    "xml_to_ontology",
]

ENTITIES = "entities"
EVENTS = "events"
TEXT = "text"
RESERVED = frozenset({ENTITIES, EVENTS, TEXT, "roles"})
"""Names of tags: an attribute that had one could not be told from the tag."""

_NOT_XML = re.compile("[^\\t\\n\\r\\x20-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")

_DIRECTIONS = {
    "ltr": "direction: ltr; text-align: left;",
    "rtl": "direction: rtl; text-align: right;",
    # Each paragraph takes the direction of its own first strong character.
    "auto": "unicode-bidi: plaintext; text-align: start;",
}

# The line height leaves room for the arrows and their role names between two lines of text. Labels
# stay in view above, the attributes of the selected event below, while a long article scrolls; the
# text does not jump when an event is selected. Triggers are bold and underlined, so that the two
# layers differ in shape and not in colour alone.
_STYLE = """\
.curation-labels {{ position: sticky; top: 0; z-index: 1000; padding: 2px 8px;
  background: var(--color-neutral-background, #fff);
  border-bottom: 1px solid var(--color-neutral-border, #ddd); }}
.curation-entities, .curation-events {{ display: flex; align-items: baseline; gap: 8px; }}
.curation-entities h4, .curation-events h4 {{ flex: 0 0 72px; margin: 2px 0 !important; }}
.curation-labels .lsf-labels {{ margin: 2px 0 !important; }}
.curation-title h4, .curation-notice h4 {{ margin: 4px 8px !important; }}
.curation-notice h4 {{ font-size: 13px !important; font-weight: 400 !important; opacity: 0.75; }}
.curation-text .lsf-htx-richtext, .curation-text .lsf-richtext__line {{ {direction} }}
.curation-text .lsf-htx-richtext {{
  line-height: 3.3 !important; font-size: 16px; padding-top: 28px; }}
.curation-attributes {{ position: sticky; bottom: -20px; z-index: 1000; padding: 6px 8px 26px;
  display: grid; grid-template-columns: 1fr 1fr; gap: 2px 24px;
  background: var(--color-neutral-background, #fff);
  border-top: 2px solid var(--color-neutral-border, #ddd); }}
.curation-attributes h4 {{ margin: 2px 0 !important; font-size: 13px !important; }}
.curation-attributes .lsf-choices {{ margin: 0 !important; }}
"""


def ontology_to_xml(
    ontology: Ontology, *, above: Sequence[str] = (), style: str = "", required: bool = False
) -> str:
    """The labelling configuration for `ontology`: the same text for the same ontology.

    `above`: tags over the labels, with more `style`. `required`: an event without an answer for
    each attribute cannot be submitted. Raises OntologyError where an attribute has the name of a
    tag, or a text a control character.
    """
    taken = sorted(RESERVED & {a.name for a in ontology.attributes})
    if taken:
        raise OntologyError(
            f"ontology {ontology.name}: attribute {taken[0]!r} has a name that the labelling "
            "configuration needs for itself; rename it"
        )
    parts = [
        "<View>",
        f"  <!-- ontology {escape(ontology.name)}; made by `curation ontology xml` -->",
        _style(ontology, style),
        *_label_block(ontology, above),
        *_text_block(),
        *_relations(ontology),
        *_attribute_block(ontology.attributes, required=required),
        *_help_block(ontology),
        "</View>",
    ]
    xml = "\n".join(parts) + "\n"
    if unfit := _NOT_XML.search(xml):
        raise OntologyError(
            f"ontology {ontology.name}: holds the character U+{ord(unfit[0]):04X}, which no "
            "labelling configuration can hold; take it out"
        )
    return xml


def _style(ontology: Ontology, more: str) -> str:
    base = _STYLE.format(direction=_DIRECTIONS[ontology.direction])
    triggers = "".join(_trigger_style(event) for event in ontology.events)
    return f"  <Style>\n{escape(base + triggers + more)}  </Style>"


def _trigger_style(event: EventType) -> str:
    # In a CSS string a backslash and control characters must be escaped.
    name = re.sub(r"[\\\x00-\x1f\x7f]", lambda m: f"\\{ord(m[0]):x} ", event.name)
    return (
        f'.htx-highlight[data-label$=":{name}"] '
        f"{{ font-weight: 700; border-bottom: 3px solid {event.colour}; }}\n"
    )


def _label_block(ontology: Ontology, above: Sequence[str]) -> list[str]:
    groups: list[tuple[str, str, Sequence[EntityLabel | EventType]]] = [
        (ENTITIES, "Entities", ontology.entities),
        (EVENTS, "Events", ontology.events),
    ]
    lines = ['  <View className="curation-labels">', *above]
    for name, heading, labels in groups:
        if labels:
            lines.append(f'    <View className="curation-{name}">')
            lines.append(f'      <Header value="{heading}" size="5" />')
            lines.append(f'      <Labels name="{name}" toName="{TEXT}" showInline="true">')
            lines.extend("        " + _label(label) for label in labels)
            lines.extend(["      </Labels>", "    </View>"])
    return [*lines, "  </View>"]


def _label(label: EntityLabel | EventType) -> str:
    hotkey = f" hotkey={quoteattr(label.hotkey)}" if label.hotkey else ""
    return (
        f"<Label value={quoteattr(label.name)} background={quoteattr(label.colour)}{hotkey}"
        f" hint={quoteattr(label.definition)} />"
    )


def _attribute_block(attributes: tuple[Attribute, ...], *, required: bool) -> list[str]:
    if not attributes:
        return []
    opening = (
        '  <View className="curation-attributes" visibleWhen="region-selected"'
        f' whenTagName="{EVENTS}">'
    )
    return [opening, *(line for a in attributes for line in _attribute(a, required)), "  </View>"]


def _attribute(attribute: Attribute, required: bool) -> list[str]:
    heading = _literal(f"{attribute.name}: {attribute.definition}")
    # Without the condition it would be required of entities too.
    must = f' required="true" visibleWhen="region-selected" whenTagName="{EVENTS}"'
    return [
        "    <View>",
        f'      <Header value={quoteattr(heading)} size="6" />',
        f'      <Choices name={quoteattr(attribute.name)} toName="{TEXT}" perRegion="true"'
        f' choice="single-radio" showInline="true"{must * required}>',
        *(f"        <Choice value={quoteattr(value)} />" for value in attribute.values),
        "      </Choices>",
        "    </View>",
    ]


def _literal(text: str) -> str:
    """`text` as a heading: a leading $ would be taken for a field of the task."""
    return f" {text}" if text.startswith("$") else text


def _text_block() -> list[str]:
    return [
        '  <View className="curation-title"><Header value="$title" size="4" /></View>',
        '  <View className="curation-notice"><Header value="$notice" size="6" /></View>',
        '  <View className="curation-text">',
        f'    <Text name="{TEXT}" value="${TEXT}" granularity="symbol" />',
        "  </View>",
    ]


def _help_block(ontology: Ontology) -> list[str]:
    items: list[EntityLabel | EventType | Role] = [
        *ontology.entities,
        *ontology.events,
        *ontology.roles,
    ]
    lines = [_literal(f"{item.name}: {item.definition}") for item in items]
    return [
        '  <View className="curation-help">',
        '    <Collapse open="false"><Panel value="What the labels and roles mean"><View>',
        *(f'      <Header value={quoteattr(line)} size="6" />' for line in lines),
        "    </View></Panel></Collapse>",
        "  </View>",
    ]


def _relations(ontology: Ontology) -> list[str]:
    if not ontology.roles:
        return []
    relations = [f"    <Relation value={quoteattr(role.name)} />" for role in ontology.roles]
    return ["  <Relations>", *relations, "  </Relations>"]


_LABEL_TAGS = ("Labels", "HyperTextLabels")
_LAYOUT_TAGS = frozenset(
    [
        "View",
        "Header",
        "Style",
        "Collapse",
        "Panel",
        "Label",
        "Choice",
        "Relation",
        "Relations",
        "Text",
        "HyperText",
        "Labels",
        "HyperTextLabels",
        "Choices",
        "Filter",
    ]
)
_EVENT_NAME = re.compile(r"event|trigger", re.IGNORECASE)
_PALETTE = ("#ffd24d", "#7bd389", "#6ec6ff", "#f4a6d7", "#ffab73", "#b9a3ff", "#7fdbca", "#d9c27a")
_COLOURS = {
    "black": "#000000", "blue": "#0000ff", "brown": "#a52a2a", "cyan": "#00ffff",
    "darkblue": "#00008b", "darkgreen": "#006400", "darkorange": "#ff8c00", "darkred": "#8b0000",
    "gold": "#ffd700", "gray": "#808080", "green": "#008000", "grey": "#808080",
    "lightblue": "#add8e6", "lightgreen": "#90ee90", "lime": "#00ff00", "magenta": "#ff00ff",
    "maroon": "#800000", "navy": "#000080", "olive": "#808000", "orange": "#ffa500",
    "pink": "#ffc0cb", "purple": "#800080", "red": "#ff0000", "salmon": "#fa8072",
    "silver": "#c0c0c0", "teal": "#008080", "violet": "#ee82ee", "white": "#ffffff",
    "yellow": "#ffff00",
}  # fmt: skip


def xml_to_ontology(xml: str, *, name: str) -> tuple[Ontology, list[str]]:
    """The ontology in a team's labelling configuration, and notes on what has no counterpart.

    The first group of labels has the entities; one whose name says event or trigger has the event
    types; choices about a region are attributes, relations are roles that every entity may fill.
    Raises OntologyError where `xml` is broken, holds a DOCTYPE, or has no labels for entities.
    """
    return _Reader(_parsed(xml, name), name).read()


def text_field(xml: str) -> str | None:
    """The field of a task's data that a labelling configuration shows as text, or None."""
    root = _parsed(xml, "labelling configuration")
    values = (tag.get("value", "") for kind in ("Text", "HyperText") for tag in root.iter(kind))
    return next((value[1:] for value in values if value.startswith("$")), None)


def _parsed(xml: str, name: str) -> ElementTree.Element:
    def refuse(*_: Any) -> None:
        raise OntologyError(f"{name}: a labelling configuration has no DOCTYPE; take it out")

    guard = expat.ParserCreate()
    guard.StartDoctypeDeclHandler = refuse
    try:
        guard.Parse(xml, True)
        return ElementTree.fromstring(xml)  # noqa: S314 - without DOCTYPE nothing can expand
    except (expat.ExpatError, ElementTree.ParseError, ValueError) as error:
        raise OntologyError(f"{name}: not a labelling configuration: {error}") from None


class _Reader:
    """Reads one configuration; `notes` gathers what is changed or left out on the way."""

    def __init__(self, root: ElementTree.Element, name: str) -> None:
        self.root = root
        self.name = name
        self.notes: list[str] = []
        self.hotkeys: set[str] = set()
        self.names: set[str] = set()

    def read(self) -> tuple[Ontology, list[str]]:
        entity_group, event_group = self._groups()
        if entity_group is None:
            raise OntologyError(f"{self.name}: no <Labels> for entities: nothing to annotate")
        entities = self._labels(entity_group)
        data = {
            "name": self.name,
            "version": "1.0",
            "entities": entities,
            "events": self._labels(event_group) if event_group is not None else [],
            "roles": self._roles([label["name"] for label in entities]),
            "attributes": list(self._attributes(entity_group, event_group is not None)),
        }
        for tag in sorted({e.tag for e in self.root.iter() if isinstance(e.tag, str)}):
            if tag not in _LAYOUT_TAGS:
                self.notes.append(f"<{tag}> has no counterpart: left out")
        try:
            return Ontology.model_validate(data), self.notes
        except ValidationError as error:
            found = few(e["msg"].removeprefix("Value error, ") for e in error.errors())
            raise OntologyError(f"{self.name}: {found}") from None

    def _groups(self) -> tuple[ElementTree.Element | None, ElementTree.Element | None]:
        groups = [e for e in self.root.iter() if e.tag in _LABEL_TAGS]
        event_like = [g for g in groups if _EVENT_NAME.search(g.get("name", ""))]
        entity_like = [g for g in groups if g not in event_like]
        for group in (*entity_like[1:], *event_like[1:]):
            named = group.get("name", "")
            self.notes.append(f"labels {named!r}: one group of each kind is read: left out")
        return next(iter(entity_like), None), next(iter(event_like), None)

    def _labels(self, group: ElementTree.Element) -> list[dict[str, Any]]:
        found = []
        for index, label in enumerate(group.iter("Label")):
            if name := self._fresh_name(label.get("alias") or label.get("value"), "label"):
                colour = self._colour(label, name, index)
                hotkey, definition = self._hotkey(label, name), label.get("hint") or ""
                found.append(
                    {"name": name, "definition": definition, "colour": colour, "hotkey": hotkey}
                )
        return found

    def _fresh_name(self, value: str | None, what: str) -> str | None:
        name = re.sub(r"[<>&\"'\s]+", " ", value or "").strip()[:60]
        if name != value:
            self.notes.append(f"{what} {value!r} is now {name!r}" if name else f"a {what} unnamed")
        if name in self.names:
            self.notes.append(f"{what} {name!r} stands twice: left out the second time")
            return None
        self.names.add(name)
        return name or None

    def _colour(self, label: ElementTree.Element, name: str, index: int) -> str:
        given = (label.get("background") or "").strip().lower()
        colour = _COLOURS.get(given, given)
        if re.fullmatch("#[0-9a-f]{3}", colour):
            colour = "#" + "".join(2 * digit for digit in colour[1:])
        if re.fullmatch("#[0-9a-f]{6}", colour):
            return colour
        if given:
            self.notes.append(f"label {name!r}: colour {given!r} is not known: another was chosen")
        return _PALETTE[index % len(_PALETTE)]

    def _hotkey(self, label: ElementTree.Element, name: str) -> str | None:
        key = label.get("hotkey")
        if not key:
            return None
        if not re.fullmatch("[a-z0-9]", key) or key in self.hotkeys:
            self.notes.append(f"label {name!r}: hotkey {key!r} is taken or no single key: left out")
            return None
        self.hotkeys.add(key)
        return key

    def _roles(self, fillers: Iterable[str]) -> list[dict[str, Any]]:
        self.names = set()
        names = [self._fresh_name(e.get("value"), "role") for e in self.root.iter("Relation")]
        roles = [name for name in names if name]
        if roles:
            self.notes.append("roles: every entity label may fill each; narrow `fillers` by hand")
        return [{"name": n, "definition": "", "fillers": list(fillers)} for n in roles]

    def _attributes(self, entities: ElementTree.Element, events: bool) -> Iterator[dict[str, Any]]:
        self.names = set()
        for choices in self.root.iter("Choices"):
            named = choices.get("name", "")
            reason = _not_an_attribute(choices, entities.get("name", ""), events)
            if reason:
                self.notes.append(f"choices {named!r}: {reason}: left out")
            elif name := self._fresh_name(self._slug(named), "attribute"):
                yield _attribute_data(choices, name)

    def _slug(self, name: str) -> str:
        slug = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")[:39]
        slug = slug if slug[:1].isalpha() and slug not in RESERVED else f"a_{slug}"
        if slug != name:
            self.notes.append(f"attribute {name!r} is now {slug!r}")
        return slug


def _not_an_attribute(choices: ElementTree.Element, entities: str, events: bool) -> str | None:
    if choices.get("perRegion") != "true":
        return "not about a region"
    if not events or choices.get("whenTagName") == entities:
        return "not about events"
    if choices.get("choice") == "multiple":
        return "has several answers"
    values = {choice.get("alias") or choice.get("value") for choice in choices.iter("Choice")}
    return None if len(values - {None, ""}) > 1 else "has fewer than two answers"


def _attribute_data(choices: ElementTree.Element, name: str) -> dict[str, Any]:
    answers = [(c.get("alias") or c.get("value"), c) for c in choices.iter("Choice")]
    values = list(dict.fromkeys(value for value, _ in answers if value))
    chosen = [value for value, c in answers if value and c.get("selected") == "true"]
    default = (chosen or values)[0]
    return {"name": name, "definition": "", "values": values, "default": default}
