"""Send an answer to a client that may be slow, or gone."""

import asyncio
import logging
from collections.abc import Coroutine, Mapping
from typing import Any, TypeVar

from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from graph.errors import GraphError
from graph.query import Answer
from server.compression import compressed_pieces
from server.connections import CONNECTION, HttpProtocol

_LOG = logging.getLogger("metapole.server")
_T = TypeVar("_T")


async def while_connected(scope: Scope, receive: Receive, work: Coroutine[Any, Any, _T]) -> _T:
    """Do *work*, or cancel it when the client hangs up: ClientDisconnect then."""
    connection: HttpProtocol | None = scope.get(CONNECTION)
    if connection is None:  # another server than ours
        return await _while_not_told(receive, work)
    return await _while_not_lost(connection, work)


async def _while_not_lost(connection: HttpProtocol, work: Coroutine[Any, Any, _T]) -> _T:
    """Do *work* in this task: one more for each request would be felt."""
    task, is_lost = asyncio.current_task(), False
    assert task  # noqa: S101 -- this is a coroutine

    def stop() -> None:
        nonlocal is_lost
        is_lost = True
        task.cancel()

    if connection.transport.is_closing():
        work.close()
        raise ClientDisconnect
    connection.on_lost = stop
    try:
        return await work
    except asyncio.CancelledError:
        if is_lost and not task.uncancel():
            raise ClientDisconnect from None
        raise
    finally:
        connection.on_lost = None


async def _while_not_told(receive: Receive, work: Coroutine[Any, Any, _T]) -> _T:
    """Do *work*, and wait for word that the client is gone, in two tasks."""
    working = asyncio.ensure_future(work)
    watching = asyncio.ensure_future(_hang_up(receive))
    try:
        await asyncio.wait((working, watching), return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise ClientDisconnect
        return working.result()
    finally:
        watching.cancel()
        working.cancel()
        await asyncio.gather(working, watching, return_exceptions=True)


class Patience:
    """How long one client may be waited for: *grace_s*, and longer the more it has taken."""

    def __init__(self, grace_s: float, bytes_per_s: float) -> None:
        self._left_s = grace_s
        self._bytes_per_s = bytes_per_s

    async def send(self, send: Send, message: Message) -> None:
        """Send a piece of a body; TimeoutError when the client does not take it in time."""
        loop = asyncio.get_running_loop()
        begun = loop.time()
        async with asyncio.timeout(self._left_s):
            await send(message)
        self._left_s += len(message["body"]) / self._bytes_per_s - (loop.time() - begun)


class AnswerResponse(Response):
    """A response whose body comes from the engine, a piece at a time.

    The server waits for the client between two pieces, so no more than a few are ever held. When
    the answer fails after its first byte the connection is dropped without the mark of an end.
    """

    def __init__(
        self,
        answer: Answer,
        headers: Mapping[str, str],
        *,
        coding: str | None = None,
        with_body: bool = True,
        patience: Patience | None = None,
    ) -> None:
        super().__init__(headers=dict(headers))
        self._patience = patience
        self._answer = answer
        self._coding = coding
        self._with_body = with_body
        if coding and with_body:
            self.headers["content-encoding"] = coding
        if answer.size is None or coding or not with_body:
            del self.headers["content-length"]
        else:
            self.headers["content-length"] = str(answer.size)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the answer (ASGI)."""
        try:
            async with asyncio.timeout_at(self._answer.deadline):
                await while_connected(scope, receive, self._send(send))
        except ClientDisconnect:
            _LOG.debug("%s: the client hung up", scope["path"])
        except GraphError as error:
            _LOG.warning("%s: an answer was cut short: %s", scope["path"], error)
        except TimeoutError:
            _LOG.warning("%s: an answer was cut short: the client read too slowly", scope["path"])
        finally:
            self._answer.close()

    async def _send(self, send: Send) -> None:
        await send(
            {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
        )
        if self._with_body:
            answer = self._answer
            pieces = compressed_pieces(answer, self._coding) if self._coding else aiter(answer)
            async for piece in pieces:
                message = {"type": "http.response.body", "body": piece, "more_body": True}
                if self._patience:
                    await self._patience.send(send, message)
                else:
                    await send(message)
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _hang_up(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
