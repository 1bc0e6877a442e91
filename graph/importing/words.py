"""Say in words what an import would do: how much comes and goes, of which kinds of things."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pyoxigraph as ox

from graph.differences import counted, shown_graph
from graph.namespaces import RDF_TYPE, short

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from graph.importing.preparing import Prepared

_TYPE = ox.NamedNode(RDF_TYPE)
_SHOWN_KINDS = 12


def in_words(prepared: Prepared, most: int | None = 20) -> Iterator[str]:
    """Yield lines that tell what *prepared* would do, with *most* statements at the most."""
    difference, graph = prepared.difference, shown_graph(prepared.graph)
    if prepared.is_unchanged:
        yield f"{graph} is so already; nothing is to be changed."
        return
    came, went = len(difference.added), len(difference.removed)
    if prepared.content is None:
        yield f"{graph} would be gone: {counted(went, 'statement')} with it"
    elif prepared.is_new:
        yield f"{graph} would be new: {counted(came, 'statement')}"
    else:
        yield f"{graph} would change: {counted(came, 'statement')} more, {went:,} less"
    yield from _things(difference.added, difference.removed, is_new=prepared.is_new)
    yield from difference.lines(most)


def _things(
    added: Iterable[ox.Triple], removed: Iterable[ox.Triple], *, is_new: bool
) -> Iterator[str]:
    """Yield how many things of which class are new, gone and changed; nothing new has changed."""
    new, gone = _classes(added), _classes(removed)
    touched = {each.subject for part in (added, removed) for each in part}
    changed = len(touched - new.keys() - gone.keys())
    for title, found in (("New", new), ("Gone", gone)):
        only = [
            name for thing, name in found.items() if thing not in (gone if title == "New" else new)
        ]
        if only:
            yield f"  {title}: {_counts(only)}"
    if changed and not is_new:
        yield f"  Changed: {counted(changed, 'thing')}"


def _classes(triples: Iterable[ox.Triple]) -> dict[object, str]:
    return {
        each.subject: short(each.object.value)
        for each in triples
        if each.predicate == _TYPE and isinstance(each.object, ox.NamedNode)
    }


def _counts(names: Iterable[str]) -> str:
    found = Counter(names).most_common()
    texts = [f"{count:,} {name}" for name, count in found[:_SHOWN_KINDS]]
    if len(found) > _SHOWN_KINDS:
        texts.append(f"{len(found) - _SHOWN_KINDS} more kinds")
    return ", ".join(texts)
