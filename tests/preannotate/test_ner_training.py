"""What the training script does to its data, on small inline examples; the network is not run."""

from __future__ import annotations

import json
import random
import struct
from pathlib import Path
from typing import Any

import pytest

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"
FRESH = ("Peter", "Malý", "prišiel", "do", "Žiliny", ".")
TAGS = ("B-PER", "I-PER", "O", "O", "B-LOC", "O")


@pytest.fixture
def augment(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The module, found beside the script."""
    monkeypatch.syspath_prepend(str(SCRIPTS))
    return pytest.importorskip("ner.augment")


@pytest.fixture
def vocabulary(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The module, found beside the script."""
    monkeypatch.syspath_prepend(str(SCRIPTS))
    return pytest.importorskip("ner.vocabulary")


@pytest.fixture
def sentence(augment: Any) -> Any:
    """One Slovak sentence with a person and a place."""
    return augment.Sentence(FRESH, TAGS, "sk")


def test_mentions_are_read_off_the_tags(augment: Any, sentence: Any) -> None:
    """Every name comes with its tokens and label, also where two of them touch."""
    assert list(augment.mentions(sentence)) == [(0, 2, "PER"), (4, 5, "LOC")]
    touching = augment.Sentence(("A", "B"), ("B-ORG", "B-ORG"), "nl")
    assert list(augment.mentions(touching)) == [(0, 1, "ORG"), (1, 2, "ORG")]


def test_a_name_gives_way_to_one_of_its_label_and_ending(augment: Any, sentence: Any) -> None:
    """Tags follow the new name's length; without another of the ending the name stays."""
    others = [
        augment.Sentence(("Ján", "Ivan", "Starý"), ("B-PER", "I-PER", "I-PER"), "sk"),
        augment.Sentence(("Nitre",), ("B-LOC",), "sk"),
    ]
    names = augment.Names({"sk-a": others})
    new = names.replaced(sentence, 1.0, random.Random(1))
    assert new.tokens == ("Ján", "Ivan", "Starý", "prišiel", "do", "Žiliny", ".")
    assert new.tags == ("B-PER", "I-PER", "I-PER", "O", "O", "B-LOC", "O")
    assert names.replaced(sentence, 0.0, random.Random(1)) is sentence


def test_a_name_of_two_labels_is_not_put_in(augment: Any) -> None:
    """Where occurrences disagree about the label, a mention is in no pool."""
    mixed = [augment.Sentence(("Os",), (tag,), "nb") for tag in ("B-LOC", "B-ORG")]
    names = augment.Names({"nb-a": mixed})
    assert names.draw(("Bergen",), "LOC", "nb", random.Random(1)) == ("Bergen",)


@pytest.mark.parametrize(
    ("place", "language", "old", "new"),
    [
        (("Goma",), "sk", "Žilinu", ("Gomu",)),
        (("Bachmut",), "sk", "Martine", ("Bachmute",)),
        (("Tokyo",), "sk", "Žiline", ("Tokyo",)),
        (("Mexico", "City"), "sk", "Žiline", ("Mexico", "City")),
        (("Goma",), "sv", "Luleås", ("Gomas",)),
        (("Paris",), "nb", "Oslos", ("Paris",)),
        (("Goma",), "nl", "Parijs", ("Goma",)),
    ],
)
def test_foreign_places_take_the_ending_of_the_old(
    augment: Any, place: tuple[str, ...], language: str, old: str, new: tuple[str, ...]
) -> None:
    """Slovak cases and Scandinavian genitives, and nothing where the language has none."""
    assert augment.declined(place, language, old) == new


def test_resegmenting_cuts_otherwise_and_keeps_ids(augment: Any) -> None:
    """With every longer piece forbidden a word falls into short ones of the same vocabulary."""
    tokenizers = pytest.importorskip("tokenizers")
    pieces = [("<unk>", 0.0), ("ab", -2.0), ("abc", -1.0), ("c", -2.0)]
    tokenizer = tokenizers.Tokenizer(tokenizers.models.Unigram(pieces, 0))
    other = augment.resegmenting(tokenizer, 1.0, random.Random(1))
    assert tokenizer.encode("abc").ids == [2]
    assert other.encode("abc").ids == [1, 3]


def bundle_bytes(pieces: list[str], scores: list[float], blocks: list[bytes]) -> bytes:
    """A bundle of hidden size 32 as the package lays it out."""
    blob = "".join(pieces).encode()
    ends = [len("".join(pieces[:i]).encode()) for i in range(len(pieces) + 1)]
    head = b"E5S1" + struct.pack("<i", 1) + struct.pack("<7i", 32, 1, 1, 64, len(pieces), 8, 2)
    head += struct.pack("<fi", 1e-12, 32) + struct.pack("<5iQ", len(pieces), 0, 2, 1, 3, len(blob))
    head += struct.pack(f"<{len(ends)}I", *ends) + struct.pack(f"<{len(scores)}f", *scores) + blob
    head += struct.pack("<iI", 0, 0) + struct.pack("<iH", 1, 8) + b"emb.word"
    numbers = 32 * len(blocks)
    return (
        head + struct.pack("<BIQQ", 1, numbers, len(head) + 21, 18 * len(blocks)) + b"".join(blocks)
    )


def test_added_pieces_follow_the_old_with_their_rows(vocabulary: Any, tmp_path: Path) -> None:
    """The likeliest Latin piece is appended, capitals preferred, with its row unpacked."""
    pieces = ["a", "Жук", "longword", "Goma"]
    flat = struct.pack("<e", 0.5) + bytes([0x88] * 16)
    wanted = struct.pack("<e", 0.5) + bytes([0x98] * 16)
    (tmp_path / "b.bin").write_bytes(
        bundle_bytes(pieces, [-1.0, -2.0, -3.0, -4.0], [flat, flat, flat, wanted])
    )
    source = tmp_path / "tokenizer.json"
    source.write_text(json.dumps({"model": {"vocab": [["a", -1.0]]}}), encoding="utf-8")
    bundle = vocabulary.read_bundle(tmp_path / "b.bin")
    rows = vocabulary.widen(source, bundle, 2, source)
    written = json.loads(source.read_text(encoding="utf-8"))["model"]["vocab"]
    assert [piece for piece, _ in written] == ["a", "Goma"]
    assert rows.tolist() == [[0.0] * 16 + [0.5] * 16]


def test_another_file_is_no_bundle(vocabulary: Any, tmp_path: Path) -> None:
    """What does not begin as the package's file does is refused."""
    (tmp_path / "x.bin").write_bytes(b"else")
    with pytest.raises(ValueError, match="no model"):
        vocabulary.read_bundle(tmp_path / "x.bin")
