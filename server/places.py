"""Where a page is: in which language it is, and whether another site shows it in a frame.

The same pages are at the root in English, under `/fr` and `/de`, and under `/embed`, where they
have nothing around them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route, Router

from server.messages import LANGUAGES
from server.problems import COMMON_HEADERS

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from typing import Any

    from starlette.requests import Request

EMBED = "embed"
_FIRST = next(iter(LANGUAGES))
_PREFIXED = [language for language in LANGUAGES if language != _FIRST]
_ENGLISH_ONLY = frozenset({"id", "def", "static", "oai", "ldes", "healthz", "metrics", EMBED})
"""What is not in several languages, by the first part of its path; nor is any file."""
_FILE = re.compile(r"\.[a-z][a-z0-9.-]*$", re.ASCII)
"""How the last part of a path ends that is a file; `11..12` and `2026-11-27.12` are none."""
_OF_DATA = ("", "versions", "version", "catalogue")
"""What of `/data` is pages, by the second part of the path."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page is."""

    language: str = _FIRST
    is_embedded: bool = False
    path: str = ""
    """Without what stands for the language and for the frame; percent-encoded, as it came."""
    query: str = ""
    """What stands behind the question mark, as it came."""

    @property
    def words(self) -> tuple[tuple[str, str], ...]:
        """What a template has to know of it."""
        embedded = "yes" if self.is_embedded else ""
        return (
            ("language", self.language),
            ("path", self.path),
            ("query", self.query),
            ("embedded", embedded),
        )


def place_of(request: Request) -> Place:
    """Return where the page is that *request* asks for."""
    raw_path: bytes = request.scope["raw_path"]
    query: bytes = request.scope["query_string"]
    prefix: str = request.scope.get("root_path", "")
    names = prefix.strip("/").split("/")
    return Place(
        next((name for name in names if name in LANGUAGES), _FIRST),
        EMBED in names,
        raw_path.decode("latin-1").removeprefix(prefix).removeprefix("/"),
        query.decode("latin-1"),
    )


def place_asked_for(scope: Mapping[str, Any]) -> Place:
    """Return the language and the frame that a request asks for which no route has taken up.

    What path it is of is left out: there may be nothing, in any language.
    """
    raw_path: bytes = scope["raw_path"]
    names = raw_path.decode("latin-1").removeprefix("/").split("/")
    is_embedded = names[0] == EMBED and len(names) > 1
    name = names[1] if is_embedded else names[0]
    return Place(name if name in _PREFIXED else _FIRST, is_embedded)


def in_every_language(public_url: str, pages: Sequence[BaseRoute]) -> list[BaseRoute]:
    """Return the routes of *pages*, in all languages and for frames."""
    # It would redirect to an address made from the Host header.
    inner = Router(routes=pages, redirect_slashes=False)
    homes = [f"/{language}" for language in _PREFIXED]
    prefixes = [*(f"/{EMBED}{home}" for home in homes), f"/{EMBED}", *homes]
    return [
        *(Route(prefix, _to_home(public_url, prefix), methods=["GET"]) for prefix in prefixes),
        *(Mount(prefix, app=inner) for prefix in prefixes),
    ]


def _to_home(public_url: str, prefix: str) -> Callable[[Request], Awaitable[Response]]:
    async def redirect(_: Request) -> Response:
        headers = {**COMMON_HEADERS, "Location": f"{public_url.rstrip('/')}{prefix}/"}
        return Response(status_code=HTTPStatus.PERMANENT_REDIRECT, headers=headers)

    return redirect


def localised(address: str, language: str, public_url: str) -> str:
    """Return the *address* of a page of ours in *language*; that of anything else as it is."""
    path = address.removeprefix(public_url)
    if language == _FIRST or path == address or not _is_localised(path):
        return address
    return f"{public_url}{language}/{path}"


def _is_localised(path: str) -> bool:
    name = path.partition("?")[0].partition("#")[0]
    first, _, rest = name.partition("/")
    if first in _ENGLISH_ONLY or first in LANGUAGES or _FILE.search(name.rpartition("/")[2]):
        return False
    return first != "data" or (rest.partition("/")[0] in _OF_DATA and rest != "catalogue")
