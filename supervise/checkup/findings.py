"""What the doctor says: each finding with what was seen and the line that changes it."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad it is."""

    ERROR = "error"
    """Supervision does not work, or not safely."""
    WARNING = "warning"
    """It works, but not always or not as well as it could."""
    NOTE = "note"
    """Good to know; nothing to be done now."""
    FINE = "fine"
    """It was looked at, and is as it should be."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        code: a short name for it that does not change.
        level: how bad it is.
        seen: what is so, in a sentence.
        change: the line to change and where, or what to do; empty when there is nothing to do.
    """

    code: str
    level: Level
    seen: str
    change: str = ""


FREEPBX_FILES = {
    "ari.conf": "ari_additional_custom.conf",
    "http.conf": "http_custom.conf",
    "extensions.conf": "extensions_custom.conf",
    "rtp.conf": "rtp_custom.conf",
    "pjsip.conf": "pjsip.endpoint_custom_post.conf",
    "cel.conf": "cel_general_custom.conf",
    "logger.conf": "logger_logfiles_custom.conf",
    "modules.conf": "modules.conf",
    "asterisk.conf": "asterisk.conf",
}
"""The files of an admin's own on FreePBX, which rewrites all others."""


def file_for(file: str, *, freepbx: bool) -> str:
    """The file in which an admin may write what belongs into `file`."""
    return FREEPBX_FILES.get(file, file) if freepbx else file


def worst(findings: tuple[Finding, ...]) -> Level:
    """The worst level among findings."""
    order = list(Level)
    return min((finding.level for finding in findings), key=order.index, default=Level.FINE)
