"""One run: grow the graph, load it into every server, ask, and take the figures."""

from __future__ import annotations

import shutil
import subprocess
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.bench import commits, generate, kills, measure, memory, servers
from tests.bench.answers import TAB_SEPARATED, TABLE
from tests.bench.client import AnswerError
from tests.bench.figures import COLD, REPEATED, Load, Memory, Size
from tests.bench.measure import COLUMNS, say
from tests.bench.peers import (
    METAPOLE,
    RDFLIB,
    Metapole,
    NotInstalledError,
    Oxigraph,
    RdflibEndpoint,
)
from tests.bench.queries import PLANS, large_query, lookups, read_queries
from tests.bench.virtuoso import Virtuoso

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from pathlib import Path

    from tests.bench.client import Target
    from tests.bench.peers import Peer

SERVERS: tuple[type[Peer], ...] = (Metapole, Oxigraph, Virtuoso, RdflibEndpoint)
_FAILURES = (AnswerError, servers.NotStartedError, OSError, ValueError, AssertionError)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a run is told."""

    triples: Sequence[int]
    rounds: int
    seed: int
    slice_seconds: float
    query_seconds: float
    load_seconds: float
    budget_seconds: float
    megabytes: float
    queries: Sequence[str]
    servers: Sequence[str]
    work: Path


def installed(wanted: Wanted) -> tuple[dict[str, str], dict[str, str]]:
    """Install the servers that are wanted; return their versions, and why others are not there."""
    versions: dict[str, str] = {}
    failures: dict[str, str] = {}
    for kind in SERVERS:
        if kind.name not in wanted.servers:
            continue
        try:
            versions[kind.name] = _peer(kind, wanted, wanted.work).install()
        except NotInstalledError as error:
            failures[kind.name] = f"not installed: {error}"
            say(f"{kind.name}: {failures[kind.name]}")
    return versions, failures


def measured(triples: int, wanted: Wanted, failures: dict[str, str]) -> Size:
    """Return what is found on a graph of so many *triples*."""
    folder = wanted.work / f"{triples}-{wanted.seed}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        return _Run(folder, triples, wanted, failures).size()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class _Run:
    def __init__(
        self, folder: Path, triples: int, wanted: Wanted, failures: dict[str, str]
    ) -> None:
        self._folder = folder
        self._wanted = wanted
        self._files: generate.Files
        self._failures = failures
        self._triples = triples
        self._loaded: list[Peer] = []

    def size(self) -> Size:
        say(f"growing the graph to {self._triples:,} triples")
        wanted = self._wanted
        self._files, grown = generate.kept(self._triples, wanted.work, seed=wanted.seed)
        size = Size(grown.triples, grown.quads, grown.seconds)
        for kind in SERVERS:
            if kind.name in self._wanted.servers:
                size.loads[kind.name] = self._load(kind)
        self._ask(size)
        self._change(size)
        return size

    def _load(self, kind: type[Peer]) -> Load:
        if kind.name in self._failures:
            return Load(failure=self._failures[kind.name])
        peer = _peer(kind, self._wanted, self._folder)
        peer.folder.mkdir()
        peer.files = self._files
        say(f"loading into {kind.name}")
        started = time.monotonic()
        with memory.Watch.own() as watch:
            try:
                peer.load()
            except subprocess.TimeoutExpired:
                return Load(failure=f"not loaded: over {peer.load_seconds:g} s")
            except subprocess.CalledProcessError as error:
                return Load(failure=f"not loaded: {_last_line(error)}")
        self._loaded.append(peer)
        return Load(time.monotonic() - started, peer.disk_mb(), watch.peaks[""])

    def _ask(self, size: Size) -> None:
        """Start all servers at once, and ask them in turn."""
        with ExitStack() as stack:
            targets = self._targets(size, stack)
            for name, target in targets.items():
                size.memory[name] = Memory(at_rest_mb=memory.resident_mb(target.process_id))
            course = self._course(targets)
            roots = {name: target.process_id for name, target in targets.items()}
            with memory.Watch(roots) as watch:
                say("the 25 queries")
                size.questions = course.questions(read_queries(self._wanted.queries))
                say("queries that are planned badly")
                size.plans = course.questions(read_queries(folder=PLANS))
                say("lookups")
                texts = lookups(self._files.quads, self._wanted.seed)
                size.lookups = course.lookups(texts, TABLE)
                say("a large result")
                rounds = min(5, self._wanted.rounds)
                query = large_query(self._wanted.megabytes)
                for media_type in (TABLE, TAB_SEPARATED):
                    size.large[media_type] = course.large(query, rounds, media_type)
            for name, peak in watch.peaks.items():
                size.memory[name].peak_mb = peak

    def _targets(self, size: Size, stack: ExitStack) -> dict[str, Target]:
        targets: dict[str, Target] = {}
        # Who loads in memory starts while no other server needs the processor.
        for peer in sorted(self._loaded, key=lambda each: each.name != RDFLIB):
            say(f"starting {peer.name}")
            load, started = size.loads[peer.name], time.monotonic()
            with memory.Watch.own() as watch:
                try:
                    targets |= _started(peer, stack)
                except servers.NotStartedError as error:
                    load.failure = f"not loaded: {error}"
                    say(f"{peer.name}: {load.failure}")
            if isinstance(peer, RdflibEndpoint) and not load.failure:  # to start is to load
                load.seconds, load.peak_mb = time.monotonic() - started, watch.peaks[""]
        return {name: targets[name] for name in COLUMNS if name in targets}

    def _course(self, targets: dict[str, Target]) -> measure.Course:
        return measure.Course(
            targets,
            self._wanted.rounds,
            self._wanted.slice_seconds,
            self._wanted.query_seconds,
            self._wanted.budget_seconds,
        )

    def _change(self, size: Size) -> None:
        """Take the figures of our server alone, which may change its store by now."""
        ours = next((peer for peer in self._loaded if isinstance(peer, Metapole)), None)
        if ours is None:
            return
        rounds = max(8, self._wanted.rounds * 2)
        with self._noted(size):
            say("kills")
            with ours.serve_without_cache() as target:
                size.kills[kills.KILLED] = kills.after_kills(target, rounds)
        with self._noted(size):
            options = ("--timeout", str(kills.TIMEOUT_S))
            with ours.serve_without_cache(*options) as target:
                size.kills[kills.TIMED_OUT] = kills.after_timeouts(target, rounds // 4)
        with self._noted(size):
            say("commits")
            for what, times in commits.measured(ours.store, rounds):
                size.commits[what] = times

    @contextmanager
    def _noted(self, size: Size) -> Generator[None]:
        """Note in *size* what could not be measured, and go on."""
        try:
            yield
        except _FAILURES as error:
            size.failures.append(f"{METAPOLE}: {error}")
            say(size.failures[-1])


def _started(peer: Peer, stack: ExitStack) -> dict[str, Target]:
    """Run *peer* until *stack* ends; ours twice, without a cache of answers and with one."""
    if not isinstance(peer, Metapole):
        return {peer.name: stack.enter_context(peer.serve())}
    return {
        COLD: stack.enter_context(peer.serve_without_cache()),
        REPEATED: stack.enter_context(peer.serve()),
    }


def _peer(kind: type[Peer], wanted: Wanted, folder: Path) -> Peer:
    programs = wanted.work / "programs"
    return kind(folder, programs, wanted.query_seconds, wanted.load_seconds)


def _last_line(error: subprocess.CalledProcessError) -> str:
    said: bytes = error.stderr or error.stdout or b""
    lines = said.decode(errors="replace").strip().splitlines()
    return lines[-1][:200] if lines else f"its loader ended with status {error.returncode}"
