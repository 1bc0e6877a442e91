"""A description as plain values: what a page shows, and what `.json` holds."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from graph.addresses import page_of
from graph.namespaces import DERIVED_GRAPH, MP, OWL, RDF_TYPE, SKOS, XSD
from graph.publishing.labels import Names
from graph.publishing.site.tools import address_of_query
from graph.publishing.things.links import address_with
from graph.publishing.things.query import query_about
from graph.publishing.things.schema_org import schema_org

if TYPE_CHECKING:
    from collections.abc import Iterable

    from graph.formats import Format
    from graph.publishing.edition import Edition
    from graph.publishing.things.description import Description, Entry

Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
Values = dict[str, Any]

_EVIDENCE = MP + "evidence"
_NOTE = SKOS + "note"
_TIME = (MP + "from", MP + "to", MP + "timeBasis", MP + "timeAsPrinted")
_APART = frozenset({RDF_TYPE, _EVIDENCE, MP + "statedIn", MP + "confidence", _NOTE, *_TIME})
"""What is told of a statement beside its facts."""
_SAME = (OWL + "sameAs", SKOS + "exactMatch")
_STRING = XSD + "string"


class Said:
    """What *description* says, to be looked up; *edition* may say in which language."""

    def __init__(self, edition: Edition, description: Description) -> None:
        self._names = Names(edition)
        self._tells_language = "language" in edition.arguments
        self._about: dict[str, dict[str, dict[Term, set[str]]]] = defaultdict(dict)
        for quad in description.quads:
            of_property = self._about[_key(quad.subject)].setdefault(quad.predicate.value, {})
            of_property.setdefault(quad.object, set()).add(_key(quad.graph_name))

    def properties(self, node: Term) -> dict[str, dict[Term, set[str]]]:
        """Return what is said of *node*: by property the values, and which graphs say so."""
        return self._about.get(_key(node), {})

    def objects(self, node: Term, predicate: str) -> list[Term]:
        """Return the values of one property of *node*."""
        return list(self.properties(node).get(predicate, {}))

    def value(self, term: Term) -> Values:
        """Return *term* as plain values: a link with a label, or a text."""
        if isinstance(term, ox.Literal):
            if term.language:
                return {"text": term.value, "language": term.language}
            datatype = term.datatype.value
            return {"text": term.value} | ({} if datatype == _STRING else {"datatype": datatype})
        if isinstance(term, ox.NamedNode):
            named = self._names.named(term.value)
            told = ("iri", "label", "address", *(("language",) if self._tells_language else ()))
            return {name: named[name] for name in told}
        return {"text": str(term)}

    def values(self, terms: Iterable[Term]) -> list[Values]:
        """Return all *terms* as plain values."""
        return [self.value(term) for term in terms]

    def label(self, node: ox.NamedNode) -> str:
        """Return what *node* is called."""
        label: str = self._names.named(node.value)["label"]
        return label

    def property(self, iri: str) -> Values:
        """Return a property as plain values."""
        return self.value(ox.NamedNode(iri))

    def classes(self, node: Term) -> list[Term]:
        """Return the classes of *node* that are stated; all of them if they are only derived."""
        classes = self.properties(node).get(RDF_TYPE, {})
        return [each for each in classes if classes[each] != {DERIVED_GRAPH}] or list(classes)


def thing_values(edition: Edition, description: Description, formats: Iterable[Format]) -> Values:
    """Return all that a page of *description* shows; the thing can be had in *formats*."""
    wish, public_url = description.wish, edition.public_url
    said = Said(edition, description)
    names = [each.value for each in _names(said, wish.thing)]
    address = page_of(wish.thing.value, public_url)
    same_as = [
        each.value
        for predicate in _SAME
        for each in said.objects(wish.thing, predicate)
        if isinstance(each, ox.NamedNode)
    ]
    classes = [_key(each) for each in said.objects(wish.thing, RDF_TYPE)]
    query = query_about(wish.thing, wish.day)
    return {
        "iri": wish.thing.value,
        "label": said.label(wish.thing),
        "address": address,
        "kinds": said.values(said.classes(wish.thing)),
        "asof": wish.day.isoformat() if wish.day else None,
        "page": _paging(description, public_url),
        "properties": _properties(said, description.own),
        "statements": _statements(said, description.pointing),
        "pointing": _pointing(said, description.pointing),
        "files": [
            {
                "extension": each.extension,
                "media_type": each.media_type,
                "address": address_with(wish, public_url, each.extension),
            }
            for each in formats
        ],
        "query": query,
        "query_address": address_of_query(query, public_url),
        "schema_org": schema_org(wish.thing.value, address, classes, names, same_as),
    }


def _names(said: Said, thing: ox.NamedNode) -> list[ox.Literal]:
    """Return what *thing* is called, the name that is shown first, and none twice."""
    label = said.label(thing)
    texts = {
        each.value: each
        for name in ("prefLabel", "altLabel")
        for each in said.objects(thing, SKOS + name)
        if isinstance(each, ox.Literal)
    }
    return sorted(texts.values(), key=lambda text: text.value != label)


def _paging(description: Description, public_url: str) -> Values:
    wish, last = description.wish, description.pages
    numbers = {"first": 1, "previous": wish.page - 1, "next": wish.page + 1, "last": last}
    addresses = {
        name: address_with(wish, public_url, page=number)
        for name, number in numbers.items()
        if last > 1 and 1 <= number <= last
    }
    return {
        "number": wish.page,
        "count": last,
        "entries": description.entries,
        "addresses": addresses,
    }


def _properties(said: Said, own: Iterable[Entry]) -> list[Values]:
    grouped: dict[str, list[Entry]] = {}
    for entry in own:
        grouped.setdefault(entry.predicate.value, []).append(entry)
    return [
        {
            "property": said.property(predicate),
            "is_derived": all(
                said.properties(entry.subject)[predicate][entry.object] == {DERIVED_GRAPH}
                for entry in entries
            ),
            "values": said.values(entry.object for entry in entries),
        }
        for predicate, entries in grouped.items()
    ]


def _statements(said: Said, pointing: Iterable[Entry]) -> list[Values]:
    links: dict[Term, list[str]] = {}
    thing: Term | None = None
    for entry in pointing:
        if entry.is_statement:
            links.setdefault(entry.subject, []).append(entry.predicate.value)
            thing = entry.object
    return [_statement(said, each, links[each], thing) for each in links]


def _statement(said: Said, node: Term, links: list[str], thing: Term | None) -> Values:
    facts = _facts(said.properties(node), thing)
    time = {
        name: (said.values(said.objects(node, iri)) or [None])[0]
        for name, iri in zip(("first_day", "last_day", "basis", "as_printed"), _TIME, strict=True)
    }
    return {
        **said.value(node),
        "kinds": said.values(said.classes(node)),
        "as": [said.property(link) for link in links],
        "facts": [
            {"property": said.property(predicate), "values": said.values(values)}
            for predicate, values in facts.items()
        ],
        "time": time,
        "confidence": said.values(said.objects(node, MP + "confidence")),
        "notes": said.values(said.objects(node, _NOTE)),
        "sources": said.values(said.objects(node, MP + "statedIn")),
        "evidence": [_evidence(said, each) for each in said.objects(node, _EVIDENCE)],
    }


def _facts(
    properties: dict[str, dict[Term, set[str]]], thing: Term | None
) -> dict[str, list[Term]]:
    """Return what a statement says of others than *thing*, as far as somebody states it."""
    facts: dict[str, list[Term]] = {}
    for predicate, values in properties.items():
        if predicate in _APART:
            continue
        stated = [
            value
            for value, graphs in values.items()
            if value != thing and graphs != {DERIVED_GRAPH}
        ]
        if stated:
            facts[predicate] = stated
    return facts


def _evidence(said: Said, node: Term) -> Values:
    def text(name: str) -> str:
        return next((_key(each) for each in said.objects(node, MP + name)), "")

    return {
        **said.value(node),
        "document": (said.values(said.objects(node, MP + "document")) or [None])[0],
        "printed": text("printedAs"),
        "line_from": text("lineFrom"),
        "line_to": text("lineTo"),
    }


def _pointing(said: Said, pointing: Iterable[Entry]) -> list[Values]:
    grouped: dict[str, list[Term]] = {}
    for entry in pointing:
        if not entry.is_statement:
            grouped.setdefault(entry.predicate.value, []).append(entry.subject)
    return [
        {"property": said.property(predicate), "things": said.values(subjects)}
        for predicate, subjects in sorted(grouped.items())
    ]


def _key(term: Term | ox.DefaultGraph) -> str:
    return term.value if isinstance(term, ox.NamedNode | ox.Literal) else str(term)
