"""Grow the graph that ships, by its own ontology, to as many triples as wanted.

    dataset = grow(1_000_000)

What is added are documents that nobody wrote. Each has a graph of its own that states of some
clusters, with evidence: names, places, specialties, members, partners, projects, and figures over
the years. Places, specialties and sectors are those of the graph that ships. The same number and
seed give the same quads, in the same order.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox

from graph.build import check
from graph.derivation import derive
from graph.namespaces import (
    DEF,
    DERIVED_GRAPH,
    ID,
    MP,
    ONTOLOGY_GRAPH,
    RDF_TYPE,
    SKOS,
    SOURCE_GRAPHS,
    XSD,
)
from graph.paths import bundled
from tests.bench import names

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Value = ox.NamedNode | ox.Literal
Pair = tuple[ox.NamedNode, Value]

CLUSTERS_PER_DOCUMENT = 10
_LETTERS_PER_LINE = 80


@dataclass(frozen=True, slots=True)
class Dataset:
    """All quads, the union of graphs not among them, and how many triples are in that union."""

    quads: list[ox.Quad]
    triples: int


@dataclass(frozen=True, slots=True)
class Files:
    """The same graph for every server, as N-Quads."""

    quads: Path
    """What the graphs hold."""
    with_union: Path
    """The same, and every triple in the default graph too: for servers without our union graph."""

    @classmethod
    def of(cls, folder: Path) -> Files:
        """Return where the files of *folder* are."""
        return cls(folder / "quads.nq", folder / "with-union.nq")


class Written(NamedTuple):
    """How much was written, and in which time."""

    triples: int
    quads: int
    seconds: float


class Growth(NamedTuple):
    """What one more document adds to all that is before it."""

    quads: list[ox.Quad]
    triples: list[ox.Triple]
    """Those that no graph had before."""
    total: int
    """How many triples the union has now."""


def grow(triples: int, *, seed: int = 1) -> Dataset:
    """Return the graph that ships with as many documents more as make *triples* of it."""
    quads: list[ox.Quad] = []
    total = 0
    for growth in growths(triples, seed=seed):
        quads += growth.quads
        total = growth.total
    return Dataset(quads, total)


def write(triples: int, files: Files, *, seed: int = 1) -> Written:
    """Write what `grow` returns to *files*, a document at a time; return how much it is."""
    total, count, started = 0, 0, time.monotonic()
    with files.quads.open("wb") as quads, files.with_union.open("wb") as with_union:
        for growth in growths(triples, seed=seed):
            stated = _lines(growth.quads, ox.RdfFormat.N_QUADS)
            quads.write(stated)
            with_union.write(stated)
            with_union.write(_lines(growth.triples, ox.RdfFormat.N_TRIPLES))
            total, count = growth.total, count + len(growth.quads)
    return Written(total, count, time.monotonic() - started)


def kept(triples: int, folder: Path, *, seed: int = 1) -> tuple[Files, Written]:
    """Return files in *folder* with what `grow` returns, and what there is to say of them.

    They are written unless they are there from an earlier run with all the same inputs.
    """
    home = home_of(triples, folder, seed)
    files, note = Files.of(home), home / "written.json"
    if note.exists():
        return files, Written(*json.loads(note.read_text("utf-8")))
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    written = write(triples, files, seed=seed)
    note.write_text(json.dumps(written), "utf-8")
    return files, written


def home_of(triples: int, folder: Path, seed: int) -> Path:
    """Return where in *folder* what is grown is kept: each of its inputs has a say in that."""
    return folder / f"grown-{triples}-{seed}-{_digest_of_inputs()}"


def _digest_of_inputs() -> str:
    """Return a digest of all that the files depend on."""
    here, digest = Path(__file__), hashlib.sha256()
    inputs = [here, here.with_name("names.py")]
    for folder in ("data", "ontology"):
        inputs += sorted(each for each in bundled(folder).rglob("*") if each.is_file())
    for path in inputs:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _lines(found: Iterable[ox.Quad] | Iterable[ox.Triple], rdf_format: ox.RdfFormat) -> bytes:
    text = ox.serialize(found, format=rdf_format)
    assert text is not None, "it is given no file, so it returns the text"
    return text


def growths(triples: int, *, seed: int) -> Iterator[Growth]:
    """Yield the graph that ships, and documents until the union has *triples*."""
    shipped = _Shipped.read()
    grower, seen = _Grower(shipped, seed), _Seen()
    yield seen.growth(shipped.quads)
    while seen.total < triples:
        yield seen.growth(grower.next_document())


class _Seen:
    """What was there before: the hashes of it, as the terms of ten million triples take 10 GB."""

    def __init__(self) -> None:
        self._quads: set[int] = set()
        self._triples: set[int] = set()

    @property
    def total(self) -> int:
        return len(self._triples)

    def growth(self, quads: Iterable[ox.Quad]) -> Growth:
        new_quads = [quad for quad in dict.fromkeys(quads) if self._is_new_quad(quad)]
        triples = dict.fromkeys(quad.triple for quad in new_quads)
        new_triples = [triple for triple in triples if _is_new(self._triples, hash(triple))]
        return Growth(new_quads, new_triples, self.total)

    def _is_new_quad(self, quad: ox.Quad) -> bool:
        """Tell whether no document before has it; only what is derived can be there twice."""
        return quad.graph_name != _DERIVED or _is_new(self._quads, hash(quad))


def _is_new(known: set[int], value: int) -> bool:
    before = len(known)
    known.add(value)
    return len(known) > before


@cache
def mp(name: str) -> ox.NamedNode:
    """Return a term of the ontology."""
    return ox.NamedNode(MP + name)


@cache
def concept(scheme: str, name: str) -> ox.NamedNode:
    """Return a concept of one of the ontology's schemes."""
    return ox.NamedNode(f"{DEF}{scheme}/{name}")


