"""A supervisor with a call, ready for whatever a test lets them do."""

from dataclasses import dataclass

from supervise.lab.callcentre import CallCentre
from supervise.lab.phones.phone import Phone
from supervise.lab.sound import Voice


@dataclass(frozen=True, slots=True)
class Stance:
    """A mode, muted or not, and visible or not, with the keys that lead there from a hidden monitor."""

    name: str
    keys: str
    heard_by: frozenset[str]

    def __str__(self) -> str:
        """Its name, for the test's id."""
        return self.name


MONITOR = Stance("monitor hidden", "", frozenset())
STANCES = (
    MONITOR,
    Stance("monitor visible", "8", frozenset()),
    Stance("coach muted", "85", frozenset()),
    Stance("coach", "851", frozenset({"201"})),
    Stance("barge muted", "86", frozenset()),
    Stance("barge", "861", frozenset({"101", "201"})),
)


@dataclass(frozen=True, slots=True)
class Scene:
    """Three people: a customer and an agent in a call, and a supervisor who monitors it."""

    centre: CallCentre
    customer: Phone
    agent: Phone
    supervisor: Phone

    async def take(self, stance: Stance) -> None:
        """Press the keys that lead to a stance."""
        await self.supervisor.press(stance.keys)

    async def expect(self, stance: Stance) -> None:
        """Wait until exactly the right people hear the supervisor, and everybody else whom they should.

        Twice: who must not hear them may not have heard them before the switch either.
        """
        hearing, both = self.centre.hearing, {Voice.AGENT, Voice.CUSTOMER}
        for _ in range(2):
            await hearing.until(self.customer, **_heard(stance, "101", Voice.AGENT), for_ms=300, within=6)
            await hearing.until(self.agent, **_heard(stance, "201", Voice.CUSTOMER), for_ms=300, within=6)
            await hearing.until(self.supervisor, hears=both, not_hears={Voice.SUPERVISOR}, for_ms=300, within=6)


def _heard(stance: Stance, listener: str, other: Voice) -> dict[str, set[Voice]]:
    heard = {other, Voice.SUPERVISOR} if listener in stance.heard_by else {other}
    return {"hears": heard, "not_hears": {Voice.AGENT, Voice.CUSTOMER, Voice.SUPERVISOR} - heard}


async def scene(centre: CallCentre, *, code: str = "*55", agent: str = "201", supervisor: str = "301") -> Scene:
    """Let a supervisor join a call of an agent with customer 101, and wait until they hear it."""
    customer_phone, agent_phone = await centre.call(agent=agent)
    supervisor_phone = await centre.phone(supervisor)
    await supervisor_phone.dial(f"{code}{agent}")
    both = {Voice.AGENT, Voice.CUSTOMER}
    await centre.hearing.until(supervisor_phone, hears=both, for_ms=200, within=5)
    return Scene(centre, customer_phone, agent_phone, supervisor_phone)
