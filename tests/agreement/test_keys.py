"""Items as integers."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.agreement import measure_agreement
from curation.agreement.items import by_label, entities, triggers
from curation.agreement.keys import keys_of
from curation.agreement.matching import matched
from curation.agreement.tables import panel_of
from curation.model import AnnotationSet

_FAR = 10**18


def _set(uid, annotator, spans):
    entities = [
        {"id": f"T{i}", "start": start, "end": end, "label": label}
        for i, (start, end, label) in enumerate(spans)
    ]
    events = [
        {"id": f"E{i}", "type": label, "trigger": {"start": start, "end": end}}
        for i, (start, end, label) in enumerate(spans[1:])
    ]
    data = {"uid": uid, "annotator": annotator, "entities": entities, "events": events}
    return AnnotationSet.model_validate(data)


_offset = st.integers(0, 6) | st.just(_FAR)
_spans = st.lists(
    st.tuples(_offset, st.integers(1, 3), st.sampled_from("XYZ")).map(
        lambda s: (s[0], s[0] + s[1], s[2])
    ),
    max_size=6,
)


@settings(derandomize=True, deadline=None, max_examples=80)
@given(documents=st.lists(st.tuples(_spans, _spans), max_size=4))
def test_integers_count_what_sets_of_items_count(documents):
    """Sizes, equal items and equal spans are those of the sets, also with enormous offsets."""
    sets = [
        _set(f"d{i}", n, spans)
        for i, pair in enumerate(documents)
        for n, spans in zip("AB", pair, strict=True)
    ]
    panel = panel_of(sets)
    for layer, extract in (("entities", entities), ("triggers", triggers)):
        keys = keys_of(panel.sets, layer, len(panel.annotators))
        for document, row in enumerate(panel.sets):
            first, second = (extract(s) for s in row)
            tally = keys.tally(keys.by_annotator[0])
            assert tally[0, document] == len(first)
            counted = dict(zip(keys.labels, tally[1:, document], strict=False))
            assert {k: n for k, n in counted.items() if n} == by_label(first)
            spans = keys.same_spans(*keys.by_annotator)
            assert spans[document] == matched(first, second, "boundary")


def test_enormous_offsets_are_no_trouble():
    """Offsets beyond 64 bits are compared like any others."""
    sets = [_set("d", name, [(10**30, 10**30 + 5, "X"), (0, 4, "X")]) for name in "AB"]
    report = measure_agreement(sets, text_lengths={"d": 10})
    values = {e.value for e in report.measures if e.name.startswith("f1(layer=entities")}
    assert values == {1.0}
    assert report.estimate("alpha(unit=character)").value == pytest.approx(1)
