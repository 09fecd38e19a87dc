"""Which Label Studio this workspace talks to, and with which key."""

from __future__ import annotations

from collections.abc import Mapping

from curation.errors import LabelStudioUnreachable, UsageError
from curation.labelstudio import server
from curation.labelstudio.client import LabelStudio
from curation.settings import Settings

__all__ = ["connect"]


def connect(settings: Settings, environment: Mapping[str, str]) -> LabelStudio:
    """A client of the configured server, else of the workspace's own.

    Raises UsageError without a key, LabelStudioUnreachable where the own server is not running.
    """
    key = environment.get("LABEL_STUDIO_API_KEY", "")
    if settings.label_studio.url:
        if not key:
            raise UsageError(
                f"no key for {settings.label_studio.url}: set LABEL_STUDIO_API_KEY to the access "
                "token of your account there"
            )
        return LabelStudio(settings.label_studio.url, key)
    info = server.status(settings.server_folder)
    if info is None:
        raise LabelStudioUnreachable(
            "the Label Studio of this workspace is not running; start it with: curation server "
            "start, or set LABEL_STUDIO_URL and LABEL_STUDIO_API_KEY for another one"
        )
    return LabelStudio(info.url, key or info.token)
