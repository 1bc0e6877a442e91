"""Make the calls of a plan: find the keys here, ask there, and keep what comes as rows."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol, cast

from graph.errors import (
    NotAllowed,
    QueryRejected,
    QueryTimedOut,
    RemoteBusy,
    RemoteFailed,
    RemoteTooMuch,
    RemoteTooSlow,
)
from graph.federation.keys import Keys, rows_of
from graph.federation.outcome import Asked, Status
from graph.federation.requests import request_for
from graph.federation.rows import Block, Part, empty_solution, with_endpoint

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine
    from typing import Any

    from graph.federation.plan import Call, Local, Plan
    from graph.fetching.allowed import Allowed, AllowList
    from graph.fetching.fetchers import Fetched

_MOST_ENDPOINTS = 100
"""How many endpoints the variables of one query may name, or as many as may be asked."""

_MOST_TOLD = 10_000
"""How many characters of a request are told: it is kept as long as the answer is."""

_MOST_BYTES = 64_000_000
"""How many bytes of rows one query may hold here, of all endpoints together."""

_TOO_LONG = (413, 414)
_SERVER_ERROR = 500


class Remote(Protocol):
    """Asks other endpoints."""

    async def select(self, allowed: Allowed, query: str) -> Fetched:
        """Return the answer to *query*; RemoteFailed when there is none."""
        ...


Blocks = dict[int, Block]
"""The rows that stand for each SERVICE, by its number."""


@dataclass(slots=True)
class Tally:
    """What asking one endpoint for one SERVICE took so far."""

    requests: int = 0
    rows: int = 0
    bytes_up: int = 0
    bytes_down: int = 0
    fetched: int = 0
    from_cache: int = 0
    parts: list[Part] = field(default_factory=list[Part])

    def add(self, fetched: Fetched) -> None:
        """Count one answer, and keep its rows."""
        self.requests += fetched.requests
        self.rows += fetched.row_count
        self.bytes_up += fetched.bytes_up
        self.bytes_down += fetched.bytes_down
        self.fetched += 1
        self.from_cache += fetched.is_cached
        self.parts.append(Part(fetched.variables, fetched.rows))


class Calls:
    """Makes calls.

    *find* answers a text of our own engine, with rows in it, as TSV; None when that is very long.
    *wait* does what takes as long as others take.
    """

    def __init__(
        self,
        allow_list: AllowList,
        remote: Remote,
        find: Callable[[Local, Blocks, int], Awaitable[bytes | None]],
        deadline: float,
        wait: Callable[[Coroutine[Any, Any, None]], Awaitable[None]] | None = None,
    ) -> None:
        self._wait = wait
        self._bytes = 0
        self._endpoints = 0
        self._allow_list = allow_list
        self._remote = remote
        self._find = find
        self._deadline = deadline
        self.blocks: Blocks = {}
        self.asked: list[Asked] = []
        """What came of it, in the order of asking."""

    async def make(self, plan: Plan) -> None:
        """Make all calls of *plan*; raise why one that is not SILENT came to nothing."""
        self.check(plan)
        for call in plan.calls:
            self.blocks[call.number] = await self._made(call)

    def check(self, plan: Plan) -> None:
        """Refuse *plan* if it asks what nobody may; NotAllowed says how to allow it."""
        for call in plan.calls:
            if not self._allow_list.endpoints:
                self._allowed(call, call.endpoint or "http://example.org/sparql")
            elif call.endpoint is not None and not call.is_silent:
                self._allowed(call, call.endpoint)

    async def _made(self, call: Call) -> Block:
        if call.endpoint is not None:
            return Block(tuple(await self._at(call, call.endpoint, None)))
        return Block(tuple(await self._at_each(call)))

    async def _at_each(self, call: Call) -> list[Part]:
        """Ask each endpoint that the variable names; what else it may be is refused."""
        assert call.variable is not None  # noqa: S101 -- there is no endpoint
        rows = await self._keys(call, self._most_keys())
        if rows is None:
            raise QueryRejected(
                f"{call.place}: there are more than {self._most_keys():,} keys to ask for; "
                "ask for less, or name the endpoint"
            )
        column = call.keys.index(call.variable)
        parts: list[Part] = []
        by_endpoint: dict[str, list[tuple[str, ...]]] = {}
        for row in rows:
            by_endpoint.setdefault(row[column], []).append(row)
        if "" in by_endpoint:
            raise QueryRejected(
                f"{call.place}: ?{call.variable} is unbound in some solutions, so there is nobody "
                "to ask; bind it in all of them"
            )
        self._refuse_many(call, len(by_endpoint))
        for term, its_rows in by_endpoint.items():
            parts += await self._at(call, term, its_rows)
        return parts

    def _refuse_many(self, call: Call, endpoints: int) -> None:
        most = max(_MOST_ENDPOINTS, len(self._allow_list.endpoints))
        self._endpoints += endpoints
        if self._endpoints > most:
            raise QueryRejected(
                f"{call.place}: ?{call.variable} names {endpoints:,} endpoints, and one query asks "
                f"at most {most:,} in this way; bind it to fewer"
            )

    async def _at(
        self, call: Call, endpoint: str, rows: list[tuple[str, ...]] | None
    ) -> list[Part]:
        """Ask one *endpoint*, about keys that are found, or are still to be."""
        url = endpoint[1:-1] if rows is not None and endpoint.startswith("<") else endpoint
        tally, begun = Tally(), asyncio.get_running_loop().time()
        asked = Asked(call.number, call.place, url, url, "complete")
        try:
            allowed = self._allowed(call, url)
            asked = replace(asked, name=allowed.name)
            if rows is None and call.local is not None:
                rows = await self._keys(call, allowed.limits.max_keys)
            keys = None if rows is None else await asyncio.to_thread(_sent, call, rows)
            asked = replace(
                asked,
                keys=None if keys is None else len(keys.rows),
                request=_told(request_for(call, keys and _first(keys, allowed))),
                status="not-asked" if keys is not None and not keys.rows else "complete",
            )
            fetch = self._fetch(call, allowed, keys, tally)
            await (self._wait(fetch) if self._wait else fetch)
            parts = self._parts(call, endpoint, tally)
        except (NotAllowed, RemoteFailed) as error:
            status: Status = "not-allowed" if isinstance(error, NotAllowed) else "failed"
            asked = replace(asked, status=status, left_out=str(error))
            if not call.is_silent:
                self._note(asked, tally, begun)
                raise
            tally.rows = 0
            term = "UNDEF" if call.variable is None else endpoint
            parts = [empty_solution(call.head, term)]
        self._note(asked, tally, begun)
        return parts

    def _note(self, asked: Asked, tally: Tally, begun: float) -> None:
        """Keep what came of asking one endpoint since *begun*."""
        self.asked.append(
            replace(
                asked,
                requests=tally.requests,
                rows=tally.rows,
                bytes_up=tally.bytes_up,
                bytes_down=tally.bytes_down,
                seconds=asyncio.get_running_loop().time() - begun,
                is_cached=tally.fetched > 0 and tally.fetched == tally.from_cache,
            )
        )

    def _allowed(self, call: Call, url: str) -> Allowed:
        try:
            for nested in call.nested:
                self._allow_list.find(nested)
            return self._allow_list.find(url)
        except NotAllowed as error:
            raise NotAllowed(f"{call.place}: {error}") from error

    async def _keys(self, call: Call, most: int) -> list[tuple[str, ...]] | None:
        """Return the keys of *call*; None when there are more than *most*."""
        assert call.local is not None  # noqa: S101 -- who has no text to find keys is not asked
        table = await self._find(call.local, self.blocks, most + 1)
        # In a thread, as all that takes as long as there are keys: others go on meanwhile.
        rows = None if table is None else await asyncio.to_thread(rows_of, table)
        return rows if rows is not None and len(rows) <= most else None

    def _most_keys(self) -> int:
        return max(each.limits.max_keys for each in self._allow_list.endpoints)

    async def _fetch(self, call: Call, allowed: Allowed, keys: Keys | None, tally: Tally) -> None:
        """Ask for all batches, several at once; the first that fails ends them all."""
        batches = [None] if keys is None else list(keys.batches(allowed.limits.batch))
        turns = asyncio.Semaphore(allowed.limits.concurrency)
        try:
            async with asyncio.timeout_at(self._deadline), asyncio.TaskGroup() as group:
                for batch in batches:
                    group.create_task(self._fetch_batch(call, allowed, batch, tally, turns))
        except TimeoutError as error:
            raise QueryTimedOut(
                f"the time of the query was up while {allowed.name} was asked; ask for less, or "
                "ask later"
            ) from error
        except BaseExceptionGroup as several:
            raise _first_of(several) from several

    async def _fetch_batch(
        self,
        call: Call,
        allowed: Allowed,
        keys: Keys | None,
        tally: Tally,
        turns: asyncio.Semaphore,
    ) -> None:
        """Ask for one batch; where that is too much for the endpoint, for its halves."""
        try:
            async with turns:
                fetched = await self._remote.select(allowed, request_for(call, keys))
            self._check(call, allowed, fetched)
            if tally.rows + fetched.row_count > allowed.limits.rows:
                raise _too_many(call, allowed)
            self._bytes += len(fetched.rows)
            if self._bytes > _MOST_BYTES:
                raise RemoteTooMuch(
                    f"{call.place}: the rows of other endpoints for this query have more than "
                    f"{_MOST_BYTES:,} bytes; ask for less",
                    allowed.name,
                )
            tally.add(fetched)
        except RemoteFailed as error:
            halves = _halves(keys) if keys is not None and _may_be_too_much(error) else ()
            if not halves:
                raise
            for half in halves:
                await self._fetch_batch(call, allowed, half, tally, turns)

    def _check(self, call: Call, allowed: Allowed, fetched: Fetched) -> None:
        if fetched.left_out:
            raise RemoteTooMuch(
                f"{call.place}: {allowed.name} {fetched.left_out}, so some may be missing; ask for "
                "less: say more of what is meant before SERVICE or in it",
                allowed.name,
            )
        if set(fetched.variables) != set(call.columns):
            raise RemoteFailed(
                f"{allowed.name} answered with other columns than those that were asked for",
                allowed.name,
            )

    def _parts(self, call: Call, endpoint: str, tally: Tally) -> list[Part]:
        if call.variable is None or not call.names_endpoint:
            return tally.parts
        return [with_endpoint(part, call.variable, endpoint) for part in tally.parts]


def _sent(call: Call, rows: list[tuple[str, ...]]) -> Keys | None:
    """Return what of the *rows* of keys is sent; None when nothing of it can be."""
    if not rows:
        return Keys(call.keys, ())
    numbers = [
        number
        for number, name in enumerate(call.keys)
        if name != call.variable or not call.names_endpoint
    ]
    names = [call.keys[number] for number in numbers]
    keys = Keys.of(names, [tuple(row[number] for number in numbers) for row in rows])
    return keys if keys.names else None


def _first(keys: Keys, allowed: Allowed) -> Keys:
    return next(keys.batches(allowed.limits.batch), keys)


def _told(request: str) -> str:
    return request if len(request) <= _MOST_TOLD else f"{request[:_MOST_TOLD]} ..."


def _halves(keys: Keys) -> tuple[Keys, ...]:
    middle = len(keys.rows) // 2
    if not middle:
        return ()
    return Keys(keys.names, keys.rows[:middle]), Keys(keys.names, keys.rows[middle:])


def _may_be_too_much(error: RemoteFailed) -> bool:
    """Tell whether half of what was asked for might be answered."""
    if isinstance(error, RemoteBusy):
        return False
    if isinstance(error, RemoteTooMuch | RemoteTooSlow):
        return True
    return error.status in _TOO_LONG or error.status >= _SERVER_ERROR


def _too_many(call: Call, allowed: Allowed) -> RemoteTooMuch:
    return RemoteTooMuch(
        f"{call.place}: {allowed.name} has more than {allowed.limits.rows:,} rows for this "
        "SERVICE; ask for less: say more of what is meant before SERVICE or in it",
        allowed.name,
    )


def _first_of(error: BaseException) -> BaseException:
    while isinstance(error, BaseExceptionGroup):
        error = cast("BaseExceptionGroup[BaseException]", error).exceptions[0]
    return error
