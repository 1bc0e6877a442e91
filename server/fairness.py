"""What one client may use of the server: turns at a time, seconds of work and errors in a minute.

Counting requests would stop those who ask much that is cheap, and let through those who ask little
that is dear; so the time that a client's requests take is counted, and what came to nothing. What
the cache answers is free.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated

from graph.asker import CLIENT
from server.guarded import client_of
from server.problems import problem

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from starlette.responses import Response
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

TURN = "metapole.turn"
"""Where the scope of a request has its turn."""

_MOST_CLIENTS = 10_000
_LOOK_S = 0.05
_READER_ENDED = (499, HTTPStatus.GATEWAY_TIMEOUT, HTTPStatus.INSUFFICIENT_STORAGE)
"""The statuses of requests that their reader did not outlive: nobody waits, time, memory."""
_FREE_PATHS = ("/healthz", "/metrics", "/admin/")
"""What costs next to nothing, and is needed most when nobody gets through."""


@dataclass(frozen=True, slots=True)
class ClientLimits:
    """What one client may use."""

    parallel: Annotated[int, "How many requests of a client are worked on at once."] = 3
    waiting: Annotated[int, "How many more of them may wait."] = 32
    dumps: Annotated[int, "How many dumps a client is sent at once, beside its requests."] = 2
    wait_s: Annotated[float, "Seconds that they may wait."] = 5.0
    work_s_per_minute: Annotated[
        float, "Seconds of work that a client may ask for in a minute."
    ] = 120.0
    work_s_at_once: Annotated[float, "Seconds of work that a client may have saved up."] = 600.0
    errors_per_minute: Annotated[float, "How many requests of a client may fail in a minute."] = (
        300.0
    )
    errors_at_once: Annotated[
        float, "How many requests of a client may fail before that counts."
    ] = 600.0
    recovery_s: Annotated[
        float, "Seconds that a turn is kept after it has cost a reader, unless another is there."
    ] = 10.0


class TooMuch(Exception):  # noqa: N818 -- it says what was asked for
    """A client asks for more than its share."""

    def __init__(self, reason: str, detail: str, retry_after_s: float) -> None:
        super().__init__(detail)
        self.reason = reason
        """What there was too much of, in one word for counts."""
        self.retry_after_s = max(1, math.ceil(retry_after_s))


@dataclass(slots=True)
class _Bucket:
    """What is left of something that comes back at a steady rate, up to a bound."""

    rate: float
    """Per second."""
    bound: float
    seen: float
    left: float

    def refill(self, now: float) -> None:
        self.left = min(self.bound, self.left + (now - self.seen) * self.rate)
        self.seen = now

    @property
    def seconds_until_some(self) -> float:
        return (1 - self.left) / self.rate if self.left < 1 else 0.0


@dataclass(slots=True)
class _Client:
    work: _Bucket
    errors: _Bucket
    turns: asyncio.Semaphore
    waiting: int = 0
    working: int = 0
    dumps: int = 0

    @property
    def is_known_for_nothing(self) -> bool:
        return not (self.working or self.waiting or self.dumps)


@dataclass(slots=True)
class Turn:
    """What is to be said of a turn when it ends."""

    has_failed: bool = False
    """It came to nothing: to an error."""
    has_broken: bool = False
    """It has cost a reader."""
    take_dump: Callable[[], None] = lambda: None
    """Count the request as a dump, too, as long as it takes; TooMuch when there are enough."""
    leave: Callable[[], None] = lambda: None
    """End the turn now, and let the client have another: what follows takes long, but no work."""


@dataclass(slots=True)
class Clients:
    """All clients, and what is left to each. For use in one event loop."""

    limits: ClientLimits
    now: Callable[[], float] = time.monotonic
    has_recovered: Callable[[], bool] = lambda: True
    """Tells whether there are as many readers as there should be."""
    _clients: OrderedDict[str, _Client] = field(default_factory=OrderedDict[str, _Client])

    @contextlib.asynccontextmanager
    async def turn(self, name: str) -> AsyncGenerator[Turn]:
        """Hold one of the turns of the client *name*, when it comes; TooMuch if it has to leave."""
        client = self._client(name)
        self._check(client)
        if client.turns.locked() and client.waiting >= self.limits.waiting:
            raise TooMuch(
                "waiting",
                f"{client.working} of your requests are being worked on and {client.waiting} "
                "wait; send fewer at a time",
                self.limits.wait_s,
            )
        if client.turns.locked():
            await self._wait(client)
        else:
            await client.turns.acquire()
        client.working += 1
        working = _Working(self, client)
        turn = Turn(take_dump=working.take_dump, leave=working.end)
        try:
            yield turn
        finally:
            client.dumps -= working.dumps
            client.errors.left -= turn.has_failed
            working.end(self.limits.recovery_s if turn.has_broken else 0)

    def end(self, client: _Client, patience_s: float) -> None:
        """End a turn when the reader that it has cost is replaced: till then others go first."""
        if patience_s <= 0 or self.has_recovered():
            client.working -= 1
            client.turns.release()
        else:
            left = patience_s - _LOOK_S
            asyncio.get_running_loop().call_later(_LOOK_S, self.end, client, left)

    async def _wait(self, client: _Client) -> None:
        client.waiting += 1
        try:
            async with asyncio.timeout(self.limits.wait_s):
                await client.turns.acquire()
        except TimeoutError as error:
            raise TooMuch(
                "wait",
                f"{client.working} of your requests were being worked on for "
                f"{self.limits.wait_s:g} s; send fewer at a time",
                self.limits.wait_s,
            ) from error
        finally:
            client.waiting -= 1

    def _client(self, name: str) -> _Client:
        limits, now = self.limits, self.now()
        client = self._clients.get(name)
        if client is None:
            client = _Client(
                _Bucket(limits.work_s_per_minute / 60, limits.work_s_at_once, now,
                        limits.work_s_at_once),
                _Bucket(limits.errors_per_minute / 60, limits.errors_at_once, now,
                        limits.errors_at_once),
                asyncio.Semaphore(limits.parallel),
            )  # fmt: skip
            self._clients[name] = client
            self._forget_some()
        self._clients.move_to_end(name)
        client.work.refill(now)
        client.errors.refill(now)
        return client

    def _forget_some(self) -> None:
        """Forget who came least recently, unless something is being done for them."""
        while len(self._clients) > _MOST_CLIENTS:
            name = next(
                (name for name, each in self._clients.items() if each.is_known_for_nothing), None
            )
            if name is None:
                return
            del self._clients[name]

    def _check(self, client: _Client) -> None:
        limits = self.limits
        if wait := client.work.seconds_until_some:
            raise TooMuch(
                "work",
                f"your requests have taken {limits.work_s_at_once:g} s of work and more than "
                f"{limits.work_s_per_minute:g} s in each minute since; wait, and ask for less",
                wait,
            )
        if wait := client.errors.seconds_until_some:
            raise TooMuch(
                "errors",
                f"more than {limits.errors_per_minute:g} of your requests in a minute have "
                "failed; look at what the answers said",
                wait,
            )


class _Working:
    """One turn that a client has, from now until it ends."""

    def __init__(self, clients: Clients, client: _Client) -> None:
        self.dumps = 0
        self._clients = clients
        self._client = client
        self._since = clients.now()
        self._has_ended = False

    def take_dump(self) -> None:
        limits = self._clients.limits
        if self._client.dumps >= limits.dumps:
            raise TooMuch(
                "dumps",
                f"{self._client.dumps} dumps are on their way to you; wait until one has arrived",
                limits.wait_s,
            )
        self._client.dumps += 1
        self.dumps += 1

    def end(self, patience_s: float = 0) -> None:
        if not self._has_ended:
            self._has_ended = True
            self._client.work.left -= self._clients.now() - self._since
            self._clients.end(self._client, patience_s)


class Fair:
    """An ASGI application around another, in which no client can take the place of all."""

    def __init__(
        self,
        app: ASGIApp,
        limits: ClientLimits,
        has_recovered: Callable[[], bool] = lambda: True,
    ) -> None:
        self._app = app
        self._clients = Clients(limits, has_recovered=has_recovered)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Have the application answer when it is the client's turn (ASGI)."""
        if scope["type"] != "http" or scope["path"].startswith(_FREE_PATHS):
            await self._app(scope, receive, send)
            return
        address = scope["client"][0] if scope.get("client") else ""
        try:
            client = client_of(address)
            CLIENT.set(client)
            async with self._clients.turn(client) as turn:
                scope[TURN] = turn
                is_whole = False

                async def sending(message: Message) -> None:
                    nonlocal is_whole
                    if message["type"] == "http.response.start":
                        turn.has_failed = message["status"] >= 400
                        turn.has_broken = message["status"] in _READER_ENDED
                    else:
                        is_whole = not message.get("more_body", False)
                    await send(message)

                await self._app(scope, receive, sending)
                turn.has_broken |= not is_whole
        except TooMuch as error:
            await refused(scope, error)(scope, receive, send)


def refused(scope: Scope, error: TooMuch) -> Response:
    """Return the response to a client that asks for more than its share."""
    scope["metapole.refusal"] = error.reason
    status = HTTPStatus.TOO_MANY_REQUESTS
    headers = {"Retry-After": str(error.retry_after_s)}
    return problem(status, status.phrase, str(error), headers)
