"""Ontology -> Label Studio labelling configuration, and a team's configuration -> Ontology.

The control tags are named `ENTITIES`, `EVENTS` and `TEXT`; each attribute is a per-region choice
named after itself. Everything that comes from the ontology is escaped.
"""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

from curation.errors import OntologyError
from curation.ontology import Attribute, EntityLabel, EventType, Ontology, Role

__all__ = ["ENTITIES", "EVENTS", "RESERVED", "TEXT", "ontology_to_xml"]

ENTITIES = "entities"
EVENTS = "events"
TEXT = "text"
RESERVED = frozenset({ENTITIES, EVENTS, TEXT, "roles"})
"""Names of tags: an attribute that had one could not be told from the tag."""

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
.curation-title h4, .curation-notice h4 {{ margin: 4px 8px !important; }}
.curation-notice h4 {{ font-size: 13px !important; font-weight: 400 !important; opacity: 0.75; }}
.curation-text .lsf-htx-richtext {{ {direction}
  line-height: 3.3 !important; font-size: 16px; padding-top: 28px; }}
.curation-attributes {{ position: sticky; bottom: 0; z-index: 1000; padding: 6px 8px;
  display: grid; grid-template-columns: 1fr 1fr; gap: 2px 24px;
  background: var(--color-neutral-background, #fff);
  border-top: 2px solid var(--color-neutral-border, #ddd); }}
.curation-attributes h4 {{ margin: 2px 0 !important; font-size: 13px !important; }}
.curation-attributes .lsf-choices {{ margin: 0 !important; }}
"""


def ontology_to_xml(ontology: Ontology) -> str:
    """The labelling configuration for `ontology`: the same text for the same ontology.

    Raises OntologyError where an attribute has the name of a tag.
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
        _style(ontology),
        *_label_block(ontology),
        *_text_block(),
        *_relations(ontology),
        *_attribute_block(ontology.attributes),
        *_help_block(ontology),
        "</View>",
    ]
    return "\n".join(parts) + "\n"


def _style(ontology: Ontology) -> str:
    base = _STYLE.format(direction=_DIRECTIONS[ontology.direction])
    triggers = "".join(_trigger_style(event) for event in ontology.events)
    return f"  <Style>\n{escape(base + triggers)}  </Style>"


def _trigger_style(event: EventType) -> str:
    name = event.name.replace("\\", "\\\\")
    return (
        f'.htx-highlight[data-label$=":{name}"] '
        f"{{ font-weight: 700; border-bottom: 3px solid {event.colour}; }}\n"
    )


def _label_block(ontology: Ontology) -> list[str]:
    groups: list[tuple[str, str, Sequence[EntityLabel | EventType]]] = [
        (ENTITIES, "Entities", ontology.entities),
        (EVENTS, "Events", ontology.events),
    ]
    lines = ['  <View className="curation-labels">']
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


def _attribute_block(attributes: tuple[Attribute, ...]) -> list[str]:
    if not attributes:
        return []
    opening = (
        '  <View className="curation-attributes" visibleWhen="region-selected"'
        f' whenTagName="{EVENTS}">'
    )
    return [opening, *(line for a in attributes for line in _attribute(a)), "  </View>"]


def _attribute(attribute: Attribute) -> list[str]:
    heading = _literal(f"{attribute.name}: {attribute.definition}")
    return [
        "    <View>",
        f'      <Header value={quoteattr(heading)} size="6" />',
        f'      <Choices name={quoteattr(attribute.name)} toName="{TEXT}" perRegion="true"'
        ' choice="single-radio" showInline="true">',
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
