"""The consistency rules, on entities set by hand."""

from __future__ import annotations

import pytest
import spacy
from spacy.tokens import Doc, Span

from curation.preannotate.consistency import COMPONENT, load_words


def check(
    language: str, text: str, *given: tuple[str, str] | tuple[str, str, float]
) -> list[tuple[str, str]]:
    """The entities after the component, given some by surface (each next occurrence) and label."""
    nlp = spacy.blank(language)
    doc = nlp(text)
    spans: list[Span] = []
    place = 0
    for surface, label, *_ in given:
        start = text.index(surface, place)
        place = start + len(surface)
        span = doc.char_span(start, place, label=label)
        assert span is not None, surface
        spans.append(span)
    doc.ents = spans
    for span, (_, _, *score) in zip(spans, given, strict=True):
        span._.score = score[0] if score else 0.9
        span._.component = "curation_recogniser"
    nlp.add_pipe(COMPONENT)
    return [(ent.text, ent.label_) for ent in apply(nlp.get_pipe(COMPONENT), doc).ents]


def apply(component: object, doc: Doc) -> Doc:
    """Runs one component on a document that already has entities."""
    assert callable(component)
    result = component(doc)
    assert isinstance(result, Doc)
    return result


@pytest.mark.parametrize(
    ("language", "text", "given", "kept"),
    [
        ("en", "We saw General Mary Wilson today.", "General Mary Wilson", "Mary Wilson"),
        ("en", "We saw Dr. Mary Wilson today.", "Dr. Mary Wilson", "Mary Wilson"),
        (
            "sk",
            "Videli prezidentom Petrom Novotným.",
            "prezidentom Petrom Novotným",
            "Petrom Novotným",
        ),
        ("sv", "Vi såg EU-presidenten Lindqvist.", "EU-presidenten Lindqvist", "Lindqvist"),
        ("nl", "Wij zagen premier De Vries daar.", "premier De Vries", "De Vries"),
        ("sk", "Hovorca Kremľa Ivan Malý mlčal.", "Hovorca Kremľa Ivan Malý", "Ivan Malý"),
        ("en", "We saw Stephen King today.", "Stephen King", "Stephen King"),
    ],
)
def test_titles_are_cut_off(language: str, text: str, given: str, kept: str) -> None:
    """A person starts at the name, also after several or hyphenated titles."""
    assert check(language, text, (given, "PER")) == [(kept, "PER")]


def test_a_lone_title_is_left_as_it_is() -> None:
    """Nothing is cut when nothing would remain."""
    assert check("en", "They met Prince there.", ("Prince", "PER")) == [("Prince", "PER")]


@pytest.mark.parametrize(
    ("language", "text", "surface"),
    [
        ("sk", "Videli líbyjská vláda v Prahe.", "líbyjská"),
        ("en", "A Libyan ship sank.", "Libyan"),
        ("nl", "Een Turkse boot zonk.", "Turkse"),
        ("sk", "Povedali to Rusi v meste.", "Rusi"),
    ],
)
def test_demonyms_and_adjectives_are_dropped(language: str, text: str, surface: str) -> None:
    """Words without a capital and known demonyms are no entities."""
    assert check(language, text, (surface, "LOC")) == []


def test_demonyms_inside_a_longer_name_stay() -> None:
    """The Libyan National Army is a name although it starts with an adjective."""
    text = "The Libyan National Army left."
    assert check("en", text, ("Libyan National Army", "ORG")) == [("Libyan National Army", "ORG")]


def test_english_keeps_places_in_lower_case() -> None:
    """On the web English places go without capitals; demonyms are dropped all the same."""
    assert check("en", "I love london.", ("london", "LOC")) == [("london", "LOC")]
    assert check("en", "The libyan ship sank.", ("libyan", "LOC")) == []


def test_conjunctions_end_no_name() -> None:
    """A word such as "and" at the end is cut off."""
    text = "Hovorca Modrej únie a Bielej rady."
    assert check("sk", text, ("Modrej únie a", "ORG")) == [("Modrej únie", "ORG")]


def test_a_possessive_ends_no_person() -> None:
    """An English 's goes off a person, and stays with a firm that is called so."""
    text = "Mary Wilson's firm sold Ben Jerry's."
    given = [("Mary Wilson's", "PER"), ("Ben Jerry's", "ORG")]
    assert check("en", text, *given) == [("Mary Wilson", "PER"), ("Ben Jerry's", "ORG")]


def test_a_surname_beats_a_less_certain_label() -> None:
    """A lone surname found as an organisation is the person, unless the score was higher."""
    text = "Mary Brooks left. Brooks sang. General Brooks ran."
    unsure = [("Mary Brooks", "PER", 0.9), ("Brooks", "ORG", 0.7), ("General Brooks", "ORG", 0.5)]
    assert check("en", text, *unsure) == [("Mary Brooks", "PER"), *[("Brooks", "PER")] * 2]
    sure = [("Mary Brooks", "PER", 0.8), ("Brooks", "LOC", 0.95)]
    assert check("en", text, *sure)[:2] == [("Mary Brooks", "PER"), ("Brooks", "LOC")]


def test_text_without_capitals_keeps_its_names() -> None:
    """Where nobody writes capitals, their absence says nothing."""
    assert check("en", "i love london", ("london", "LOC")) == [("london", "LOC")]


