"""Asking other servers: a question and an address that is allowed go in, rows or a file come out.

async with Fetchers(allow_list) as fetchers:
    fetched = await fetchers.select(allow_list.find(url), "SELECT * { ?s ?p ?o } LIMIT 10")

What a server sent is read by a process of its own. Here it is bytes.
"""

from __future__ import annotations

import asyncio
import dataclasses
import datetime
import importlib.metadata
import json
import re
import signal
import time
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from graph.errors import EngineUnavailable, GraphError, NotAllowed, RemoteBusy, RemoteFailed
from graph.fetching.allowed import AllowList, normal_url
from graph.fetching.faults import error_of
from graph.fetching.kept import Kept
from graph.fetching.places import Places
from graph.fetching.pool import Pool
from graph.fetching.turns import Turns
from graph.limits import FetcherLimits
from graph.processes import frames

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import TracebackType

    from graph.fetching.allowed import Allowed
    from graph.processes.child import Child

_ROWS = (
    "application/sparql-results+json, application/sparql-results+xml;q=0.9, "
    "text/tab-separated-values;q=0.5"
)
_GRACE_S = 1.0
"""How much later than itself we end a fetcher: it knows more of what was wrong."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """The answer to a SELECT."""

    variables: tuple[str, ...]
    rows: bytes
    """Lines that can stand in a VALUES block, one for each row."""
    row_count: int
    bytes_down: int
    bytes_up: int
    requests: int
    seconds: float
    is_cached: bool
    left_out: str
    """Why there may be more than that; empty when it is all."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a file that was fetched before."""

    etag: str = ""
    last_modified: str = ""


@dataclass(frozen=True, slots=True)
class FetchedFile:
    """A file that was fetched."""

    path: Path | None
    """Where it lies; None when it is as it was *known*."""
    media_type: str
    size: int
    sha256: str
    etag: str
    last_modified: str
    final_url: str
    retrieved: datetime.datetime
    left_out: str
    """Why there may be more than that; empty when it is all."""
    most_rows: int
    """How many solutions the server ever makes an answer of; 0 where it does not say."""


@dataclass(slots=True)
class Counts:
    """What asking one server has taken so far."""

    requests: int = 0
    cached: int = 0
    failures: int = 0
    bytes_up: int = 0
    bytes_down: int = 0
    seconds: float = 0.0


class Fetchers:
    """Asks those servers that are on a list; use it in one event loop, as a context manager.

    It tells them *public_url*, where their operators can find out more.
    """

    def __init__(
        self,
        allow_list: AllowList,
        limits: FetcherLimits = FetcherLimits(),  # noqa: B008 -- it never changes
        *,
        public_url: str = "",
    ) -> None:
        self.allow_list = allow_list
        self.counts = {entry.name: Counts() for entry in allow_list}
        """What each has taken, by its name."""
        self._limits = limits
        setting = {"origins": _origins(allow_list), "agent": _agent(public_url)}
        self._pool = Pool(setting, limits)
        places = Places(limits.processes)
        self._turns = {entry.name: Turns(entry, places) for entry in allow_list}
        self._kept = Kept(limits.cache_bytes)

    async def __aenter__(self) -> Self:
        """Begin; no process is started before there is something to ask."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Kill the fetchers."""
        await self.close()

    async def close(self) -> None:
        """Kill the fetchers."""
        await self._pool.close()

    @property
    def process_ids(self) -> list[int]:
        """The process ids of the fetchers that are there."""
        return self._pool.process_ids

    @property
    def kept_bytes(self) -> int:
        """How many bytes of answers are kept."""
        return self._kept.size

    async def select(self, allowed: Allowed, query: str) -> Fetched:
        """Ask *allowed* the SELECT *query*; RemoteFailed when it gives no rows.

        Rows that the server left out are told of by `left_out`.
        """
        question = allowed.name, query
        if kept := self._kept.get(question):
            self.counts[allowed.name].cached += 1
            return dataclasses.replace(
                kept, is_cached=True, requests=0, bytes_up=0, bytes_down=0, seconds=0.0
            )
        errand = {"url": allowed.url, "query": query, "accept": _ROWS}
        content = bytearray()
        ending = await self._ask(allowed, errand, content.extend)
        fetched = Fetched(
            variables=tuple(ending["variables"]),
            rows=bytes(content),
            row_count=ending["row_count"],
            bytes_down=ending["bytes_down"],
            bytes_up=ending["bytes_up"],
            requests=ending["requests"],
            seconds=ending["seconds"],
            is_cached=False,
            left_out=ending["left_out"],
        )
        if not fetched.left_out:
            self._kept.put(question, fetched, allowed.limits.cache_ttl_s)
        return fetched

    async def fetch(
        self,
        allowed: Allowed,
        url: str,
        target: Path,
        accept: str = "*/*",
        known: Known = Known(),
        *,
        query: str | None = None,
    ) -> FetchedFile:
        """Fetch *url* into *target*; RemoteFailed when there is none.

        NotAllowed when *allowed* does not cover it.
        A *query* goes to an endpoint, for a graph. When it fails, or the file is as *known*,
        nothing is left at *target*.
        """
        url = normal_url(url)
        if not allowed.covers(url):
            raise NotAllowed(f"{url} is not at {allowed.url}, which is what {allowed.name} allows")
        errand = {
            "url": url,
            "query": query,
            "accept": accept,
            "is_file": True,
            **dataclasses.asdict(known),
        }
        retrieved = datetime.datetime.now(datetime.UTC)
        try:
            with target.open("wb") as file:
                ending = await self._ask(allowed, errand, file.write)
            if ending["is_as_known"]:
                target.unlink()
        except BaseException:
            target.unlink(missing_ok=True)
            raise
        return FetchedFile(
            path=None if ending["is_as_known"] else target,
            media_type=ending["media_type"],
            size=ending["size"],
            sha256=ending["sha256"],
            etag=ending["etag"],
            last_modified=ending["last_modified"],
            final_url=ending["url"],
            retrieved=retrieved,
            left_out=ending["left_out"],
            most_rows=ending["most_rows"],
        )

    async def _ask(
        self, allowed: Allowed, errand: dict[str, Any], take: Callable[[bytes], object]
    ) -> dict[str, Any]:
        """Have a fetcher do *errand*, and *take* what it sends; return its last word."""
        counts, start = self.counts[allowed.name], time.monotonic()
        job = {"errand": errand, "limits": dataclasses.asdict(allowed.limits)}
        turns = self._turns[allowed.name]
        try:
            async with turns.turn(), self._pool.fetcher() as child:
                ending = await _answer(child, job, allowed, take)
            counts.requests += ending["requests"]
            counts.bytes_up += ending["bytes_up"]
            counts.bytes_down += ending["bytes_down"]
            if "fault" in ending:
                raise error_of(ending, allowed.name)
        except RemoteFailed as error:
            counts.failures += 1
            if isinstance(error, RemoteBusy) and error.status:
                turns.rest(error.retry_after_s)
            raise
        finally:
            counts.seconds += time.monotonic() - start
        return ending


