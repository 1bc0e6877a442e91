"""What is kept of a generation as plain JSON, and back: no file may say what is to be run."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Memory = dict[Any, Any]


@dataclass(frozen=True, slots=True)
class _Kind:
    """How one kind of memory is written, and read."""

    written: Callable[[Memory], Any]
    read: Callable[[Any], Memory]


def plain(memories: Mapping[str, Memory]) -> dict[str, Any]:
    """Return *memories*, by name, as JSON has it; those that are only for one reader left out."""
    return {name: _KINDS[name].written(each) for name, each in memories.items() if name in _KINDS}


def remembered(name: str, found: Any) -> Memory:  # noqa: ANN401 -- JSON
    """Return the memory *name* as it was before it was written; empty if it is none."""
    try:
        return _KINDS[name].read(found)
    except (KeyError, TypeError, ValueError, AttributeError):
        return {}


def _class(module: str, name: str) -> Any:  # noqa: ANN401 -- a class of the pages, which import this
    return getattr(import_module(f"graph.publishing.{module}"), name)


def _of_sets() -> _Kind:
    """Sets of texts by texts."""
    return _Kind(
        lambda memory: {key: sorted(found) for key, found in memory.items()},
        lambda found: {str(key): frozenset(map(str, values)) for key, values in found.items()},
    )


def _by_sets(written: Callable[[Any], Any], read: Callable[[Any], Any]) -> _Kind:
    """Something by sets of texts."""
    return _Kind(
        lambda memory: [[sorted(key), written(value)] for key, value in memory.items()],
        lambda found: {frozenset(map(str, key)): read(value) for key, value in found},
    )


def _written_links(memory: Memory) -> Any:  # noqa: ANN401 -- JSON
    return {
        name: [[astuple(link) for link in links], are_all]
        for name, (links, are_all) in memory.items()
    }


def _read_links(found: Any) -> Memory:  # noqa: ANN401 -- JSON
    link = _class("pictures.relations", "Link")
    return {
        name: ([link(*map(str, each)) for each in links], bool(are_all))
        for name, (links, are_all) in found.items()
    }


def _read_areas(found: Any) -> Memory:  # noqa: ANN401 -- JSON
    area = _class("pictures.areas", "Area")
    return {
        iri: area(iri, tuple(point) if point else None, is_country, code, tuple(wholes))
        for iri, point, is_country, code, wholes in found
    }


def _read_spots(found: Any) -> Any:  # noqa: ANN401 -- JSON
    spot = _class("pictures.areas", "Spot")
    return tuple(spot(area, kind, tuple(at), tuple(earth)) for area, kind, at, earth in found)


def _written_censuses(memory: Memory) -> Any:  # noqa: ANN401 -- JSON
    return {
        name: [
            each.things,
            {facet: _hex(values) for facet, values in each.values.items()},
            _hex(each.aspects),
            list(each.days.items()),
        ]
        for name, each in memory.items()
    }


def _read_censuses(found: Any) -> Memory:  # noqa: ANN401 -- JSON
    census = _class("site.directory.census", "Census")
    return {
        name: census(
            tuple(map(str, things)),
            {facet: _from_hex(each) for facet, each in values.items()},
            _from_hex(aspects),
            {int(number): str(day) for number, day in days},
        )
        for name, (things, values, aspects, days) in found.items()
    }


def _hex(masks: Mapping[str, int]) -> dict[str, str]:
    return {name: f"{mask:x}" for name, mask in masks.items()}


def _from_hex(found: Mapping[str, str]) -> dict[str, int]:
    return {name: int(mask, 16) for name, mask in found.items()}


def _same(value: Any) -> Any:  # noqa: ANN401 -- JSON
    return value


_PLAIN = _Kind(_same, lambda found: dict(found.items()))
_KINDS = {
    "areas": _Kind(lambda memory: list(map(astuple, memory.values())), _read_areas),
    "areas of things": _of_sets(),
    "census": _Kind(_written_censuses, _read_censuses),
    "counts": _PLAIN,
    "countries": _by_sets(_same, list),
    "facets": _Kind(
        lambda memory: [[*key, counts] for key, counts in memory.items()],
        lambda found: {(kind, facet): counts for kind, facet, counts in found},
    ),
    "links": _Kind(_written_links, _read_links),
    "located": _of_sets(),
    "positions": _PLAIN,
    "rows": _PLAIN,
    "sectors": _of_sets(),
    "spots": _by_sets(lambda spots: list(map(astuple, spots)), _read_spots),
}
"""What is worth a place in the file, by name."""