def thing(kind: str, slug: str) -> ox.NamedNode:
    """Return the name of a thing."""
    return ox.NamedNode(f"{ID}{kind}/{slug}")


_ONTOLOGY = ox.NamedNode(ONTOLOGY_GRAPH)
_DERIVED = ox.NamedNode(DERIVED_GRAPH)
_A = ox.NamedNode(RDF_TYPE)
_LABEL = ox.NamedNode(SKOS + "prefLabel")
_OTHER_LABEL = ox.NamedNode(SKOS + "altLabel")


class _Place(NamedTuple):
    region: ox.NamedNode
    country: ox.NamedNode


@dataclass(frozen=True, slots=True)
class _Shipped:
    """The graph that ships, and of it what the grown documents refer to."""

    quads: tuple[ox.Quad, ...]
    ontology: tuple[ox.Quad, ...]
    places: tuple[_Place, ...]
    specialties: tuple[ox.NamedNode, ...]
    sectors: tuple[ox.NamedNode, ...]

    @classmethod
    def read(cls) -> _Shipped:
        report = check()
        assert not report.errors, report.summary
        # The engine derives in another order each time.
        quads = tuple(sorted(report.quads, key=str))
        store = ox.Store()
        store.extend(ox.Quad(quad.subject, quad.predicate, quad.object) for quad in quads)
        return cls(
            quads=quads,
            ontology=tuple(quad for quad in quads if quad.graph_name == _ONTOLOGY),
            places=tuple(
                _Place(*row)
                for row in _rows(
                    store,
                    "?area a mp:Area ; mp:partOf+ ?country . ?country a mp:Country",
                    "?area ?country",
                )
            ),
            specialties=tuple(row[0] for row in _rows(store, "?it a mp:Specialty", "?it")),
            sectors=tuple(row[0] for row in _rows(store, "?it a mp:Sector", "?it")),
        )


def _rows(store: ox.Store, pattern: str, columns: str) -> Iterator[list[ox.NamedNode]]:
    """Return the rows of things that fit *pattern*, always in the same order."""
    text = f"PREFIX mp: <{MP}> SELECT DISTINCT {columns} {{ {pattern} }} ORDER BY {columns}"
    rows = store.query(text)
    assert isinstance(rows, ox.QuerySolutions)
    for row in rows:
        yield [value for value in row if isinstance(value, ox.NamedNode)]


@dataclass(slots=True)
class _Cluster:
    """What later documents need to know of a cluster."""

    slug: str
    node: ox.NamedNode


