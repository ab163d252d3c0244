"""Asks an Asterisk, over ARI alone, what the doctor wants to know; it is safe beside live calls.

The one thing that is made is a channel that is never dialled: functions such as DIALPLAN_EXISTS and AST_CONFIG need a
channel to be read on. It calls nobody, nobody hears it, and it is hung up at the end.
"""

import asyncio
import secrets
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, Final

import aiohttp
from pydantic import TypeAdapter

from supervise.ari import Access, Ari, AriError, NotFoundError, ServerFaultError, Tuning, UnauthorizedError
from supervise.ari.client.transport import Request, describe, read
from supervise.checkup.facts import Facts, Option, Phone, Reach
from supervise.checkup.judging import DIALLED, FREEPBX, NEWEST, SEAT, SESSION, TEST
from supervise.checkup.lines import SETTINGS

MOST_PHONES: Final = 500
"""So many endpoints are looked at, one request each."""

_AT_A_TIME: Final = 8
_MOST_LINES: Final = 20
_MOST_BYTES: Final = 65_536
_TUNING: Final = Tuning(request_seconds=2.0, list_seconds=5.0)
_PATIENCE: Final = aiohttp.ClientTimeout(total=5)
_MODULES = TypeAdapter(tuple[dict[str, Any], ...])
_ATTRIBUTES = TypeAdapter(tuple[dict[str, str], ...])
_NAMES = TypeAdapter(tuple[dict[str, Any], ...])


@dataclass(frozen=True, slots=True)
class Doors:
    """How one Asterisk is reached, and what the controller calls itself there."""

    access: Access
    app: str

    @classmethod
    def to(cls, access: Access) -> "Doors":
        """Under a Stasis application of our own: asking as the controller would take its events away."""
        ours = replace(access, app=f"{access.app}-checkup-{secrets.token_hex(4)}")
        return cls(ours, access.app)


async def gather(access: Access, wanted_phones: Iterable[str] = ()) -> Facts:
    """Ask one Asterisk everything; whatever cannot be found out is left unknown, never an error."""
    doors = Doors.to(access)
    facts = await _knock(doors)
    facts = replace(facts, wanted_phones=frozenset(wanted_phones))
    if facts.reach is not Reach.FINE:
        return facts
    async with Ari(doors.access, tuning=_TUNING) as ari, aiohttp.ClientSession(headers=doors.access.headers) as session:
        return await _with_events(ari, session, facts)


async def _knock(doors: Doors) -> Facts:
    """How far we come, and the clock."""
    access = doors.access
    facts = Facts(access.node, access.url, access.user, doors.app, Reach.NOBODY)
    url = f"{access.base}/asterisk/info"
    try:
        async with (
            aiohttp.ClientSession(headers=access.headers, timeout=_PATIENCE) as session,
            session.get(url, allow_redirects=False) as response,
        ):
            return _answered(facts, response, await response.content.read(_MOST_BYTES))
    except TimeoutError:
        return replace(facts, reach=Reach.SLOW)
    except (aiohttp.ClientError, OSError) as error:
        return replace(facts, detail=describe(error))


def _answered(facts: Facts, response: aiohttp.ClientResponse, body: bytes) -> Facts:
    server = response.headers.get("Server", "")
    if response.status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        return replace(facts, reach=Reach.REFUSED, detail=f"status {response.status}")
    if response.status == HTTPStatus.NOT_FOUND and "Asterisk" in server:
        return replace(facts, reach=Reach.NO_ARI)
    try:
        version = TypeAdapter(dict[str, Any]).validate_json(body)["system"]["version"]
    except (ValueError, KeyError, TypeError):
        return replace(facts, reach=Reach.STRANGER, detail=f"status {response.status}, {server or 'no Server header'}")
    return replace(facts, reach=Reach.FINE, version=str(version)[:80], ahead_seconds=_ahead(response))


def _ahead(response: aiohttp.ClientResponse) -> float:
    """How much later it is there; the header has whole seconds, so half of one is added."""
    try:
        there = parsedate_to_datetime(response.headers["Date"]).timestamp()
    except (KeyError, ValueError):
        return 0.0
    return there + 0.5 - time.time()


async def _with_events(ari: Ari, session: aiohttp.ClientSession, facts: Facts) -> Facts:
    """All the rest, with a websocket of ours open: the undialled channel belongs to its application."""
    try:
        async with asyncio.timeout(5):
            socket = await session.ws_connect(ari.access.events_url)
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        return await _ask(ari, replace(facts, events=describe(error)))
    async with socket:
        return await _ask(ari, facts)


async def _ask(ari: Ari, facts: Facts) -> Facts:
    names = await _phone_names(ari)
    phones = await _phones(ari, names[:MOST_PHONES])
    facts = replace(
        facts,
        may_write=await _may_write(ari),
        apps=frozenset(await _apps(ari)),
        modules=await _modules(ari),
        phones=phones,
        phones_left_out=max(0, len(names) - MOST_PHONES),
    )
    return facts if facts.events or not facts.may_write else await _with_probe(ari, facts)


