"""Somebody is about to come into a conference: a supervisor's room is empty before they are let in."""

import pytest

from tests.ari.fake_ari import Status
from tests.support.fake_centre import AGENT, FakeCentre

pytestmark = pytest.mark.unit

THIRD = "third"
"""Goes on in a dialplan that has nothing further for them."""

CONFERENCE = "610"


@pytest.mark.parametrize("fails", [False, True])
@pytest.mark.parametrize("code", ["*55201", "*57201"])
async def test_the_room_is_emptied_before_they_are_let_in(code: str, *, fails: bool) -> None:
    """Who cannot be taken out of it in time is none of theirs: they are let in all the same."""
    async with FakeCentre() as at:
        switch = at.asterisk.switch
        switch.channel(AGENT).dialplan |= {"app_name": "ConfBridge", "app_data": f"{CONFERENCE},,quiet"}
        switch.hold(AGENT, held=False)  # which tells what the dialplan runs
        at.dial(code)
        await at.calm()
        if fails:
            at.asterisk.on("POST", "/removeChannel", Status(500))
        before = len(at.asterisk.paths("POST"))
        switch.new_channel(THIRD, "PJSIP/202-00000004", caller=("Ben", "202"))
        switch.enter_stasis(THIRD, at.asterisk.access.app, "enter", CONFERENCE)
        await at.until(lambda: THIRD not in switch.channels, "let in")
        asked = at.asterisk.paths("POST")[before:]
        steps = [path.rpartition("/")[2].partition("?")[0] for path in asked]
        assert "removeChannel" in steps[: steps.index("continue")]


async def test_where_nobody_supervises() -> None:
    """They are let in without more ado."""
    async with FakeCentre() as at:
        switch = at.asterisk.switch
        switch.new_channel(THIRD, "PJSIP/202-00000004", caller=("Ben", "202"))
        switch.enter_stasis(THIRD, at.asterisk.access.app, "enter", CONFERENCE)
        await at.until(lambda: THIRD not in switch.channels, "let in")
        assert not [path for path in at.asterisk.paths("POST") if "removeChannel" in path]
