"""Words and what is measured over them."""

import pytest
from agreement.build import annotated
from hypothesis import given
from hypothesis import strategies as st

from curation.agreement import measure_agreement
from curation.agreement.words import word_spans, words_of


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Anna met Ben.", ["Anna", "met", "Ben", "."]),
        ("l'homme, co-op 3.5 %", ["l'homme", ",", "co-op", "3.5", "%"]),
        ("Žiť – 北京", ["Žiť", "–", "北京"]),
        (" \n", []),
    ],
)
def test_a_word_is_a_run_of_letters_and_digits(text, words):
    """Joined by apostrophes, hyphens, full stops; every other sign is a word of its own."""
    assert [text[start:end] for start, end in word_spans(text)] == words


def _spans(texts):
    """`words_of`, each text's own offsets."""
    words = words_of(texts)
    found, done = [], 0
    for begin, n in zip(words.texts.tolist(), words.counts.tolist(), strict=True):
        part = slice(done, done + n)
        rows = zip(words.starts[part].tolist(), words.ends[part].tolist(), strict=True)
        found.append([(start - begin, end - begin) for start, end in rows])
        done += n
    assert done == len(words.starts) == len(words.ends)
    return found


_odd = st.sampled_from("aé9_北'’.,--(% \t\x1c\u2028\u00a0\ud800😀")
_texts = st.text(_odd) | st.text(max_size=20)


@given(st.lists(_texts, max_size=6))
def test_words_of_many_texts_are_those_of_each(texts):
    """All at once or one by one, of any characters: the same words."""
    assert _spans(texts) == [word_spans(text) for text in texts]


def test_words_of_long_texts_are_those_of_each():
    """Nothing happens where texts are taken in lots."""
    texts = ["co-op. " * 60_000, "", "l'homme" * 100_000, "3.5" * 300_001, ".", "a b"]
    assert _spans(texts) == [word_spans(text) for text in texts]


def test_alpha_over_words_by_hand():
    """Four words; one of two marked words is shared; a mark within a word is the word's."""
    texts = {"d": "Anna met Ben today"}
    sets = [
        annotated("d", "a", (0, 4, "PER"), (9, 12, "PER")),
        annotated("d", "b", (1, 4, "PER")),
    ]
    name = "alpha(unit=token)"
    found = measure_agreement(sets, texts=texts, measures=[name]).estimate(name)
    chance = (3 * 2 + 5 * 4) / (8 * 7)
    assert found.value == pytest.approx((0.75 - chance) / (1 - chance))
    assert found.n_items == 4
    shown = "percent(unit=token,background=excluded)"
    assert measure_agreement(sets, texts=texts, measures=[shown]).estimate(shown).value == 0.5


def test_nested_labels_are_near_by_masi():
    """{ORG, LOC} against {ORG} is nearer by MASI than as another category."""
    texts = {"d": "University of Oslo today"}
    sets = [
        annotated("d", "a", (0, 18, "ORG"), (14, 18, "LOC")),
        annotated("d", "b", (0, 18, "ORG")),
    ]
    names = ["alpha(unit=token)", "alpha(unit=token,distance=masi)"]
    report = measure_agreement(sets, texts=texts, measures=names)
    plain, masi = (report.estimate(name).value for name in names)
    assert plain < masi < 1
