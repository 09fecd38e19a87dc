"""Wording of lines that are not part of an article, in Slovak, Swedish, English, Norwegian, Dutch.

Each pattern meets a whole line of at most 200 characters. They are meant to miss some rather than
to flag a sentence of the article: a word such as "copyright" alone is no evidence.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

__all__ = ["LINE_PATTERNS", "TITLE_SUFFIX"]

_AGENCIES = (
    r"(?:TASR|SITA|ČTK|CTK|TT|NTB|ANP|Belga|Ritzau|STT|DPA|EFE|ANSA|TASS|RIA Novosti|Interfax|"
    r"AFP|AP|Associated Press|Reuters|Bloomberg|UPI|Xinhua|PAP|MTI|APA|BBC|CNN|Ukrinform|EPA|"
    r"Getty Images?|Shutterstock|Scanpix|iStock|Profimedia|Hollandse Hoogte)"
)
_AGENCY_LIST = rf"{_AGENCIES}(?:\s*[,/–&-]\s*{_AGENCIES}|\s+(?:a|och|og|en|and)\s+{_AGENCIES})*"

_RIGHTS = (
    r"all rights reserved|všetky práva vyhradené|alla rättigheter (?:förbehållna|reserverade)|"
    r"alle rettigheter (?:forbeholdt|reservert)|alle rechten voorbehouden|eftertryck förbjud\w+|"
    r"ettertrykk forbudt|kopiering forbudt|autorské práva sú vyhradené"
)

_READ_MORE = (
    r"read (?:more|also|next|the full (?:story|article))|see also|"
    r"related (?:articles|stories|news)|"
    r"more on this (?:story|topic)|"
    r"(?:pre)?čítajte (?:si )?(?:aj|tiež|viac)|čítať viac|viac (?:na|o) (?:tejto )?(?:téme|tému)|"
    r"súvisiace (?:články|správy)|mohlo by vás zaujímať|"
    r"läs (?:mer|också|även|vidare)|se också|relaterade artiklar|mer om ämnet|"
    r"les (?:mer|mere|også|videre)|se også|relaterte (?:artikler|saker)|flere saker|"
    r"lees (?:ook|meer|verder)|bekijk ook|zie ook|gerelateerde (?:artikelen|berichten)|"
    r"meer over dit"
)

_SHARE = (
    r"share (?:this|on|via)\b.*|share|tweet|follow us\b.*|like us on\b.*|"
    r"(?:subscribe|sign up|register)\b.{0,60}\b(?:newsletters?|updates|channel|today|now|free)\b.*|"
    r"zdieľa(?:ť|j|jte)(?: (?:na|tento|článok|cez)\b.*)?|sledujte nás\b.*|"
    r"(?:odoberajte|prihláste sa)\b.{0,60}\b(?:odber|newsletter\w*|novinky|správy)\b.*|"
    r"dela(?: (?:artikeln|på|via|med)\b.*)?|följ oss\b.*|prenumerera\b.*|"
    r"anmäl dig till\b.*nyhetsbrev.*|"
    r"del (?:artikkelen|saken|på|denne)\b.*|følg oss\b.*|abonner (?:på|nå)\b.*|"
    r"meld deg på\b.*nyhetsbrev.*|"
    r"deel (?:dit|op|via)\b.*|volg ons\b.*|abonneer\b.*|"
    r"(?:schrijf je in|meld je aan)\b.*nieuwsbrief.*"
)

_ADVERTISING = (
    r"advertisement|sponsored(?: content)?|reklama|inzercia|annons|annonse|annonsørinnhold|"
    r"advertentie|reclame"
)

_CONTINUES = (
    r"(?:the )?(?:article|story) continues (?:below|after)\b.*|"
    r"(?:článok|text) pokračuje pod\b.*|pokračovanie (?:článku )?pod\b.*|"
    r"artikeln fortsätter (?:under|efter)\b.*|(?:artikkelen|saken) fortsetter (?:under|etter)\b.*|"
    r"(?:artikel|tekst|het artikel) gaat verder (?:onder|na)\b.*|lees verder onder\b.*"
)


def _line(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


LINE_PATTERNS: Mapping[str, re.Pattern[str]] = {
    "copyright line": _line(
        rf"^(?:©|\(c\)\s*(?:copyright\b|\d{{4}}))|\b(?:{_RIGHTS})\b"
        r"|^copyright\s*(?:©|\(c\)|\d{4}\b|by\b)|^.{0,60}(?:©|\(c\))\s*(?:copyright\s*)?\d{4}\b"
    ),
    "link to other articles": _line(
        rf"^[\W_]*(?:{_READ_MORE})(?:\s*[:>»…|–-].*|[\W_]*|[^.!?:]{{0,120}})$"
    ),
    "share or subscribe line": _line(rf"^[\W_]*(?:{_SHARE})\W*$"),
    "advertising": _line(rf"^[\W_]*(?:{_ADVERTISING})[\W_]*$"),
    "continuation note": _line(rf"^[\W_]*(?:{_CONTINUES})$"),
    "agency credit": re.compile(rf"^[(\[]?{_AGENCY_LIST}[)\]]?\.?$"),
    "source credit": _line(
        rf"^[(\[]?(?:zdroj|källa|kilde|bron|source)s?\s*:\s*(?:{_AGENCY_LIST}|[\w./-]+\.\w{{2,4}})[)\]]?\.?$"
    ),
    "picture credit": _line(
        r"^[(\[]?(?:foto|photo|bild|bilde|snímka|beeld|ilustračné foto|illustratie|"
        r"illustrasjonsfoto|fotograf)(?: credit| by)?\s*:\s*[^.!?]{2,80}[)\]]?\.?$"
    ),
}
"""Reason -> pattern, the first that fits counts."""

TITLE_SUFFIX = re.compile(r"\s+\|\s+\S+(?: \S+){0,3}$")
"""A title followed by a bar and a site or section name of at most four words."""
