"""Measures by name."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.agreement.registry import Measure, default_measures, known_measures, parse_measure
from curation.errors import UsageError


@pytest.mark.parametrize("measure", known_measures(("tense", "a,b=(c) %")), ids=str)
def test_names_round_trip(measure):
    """The name of a measure gives the measure back."""
    assert parse_measure(str(measure)) == measure


@settings(derandomize=True, deadline=None, max_examples=200)
@given(name=st.text(st.characters()) | st.text("%2C,=() \t\u2003"))
def test_any_attribute_name_round_trips(name):
    """Attribute names come from data; none of them breaks the syntax."""
    measure = Measure("alpha", {"layer": "attributes", "name": name})
    assert parse_measure(str(measure)) == measure


def test_canonical_names_fill_in_what_was_left_out():
    """Order, spaces and defaults do not matter; the name that is printed is one."""
    assert str(parse_measure(" f1( match=overlap ) ")) == "f1(layer=entities,match=overlap)"
    assert (
        str(parse_measure("alpha(background=included,unit=character)")) == "alpha(unit=character)"
    )
    assert (
        str(parse_measure("kappa(name=tense,layer=attributes)"))
        == "kappa(layer=attributes,name=tense)"
    )


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("f1", "is no measure"),
        ("f2(layer=entities)", "no measure is called 'f2'"),
        ("f1(layer=words)", "layer is one of entities, triggers, arguments"),
        ("f1(layer=entities,mode=exact)", "unknown parameter 'mode'"),
        ("f1(exact)", "not of the form key=value"),
        ("f1(layer=entities,given=trigger)", "layer=arguments only"),
        ("kappa(layer=entities)", "no countable number of units"),
        ("alpha(unit=word)", "unit is one of character"),
    ],
)
def test_wrong_names_are_refused_with_what_is_wrong(name, says):
    """A name that means nothing is an error of use, in one line."""
    with pytest.raises(UsageError, match=says):
        parse_measure(name)


def test_measures_say_what_they_take():
    """Kappa takes two annotators; characters need text lengths; F1 pools pairs."""
    kappa = parse_measure("kappa(unit=character)")
    assert (kappa.accepts, kappa.refusal(3)) == ("two", "only for two annotators")
    assert kappa.refusal(2, lengths=False) == "text lengths not given"
    f1 = parse_measure("f1()")
    assert (f1.accepts, f1.refusal(5, lengths=False)) == ("many", None)


def test_defaults_have_three_measures_an_attribute():
    """Each attribute gets percent, kappa and alpha, whatever it is called."""
    attribute = [m for m in default_measures(("x,y",)) if m.layer == "attributes"]
    assert attribute == [
        Measure(family, {"layer": "attributes", "name": "x,y"})
        for family in ("percent", "kappa", "alpha")
    ]
