"""Another server, as a command asks it: with a token, and with more patience than a browser has."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import httpx2

from graph.errors import EngineUnavailable, ImportRefused

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

_TIMEOUT = httpx2.Timeout(600.0, connect=10.0)


@asynccontextmanager
async def connected(url: str, token_file: Path | None = None) -> AsyncGenerator[httpx2.AsyncClient]:
    """Give a client of the server at *url*; without a file with a token, one that only looks.

    EngineUnavailable when the server does not answer.
    """
    headers = {"Accept": "application/json"}
    if token_file:
        headers["Authorization"] = f"Bearer {_token(token_file)}"
    try:
        async with httpx2.AsyncClient(base_url=url, headers=headers, timeout=_TIMEOUT) as client:
            yield client
    except httpx2.HTTPError as error:
        raise EngineUnavailable(
            f"{url} does not answer ({error or type(error).__name__}); look whether it runs, and "
            "try again: what was done already is not done twice"
        ) from error


def _token(path: Path) -> str:
    text = path.read_text(encoding="utf-8").strip()
    if not text or not text.isascii() or any(each.isspace() for each in text):
        raise ImportRefused(
            f"{path}: there is no token in it; write what 'metapole token add' printed, "
            "and nothing else"
        )
    return text
