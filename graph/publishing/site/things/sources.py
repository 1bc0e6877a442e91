"""Where statements come from: a place in a document, and all places of one document."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from graph.addresses import page_of
from graph.errors import QueryRejected, UnknownThing
from graph.namespaces import MP
from graph.publishing.site.things.asking import iris_about, number_about
from graph.publishing.site.things.statements import number_from

if TYPE_CHECKING:
    from graph.publishing.site.things.statements import Statements

MOST_PLACES = 25
"""How many places of a document are on one page."""
_MOST_SUPPORTED = 100
_MOST_SUPPORTED_IN_A_LIST = 8
_LONGEST_NUMBER = 6
_EVIDENCE = ox.NamedNode(MP + "evidence")

_PLACES = f"""
SELECT ?evidence {{
  ?evidence <{MP}document> ?thing .
  OPTIONAL {{ ?evidence <{MP}charFrom> ?from }}
  OPTIONAL {{ ?evidence <{MP}charTo> ?to }}
  FILTER (isIRI(?evidence))
}}
ORDER BY ?from ?to ?evidence LIMIT {MOST_PLACES} OFFSET
"""
_COUNT = f"SELECT (COUNT(*) AS ?count) {{ ?evidence <{MP}document> ?thing }}"
_PARTS = f"SELECT ?part {{ ?part <{MP}documentPartOf> ?thing FILTER (isIRI(?part)) }} LIMIT 100"


def evidence_parts(statements: Statements, thing: ox.NamedNode) -> dict[str, Any]:
    """Return a place in a document, the document, and all statements that it supports."""
    documents = [each for each in statements.objects(thing, "document") if _is_iri(each)]
    return {
        **_place(statements, thing),
        "source": _source(statements, documents[0]) if documents else None,
        "supports": _supported(statements, thing, _MOST_SUPPORTED),
    }


def document_parts(statements: Statements, thing: ox.NamedNode) -> dict[str, Any]:
    """Return what is known of a document, and one page of the places in it, in their order."""
    count = number_about(statements.edition, _COUNT, thing)
    parts = max(1, -(-count // MOST_PLACES))
    number = _part_from(statements.edition.arguments.get("part", "1"), parts)
    found = iris_about(statements.edition, f"{_PLACES} {(number - 1) * MOST_PLACES}", thing)
    return {
        "source": _source(statements, thing),
        "publisher": statements.values(thing, "publisher"),
        "issued": {
            "from": statements.text(thing, "issuedFrom"),
            "to": statements.text(thing, "issuedTo"),
        },
        "part_of": statements.values(thing, "documentPartOf"),
        "parts": [
            statements.names.named(each)
            for each in sorted(iris_about(statements.edition, _PARTS, thing))
        ],
        "count": count,
        "paging": _paging(page_of(thing.value, statements.edition.public_url), number, parts),
        "places": [
            {
                **_place(statements, node),
                "supports": _supported(statements, node, _MOST_SUPPORTED_IN_A_LIST),
            }
            for node in map(ox.NamedNode, found)
        ],
    }


def _place(statements: Statements, node: ox.NamedNode) -> dict[str, Any]:
    return {
        **statements.place(node),
        "sha256": statements.text(node, "sha256"),
        "row": number_from(statements.text(node, "row")),
        "char_from": number_from(statements.text(node, "charFrom")),
        "char_to": number_from(statements.text(node, "charTo")),
    }


def _source(statements: Statements, document: ox.NamedNode) -> dict[str, Any]:
    """Return by what a document is known on the disk of whoever has it."""
    return {
        "file_name": statements.text(document, "fileName"),
        "sha256": statements.text(document, "sha256"),
        "characters": number_from(statements.text(document, "characters")),
        "lines": number_from(statements.text(document, "lines")),
    }


def _supported(statements: Statements, node: ox.NamedNode, most: int) -> list[dict[str, Any]]:
    edition = statements.edition
    found = edition.store.quads_for_pattern(None, _EVIDENCE, node, edition.union)
    subjects = [quad.subject for quad in islice(found, most)]
    return [
        {
            **statements.names.named(each.value),
            "kinds": statements.kinds_named(each),
            "about": statements.values(each, "about"),
        }
        for each in sorted(subjects, key=str)
        if isinstance(each, ox.NamedNode)
    ]


def _paging(page: str, number: int, count: int) -> dict[str, Any]:
    numbers = {"first": 1, "previous": number - 1, "next": number + 1, "last": count}
    addresses = {
        name: f"{page}?part={each}" if each > 1 else page
        for name, each in numbers.items()
        if 1 <= each <= count
    }
    return {"number": number, "count": count, "addresses": addresses}


def _part_from(text: str, parts: int) -> int:
    is_number = text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER
    if not is_number or int(text) < 1:
        raise QueryRejected(f"'part' is {text[:40]!a}; send a number from 1 on")
    if int(text) > parts:
        raise UnknownThing(f"there is no part {text} of this list: it has {parts}")
    return int(text)


def _is_iri(term: object) -> bool:
    return isinstance(term, ox.NamedNode)