@dataclass(slots=True)
class _Grower:
    """Writes one document after the other; later ones refer to what is in the ones before."""

    shipped: _Shipped
    seed: int
    documents: int = 0
    clusters: list[_Cluster] = field(default_factory=list["_Cluster"])
    ballot: list[_Cluster] = field(default_factory=list["_Cluster"])
    """Every cluster, and once more for each of its partners."""
    organisations: list[ox.NamedNode] = field(default_factory=list[ox.NamedNode])

    def next_document(self) -> list[ox.Quad]:
        """Return the quads that one more document states, and those that follow from them."""
        self.documents += 1
        random = Random(f"{self.seed}/{self.documents}")  # noqa: S311 -- it has to repeat
        document = _Document(self.documents, random.randint(2008, 2024))
        own = [self._cluster(document, random) for _ in range(CLUSTERS_PER_DOCUMENT)]
        self._network(document, random, own)
        stated = document.quads()
        # No rule joins what two documents state (a test compares), so each is derived alone.
        derived = derive((*self.shipped.ontology, *stated), bundled("ontology") / "rules")
        return stated + sorted(derived, key=str)

    def _cluster(self, document: _Document, random: Random) -> _Cluster:
        number = len(self.clusters) + 1
        cluster = _Cluster(f"grown-{number}", thing("cluster", f"grown-{number}"))
        name, language = names.cluster_name(number, random)
        label = ox.Literal(name, language=language)
        document.describe(cluster.node, "Cluster", (_LABEL, label))
        document.state(
            "naming", cluster.slug, "Naming", name,
            (mp("about"), cluster.node),
            (mp("name"), label),
            (mp("nameKind"), concept("name-kind", "preferred")),
        )  # fmt: skip
        place = random.choice(self.shipped.places)
        document.locate(cluster.slug, cluster.node, place.region, "area-of-activity")
        document.locate(f"{cluster.slug}-home", cluster.node, place.country, "country")
        self._fields(document, random, cluster)
        self._members(document, random, cluster, place)
        self._partners(document, random, cluster)
        self._figures(document, random, cluster)
        self._project(document, random, cluster)
        self.clusters.append(cluster)
        self.ballot.append(cluster)
        return cluster

    def _fields(self, document: _Document, random: Random, cluster: _Cluster) -> None:
        """State up to six specialties, some of which are far more common than others."""
        common = len(self.shipped.specialties) / 3
        drawn = (int(random.expovariate(1 / common)) for _ in range(random.randint(1, 6)))
        numbers = dict.fromkeys(number % len(self.shipped.specialties) for number in drawn)
        for position, number in enumerate(numbers, start=1):
            specialty = self.shipped.specialties[number]
            document.state(
                "field", f"{cluster.slug}-{position}", "Specialisation", _words(specialty),
                (mp("about"), cluster.node),
                (mp("field"), specialty),
                (mp("fieldKind"), concept("field-kind", "specialty")),
                (mp("position"), _number(position, "integer")),
            )  # fmt: skip
        sector = random.choice(self.shipped.sectors)
        document.state(
            "field", f"{cluster.slug}-sector", "FieldOfActivity", _words(sector),
            (mp("about"), cluster.node),
            (mp("field"), sector),
            (mp("fieldKind"), concept("field-kind", "sector")),
        )  # fmt: skip

    def _members(
        self, document: _Document, random: Random, cluster: _Cluster, place: _Place
    ) -> None:
        """State the body that runs it, and members: few clusters have many."""
        body = thing("organisation", f"{cluster.slug}-body")
        name = names.organisation_name(len(self.organisations) + 1, random)
        label = ox.Literal(f"{name}, body of {cluster.slug}", language="en")
        document.describe(body, "ClusterOrganisation", (_LABEL, label))
        self._membership(document, f"{cluster.slug}-body", cluster, body, "managing-organisation")
        for number in range(min(60, 4 + int(random.paretovariate(1.2) * 4))):
            slug = f"{cluster.slug}-{number + 1}"
            if self.organisations and random.random() < 0.2:
                member = random.choice(self.organisations)
            else:
                member = self._organisation(document, random, place)
            role = "founding-member" if number < 3 else "member"
            self._membership(document, slug, cluster, member, role)

    def _organisation(self, document: _Document, random: Random, place: _Place) -> ox.NamedNode:
        number = len(self.organisations) + 1
        node = thing("organisation", f"grown-{number}")
        label = ox.Literal(names.organisation_name(number, random), language="en")
        document.describe(node, "Organisation", (_LABEL, label))
        abroad = random.random() < 0.1
        seat = random.choice(self.shipped.places) if abroad else place
        document.locate(f"seat-{number}", node, seat.region, "seat")
        self.organisations.append(node)
        return node

    def _membership(
        self, document: _Document, slug: str, group: _Cluster, member: ox.NamedNode, role: str
    ) -> None:
        document.state(
            "membership", slug, "Membership", _words(member),
            (mp("member"), member),
            (mp("group"), group.node),
            (mp("role"), concept("role", role)),
        )  # fmt: skip

    def _partners(self, document: _Document, random: Random, cluster: _Cluster) -> None:
        """State partnerships; who has many partners finds more."""
        chosen: dict[str, _Cluster] = {}
        for _ in range(random.randint(0, 3) if self.ballot else 0):
            other = random.choice(self.ballot)
            chosen[other.slug] = other
        for other in chosen.values():
            self.ballot += (cluster, other)
            slug = f"{cluster.slug}-{other.slug}"
            self._partnership(document, slug, "cluster-cluster", cluster.node, other.node)
        company = random.choice(self.organisations)
        self._partnership(
            document, f"{cluster.slug}-company", "cluster-company", cluster.node, company
        )

    def _partnership(
        self, document: _Document, slug: str, kind: str, one: ox.NamedNode, other: ox.NamedNode
    ) -> None:
        document.state(
            "partnership", slug, "Partnership", f"{_words(one)} and {_words(other)}",
            (mp("partner"), one),
            (mp("partner"), other),
            (mp("partnershipKind"), concept("partnership-kind", kind)),
            (mp("status"), concept("status", "active")),
        )  # fmt: skip

    def _figures(self, document: _Document, random: Random, cluster: _Cluster) -> None:
        """State figures of some years; now and then another cluster's, and not as it was stated."""
        size = random.lognormvariate(0, 1)
        for indicator in _INDICATORS:
            value = indicator.typical * size * random.uniform(0.7, 1.4)
            for back in range(random.randint(2, 6)):
                year = document.year - back
                slug = f"{cluster.slug}-{indicator.name}-{year}"
                self._figure(document, random, slug, cluster, indicator, value, year)
                value *= random.uniform(0.9, 1.02)
        if self.clusters and random.random() < 0.3:
            other, indicator = random.choice(self.clusters), _INDICATORS[0]
            value = indicator.typical * random.lognormvariate(0, 1)
            slug = f"{cluster.slug}-on-{other.slug}"
            self._figure(document, random, slug, other, indicator, value, document.year)

    def _figure(
        self,
        document: _Document,
        random: Random,
        slug: str,
        cluster: _Cluster,
        indicator: _Indicator,
        value: float,
        year: int,
    ) -> None:
        rounded = max(1, round(value))
        qualifier = random.choice(("exact", "exact", "around", "more-than"))
        document.state(
            "figure", slug, "KeyFigure", f"{rounded} {indicator.unit} in {year}",
            (mp("about"), cluster.node),
            (mp("indicator"), concept("indicator", indicator.name)),
            (mp("value"), _number(rounded, "decimal")),
            (mp("unit"), concept("unit", indicator.unit)),
            (mp("qualifier"), concept("qualifier", qualifier)),
            year=year,
        )  # fmt: skip

    def _project(self, document: _Document, random: Random, cluster: _Cluster) -> None:
        """State a project of every second cluster, when it began and who takes part."""
        if random.random() < 0.5:
            return
        project = thing("project", cluster.slug)
        label = ox.Literal(names.project_name(len(self.clusters) + 1, random), language="en")
        document.describe(project, "Project", (_LABEL, label))
        document.state(
            "milestone", f"{cluster.slug}-start", "Milestone", f"since {document.year - 3}",
            (mp("about"), project),
            (mp("milestoneKind"), concept("milestone-kind", "start")),
            year=document.year - 3,
        )  # fmt: skip
        others = random.sample(self.organisations, min(5, len(self.organisations)))
        for other in others:
            document.describe(other, "Organisation")
        for number, participant in enumerate((cluster.node, *others)):
            document.state(
                "participation", f"{cluster.slug}-{number}", "Participation", _words(participant),
                (mp("participant"), participant),
                (mp("undertaking"), project),
                (mp("role"), concept("role", "partner" if number else "lead-partner")),
            )  # fmt: skip

    def _network(self, document: _Document, random: Random, own: list[_Cluster]) -> None:
        """State that some clusters of the document are members of one meta-cluster."""
        node = thing("cluster", f"grown-meta-{document.number}")
        label = ox.Literal(f"Meta-cluster {names.place_name(document.number)}", language="en")
        document.describe(node, "MetaCluster", (_LABEL, label))
        meta = _Cluster(f"grown-meta-{document.number}", node)
        for member in random.sample(own, 4):
            slug = f"{member.slug}-in-{meta.slug}"
            self._membership(document, slug, meta, member.node, "member")


