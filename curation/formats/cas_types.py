"""The type system of a UIMA CAS: DKPro Core's types, and two as INCEpTION makes them of layers.

    DocumentMetaData, Sentence, Token                       of DKPro Core
    NamedEntity: value                                      an entity with its label
    webanno.custom.Event: value, arguments, ATTRIBUTES…     a trigger with its type
    webanno.custom.EventArgumentsLink: role, target         a slot, filled by a NamedEntity
    MetaDataStringField: key, value                         "curation": what has no type above

INCEpTION makes a layer of `Event` from TypeSystem.xml only if a link has these two features and no
other, and it opens JSON only where it knows every type and feature: nothing else may be added here.
"""

from __future__ import annotations

import keyword
import re
from functools import lru_cache
from typing import Any

from curation.errors import UsageError

__all__ = [
    "ARRAY",
    "EVENT",
    "FIELD",
    "LINK",
    "METADATA",
    "NAMED_ENTITY",
    "SENTENCE",
    "TOKEN",
    "cassis_library",
    "feature_name",
    "named_by",
    "type_system",
]

_DKPRO = "de.tudarmstadt.ukp.dkpro.core.api"
METADATA = f"{_DKPRO}.metadata.type.DocumentMetaData"
FIELD = f"{_DKPRO}.metadata.type.MetaDataStringField"
SENTENCE = f"{_DKPRO}.segmentation.type.Sentence"
TOKEN = f"{_DKPRO}.segmentation.type.Token"
NAMED_ENTITY = f"{_DKPRO}.ner.type.NamedEntity"
EVENT = "webanno.custom.Event"
LINK = "webanno.custom.EventArgumentsLink"
ARRAY = "uima.cas.FSArray"

_STRING = "uima.cas.String"
_ANNOTATION = "uima.tcas.Annotation"
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_TAKEN = frozenset(
    {
        *("sofa", "begin", "end", "value", "arguments", "id", "type", "self"),
        *("get", "set", "xmiID", "get_covered_text"),  # of cassis
        *keyword.kwlist,
        *keyword.softkwlist,
    }
)
_CODED = "x_"


def cassis_library() -> Any:
    """The module `cassis`; UsageError where it is not installed, or too old for JSON."""
    try:
        import cassis
    except ImportError as error:
        raise UsageError(
            "UIMA CAS needs dkpro-cassis; install it: pip install 'curation[cas]'"
        ) from error
    if not hasattr(cassis, "load_cas_from_json"):
        raise UsageError("dkpro-cassis is too old for JSON: pip install -U 'curation[cas]'")
    return cassis


@lru_cache(maxsize=256)
def type_system(attributes: frozenset[str] = frozenset()) -> Any:
    """The types, with a feature of events for each of the attributes."""
    types = cassis_library().TypeSystem()
    types.create_type(METADATA, "uima.tcas.DocumentAnnotation")
    field = types.create_type(FIELD, _ANNOTATION)
    types.create_type(SENTENCE, _ANNOTATION)
    types.create_type(TOKEN, _ANNOTATION)
    entity = types.create_type(NAMED_ENTITY, _ANNOTATION)
    event = types.create_type(EVENT, _ANNOTATION)
    link = types.create_type(LINK, "uima.cas.TOP")
    for name in ("documentTitle", "documentId"):
        types.create_feature(METADATA, name, _STRING)
    for name in ("key", "value"):
        types.create_feature(field, name, _STRING)
    types.create_feature(entity, "value", _STRING)
    types.create_feature(link, "role", _STRING)
    types.create_feature(link, "target", entity)
    types.create_feature(event, "value", _STRING)
    types.create_feature(event, "arguments", ARRAY, elementType=link)
    for name in sorted(attributes):
        types.create_feature(event, feature_name(name), _STRING)
    return types


def feature_name(attribute: str) -> str:
    """The attribute's name where UIMA and cassis take it, else "x_" and its UTF-8 in hex."""
    plain = _PLAIN.fullmatch(attribute) and attribute not in _TAKEN
    if plain and not attribute.startswith(_CODED):
        return attribute
    return _CODED + attribute.encode().hex()


def named_by(feature: str) -> str:
    """The attribute that has this feature; ValueError where none has."""
    if feature.startswith(_CODED):
        return bytes.fromhex(feature.removeprefix(_CODED)).decode()
    return feature
