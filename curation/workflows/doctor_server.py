"""What doctor says of Label Studio."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime

from curation.errors import LabelStudioUnreachable
from curation.settings import Settings
from curation.workflows.connection import connect
from curation.workflows.doctor import Check

__all__ = ["label_studio"]

_OLDEST, _TOO_NEW = (1, 20), (2, 0)
_MOST_SKEW = 60
"""Seconds: an access token made from a personal one is good for five minutes."""


def label_studio(
    settings: Settings, environment: Mapping[str, str], clock: Callable[[], datetime]
) -> Check:
    """Whether it answers and takes the key; its version, the kind of key, its clock.

    Raises the errors of `connect` and of the requests for a server that was named: without it
    nothing can be pushed. The own one need not run.
    """
    warnings: list[str] = []
    try:
        client = connect(settings, environment, warn=warnings.append)
    except LabelStudioUnreachable as error:
        return Check("Label Studio", "warn", "not running", str(error))
    version, email = client.version(), client.me().get("email")
    found = f"{client.url}, {version}, as {email}, with {client.key_kind}"
    if not _OLDEST <= _numbers(version) < _TOO_NEW:
        warnings.append("tried with versions 1.20 to 1.23 only; try a push of few documents first")
    if client.server_date is not None:
        skew = (client.server_date - clock()).total_seconds()
        found += f", clock {skew:+.0f} s"
        if abs(skew) > _MOST_SKEW:
            warnings.append(
                "set the clocks of this machine and of the server (NTP): personal access tokens "
                "end early, and times of annotations are wrong"
            )
    return Check("Label Studio", "warn" if warnings else "ok", found, "; ".join(warnings))


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(n) for n in re.findall(r"\d+", version)[:2])
