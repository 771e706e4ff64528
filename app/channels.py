"""How offices are told: by the mail server that is set, else printed."""

from __future__ import annotations

from activities.notifications import Channel, Console, Mail
from app.settings import Settings


def channel_of(settings: Settings) -> Channel:
    """The channel that the settings name."""
    if settings.smtp_host is None:
        return Console()
    return Mail(
        host=settings.smtp_host,
        port=settings.smtp_port,
        sender=settings.mail_from,
        mailboxes=settings.mailboxes,
        tls=settings.smtp_tls,
        username=settings.smtp_username,
        password=settings.smtp_password.get_secret_value() if settings.smtp_password else None,
    )
