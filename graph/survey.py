"""What erasing a thing would do to stores, for somebody to look at before it is done."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyoxigraph as ox

from graph.belongings import about_properties, belongings
from graph.differences import statement_text
from graph.erasure import is_unfinished, is_whole
from graph.errors import StoreUnusable
from graph.generations import current_generation, kept_generations, verify_generation
from graph.mentions import mentions, names_in
from graph.namespaces import ONTOLOGY_GRAPH, expanded, short
from graph.rules import rules_digest
from graph.sources import data_files, ontology_files, shown_path
from graph.writing.transaction import RESERVED, UNION

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from graph.belongings import Belongings, Node
    from graph.generations import Generation

_NEAR = 3


@dataclass(frozen=True, slots=True)
class InGeneration:
    """What one generation has of a thing, named as people write it."""

    store: Path
    generation: int
    is_current: bool
    quads: dict[str, int]
    """By the name of the graph; "" is the store's own default graph."""
    statements: tuple[str, ...]
    evidence: tuple[str, ...]
    blank_nodes: int
    gaps: tuple[str, ...]
    """What stays and loses a value: `document:x dct:publisher`."""

    @property
    def total(self) -> int:
        """How many quads it has."""
        return sum(self.quads.values())


@dataclass(frozen=True, slots=True)
class Survey:
    """What there is of a thing in all generations of some stores."""

    thing: str
    generations: tuple[InGeneration, ...]
    mentions: tuple[str, ...]
    """Where it is named in what stays."""
    shipped_in: dict[str, tuple[str, ...]]
    """The graphs with it that ship, and the files of them that name it."""
    is_term: bool
    """Whether the ontology describes it."""
    near: tuple[str, ...]
    """What has a name like it, if it is nowhere."""
    is_unfinished: bool
    """Whether an erasure in one of the stores was begun and not ended."""
    has_other_rules: bool
    """Whether something was derived by other rules than those that will derive it anew."""

    @property
    def is_known(self) -> bool:
        """Tell whether any generation has anything of it."""
        return any(each.total for each in self.generations)


def iris_meant(text: str) -> tuple[str, ...]:
    """Return the IRIs that *text* may mean: itself, and what it is short for.

    ValueError when it is no absolute IRI, or names a graph that the server keeps itself.
    """
    try:
        iri = ox.NamedNode(text)
    except ValueError as error:
        raise ValueError(
            f"{text!r} is not an absolute IRI; give one such as "
            "https://w3id.org/metapole/id/person/jane-doe, or person:jane-doe for short"
        ) from error
    if iri in RESERVED:
        raise ValueError(
            f"{text} is kept by metapole itself, from the other graphs; erase what it follows from"
        )
    return tuple(filter(None, (text, expanded(text))))


def survey(stores: Sequence[Path], text: str, ontology: Path, data: Path) -> Survey:
    """Look for the thing that *text* names in *stores*; nothing is written.

    *ontology* and *data* are the folders of the files that a build reads.
    """
    candidates = [ox.NamedNode(iri) for iri in iris_meant(text)]
    opened = [_Open(store, each) for store in stores for each in _generations(store)]
    looked = [_Look(opened, candidate, ontology) for candidate in candidates]
    chosen = next((look for look in looked if look.found_any), looked[-1])
    shipped_in = chosen.shipped_in(_files(ontology, data))
    return Survey(
        chosen.thing.value,
        chosen.plain(),
        () if not chosen.found_any else chosen.mentions(),
        shipped_in,
        ONTOLOGY_GRAPH in shipped_in and chosen.is_described_in(ONTOLOGY_GRAPH),
        () if chosen.found_any else _near(text, opened),
        any(is_unfinished(store) for store in stores),
        any(each.generation.rules not in ("", rules_digest(ontology / "rules")) for each in opened),
    )


def _generations(store: Path) -> list[Generation]:
    current = current_generation(store)
    if current is None:
        raise StoreUnusable(f"{store}: there is no store; give the directory of one")
    verify_generation(current)
    older = [each for each in kept_generations(store) if each.number < current.number]
    return [*filter(is_whole, older), current]


class _Open:
    """A generation that is looked at."""

    def __init__(self, store: Path, generation: Generation) -> None:
        self.store = store
        self.generation = generation
        self.content = ox.Store.read_only(str(generation.path))
        current = current_generation(store)
        self.is_current = current is not None and current.number == generation.number


class _Look:
    """One thing, in all generations."""

    def __init__(self, opened: list[_Open], thing: ox.NamedNode, ontology: Path) -> None:
        self.thing = thing
        self._found: list[tuple[_Open, Belongings]] = [
            (each, belongings(each.content, thing, about_properties(each.content, ontology)))
            for each in opened
        ]

    @property
    def found_any(self) -> bool:
        return any(found.quads for _, found in self._found)

    def plain(self) -> tuple[InGeneration, ...]:
        return tuple(
            InGeneration(
                each.store,
                each.generation.number,
                each.is_current,
                {"" if isinstance(name, ox.DefaultGraph) else name.value: count
                 for name, count in sorted(found.quads.items(), key=lambda item: str(item[0]))},
                _shown(found.statements),
                _shown(found.evidence),
                len(found.blank_nodes),
                tuple(sorted(f"{_name(node)} {short(by.value)}" for node, by in found.gaps)),
            )
            for each, found in self._found
        )  # fmt: skip

    def mentions(self) -> tuple[str, ...]:
        names = {name for each, found in self._found for name in names_in(each.content, found)}
        lines: set[str] = set()
        for each, found in self._found:
            for mention in mentions(each.content, names, found):
                is_iri = isinstance(mention, str)
                lines.add(short(mention) if is_iri else statement_text(mention.triple))
        return tuple(sorted(lines))

    def shipped_in(self, files: dict[str, list[Path]]) -> dict[str, tuple[str, ...]]:
        slug = re.split(r"[/#:]", self.thing.value)[-1]
        graphs = Counter[str]()
        for each, found in self._found:
            names = (name.value for name in found.quads if isinstance(name, ox.NamedNode))
            graphs.update(name for name in names if name in each.generation.shipped)
        return {
            graph: tuple(
                shown_path(path)
                for path in files.get(graph, ())
                if slug in path.read_text(encoding="utf-8")
            )
            for graph in sorted(graphs)
        }

    def is_described_in(self, graph: str) -> bool:
        pattern = (self.thing, None, None, ox.NamedNode(graph))
        return any(any(each.content.quads_for_pattern(*pattern)) for each, _ in self._found)


def _files(ontology: Path, data: Path) -> dict[str, list[Path]]:
    files: dict[str, list[Path]] = {}
    for file in (*ontology_files(ontology), *data_files(data)):
        files.setdefault(file.graph, []).append(file.path)
    return files


def _near(text: str, opened: list[_Open]) -> tuple[str, ...]:
    """Return the names of things in the current generations that look like *text*."""
    names = {
        short(quad.subject.value)
        for each in opened
        if each.is_current
        for quad in each.content.quads_for_pattern(None, None, None, UNION)
        if isinstance(quad.subject, ox.NamedNode)
    }
    wanted = short(expanded(text) or text)
    return tuple(difflib.get_close_matches(wanted, sorted(names), _NEAR, cutoff=0.75))


def _shown(nodes: Iterable[Node]) -> tuple[str, ...]:
    return tuple(sorted(_name(node) for node in nodes))


def _name(node: Node) -> str:
    return short(node.value) if isinstance(node, ox.NamedNode) else str(node)
