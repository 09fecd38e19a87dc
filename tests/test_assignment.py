"""Who labels what: properties over random teams and corpora."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.assignment import Assignment, Item, Rules, assign
from curation.errors import UsageError

NAMES = ("anna", "ben", "cara", "dan")
LANGUAGES = ("en", "nb", "sk")
SHARES = st.fixed_dictionaries({name: st.sampled_from([0.5, 1.0, 2.0]) for name in NAMES})
RULES = st.builds(
    Rules,
    overlap=st.none() | st.integers(1, 3),
    overlap_share=st.sampled_from([0.0, 0.1, 0.3, 0.5, 1.0]),
    unassisted_share=st.sampled_from([0.0, 0.1, 0.25, 1.0]),
    seed=st.integers(0, 5),
)


@st.composite
def corpora(draw: st.DrawFn, size: int = 60) -> list[Item]:
    """Documents of three languages, each language read by at least one of four people."""
    team = {c: draw(st.lists(st.sampled_from(NAMES), min_size=1, unique=True)) for c in LANGUAGES}
    kinds = draw(
        st.lists(st.tuples(st.sampled_from(LANGUAGES), st.integers(0, 900)), max_size=size)
    )
    return [Item(f"d{n}", c, length, tuple(team[c])) for n, (c, length) in enumerate(kinds)]


def readers(assignments: Sequence[Assignment]) -> dict[str, set[str]]:
    """Annotators by uid."""
    found = defaultdict(set)
    for assignment in assignments:
        found[assignment.uid].add(assignment.annotator)
    return found


def everybody(n: int, names: Sequence[str] = NAMES, length: int = 100) -> list[Item]:
    """`n` English documents that all read."""
    return [Item(f"d{i:03}", "en", length, tuple(names)) for i in range(n)]


@settings(derandomize=True, deadline=None)
@given(corpora(), SHARES, RULES)
def test_everyone_reads_what_they_get(
    items: list[Item], shares: dict[str, float], rules: Rules
) -> None:
    """Each document goes to at least one and at most k of its readers, to nobody twice."""
    plan = assign(items, shares, rules)
    found = readers(plan.new)
    assert sum(map(len, found.values())) == len(plan.new)
    for item in items:
        allowed = set(item.readers)
        assert found[item.uid] <= allowed
        most = len(allowed) if rules.overlap is None else min(rules.overlap, len(allowed))
        assert 1 <= len(found[item.uid]) <= most


@settings(derandomize=True, deadline=None)
@given(corpora(), SHARES, RULES, st.randoms(use_true_random=False))
def test_order_does_not_matter(
    items: list[Item], shares: dict[str, float], rules: Rules, random: st.DataObject
) -> None:
    """The same documents in another order, with readers in another order, give the same plan."""
    shuffled = [Item(i.uid, i.language, i.length, i.readers[::-1]) for i in items]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert assign(shuffled, dict(reversed(shares.items())), rules) == assign(items, shares, rules)


@settings(derandomize=True, deadline=None)
@given(corpora(), st.integers(0, 60), SHARES, RULES)
def test_later_documents_move_nothing(
    items: list[Item], first: int, shares: dict[str, float], rules: Rules
) -> None:
    """What was assigned is not assigned again, only documents that came later are."""
    before = assign(items[:first], shares, rules).new
    after = assign(items, shares, rules, existing=before).new
    assert {a.uid for a in after} == {i.uid for i in items[first:]}
    assert assign(items, shares, rules, existing=[*before, *after]).new == ()


@settings(derandomize=True, deadline=None)
@given(st.lists(st.integers(0, 20), max_size=5), SHARES, RULES)
def test_shares_are_exact_over_many_pushes(
    steps: list[int], shares: dict[str, float], rules: Rules
) -> None:
    """Overlap and control arm are half a document at most from their shares after every push."""
    existing: list[Assignment] = []
    items: list[Item] = []
    for number, step in enumerate(steps):
        items += [Item(f"{number}-{i}", "en", 50, NAMES) for i in range(step)]
        existing += assign(items, shares, rules, existing=existing).new
        found = readers(existing)
        if rules.overlap is not None and rules.overlap > 1:
            shared = sum(len(names) > 1 for names in found.values())
            assert abs(shared - rules.overlap_share * len(items)) <= 0.5 + 1e-6
            assert {len(names) for names in found.values()} <= {1, rules.overlap}
        controls = {a.uid for a in existing if not a.assisted}
        assert abs(len(controls) - rules.unassisted_share * len(items)) <= 0.5 + 1e-6


@settings(derandomize=True, deadline=None)
@given(corpora(), SHARES, RULES)
def test_a_document_is_in_one_arm(
    items: list[Item], shares: dict[str, float], rules: Rules
) -> None:
    """All who read a document get it with proposals, or all get it without."""
    arms = defaultdict(set)
    for assignment in assign(items, shares, rules).new:
        arms[assignment.uid].add(assignment.assisted)
    assert all(len(found) == 1 for found in arms.values())


@settings(derandomize=True, deadline=None)
@given(corpora(), SHARES, st.integers(0, 3))
def test_no_move_makes_the_loads_more_even(
    items: list[Item], shares: dict[str, float], seed: int
) -> None:
    """Giving any one document to somebody else would not lower the sum of load² / share."""
    rules = Rules(overlap=2, overlap_share=0.3, seed=seed)
    found = readers(assign(items, shares, rules).new)
    load: Counter[str] = Counter()
    for item in items:
        load.update(dict.fromkeys(found[item.uid], max(item.length, 1)))
    for item in items:
        size = max(item.length, 1)
        for old in found[item.uid]:
            for new in set(item.readers) - found[item.uid]:
                gain = (2 * load[old] - size) / shares[old]
                assert (2 * load[new] + size) / shares[new] - gain > -1e-3


def test_loads_follow_the_shares() -> None:
    """Somebody with half a share gets half as much text, to less than one document."""
    items = [Item(f"d{i:03}", "en", 50 + i % 37 * 10, NAMES) for i in range(200)]
    shares = {"anna": 1.0, "ben": 1.0, "cara": 0.5, "dan": 2.0}
    found = readers(assign(items, shares, Rules(overlap=2, overlap_share=0.3)).new)
    load = {n: sum(i.length for i in items if n in found[i.uid]) for n in NAMES}
    fair = sum(load.values()) / sum(shares.values())
    assert all(abs(load[name] - fair * shares[name]) < 50 for name in NAMES)


def test_who_reads_much_leaves_it_to_who_reads_little() -> None:
    """A person with one language gets enough of it where others have another one to do."""
    items = [Item(f"en{i}", "en", 100, ("anna", "ben")) for i in range(40)]
    items += [Item(f"sk{i}", "sk", 100, ("anna",)) for i in range(30)]
    counts = Counter(a.annotator for a in assign(items, {"anna": 1, "ben": 1}, Rules(1)).new)
    assert counts == {"anna": 35, "ben": 35}


def test_arms_overlap_alike() -> None:
    """The share that two people read is the same with proposals and without."""
    plan = assign(everybody(100), dict.fromkeys(NAMES, 1.0), Rules(2, 0.4, 0.25))
    found = readers(plan.new)
    arms = {a.uid: a.assisted for a in plan.new}
    counts = Counter((arms[uid], len(names)) for uid, names in found.items())
    assert counts == {(True, 2): 30, (True, 1): 45, (False, 2): 10, (False, 1): 15}


def test_too_few_readers_are_said() -> None:
    """Where fewer read a language than should, all of them get it, and the plan counts it."""
    items = [*everybody(4, ("anna", "ben")), *(Item(f"s{i}", "sk", 9, ("anna",)) for i in range(3))]
    plan = assign(items, {"anna": 1, "ben": 1}, Rules(3))
    assert plan.short == {"en": 4, "sk": 3}
    assert [len(readers(plan.new)[i.uid]) for i in items] == [2, 2, 2, 2, 1, 1, 1]


def test_others_stand_in_for_documents_with_one_reader() -> None:
    """Documents that only one person may read leave the overlap to the rest of the language."""
    items = [*everybody(5), *(Item(f"x{i}", "en", 9, ("anna",)) for i in range(5))]
    plan = assign(items, dict.fromkeys(NAMES, 1.0), Rules(2, 0.5))
    assert plan.short == {}
    assert {u for u, names in readers(plan.new).items() if len(names) > 1} == {
        i.uid for i in everybody(5)
    }


def test_raised_overlap_adds_readers() -> None:
    """Overlap asked for later gives second readers to documents that had one; none is taken."""
    items, shares = everybody(10), dict.fromkeys(NAMES, 1.0)
    first = assign(items, shares, Rules(1)).new
    plan = assign(items, shares, Rules(2, 0.3), existing=first)
    assert len(plan.new) == 3
    assert not {(a.uid, a.annotator) for a in plan.new} & {(a.uid, a.annotator) for a in first}


def test_what_a_former_annotator_has_stays() -> None:
    """Documents of somebody who is not in the team any more are assigned, and weigh on nobody."""
    items = everybody(10, ("anna",))
    old = [Assignment(i.uid, "zoe", assisted=True) for i in items[:5]]
    plan = assign(items, {"anna": 1.0}, Rules(1), existing=old)
    assert {a.uid for a in plan.new} == {i.uid for i in items[5:]}


def test_new_reader_is_in_the_documents_arm() -> None:
    """Somebody who joins later gets a document as the others got it."""
    items = everybody(6, ("anna",))
    first = assign(items, {"anna": 1}, Rules(None, 1, 0.5)).new
    joined = assign(everybody(6, ("anna", "ben")), {"anna": 1, "ben": 1}, Rules(), existing=first)
    assert {(a.uid, a.assisted) for a in joined.new} == {(a.uid, a.assisted) for a in first}
    assert {a.annotator for a in joined.new} == {"ben"}


def test_unread_documents_are_named() -> None:
    """A document that nobody reads is an error with its language and uid."""
    items = [Item("d1", "en", 1, ("anna",)), *(Item(f"s{i}", "sv", 1, ()) for i in range(5))]
    with pytest.raises(UsageError, match=r"no annotator reads: sv: s0, s1, s2 and 2 more"):
        assign(items, {"anna": 1.0}, Rules())
