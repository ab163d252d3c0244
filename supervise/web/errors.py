"""What goes wrong in an answer. Each `Problem` becomes a JSON answer with its status (see docs/api.md)."""

from supervise.web.shapes import Json


class Problem(Exception):  # noqa: N818 - it is the answer, and only sometimes anybody's error
    """An answer that is not what was asked for.

    Attributes:
        status: of HTTP.
        error: one word for programs.
        says: a sentence for people.
        now: what is true now, where that is another thing than the client thought.
        headers: further ones.
    """

    def __init__(self, status: int, error: str, says: str, now: Json | None = None) -> None:
        super().__init__(says)
        self.status = status
        self.error = error
        self.says = says
        self.now = now
        self.headers: dict[str, str] = {}

    def json(self) -> Json:
        """As it is sent."""
        return {"error": self.error, "says": self.says, "now": self.now}


def bad_request(says: str) -> Problem:
    """The request makes no sense."""
    return Problem(400, "bad-request", says)


def not_signed_in() -> Problem:
    """Nobody is signed in."""
    return Problem(401, "not-signed-in", "Sign in first.")


def forbidden(says: str) -> Problem:
    """Not for this client."""
    return Problem(403, "forbidden", says)


def not_found() -> Problem:
    """There is no such thing, or none that this viewer may know of."""
    return Problem(404, "not-found", "There is nothing of that name for you.")


def unavailable(says: str) -> Problem:
    """Not now."""
    return Problem(503, "unavailable", says)


def too_often(seconds: int) -> Problem:
    """Later."""
    problem = Problem(429, "too-often", f"Too many tries; wait {seconds} seconds.")
    problem.headers["Retry-After"] = str(seconds)
    return problem
