"""Erase a thing from a store: from every generation it has kept, and from the bytes of its files.

Removing quads is not enough: the engine keeps the texts of what was removed. So every generation is
made anew, from nothing but the quads that stay (`belongings` says which go):

    1  the current generation, without the thing, becomes the next one; the log says that this was,
       and the history begins anew without the thing
    2  each older one is made anew beside itself, and takes its own place
    3  what is in no generation is removed: scratch, uploads, generations that are damaged

Ended at any point, the store is whole, and doing it again finishes it; a mark in the store tells
that there is something to finish. The older generation that was just being replaced may be lost.
"""

from __future__ import annotations

import shutil
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import chain
from typing import TYPE_CHECKING, TypeVar

import pyoxigraph as ox

from graph.belongings import about_properties, belongings, kept_by_users, names_one_of
from graph.derivation import closure
from graph.errors import StoreUnusable
from graph.generations import (
    Generation,
    current_generation,
    kept_generations,
    serving,
    verify_generation,
    writing,
)
from graph.generations.fallback import aside_number, set_aside
from graph.generations.files import digest_of, flush, flush_one, stored_files
from graph.generations.publishing import no_step, prepare, publish
from graph.generations.record import (
    generation_path,
    generations_directory,
    record_path,
    record_text,
)
from graph.generations.sweeping import new_scratch, sweep_leftovers, sweep_old
from graph.history.changes import changes
from graph.history.erasing import chapter_without
from graph.publishing.ahead import file as ahead
from graph.rules import read_rules
from graph.search.files import forget
from graph.writing.commits import Commit, commit_numbered, commit_time
from graph.writing.transaction import COMMITS, DERIVED, RESERVED, UNION

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from graph.belongings import Belongings
    from graph.generations.publishing import Step
    from graph.history.chapter import Chapter
    from graph.rules import Rules

AGENT = "metapole erase"
_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True)
class Erased:
    """What became of one generation."""

    store: Path
    generation: int
    quads: int
    """How many quads it lost, the derived ones not counted."""
    how: str
    """"current", "made anew", or "removed" for one that was damaged."""


def erase(
    stores: Sequence[Path], thing: str, ontology: Path, *, step: Step = no_step
) -> Iterator[Erased]:
    """Erase *thing* from all *stores*, and yield what became of each generation, as it happens.

    *ontology* is the folder with the rules, by which everything is derived anew. StoreUnusable,
    before anything is changed, when one of the stores cannot be written or is in use.
    """
    folders = list(dict.fromkeys(store.resolve() for store in stores))
    rules = read_rules(ontology / "rules")
    with ExitStack() as locks:
        for store in folders:
            if current_generation(store) is None:
                raise StoreUnusable(f"{store}: there is no store; give the directory of one")
            locks.enter_context(serving(store, AGENT))
            locks.enter_context(writing(store, AGENT))
        for store in folders:
            yield from _Erasure(store, ox.NamedNode(thing), ontology, rules, step).run()


def is_unfinished(store: Path) -> bool:
    """Tell whether an erasure in *store* was begun and not ended; any other one will end it."""
    return _mark(store).exists()


def is_whole(generation: Generation) -> bool:
    """Tell whether the files of *generation* are those that were published."""
    try:
        verify_generation(generation)
    except StoreUnusable:
        return False
    return True


@dataclass(frozen=True, slots=True)
class _Copy:
    """A store that holds what another one does, without a thing."""

    store: ox.Store
    erased: Belongings
    graphs: dict[str, int]
    quads: int
    union_triples: int

    def describe(self, generation: Generation, rules: Rules) -> Generation:
        """Return *generation* with the counts of this store, and without the erased graphs."""
        return replace(
            generation,
            quads=self.quads,
            graphs=self.graphs,
            union_triples=self.union_triples,
            changed=_without(generation.changed, self.erased),
            shipped=_without(generation.shipped, self.erased),
            rules=rules.digest,
        )


