"""The store directory: immutable generations, and the pointer that says which one is current.

    metapole-store/
        current.json         the pointer, the only truth; replaced in one step
        lock                 held by the one process that writes
        generations/000001/  never changed after it appears
        scratch/             where the next generation is made; worth nothing

A generation is a backup of a scratch store, so everything it holds was complete and flushed when
it was made. Readers open a generation; nobody opens what a writer has open.
"""

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sized
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pyoxigraph as ox

from graph.errors import StoreUnusable

FORMAT = 1
KEPT_GENERATIONS = 3
UNION_GRAPH = "https://w3id.org/metapole/graph/union"
"""Every triple of the store once, in whatever graphs it is: the default graph of queries."""
COMMITS_GRAPH = "https://w3id.org/metapole/graph/commits"
"""The log of what was written when; no part of the union."""

Progress = Callable[[str, float], None]


@dataclass(frozen=True, slots=True)
class Generation:
    """One immutable state of the store."""

    number: int
    path: Path
    quads: int
    """How many quads it holds, the union graph not counted."""
    digest: str
    built_from: str = ""
    graphs: Mapping[str, int] | None = field(default=None, hash=False)
    """How many triples each named graph holds, the union graph left out.

    None where the generation was published by a version that did not say.
    """
    union_triples: int | None = None
    """How many triples the union graph holds: each once, in whatever graphs it is."""

    @property
    def default_triples(self) -> int | None:
        """How many triples the store's own default graph holds."""
        return None if self.graphs is None else self.quads - sum(self.graphs.values())


def current_generation(store: Path) -> Generation | None:
    """Return the current generation of *store*, or None when nothing was built there yet."""
    pointer = pointer_path(store)
    try:
        text = pointer.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StoreUnusable(f"{pointer}: cannot be read ({error.strerror})") from error
    return _generation_from(store, pointer, text)


def pointer_path(store: Path) -> Path:
    """Return where *store* says which generation is current."""
    return store / "current.json"


def verify_generation(generation: Generation) -> None:
    """Read all files of *generation*; StoreUnusable when they are not those that were published."""
    if _digest(generation.path) != generation.digest:
        raise StoreUnusable(
            f"{generation.path}: the files are not those that were published (their digest "
            "differs from current.json); build the store again with 'metapole build'"
        )


def publish_generation(
    store: Path,
    quads: Iterable[ox.Quad],
    *,
    built_from: str = "",
    progress: Progress | None = None,
) -> Generation:
    """Make *quads* the next generation of *store*, completely or not at all.

    Hold no other generation's readers up: they keep what they have open.
    """
    with _writing(store):
        _sweep(store)
        previous = _previous_number(store)
        try:
            return _publish(store, previous + 1, quads, built_from, progress or _silent)
        finally:
            _sweep(store)


def _publish(
    store: Path, number: int, quads: Iterable[ox.Quad], built_from: str, progress: Progress
) -> Generation:
    target = _generations(store) / f"{number:06d}"
    unfinished = target.with_suffix(".tmp")
    counts = _load(store / "scratch", unfinished, _reporting(quads, progress))
    progress("publish", 0.0)
    _flush(unfinished)
    generation = Generation(
        number,
        target,
        counts.quads,
        _digest(unfinished),
        built_from,
        counts.graphs,
        counts.union_triples,
    )
    # A generation newer than the pointer was never current: its writer died before the switch.
    shutil.rmtree(target, ignore_errors=True)
    unfinished.rename(target)
    _flush_directory(target.parent)
    _switch_to(store, generation)
    progress("publish", 1.0)
    return generation


class _Counts(NamedTuple):
    quads: int
    graphs: dict[str, int]
    union_triples: int


def _load(scratch: Path, backup: Path, quads: Iterable[ox.Quad]) -> _Counts:
    """Write *quads* and their union to *backup* by way of a store in *scratch*; count them."""
    store = ox.Store(scratch)
    store.bulk_extend(_with_union(quads, ox.NamedNode(UNION_GRAPH)))
    store.optimize()  # nothing is written to it any more, so reading is what counts
    graphs = _triples_by_graph(store)
    in_union = graphs.pop(UNION_GRAPH, 0)
    store.backup(backup)
    return _Counts(len(store) - in_union, graphs, in_union)


def _triples_by_graph(store: ox.Store) -> dict[str, int]:
    rows = store.query("SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g")
    assert isinstance(rows, ox.QuerySolutions)  # noqa: S101 -- it is a SELECT
    counted = ((row["g"], row["n"]) for row in rows)
    return {
        graph.value: int(triples.value)
        for graph, triples in counted
        if isinstance(graph, ox.NamedNode) and isinstance(triples, ox.Literal)
    }


