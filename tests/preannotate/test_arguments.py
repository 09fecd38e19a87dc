"""Rules of the arguments, one sentence for each kind: who does what to whom, where and when."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from spacy.tokens import Doc

Annotate = Callable[..., Doc]
Names = dict[str, list[str]]


def roles(doc: Doc, trigger: str) -> set[str]:
    """The arguments of a trigger, as in "Actor Kenya"."""
    (mention,) = [m for m in doc._.events if doc[m.start : m.end].text == trigger]
    return {f"{f.role} {doc[f.start : f.end].text}" for f in mention.fillers}


def check(annotated: Annotate, case: tuple[str, str, Names, str, set[str]]) -> None:
    """The trigger of a case has exactly the expected arguments."""
    language, text, names, trigger, expected = case
    assert roles(annotated(language, text, **names), trigger) == expected


@pytest.mark.parametrize("case", [
    ("en", "Kenya condemned the raid after police arrested Omar Ali.",
     {"LOC": ["Kenya"], "PER": ["Omar Ali"]}, "arrested", {"Recipient Omar Ali"}),
    ("nb", "Kina protesterte, og politiet pågrep Ola Li.",
     {"LOC": ["Kina"], "PER": ["Ola Li"]}, "pågrep", {"Recipient Ola Li"}),
    ("nl", "Kenia meldt dat rebellen de stad Goma aanvielen.",
     {"LOC": ["Kenia", "Goma"]}, "aanvielen", {"Recipient Goma"}),
])  # fmt: skip
def test_a_common_noun_as_subject_leaves_no_actor(
    annotated: Annotate, case: tuple[str, str, Names, str, set[str]]
) -> None:
    """Where police or rebels do it, no name from another clause becomes the Actor."""
    check(annotated, case)


@pytest.mark.parametrize("case", [
    ("en", "Ana Duarte met Kim Lee and urged Peru to withdraw.",
     {"PER": ["Ana Duarte", "Kim Lee"], "LOC": ["Peru"]}, "urged",
     {"Actor Ana Duarte", "Recipient Peru"}),
    ("nb", "Norge støtter planen og anklager Peru.",
     {"LOC": ["Norge", "Peru"]}, "anklager", {"Actor Norge", "Recipient Peru"}),
    ("sk", "Peru vyhostilo diplomatov a obvinilo Bielorusko.",
     {"LOC": ["Peru", "Bielorusko"]}, "obvinilo", {"Actor Peru", "Recipient Bielorusko"}),
    ("en", "The army chief, Kim Lee, accused Peru.",
     {"PER": ["Kim Lee"], "LOC": ["Peru"]}, "accused", {"Actor Kim Lee", "Recipient Peru"}),
    ("nb", "Chile, som støtter Peru, anklager Brasil.",
     {"LOC": ["Chile", "Peru", "Brasil"]}, "anklager", {"Actor Chile", "Recipient Brasil"}),
])  # fmt: skip
def test_a_subject_is_shared_or_taken_up_again(
    annotated: Annotate, case: tuple[str, str, Names, str, set[str]]
) -> None:
    """Coordinated verbs, appositions and inserted relative clauses keep the subject."""
    check(annotated, case)


@pytest.mark.parametrize("case", [
    ("en", "Peru called on Chile to withdraw.",
     {"LOC": ["Peru", "Chile"]}, "withdraw", {"Actor Chile"}),
    ("sv", "Peru anklagar Chile för att ha bombat en hamn.",
     {"LOC": ["Peru", "Chile"]}, "bombat", {"Actor Chile"}),
    ("sk", "Peru vyzvalo Berlín, aby dodal rakety.",
     {"LOC": ["Peru", "Berlín"]}, "dodal", {"Actor Berlín"}),
])  # fmt: skip
def test_who_is_asked_or_accused_does_it(
    annotated: Annotate, case: tuple[str, str, Names, str, set[str]]
) -> None:
    """The Recipient of a request or an accusation is the subject of the infinitive under it."""
    check(annotated, case)


@pytest.mark.parametrize("case", [
    ("sk", "Bývalého šéfa Milana Kováča obvinila NAKA.",
     {"PER": ["Milana Kováča"], "ORG": ["NAKA"]}, "obvinila",
     {"Actor NAKA", "Recipient Milana Kováča"}),
    ("sk", "Prevrat odsúdila aj Moskva.", {"LOC": ["Moskva"]}, "odsúdila", {"Actor Moskva"}),
    ("sk", "Hnutie Hamas odmietlo dohodu.", {"ORG": ["Hamas"]}, "odmietlo", {"Actor Hamas"}),
    ("sk", "Tisíce ľudí pochodovali Varšavou.",
     {"LOC": ["Varšavou"]}, "pochodovali", {"Location Varšavou"}),
])  # fmt: skip
def test_slovak_case_and_agreement_tell_the_subject(
    annotated: Annotate, case: tuple[str, str, Names, str, set[str]]
) -> None:
    """Not the order but endings say who does it, and an instrumental where."""
    check(annotated, case)


@pytest.mark.parametrize("case", [
    ("nl", "Rusland heeft Odesa aangevallen.",
     {"LOC": ["Rusland", "Odesa"]}, "aangevallen", {"Actor Rusland", "Recipient Odesa"}),
    ("nl", "Zij zeggen dat Kenia Goma aanviel.",
     {"LOC": ["Kenia", "Goma"]}, "aanviel", {"Actor Kenia", "Recipient Goma"}),
    ("nl", "De president van Zambia steunt Malawi.",
     {"LOC": ["Zambia", "Malawi"]}, "steunt", {"Actor Zambia", "Recipient Malawi"}),
])  # fmt: skip
def test_dutch_objects_stand_before_the_last_verb(
    annotated: Annotate, case: tuple[str, str, Names, str, set[str]]
) -> None:
    """The first phrase of a clause is its subject and the last one before the verb its object."""
    check(annotated, case)


@pytest.mark.parametrize("case", [
    ("en", "Peru on Monday rejected a demand for a ceasefire.",
     {"LOC": ["Peru"]}, "demand", set()),
    ("en", "Peru agreed in Paris to deepen cooperation with India.",
     {"LOC": ["Peru", "Paris", "India"]}, "cooperation", {"Recipient India"}),
    ("en", "Rebels attacked a village in Kivu on Sunday, killing two guards.",
     {"LOC": ["Kivu"]}, "killing", {"Location Kivu", "Date Sunday"}),
    ("en", "Two men were wounded when a bomber blew himself up in Kabul.",
     {"LOC": ["Kabul"]}, "wounded", {"Location Kabul"}),
    ("en", "Dockers in Lima went on strike, and police arrested two men.",
     {"LOC": ["Lima"]}, "arrested", {"Location Lima"}),
    ("nl", "Ana Duarte kwam aan in Vilnius, waar zij Kim Lee ontmoette.",
     {"PER": ["Ana Duarte", "Kim Lee"], "LOC": ["Vilnius"]}, "ontmoette",
     {"Actor Ana Duarte", "Recipient Kim Lee", "Location Vilnius"}),
    ("nb", "Ana Duarte reiste etter et møte på Ramstein.",
     {"PER": ["Ana Duarte"], "LOC": ["Ramstein"]}, "møte",
     {"Actor Ana Duarte", "Location Ramstein"}),
    ("en", "Troops captured the town of Kivu.", {"LOC": ["Kivu"]}, "captured", {"Recipient Kivu"}),
])  # fmt: skip
def test_places_and_dates_stay_with_their_events(
    annotated: Annotate, case: tuple[str, str, Names, str, set[str]]
) -> None:
    """A noun in its own phrase takes none of the verb's; one occasion shares them."""
    check(annotated, case)


