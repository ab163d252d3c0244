"""Telling another system about a record: one signed HTTP request, believed only when it answers that it has it.

The signature is that of many payment services, so that receivers know it: ``Supervise-Signature: t=<seconds since
1970>,v1=<HMAC-SHA-256 of "<t>.<body>" in hexadecimal>``. A receiver checks it over the bytes as they came, refuses a
time that is too far from its own, and ignores a ``Supervise-Event`` it has had already: an event may come twice.
"""

import hmac
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256

from aiohttp import ClientError, ClientSession, ClientTimeout
from pydantic import SecretStr

from supervise.domain.records import Deed
from supervise.history.reading.events import Event, event_of
from supervise.history.reading.reader import Entry
from supervise.history.reading.sights import View, everything

SIGNATURE = "Supervise-Signature"
EVENT = "Supervise-Event"
TOLERANCE = timedelta(minutes=5)
"""How far from a receiver's clock a signature's time may be."""

_LIMIT = ClientTimeout(total=10)


@dataclass(frozen=True, slots=True)
class Hook:
    """A receiver.

    Attributes:
        name: what the journal remembers its progress by.
        url: where to POST.
        secret: the key of the signatures, which the receiver knows.
        only_shown: only sessions that may show in the call's and the customer's history, as a CRM should have them.
        deeds: only these; none given is all.
        view: what it may see of a record.
    """

    name: str
    url: str
    secret: SecretStr
    only_shown: bool = True
    deeds: frozenset[Deed] = field(default_factory=frozenset)
    view: View = everything

    def event(self, journal: str, entry: Entry) -> Event | None:
        """What this receiver gets of a record; None if nothing."""
        wanted = (entry.record.shown or not self.only_shown) and (not self.deeds or entry.record.deed in self.deeds)
        record = self.view(entry.record) if wanted else None
        return None if record is None else event_of(journal, Entry(entry.sequence, record, entry.seal))


def signature(secret: SecretStr, body: bytes, at: datetime) -> str:
    """The signature of a body at a time."""
    seconds = str(int(at.timestamp()))
    return f"t={seconds},v1={_mac(secret, seconds, body)}"


def is_genuine(secret: SecretStr, body: bytes, header: str, now: datetime) -> bool:
    """Whether a body with this signature came from somebody who has the secret, and now: what a receiver asks."""
    parts = dict(part.partition("=")[::2] for part in header.split(","))
    seconds = parts.get("t", "")
    if not seconds.isdecimal() or abs(now.timestamp() - int(seconds)) > TOLERANCE.total_seconds():
        return False
    return hmac.compare_digest(_mac(secret, seconds, body), parts.get("v1", ""))


async def send(client: ClientSession, hook: Hook, event: Event, now: datetime) -> str | None:
    """Send an event, and return None when the receiver has it, else why not.

    Redirects are not followed and the answer's body is not read: neither is the receiver's to decide.
    """
    body = event.model_dump_json().encode()
    headers = {
        "Content-Type": "application/json",
        SIGNATURE: signature(hook.secret, body, now),
        EVENT: f"{event.journal}-{event.sequence}",
    }
    try:
        async with client.post(hook.url, data=body, headers=headers, timeout=_LIMIT, allow_redirects=False) as answer:
            return None if 200 <= answer.status < 300 else f"answered {answer.status}"  # noqa: PLR2004 - HTTP's own
    except TimeoutError:
        return f"no answer within {_LIMIT.total:g} s"
    except (ClientError, OSError, ValueError) as error:
        return f"{type(error).__name__}: {error}"


def _mac(secret: SecretStr, seconds: str, body: bytes) -> str:
    key = secret.get_secret_value().encode()
    return hmac.new(key, seconds.encode() + b"." + body, sha256).hexdigest()
