"""The event cascade, counted by hand."""

import pytest
from agreement.build import annotated, event

from curation.agreement import measure_agreement

_SPANS = ((0, 4, "PER"), (20, 24, "LOC"), (30, 34, "PER"))


def _pair():
    anna = [
        event(10, "AID", ("Actor", "T0"), ("Location", "T1"), tense="past"),
        event(40, "FIGHT", ("Actor", "T0"), tense="past"),
        event(50, "YIELD"),
    ]
    ben = [
        event(10, "AID", ("Recipient", "T0"), ("Location", "T1"), ("Actor", "T2"), tense="future"),
        event(41, "AID", ("Actor", "T0"), tense="past"),
    ]
    return [
        annotated("d", "anna", *_SPANS, events=anna),
        annotated("d", "ben", *_SPANS, events=ben),
    ]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("f1(layer=events,step=trigger)", 2 * 2 / 5),  # AID, and FIGHT beside AID
        ("f1(layer=events,step=type)", 2 * 1 / 5),
        ("f1(layer=events,step=type,given=before)", 1 / 2),
        ("f1(layer=events,step=argument)", 2 * 2 / 7),  # two of 3 and 4 arguments
        ("f1(layer=events,step=argument,given=before)", 2 * 2 / 5),  # of 2 and 3
        ("f1(layer=events,step=role)", 2 * 1 / 7),
        ("f1(layer=events,step=role,given=before)", 1 / 2),
        ("f1(layer=events,step=attribute,name=tense)", 0.0),
        ("f1(layer=events,step=attribute,name=tense,given=before)", 0.0),
        ("percent(layer=events,step=type)", 0.5),
    ],
)
def test_each_step_counts_what_is_left(name, value):
    """End to end against everything, conditionally against what agreed in the step before."""
    assert measure_agreement(_pair(), measures=[name]).estimate(name).value == pytest.approx(value)


def test_fillers_match_exactly_by_head_or_by_overlap():
    """The mayor Anna against Anna ends alike; Anna Berg only overlaps."""
    roles = {"events": [event(40, "AID", ("Actor", "T0"))]}
    spans = {"a": (0, 14), "b": (10, 14), "c": (10, 19)}
    sets = {k: annotated("d", k, (*span, "PER"), **roles) for k, span in spans.items()}
    name = "f1(layer=events,step=argument{})"

    def value(one, other, match):
        full = name.format(match)
        return measure_agreement([sets[one], sets[other]], measures=[full]).estimate(full).value

    assert [value("a", "b", m) for m in ("", ",match=head", ",match=overlap")] == [0, 1, 1]
    assert [value("b", "c", m) for m in ("", ",match=head", ",match=overlap")] == [0, 0, 1]


def test_arguments_match_strictly_by_span_or_by_head():
    """Strict needs the filler's label, span neither role nor types, head only the filler's end."""
    one = annotated("d", "a", (0, 14, "PER"), events=[event(40, "AID", ("Actor", "T0"))])
    label = annotated("d", "b", (0, 14, "ORG"), events=[event(40, "AID", ("Actor", "T0"))])
    role = annotated("d", "b", (0, 14, "PER"), events=[event(40, "FIGHT", ("Date", "T0"))])
    start = annotated("d", "b", (9, 14, "PER"), events=[event(40, "AID", ("Actor", "T0"))])
    modes = ("strict", "exact", "span", "head")
    names = [f"f1(layer=arguments,match={match})" for match in modes]
    for other, values in ((label, [0, 1, 1, 1]), (role, [0, 0, 1, 0]), (start, [0, 0, 0, 1])):
        report = measure_agreement([one, other], measures=names)
        assert [report.estimate(name).value for name in names] == values


@pytest.mark.parametrize("kind", ["AAA", "BID", "ZZZ"])
def test_an_event_without_arguments_changes_nothing_about_arguments(kind):
    """Whatever its type is called: types have the same numbers in both layers."""
    given = ("", ",given=before")
    names = [f"f1(layer=events,step={s}{g})" for s in ("argument", "role") for g in given]
    names += [f"f1(layer=arguments,match={m})" for m in ("strict", "exact", "span", "head")]
    names.append("f1(layer=arguments,match=exact,given=trigger)")
    bare = annotated("d", "anna", events=[event(70, kind)]).events
    more = [said.model_copy(update={"events": (*said.events, *bare)}) for said in _pair()]
    before, after = (measure_agreement(sets, measures=names) for sets in (_pair(), more))
    assert [after.estimate(n).value for n in names] == [before.estimate(n).value for n in names]
