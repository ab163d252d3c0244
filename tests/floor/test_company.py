"""Supervisors of one call are told of each other, each as far as the policy lets them know."""

import pytest

from tests.support.fake_floor import ALL, PEOPLE, FakeFloor, policy
from tests.support.virtual_time import in_virtual_time

pytestmark = pytest.mark.unit

NAMED = PEOPLE.replace('endpoint: "302"', 'endpoint: "302", extension: 302')
SEES = ALL.replace("barge]", "barge, see-hidden]").replace("who: lead", "who: chief")
CHIEF = NAMED.replace("hilda: {role: lead", "hilda: {role: chief").replace("{lead: ,", "{lead: , chief: ,")


def two() -> FakeFloor:
    """A floor where Hilda (301) and Sven (302) may both be with Anna."""
    return FakeFloor(policy(ALL, people=NAMED))


async def heard(at: FakeFloor, phone: str, key: str) -> list[str]:
    """Everything that is said because of a key."""
    at.board.story.clear()
    at.press(phone, key)
    await at.later()
    return at.board.words


@in_virtual_time
async def test_a_visible_one_is_told_to_all() -> None:
    """When they become visible, change their mode, hide and leave; and to whoever comes later."""
    async with two() as at:
        await at.session(endpoint="301")
        sven = await at.session(endpoint="302")
        assert "has-joined" not in at.board.words
        assert await heard(at, sven, "8") == ["supervisor", "digits:302", "has-joined", "monitor", "visible"]
        words = await heard(at, sven, "5")
        assert sorted(words) == sorted(["supervisor", "digits:302", "coach", "coach", "unmuted"])
        assert "has-left" in await heard(at, sven, "7")
        await heard(at, sven, "8")
        assert "has-left" in await heard(at, sven, "*")


@in_virtual_time
async def test_who_comes_is_told_who_is_there() -> None:
    """With the mode that they are in; of a hidden one nothing."""
    async with two() as at:
        sven = await at.session("*56201", endpoint="302")
        at.board.story.clear()
        await at.session(endpoint="301")
        assert at.board.words == ["monitor"]
        hilda = at.sessions[1].supervisor.channel
        at.press(hilda, "*")
        at.press(sven, "8")
        await at.later(1)
        at.board.story.clear()
        await at.session(endpoint="301")
        assert [word for word in at.board.words if word != "monitor"] == ["supervisor", "digits:302", "coach"]


@in_virtual_time
async def test_a_hidden_one_is_told_to_whom_the_policy_lets_know_of_the_hidden() -> None:
    """Hilda may, and so hears of Sven; Sven may not, and hears nothing of Hilda."""
    async with FakeFloor(policy(ALL, SEES, people=CHIEF)) as at:
        hilda = await at.session(endpoint="301")
        at.board.story.clear()
        sven = await at.session(endpoint="302")
        assert at.board.words.count("has-joined") == 1
        assert "supervisor" in await heard(at, sven, "5")
        assert "supervisor" not in await heard(at, hilda, "5")
        assert "supervisor" in await heard(at, hilda, "2")
        assert "supervisor" not in await heard(at, sven, "2")


@in_virtual_time
async def test_another_calls_supervisors_are_no_company() -> None:
    """Of whoever is with another call nothing is said."""
    async with two() as at:
        hilda = await at.session(endpoint="301")
        at.come("ben", "202")
        at.come("other", "102")
        at.connect("another", "ben", "other")
        sven = await at.session("*55202", endpoint="302")
        assert await heard(at, sven, "8") == ["visible"]
        assert "supervisor" not in await heard(at, hilda, "2")
