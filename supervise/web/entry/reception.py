"""Signing in and out: by password, by OIDC, by a trusted proxy. Every attempt is in the journal."""

from collections.abc import Iterable
from datetime import timedelta

import structlog
from aiohttp import web

from supervise.domain.records import Deed, Record
from supervise.domain.words import Source
from supervise.web import asked
from supervise.web.answers import answered
from supervise.web.entry.door import Door, address_of
from supervise.web.entry.oidc import Oidc, OidcError
from supervise.web.entry.people import me
from supervise.web.entry.signins import Doorkeeper, How
from supervise.web.errors import Problem, not_found, not_signed_in, too_often
from supervise.web.shapes import dumped

OIDC_COOKIE = "supervise-oidc"
_WRONG = "Name or password is wrong."

log = structlog.get_logger(__name__)


class Reception:
    """The routes by which people come and go."""

    def __init__(self, door: Door, keeper: Doorkeeper, oidc: Oidc | None = None) -> None:
        """Let people in through `door`."""
        self._door = door
        self._keeper = keeper
        self._oidc = oidc

    def routes(self) -> Iterable[web.RouteDef]:
        """All of them."""
        return (
            web.get("/api/signin", self._ways),
            web.post("/api/signin", self._sign_in),
            web.get("/api/signin/oidc", self._to_provider),
            web.get("/api/signin/oidc/back", self._from_provider),
            web.post("/api/signout", self._sign_out),
            web.get("/api/me", self._me),
        )

    async def _ways(self, _: web.Request) -> web.Response:
        """How one may sign in; whether somebody has a password is told to nobody."""
        label = None if self._oidc is None else self._oidc.settings.label
        return answered({"password": True, "oidc": label, "proxy": self._door.settings.proxy is not None})

    async def _sign_in(self, request: web.Request) -> web.Response:
        self._door.check_policy()
        self._door.check_origin(request)
        wanted = await asked.body(request, asked.SignInAsked)
        policy = self._door.house.source.policy
        admitted = await self._keeper.admits(policy, wanted.name, wanted.password, address_of(request))
        if admitted is not True:
            locked = admitted is not False
            self._note(request, wanted.name, How.PASSWORD, "locked" if locked else "wrong")
            raise too_often(admitted) if locked else Problem(401, "not-signed-in", _WRONG)
        return await self._let_in(request, wanted.name, How.PASSWORD)

    async def _let_in(self, request: web.Request, person: str, how: How) -> web.Response:
        """A new id, and the old one of this browser counts no more."""
        house = self._door.house
        if house.source.policy.person(person) is None:
            raise not_signed_in()
        self._end_old(request)
        answer = web.Response(content_type="application/json")
        made = self._door.admit(answer, person, how)
        answer.text = dumped(me(house, made))
        await self._door.sign_ins.keeper.settled()
        self._note(request, person, how, "in")
        return answer

    def _end_old(self, request: web.Request) -> None:
        old = self._door.sign_ins.find(request.cookies.get(self._door.settings.cookie, ""))
        if old is not None:
            self._door.sign_ins.end(old)

    async def _me(self, request: web.Request) -> web.Response:
        """Who a trusted proxy has signed in gets a cookie here: from then on a change needs the page's own token."""
        named = self._door.named_by_proxy(request)
        try:
            found = self._door.viewer(request, None)
        except Problem:
            if named is None:
                raise
            return await self._let_in(request, named, How.PROXY)
        if named is not None and found.person != named:
            return await self._let_in(request, named, How.PROXY)
        return answered(me(self._door.house, found))

    async def _sign_out(self, request: web.Request) -> web.Response:
        found = self._door.viewer(request, None)
        wanted = await asked.body(request, asked.SignOutAsked)
        if wanted.everywhere:
            self._door.sign_ins.end_all(found.person)
        elif found.how is not How.TOKEN:
            self._door.sign_ins.end(found)
        self._note(request, found.person, found.how, "out-everywhere" if wanted.everywhere else "out")
        await self._door.sign_ins.keeper.settled()
        answer = web.Response(status=204)
        self._door.forget(answer)
        return answer

    # --- OIDC

    async def _to_provider(self, request: web.Request) -> web.StreamResponse:
        if self._oidc is None:
            raise not_found()
        self._door.check_host(request)
        try:
            going = await self._oidc.begin(self._door.origin(request))
        except OidcError as error:
            log.warning("oidc.failed", error=str(error))
            return _back("provider")
        answer = web.Response(status=302, headers={"Location": going.url})
        answer.set_cookie(
            OIDC_COOKIE,
            going.state,
            httponly=True,
            samesite="Lax",
            secure=self._door.settings.secure,
            path="/api/signin/oidc",
            max_age=int(timedelta(minutes=10).total_seconds()),
        )
        return answer

    async def _from_provider(self, request: web.Request) -> web.StreamResponse:
        """Back with a code, in the browser that went; anything else is nobody."""
        if self._oidc is None:
            raise not_found()
        state = request.query.get("state", "")
        if not state or request.cookies.get(OIDC_COOKIE) != state:
            return _back("expired")
        try:
            person = await self._oidc.finish(state, request.query.get("code", ""))
        except OidcError as error:
            log.warning("oidc.failed", error=str(error))
            self._note(request, "", How.OIDC, "wrong")
            return _back("provider")
        if self._door.house.source.policy.person(person) is None:
            self._note(request, person, How.OIDC, "unknown")
            return _back("unknown")
        self._end_old(request)
        answer = _back("")
        self._door.admit(answer, person, How.OIDC)
        answer.del_cookie(OIDC_COOKIE, path="/api/signin/oidc")
        self._note(request, person, How.OIDC, "in")
        return answer

    def _note(self, request: web.Request, person: str, how: How, reason: str) -> None:
        """The name as it was given, bounded and printable; no password."""
        house = self._door.house
        name = "".join(filter(str.isprintable, person))[:64]
        log.info("sign-in", person=name, how=how, reason=reason, address=address_of(request))
        house.journal.note(
            Record(
                Deed.SIGN_IN,
                at=house.now(),
                supervisor=name,
                source=Source.BOARD,
                policy=house.source.policy.hash,
                reason=reason,
                detail={"how": how.value, "address": address_of(request)},
            )
        )


def _back(problem: str) -> web.Response:
    """To the page; the reason, if it did not work, is one of a few words."""
    place = f"/signin?problem={problem}" if problem else "/"
    return web.Response(status=302, headers={"Location": place})