def test_agencies_in_capitals_are_organisations() -> None:
    """A known agency is added where it was missed and relabelled where it was mistaken."""
    text = "Podľa NATO a agentúry TASS to OSN vie."
    assert check("sk", text, ("NATO", "LOC")) == [("NATO", "ORG"), ("TASS", "ORG"), ("OSN", "ORG")]


def test_agencies_are_not_looked_for_in_shouted_lines() -> None:
    """In a headline in capitals a short word may be anything."""
    assert check("en", "STOP THIS MADNESS UN NOW BEFORE SUMMER") == []


def test_capitals_in_brackets_after_an_organisation_are_one() -> None:
    """An abbreviation takes the label of the name it abbreviates."""
    text = "The Court of Riddles (CRX) opened."
    expected = [("Court of Riddles", "ORG"), ("CRX", "ORG")]
    assert check("en", text, ("Court of Riddles", "ORG")) == expected
    assert check("en", text, ("Court of Riddles", "ORG"), ("CRX", "LOC")) == expected


def test_bodies_named_by_a_place_are_organisations() -> None:
    """The Kremlin is an institution, and so is Wagner unless a person here bears the name."""
    assert check("sk", "Hovorca Kremľa mlčal.", ("Kremľa", "LOC")) == [("Kremľa", "ORG")]
    text = "Eva Wagner came. Wagner sang."
    given = (("Eva Wagner", "PER"), ("Wagner", "PER"))
    assert check("en", text, *given) == list(given)


def test_countries_are_locations() -> None:
    """The name of a country in the document's language is a place, also with a genitive s."""
    assert check("en", "Spain won.", ("Spain", "ORG")) == [("Spain", "LOC")]
    assert check("sv", "Italiens regering föll.", ("Italiens", "ORG")) == [("Italiens", "LOC")]


def test_countries_are_no_persons() -> None:
    """However sure, unless persons are called so or the text has a person of that surname."""
    assert check("sk", "Fidži mlčí.", ("Fidži", "PER")) == [("Fidži", "LOC")]
    assert check("en", "Jordan won.", ("Jordan", "PER")) == [("Jordan", "PER")]
    given = [("Irene France", "PER"), ("France", "PER")]
    assert check("en", "Irene France sang. France won.", *given) == given


def test_surnames_of_persons_are_found_again() -> None:
    """A later mention by surname is that person, also with a case ending."""
    text = "Prišiel Peter Novotný. Stretli sa s Novotným doma. Jana Kováča videli. Kováč mlčal."
    found = check("sk", text, ("Peter Novotný", "PER"), ("Jana Kováča", "PER"))
    surfaces = ["Peter Novotný", "Novotným", "Jana Kováča", "Kováč"]
    assert found == [(surface, "PER") for surface in surfaces]


def test_surnames_that_are_common_words_here_are_not_taken() -> None:
    """When the same word stands in lower case in the text, a capital may be the sentence's."""
    text = "Mary Brook left. Brook water is cold near the brook."
    assert check("en", text, ("Mary Brook", "PER")) == [("Mary Brook", "PER")]


def test_one_surface_has_one_label() -> None:
    """The label with the larger sum of scores wins the surface in a document."""
    text = "Derby lost. Derby won. Derby drew."
    given = (("Derby", "ORG", 0.9), ("Derby", "ORG", 0.8), ("Derby", "LOC", 0.6))
    assert check("en", text, *given) == [("Derby", "ORG")] * 3


def test_an_even_contest_changes_nothing() -> None:
    """Without a clear winner each mention keeps its label."""
    text = "Derby lost. Derby won."
    given = (("Derby", "ORG", 0.9), ("Derby", "LOC", 0.85))
    assert check("en", text, *given) == [("Derby", "ORG"), ("Derby", "LOC")]


def test_other_labels_are_left_alone() -> None:
    """A DATE stays, and nothing is found inside it."""
    text = "On the NATO day Mary Wilson spoke."
    found = check("en", text, ("NATO day", "DATE"), ("Mary Wilson", "PER"))
    assert found == [("NATO day", "DATE"), ("Mary Wilson", "PER")]


def test_scores_and_components_survive() -> None:
    """A cut name keeps its score and finder; a new one names this component."""
    nlp = spacy.blank("en")
    nlp.add_pipe(COMPONENT)
    doc = nlp.make_doc("General Mary Wilson of NATO spoke.")
    doc.ents = [Span(doc, 0, 3, label="PER")]
    doc.ents[0]._.score, doc.ents[0]._.component = 0.75, "curation_recogniser"
    person, agency = apply(nlp.get_pipe(COMPONENT), doc).ents
    assert (person.text, person._.score, person._.component) == (
        "Mary Wilson",
        0.75,
        "curation_recogniser",
    )
    assert (agency.text, agency._.component) == ("NATO", COMPONENT)


def test_an_empty_document_passes() -> None:
    """Nothing in, nothing out."""
    assert check("sv", "") == []


def test_word_lists_have_no_word_of_a_country() -> None:
    """No demonym is the name of the country itself, which would drop a place."""
    words = load_words()
    for language, country in (
        ("nl", "Zweden"),
        ("nl", "Polen"),
        ("sk", "Francúzsko"),
        ("sk", "Kurdistan"),
        ("en", "Jordan"),
        ("sk", "Británia"),
    ):
        assert not words.is_demonym(country, language)
