"""See to it that there is a file with the names when somebody asks for one.

The file is made by a reader of its own, which stands back behind the others. It is made when it is
first needed, and again after many changes; no commit waits for it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING

from graph.errors import EngineUnavailable, GraphError
from graph.formats import Format
from graph.publishing.document import Document
from graph.search.files import MOST_ENTRIES, Unfinished, serving_file, state_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from graph.generations import Generation
    from graph.readers.run import Answer

    Write = Callable[[Document, Format], Awaitable[Answer]]

RENEWED_AFTER = 500
"""After how many changed things a new file is made, for each search takes them in."""
_FORMAT = Format(
    "names",
    "document",
    "application/vnd.sqlite3",
    "sqlite",
    "https://www.iana.org/assignments/media-types/application/vnd.sqlite3",
)
_DOCUMENT = Document("names-index", (_FORMAT,), is_long=True)
_LOG = logging.getLogger("metapole.search")


class NamesKeeper:
    """Keeps the files of *store*; *current* tells the generation, *write* has a document made."""

    def __init__(self, store: Path, current: Callable[[], Generation], write: Write) -> None:
        self._store = store
        self._current = current
        self._write = write
        self._making: asyncio.Task[None] | None = None
        self._is_wanted = False

    async def ready(self) -> None:
        """Return when there is a file that serves the current generation well.

        EngineUnavailable when none can be made.
        """
        self._is_wanted = True
        behind = self._behind()
        if behind is None or behind > MOST_ENTRIES:
            await asyncio.shield(self._begun())
        elif behind > RENEWED_AFTER:
            self._begun()

    def keep_up(self) -> None:
        """Begin to make a new file if much has changed; nobody waits for it."""
        if self._is_wanted and (self._behind() or 0) > RENEWED_AFTER:
            self._begun()

    async def renew(self) -> None:
        """Make a new file, for a reader could not use the one that is there."""
        await asyncio.shield(self._begun())

    async def close(self) -> None:
        """Stop making a file."""
        if self._making:
            self._making.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await self._making

    def _behind(self) -> int | None:
        """Return how many things have changed since the file was made; None if there is none."""
        state = state_of(self._current())
        file = serving_file(self._store, state)
        return state.entries - file.state.entries if file else None

    def _begun(self) -> asyncio.Task[None]:
        if self._making is None or self._making.done():
            self._making = asyncio.get_running_loop().create_task(self._make())
            self._making.add_done_callback(_told)
        return self._making

    async def _make(self) -> None:
        answer = await self._write(_DOCUMENT, _FORMAT)
        with contextlib.closing(answer):
            try:
                unfinished = Unfinished(self._store, state_of(answer.generation))
                try:
                    async for piece in answer:
                        await asyncio.to_thread(unfinished.write, piece)
                    await asyncio.to_thread(unfinished.finish)
                finally:
                    unfinished.close()
            except OSError as error:
                raise EngineUnavailable(
                    f"names cannot be searched now: their index cannot be written ({error.strerror}"
                    "); whoever runs this server has to see to it that the store can be written, "
                    "or to make the index there with 'metapole build'"
                ) from error


def _told(task: asyncio.Task[None]) -> None:
    """Log why there is no file, if nobody waits to be told."""
    if not task.cancelled() and (error := task.exception()):
        level = logging.WARNING if isinstance(error, GraphError) else logging.ERROR
        _LOG.log(level, "the index of names was not made: %s", error)
