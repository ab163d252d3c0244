"""A session that orders what it must not: Asterisk is not asked, the session falls back, and the journal says why."""

from dataclasses import replace

import pytest

from supervise.domain.records import Deed
from supervise.domain.rights.decisions import Rights
from supervise.domain.sessions import happenings as h
from supervise.domain.sessions import orders as o
from supervise.domain.sessions.conduct import advance
from supervise.domain.sessions.session import Session
from supervise.domain.sessions.turn import Step
from supervise.domain.words import Mode
from supervise.floor.running import runner
from tests.support.fake_centre import CUSTOMER, SUPERVISOR, FakeCentre

pytestmark = pytest.mark.unit


def on_the_customer(order: o.Order) -> o.Order:
    """An ear on the wrong channel."""
    return replace(order, on=CUSTOMER) if isinstance(order, o.Make) else order


def with_an_open_mic(order: o.Order) -> o.Order:
    """A microphone that is opened instead of closed."""
    return o.OpenMic() if isinstance(order, o.CloseMic) else order


async def test_an_ear_on_the_customer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Coach would speak to the customer: nobody ever hears it, and the supervisor is back in monitor."""

    def wrong(session: Session, happening: h.Happening, rights: Rights) -> Step:
        after, orders = advance(session, happening, rights)
        return after, tuple(map(on_the_customer, orders) if isinstance(happening, h.MuteAsked) else orders)

    monkeypatch.setattr(runner, "advance", wrong)
    async with FakeCentre() as at:
        at.dial()
        await at.calm()
        at.press("51")
        await at.calm()
        _expect_refused(at, "Make: customer is not the agent's channel")
        assert [session.stance.mode for session in at.floor.lines.sessions()] == [Mode.MONITOR]


async def test_a_microphone_that_is_not_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    """From barge to coach with the microphone open: no tap is put where it would carry too far."""

    def wrong(session: Session, happening: h.Happening, rights: Rights) -> Step:
        after, orders = advance(session, happening, rights)
        return after, tuple(map(with_an_open_mic, orders) if isinstance(happening, h.ModeAsked) else orders)

    async with FakeCentre() as at:
        at.dial("*57201")
        await at.calm()
        at.press("1")
        await at.calm()
        assert SUPERVISOR in at.hearing()[CUSTOMER]
        monkeypatch.setattr(runner, "advance", wrong)
        at.press("4")
        await at.calm()
        _expect_refused(at, f"OpenMic: {sorted(['agent', CUSTOMER])} hear the supervisor")
        assert SUPERVISOR not in at.hearing()[CUSTOMER]


def _expect_refused(at: FakeCentre, why: str) -> None:
    assert why in {record.detail.get("why") for record in at.journal.all(Deed.REFUSED) if record.reason == "guard"}
    assert not at.broken