@pytest.mark.parametrize("case", [
    ("nb", "Peru får krisehjelp fra Chile.",
     {"LOC": ["Peru", "Chile"]}, "krisehjelp", {"Actor Chile", "Recipient Peru"}),
    ("en", "Peru ended its cooperation with Chile.",
     {"LOC": ["Peru", "Chile"]}, "cooperation", {"Actor Peru", "Recipient Chile"}),
    ("sv", "EU inför nya sanktioner mot Belarus, sade Kaja Kallas.",
     {"ORG": ["EU"], "LOC": ["Belarus"], "PER": ["Kaja Kallas"]}, "sanktioner",
     {"Actor EU", "Recipient Belarus"}),
    ("en", "Boeing and its union reached an agreement.",
     {"ORG": ["Boeing"]}, "agreement", {"Actor Boeing"}),
    ("en", "In a phone call with Ana Duarte, Kim Lee accused Peru.",
     {"PER": ["Ana Duarte", "Kim Lee"]}, "accused", {"Actor Kim Lee"}),
])  # fmt: skip
def test_nouns_take_their_roles_from_light_verbs(
    annotated: Annotate, case: tuple[str, str, Names, str, set[str]]
) -> None:
    """Who gets, ends or introduces something fills the noun's role."""
    check(annotated, case)


def test_a_sentence_without_names_has_no_arguments(annotated: Annotate) -> None:
    """Nothing is filled where no entity stands."""
    assert roles(annotated("en", "Rebels attacked the port."), "attacked") == set()


