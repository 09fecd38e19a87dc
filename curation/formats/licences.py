"""Licences by the identifiers of Hugging Face, with those of SPDX and where their texts are.

Hugging Face: https://huggingface.co/docs/hub/repositories-licenses; SPDX: https://spdx.org/licenses.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

__all__ = ["hub_id", "is_stated", "licence_slug", "spdx_id", "spdx_url"]

_SPDX: Mapping[str, str] = {
    "afl-3.0": "AFL-3.0",
    "agpl-3.0": "AGPL-3.0-only",
    "apache-2.0": "Apache-2.0",
    "bsd": "",
    "bsd-2-clause": "BSD-2-Clause",
    "bsd-3-clause": "BSD-3-Clause",
    "c-uda": "C-UDA-1.0",
    "cc": "",
    "cc-by-2.0": "CC-BY-2.0",
    "cc-by-2.5": "CC-BY-2.5",
    "cc-by-3.0": "CC-BY-3.0",
    "cc-by-4.0": "CC-BY-4.0",
    "cc-by-nc-2.0": "CC-BY-NC-2.0",
    "cc-by-nc-3.0": "CC-BY-NC-3.0",
    "cc-by-nc-4.0": "CC-BY-NC-4.0",
    "cc-by-nc-nd-3.0": "CC-BY-NC-ND-3.0",
    "cc-by-nc-nd-4.0": "CC-BY-NC-ND-4.0",
    "cc-by-nc-sa-2.0": "CC-BY-NC-SA-2.0",
    "cc-by-nc-sa-3.0": "CC-BY-NC-SA-3.0",
    "cc-by-nc-sa-4.0": "CC-BY-NC-SA-4.0",
    "cc-by-nd-4.0": "CC-BY-ND-4.0",
    "cc-by-sa-3.0": "CC-BY-SA-3.0",
    "cc-by-sa-4.0": "CC-BY-SA-4.0",
    "cc0-1.0": "CC0-1.0",
    "cdla-permissive-1.0": "CDLA-Permissive-1.0",
    "cdla-permissive-2.0": "CDLA-Permissive-2.0",
    "cdla-sharing-1.0": "CDLA-Sharing-1.0",
    "etalab-2.0": "etalab-2.0",
    "eupl-1.1": "EUPL-1.1",
    "eupl-1.2": "EUPL-1.2",
    "gfdl": "",
    "gpl": "",
    "gpl-2.0": "GPL-2.0-only",
    "gpl-3.0": "GPL-3.0-only",
    "lgpl-3.0": "LGPL-3.0-only",
    "mit": "MIT",
    "mpl-2.0": "MPL-2.0",
    "odbl": "ODbL-1.0",
    "odc-by": "ODC-By-1.0",
    "pddl": "PDDL-1.0",
    "unlicense": "Unlicense",
}
"""Those that data are put under; others stand in a card as "other" with their name."""
_OURS = {"cc-by-2.5", "eupl-1.2"}
"""Known to SPDX, and not to the Hub."""


def hub_id(name: str) -> str:
    """The identifier that Hugging Face knows, else "other"."""
    found = name.strip().lower()
    return found if found in _SPDX and found not in _OURS else "other"


def spdx_id(name: str) -> str | None:
    """The identifier of SPDX, or None."""
    return _SPDX.get(name.strip().lower()) or None


def spdx_url(name: str) -> str | None:
    """The address of the licence's text, or None."""
    found = spdx_id(name)
    return f"https://spdx.org/licenses/{found}.html" if found else None


def licence_slug(name: str) -> str:
    """An identifier for a licence that Hugging Face does not know, such as "my-terms-1.0"."""
    return re.sub(r"[^a-z0-9.]+", "-", name.lower()).strip("-.")[:60] or "other"


def is_stated(name: str) -> bool:
    """Whether it says anything: "other" is how nothing used to be said."""
    return name.strip().lower() not in ("", "other", "not stated", "unknown")
