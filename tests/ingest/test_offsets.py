"""Offset maps: faithful text, and a way back for every offset."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.errors import InputError
from curation.ingest.offsets import Edit, OffsetMap, compose, normalise, remove, restore
from curation.spans import Span

RAW = st.text(
    st.one_of(
        st.sampled_from("ab \r\n\ufeff\u0301\u0323\u00e1\u1e69\u0958\u0f73\u0f71\u0344"),
        st.sampled_from("\u1100\u1161\u11a8\uac00\u09c7\u09be\u09d7\u212b\u2126🙂\u0085\u2028"),
        st.characters(exclude_categories=["Cs"]),
    ),
    max_size=40,
)
FIXED = settings(derandomize=True, max_examples=300, deadline=None)


def boundaries(offset_map: OffsetMap, length: int) -> list[int]:
    """Kept offsets that are not inside a replacement."""
    inner = {i for e in offset_map.edits for i in range(e.kept_start + 1, e.kept_end)}
    return [i for i in range(length + 1) if i not in inner]


def some_spans(text: str) -> st.SearchStrategy[list[Span]]:
    """Up to four spans of `text`, in any order, overlapping or empty."""
    offsets = st.integers(0, len(text))
    return st.lists(st.tuples(offsets, offsets).map(lambda p: Span(min(p), max(p))), max_size=4)


def test_newlines_of_every_kind_become_one_character() -> None:
    r"""\r\n and a lone \r become \n; \n stays."""
    assert normalise("a\r\nb\rc\nd")[0] == "a\nb\nc\nd"


def test_a_byte_order_mark_goes_only_at_the_start() -> None:
    """U+FEFF is removed at offset 0 and kept anywhere else."""
    assert normalise("\ufeffa\ufeffb")[0] == "a\ufeffb"


def test_other_line_separators_and_spaces_stay() -> None:
    """NEL, U+2028, tabs, no-break spaces and control characters are left as they are."""
    text = "\x0b a\x85b\u2028c\xa0\t"
    assert normalise(text) == (text, OffsetMap())


def test_offsets_around_a_windows_newline() -> None:
    """Both characters of a Windows newline point at the one that stands for it, and back."""
    text, offset_map = normalise("ab\r\ncd")
    assert text == "ab\ncd"
    assert [offset_map.to_kept(i) for i in range(7)] == [0, 1, 2, 2, 3, 4, 5]
    assert [offset_map.to_original(i) for i in range(6)] == [0, 1, 2, 4, 5, 6]


def test_spans_around_a_composed_character() -> None:
    """A span that ends in a composed character covers both characters of the original."""
    raw = "Mu\u0308ller"
    text, offset_map = normalise(raw)
    assert text == "Müller"
    assert offset_map.span_to_original(Span(0, 2)) == (0, 3)
    assert offset_map.span_to_kept(Span(1, 2)) == (1, 2)
    assert offset_map.span_to_kept(Span(2, 2)) == (1, 1)


def test_a_span_beside_a_cut_does_not_take_the_cut_in() -> None:
    """The words before and after a cut map to themselves in the original, without the cut text."""
    text, offset_map = remove("one CUT two", [Span(3, 7)])
    assert text == "one two"
    assert offset_map.span_to_original(Span(0, 3)) == (0, 3)
    assert offset_map.span_to_original(Span(3, 7)) == (7, 11)
    assert offset_map.span_to_kept(Span(4, 7)) == (3, 3)


def test_the_json_form_is_run_length_encoded() -> None:
    """Each entry counts the unchanged characters since the entry before."""
    offset_map = normalise("ab\r\ncd\re\u0301")[1]
    assert offset_map.to_json() == [[2, "\r\n", 1], [2, "\r", 1], [0, "e\u0301", 1]]


@pytest.mark.parametrize("entry", [[1, "a"], ["1", "a", 1], [-1, "a", 1], [1, "a", -1], "abc"])
def test_a_broken_json_form_is_refused(entry: object) -> None:
    """An entry of the wrong shape gives an InputError."""
    with pytest.raises(InputError, match="no entry of an offset map"):
        OffsetMap.from_json([entry])  # type: ignore[list-item]  # the mistake is the point


@FIXED
@given(RAW)
def test_normalised_text_is_nfc_with_one_kind_of_newline(raw: str) -> None:
    """The kept text equals NFC of the text with newlines replaced, whatever the script."""
    plain = raw.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    assert normalise(raw)[0] == unicodedata.normalize("NFC", plain)


@FIXED
@given(RAW)
def test_the_original_can_be_rebuilt(raw: str) -> None:
    """Kept text and offset map, also after JSON, give the original exactly."""
    text, offset_map = normalise(raw)
    assert restore(text, OffsetMap.from_json(offset_map.to_json())) == raw
    assert OffsetMap.from_json(offset_map.to_json()) == offset_map


@FIXED
@given(RAW)
def test_kept_to_original_and_back_is_the_identity(raw: str) -> None:
    """Every boundary of the kept text comes back to itself, and order is kept."""
    text, offset_map = normalise(raw)
    places = boundaries(offset_map, len(text))
    originals = [offset_map.to_original(i) for i in places]
    assert [offset_map.to_kept(o) for o in originals] == places
    assert originals == sorted(originals)


@FIXED
@given(RAW, st.data())
def test_unchanged_characters_are_the_same_at_both_ends(raw: str, data: st.DataObject) -> None:
    """A kept span outside replacements has the same surface in the original."""
    text, offset_map = normalise(raw)
    changed = {i for e in offset_map.edits for i in range(e.kept_start, e.kept_end)}
    for i in set(range(len(text))) - changed:
        start, end = offset_map.span_to_original(Span(i, i + 1))
        assert raw[start:end] == text[i]
        assert offset_map.span_to_kept(Span(start, end)) == (i, i + 1)


@FIXED
@given(RAW, st.data())
def test_composition_is_one_map_after_the_other(raw: str, data: st.DataObject) -> None:
    """A composed map rebuilds the original and maps characters as its two parts do."""
    middle, first = normalise(raw)
    text, second = remove(middle, data.draw(some_spans(middle)))
    both = compose(first, second)
    assert restore(text, both) == raw
    for i in boundaries(both, len(text))[:-1]:
        assert both.to_kept(both.to_original(i)) == i
        assert both.to_original(i) == first.to_original(second.to_original(i))


@FIXED
@given(RAW, st.data())
def test_two_cuts_compose(raw: str, data: st.DataObject) -> None:
    """Cutting twice and composing rebuilds the text before the first cut."""
    middle, first = remove(raw, data.draw(some_spans(raw)))
    text, second = remove(middle, data.draw(some_spans(middle)))
    assert restore(text, compose(first, second)) == raw


def test_composition_with_partly_overlapping_replacements() -> None:
    """A cut through a two-character replacement keeps the replaced piece whole."""
    middle, first = normalise("x\u0958y")
    assert middle == "x\u0915\u093cy"
    text, second = remove(middle, [Span(2, 4)])
    both = compose(first, second)
    assert both == OffsetMap((Edit(1, 1, "\u0958y", 1),))
    assert restore(text, both) == "x\u0958y"