@pytest.mark.parametrize("case", [
    ("sv", "OSLO/TT - Anna Berg träffade Egyptens president Omar Said i Kairo.",
     {"LOC": ["OSLO", "Egyptens", "Kairo"], "ORG": ["TT"], "PER": ["Anna Berg", "Omar Said"]},
     "träffade", {"Actor Anna Berg", "Recipient Omar Said", "Location Kairo"}),
    ("nl", "De Wereldbank (WB) heeft Kenia om uitleg gevraagd.",
     {"ORG": ["Wereldbank", "WB"], "LOC": ["Kenia"]}, "gevraagd",
     {"Actor Wereldbank", "Recipient Kenia"}),
    ("en", "ECOWAS chairman Ben Ito condemned the coup.",
     {"ORG": ["ECOWAS"], "PER": ["Ben Ito"]}, "condemned", {"Actor Ben Ito"}),
    ("sk", "Ministri rokovali so šéfom rozviedky MIT Omarom Saidom.",
     {"ORG": ["MIT"], "PER": ["Omarom Saidom"]}, "rokovali", {"Recipient Omarom Saidom"}),
])  # fmt: skip
def test_datelines_abbreviations_and_affiliations_fill_no_role(
    annotated: Annotate, case: tuple[str, str, Names, str, set[str]]
) -> None:
    """Where the news is from, a name in brackets, and whose leader somebody is are no party."""
    check(annotated, case)


@pytest.mark.parametrize("case", [
    ("nb", "Haftars styrker angrep Derna.", {"PER": ["Haftars"], "LOC": ["Derna"]}, "angrep",
     {"Actor Haftars", "Recipient Derna"}),
    ("en", "RSF units attacked Derna.", {"ORG": ["RSF"], "LOC": ["Derna"]}, "attacked",
     {"Actor RSF", "Recipient Derna"}),
    ("sv", "Gambia, vars trupper länge hotat grannen, anklagade Senegal.",
     {"LOC": ["Gambia", "Senegal"]}, "anklagade", {"Actor Gambia", "Recipient Senegal"}),
    ("nb", "Kenyas departement avviste mandag anklagene fra Uganda.",
     {"LOC": ["Kenyas", "Uganda"]}, "anklagene", {"Actor Uganda"}),
    ("en", "Zambia waited, while Kenya's army said it would attack Goma.",
     {"LOC": ["Zambia", "Kenya", "Goma"]}, "attack", {"Actor Kenya", "Recipient Goma"}),
])  # fmt: skip
def test_owners_of_troops_and_the_like_act(
    annotated: Annotate, case: tuple[str, str, Names, str, set[str]]
) -> None:
    """A genitive, an English compound or "whose" names who acts through the noun after it."""
    check(annotated, case)


@pytest.mark.parametrize("case", [
    ("nb", "Kari Moen – som lenge var skeptisk – møtte Jan Nowak.",
     {"PER": ["Kari Moen", "Jan Nowak"]}, "møtte", {"Actor Kari Moen", "Recipient Jan Nowak"}),
    ("en", "Norway, long one of Peru's closest friends, condemned Chile.",
     {"LOC": ["Norway", "Peru", "Chile"]}, "condemned", {"Actor Norway", "Recipient Chile"}),
    ("en", "Sudan's army chief, Omar Said, condemned Chile.",
     {"LOC": ["Sudan", "Chile"], "PER": ["Omar Said"]}, "condemned",
     {"Actor Omar Said", "Recipient Chile"}),
])  # fmt: skip
def test_a_subject_is_taken_up_behind_an_aside(
    annotated: Annotate, case: tuple[str, str, Names, str, set[str]]
) -> None:
    """Between the subject and its verb may stand an aside, which has names of its own."""
    check(annotated, case)


@pytest.mark.parametrize("case", [
    ("nb", "Tolv ble drept da RSF angrep en leir utenfor Nyala i Darfur søndag.",
     {"ORG": ["RSF"], "LOC": ["Nyala", "Darfur"]}, "drept",
     {"Actor RSF", "Location Nyala", "Location Darfur", "Date søndag"}),
    ("en", "In Geneva on Monday, Iran met Kim Lee.",
     {"LOC": ["Geneva", "Iran"], "PER": ["Kim Lee"]}, "met",
     {"Actor Iran", "Recipient Kim Lee", "Location Geneva", "Date Monday"}),
    ("en", "Kenya said on Sunday it would expel Kim Lee.",
     {"LOC": ["Kenya"], "PER": ["Kim Lee"]}, "expel", {"Actor Kenya", "Recipient Kim Lee"}),
    ("en", "Dockers have been on strike since 3 November and want more.", {}, "strike",
     {"Date 3 November"}),
    ("en", "Kim Lee blamed the M23 for an attack.", {"PER": ["Kim Lee"], "ORG": ["M23"]},
     "attack", {"Actor M23"}),
    ("en", "Peru rejected an appeal by UNICEF.", {"LOC": ["Peru"], "ORG": ["UNICEF"]},
     "rejected", {"Actor Peru", "Recipient UNICEF"}),
    ("en", "Peru froze accession talks with Chile.", {"LOC": ["Peru", "Chile"]}, "froze",
     {"Actor Peru", "Recipient Chile"}),
])  # fmt: skip
def test_settings_and_parties_across_a_sentence(
    annotated: Annotate, case: tuple[str, str, Names, str, set[str]]
) -> None:
    """What leads, what "when" joins, the wider place, and who is accused or turned down."""
    check(annotated, case)
