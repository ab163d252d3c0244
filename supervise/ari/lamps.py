"""Lighting lamps in one Asterisk. Its device states outlive it and us, so what is lit is read first.

A lamp that was never lit is no device for Asterisk: a hint with it is *unavailable*, and so is a queue's member. So the
lamps of every phone are put out once, some at a time.
"""

from supervise.ari.client.client import Ari
from supervise.domain.sessions.lamps import BUSY, RECEIVING, SUPERVISED

AT_A_TIME = 20
"""How many lamps that nobody has seen yet are put out in one go."""


class Lamps:
    """Lights what is to be lit, and puts out the rest of what is ours."""

    def __init__(self, ari: Ari) -> None:
        """Nothing is known yet."""
        self._ari = ari
        self._lit: frozenset[str] | None = None
        self._there: frozenset[str] = frozenset()

    def forget(self) -> None:
        """Know nothing any more: Asterisk may be another one now."""
        self._lit = None

    async def show(self, wanted: frozenset[str], known: frozenset[str] = frozenset()) -> None:
        """Light these and no others; those that are `known` are there, lit or not.

        Raises:
            AriError: it did not work; it is tried again the next time.
        """
        lit = await self._read() if self._lit is None else self._lit
        self._lit = None
        for name in sorted(lit - wanted):
            await self._ari.device_states.update(name, "NOT_INUSE")
        for name in sorted(wanted - lit):
            await self._ari.device_states.update(name, "INUSE")
        for name in sorted(known - self._there - wanted)[:AT_A_TIME]:
            await self._ari.device_states.update(name, "NOT_INUSE")
            self._there |= {name}
        self._lit = wanted

    async def _read(self) -> frozenset[str]:
        states = await self._ari.device_states.list()
        ours = [state for state in states if state.name.startswith((BUSY, RECEIVING, SUPERVISED))]
        self._there = frozenset(state.name for state in ours)
        return frozenset(state.name for state in ours if state.state != "NOT_INUSE")
