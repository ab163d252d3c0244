"""The page's own files: built by esbuild into a folder, read from nowhere else."""

import re
from collections.abc import Iterable
from pathlib import Path

from aiohttp import web

from supervise.web.errors import not_found

PAGES = ("/", "/board", "/agent", "/history", "/history/{session}", "/policy", "/health", "/signin")

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,80}")
_TYPES = {
    ".html": "text/html",
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".map": "application/json",
    ".woff2": "font/woff2",
    ".webmanifest": "application/manifest+json",
}

MISSING = "The board's page is not built: run `make page` in the checkout.\n"


def folder() -> Path:
    """Where the built page is."""
    return Path(__file__).parent / "static"


class Pages:
    """Serves the page. One folder, no folders in it, no link out of it."""

    def __init__(self, place: Path | None = None) -> None:
        """Serve from `place`."""
        self._place = place or folder()

    def routes(self) -> Iterable[web.RouteDef]:
        """All of them: every page is the same file, which looks at the address itself."""
        pages = [web.get(path, self._page) for path in PAGES]
        return (*pages, web.get("/static/{name}", self._file), web.get("/openapi.yaml", self._openapi))

    async def _page(self, _: web.Request) -> web.StreamResponse:
        return self._answer(self._place / "index.html")

    async def _file(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        path = self._place / name
        if not _NAME.fullmatch(name) or path.suffix not in _TYPES or path.is_symlink() or not path.is_file():
            raise not_found()
        return self._answer(path)

    async def _openapi(self, _: web.Request) -> web.StreamResponse:
        path = Path(__file__).parent / "openapi.yaml"
        return web.FileResponse(path, headers={"Content-Type": "application/yaml", "Cache-Control": "no-cache"})

    def _answer(self, path: Path) -> web.StreamResponse:
        if not path.is_file():
            return web.Response(status=503, text=MISSING)
        kind = _TYPES[path.suffix]
        charset = "; charset=utf-8" if kind.startswith("text/") else ""
        return web.FileResponse(path, headers={"Content-Type": kind + charset, "Cache-Control": "no-cache"})
