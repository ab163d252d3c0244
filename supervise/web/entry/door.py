"""Who is asking: every request is somebody's, from this very page, or it is refused."""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass, field
from hmac import compare_digest

from aiohttp import web

from supervise.floor.house import House
from supervise.web.entry.signins import How, Scope, SignIn, SignIns, proof_of
from supervise.web.entry.tokens import TokenFile, TokensError
from supervise.web.errors import forbidden, not_signed_in, unavailable

CSRF_HEADER = "X-CSRF-Token"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class TrustedProxy:
    """A proxy that has signed people in already.

    Attributes:
        header: where it says who, by their name in the policy.
        networks: from which addresses it is believed.
    """

    header: str
    networks: Sequence[Network]

    def believed(self, address: str) -> bool:
        """Whether a request from this address may say who it is from."""
        try:
            found = ipaddress.ip_address(address.partition("%")[0])
        except ValueError:
            return False
        return any(found in network for network in self.networks if network.version == found.version)


@dataclass(frozen=True, slots=True)
class DoorSettings:
    """What the door goes by.

    Attributes:
        origin: the board's address as browsers have it, such as ``https://board.example``; None where they come
            straight to us by an IP address or as localhost.
        cookie: the cookie's name.
        secure: browsers come over TLS.
        proxy: whom else to believe.
    """

    origin: str | None = None
    cookie: str = "supervise"
    secure: bool = False
    proxy: TrustedProxy | None = None


@dataclass(slots=True)
class Door:
    """Tells who is asking."""

    house: House
    sign_ins: SignIns
    tokens: TokenFile
    settings: DoorSettings = field(default_factory=DoorSettings)

    def viewer(self, request: web.Request, scope: Scope | None = Scope.READ) -> SignIn:
        """Whoever is asking; a change must come from the page itself.

        Raises:
            Problem: nobody that may.
        """
        self.check_policy()
        found = self._found(request)
        if found is None or self.house.source.policy.person(found.person) is None:
            raise not_signed_in()
        if scope is not None and scope not in found.scopes:
            raise forbidden(f"This token has no scope {scope}.")
        if found.how is not How.TOKEN and request.method not in _SAFE:
            self.check_page(request, found)
        return found

    def check_policy(self) -> None:
        """Nobody is signed out because the policy has not been read yet.

        Raises:
            Problem: it has nobody in it, as after the start.
        """
        if not self.house.source.policy.people:
            raise unavailable("No policy is in force yet; try again.")

    def _found(self, request: web.Request) -> SignIn | None:
        bearer = request.headers.get("Authorization", "")
        if bearer.startswith("Bearer "):
            return self._by_token(bearer.removeprefix("Bearer ").strip())
        id_ = request.cookies.get(self.settings.cookie, "")
        found = self.sign_ins.find(id_) if id_ else None
        if found is None or found.how is not How.PROXY:
            return found
        return found if self.named_by_proxy(request) == found.person else None

    def _by_token(self, text: str) -> SignIn | None:
        try:
            return self.tokens.find(text, self.house.now())
        except TokensError as error:
            raise unavailable(str(error)) from error

    def named_by_proxy(self, request: web.Request) -> str | None:
        """Whom a trusted proxy says the request is from."""
        proxy = self.settings.proxy
        if proxy is None or not proxy.believed(address_of(request)):
            return None
        names = request.headers.getall(proxy.header, [])
        return names[0] if len(names) == 1 else None

    def check_page(self, request: web.Request, found: SignIn) -> None:
        """A change must carry the token that only our page can read, and come from our page."""
        self.check_origin(request)
        if not compare_digest(request.headers.get(CSRF_HEADER, "").encode(), found.csrf.encode()):
            raise forbidden(f"{CSRF_HEADER} is missing or wrong; read it from /api/me.")

    def check_origin(self, request: web.Request) -> None:
        """The page that asks must be ours.

        Raises:
            Problem: it is not, or does not say.
        """
        self.check_host(request)
        origins = request.headers.getall("Origin", [])
        if origins != [self.origin(request)]:
            raise forbidden("This does not come from the board's own page.")

    def check_host(self, request: web.Request) -> None:
        """Without a name of our own, only an address or localhost is ours: a name could be anybody's.

        Raises:
            Problem: the request is for another host.
        """
        if self.settings.origin is None and not _is_plain(request.host):
            raise forbidden("The board is not served under this name; say `origin` in [web].")

    def origin(self, request: web.Request) -> str:
        """The board's address as this browser has it."""
        return self.settings.origin or f"{'https' if self.settings.secure else 'http'}://{request.host}"

    def admit(self, answer: web.StreamResponse, person: str, how: How) -> SignIn:
        """Sign somebody in, and give their browser the cookie."""
        proof = proof_of(self.house.source.policy, person, how)
        id_, made = self.sign_ins.begin(person, how, proof)
        answer.set_cookie(
            self.settings.cookie, id_, httponly=True, samesite="Strict", secure=self.settings.secure, path="/"
        )
        return made

    def forget(self, answer: web.StreamResponse) -> None:
        """Take the cookie back."""
        answer.del_cookie(self.settings.cookie, path="/", httponly=True, samesite="Strict", secure=self.settings.secure)


def address_of(request: web.Request) -> str:
    """The address of whoever is connected to us."""
    return request.remote or ""


def _is_plain(host: str) -> bool:
    name = host.rpartition(":")[0] if host.rpartition(":")[2].isdecimal() else host
    if name == "localhost":
        return True
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True
