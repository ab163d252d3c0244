"""Snoop channels over which one person alone hears something, mixed into what they are sent."""

import asyncio
from dataclasses import dataclass

from supervise.ari.client.client import Ari
from supervise.ari.client.expected import Expected
from supervise.domain.calls.naming import OurId

START_PATIENCE = 1.0
"""Seconds until a Snoop channel is there; it takes 3 to 25 ms."""


@dataclass(frozen=True, slots=True)
class Whispers:
    """Makes them in one Asterisk; whoever reads its events tells `expected` of those that are there."""

    ari: Ari
    expected: Expected

    async def open(self, listener: str, through: OurId, lease: int) -> None:
        """Have one on the channel of a listener, which Asterisk ends by itself after the seconds of `lease`.

        Raises:
            AriError, TimeoutError: it is not there, or nobody knows; it is to be ended all the same.
        """
        name, channels = str(through), self.ari.channels
        with self.expected.expecting(name) as started:
            await channels.snoop_channel_with_id(listener, name, spy="none", whisper="out", app_args=through.kind)
            await asyncio.wait_for(started, START_PATIENCE)
        await channels.set_channel_var(name, "TIMEOUT(absolute)", str(lease))
        await channels.set_channel_var(name, "CDR_PROP(disable)", "1")
