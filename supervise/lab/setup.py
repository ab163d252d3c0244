"""Makes ready, once, all that takes long: packages, Asterisk, prompts, recordings."""

import asyncio
from itertools import product
from pathlib import Path
from typing import Final

from supervise.lab.asterisk.finding import find_asterisk
from supervise.lab.asterisk.ways import Way
from supervise.lab.checkout import cache_folder
from supervise.lab.needs import PHONES, ensure
from supervise.lab.phones.phone import Phone
from supervise.lab.progress import Progress
from supervise.lab.sound import Voice, recording

_RATES: Final = (8000, 16000)


def sounds_folder() -> Path:
    """Where the phones' recordings are kept, wherever this is run from."""
    return cache_folder() / "sounds"


async def set_up(progress: Progress) -> Way:
    """Make everything ready, and say how Asterisk is run here.

    Raises:
        LabError: something cannot be had; the message says what to do.
    """
    way = await find_asterisk(cache_folder(), progress)
    await ensure(PHONES, progress)
    async with progress.step("Making the recordings that the phones speak (once)"):
        await asyncio.to_thread(_record)
    return way


def _record() -> None:
    for voice, rate in product((None, *Voice), _RATES):
        recording(voice, rate, Phone.recording_s, sounds_folder())
