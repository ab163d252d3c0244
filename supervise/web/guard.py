"""What holds for every answer: a `Problem` becomes JSON, and no browser does with a page what we do not."""

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware
from multidict import CIMultiDict, CIMultiDictProxy

from supervise.web import shapes
from supervise.web.errors import Problem, not_found

CSP = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)

HEADERS = CIMultiDictProxy(
    CIMultiDict(
        {
            "Content-Security-Policy": CSP,
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
        }
    )
)

_NOT_ALLOWED = 405

log = structlog.get_logger(__name__)


def guard(*, secure: bool) -> Middleware:
    """The middleware; `secure` is when browsers come over TLS."""

    @web.middleware
    async def guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            answer = await handler(request)
        except Problem as problem:
            answer = _told(problem)
        except web.HTTPException as error:
            answer = _told(_problem_of(error))
            if error.status == _NOT_ALLOWED and "Allow" in error.headers:
                answer.headers["Allow"] = error.headers["Allow"]
        if not answer.prepared:
            _harden(request, answer, secure=secure)
        return answer

    return guarded


def _harden(request: web.Request, answer: web.StreamResponse, *, secure: bool) -> None:
    for name, value in HEADERS.items():
        answer.headers.setdefault(name, value)
    if request.path.startswith("/api/"):
        answer.headers.setdefault("Cache-Control", "no-store")
    if secure:
        answer.headers.setdefault("Strict-Transport-Security", "max-age=31536000")


def _told(problem: Problem) -> web.Response:
    return web.Response(
        text=shapes.dumped(problem.json()),
        status=problem.status,
        headers=problem.headers,
        content_type="application/json",
    )


def _problem_of(error: web.HTTPException) -> Problem:
    words = {404: not_found(), 405: Problem(405, "bad-request", "This address does not take this method.")}
    return words.get(error.status, Problem(error.status, "bad-request", error.reason))