async def _may_write(ari: Ari) -> bool | None:
    """Whether a request that would change something gets as far as not finding its channel."""
    try:
        await ari.channels.answer("supervise-checkup-none")
    except NotFoundError:
        return True
    except UnauthorizedError:
        return False
    except AriError:
        return None
    return None


async def _apps(ari: Ari) -> Sequence[str]:
    request = Request("GET", ("applications",), many=True)
    try:
        return [str(each.get("name")) for each in read(_NAMES, await ari.send(request), request)]
    except AriError:
        return ()


async def _modules(ari: Ari) -> Mapping[str, str]:
    request = Request("GET", ("asterisk", "modules"), many=True)
    try:
        modules = read(_MODULES, await ari.send(request), request)
    except AriError:
        return {}
    return {str(each.get("name")): str(each.get("status")) for each in modules}


async def _phone_names(ari: Ari) -> list[str]:
    try:
        return sorted(each.resource for each in await ari.endpoints.list() if each.technology == "PJSIP")
    except AriError:
        return []


async def _phones(ari: Ari, names: Iterable[str]) -> tuple[Phone, ...]:
    turn = asyncio.Semaphore(_AT_A_TIME)

    async def look(name: str) -> Phone | None:
        request = Request("GET", ("asterisk", "config", "dynamic", "res_pjsip", "endpoint", name), many=True)
        async with turn:
            try:
                attributes = read(_ATTRIBUTES, await ari.send(request), request)
            except AriError:
                return None
        return phone_of(name, {each.get("attribute", ""): each.get("value", "") for each in attributes})

    return tuple(phone for phone in await asyncio.gather(*map(look, names)) if phone is not None)


def phone_of(name: str, attributes: Mapping[str, str]) -> Phone:
    """An endpoint from the attributes that Asterisk tells of it."""

    def yes(attribute: str) -> bool:
        return attributes.get(attribute, "").lower() in {"yes", "true", "1"}

    timeout = attributes.get("rtp_timeout", "0")
    return Phone(
        name=name,
        auth=attributes.get("auth", ""),
        context=attributes.get("context", "default"),
        dtmf_mode=attributes.get("dtmf_mode", "rfc4733"),
        direct_media=yes("direct_media"),
        tells_connected=(yes("send_pai") or yes("send_rpid")) and attributes.get("send_connected_line") != "no",
        rtp_timeout=int(timeout) if timeout.isdecimal() else 0,
    )


async def _with_probe(ari: Ari, facts: Facts) -> Facts:
    """What only a channel can be asked."""
    probe = _Probe(ari, f"supervise-checkup-{secrets.token_hex(8)}")
    try:
        await probe.make()
    except AriError:
        return facts
    try:
        contexts = {f"{phone.context},{DIALLED}" for phone in facts.phones} | {SESSION, SEAT, TEST, *NEWEST}
        found = {part: there for part in sorted(contexts) if (there := await probe.exists(part)) is not None}
        settings = {}
        if any(name.startswith("func_config") for name, state in facts.modules.items() if state == "Running"):
            settings = {option: await probe.setting(option) for option in SETTINGS}
        return replace(facts, contexts=found, settings=settings, freepbx=bool(await probe.exists(FREEPBX)))
    except AriError:
        return facts
    finally:
        await probe.end()


class _Probe:
    """A channel that is never dialled."""

    def __init__(self, ari: Ari, channel: str) -> None:
        self._ari = ari
        self._channel = channel

    async def make(self) -> None:
        query = {
            "endpoint": "Local/supervise-checkup@supervise-checkup",
            "app": self._ari.access.app,
            "channelId": self._channel,
            "otherChannelId": f"{self._channel}-far",
        }
        await self._ari.send(Request("POST", ("channels", "create"), query))

    async def exists(self, part: str) -> bool | None:
        """Whether a ``context,extension`` is there; None where that cannot be asked."""
        extension = ",1" if "," in part else ""
        try:
            return await self._ari.channels.get_channel_var(self._channel, f"DIALPLAN_EXISTS({part}{extension})") == "1"
        except ServerFaultError:
            return None

    async def setting(self, option: Option) -> str | None:
        """A line of the configuration, as Asterisk takes it where there are several; None where nothing is set."""
        if not option.adds_up:
            return await self._line(option, -1)
        lines = []
        for index in range(_MOST_LINES):
            if not (line := await self._line(option, index)):
                break
            lines.append(line)
        return ",".join(lines) or None

    async def _line(self, option: Option, index: int) -> str | None:
        asked = f"AST_CONFIG({option.file},{option.section},{option.name},{index})"
        try:
            return await self._ari.channels.get_channel_var(self._channel, asked)
        except (ServerFaultError, NotFoundError):
            return None

    async def end(self) -> None:
        try:
            await self._ari.channels.hangup(self._channel)
        except NotFoundError:
            return
