"""When to read ahead: after a start, and after changes while somebody looks at pages."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from typing import TYPE_CHECKING

from graph.errors import GraphError
from graph.formats import Format
from graph.publishing.ahead.file import ahead_file, put
from graph.publishing.ahead.writing import PAGES
from graph.publishing.document import Document

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from graph.generations import Generation
    from graph.readers.run import Answer

    Write = Callable[[Document, Format], Awaitable[Answer]]

AFTER_START_S = 20.0
"""How long a server has other things to do after its start."""
_WANTED_S = 3600.0
"""How long after somebody has asked for such a page the next one is expected."""
_SETTLED_S = 1.0
"""How long a generation has to be the current one."""
_SHARE = 10
"""How many times as long as reading takes it rests, however much is changed."""
_LOOK_AROUND_S = 1.0
_FORMAT = Format("parts", "document", "application/octet-stream", "parts", "")
_DOCUMENT = Document("ahead", (_FORMAT,), is_long=True)
_WRITERS = frozenset(writer for writer, _ in PAGES)
_LOG = logging.getLogger("metapole.ahead")


class AheadKeeper:
    """Has what pages need read ahead; *current* tells the generation, *write* has it written."""

    def __init__(self, current: Callable[[], Generation], write: Write) -> None:
        self._current = current
        self._write = write
        self._task: asyncio.Task[None] | None = None
        self._wanted_until = 0.0
        self._given_up = ""
        """The digest of the generation of which it could not be read."""

    def open(self) -> None:
        """Begin to look after it."""
        self._task = asyncio.get_running_loop().create_task(self._keep_up())

    async def close(self) -> None:
        """Stop it."""
        if self._task:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await self._task

    def note(self, writer: str) -> None:
        """Take note that a document by *writer* was asked for."""
        if writer in _WRITERS:
            self._wanted_until = time.monotonic() + _WANTED_S

    async def _keep_up(self) -> None:
        await asyncio.sleep(AFTER_START_S)
        rest = await self._read()
        while True:
            await asyncio.sleep(max(_LOOK_AROUND_S, rest))
            rest = 0.0
            if time.monotonic() < self._wanted_until and self._is_missing():
                digest = self._current().digest
                await asyncio.sleep(_SETTLED_S)
                if self._current().digest == digest:
                    rest = await self._read()

    def _is_missing(self) -> bool:
        generation = self._current()
        return generation.digest != self._given_up and not ahead_file(generation).exists()

    async def _read(self) -> float:
        """Read what the current generation holds, and return how long to rest then."""
        if not self._is_missing():
            return 0.0
        begun = time.monotonic()
        try:
            answer = await self._write(_DOCUMENT, _FORMAT)
            with contextlib.closing(answer):
                content = b"".join([piece async for piece in answer])
            await asyncio.to_thread(put, ahead_file(answer.generation), content)
        except (GraphError, OSError) as error:
            self._given_up = self._current().digest
            _LOG.info("nothing was read ahead, so that some pages take longer: %s", error)
        return (time.monotonic() - begun) * _SHARE
