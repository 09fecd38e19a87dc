"""Invented news in five languages, with near-duplicates and translations put in on purpose."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

LANGUAGES = ("sk", "sv", "en", "nb", "nl")
MONTHS = {
    "sk": "januára februára marca apríla mája júna júla augusta septembra októbra novembra "
    "decembra",
    "sv": "januari februari mars april maj juni juli augusti september oktober november december",
    "en": "January February March April May June July August September October November December",
    "nb": "januar februar mars april mai juni juli august september oktober november desember",
    "nl": "januari februari maart april mei juni juli augustus september oktober november december",
}
SENTENCES = {
    "meet": {
        "sk": "Minister {p} sa {d} stretol s {q} v {c}, hovoril o dohode za {n} miliónov eur.",
        "sv": "Ministern {p} mötte {q} i {c} den {d} och talade om ett avtal på {n} miljoner euro.",
        "en": "Minister {p} met {q} in {c} on {d} and spoke about a deal of {n} million euros.",
        "nb": "Statsråd {p} møtte {q} i {c} den {d} og snakket om en avtale på {n} millioner euro.",
        "nl": "Minister {p} sprak {q} op {d} in {c} over een akkoord van {n} miljoen euro.",
    },
    "accuse": {
        "sk": "Spoločnosť {o} obvinila {p}, že v meste {c} zatajil {n} ton tovaru.",
        "sv": "Företaget {o} anklagar {p} för att ha dolt {n} ton varor i {c}.",
        "en": "The company {o} accused {p} of hiding {n} tonnes of goods in {c}.",
        "nb": "Selskapet {o} anklager {p} for å ha skjult {n} tonn varer i {c}.",
        "nl": "Het bedrijf {o} beschuldigt {p} ervan {n} ton goederen in {c} te hebben verborgen.",
    },
    "strike": {
        "sk": "Na námestí v meste {c} protestovalo {n} ľudí, povedal hovorca {q}.",
        "sv": "På torget i {c} protesterade {n} människor, säger talespersonen {q}.",
        "en": "In the square of {c}, {n} people protested, spokesman {q} said.",
        "nb": "På torget i {c} protesterte {n} mennesker, sier talsmannen {q}.",
        "nl": "Op het plein van {c} demonstreerden {n} mensen, zei woordvoerder {q}.",
    },
    "plan": {
        "sk": "Podľa {q} chce {o} do {d} postaviť závod, v ktorom bude pracovať {n} zamestnancov.",
        "sv": "Enligt {q} vill {o} före den {d} bygga en fabrik med {n} anställda.",
        "en": "According to {q}, {o} wants to build a plant with {n} workers before {d}.",
        "nb": "Ifølge {q} vil {o} bygge en fabrikk med {n} ansatte før {d}.",
        "nl": "Volgens {q} wil {o} vóór {d} een fabriek met {n} werknemers bouwen.",
    },
    "sent": {
        "sk": "Súd v meste {c} poslal {p} do väzenia, rozsudok padol {d}.",
        "sv": "Domstolen i {c} dömde {p} till fängelse, domen föll den {d}.",
        "en": "A court in {c} sent {p} to prison, the verdict came on {d}.",
        "nb": "Retten i {c} dømte {p} til fengsel, dommen falt {d}.",
        "nl": "De rechtbank in {c} veroordeelde {p} tot gevangenisstraf, het vonnis viel op {d}.",
    },
    "weather": {
        "sk": "Včera bolo zamračené a obyvatelia zostali doma.",
        "sv": "Igår var det mulet och invånarna stannade hemma.",
        "en": "Yesterday was cloudy and residents stayed at home.",
        "nb": "I går var det overskyet og innbyggerne holdt seg hjemme.",
        "nl": "Gisteren was het bewolkt en bleven de inwoners thuis.",
    },
    "ship": {
        "sk": "Loď {o} priviezla {d} do prístavu {c} náklad v cene {n} eur, uviedol {p}.",
        "sv": "Fartyget {o} förde den {d} en last värd {n} euro till hamnen i {c}, uppger {p}.",
        "en": "The ship {o} brought a cargo worth {n} euros to the port of {c} on {d}, {p} said.",
        "nb": "Skipet {o} brakte den {d} en last verdt {n} euro til havnen i {c}, opplyser {p}.",
        "nl": "Het schip {o} bracht op {d} een lading van {n} euro naar de haven {c}, meldt {p}.",
    },
}
TUNING = ("meet", "accuse", "weather", "plan")
HELD_OUT = ("strike", "sent", "ship", "weather", "meet")
LETTERS = {0: ("bdfgklmnprst", "aeiou"), 1: ("chjklmnrsvz", "aeioy")}
ENDINGS = ("", "", "a", "ovi", "om", "u", "e")


@dataclass
class Corpus:
    """Texts and languages by uid, and pairs that belong together."""

    texts: dict[str, str] = field(default_factory=dict)
    languages: dict[str, str] = field(default_factory=dict)
    pairs: set[tuple[str, str]] = field(default_factory=set)


def _name(chance: random.Random, which: int) -> str:
    consonants, vowels = LETTERS[which]
    syllables = (chance.choice(consonants) + chance.choice(vowels) for _ in range(3))
    return ("".join(syllables) + chance.choice(consonants)).capitalize()


def _said(kind: str, fact: dict, language: str, chance: random.Random) -> str:
    def person(name: str) -> str:
        return name + chance.choice(ENDINGS) if language == "sk" else name

    day, month = fact["d"]
    word = MONTHS[language].split()[month - 1]
    when = {"sk": f"{day}. {word}", "en": f"{day} {word}"}.get(language, f"{day} {word}")
    number = f"{fact['n']:,}".replace(",", {"sk": " ", "en": ",", "nl": "."}.get(language, " "))
    filled = {"p": person(fact["p"]), "q": person(fact["q"]), "c": fact["c"], "o": fact["o"]}
    return SENTENCES[kind][language].format(**filled, d=when, n=number)


def stories(count: int, seed: int, *, held_out: bool) -> Corpus:
    """`count` stories of four to eight sentences, a third of them translated once or twice.

    A sixth are follow-ups: another story with two of the names of the one before.
    """
    chance, corpus = random.Random(seed), Corpus()
    kinds = HELD_OUT if held_out else TUNING
    which = int(held_out)
    cities = [_name(chance, which) for _ in range(80)]
    firms = [f"{_name(chance, which)} {_name(chance, which)}" for _ in range(150)]
    people = [f"{_name(chance, which)} {_name(chance, which)}" for _ in range(max(60, count // 2))]
    cast: list[str] = []
    for number in range(count):
        follows = bool(cast) and chance.random() < 1 / 6
        cast = [cast[0], *chance.sample(people, 2)] if follows else chance.sample(people, 3)
        home = [chance.choice(cities) for _ in range(2)]
        firm = chance.choice(firms)
        story = [
            (
                chance.choice(kinds),
                {
                    "p": chance.choice(cast),
                    "q": chance.choice(cast),
                    "c": chance.choice(home),
                    "o": firm,
                    "n": chance.choice([chance.randint(2, 99), chance.randint(100, 99_999)]),
                    "d": (chance.randint(1, 28), chance.randint(1, 12)),
                },
            )
            for _ in range(chance.randint(4, 8))
        ]
        told = chance.sample(LANGUAGES, chance.choice([1, 1, 2, 3]))
        uids = []
        for language in told:
            kept = [s for s in story if language == told[0] or chance.random() > 0.2]
            uid = f"s{number:06}-{language}"
            corpus.texts[uid] = " ".join(_said(k, f, language, chance) for k, f in kept)
            corpus.languages[uid] = language
            corpus.pairs.update((min(uid, u), max(uid, u)) for u in uids)
            uids.append(uid)
    return corpus


def changed(words: list[str], share: float, vocabulary: list[str], chance: random.Random) -> str:
    """So much of the words replaced, and the four paragraphs in another order."""
    new = [chance.choice(vocabulary) if chance.random() < share else word for word in words]
    quarter = max(1, len(new) // 4)
    paragraphs = [new[i : i + quarter] for i in range(0, len(new), quarter)]
    chance.shuffle(paragraphs)
    return "\n\n".join(" ".join(p) for p in paragraphs)


def repeats(count: int, seed: int, words: int = 300) -> Corpus:
    """`count` texts, a quarter of them copies with 5% to 60% of the words changed."""
    chance, corpus = random.Random(seed), Corpus()
    letters = "abcdefghijklmnoprstuvyzáčéíšžåäöø"
    vocabulary = ["".join(chance.choices(letters, k=chance.randint(2, 11))) for _ in range(50_000)]
    number = 0
    while len(corpus.texts) < count:
        body = chance.choices(vocabulary, k=words)
        uid = f"d{number:06}"
        corpus.texts[uid] = " ".join(body)
        if number % 3 == 0:
            copy = f"e{number:06}"
            share = chance.uniform(0.05, 0.6)
            corpus.texts[copy] = changed(body, share, vocabulary, chance)
            corpus.pairs.add((uid, copy))
        number += 1
    return corpus
