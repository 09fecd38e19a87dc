"""Which Label Studio this workspace talks to, and with which key."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from curation.errors import LabelStudioRefused, LabelStudioUnreachable, UsageError
from curation.labelstudio import server
from curation.labelstudio.client import LabelStudio
from curation.labelstudio.port import LabelStudioPort
from curation.labelstudio.transport import insecure
from curation.settings import Settings

__all__ = ["connect", "ensure_logins", "invitation"]


def connect(
    settings: Settings,
    environment: Mapping[str, str],
    *,
    warn: Callable[[str], None] = lambda _what: None,
) -> LabelStudio:
    """A client of the configured server, else of the workspace's own.

    `warn` hears of an address to which the key would go in the clear.

    Raises UsageError without a key, LabelStudioUnreachable where the own server is not running.
    """
    key = environment.get("LABEL_STUDIO_API_KEY", "")
    if settings.label_studio.url:
        if not key:
            raise UsageError(
                f"no key for {settings.label_studio.url}: set LABEL_STUDIO_API_KEY to the access "
                "token of your account there"
            )
        if warning := insecure(settings.label_studio.url):
            warn(warning)
        return LabelStudio(settings.label_studio.url, key)
    info = server.status(settings.server_folder)
    if info is None:
        raise LabelStudioUnreachable(
            "the Label Studio of this workspace is not running; start it with: curation server "
            "start, or set LABEL_STUDIO_URL and LABEL_STUDIO_API_KEY for another one"
        )
    if key:
        return LabelStudio(info.url, key)
    return LabelStudio(info.url, info.token, source=str(info.credentials_file))


def ensure_logins(settings: Settings) -> tuple[list[str], list[str]]:
    """Make everybody a user of the workspace's own server; (emails made now, problems).

    A configured server has its own accounts: there nothing is done.
    """
    info = None if settings.label_studio.url else server.status(settings.server_folder)
    if info is None:
        return [], []
    known = {email.lower() for email in server.known_users(info)}
    problems = []
    for name, email in settings.people:
        try:
            server.ensure_user(info, email=email, name=name)
        except LabelStudioRefused as error:
            problems.append(f"{name}: {error}")
    return [e for e in server.known_users(info) if e not in known], problems


def invitation(settings: Settings, client: LabelStudioPort) -> tuple[list[str], str]:
    """(e-mails of people without an account on a configured server, where they join).

    They are invited, not made: a user made over the network has no password, and Label Studio's
    sign-up refuses an address that it has already. Empty where nobody is missing, or the server
    does not tell.
    """
    if not settings.label_studio.url:
        return [], ""
    try:
        known = {str(user.get("email") or "").casefold() for user in client.users()}
        missing = [email for _, email in settings.people if email.casefold() not in known]
        return missing, client.invite_link() if missing else ""
    except LabelStudioRefused:
        return [], ""
