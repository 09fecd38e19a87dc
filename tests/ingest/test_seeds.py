"""The five real articles that this project was started with."""

from pathlib import Path

import pytest

from curation.ingest.near_duplicates import clusters
from curation.ingest.offsets import restore
from curation.ingest.prepare import Prepared, prepare
from curation.ingest.readers import RawDocument, read_inputs
from curation.model import Document

SEEDS = Path(__file__).resolve().parents[2] / ".." / "shared" / "corpus" / "seeds"
LANGUAGES = ("sk", "sv", "en", "nb", "nl")

pytestmark = pytest.mark.skipif(not SEEDS.is_dir(), reason="the seed corpus is not here")


def seeds(*, cut: bool = False) -> list[Document]:
    """The prepared articles in the order of their files."""
    found = []
    for raw in read_inputs([SEEDS]):
        assert isinstance(raw, RawDocument)
        result = prepare(raw, languages=LANGUAGES, cut_boilerplate=cut)
        assert isinstance(result, Prepared)
        assert restore(result.document.text, result.offset_map) == raw.text
        found.append(result.document)
    return found


def flagged(document: Document, kind: str) -> list[str]:
    """Surfaces of the flags of one kind."""
    flags = [f for f in document.meta["flags"] if f["kind"] == kind]
    return [document.text[f["start"] : f["end"]] for f in flags]


def test_languages_and_dates() -> None:
    """One article in each language; two have a header with a month."""
    found = [(d.language, d.published, d.date_precision) for d in seeds()]
    assert found == [
        ("sk", None, None),
        ("sv", None, None),
        ("en", None, None),
        ("nb", "2020-01", "month"),
        ("nl", "2020-06", "month"),
    ]


def test_text_stays_as_it_is() -> None:
    """These files need no normalisation: the text is the file."""
    assert [d.text for d in seeds()] == [
        path.read_text(encoding="utf-8") for path in sorted(SEEDS.glob("*.txt"))
    ]


def test_the_repeated_dutch_paragraph_is_flagged() -> None:
    """The last paragraph is the two before it put together."""
    dutch = seeds()[4]
    paragraphs = dutch.text.split("\n\n")
    assert flagged(dutch, "repeated-paragraph") == [f"{paragraphs[1]} {paragraphs[2]}"]


def test_the_copyright_line_and_what_follows_are_flagged() -> None:
    """The agency's copyright line, and the four lines of the page after it."""
    found = flagged(seeds()[2], "boilerplate")
    assert found[0] == "© Copyright ANSA - All rights reserved"
    assert len(found) == 5


def test_ordinary_paragraphs_are_not_flagged() -> None:
    """The Swedish article is clean, the Norwegian one but for its date header."""
    documents = seeds()
    assert documents[1].meta["flags"] == []
    assert [f["kind"] for f in documents[3].meta["flags"]] == ["header"]


def test_cut_articles_are_shorter_and_can_be_restored() -> None:
    """Cutting takes out what was flagged and leaves no flag behind."""
    assert [d.meta["flags"] for d in seeds(cut=True)] == [[]] * 5
    assert not seeds(cut=True)[2].text.rstrip().endswith("Mediterranean")


def test_no_two_articles_are_near_duplicates() -> None:
    """Five languages, five clusters."""
    assert len(set(clusters([(d.uid, d.text) for d in seeds()]).values())) == 5
