"""Somebody who is on hold keeps their music when a tap comes to their call.

Asterisk passes the packets of two phones on in a bridge of its own kind (`native_rtp`), until one of the two has a tap.
Then it changes to a `simple_bridge`, which begins by telling whoever is on hold that they are not
(``simple_bridge_join``), and their music ends; ChanSpy does the same. So before the first tap the change is brought
about by a few lines of ``supervise-music`` in ``extensions_supervise.conf``, which meanwhile keep that from reaching
the one who is on hold. Afterwards the bridge stays as it is, and a tap changes nothing. See docs/decisions/0010.
"""

import asyncio
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import structlog

from supervise.ari.client.client import Ari
from supervise.ari.client.errors import AriError, NotFoundError, RefusedError
from supervise.domain.calls.calls import CallBook
from supervise.domain.calls.naming import Kind, OurId, is_ours

NATIVE = "native_rtp"
"""The technology of a bridge that a tap would change."""

LOOK_SECONDS, LOOKS = 0.005, 40
"""Between two looks, and how many there are; the change takes 5 to 20 ms. The dialplan itself goes on after 0.5 s."""

TOLD_LOOKS = 12
"""How often to look whether somebody knows that they are off hold; they are told within a few milliseconds."""

PATIENCE = 1.0
"""Seconds until the lines that keep the music must have ended."""

_PAIR = 2
"""So many talk to each other in an ordinary call."""

_CONTEXT = "supervise-music"

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Keeping:
    """One change of a bridge.

    Attributes:
        unheld: somebody in it has been taken off hold meanwhile, of which the other may not have heard.
    """

    bridge: str
    over: asyncio.Event = field(default_factory=asyncio.Event)
    unheld: bool = False


class HoldMusic:
    """Keeps the music of those who are on hold in one Asterisk."""

    def __init__(self, ari: Ari, book: CallBook) -> None:
        """Work over `ari`; `book` knows who is in which bridge, and who holds."""
        self._ari = ari
        self._book = book
        self._unknown: frozenset[str] = frozenset()
        self._keeping: dict[str, _Keeping] = {}
        self._lock = asyncio.Lock()

    # --- events

    def connected(self) -> None:
        """Everything has been read anew: of those who were there already nobody knows whether they hold."""
        self._unknown = frozenset(channel.id for channel in self._book.channels())

    def ended(self, channel: str) -> None:
        """A channel is no more."""
        self._unknown -= {channel}
        if channel in self._keeping:
            self._keeping[channel].over.set()

    def unheld(self, channel: str) -> None:
        """Somebody holds no more."""
        for keeping in self._keeping.values():
            keeping.unheld |= keeping.bridge in self._book.bridges_of(channel)

    # --- before a tap

    async def keep(self, channel: str) -> None:
        """Let a tap on this channel end nobody's music; a tap is made also where that does not work."""
        try:
            for bridge in sorted(self._book.talking_in(channel)):
                await self._keep(bridge)
        except (AriError, TimeoutError) as error:
            log.warning("music.not-kept", channel=channel, error=str(error))

    async def _keep(self, bridge: str) -> None:
        """In a bridge of more than two nobody has music."""
        members = self._book.members_of(bridge)
        suspects = sorted(member for member in members if self._may_be_held(member, members - {member}))
        if is_ours(bridge) or len(members) != _PAIR or not suspects:
            return
        async with self._lock:
            if (await self._ari.bridges.get(bridge)).technology != NATIVE:
                return
            for member in suspects:
                if await self._is_on_hold(member):
                    await self._change(bridge, member)

    def _may_be_held(self, channel: str, others: frozenset[str]) -> bool:
        known = (self._book.channel(other) for other in others)
        return channel in self._unknown or any(other is not None and other.held for other in known)

    async def _is_on_hold(self, channel: str) -> bool:
        """Whether Asterisk has them on hold; who has gone is not."""
        with suppress(NotFoundError):
            return await self._ari.channels.get_channel_var(channel, "CHANNEL(onhold)") == "1"
        return False

    async def _change(self, bridge: str, held: str) -> None:
        """Let the bridge become the one that a tap would make of it, without the one on hold being told."""
        with self._kept(bridge) as (errand, keeping):
            await self._begin(errand, held, "keep")
            await self._until_changed(bridge)
            with suppress(NotFoundError):
                await self._ari.channels.hangup(str(errand))
            await asyncio.wait_for(keeping.over.wait(), PATIENCE)
        if keeping.unheld:
            await self._make_up(held)

    @contextmanager
    def _kept(self, bridge: str) -> Iterator[tuple[OurId, _Keeping]]:
        """The far half is the one that runs the lines: with its end all is taken back."""
        errand = OurId(Kind.MOVER, secrets.token_hex(16), 0)
        keeping = self._keeping[str(errand.far)] = _Keeping(bridge)
        try:
            yield errand, keeping
        finally:
            del self._keeping[str(errand.far)]

    async def _begin(self, errand: OurId, held: str, extension: str) -> None:
        known = self._book.channel(held)
        if known is None:
            raise NotFoundError("GET", "/channels", "who is on hold has gone", 404)
        await self._ari.channels.originate_with_id(
            str(errand),
            f"Local/{extension}@{_CONTEXT}/n",
            context=_CONTEXT,
            extension="beside",
            other_channel_id=str(errand.far),
            variables={"SUPERVISE_TARGET": known.name, "CDR_PROP(disable)": "1"},
        )

    async def _until_changed(self, bridge: str) -> None:
        for _ in range(LOOKS):
            try:
                if (await self._ari.bridges.get(bridge)).technology != NATIVE:
                    return
            except RefusedError:
                return
            await asyncio.sleep(LOOK_SECONDS)
        log.warning("music.unchanged", bridge=bridge, help="the music may end: is the module func_frame_drop loaded?")

    async def _make_up(self, held: str) -> None:
        """Let somebody know that they are off hold, if that was kept from them too: a third member changes the bridge.

        It costs the call up to three frames, and is needed where a hold ends within these few milliseconds.
        """
        for _ in range(TOLD_LOOKS):
            if not await self._is_on_hold(held):
                return
            await asyncio.sleep(LOOK_SECONDS)
        log.info("music.made-up", channel=held)
        await self._begin(OurId(Kind.MOVER, secrets.token_hex(16), 0), held, "tell")
