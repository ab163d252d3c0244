"""Talks to one baresip over its TCP control port: netstrings of JSON, commands out, answers and events in."""

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from typing import Any, Final, Self

from supervise.lab.phone_errors import PhoneGoneError, RefusedError
from supervise.lab.wire.rtp import Address

_LONGEST_COMMAND: Final = 1000
"""Baresip copies a command into a buffer of 1024 bytes, and cuts what does not fit."""

_LARGEST_ANSWER: Final = 1 << 20
_ANSWER_WITHIN_S: Final = 5.0

Event = dict[str, Any]


class Link:
    """The control connection of one phone; baresip serves one connection at a time."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, on_event: Callable[[Event], None]
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._on_event = on_event
        self._tokens = count(1)
        self._waiting: dict[str, asyncio.Future[Event]] = {}
        self._reading = asyncio.create_task(self._read(), name="baresip events")

    @classmethod
    async def to(cls, address: Address, on_event: Callable[[Event], None]) -> Self:
        """Connect; `OSError` when nothing listens there (yet)."""
        reader, writer = await asyncio.open_connection(*address)
        return cls(reader, writer, on_event)

    async def command(self, name: str, parameters: str = "") -> str:
        """Carry out one command and return what baresip prints for it.

        Raises `RefusedError` when baresip says no, `PhoneGoneError` when it does not answer within five seconds.
        """
        token = str(next(self._tokens))
        request = {"command": name, "token": token} | ({"params": parameters} if parameters else {})
        text = json.dumps(request).encode()
        if len(text) > _LONGEST_COMMAND:
            raise RefusedError(f"baresip cuts commands longer than {_LONGEST_COMMAND} bytes: {name}")
        answer = self._waiting[token] = asyncio.get_running_loop().create_future()
        try:
            self._writer.write(b"%d:%s," % (len(text), text))
            reply = await asyncio.wait_for(answer, _ANSWER_WITHIN_S)
        except (TimeoutError, OSError) as problem:
            raise PhoneGoneError(f"baresip did not answer {name!r} within {_ANSWER_WITHIN_S:g} s") from problem
        finally:
            del self._waiting[token]
        if not reply.get("ok"):
            raise RefusedError(f"baresip refused {name}: {str(reply.get('data')).strip()}")
        return str(reply.get("data", "")).strip()

    async def close(self) -> None:
        """End the connection; whoever still waits for an answer gets `PhoneGoneError`."""
        self._reading.cancel()
        await asyncio.wait([self._reading])
        self._writer.close()
        with suppress(ConnectionError):
            await self._writer.wait_closed()

    async def _read(self) -> None:
        try:
            while True:
                self._take(json.loads(await self._netstring()))
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # baresip has ended: the waiting learn it below, the rest at their next command
        finally:
            for answer in self._waiting.values():
                if not answer.done():
                    answer.set_exception(PhoneGoneError("baresip closed its control connection"))

    async def _netstring(self) -> bytes:
        length = int((await self._reader.readuntil(b":"))[:-1])
        if length > _LARGEST_ANSWER:
            raise ConnectionError(f"baresip announced an answer of {length} bytes")
        return (await self._reader.readexactly(length + 1))[:-1]

    def _take(self, message: Event) -> None:
        if message.get("event"):
            self._on_event(message)
            return
        answer = self._waiting.get(str(message.get("token")))
        if answer is not None and not answer.done():
            answer.set_result(message)
