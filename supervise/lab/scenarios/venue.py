"""Where a scenario is played: a call centre on this machine, or one that somebody else has brought up."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from supervise import __version__
from supervise.ari import Access
from supervise.lab.callcentre import SECRET, CallCentre
from supervise.lab.errors import LabError
from supervise.lab.hearing import Hearing
from supervise.lab.phones.crowd import Surroundings
from supervise.lab.phones.phone import Phone
from supervise.lab.scenarios.schema import PhonePart
from supervise.lab.sound import Voice
from supervise.lab.wire.rtp import Address
from supervise.lab.wire.sniffer import Sniffer


class Venue(Protocol):
    """What a scenario needs."""

    @property
    def hearing(self) -> Hearing:
        """Listens in the phones' stead."""

    @property
    def sniffer(self) -> Sniffer:
        """Has the packets."""

    @property
    def asterisks(self) -> Mapping[Address, str]:
        """What to call each Asterisk, by its SIP address."""

    @property
    def journal(self) -> str:
        """The journal, as a controller's settings name it."""

    @property
    def versions(self) -> Mapping[str, str]:
        """Of everything that takes part."""

    @property
    def nodes(self) -> Sequence[Access]:
        """Every Asterisk, under a name of our own: the controller has the application."""

    @property
    def surroundings(self) -> Surroundings:
        """Where a crowd would be."""

    async def phone(self, part: PhonePart, voice: Voice | None) -> Phone:
        """Sign a phone in."""

    def on_a_call(self) -> frozenset[str]:
        """Whom the board shows in a call, by the policy's names."""

    async def change_policy(self, text: str) -> None:
        """Put another policy in force; back as soon as it stands where the controller finds it."""

    async def to_controller(self, deed: str) -> None:
        """Kill, start, freeze or thaw the controller."""

    async def restart_asterisk(self) -> None:
        """Kill Asterisk and start it again."""

    async def to_network(self, deed: str) -> None:
        """Cut the controller off from everything else, or heal that."""


class LocalVenue:
    """A `CallCentre` of this machine."""

    def __init__(self, centre: CallCentre) -> None:
        """`centre` runs already."""
        self._centre = centre

    @property
    def hearing(self) -> Hearing:
        """Listens in the phones' stead."""
        return self._centre.hearing

    @property
    def sniffer(self) -> Sniffer:
        """Has the packets."""
        return self._centre.sniffer

    @property
    def asterisks(self) -> Mapping[Address, str]:
        """What to call the one that there is."""
        return {self._centre.asterisk.sip: "Asterisk"}

    @property
    def journal(self) -> str:
        """The journal, as the controller's settings name it."""
        return str(self._centre.controller.journal)

    @property
    def versions(self) -> Mapping[str, str]:
        """Of everything that takes part."""
        return {"supervise": __version__, "Asterisk": self._centre.asterisk.version}

    @property
    def nodes(self) -> Sequence[Access]:
        """The one Asterisk."""
        asterisk = self._centre.asterisk
        return (Access("pbx", asterisk.ari_url, *asterisk.witness, "supervise-crowd"),)

    @property
    def surroundings(self) -> Surroundings:
        """Where a crowd would be."""
        sip = self._centre.asterisk.sip
        return Surroundings(sip, sip[0], self.nodes[0], SECRET)

    async def phone(self, part: PhonePart, voice: Voice | None) -> Phone:
        """Sign a phone in."""
        if part.node is not None:
            raise LabError("there is one Asterisk here; several are in containers: make harness SITUATIONS=two-nodes")
        return await self._centre.phone(part.user, voice, answers=part.answers, silent=part.silent)

    def on_a_call(self) -> frozenset[str]:
        """Not here: the controller of a scenario serves no board."""
        raise LabError("the board is looked at in containers only: make harness")

    async def change_policy(self, text: str) -> None:
        """Put another policy in force; the controller watches the file."""
        replace_file(self._centre.controller.policy, text)

    async def to_controller(self, deed: str) -> None:
        """Kill, start, freeze or thaw the controller."""
        controller = self._centre.controller
        match deed:
            case "kill":
                await controller.kill()
            case "start":
                await controller.start()
            case "freeze":
                controller.freeze()
            case "thaw":
                controller.thaw()
            case _:
                raise LabError(f"nobody knows how to {deed} a controller")

    async def restart_asterisk(self) -> None:
        """Kill Asterisk and start it again."""
        await self._centre.asterisk.kill()
        await self._centre.asterisk.restart()

    async def to_network(self, deed: str) -> None:
        """Not here: everything is on loopback."""
        raise LabError(f"the network is {deed} in containers only: make harness SITUATIONS=cut")


def replace_file(file: Path, text: str) -> None:
    """Put a new content in the place of an old one, in one step: nobody reads half of it."""
    new = file.with_suffix(".new")
    new.write_text(text)
    new.replace(file)
