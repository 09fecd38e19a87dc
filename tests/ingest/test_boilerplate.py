"""Flags on what does not belong to an article, and cutting them on request."""

import time

import pytest

from curation.ingest.boilerplate import Flag, cut, flag
from curation.ingest.offsets import restore

PARAGRAPH = "The government met on Monday and agreed on a plan for the coming year."
OTHER = "The opposition said that it would vote against the plan in parliament."


def reasons(text: str) -> list[tuple[str, str]]:
    """(surface, reason) of each flag."""
    return [(text[f.start : f.end], f.reason) for f in flag(text)]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("© Copyright ANSA - All rights reserved", "copyright line"),
        ("© 2020 Agency", "copyright line"),
        ("Copyright (c) 2020 Agency. All rights reserved.", "copyright line"),
        ("Všetky práva vyhradené", "copyright line"),
        ("Alla rättigheter förbehållna.", "copyright line"),
        ("Alle rettigheter forbeholdt", "copyright line"),
        ("Alle rechten voorbehouden", "copyright line"),
        ("Read more: Talks fail again", "link to other articles"),
        ("Read also", "link to other articles"),
        ("Čítajte aj: Vláda padla", "link to other articles"),
        ("Prečítajte si aj", "link to other articles"),
        ("Läs mer", "link to other articles"),
        ("LÄS OCKSÅ: Regeringen faller", "link to other articles"),
        ("Les også: Regjeringen går av", "link to other articles"),
        (">> Lees ook: Kabinet valt", "link to other articles"),
        ("Share this article", "share or subscribe line"),
        ("Subscribe to our newsletter", "share or subscribe line"),
        ("Zdieľať na Facebooku", "share or subscribe line"),
        ("Dela artikeln", "share or subscribe line"),
        ("Del på Facebook", "share or subscribe line"),
        ("Volg ons op Twitter", "share or subscribe line"),
        ("Advertentie", "advertising"),
        ("- REKLAMA -", "advertising"),
        ("Artikkelen fortsetter under annonsen", "continuation note"),
        ("Tekst gaat verder onder de foto", "continuation note"),
        ("(TASR, AFP)", "agency credit"),
        ("AP/Reuters", "agency credit"),
        ("Zdroj: TASR", "source credit"),
        ("Bron: ANP", "source credit"),
        ("Källa: TT", "source credit"),
        ("Foto: Jan Novák, TASR", "picture credit"),
        ("(Photo: Reuters)", "picture credit"),
    ],
)
def test_lines_of_the_page_are_flagged(line: str, reason: str) -> None:
    """Each kind of line, in each language, with exactly its span."""
    assert reasons(f"{PARAGRAPH}\n  {line} \n{OTHER}") == [(line, reason)]


@pytest.mark.parametrize(
    "line",
    [
        "Copyright law in the European Union is about to change.",
        "Copyright reform passes parliament",
        "Share prices fell on Monday.",
        "Read more than one newspaper, the minister said.",
        "Se også på de andre landene, sa han.",
        "Del av landet er uten strøm.",
        "Dela landet i två, sade generalen.",
        "AP reported that the talks had failed.",
        "Reklama na alkohol bude zakázaná.",
        "Source: the minister said he knew nothing.",
        "Foto: mannen ble sett. Han løp.",
        "Kaos og anarki",
        "The company (c) said nothing.",
    ],
)
def test_sentences_of_the_article_are_not(line: str) -> None:
    """Words such as copyright, share or source alone are no evidence."""
    assert flag(f"{PARAGRAPH}\n{line}\n{OTHER}") == ()


def test_a_long_paragraph_is_never_a_boilerplate_line() -> None:
    """Wording counts only in a line of at most 200 characters."""
    assert flag("Read more: " + PARAGRAPH * 4) == ()


@pytest.mark.parametrize("separator", ["\n", "\n\n", "\n\n    "])
def test_a_repeated_paragraph_is_flagged(separator: str) -> None:
    """The second of two equal paragraphs, whatever whitespace is in it."""
    again = PARAGRAPH.replace(" on ", "  on\t", 1)
    text = separator.join([PARAGRAPH, OTHER, again])
    assert flag(text) == (
        Flag("repeated-paragraph", text.index(again), len(text), "repeats the paragraph at 0"),
    )


def test_a_wrapped_paragraph_that_repeats_is_one_flag() -> None:
    """A paragraph of several lines is compared as a whole, also with other line breaks."""
    wrapped = f"{PARAGRAPH}\n{OTHER}"
    text = f"{PARAGRAPH} {OTHER}\n\nBetween the two there is something else.\n\n{wrapped}"
    assert reasons(text) == [(wrapped, "repeats the paragraph at 0")]


