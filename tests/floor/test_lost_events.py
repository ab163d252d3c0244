"""What lost, doubled and late events, and a lost connection, do to a session."""

import asyncio

import pytest

from supervise.ari import switchboard
from supervise.domain.records import Deed
from supervise.domain.sessions.session import Stance
from supervise.domain.words import Mode
from supervise.floor import nodes, rounds
from tests.support.fake_centre import AGENT, CUSTOMER, SUPERVISOR, FakeCentre

pytestmark = pytest.mark.unit


async def monitoring(centre: FakeCentre) -> None:
    """Let the supervisor monitor the call."""
    centre.dial()
    await centre.calm()


def _stance(centre: FakeCentre) -> Stance:
    return next(centre.floor.lines.sessions()).stance


async def lose(centre: FakeCentre, deed: str) -> None:
    """Let something happen of which no event is told."""
    fake = centre.asterisk
    fake.hold_events()
    fake.switch.hang_up(deed)
    fake.flush([])


async def test_a_lost_hang_up_of_the_agent_is_found() -> None:
    """The reconcile pass ends a session whose agent has gone without an event."""
    async with FakeCentre() as centre:
        await monitoring(centre)
        await lose(centre, AGENT)
        assert list(centre.floor.lines.sessions())
        await centre.floor.rounds.reconcile()
        await centre.until(lambda: not centre.left(), "cleaned up")
        assert centre.journal.all(Deed.CLOSED)[0].reason == "call-ended"


async def test_a_lost_hang_up_of_the_supervisor_is_found() -> None:
    """The same for a supervisor's phone."""
    async with FakeCentre() as centre:
        await monitoring(centre)
        await lose(centre, SUPERVISOR)
        await centre.floor.rounds.reconcile()
        await centre.until(lambda: not centre.left(), "cleaned up")
        assert centre.journal.all(Deed.CLOSED)[0].reason == "supervisor-gone"


async def test_a_lost_end_of_an_ear_is_found() -> None:
    """An ear that has gone without an event is made anew."""
    async with FakeCentre() as centre:
        await monitoring(centre)
        ear = next(name for name in centre.left() if "-ear-" in name)
        await lose(centre, ear)
        await centre.floor.rounds.reconcile()
        await centre.calm()
        assert centre.hearing()[SUPERVISOR] == {AGENT, CUSTOMER}


async def test_one_difference_proves_nothing() -> None:
    """A difference that is gone at the second reading was only an event on its way."""
    async with FakeCentre() as centre:
        await monitoring(centre)
        fake = centre.asterisk
        fake.hold_events()
        fake.switch.new_channel("late", "PJSIP/102-00000009")
        pass_ = asyncio.create_task(centre.floor.rounds.reconcile())
        fake.flush()
        await pass_
        assert centre.board.book.channel("late") is not None
        assert list(centre.floor.lines.sessions())


async def test_an_orphan_is_taken_down_and_foreign_things_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    """Something of ours without a session goes; what only looks a little like ours stays."""
    monkeypatch.setattr(rounds, "ORPHAN_SECONDS", 0.05)
    async with FakeCentre() as centre:
        switch = centre.asterisk.switch
        orphan = f"sv-ear-{'a' * 32}-000001"
        switch.new_snoop(AGENT, orphan, "both", "none")
        switch.new_snoop(AGENT, "sv-ear-of-somebody-else", "both", "none")
        await centre.until(lambda: centre.board.book.channel(orphan) is not None, "seen")
        await centre.floor.rounds.reconcile()
        await centre.until(lambda: orphan not in switch.channels, "taken down")
        assert "sv-ear-of-somebody-else" in switch.channels


async def test_events_twice_change_nothing() -> None:
    """Every event of a session's life told twice gives the same life."""
    async with FakeCentre() as centre:
        emit = centre.asterisk.switch._tell
        centre.asterisk.switch._tell = lambda event: (emit(event), emit(event))  # type: ignore[assignment]  # the point of the test
        await monitoring(centre)
        centre.press("5")
        await centre.until(lambda: _stance(centre) == Stance(Mode.COACH), "coaching")
        centre.press("1")
        await centre.until(lambda: _stance(centre) == Stance(Mode.COACH, muted=False), "heard")
        assert len(centre.journal.all(Deed.MODE)) == 1
        assert centre.broken == []


async def test_a_short_loss_of_the_connection_is_borne() -> None:
    """A websocket that comes back in time leaves the session as it is."""
    async with FakeCentre() as centre:
        await monitoring(centre)
        await centre.asterisk.cut(fin=False)
        await centre.until(lambda: centre.asterisk.connections > 1, "connected again")
        centre.press("5")
        await centre.calm()
        assert [record.mode for record in centre.journal.all(Deed.MODE)] == [Mode.COACH]


async def test_a_long_loss_of_the_connection_ends_every_session(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who cannot see what happens lets nobody listen."""
    monkeypatch.setattr(nodes, "BLIND_SECONDS", 0.2)
    monkeypatch.setattr(switchboard, "LAST_WORDS_SECONDS", 0.2)
    async with FakeCentre() as centre:
        await monitoring(centre)
        centre.asterisk.refuse = 503
        await centre.asterisk.cut(fin=False)
        await centre.until(lambda: bool(centre.journal.all(Deed.CLOSED)), "closed")
        assert centre.journal.all(Deed.CLOSED)[0].reason == "blind"
        await centre.until(lambda: not centre.left(), "cleaned up")


async def test_what_happened_while_nobody_looked_is_found_on_return(monkeypatch: pytest.MonkeyPatch) -> None:
    """An agent who hung up during the loss ends the session as soon as Asterisk can be seen again."""
    monkeypatch.setattr(switchboard, "LAST_WORDS_SECONDS", 0.2)
    async with FakeCentre() as centre:
        await monitoring(centre)
        centre.asterisk.refuse = 503
        await centre.asterisk.cut(fin=False)
        centre.asterisk.switch.hang_up(AGENT)
        centre.asterisk.refuse = None
        await centre.until(lambda: bool(centre.journal.all(Deed.CLOSED)), "closed")
        assert centre.journal.all(Deed.CLOSED)[0].reason == "call-ended"
        await centre.until(lambda: not centre.left(), "cleaned up")


async def test_a_phone_found_at_the_start_is_taken_up_in_monitor() -> None:
    """After a restart the phone of a barge is supervising again, in the least mode, and the old room has gone."""
    async with FakeCentre() as centre:
        fake = centre.asterisk
        room = f"sv-room-{'b' * 32}-000000"
        fake.hold_events()
        centre.dial("*57201")
        fake.switch.new_bridge(room)
        fake.switch.enter(room, SUPERVISOR)
        fake.flush([])
        await fake.cut(fin=False)
        await centre.until(lambda: bool(list(centre.floor.lines.sessions())), "taken up")
        await centre.calm()
        assert next(centre.floor.lines.sessions()).stance.mode is Mode.MONITOR
        assert room not in fake.switch.bridges
        assert centre.hearing()[SUPERVISOR] == {AGENT, CUSTOMER}
