"""Parts that were assigned before, and parts that take nothing any more."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from curation.splits.assignment import Unit, assign, place
from curation.splits.months import place_by_month

PARTS = {"train": 0.7, "dev": 0.15, "test": 0.15}


@st.composite
def corpora(draw: st.DrawFn) -> list[Unit]:
    """Documents in groups, with traits."""
    rows = draw(
        st.lists(
            st.tuples(st.integers(0, 20), st.sets(st.sampled_from("abcde"), max_size=3)),
            min_size=2,
            max_size=40,
        )
    )
    return [
        Unit(f"d{i:02}", f"g{group}", dict.fromkeys(sorted(traits), 1))
        for i, (group, traits) in enumerate(rows)
    ]


@given(corpora(), st.integers(1, 39), st.randoms(use_true_random=False))
@settings(max_examples=20, deadline=None, derandomize=True)
def test_later_documents_move_nothing_and_straddle_nothing(units, first, rng) -> None:
    """In two steps, in any order: earlier parts stay, no group is in two, all is accounted for."""
    early = assign(units[:first], PARTS, seed=3)
    existing = {a.uid: a.part for a in early}
    made = place(rng.sample(units, len(units)), PARTS, seed=3, existing=existing)
    assert made == place(units, PARTS, seed=3, existing=existing)
    parts = existing | {a.uid: a.part for a in made.assigned}
    assert not existing.keys() & {a.uid for a in made.assigned}
    assert parts.keys() | made.withheld.keys() == {u.uid for u in units}
    for group in {u.group for u in units}:
        assert len({parts[u.uid] for u in units if u.group == group and u.uid in parts}) <= 1


@given(corpora(), st.integers(1, 39))
@settings(max_examples=20, deadline=None, derandomize=True)
def test_a_frozen_part_takes_none(units, first) -> None:
    """New Documents go elsewhere; those of its groups are withheld, never put into another part."""
    early = assign(units[:first], PARTS, seed=3)
    existing = {a.uid: a.part for a in early}
    made = place(units, PARTS, seed=3, existing=existing, frozen=["test"])
    assert "test" not in {a.part for a in made.assigned}
    held = {a.group for a in early if a.part == "test"}
    new = [u for u in units if u.uid not in existing]
    assert made.withheld.keys() == {u.uid for u in new if u.group in held}


def test_a_group_in_two_parts_takes_none() -> None:
    """A new Document that belongs to Documents of two parts is withheld, with the reason."""
    units = [Unit(uid, "g", {}) for uid in "abc"]
    made = place(units, PARTS, seed=1, existing={"a": "train", "b": "test"})
    assert made.assigned == ()
    assert made.withheld == {"c": "belongs together with documents of test and train"}


def test_where_all_is_frozen_nothing_is_placed() -> None:
    """Every new Document is withheld."""
    made = place([Unit("a", "a", {})], PARTS, seed=1, frozen=list(PARTS))
    assert made.withheld == {"a": "every part is frozen"}


def test_what_is_not_live_counts_for_nothing() -> None:
    """A withdrawn Document keeps its group in its part, and no label there."""
    gone = Unit("a", "a", {"x": 1}, live=False)
    units = [gone, Unit("b", "b", {"x": 1}), Unit("c", "c", {"x": 1}), Unit("d", "a", {})]
    made = place(units, {"one": 0.5, "two": 0.5}, seed=1, existing={"a": "one"})
    where = {a.uid: a.part for a in made.assigned}
    assert where["d"] == "one"
    assert {where["b"], where["c"]} == {"one", "two"}


def months(n: int) -> dict[str, str]:
    """Ten Documents a month."""
    return {f"d{i:03}": f"2024-{1 + i // 10:02}" for i in range(n)}


def test_months_are_cut_in_the_order_of_time() -> None:
    """Of ten months seven are for training, the last for testing, and none is in two parts."""
    when = months(100)
    units = [Unit(uid, uid, {}) for uid in when]
    made = place_by_month(units, when, {"train": 0.7, "dev": 0.2, "test": 0.1})
    found = sorted({(when[a.uid], a.part) for a in made.assigned})
    assert [part for _, part in found] == ["train"] * 7 + ["dev"] * 2 + ["test"]
    assert len(made.assigned) == 100


def test_each_part_has_a_month_where_there_are_enough() -> None:
    """Three months for three parts, whatever the shares."""
    when = months(30)
    units = [Unit(uid, uid, {}) for uid in when]
    made = place_by_month(units, when, PARTS)
    assert sorted({(when[a.uid][-2:], a.part) for a in made.assigned}) == [
        ("01", "train"),
        ("02", "dev"),
        ("03", "test"),
    ]


def test_copies_of_earlier_documents_are_withheld_from_later_parts() -> None:
    """A group over two parts keeps the earlier ones; what has no month has no part."""
    when = {"a": "2024-01", "b": "2024-02", "c": "2024-02"}
    units = [Unit("a", "a", {}), Unit("b", "a", {}), Unit("c", "c", {}), Unit("d", "d", {})]
    made = place_by_month(units, when, {"train": 0.5, "test": 0.5})
    assert {a.uid: a.part for a in made.assigned} == {"a": "train", "c": "test"}
    assert made.withheld == {
        "b": "belongs together with documents of train",
        "d": "has no month of publication",
    }


def test_later_months_go_to_the_last_part() -> None:
    """Nothing after the test is for training; where the test is frozen, it is withheld."""
    units = [Unit(uid, uid, {}) for uid in "abc"]
    when = {"a": "2024-01", "b": "2024-02", "c": "2024-03"}
    existing = {"a": "train", "b": "test"}
    parts = {"train": 0.9, "test": 0.1}
    made = place_by_month(units, when, parts, existing=existing)
    assert [(a.uid, a.part) for a in made.assigned] == [("c", "test")]
    made = place_by_month(units, when, parts, existing=existing, frozen=["test"])
    assert made.withheld == {"c": "its month falls to test, which is frozen"}
