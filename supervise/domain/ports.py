"""What the floor needs from the world around it; the edges implement these."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from supervise.domain.calls.calls import CallBook, Channel
from supervise.domain.calls.naming import OurId
from supervise.domain.records import Record
from supervise.domain.rights.decisions import Notice
from supervise.domain.rights.policy import Policy
from supervise.domain.rights.private import Mark
from supervise.domain.sessions.handing import Sent
from supervise.domain.sessions.offering import Asker
from supervise.domain.sessions.orders import CallBack, Order, Presence
from supervise.domain.sessions.seat_music import Music
from supervise.domain.sessions.session import Session
from supervise.domain.words import Mode


class UnrecordedError(Exception):
    """A record could not be made durable, so what it announces must not happen."""


class Journal(Protocol):
    """Keeps records so that they survive a crash."""

    async def write(self, record: Record) -> None:
        """Return when the record is durable.

        Raises:
            UnrecordedError: it is not, and the deed must not be done.
        """

    def note(self, record: Record) -> None:
        """Keep a record of something that happens anyway, and make it durable as soon as that is possible."""

    async def sessions(self, *, since: datetime, agent: str) -> int:
        """How many sessions there were with an agent since a moment, for the limits of the policy."""


@dataclass(frozen=True, slots=True)
class Telling:
    """How to tell the agent.

    Attributes:
        name: the supervisor as people call them.
        endpoint, channel: the agent's PJSIP endpoint, and their channel.
        ways: what to use.
    """

    name: str
    endpoint: str
    channel: str
    ways: frozenset[Notice]


class Figures(Protocol):
    """Counts what the journal's records do not say. None of these waits."""

    def joined(self, seconds: float) -> None:
        """A session has begun, so long after its supervisor had nothing more to do for it."""

    def switched(self, mode: Mode, seconds: float) -> None:
        """A session stands as its supervisor wished it to, so long after the wish."""

    def orphaned(self) -> None:
        """Something of ours was found without a session."""

    def lapsed(self) -> None:
        """A session has ended since nobody renewed its lease."""

    def reconnected(self, node: str) -> None:
        """A node was found again."""


LEASE_SECONDS = 10
"""Asterisk hangs a channel of ours up so long after the last renewal, all by itself. The dialplan sets it first."""


class OrderFailedError(Exception):
    """Asterisk did not carry something out, or nobody knows whether it did."""


class UnreachedError(OrderFailedError):
    """A phone that was rung is not answered.

    Attributes:
        busy: it is busy, or declines.
    """

    def __init__(self, message: str, *, busy: bool) -> None:
        """Say which phone."""
        super().__init__(message)
        self.busy = busy


class OvertakenError(OrderFailedError):
    """An agent who was to be moved has left the call before, by their own transfer: nobody has been moved."""


class GuardedError(OrderFailedError):
    """Asterisk was not asked to: somebody would hear whom they must not, or be left alone."""


