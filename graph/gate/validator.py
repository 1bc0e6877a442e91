"""The validator, as its parent sees it: a process that is there when it is needed.

async with Validator() as validator:
    verdict = await validator.verdict(extract)
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import signal
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

from graph.errors import EngineUnavailable, UnwritableAnswer
from graph.limits import GateLimits
from graph.paths import bundled
from graph.processes import frames
from graph.processes.child import Child

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, AsyncIterator, Mapping
    from pathlib import Path
    from types import TracebackType

_LOG = logging.getLogger("metapole.validator")
_MOST_FINDINGS = 1000


@dataclass(frozen=True, slots=True)
class Verdict:
    """What shapes say of some nodes."""

    findings: tuple[Mapping[str, Any], ...]
    """Each as plain values: severity, focus, path, value, message, remedy, shape, component.

    Terms are IRIs as they are, the rest as in N-Triples.
    """
    nodes: int
    """How many nodes were judged."""
    is_complete: bool
    """Whether all were; after many findings the rest is left out."""
    milliseconds: float
    report: bytes = field(default=b"", repr=False)
    """The same as an sh:ValidationReport, in the format that was asked for."""

    @property
    def conforms(self) -> bool:
        """Tell whether there is no finding at all (SHACL, 3.6.1.1)."""
        return not self.findings


class Validator:
    """One process that knows the shapes; it does one job at a time, and is replaced when it fails.

    Use it in one event loop, as an async context manager. Unless *is_eager*, the process is started
    for the first job.
    """

    def __init__(
        self,
        limits: GateLimits | None = None,
        *,
        shapes: Path | None = None,
        is_eager: bool = True,
    ) -> None:
        self._limits = limits or GateLimits()
        self._shapes = shapes or bundled("ontology") / "shapes"
        self._is_eager = is_eager
        self._child: Child | None = None
        self._profile: list[dict[str, Any]] | None = None
        self._turn = asyncio.Lock()
        self._keeps_up = False
        self._starting: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Start the process; EngineUnavailable when it does not come up."""
        if self._is_eager:
            await self._started()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the process."""
        await self.close()

    def keep_up(self) -> None:
        """Begin to start the process, and another whenever it is gone, before somebody waits."""
        self._keeps_up = True
        self._starting = asyncio.create_task(self._start_unasked())

    async def close(self) -> None:
        """End the process."""
        self._keeps_up = False
        if self._starting:
            self._starting.cancel()
            await asyncio.gather(self._starting, return_exceptions=True)
        await self._end()

    @property
    def process_id(self) -> int | None:
        """The process id, if there is a process."""
        return self._child.process_id if self._child else None

    async def profile(self) -> list[dict[str, Any]]:
        """Return what the shapes look at, as `graph.gate.profile.profile_from` takes it."""
        if self._profile is not None:
            return self._profile
        ending, _ = await self._do({"kind": "profile"}, None)
        self._profile = profile = ending["profile"]
        return profile

    async def verdict(self, extract: bytes) -> dict[str, Any]:
        """Return what `graph.gate.judge` is told of *extract*; a failure is part of it."""
        try:
            return {"findings": (await self.check(_only(extract))).findings}
        except EngineUnavailable as error:
            return {"failure": "EngineUnavailable", "message": str(error)}

    async def check(
        self, extracts: AsyncIterable[bytes], *, media_type: str | None = None
    ) -> Verdict:
        """Return what the shapes say of *extracts*, which may be cut anywhere.

        With *media_type*, as a report in RDF too. EngineUnavailable when there is no verdict.
        """
        job = {"kind": "check", "media_type": media_type, "most": _MOST_FINDINGS}
        ending, report = await self._do(job, extracts)
        return Verdict(
            tuple(ending["findings"]),
            ending["nodes"],
            ending["is_complete"],
            ending["milliseconds"],
            report,
        )

    async def _do(
        self, job: dict[str, Any], extracts: AsyncIterable[bytes] | None
    ) -> tuple[dict[str, Any], bytes]:
        """Do *job* when it is its turn, within its time; return its end, and the data before."""
        await self._wait_for_turn()
        try:
            child = await self._started()
            async with asyncio.timeout(self._limits.timeout_s):
                ending, data = await self._exchange(child, job, extracts)
        except TimeoutError as error:
            await self._end()
            raise self._too_slow() from error
        except BaseException:
            await self._end()
            raise
        finally:
            self._turn.release()
        if not ending["is_usable"]:
            await self._end()
        return ending, data

    async def _wait_for_turn(self) -> None:
        try:
            async with asyncio.timeout(self._limits.queue_wait_s):
                await self._turn.acquire()
        except TimeoutError as error:
            raise EngineUnavailable(
                f"the validator was busy for {self._limits.queue_wait_s:g} s; "
                "send it again in a few seconds"
            ) from error

    async def _start_unasked(self) -> None:
        async with self._turn:
            with contextlib.suppress(EngineUnavailable):  # who needs it tries again
                await self._started()

    def _follow(self) -> None:
        if self._keeps_up:
            self._starting = asyncio.create_task(self._start_unasked())

    async def _started(self) -> Child:
        if self._child is not None and not self._child.is_alive:
            await self._end()
        if self._child is None:
            self._child = await Child.start(
                "the validator",
                "graph.gate.child",
                (self._shapes, self._limits.memory_mb * 1_000_000, self._limits.timeout_s),
                start_limit_s=self._limits.start_limit_s,
            )
            self._child.when_gone(self._follow)
            for lack in self._child.missing:
                _LOG.warning("the sandbox of the validator lacks something here: %s", lack)
        return self._child

    async def _end(self) -> None:
        child, self._child = self._child, None
        if child:
            child.kill()
            await child.exit_status()

    async def _exchange(
        self, child: Child, job: dict[str, Any], extracts: AsyncIterable[bytes] | None
    ) -> tuple[dict[str, Any], bytes]:
        await child.send(job)
        if extracts is not None:
            async for piece in extracts:
                await child.send_frame(frames.packed(frames.DATA, piece))
            await child.send_frame(frames.packed(frames.END, b""))
        data = bytearray()
        while (frame := await child.receive()) is not None:
            kind, payload = frame
            if kind == frames.END:
                ending = json.loads(payload)
                self._raise_failure(ending)
                return ending, bytes(data)
            data += payload
        raise self._loss(await child.exit_status())

    def _raise_failure(self, ending: dict[str, Any]) -> None:
        match ending.get("failure"):
            case None:
                return
            case "memory":
                raise self._out_of_memory()
            case "unwritable":
                raise UnwritableAnswer(ending["message"])
            case _:
                _LOG.error("the validator failed:\n%s", ending["message"])
                raise EngineUnavailable(
                    "the validator failed on these statements, the log of the server says how; "
                    "please report it"
                )

    def _loss(self, status: int) -> EngineUnavailable:
        if status == -signal.SIGABRT:
            return self._out_of_memory()
        if status == -signal.SIGXCPU:
            return self._too_slow()
        _LOG.error("the validator ended with status %d", status)
        return EngineUnavailable("the validator was lost; send it again in a few seconds")

    def _too_slow(self) -> EngineUnavailable:
        return EngineUnavailable(
            f"the shapes were not checked within {self._limits.timeout_s:g} s; "
            "send fewer statements at a time"
        )

    def _out_of_memory(self) -> EngineUnavailable:
        return EngineUnavailable(
            f"checking the shapes takes more than {self._limits.memory_mb} MB; "
            "send fewer statements at a time"
        )


async def _only(extract: bytes) -> AsyncIterator[bytes]:
    yield extract
