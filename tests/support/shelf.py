"""Call centres that tests have left as they found them, for the next test with the same plan.

To start an Asterisk and a controller costs two seconds of a processor; most tests would be shorter than that.
"""

from dataclasses import dataclass
from typing import Self

from supervise.lab.asterisk import Way
from supervise.lab.callcentre import CallCentre, Plan
from supervise.lab.errors import AsteriskError, ControllerError
from tests.support.ledger import until_none_is_open
from tests.support.ruling import put_in_force
from tests.support.warm import Warm
from tests.support.witness import signed_in

_KEPT = 2
"""One for the plan of a module and one for the plan of most; each costs memory, and a little of every second."""


@dataclass(frozen=True, slots=True)
class _Make:
    """What a call centre is made of; one of which a test has exchanged a part is not for the next."""

    asterisk: int
    controller: int

    @classmethod
    def of(cls, centre: CallCentre) -> Self | None:
        """What it is made of now; nothing when a part of it does not run."""
        try:
            return cls(centre.asterisk.pid, centre.controller.pid)
        except (AsteriskError, ControllerError):
            return None


class Shelf:
    """Where call centres wait for the next test."""

    def __init__(self, warm: Warm) -> None:
        """Nothing runs yet; controllers are to be forked from this process."""
        self._warm = warm
        self._centres: dict[CallCentre, tuple[Way, _Make | None]] = {}

    async def take(self, way: Way, plan: Plan) -> CallCentre:
        """A call centre with this plan: one that waits, or a new one."""
        found = next((each for each, (its, _) in self._centres.items() if (its, each.plan) == (way, plan)), None)
        if found is not None:
            self._centres[found] = self._centres.pop(found)
            return found
        while len(self._centres) >= _KEPT:
            await self.throw_away(next(iter(self._centres)))
        centre = CallCentre(way, plan)
        centre.launch = self._warm.launch
        await centre.__aenter__()
        self._centres[centre] = (way, _Make.of(centre))
        return centre

    async def put_back(self, centre: CallCentre) -> None:
        """Keep a call centre that is as it was made, and in which no phone and no session is left."""
        if self._centres[centre][1] != _Make.of(centre) or not await _has_its_policy(centre):
            await self.throw_away(centre)
            return
        await until_none_is_open(centre)
        await centre.begin_anew()
        if await signed_in(centre):
            await self.throw_away(centre)

    async def throw_away(self, centre: CallCentre) -> None:
        """End a call centre that nobody is to have any more."""
        del self._centres[centre]
        await centre.__aexit__(None, None, None)

    async def clear(self) -> None:
        """End all that wait."""
        for centre in list(self._centres):
            await self.throw_away(centre)

    async def close(self) -> None:
        """The same, and nothing more can be taken."""
        await self.clear()
        self._warm.close()


async def _has_its_policy(centre: CallCentre) -> bool:
    """Whether the plan's policy is in force; one that a test has put in its place is taken back."""
    try:
        if centre.controller.policy.read_text() != centre.plan.policy:
            await put_in_force(centre, centre.plan.policy)
    except (ControllerError, OSError):
        return False
    return True