def _with_union(quads: Iterable[ox.Quad], union: ox.NamedNode) -> Iterator[ox.Quad]:
    commits = ox.NamedNode(COMMITS_GRAPH)
    for quad in quads:
        if quad.graph_name == union:
            raise ValueError(f"<{UNION_GRAPH}> is derived from the other graphs, not loaded")
        yield quad
        if quad.graph_name != commits:
            yield ox.Quad(quad.subject, quad.predicate, quad.object, union)


def _reporting(quads: Iterable[ox.Quad], progress: Progress) -> Iterator[ox.Quad]:
    total = len(quads) if isinstance(quads, Sized) else 0
    progress("load", 0.0)
    for done, quad in enumerate(quads, start=1):
        if total and done % 5000 == 0:
            progress("load", done / total)
        yield quad
    progress("load", 1.0)


def _silent(step: str, done: float) -> None:
    """Report to nobody."""


def _switch_to(store: Path, generation: Generation) -> None:
    pointer = pointer_path(store)
    unfinished = pointer.with_suffix(".tmp")
    record = {
        "format": FORMAT,
        "generation": generation.number,
        "quads": generation.quads,
        "graphs": generation.graphs,
        "union_triples": generation.union_triples,
        "digest": generation.digest,
        "built": datetime.now(UTC).isoformat(timespec="seconds"),
        "built_from": generation.built_from,
    }
    with unfinished.open("w", encoding="utf-8") as file:
        json.dump(record, file, indent=2)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(pointer)
    _flush_directory(store)


def _generation_from(store: Path, pointer: Path, text: str) -> Generation:
    try:
        record: dict[str, Any] = json.loads(text)
        version = int(record["format"])
        if version == FORMAT:
            number = int(record["generation"])
            path = _generations(store) / f"{number:06d}"
            generation = Generation(
                number,
                path,
                int(record["quads"]),
                str(record["digest"]),
                str(record["built_from"]),
                _counts_of(record.get("graphs")),
                record.get("union_triples"),
            )
            if not path.is_dir():
                raise StoreUnusable(
                    f"{path}: missing, though {pointer} names it as current; "
                    "build the store again with 'metapole build'"
                )
            return generation
    except (ValueError, TypeError, KeyError) as error:
        raise StoreUnusable(
            f"{pointer}: damaged ({type(error).__name__}: {error}); remove that file and build "
            "the store again with 'metapole build'"
        ) from error
    raise StoreUnusable(
        f"{pointer}: the store has format {version}, this version of metapole knows format "
        f"{FORMAT}; give another directory with --store, or build this one again"
    )


def _counts_of(graphs: dict[str, Any] | None) -> dict[str, int] | None:
    return None if graphs is None else {name: int(count) for name, count in graphs.items()}


def _previous_number(store: Path) -> int:
    """Return the highest number in use, so that a damaged pointer never reuses one."""
    try:
        current = current_generation(store)
    except StoreUnusable:
        current = None
    if current:
        return current.number
    numbers = [int(path.name) for path in _generations(store).iterdir() if path.name.isdigit()]
    return max(numbers, default=0)


@contextmanager
def _writing(store: Path) -> Generator[None]:
    """Hold the store's lock; StoreUnusable when another process writes."""
    try:
        _generations(store).mkdir(parents=True, exist_ok=True)
        lock = (store / "lock").open("a")
    except OSError as error:
        raise StoreUnusable(
            f"{store}: cannot be written ({error.strerror}); give another directory with --store"
        ) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise StoreUnusable(
                f"{store}: another process is writing to it; wait until it has finished"
            ) from error
        yield


def _sweep(store: Path) -> None:
    """Remove what no pointer will ever name: scratch, unfinished and old generations."""
    shutil.rmtree(store / "scratch", ignore_errors=True)
    for unfinished in _generations(store).glob("*.tmp"):
        shutil.rmtree(unfinished, ignore_errors=True)
    try:
        current = current_generation(store)
    except StoreUnusable:
        return
    if current is None:
        return
    for path in _generations(store).iterdir():
        if path.name.isdigit() and int(path.name) <= current.number - KEPT_GENERATIONS:
            shutil.rmtree(path, ignore_errors=True)


def _generations(store: Path) -> Path:
    return store / "generations"


def _digest(directory: Path) -> str:
    """Return one digest over the names and contents of the files in *directory*."""
    digest = hashlib.sha256()
    for path in sorted(directory.iterdir()):
        with path.open("rb") as file:
            content = hashlib.file_digest(file, "sha256").hexdigest()
        digest.update(f"{path.name} {path.stat().st_size} {content}\n".encode())
    return digest.hexdigest()


def _flush(directory: Path) -> None:
    for path in directory.iterdir():
        with path.open("rb") as file:
            os.fsync(file.fileno())
    _flush_directory(directory)


def _flush_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
