"""How an answer is made."""

from aiohttp import web

from supervise.web.shapes import Json, dumped


def answered(words: Json, *, status: int = 200) -> web.Response:
    """An answer in JSON."""
    return web.Response(text=dumped(words), status=status, content_type="application/json")
