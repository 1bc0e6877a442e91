"""The W3C test suites as values: where they are, and every test that their manifests list.

The suites are a copy of github.com/w3c/rdf-tests in the shared material; nothing of it is here.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pyoxigraph as ox

if TYPE_CHECKING:
    from collections.abc import Iterator

BASE = "https://w3c.github.io/rdf-tests/"
"""The folder of the suites has this IRI, and so its files have IRIs that name no machine."""

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
MF = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
QT = "http://www.w3.org/2001/sw/DataAccess/tests/test-query#"
UT = "http://www.w3.org/2009/sparql/tests/test-update#"

Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple


def suites_folder() -> Path | None:
    """Return where the suites are: in METAPOLE_SHARED, or beside the checkout; None if nowhere."""
    named = os.environ.get("METAPOLE_SHARED")
    shared = Path(named) if named else Path(__file__).resolve().parents[3] / "shared"
    folder = shared / "w3c-rdf-tests"
    return folder if folder.is_dir() else None


class Description:
    """A graph of RDF, asked for the values of a node."""

    def __init__(self, quads: Iterator[ox.Quad]) -> None:
        self._values: dict[tuple[Term, str], list[Term]] = {}
        for quad in quads:
            self._values.setdefault((quad.subject, quad.predicate.value), []).append(quad.object)

    def having(self, predicate: str) -> list[Term]:
        """Return what has a value of *predicate*, in the order of the file."""
        return [subject for subject, each in self._values if each == predicate]

    def all(self, subject: Term, predicate: str) -> list[Term]:
        """Return the values of *predicate*, in the order of the file."""
        return self._values.get((subject, predicate), [])

    def one(self, subject: Term, predicate: str) -> Term | None:
        """Return the value of *predicate*, or None."""
        return next(iter(self.all(subject, predicate)), None)

    def text(self, subject: Term, predicate: str) -> str | None:
        """Return the value of *predicate* as a string, or None."""
        value = self.one(subject, predicate)
        return value.value if isinstance(value, (ox.NamedNode, ox.Literal)) else None

    def listed(self, subject: Term, predicate: str) -> Iterator[Term]:
        """Yield the members of the list that is the value of *predicate*."""
        rest = self.one(subject, predicate)
        while rest is not None and (first := self.one(rest, f"{RDF}first")) is not None:
            yield first
            rest = self.one(rest, f"{RDF}rest")


@dataclass(frozen=True)
class SpecTest:
    """One test that a manifest lists."""

    iri: str
    kind: str
    """The local name of its type, such as `QueryEvaluationTest`."""
    manifest: str
    """The IRI of the manifest file."""
    node: ox.NamedNode
    about: Description = field(repr=False, compare=False)
    folder: Path = field(repr=False, compare=False)

    @property
    def name(self) -> str:
        """What the manifest calls it."""
        return self.about.text(self.node, f"{MF}name") or self.iri

    @property
    def action(self) -> Term:
        """What is to be done: a file, or a node that says more."""
        action = self.about.one(self.node, f"{MF}action")
        return self.node if action is None else action

    @cached_property
    def text_iri(self) -> str:
        """The IRI of the query, update or document that the test is about."""
        parts = [self.about.text(self.action, name) for name in (f"{QT}query", f"{UT}request")]
        found = next((part for part in parts if part), None)
        if found is None and isinstance(self.action, ox.NamedNode):
            found = self.action.value
        assert found, f"{self.iri}: no file to read"
        return found

    @property
    def text(self) -> str:
        """The query or update, its line ends as they are in the file."""
        return self.path(self.text_iri).read_bytes().decode("utf-8")

    @property
    def result_iri(self) -> str | None:
        """The IRI of the file with the expected result."""
        return self.about.text(self.node, f"{MF}result")

    def path(self, iri: str) -> Path:
        """Return the file that *iri* stands for."""
        assert iri.startswith(BASE), f"{iri} is not in the suites"
        return self.folder / unquote(iri.removeprefix(BASE))


@cache
def tests_of(folder: Path, manifest: str) -> tuple[SpecTest, ...]:
    """Return the tests of *manifest*, a path in *folder*, and of all that it includes, in order."""
    return tuple(_tests(folder, BASE + manifest))


def _tests(folder: Path, iri: str) -> Iterator[SpecTest]:
    path = folder / unquote(iri.removeprefix(BASE))
    about = Description(ox.parse(path=path, format=ox.RdfFormat.TURTLE, base_iri=iri))
    for manifest in about.having(f"{MF}include"):
        for included in about.listed(manifest, f"{MF}include"):
            assert isinstance(included, ox.NamedNode), f"{iri} includes {included}"
            yield from _tests(folder, included.value)
    for manifest in about.having(f"{MF}entries"):
        for entry in about.listed(manifest, f"{MF}entries"):
            kind = about.text(entry, f"{RDF}type")
            assert isinstance(entry, ox.NamedNode), f"{iri} lists {entry}"
            assert kind, f"{iri} lists {entry}, which has no type"
            yield SpecTest(entry.value, kind.rpartition("#")[2], iri, entry, about, folder)
