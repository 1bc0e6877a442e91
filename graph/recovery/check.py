"""Read one generation to its last quad, and compare it with what it says of itself.

    for finding in check_generation(generation, rules): ...     nothing, when all is well

Its files, by their digest; then, if they are whole: every graph is read, never counted by the
engine, which may count for ever in a damaged file; the union is compared with what is stated and
derived, and what is derived with all that follows by the rules, worked out anew. The history is
read to its last entry.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pyoxigraph as ox

from graph.derivation import closure
from graph.errors import StoreUnusable
from graph.generations.fallback import verify_whole
from graph.history.pages import history_of
from graph.history.reading import History
from graph.rules import Rules
from graph.writing.commits import all_commits
from graph.writing.transaction import COMMITS, DERIVED, RESERVED, UNION

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graph.generations import Generation, Progress

_NO_RULES = Rules((), (), "")


def check_generation(
    generation: Generation, rules: Rules, *, progress: Progress | None = None
) -> Iterator[str]:
    """Yield what is wrong with *generation*, in words; *rules* are those that ship.

    What was derived by other rules is not compared with these.
    """
    tell = progress or _silent
    tell("files", 0.0)
    try:
        verify_whole(generation)
    except StoreUnusable as error:
        yield str(error)
        return
    tell("files", 1.0)
    try:
        yield from _check_content(generation, rules, tell)
    except OSError as error:
        yield f"{generation.path}: cannot be read to its end ({error})"
    yield from _check_history(generation)


def _check_history(generation: Generation) -> Iterator[str]:
    """Read the history, unless it was begun anew since: then that of another generation is read."""
    if not generation.history or not history_of(generation).is_dir():
        return
    history = History(history_of(generation), generation.entries)
    last = 0
    try:
        for _, entry in history.entries():
            last = entry.commit
    except StoreUnusable as error:
        yield str(error)
        return
    if last > generation.commit:
        yield f"its history ends with commit {last}, and its log with {generation.commit}"


def _check_content(generation: Generation, rules: Rules, progress: Progress) -> Iterator[str]:
    store = ox.Store.read_only(str(generation.path))
    counts: Counter[ox.NamedNode | ox.BlankNode | ox.DefaultGraph] = Counter()
    by_these_rules = generation.rules == rules.digest
    left_out = RESERVED if by_these_rules else RESERVED - {DERIVED}
    quads = _counted(store, counts, generation, progress)
    goal = closure(
        (quad for quad in quads if quad.graph_name not in left_out),
        rules if by_these_rules else _NO_RULES,
    )
    yield from _check_counts(store, counts, generation)
    if counts[COMMITS]:
        yield from _check_log(store, generation)
    if by_these_rules:
        yield from _check_derived(store, goal.derived)
    yield from _check_union(store, goal.union, progress)


def _counted(
    store: ox.Store,
    counts: Counter[ox.NamedNode | ox.BlankNode | ox.DefaultGraph],
    generation: Generation,
    progress: Progress,
) -> Iterator[ox.Quad]:
    """Yield all quads of *store*, and count them by graph."""
    expected = generation.quads + (generation.union_triples or 0)
    for done, quad in enumerate(store, start=1):
        counts[quad.graph_name] += 1
        yield quad
        if expected and done % 5000 == 0:
            progress("read", done / expected)
    progress("read", 1.0)


def _check_counts(
    store: ox.Store,
    counts: Counter[ox.NamedNode | ox.BlankNode | ox.DefaultGraph],
    generation: Generation,
) -> Iterator[str]:
    total = counts.total() - counts[UNION]
    if total != generation.quads:
        yield f"it holds {total} quads, and its record says {generation.quads}"
    if counts[UNION] != generation.union_triples:
        yield (
            f"the union holds {counts[UNION]} triples, and its record says "
            f"{generation.union_triples}"
        )
    names = (name for name in store.named_graphs() if isinstance(name, ox.NamedNode))
    found = {name.value: counts[name] for name in names if name != UNION}
    recorded = dict(generation.graphs or {})
    for name in sorted(found.keys() | recorded.keys()):
        if found.get(name) != recorded.get(name):
            yield (
                f"<{name}>: {_size(found.get(name))} is there, and its record says "
                f"{_size(recorded.get(name))}"
            )


def _size(triples: int | None) -> str:
    return "no such graph" if triples is None else f"a graph of {triples} triples"


def _check_log(store: ox.Store, generation: Generation) -> Iterator[str]:
    last = max(all_commits(store), default=0)
    if last != generation.commit:
        yield f"its log ends with commit {last}, and its record says {generation.commit}"


def _check_derived(store: ox.Store, goal: list[ox.Quad]) -> Iterator[str]:
    missing = sum(quad not in store for quad in goal)
    found = sum(1 for _ in store.quads_for_pattern(None, None, None, DERIVED))
    superfluous = found - (len(goal) - missing)
    if missing or superfluous:
        yield (
            f"the derived graph lacks {missing} of the triples that follow by the rules, and has "
            f"{superfluous} that do not"
        )


def _check_union(store: ox.Store, goal: ox.Store, progress: Progress) -> Iterator[str]:
    total = len(goal) or 1
    missing = 0
    for done, quad in enumerate(goal, start=1):
        missing += ox.Quad(quad.subject, quad.predicate, quad.object, UNION) not in store
        if done % 5000 == 0:
            progress("union", done / total)
    progress("union", 1.0)
    found = sum(1 for _ in store.quads_for_pattern(None, None, None, UNION))
    superfluous = found - (len(goal) - missing)
    if missing or superfluous:
        yield (
            f"the union lacks {missing} of the triples of the other graphs, and has "
            f"{superfluous} that are in none"
        )


def _silent(step: str, done: float) -> None:
    """Report to nobody."""
