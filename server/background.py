"""Documents that take longer than anybody should wait, written behind the answers.

Who asks gets what was written last, which says of which generation it is; if that is not the
current one, a new one is begun. No document is written that nobody asks for. Templates are loaded
some time after the start, so that nobody's first page has to wait for that.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING

from graph.errors import GraphError
from server.pages import JSON

if TYPE_CHECKING:
    from graph.publishing.document import Document
    from graph.query import Engine
    from server.pages import Templates

_LOG = logging.getLogger("metapole.background")
AFTER_START_S = 20.0
"""How long after the start nothing is done that nobody has asked for."""
_BREATH_S = 0.05
_MOST = 16
"""How many documents are kept, those asked for last."""


class Background:
    """What was written last of each document; an *engine* has them written."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._written: dict[Document, tuple[str, bytes]] = {}
        """With the digest of the generation."""
        self._writing: dict[Document, asyncio.Task[None]] = {}
        self._loading: asyncio.Task[None] | None = None

    def latest(self, document: Document) -> bytes | None:
        """Return *document* as JSON as it was written last; None if it never was."""
        digest, content = self._written.get(document, ("", None))
        if digest != self._engine.generation.digest:
            self._begin(document)
        return content

    def open(self, templates: Templates) -> None:
        """Have *templates* loaded when the server has been up for a while."""
        self._loading = asyncio.get_running_loop().create_task(_load(templates))

    async def close(self) -> None:
        """Stop writing."""
        for task in filter(None, (self._loading, *self._writing.values())):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    def _begin(self, document: Document) -> None:
        if document not in self._writing:
            task = asyncio.get_running_loop().create_task(self._write(document))
            self._writing[document] = task

    async def _write(self, document: Document) -> None:
        try:
            answer = await self._engine.answer(document, JSON)
            with contextlib.closing(answer):
                content = b"".join([piece async for piece in answer])
            self._keep(document, answer.generation.digest, content)
        except GraphError as error:  # who asks next begins anew
            _LOG.warning("%s was not written: %s", document.writer, error)
        finally:
            del self._writing[document]

    def _keep(self, document: Document, digest: str, content: bytes) -> None:
        self._written.pop(document, None)
        self._written[document] = digest, content
        while len(self._written) > _MOST:
            del self._written[next(iter(self._written))]


async def _load(templates: Templates) -> None:
    await asyncio.sleep(AFTER_START_S)
    for name in await asyncio.to_thread(lambda: templates.names):
        await asyncio.to_thread(templates.load, name)
        await asyncio.sleep(_BREATH_S)
