"""Language detection among the workspace's languages."""

import pytest

from curation.errors import UsageError
from curation.ingest.language import detect, match_language, rank

FIVE = ("sk", "sv", "en", "nb", "nl")

SHORT = [
    ("sk", "Vláda nechce rokovať s prezidentom."),
    ("sk", "Čo sa deje?"),
    ("sv", "Regeringen vill inte träffa statsministern."),
    ("sv", "Polisen har gripit en man."),
    ("sv", "Den libyske krigsherre Khalifa Haftar har förkastat en"),
    ("nb", "Mesut Özil spilte for Tyskland i går."),
    ("sv", "Vad händer nu?"),
    ("en", "Police arrested a man."),
    ("en", "What happens now?"),
    ("nb", "Regjeringen vil ikke møte statsministeren."),
    ("nb", "Politiet har pågrepet en mann."),
    ("nb", "Hva skjer nå?"),
    ("nb", "Kaos og anarki"),
    ("nl", "De politie heeft een man aangehouden."),
    ("nl", "Wat gebeurt er nu?"),
]


@pytest.mark.parametrize(("language", "text"), SHORT)
def test_short_texts(language: str, text: str) -> None:
    """A sentence is enough to tell the five languages apart."""
    assert detect(text, FIVE)[0] == language


def test_norwegian_swedish_and_danish_are_told_apart() -> None:
    """With Danish among the languages, each of the three closest keeps its own sentences."""
    three = ("nb", "sv", "da")
    texts = {
        "nb": "Statsministeren sier at regjeringen ikke vil gi seg, og at møtet blir noe av.",
        "sv": "Statsministern säger att regeringen inte tänker ge sig, och att mötet blir av.",
        "da": "Statsministeren siger, at regeringen ikke vil give sig, og at mødet holdes.",
    }
    assert {code: detect(text, three)[0] for code, text in texts.items()} == {c: c for c in three}


def test_short_text_is_less_certain() -> None:
    """Two ambiguous words give a lower probability than a paragraph."""
    long = "Politiet har pågrepet en mann i Oslo etter en alvorlig hendelse natt til søndag. " * 5
    assert detect("Kaos og anarki", ("nb", "da"))[1] < 0.9 < detect(long, ("nb", "da"))[1]


def test_nynorsk_counts_as_norwegian_unless_asked_for() -> None:
    """Nynorsk is Bokmål in a workspace without Nynorsk, itself in one with it."""
    text = "Eg veit ikkje kva dei vil gjere med det no, men vi får sjå korleis det går."
    assert detect(text, FIVE)[0] == "nb"
    assert detect(text, (*FIVE, "nn"))[0] == "nn"


def test_the_code_comes_back_as_it_was_given() -> None:
    """A workspace's "en-GB" or "no" is answered with the same code."""
    assert detect("The government will not meet the president.", ("en-GB", "no"))[0] == "en-GB"
    assert detect("Regjeringen vil ikke møte presidenten.", ("en-GB", "no"))[0] == "no"


def test_without_languages_all_are_tried() -> None:
    """No restriction: any language that the model knows."""
    assert detect("Le gouvernement ne veut pas rencontrer le président.")[0] == "fr"


def test_text_without_letters_is_a_toss_up() -> None:
    """Nothing to go by: equal probabilities."""
    assert detect("", FIVE)[1] == pytest.approx(1 / 5)


def test_text_of_a_far_language_gets_an_answer() -> None:
    """A text in another script is assigned without an error, and `rank` says what it is."""
    text = "政府不会在莫斯科会见总统。" * 20
    assert detect(text, FIVE)[0] in FIVE
    assert next(iter(rank(text))) == "zh"


def test_languages_that_nothing_knows_are_a_usage_error() -> None:
    """If none of the languages can be detected, that is said."""
    with pytest.raises(UsageError, match="no language among xx, yy can be detected"):
        detect("text", ("xx", "yy"))


@pytest.mark.parametrize(
    ("code", "match"),
    [("EN", "en"), ("en_GB", "en"), ("no", "nb"), ("nb-NO", "nb"), ("nn", None), ("da", None)],
)
def test_codes_of_the_input_are_matched(code: str, match: str | None) -> None:
    """Case, region and the two codes of Bokmål do not matter; Nynorsk is not Bokmål."""
    assert match_language(code, FIVE) == match
