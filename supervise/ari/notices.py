"""What an agent is told of their supervisor, in a word, a tone or a text."""

from supervise.domain.sessions import orders as o
from supervise.domain.words import Mode

NOTICE_TONE = "sound:beep"
"""Asterisk's own short tone."""


def message_text(name: str, presence: o.Presence, mode: Mode) -> str:
    """The toast on the agent's phone."""
    match presence:
        case o.Presence.ENTERED | o.Presence.CHANGED:
            return f"{name}: {mode} on your call"
        case o.Presence.HID:
            return f"{name}: no longer shown on your call"
        case o.Presence.LEFT:
            return f"{name}: has left your call"


def notice(presence: o.Presence, mode: Mode) -> str:
    """The prompt for an agent's phone."""
    if presence in (o.Presence.HID, o.Presence.LEFT):
        return "notice-left"
    return "notice-entered" if mode is Mode.MONITOR else f"notice-{mode}"
