"""Many sessions at once."""

import pytest

from supervise.domain.records import Deed
from supervise.domain.sessions.session import Ending
from tests.support.fake_floor import FakeFloor, policy
from tests.support.virtual_time import in_virtual_time

pytestmark = pytest.mark.unit


@in_virtual_time
async def test_two_hundred_calls_that_end_at_once() -> None:
    """A trunk goes down: every session is closed, once, and nothing is left."""
    count = 200
    names = "".join(
        f'  lead{n}: {{role: lead, endpoint: "3{n:03}"}}\n  agent{n}: {{role: agent, endpoint: "2{n:03}"}}\n'
        for n in range(count)
    )
    rule = "{who: lead, may: [monitor, coach, barge], whom: everybody, how: choice}"
    people = f"people:\n{names}roles: {{lead: , agent: }}\n"
    async with FakeFloor(policy(rule, people=people)) as at:
        for n in range(count):
            at.come(f"agent{n}", f"2{n:03}")
            at.come(f"customer{n}", f"1{n:03}")
            at.connect(f"call{n}", f"agent{n}", f"customer{n}")
            at.dial(f"*572{n:03}", f"3{n:03}")
        await at.later(2)
        assert len(at.sessions) == count
        for n in range(count):
            at.leave(f"call{n}", f"agent{n}", f"customer{n}")
        await at.later(2)
        assert at.sessions == []
        assert at.journal.reasons(Deed.CLOSED) == [Ending.CALL_ENDED] * count
        assert len({record.session for record in at.journal.records if record.deed is Deed.CLOSED}) == count