class _Erasure:
    """The erasure of one thing from one store, whose locks are held."""

    def __init__(
        self, store: Path, thing: ox.NamedNode, ontology: Path, rules: Rules, step: Step
    ) -> None:
        self._store = store
        self._thing = thing
        self._ontology = ontology
        self._rules = rules
        self._step = step

    def run(self) -> Iterator[Erased]:
        prepare(self._store)
        _mark(self._store).touch()
        flush_one(self._store)
        sweep_leftovers(self._store)
        current = current_generation(self._store)
        assert current is not None  # noqa: S101 -- it was there when the lock was taken
        verify_generation(current)
        new, quads = self._publish_without(current)
        yield Erased(self._store, new.number, quads, "current")
        sweep_old(self._store, linger_s=0)
        older = [each for each in kept_generations(self._store) if each.number < new.number]
        whole = [each for each in older if is_whole(each)]
        for number in self._remove_all_but({new.number, *(each.number for each in whole)}):
            yield Erased(self._store, number, 0, "removed")
        for generation in reversed(whole):
            yield Erased(self._store, generation.number, self._remake(generation), "made anew")
        self._step("clear")
        shutil.rmtree(self._store / "spool", ignore_errors=True)
        forget(self._store)
        ahead.forget(self._store)
        sweep_leftovers(self._store)
        self._step("unmark")
        _mark(self._store).unlink()
        flush_one(self._store)

    def _publish_without(self, current: Generation) -> tuple[Generation, int]:
        """Make what stays of *current* the next generation; return it, and how many quads went."""
        number = current.number + 1
        commit = current.commit + 1
        copy = self._copy(current, commit)
        draft = copy.describe(current, self._rules)
        self._step("tell")
        chapter = self._chapter(current, copy, number)
        changed = {
            _key(name)
            for name in (*copy.erased.quads, DERIVED, COMMITS)
            if _key(name) in ("", *copy.graphs)
        }
        draft = replace(
            draft,
            number=number,
            path=generation_path(self._store, number),
            commit=commit,
            changed={**draft.changed, **dict.fromkeys(changed, number)},
        )
        new = publish(self._store, copy.store, draft, None, self._step, chapter)
        return new, copy.erased.quads.total()

    def _chapter(self, current: Generation, copy: _Copy, number: int) -> Chapter | None:
        """Return the history without the thing, and with what became of those that named it."""
        source = ox.Store.read_only(str(current.path))
        about = about_properties(source, self._ontology)
        directory = new_scratch(self._store)
        chapter = chapter_without(self._store, current, copy.erased, about, directory)
        if chapter is None:
            return None
        made = commit_numbered(copy.store, current.commit + 1)
        assert made is not None  # noqa: S101 -- the copy was made with it
        touched = {ox.Quad(subject, predicate, subject) for subject, predicate in copy.erased.gaps}
        for entry in changes((), touched, copy.store, number, made):
            if entry.kept:  # of which nothing stays, was not erased, and is no news
                chapter.add((replace(entry, removed=()),))
        return chapter

    def _remake(self, old: Generation) -> int:
        """Replace *old* by what stays of it; return how many quads went.

        Its record goes first and comes back last, so that none ever speaks of other files.
        """
        directory = generations_directory(self._store)
        record = record_path(self._store, old.number)
        copy = self._copy(old)
        new, gone = old.path.with_suffix(".tmp"), old.path.with_suffix(".old.tmp")
        self._step("copy")
        copy.store.backup(new)
        files, _ = stored_files(new, None)
        described = replace(
            copy.describe(old, self._rules),
            files=files,
            digest=digest_of(files),
            history="",
            entries=0,
        )
        next_record = record.with_suffix(".json.tmp")
        next_record.write_text(record_text(described), encoding="utf-8")
        flush((*(new / name for name in files), new, next_record))
        self._step("forget")
        record.unlink()
        flush_one(directory)
        self._step("take out")
        old.path.rename(gone)
        self._step("put in")
        new.rename(old.path)
        flush_one(directory)
        self._step("remember")
        next_record.replace(record)
        flush_one(directory)
        self._step("remove old")
        shutil.rmtree(gone)
        return copy.erased.quads.total()

    def _copy(self, generation: Generation, commit: int | None = None) -> _Copy:
        """Make a store of what stays of *generation*, and of the record of *commit*, if any."""
        source = ox.Store.read_only(str(generation.path))
        erased = belongings(source, self._thing, about_properties(source, self._ontology))
        nodes = erased.nodes
        stated: list[ox.Quad] = []
        log: list[ox.Quad] = []
        for quad in kept_by_users(source):
            if not names_one_of(quad, nodes):
                (log if quad.graph_name == COMMITS else stated).append(quad)
        if commit is not None:
            last = commit_numbered(source, generation.commit)
            log += _record(commit, erased, last.time if last else None)
        return self._load(source, erased, stated, log)

    def _load(
        self, source: ox.Store, erased: Belongings, stated: list[ox.Quad], log: list[ox.Quad]
    ) -> _Copy:
        union, derived = closure(stated, self._rules)
        fresh = ox.Store(str(new_scratch(self._store)))
        in_union = (ox.Quad(quad.subject, quad.predicate, quad.object, UNION) for quad in union)
        fresh.bulk_extend(chain(stated, log, derived, in_union))
        for name in source.named_graphs():
            if name not in erased.nodes:
                fresh.add_graph(name)
        fresh.optimize()
        names = (name for name in fresh.named_graphs() if name != UNION)
        graphs = {name.value: 0 for name in names if isinstance(name, ox.NamedNode)}
        counts = Counter(_key(quad.graph_name) for quad in chain(stated, log, derived))
        graphs.update({name: count for name, count in counts.items() if name in graphs})
        return _Copy(fresh, erased, graphs, counts.total(), len(union))

    def _remove_all_but(self, numbers: set[int]) -> list[int]:
        """Remove every generation whose number is not in *numbers*, and return its number."""
        removed: set[int] = set()
        for path in list(generations_directory(self._store).iterdir()):
            name = path.name.split(".")[0]
            if name.isdigit() and int(name) not in numbers:
                self._step("remove damaged")
                removed.add(int(name))
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        for path in set_aside(self._store):
            self._step("remove damaged")
            removed.add(aside_number(path))
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        return sorted(removed)


def _record(number: int, erased: Belongings, last: datetime | None) -> Iterator[ox.Quad]:
    """Yield the record of an erasure, which names neither the thing nor what went with it."""
    changed = {name for name in erased.quads if name not in RESERVED}
    graphs = {name.value for name in changed - erased.nodes if isinstance(name, ox.NamedNode)}
    yield from Commit(
        number,
        commit_time(datetime.now(UTC), last),
        AGENT,
        added=0,
        removed=sum(erased.quads[name] for name in changed),
        changed=tuple(sorted(graphs)),
    ).quads()


def _mark(store: Path) -> Path:
    return store / "erasure-unfinished"


def _key(name: ox.NamedNode | ox.BlankNode | ox.DefaultGraph) -> str:
    """Return what a record calls the graph *name*."""
    return "" if isinstance(name, ox.DefaultGraph) else name.value


def _without(values: Mapping[str, _Value], erased: Belongings) -> dict[str, _Value]:
    """Return *values*, by names of graphs, without those of graphs that are erased."""
    gone = {node.value for node in erased.nodes}
    return {name: value for name, value in values.items() if name not in gone}
