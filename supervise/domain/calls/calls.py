"""Which calls there are, folded from what Asterisk tells about channels and bridges.

A *call* is everything that is connected with everything else: channels that share a bridge, and the two halves of a
Local channel. So it does not matter whether Dial(), Queue(), a conference or a forwarded leg made it. Our own
channels and bridges connect nothing: a supervisor is never a party of the call they listen to.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from supervise.domain.calls.naming import is_ours

_LOCAL = "Local/"

HELD = "held"
"""The argument of Stasis with which an agent on hold is in our application."""

_NOBODY = frozenset({"Local", "Snoop", "Announcer", "Recorder", "CBAnn", "CBRec"})
"""Technologies of channels at whose end is no person: halves, taps, and what Asterisk plays and records with."""


class Place(StrEnum):
    """What kind of place a bridge is."""

    OPEN = "open"
    """Its members hear each other, and a seat may come in."""
    APPLICATION = "application"
    """Of another ARI application: its members hear each other, and nobody else can put anybody in."""
    WAITING = "waiting"
    """A holding bridge, as parking has one for all who are parked: its members hear music and not each other."""


@dataclass(frozen=True, slots=True)
class Channel:
    """One channel of an Asterisk.

    Attributes:
        id, name: as Asterisk has them.
        up: it has been answered.
        number, display_name: who is at the other end of it, as its caller id says; never an identity.
        created: an ISO 8601 time with a fixed form, so that text order is time order.
        app: the dialplan application and its data, joined by a space.
        held: this party has put the others on hold.
        music: the class of music that it wants them to hear, if it wants one.
    """

    id: str
    name: str
    up: bool = False
    number: str = ""
    display_name: str = ""
    created: str = ""
    app: str = ""
    held: bool = False
    music: str = ""

    @property
    def technology(self) -> str:
        """What stands before the slash of the name: PJSIP, Local, Snoop."""
        return self.name.partition("/")[0]

    @property
    def endpoint(self) -> str:
        """The PJSIP endpoint, which is who the phone has proved to be; empty for any other channel.

        The name is ``PJSIP/<endpoint>-<8 hex digits>`` (``chan_pjsip_new`` in ``channels/chan_pjsip.c``); an
        endpoint's own name may hold a dash, so it is read from the right.
        """
        return self.name.removeprefix("PJSIP/").rpartition("-")[0] if self.technology == "PJSIP" else ""

    @property
    def put_on_hold(self) -> bool:
        """Whether this is an agent whom a supervisor has put on hold (``extensions_supervise.conf``)."""
        return self.app.startswith("Stasis ") and self.app.endswith(f",{HELD}")

    @property
    def conference(self) -> str:
        """The conference that it is in by ``ConfBridge()``, as the dialplan names it; empty for none."""
        application, _, data = self.app.partition(" ")
        return data.partition(",")[0] if application == "ConfBridge" else ""

    @property
    def speaks(self) -> bool:
        """Whether there may be a person at its end."""
        return self.technology not in _NOBODY

    @property
    def tapped(self) -> str:
        """The id of the channel that a Snoop channel is on, empty for any other channel.

        The name is ``Snoop/<id>-<8 hex digits>`` (``res/res_stasis_snoop.c``).
        """
        return self.name.removeprefix("Snoop/").rpartition("-")[0] if self.technology == "Snoop" else ""

    @property
    def other_half(self) -> str:
        """The name of a Local channel's other half, empty for any other channel."""
        if not self.name.startswith(_LOCAL):
            return ""
        stem, _, half = self.name.rpartition(";")
        return f"{stem};{'2' if half == '1' else '1'}"


@dataclass(frozen=True, slots=True)
class Call:
    """People who are connected now, the longest there first."""

    id: str
    parties: tuple[Channel, ...]

    def others(self, channel: str) -> tuple[Channel, ...]:
        """All parties but one."""
        return tuple(party for party in self.parties if party.id != channel)

    @property
    def on_hold(self) -> bool:
        """Whether one of the parties has put the others on hold."""
        return any(party.held for party in self.parties)


