"""A record as the world outside gets it: the lines of an export, and what a webhook carries.

The model is the contract. Its JSON Schema is written to docs/journal-event.schema.json, and a change that a reader
could trip over needs a new `version`.
"""

from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from supervise.domain.records import Deed
from supervise.domain.words import Mode, Source, Visibility
from supervise.history.reading.reader import Entry


class Event(BaseModel):
    """One record of the journal. Fields are only ever added within a version; ignore the ones you do not know."""

    model_config = ConfigDict(frozen=True)

    version: Literal[1] = 1
    journal: str = Field(description="The journal's name; with `sequence` it identifies the record for ever.")
    sequence: int = Field(description="The record's number: gapless and rising, whatever clocks do.")
    seal: str = Field(description="The record's seal, in hexadecimal digits.")
    deed: Deed
    at: AwareDatetime = Field(description="When, in UTC.")
    elapsed: float | None = Field(description="Seconds since the session's opening, by a clock that does not jump.")
    node: str
    session: str = Field(description="Empty where the record belongs to no session.")
    supervisor: str
    agent: str
    call: str
    number: str = Field(description="The other party's number, masked as the policy says.")
    mode: Mode | None = Field(description="How the session stands after the deed; so with the next two.")
    muted: bool | None
    visibility: Visibility | None
    source: Source | None
    rule: str
    policy: str
    reason: str
    reason_code: str
    shown: bool = Field(description="The session may show in the call's and the customer's history.")
    detail: dict[str, str]


FIELDS = tuple(Event.model_fields)
"""The fields in order, which are also the columns of a table of records."""


def event_of(journal: str, entry: Entry) -> Event:
    """A record as an event of the journal of this name."""
    record = entry.record
    return Event(
        journal=journal,
        sequence=entry.sequence,
        seal=entry.seal.hex(),
        deed=record.deed,
        at=record.at,
        elapsed=None if record.elapsed is None else record.elapsed.total_seconds(),
        node=record.node,
        session=record.session,
        supervisor=record.supervisor,
        agent=record.agent,
        call=record.call,
        number=record.number,
        mode=record.mode,
        muted=record.muted,
        visibility=record.visibility,
        source=record.source,
        rule=record.rule,
        policy=record.policy,
        reason=record.reason,
        reason_code=record.reason_code,
        shown=record.shown,
        detail=dict(record.detail),
    )
