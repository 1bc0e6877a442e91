"""The network of partnerships and memberships as GraphML, for programs that draw and measure it.

GraphML cannot mix edges with and without a direction in what all programs read, so all are without:
that of a membership goes from the member (source) to the group (target).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from graph.namespaces import MP
from graph.publishing.publisher import publisher_of
from graph.publishing.tables.columns import SEPARATOR
from graph.publishing.tables.offered import PARTNERSHIPS
from graph.publishing.tables.rows import Found, Listing, of_class, rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from graph.publishing.edition import Edition
    from graph.publishing.tables.rows import Row

MEMBERSHIPS = Listing("network-memberships", "membership", of_class(f"{MP}Membership"))
NODES = Listing(
    "network-nodes",
    "node",
    (
        *of_class(f"{MP}Cluster"),
        *of_class(f"{MP}Organisation"),
        Found(f"{MP}partner", is_object=True),
        Found(f"{MP}member", is_object=True),
        Found(f"{MP}group", is_object=True),
    ),
)
_OF_NODES = {
    "label": "name",
    "kind": "cluster, meta-cluster, network, organisation, person, or other",
    "countries": "IRIs of the countries it is in",
    "country_names": "names of these countries",
}
_OF_EDGES = {
    "relation": "partnership or membership",
    "statement": "IRI of the statement that says so",
    "kind": "kind of partnership, or role of the member",
    "from": "first possible day",
    "to": "last possible day",
    "via": "IRIs of who arranges the partnership",
    "within": "IRIs of what the partnership happens in",
    "documents": "IRIs of the source documents",
    "evidence": "IRIs of the places in them",
}
_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns"
    xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
    xsi:schemaLocation="http://graphml.graphdrawing.org/xmlns http://graphml.graphdrawing.org/xmlns/1.1/graphml.xsd">
<desc>{}</desc>
"""
# XML 1.0 has no way at all to write these (2.2), and a literal may hold them.
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Edge:
    """Two that have to do with each other, by one statement."""

    source: str
    target: str
    said: Mapping[str, str]


def write_network(edition: Edition) -> None:
    """Write all clusters and organisations, and what is stated between them and others."""
    if not edition.is_wanted:
        return
    facts, out = edition.generation, edition.out
    publisher = publisher_of(edition.arguments)
    described = (
        f"Clusters, organisations and their partners and members. Metapole, {edition.public_url}, "
        f"generation {facts.number} of {facts.built}. {publisher.name}, {publisher.licence}. "
        "An edge of a membership goes from the member to the group. Several values are separated "
        f"by {SEPARATOR}."
    )
    out.write(_HEAD.format(_text(described)).encode())
    for kind, names in (("node", _OF_NODES), ("edge", _OF_EDGES)):
        for name, says in names.items():
            out.write(_key(kind, name, says).encode())
    out.write(b'<graph id="network" edgedefault="undirected">\n')
    for row in rows(edition, NODES):
        out.write(_node(row).encode())
    for number, edge in enumerate(edges(edition), 1):
        out.write(_edge(number, edge).encode())
    out.write(b"</graph>\n</graphml>\n")


def edges(edition: Edition) -> Iterator[Edge]:
    """Yield an edge for every two partners of a partnership, and for every membership."""
    for row in rows(edition, PARTNERSHIPS.listing):
        partners = row.get("partners", "").split(SEPARATOR)
        said = _said(row, "partnership", row["partnership"], row.get("kind_name", ""))
        for source, target in combinations(partners, 2):
            yield Edge(source, target, said)
    for row in rows(edition, MEMBERSHIPS):
        said = _said(row, "membership", row["membership"], row.get("role_name", ""))
        yield Edge(row["member"], row["group"], said)


def _said(row: Row, relation: str, statement: str, kind: str) -> Mapping[str, str]:
    named = {name: row.get(name, "") for name in _OF_EDGES}
    return {**named, "relation": relation, "statement": statement, "kind": kind}


def _key(kind: str, name: str, says: str) -> str:
    return (
        f'<key id="{kind}-{name}" for="{kind}" attr.name="{name}" attr.type="string">'
        f"<desc>{_text(says)}</desc></key>\n"
    )


def _node(row: Row) -> str:
    said = {**row, "label": row.get("name", row["node"])}
    return f"<node id={_quoted(row['node'])}>{_data('node', _OF_NODES, said)}</node>\n"


def _edge(number: int, edge: Edge) -> str:
    ends = f"source={_quoted(edge.source)} target={_quoted(edge.target)}"
    return f'<edge id="e{number}" {ends}>{_data("edge", _OF_EDGES, edge.said)}</edge>\n'


def _data(kind: str, names: Mapping[str, str], said: Mapping[str, str]) -> str:
    return "".join(
        f'<data key="{kind}-{name}">{_text(said[name])}</data>' for name in names if said.get(name)
    )


def _text(text: str) -> str:
    return escape(_NOT_XML.sub("\ufffd", text))


def _quoted(text: str) -> str:
    return quoteattr(_NOT_XML.sub("\ufffd", text))