class CallBook:
    """The channels and bridges of one Asterisk, and the calls they make."""

    def __init__(self) -> None:
        """Begin with an empty book."""
        self._channels: dict[str, Channel] = {}
        self._ids_by_name: dict[str, str] = {}
        self._ids_by_endpoint: defaultdict[str, set[str]] = defaultdict(set)
        self._members: defaultdict[str, set[str]] = defaultdict(set)
        self._bridges: defaultdict[str, set[str]] = defaultdict(set)
        self._places: dict[str, Place] = {}

    def __len__(self) -> int:
        """How many channels the book knows."""
        return len(self._channels)

    def clear(self) -> None:
        """Forget everything, before it is read again."""
        self._places.clear()
        for table in (self._channels, self._ids_by_name, self._ids_by_endpoint, self._members, self._bridges):
            table.clear()

    def see(self, channel: Channel) -> None:
        """Take in what Asterisk says of a channel now; whether it holds is told apart from that and is kept."""
        known = self._channels.get(channel.id)
        if known is not None:
            channel = replace(channel, held=known.held, music=known.music)
            self._unname(known)
        self._channels[channel.id] = channel
        self._ids_by_name[channel.name] = channel.id
        if channel.endpoint:
            self._ids_by_endpoint[channel.endpoint].add(channel.id)

    def hold(self, channel: str, *, held: bool, music: str = "") -> None:
        """A party has put the others on hold, or come back."""
        known = self._channels.get(channel)
        if known is not None:
            self._channels[channel] = replace(known, held=held, music=music)

    def gone(self, channel: str) -> None:
        """A channel has ended."""
        known = self._channels.pop(channel, None)
        if known is None:
            return
        self._unname(known)
        for bridge in tuple(self._bridges.get(channel, ())):
            self.left(bridge, channel)

    def opened(self, bridge: str, place: Place = Place.OPEN) -> None:
        """A bridge exists; whoever is in it stays in it."""
        self._members[bridge] = self._members.get(bridge, set())
        if place is not Place.OPEN:
            self._places[bridge] = place

    def entered(self, bridge: str, channel: str) -> None:
        """A channel has entered a bridge."""
        self._members[bridge].add(channel)
        self._bridges[channel].add(bridge)

    def left(self, bridge: str, channel: str) -> None:
        """A channel has left a bridge."""
        self._members.get(bridge, set()).discard(channel)
        _drop(self._bridges, channel, bridge)

    def bridge_gone(self, bridge: str) -> None:
        """A bridge has ended."""
        for channel in tuple(self._members.get(bridge, ())):
            self.left(bridge, channel)
        self._members.pop(bridge, None)
        self._places.pop(bridge, None)

    def channel(self, id_: str) -> Channel | None:
        """A channel by its id."""
        return self._channels.get(id_)

    def channels(self) -> Iterator[Channel]:
        """Every channel."""
        return iter(self._channels.values())

    def half_of(self, channel: str) -> str:
        """The other half of a Local channel, empty where there is none."""
        known = self._channels.get(channel)
        return self._ids_by_name.get(known.other_half, "") if known is not None else ""

    def bridges_of(self, channel: str) -> frozenset[str]:
        """The bridges that a channel is in; more than one only for a moment, while it moves."""
        return frozenset(self._bridges.get(channel, ()))

    def talking_in(self, channel: str) -> frozenset[str]:
        """The bridges in which a channel hears the other members."""
        return frozenset(b for b in self._bridges.get(channel, ()) if self._places.get(b) is not Place.WAITING)

    def is_elsewhere(self, channel: str) -> bool:
        """Whether a channel is in a bridge of another ARI application."""
        bridges = (bridge for bridge in self._bridges.get(channel, ()) if not is_ours(bridge))
        return any(self._places.get(bridge) is Place.APPLICATION for bridge in bridges)

    def members_of(self, bridge: str) -> frozenset[str]:
        """The channels in a bridge."""
        return frozenset(self._members.get(bridge, ()))

    def all_bridges(self) -> Iterator[str]:
        """Every bridge."""
        return iter(self._members)

    def call_of(self, channel: str, least: int = 2) -> Call | None:
        """The call that a channel is in, if it is talking to anybody: if there are at `least` so many parties."""
        parties = [self._channels[id_] for id_ in self.connected(channel) if id_ in self._channels]
        people = sorted((party for party in parties if party.speaks), key=_age)
        return Call(people[0].id, tuple(people)) if len(people) >= max(least, 1) else None

    def connected(self, channel: str) -> frozenset[str]:
        """Every channel that a channel is connected with, itself included; never one of ours."""
        seen, waiting = {channel}, [channel]
        while waiting:
            for neighbour in self._neighbours(waiting.pop()):
                if neighbour not in seen and not is_ours(neighbour):
                    seen.add(neighbour)
                    waiting.append(neighbour)
        return frozenset(seen)

    def conferences_of(self, channel: str) -> frozenset[str]:
        """The conferences that the call of a channel is."""
        around = (self._channels.get(id_) for id_ in self.connected(channel))
        return frozenset(each.conference for each in around if each is not None and each.conference)

    def calls_at(self, endpoint: str) -> tuple[tuple[Channel, Call], ...]:
        """The calls that an endpoint's phone is in, each with the phone's own channel in it, oldest first."""
        mine = sorted((self._channels[id_] for id_ in self._ids_by_endpoint.get(endpoint, ())), key=_age)
        found = ((channel, self.call_of(channel.id)) for channel in mine)
        return tuple((channel, call) for channel, call in found if call is not None)

    def channels_at(self, endpoint: str) -> tuple[Channel, ...]:
        """The channels of an endpoint's phone, in a call or not."""
        return tuple(self._channels[id_] for id_ in sorted(self._ids_by_endpoint.get(endpoint, ())))

    def _neighbours(self, channel: str) -> Iterable[str]:
        for bridge in self.talking_in(channel):
            if not is_ours(bridge):
                yield from self._members[bridge]
        half = self.half_of(channel)
        if half:
            yield half

    def _unname(self, channel: Channel) -> None:
        if self._ids_by_name.get(channel.name) == channel.id:
            del self._ids_by_name[channel.name]
        if channel.endpoint:
            _drop(self._ids_by_endpoint, channel.endpoint, channel.id)


def _age(channel: Channel) -> tuple[str, str]:
    return channel.created, channel.id


def _drop(table: defaultdict[str, set[str]], key: str, value: str) -> None:
    """Take a value out of a table of sets, and the set when it is empty, so that the table does not grow."""
    values = table.get(key)
    if values is None:
        return
    values.discard(value)
    if not values:
        del table[key]
