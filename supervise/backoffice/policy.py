"""The policy for admins: what is in force, why a decision is what it is, and what the files on disk would change."""

import asyncio
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from aiohttp import web

from supervise.domain.board.sight import moment
from supervise.domain.review.compare import changes
from supervise.domain.review.differences import others, protections
from supervise.domain.review.explain import Considered, decision_of, explain
from supervise.domain.rights.decisions import Refused, Right
from supervise.domain.rights.policy import Policy
from supervise.domain.rights.rules import STRANGER, CallFacts, Question
from supervise.floor.house import House
from supervise.policyfile import telling
from supervise.policyfile.build import RIGHTS
from supervise.policyfile.errors import PolicyFileError
from supervise.policyfile.errors import Problem as Mistake
from supervise.policyfile.load import load_bytes, read_files
from supervise.policyfile.nodes import ReadLimits
from supervise.policyfile.watch import PolicyWatch
from supervise.web.answers import answered
from supervise.web.asked import ExplainAsked, WhoCanAsked, query
from supervise.web.entry.door import Door
from supervise.web.entry.signins import Scope
from supervise.web.errors import Problem, bad_request
from supervise.web.shapes import Json

_HASH = re.compile(r"\$argon2id\$[A-Za-z0-9+/=,$.-]*")
_GAINS, _LOSES = "+", "-"


@dataclass(frozen=True, slots=True)
class _Disk:
    """The files as they are now, and what they would change."""

    hash: str
    files: Sequence[tuple[str, bytes]]
    problems: Sequence[Mistake] = ()
    changes: Sequence[str] = ()


class PolicyPages:
    """The routes under ``/api/policy``."""

    def __init__(self, house: House, watch: PolicyWatch, door: Door, limits: ReadLimits) -> None:
        """Show the policy of `watch`."""
        self._house = house
        self._watch = watch
        self._door = door
        self._limits = limits
        self._seen: tuple[str, datetime] = ("", house.now())

    def routes(self) -> Iterable[web.RouteDef]:
        """All of them."""
        return (
            web.get("/api/policy", self._policy),
            web.get("/api/policy/explain", self._explain),
            web.get("/api/policy/who-can", self._who_can),
        )

    def noticed(self) -> None:
        """Another policy is in force."""
        self._seen = (self._watch.policy.hash, self._house.now())

    def _admin(self, request: web.Request) -> Policy:
        person = self._door.viewer(request, Scope.ADMIN).person
        policy = self._house.source.policy
        if not policy.may_administer(person):
            raise Problem(403, "not-allowed", "This page is for admins.")
        return policy

    async def _policy(self, request: web.Request) -> web.Response:
        policy = self._admin(request)
        if self._seen[0] != policy.hash:
            self.noticed()
        disk = await asyncio.to_thread(self._read, policy, self._house.now())
        return answered(
            {
                "hash": policy.hash,
                "since": moment(self._seen[1].astimezone(UTC)),
                "files": [{"name": name, "text": _text(content)} for name, content in disk.files],
                "warnings": [_mistake(each) for each in self._watch.warnings],
                "disk": {
                    "same": disk.hash == policy.hash,
                    "hash": disk.hash,
                    "problems": [_mistake(each) for each in disk.problems],
                    "changes": [_change(line) for line in disk.changes],
                },
                "people": [{"id": each.name, "name": each.display} for each in policy.people.values()],
                "teams": [{"id": each.name, "name": each.display} for each in policy.teams.values()],
                "rights": list(RIGHTS),
            }
        )

    def _read(self, policy: Policy, now: datetime) -> _Disk:
        """Runs in a thread."""
        files: Sequence[tuple[str, bytes]] = ()
        try:
            files = read_files(self._watch.path, self._limits)
            new = load_bytes(files, self._limits).policy
        except PolicyFileError as error:
            return _Disk("", files, tuple(error.problems))
        if new.hash == policy.hash:
            return _Disk(new.hash, files)
        found = list(telling.told(changes(policy, new, now), new.house.zone))
        found += telling.protected(protections(policy, new))
        return _Disk(new.hash, files, (), [*found, *(f"~ {line}" for line in others(policy, new))])

    async def _explain(self, request: web.Request) -> web.Response:
        policy = self._admin(request)
        wanted = query(request, ExplainAsked)
        numbers = frozenset({wanted.number} - {""})
        call = CallFacts(numbers, frozenset() if numbers else STRANGER, wanted.queue)
        who, whom, right = _name(policy, wanted.who), _name(policy, wanted.whom), _right(wanted.right)
        question = Question(who, whom, self._at(wanted.at, policy), call)
        found = explain(policy, question, right, wanted.visibility)
        return answered(
            {
                "allowed": not isinstance(found.decision, Refused),
                "says": telling.verdict(found.decision),
                "rule": found.decision.rule or "",
                "considered": [_considered(each) for each in found.considered],
                "changes": list(found.changes),
            }
        )

    async def _who_can(self, request: web.Request) -> web.Response:
        policy = self._admin(request)
        wanted = query(request, WhoCanAsked)
        agent, right, at = _name(policy, wanted.whom), _right(wanted.right), self._at(wanted.at, policy)
        call = CallFacts(endpoints=STRANGER, queue=wanted.queue)
        found = []
        for name, person in policy.people.items():
            decision = decision_of(policy, Question(name, agent, at, call), right)
            if not isinstance(decision, Refused):
                found.append(
                    {
                        "id": name,
                        "name": person.display,
                        "visibilities": sorted(decision.visibilities),
                        "rule": decision.rule,
                        "says": telling.conditions(decision),
                    }
                )
        return answered({"people": found})

    def _at(self, text: str, policy: Policy) -> datetime:
        if not text:
            return self._house.now().astimezone(policy.house.zone)
        try:
            found = datetime.fromisoformat(text)
            return found if found.tzinfo is not None else found.replace(tzinfo=policy.house.zone)
        except ValueError as error:
            raise bad_request("at: a moment, such as 2026-11-21T13:00") from error


def _considered(each: Considered) -> Json:
    return {
        "rule": each.rule.place,
        "name": each.rule.name,
        "allows": not each.lacks,
        "why": list(each.why),
        "remedies": list(each.remedies),
    }


def _text(content: bytes) -> str:
    """A file for people; the hashes of PINs and passwords are nobody's to read."""
    return _HASH.sub("$argon2id$...", content.decode(errors="replace"))


def _mistake(mistake: Mistake) -> Json:
    place, _, says = str(mistake).partition(": ")
    return {"at": place, "says": says}


def _change(line: str) -> Json:
    kind = {_GAINS: "gains", _LOSES: "loses"}.get(line[:1], "other")
    return {"kind": kind, "says": line[1:].strip() if line[:1] in "+-~" else line}


def _name(policy: Policy, given: str) -> str:
    person = policy.person(given) or policy.person_by_extension(given) or policy.person_by_endpoint(given)
    if person is None:
        raise bad_request("who and whom: the policy does not know them")
    return person.name


def _right(given: str) -> Right:
    found = RIGHTS.get(given)
    if found is None:
        raise bad_request(f"right: one of {', '.join(RIGHTS)}")
    return found