async def _answer(
    child: Child, job: dict[str, Any], allowed: Allowed, take: Callable[[bytes], object]
) -> dict[str, Any]:
    most_s = allowed.limits.total_s
    try:
        async with asyncio.timeout(most_s + _GRACE_S):
            await child.send(job)
            while frame := await child.receive():
                kind, payload = frame
                if kind == frames.END:
                    return _checked(json.loads(payload))
                take(payload)
    except TimeoutError as error:
        told = {"fault": "slow", "message": f"was not done in {most_s:g} s"}
        raise error_of(told, allowed.name) from error
    raise _lost(await child.exit_status(), allowed)


def _checked(ending: dict[str, Any]) -> dict[str, Any]:
    if "bug" in ending:
        raise RuntimeError(f"a fetcher failed:\n{ending['bug']}")
    return ending


def _lost(status: int, allowed: Allowed) -> GraphError:
    """Return the error that a fetcher ended with *status* before it was done."""
    match -status:
        case signal.SIGABRT | signal.SIGSEGV | signal.SIGBUS:
            message = "sent more than can be read in the memory that there is"
            return error_of({"fault": "much", "message": message}, allowed.name)
        case signal.SIGXCPU:
            message = f"sent what takes more than {allowed.limits.total_s:g} s to read"
            return error_of({"fault": "slow", "message": message}, allowed.name)
        case _:
            return EngineUnavailable(
                f"the process that asked {allowed.name} was ended (status {status}); ask again"
            )


def _agent(public_url: str) -> str:
    """Return how fetchers call themselves: whoever is asked too much can find us."""
    try:
        version = importlib.metadata.version("metapole")
    except importlib.metadata.PackageNotFoundError:
        version = "0"
    where = re.sub(r"[^!-~]", "", public_url)
    return f"Metapole/{version} (+{where})" if where else f"Metapole/{version}"


def _origins(allow_list: AllowList) -> dict[str, dict[str, Any]]:
    """Return by scheme, host and port what is to be known for connecting there."""
    entries: defaultdict[str, list[Allowed]] = defaultdict(list)
    for entry in allow_list:
        entries[entry.origin].append(entry)
    return {
        origin: {
            "is_private": any(each.is_private for each in each_of_it),
            "certificates": "\n".join(dict.fromkeys(each.certificates for each in each_of_it)),
        }
        for origin, each_of_it in entries.items()
    }
