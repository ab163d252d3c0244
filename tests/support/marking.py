"""Marks that make a call private, set as a dialplan sets them."""

import time

from supervise.lab.callcentre import CallCentre
from supervise.lab.phones.phone import Phone


async def mark(centre: CallCentre, phone: Phone, value: str) -> int:
    """Let the dialplan set the variable on a phone's channel; when that was done, in ns."""
    channels = (await centre.asterisk.cli("core show channels concise")).splitlines()
    name = next(line.split("!")[0] for line in channels if line.startswith(f"PJSIP/{phone.user}-"))
    await centre.asterisk.cli(f"dialplan set chanvar {name} SUPERVISE_PRIVATE {value}")
    return time.time_ns()
