"""Compare what is to be imported with what is there, have it judged, and make it so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from graph.differences import Difference
from graph.errors import ImportRefused
from graph.importing.candidate import make_candidate, write_lines
from graph.importing.names import activity_of, checked_name, graph_of
from graph.importing.origin import ENDED

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from graph.importing.candidate import Part
    from graph.importing.origin import Origin
    from graph.importing.target import Done, Finding, Target
    from graph.limits import UploadLimits


@dataclass(frozen=True, slots=True)
class Prepared:
    """A change of one graph that can be looked at, and made."""

    graph: str
    content: Path | None
    """What the graph is to hold, as N-Triples; None: it is to be gone."""
    difference: Difference
    findings: tuple[Finding, ...]
    """What it would break that is whole now."""
    version: str
    """What the graph was like when it was compared."""
    is_new: bool
    """Whether there is no such graph yet."""

    @property
    def is_unchanged(self) -> bool:
        """Tell whether there is nothing to do."""
        return not (self.difference.added or self.difference.removed)

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that forbid the change."""
        return tuple(each for each in self.findings if each["severity"] == "error")


async def prepare(
    target: Target,
    origin: Origin,
    parts: Sequence[Part],
    folder: Path,
    limits: UploadLimits | None = None,
) -> Prepared:
    """Return what importing *parts* would do to *target*; nothing is changed.

    *folder* is for files, and has to stay until the change is made. Where the same was imported
    before, nothing is different: the graph keeps saying when that was. ImportRefused when a file
    cannot be read.
    """
    candidate = await make_candidate(origin, parts, folder, limits)
    found = await target.found(origin.graph)
    there = found.triples or frozenset()
    difference = Difference.between(origin.graph, there, candidate.triples)
    if _only_the_time(difference):
        difference = Difference(origin.graph, frozenset(), frozenset())
    return await _judged(target, candidate.path, difference, found.version, found.triples is None)


async def prepare_undo(target: Target, name: str, folder: Path) -> Prepared:
    """Return what taking back the last import called *name* would do; nothing is changed.

    ImportRefused when there is none, or when nobody knows any more what was there before.
    """
    graph = graph_of(checked_name(name))
    found = await target.found(graph)
    if found.triples is None:
        raise ImportRefused(f"there is no import {name!r}; 'metapole import list' shows all")
    difference = await target.before(graph, activity_of(name))
    triples = found.triples - difference.removed | difference.added
    content = write_lines(folder / "before.nt", triples) if triples else None
    return await _judged(target, content, difference, found.version, is_new=False)


async def commit(target: Target, prepared: Prepared) -> Done:
    """Make the change that was *prepared*, all or nothing.

    PreconditionFailed when the graph has changed meanwhile; ShapesViolated when shapes forbid it.
    """
    return await target.put(prepared.graph, prepared.content, prepared.version)


async def _judged(
    target: Target, content: Path | None, difference: Difference, version: str, is_new: bool
) -> Prepared:
    findings: list[Finding] = []
    if difference.added or difference.removed:
        findings = await target.findings(difference, content)
    return Prepared(difference.graph, content, difference, tuple(findings), version, is_new)


def _only_the_time(difference: Difference) -> bool:
    """Tell whether nothing is different but when the files were there."""
    changed = (*difference.added, *difference.removed)
    return bool(difference.removed) and all(each.predicate == ENDED for each in changed)