class _Indicator(NamedTuple):
    name: str
    unit: str
    typical: float


_INDICATORS = (
    _Indicator("company-count", "companies", 120),
    _Indicator("employee-count", "persons", 20_000),
    _Indicator("turnover", "eur", 3_000_000_000),
    _Indicator("member-count", "members", 150),
)


class _Document:
    """A document that was never written: what it states, and where in it each statement stands."""

    def __init__(self, number: int, year: int) -> None:
        self.number = number
        self.year = year
        self._name = f"grown-{number}"
        self._node = thing("document", self._name)
        self._digest = ox.Literal(hashlib.sha256(self._name.encode()).hexdigest())
        self._graph = ox.NamedNode(SOURCE_GRAPHS + self._name)
        self._letters = 0
        self._quads: list[ox.Quad] = []

    def describe(self, node: ox.NamedNode, class_name: str, *pairs: Pair) -> None:
        """Say of what class *node* is, and the *pairs*."""
        self._say(node, (_A, mp(class_name)), *pairs)

    def state(
        self,
        kind: str,
        slug: str,
        class_name: str,
        printed: str,
        *pairs: Pair,
        year: int | None = None,
    ) -> None:
        """Make a statement of the *pairs*; *printed* are the words that support it."""
        basis = "stated" if year else "document-date"
        self._say(
            thing(kind, slug),
            (_A, mp(class_name)),
            *pairs,
            (mp("from"), _day(year or self.year, "01-01")),
            (mp("to"), _day(year or self.year, "12-31")),
            (mp("timeBasis"), concept("time-basis", basis)),
            (mp("evidence"), self._evidence(f"{kind}-{slug}", printed)),
        )

    def locate(self, slug: str, node: ox.NamedNode, area: ox.NamedNode, kind: str) -> None:
        """State that *node* is in *area*."""
        self.state(
            "location", slug, "Location", _words(area),
            (mp("about"), node),
            (mp("area"), area),
            (mp("locationKind"), concept("location-kind", kind)),
        )  # fmt: skip

    def quads(self) -> list[ox.Quad]:
        """Return all that was said, and what the document itself is."""
        self._say(
            self._node,
            (_A, mp("SourceDocument")),
            (_LABEL, ox.Literal(f"Document {self._name}", language="en")),
            (mp("fileName"), ox.Literal(f"{self._name}.txt")),
            (mp("sha256"), self._digest),
            (mp("characters"), _number(self._letters, "integer")),
            (mp("lines"), _number(self._line(self._letters), "integer")),
            (mp("issuedFrom"), _day(self.year, "01-01")),
            (mp("issuedTo"), _day(self.year, "12-31")),
        )
        return self._quads

    def _evidence(self, slug: str, printed: str) -> ox.NamedNode:
        """Print the words behind those that were printed before; return where they stand."""
        node = thing("evidence", slug)
        start, end = self._letters, self._letters + len(printed)
        self._letters = end + 10
        self._say(
            node,
            (_A, mp("Evidence")),
            (mp("document"), self._node),
            (mp("sha256"), self._digest),
            (mp("printedAs"), ox.Literal(printed)),
            (mp("charFrom"), _number(start, "integer")),
            (mp("charTo"), _number(end, "integer")),
            (mp("lineFrom"), _number(self._line(start), "integer")),
            (mp("lineTo"), _number(self._line(end), "integer")),
        )
        return node

    def _line(self, letter: int) -> int:
        return letter // _LETTERS_PER_LINE + 1

    def _say(self, subject: ox.NamedNode, *pairs: Pair) -> None:
        self._quads += (ox.Quad(subject, name, value, self._graph) for name, value in pairs)


def _number(value: int, datatype: str) -> ox.Literal:
    return ox.Literal(str(value), datatype=ox.NamedNode(XSD + datatype))


@cache
def _day(year: int, day: str) -> ox.Literal:
    return ox.Literal(f"{year}-{day}", datatype=ox.NamedNode(XSD + "date"))


def _words(node: ox.NamedNode) -> str:
    """Return how a document might print the name of *node*."""
    return node.value.rpartition("/")[2].replace("-", " ")
