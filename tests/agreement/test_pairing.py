"""Columns of a whole panel against the same done document by document."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.agreement import items as extract
from curation.agreement.columns import layer_of
from curation.agreement.matching import MATCHES, align, matched, matched_by_label
from curation.agreement.pairing import align_marks, credit
from curation.model import AnnotationSet

_FAR = 10**18
_offset = st.integers(0, 8) | st.just(_FAR)
_span = st.tuples(_offset, st.integers(1, 5), st.sampled_from("ABC"))


@st.composite
def _sets(draw):
    spans = draw(st.lists(_span, max_size=5))
    entities = [
        {"id": f"T{i}", "start": s, "end": s + n, "label": label}
        for i, (s, n, label) in enumerate(spans)
    ]
    role = st.fixed_dictionaries(
        {"role": st.sampled_from("PQ"), "target": st.sampled_from([e["id"] for e in entities])}
    )
    events = [
        {
            "id": f"E{i}",
            "type": label,
            "trigger": {"start": s, "end": s + n},
            "arguments": draw(st.lists(role, max_size=3)) if entities else [],
        }
        for i, (s, n, label) in enumerate(draw(st.lists(_span, max_size=3)))
    ]
    data = {"uid": "d", "annotator": "a", "entities": entities, "events": events}
    return AnnotationSet.model_validate(data)


_rows = st.lists(st.tuples(_sets(), _sets()), min_size=1, max_size=4)
_property = settings(derandomize=True, deadline=None, max_examples=150)


@pytest.mark.parametrize("layer", ["entities", "triggers", "arguments"])
@_property
@given(rows=_rows)
def test_credit_is_that_of_matching(layer, rows):
    """Every mode counts in every document and label what `matching` counts."""
    found = layer_of(rows, layer, 2)
    a, b = found.by_annotator
    for match in MATCHES:
        labels = found.labels if match in {"exact", "overlap"} else ()
        got = credit(a, b, match, len(rows), len(labels))
        for document, (x, y) in enumerate(rows):
            sides = extract.items(x, layer), extract.items(y, layer)
            assert got[0, document] == matched(*sides, match)
            for i, label in enumerate(labels, 1):
                assert got[i, document] == matched_by_label(*sides, match)[label]


@_property
@given(rows=_rows)
def test_alignment_is_one_to_one_and_as_large(rows):
    """As many pairs as `align` finds, nothing twice, nothing lost."""
    found = layer_of(rows, "entities", 2)
    a, b = found.by_annotator
    aligned = align_marks(a, b, a["document"], b["document"])
    wanted = [align(extract.entities(x), extract.entities(y)) for x, y in rows]
    likeness = sum(x == y for pairs, _, _ in wanted for x, y in pairs)
    same = [
        (a[k][aligned.first] == b[k][aligned.second]) for k in ("document", "start", "end", "label")
    ]
    assert np.all(same, axis=0).sum() == likeness
    assert len(aligned.first) == sum(len(pairs) for pairs, _, _ in wanted)
    for side, other, marks in (
        (aligned.first, aligned.only_first, a),
        (aligned.second, aligned.only_second, b),
    ):
        assert sorted([*side.tolist(), *other.tolist()]) == list(range(len(marks)))
