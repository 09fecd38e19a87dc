"""Examples that Hypothesis draws, as a list: the same each time."""

from __future__ import annotations

from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis import strategies as st

from curation.model import AnnotationSet, Document
from curation.ontology import Ontology
from curation.testing import annotation_sets, documents

__all__ = ["drawn"]


def drawn(ontology: Ontology, count: int, *, start: int) -> list[tuple[Document, AnnotationSet]]:
    """`count` Documents or more (uids d0, d1, …), each with a set of annotations; seed `start`."""
    found: list[tuple[Document, AnnotationSet]] = []

    @seed(start)
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        verbosity=Verbosity.quiet,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def draw(data: st.DataObject) -> None:
        uid = f"d{len(found)}"
        document = data.draw(documents().filter(lambda d: bool(d.text.strip())))
        document = document.model_copy(update={"uid": uid})
        found.append((document, data.draw(annotation_sets(document.text, ontology, uid=uid))))

    draw()
    return found