def test_a_paragraph_made_of_earlier_ones_is_flagged() -> None:
    """Two earlier paragraphs put together, with the places of both."""
    text = f"{PARAGRAPH}\n\n{OTHER}\n\n{PARAGRAPH} {OTHER}"
    assert reasons(text) == [
        (f"{PARAGRAPH} {OTHER}", f"repeats the paragraphs at 0, {text.index(OTHER)}")
    ]


def test_a_paragraph_that_adds_something_is_kept() -> None:
    """An earlier paragraph with a new sentence is not a repetition; nor are short lines."""
    assert flag(f"{PARAGRAPH}\n\n{PARAGRAPH} {OTHER}\n\nShort line.\n\nShort line.") == ()


def test_a_caption_that_stands_twice_in_its_line() -> None:
    """The second half of a doubled line is flagged."""
    assert reasons(f"Title\n\n    {PARAGRAPH} {PARAGRAPH}\n\n{OTHER}") == [
        (PARAGRAPH, "repeats the first half of its line")
    ]


def test_the_footer_after_a_copyright_line() -> None:
    """Short lines without a sentence that end the text are part of the page; sentences are not."""
    footer = "© Agency 2020\n\nNews from here\n\nOpportunities"
    assert [s for s, _ in reasons(f"{PARAGRAPH}\n\n{footer}")] == footer.split("\n\n")
    assert len(reasons(f"{PARAGRAPH}\n© Agency 2020\nNews from here\n{OTHER}")) == 1


def test_a_section_name_after_the_title() -> None:
    """The bar and what follows it in the first line."""
    assert reasons(f"Talks fail in Moscow | News\n{PARAGRAPH}") == [
        (" | News", "site or section name after the title")
    ]


def test_an_author_description_at_the_end() -> None:
    """One quotation of many tiny sentences; a quotation of real sentences is none."""
    tiny = "„Internet geek. Zombie fan. Friendly writer. Web expert.“"
    assert [s for s, _ in reasons(f"{PARAGRAPH}\n{OTHER}\n{tiny}")] == [tiny]
    assert (
        flag(f"{PARAGRAPH}\n{OTHER}\n„We will not give up. We said so. No. Never again will we.“")
        == ()
    )


def test_a_date_header_is_flagged() -> None:
    """The header that a date is read from."""
    assert reasons(f" date 2020-01 {PARAGRAPH}") == [
        ("date 2020-01", "a date in front of the text")
    ]


@pytest.mark.parametrize("text", ["", "\n", " \n \n", "a"])
def test_texts_with_nothing_to_flag(text: str) -> None:
    """Empty and tiny texts have no flags and stay as they are when cut."""
    assert flag(text) == ()
    assert cut(text, ())[0] == text


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (f"{PARAGRAPH}\n\nRead more\n\n{OTHER}", f"{PARAGRAPH}\n\n{OTHER}"),
        (f"{PARAGRAPH}\nRead more\n{OTHER}", f"{PARAGRAPH}\n{OTHER}"),
        (f"{PARAGRAPH}\n\nRead more \n\n  {OTHER}", f"{PARAGRAPH}\n\n  {OTHER}"),
        (f"{PARAGRAPH}\n\n© 2020 Agency\n\nFooter\n", PARAGRAPH),
        (f"  Read more\n{PARAGRAPH}", PARAGRAPH),
        (f" date 2020-01 {PARAGRAPH}", PARAGRAPH),
        (f"Talks fail | News\n{PARAGRAPH}", f"Talks fail\n{PARAGRAPH}"),
        (f"{PARAGRAPH} {PARAGRAPH}\n{OTHER}", f"{PARAGRAPH}\n{OTHER}"),
        (f"A\nRead more\n\nAdvertisement\nB {OTHER}", f"A\nB {OTHER}"),
    ],
)
def test_cutting_leaves_no_gap_and_can_be_undone(text: str, kept: str) -> None:
    """The flagged stretches go with the empty lines around them; the map restores them."""
    shorter, offset_map = cut(text, flag(text))
    assert shorter == kept
    assert restore(shorter, offset_map) == text


def test_hostile_text_is_flagged_in_reasonable_time() -> None:
    """Long runs of spaces and bars, thousands of similar and of repeated lines do not blow up."""
    different = "\n".join(f"{PARAGRAPH} {i}" for i in range(20_000))
    spaces = " " * 500_000
    parts = ["a" + spaces + "|", spaces, "a | " * 20_000, different, f"{OTHER}\n" * 2_000]
    began = time.process_time()
    assert len(flag("\n".join(parts))) == 2000
    assert time.process_time() - began < 5