class Switchboard(Protocol):
    """One Asterisk, as the floor sees it.

    Attributes:
        node: its name in the settings.
        book: its channels and calls, always up to date.
    """

    node: str
    book: CallBook

    async def carry_out(self, session: Session, order: Order) -> None:
        """Do one thing for a session, unless it would break a promise (`domain.sessions.guard`).

        Raises:
            GuardedError: it would, so Asterisk has not been asked.
            OvertakenError: the agent whom it would have moved has transferred the call.
            OrderFailedError: it was not done, or perhaps it was.
        """

    def silence(self, session: Session) -> None:
        """Take what is in a session's room out of it at once, beside whatever is being carried out for it."""

    async def begin_music(self, session: Session, music: Music) -> None:
        """Let a session see to the music of a hold, with the seat that it has.

        Raises:
            OrderFailedError: it does not, or nobody knows.
        """

    def end_music(self, session: Session, music: Music) -> None:
        """Let it do so no more; best effort, and nobody waits for it."""

    def say(self, session: Session, words: tuple[str, ...], *, after: bool = False) -> None:
        """Let the supervisor hear words over the call, instead of or `after` the ones being said."""

    def tell(self, session: Session, presence: Presence, mode: Mode, ways: Telling) -> None:
        """Tell the agent; best effort."""

    async def say_alone(self, channel: str, words: tuple[str, ...]) -> None:
        """Let a supervisor who is in no room hear words, and return when they have ended. Cancelling cuts them short.

        Raises:
            OrderFailedError: they could not be played.
        """

    async def answer(self, channel: str) -> None:
        """Answer a supervisor's phone.

        Raises:
            OrderFailedError: it was not answered.
        """

    async def ring(self, channel: str, endpoint: str, digits: str) -> None:
        """Ring a supervisor's own phone as channel `channel`; when they pick up it arrives as if it had dialled.

        Raises:
            OrderFailedError: it does not ring.
        """

    async def dismiss(self, channel: str, words: tuple[str, ...]) -> None:
        """Let a supervisor who is in no room hear words, and hang up whatever happens."""

    async def renew(self, channels: Collection[str]) -> None:
        """Renew the lease of channels of ours."""

    async def received(self, channels: Collection[str]) -> Mapping[str, int]:
        """The RTP packets that have come in from each of these channels so far; one without RTP is left out."""

    async def marks(self, channels: Collection[str], variable: str) -> Mapping[str, Mark]:
        """What a channel variable says on each of these channels."""

    async def watch(self, channels: Collection[str]) -> bool:
        """Let the listener be told at once when a variable is set on these channels; whether that works now."""

    async def announce(self, session: str, channels: Collection[str], sound: str) -> None:
        """Play a sound to its end to whoever is on these channels, mixed into what they hear of their call.

        Raises:
            OrderFailedError: somebody did not hear it, or not to its end.
        """

    async def sound_tone(self, session: str, channels: Collection[str], hertz: int, milliseconds: int) -> None:
        """Let whoever is on these channels hear a tone, mixed into what they hear of their call.

        Raises:
            OrderFailedError: somebody did not hear it.
        """

    async def hand_back(self, supervisor: str, endpoint: str) -> None:
        """Call an agent, put them into the call that a supervisor has made their own, and let the supervisor go.

        Raises:
            UnreachedError: they did not answer; the supervisor is still in the call.
            OrderFailedError: it did not work; the supervisor is still in the call.
        """

    async def call_back(self, session: Session, order: CallBack, endpoint: str) -> None:
        """Ring the phone of an agent who was removed; the listener is told when it has ended.

        Raises:
            OrderFailedError: it does not ring, or nobody knows.
        """

    async def remove(self, tap: OurId) -> None:
        """Take down a channel or bridge of ours that belongs to no session."""

    async def let_go(self, channel: str) -> None:
        """Let a channel that has come for a supervisor go on as if we were not there.

        Raises:
            OrderFailedError: nobody knows whether it does; Asterisk lets it go by itself then.
        """

    async def let_in(self, channel: str, sessions: Collection[Session]) -> None:
        """Empty the rooms of these sessions, then let a channel go on that was about to come into their call.

        Raises:
            OrderFailedError: nobody knows whether it goes on; Asterisk lets it go by itself then.
        """

    async def go_on(self, asker: Asker, extension: str) -> None:
        """Let whoever has asked go on in the dialplan to an extension; to none, to wherever they are to go without one.

        Raises:
            OrderFailedError: nobody knows whether it does; Asterisk lets it go by itself then.
        """


class Listener(Protocol):
    """What a switchboard tells the floor. None of these waits."""

    def arrived(self, node: str, channel: Channel, digits: str) -> None:
        """A phone has dialled a feature code."""

    def sent(self, node: str, sent: Sent) -> None:
        """Somebody calls a supervisor who is in a session; perhaps its agent, who hands the call over."""

    def asks(self, node: str, asker: Asker) -> None:
        """An agent asks to whom they can hand their call over, or has sent their customer there."""

    def enters(self, node: str, channel: str, conference: str) -> None:
        """Somebody is about to come into a conference, and waits to be let in."""

    def pressed(self, node: str, channel: str, digit: str) -> None:
        """A supervisor has pressed a key, or an agent who asks."""

    def tap_ready(self, node: str, tap: OurId) -> None:
        """A channel of ours is there."""

    def tap_lost(self, node: str, tap: OurId) -> None:
        """A channel of ours has ended."""

    def supervisor_gone(self, node: str, channel: str) -> None:
        """A supervisor's phone has hung up, or has left our hands."""

    def unreached(self, node: str, channel: str, *, busy: bool) -> None:
        """A phone that was called back into a call has ended, perhaps without having been answered."""

    def marked(self, node: str, channel: str, variable: str) -> None:
        """A variable has been set on a channel that is watched."""

    def calls_moved(self, node: str, channels: Collection[str]) -> None:
        """Who is connected with whom has changed around these channels."""

    def connected(self, node: str) -> None:
        """Asterisk can be seen (again), and the book is what it says now."""

    def disconnected(self, node: str) -> None:
        """Asterisk cannot be seen, and the book is only a memory."""


class Onlooker(Protocol):
    """What a switchboard tells the board. None of these waits."""

    def touched(self, node: str, channels: Collection[Channel]) -> None:
        """Something is another thing than before with or around these channels; they may have gone."""

    def presence_moved(self, node: str, whose: str) -> None:
        """Whether somebody can be reached or wants calls has changed; `whose` endpoint or extension."""

    def all_moved(self, node: str) -> None:
        """Everything may be another thing than before: the node is seen again, or no longer."""

    def marked(self, node: str, channel: str, variable: str) -> None:
        """A variable has been set on a channel that is watched."""


class Secrets(Protocol):
    """Holds PINs against their hashes."""

    async def matches(self, secret: str, known: str | None) -> bool:
        """Whether a PIN is the one of a hash; without a hash it never is, and that takes as long."""


class PolicySource(Protocol):
    """Where the policy in force is."""

    @property
    def policy(self) -> Policy:
        """The policy in force now."""
