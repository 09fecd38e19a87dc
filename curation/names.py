"""What languages and annotators can be called, in settings and in everything that is imported.

An annotator's name has 40 characters at most, none that a file name, a table or a page could
stumble over.
"""

from __future__ import annotations

import re

from curation.messages import shown

__all__ = ["ANNOTATOR", "LANGUAGE", "RESERVED", "annotator_problem", "language_problem"]

LANGUAGE = r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*"
_NONE_OF = r"/\\<>&\"'\x00-\x1f\x7f-\x9f"
ANNOTATOR = rf"[^\s{_NONE_OF}]([^{_NONE_OF}]{{0,38}}[^\s{_NONE_OF}])?"
RESERVED = "@adjudication"
"""What nobody may be called: it names the project in which disputes are decided."""
_LONGEST_LANGUAGE = 35


def language_problem(code: object) -> str | None:
    """Why this is no language of a Document, or None."""
    if isinstance(code, str) and len(code) <= _LONGEST_LANGUAGE and re.fullmatch(LANGUAGE, code):
        return None
    return f"{shown(str(code))} is no language code; write en, sk, nb …"


def annotator_problem(name: str) -> str | None:
    """Why nobody can be called so, or None."""
    sound = re.fullmatch(ANNOTATOR, name) and name == name.encode(errors="replace").decode()
    if sound and name != RESERVED:
        return None
    return (
        f"{shown(name)} cannot be the name of an annotator: 1 to 40 characters, not / \\ < > & "
        "quotes or control characters, no blanks around it"
    )
