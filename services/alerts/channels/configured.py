"""Which channels there are, by the settings and the routes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from schemas.settings.settings import PREFIX, BadSettings, Settings
from services.alerts.channels import Channel
from services.alerts.channels.console import Console
from services.alerts.channels.file import Folder
from services.alerts.channels.mail import Mail, Relay
from services.alerts.channels.notify import Account, Notify
from services.alerts.channels.webhook import Webhook
from services.alerts.routes.line import Routes


def channels(settings: Settings, routes: Routes | None) -> list[Channel]:
    """With routes those that the file names, in its order. Without, the folder for notices, or else standard output.
    With routes the folder gets copies, if there is one. Raises BadSettings with all that is missing for them."""
    without = "file" if settings.notices is not None else "console"
    named = routes.channels if routes is not None else (without,)
    made: list[Channel] = []
    faults: list[str] = []
    for name in named:
        try:
            made.append(_MAKERS[name](settings))
        except BadSettings as wrong:
            faults.append(str(wrong))
    if faults:
        raise BadSettings("\n".join(faults))
    if settings.notices is not None and "file" not in named:
        made.append(Folder(Path(settings.notices)))
    return made


def _needed(settings: Settings, channel: str, *names: str) -> None:
    for name in names:
        if getattr(settings, name.lower()) is None:
            raise BadSettings(
                f"{PREFIX}{name} is not set, and the routes file tells by the channel {channel}: set it, or take"
                f" {channel} from `channels` there"
            )


def _mail(settings: Settings) -> Channel:
    _needed(settings, "email", "SMTP_HOST", "MAIL_FROM")
    return Mail(
        Relay(
            settings.smtp_host or "",
            settings.smtp_port,
            settings.mail_from or "",
            settings.smtp_tls,
            settings.smtp_user,
            settings.smtp_password,
            settings.smtp_ca,
        )
    )


def _notify(settings: Settings) -> Channel:
    _needed(settings, "notify", "NOTIFY_KEY", "NOTIFY_TEMPLATE")
    try:
        return Notify(
            Account(
                settings.notify_key or "", settings.notify_template or "", settings.notify_url, settings.notify_reply_to
            )
        )
    except ImportError:
        raise BadSettings("the channel notify needs the client of GOV.UK Notify: install caseclock[notify]") from None


def _webhook(settings: Settings) -> Channel:
    _needed(settings, "webhook", "WEBHOOK_URL", "WEBHOOK_SECRET")
    return Webhook(settings.webhook_url or "", settings.webhook_secret or "", settings.webhook_ca)


def _file(settings: Settings) -> Channel:
    _needed(settings, "file", "NOTICES")
    return Folder(Path(settings.notices or ""))


_MAKERS: Mapping[str, Callable[[Settings], Channel]] = {
    "console": lambda settings: Console(),
    "email": _mail,
    "file": _file,
    "notify": _notify,
    "webhook": _webhook,
}
