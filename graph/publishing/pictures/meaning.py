"""Which things somebody means by a name, a slug or an IRI."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

import pyoxigraph as ox

from graph.namespaces import ID, RDFS, SKOS, expanded
from graph.publishing.things.names import Names, is_named, slug_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graph.publishing.edition import Edition

KINDS = (
    "cluster",
    "organisation",
    "network",
    "project",
    "programme",
    "event",
    "person",
    "group",
    "country",
    "area",
)
"""What can be linked by statements, in the order in which it is meant."""
_NAMES = tuple(ox.NamedNode(iri) for iri in (f"{SKOS}prefLabel", f"{SKOS}altLabel", f"{RDFS}label"))
_LANGUAGES = ("en", "fr", "de", None)
_MOST = 10


@dataclass(frozen=True, slots=True)
class Meant:
    """What somebody may mean: one thing, or several of that name, or only some of like names."""

    things: tuple[str, ...] = ()
    near: tuple[str, ...] = ()

    @property
    def only(self) -> str | None:
        """The thing that is meant, if that is clear."""
        return self.things[0] if len(self.things) == 1 else None


def meant_by(edition: Edition, text: str) -> Meant:
    """Return what is meant by *text*: `minalogic`, `cluster/minalogic`, "Minalogic", an IRI."""
    asked = text.strip()
    for found in (_by_iri(edition, asked), _by_name(edition, asked), _by_slug(edition, asked)):
        if things := tuple(islice(dict.fromkeys(found), _MOST)):
            return Meant(things)
    near = Names(edition.store).near(f"{ID}cluster/{slug_of(asked)}", _MOST)
    linked = (iri for iri in near if iri.removeprefix(ID).partition("/")[0] in KINDS)
    return Meant(near=tuple(linked))


def key_of(iri: str) -> str:
    """Return *iri* as the parameters of addresses have it: `cluster/minalogic`."""
    return iri.removeprefix(ID)


def _by_iri(edition: Edition, text: str) -> Iterator[str]:
    iris = [text] if text.startswith(ID) else [expanded(text), f"{ID}{text}"]
    for iri in iris:
        if iri and "/" in iri.removeprefix(ID) and _is_there(edition, iri):
            yield iri


def _by_name(edition: Edition, text: str) -> Iterator[str]:
    for language in _LANGUAGES:
        literal = ox.Literal(text, language=language) if language else ox.Literal(text)
        for name in _NAMES:
            for quad in edition.store.quads_for_pattern(None, name, literal, edition.union):
                if isinstance(quad.subject, ox.NamedNode) and _is_linked(quad.subject.value):
                    yield quad.subject.value


def _by_slug(edition: Edition, text: str) -> Iterator[str]:
    slug = slug_of(text)
    for kind in KINDS if slug else ():
        if _is_there(edition, iri := f"{ID}{kind}/{slug}"):
            yield iri


def _is_linked(iri: str) -> bool:
    return iri.startswith(ID) and iri.removeprefix(ID).partition("/")[0] in KINDS


def _is_there(edition: Edition, iri: str) -> bool:
    try:
        return is_named(edition.store, iri)
    except ValueError:  # it is no IRI at all
        return False
