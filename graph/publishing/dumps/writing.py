"""Write a dump: a piece at a time, in memory that does not grow with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox

from graph.namespaces import prefixes
from graph.publishing.dumps.annotated import write_annotated
from graph.publishing.dumps.content import graph_of, graphs_in, quads_of
from graph.publishing.dumps.files import File, XmlFile
from graph.publishing.dumps.json_ld import write_json_ld
from graph.publishing.dumps.offered import ANNOTATED, Dump, dump_called
from graph.readers.xml_names import written_as_xml

if TYPE_CHECKING:
    from graph.publishing.edition import Edition, Out


def write_dump(edition: Edition) -> None:
    """Write the dump that the argument `name` names."""
    dump = dump_called(edition.arguments["name"])
    graph_of(edition.store, dump)
    if edition.is_wanted:
        file = File(edition.out, dump.compression)
        write_plain(edition.store, dump, file)
        file.finish()


def write_plain(store: ox.Store, dump: Dump, out: Out) -> None:
    """Write *dump*, but for its compression."""
    if dump.content == ANNOTATED:
        write_annotated(store, dump.extension, out)
    elif dump.extension == "jsonld":
        graphs = graphs_in(store) if dump.has_graphs else [graph_of(store, dump)]
        write_json_ld(store, graphs, out, names_graphs=dump.has_graphs)
    elif dump.has_graphs:
        _serialize(store, dump, out)
    elif dump.extension == "rdf":
        file = XmlFile(out)
        quads = store.quads_for_pattern(None, None, None, graph_of(store, dump))
        triples = written_as_xml(quad.triple for quad in quads)
        ox.serialize(triples, file, ox.RdfFormat.RDF_XML, prefixes=prefixes())  # pyright: ignore[reportArgumentType, reportCallIssue] -- write and flush are all it needs
        file.finish()
    else:
        name = graph_of(store, dump)
        rdf_format = ox.RdfFormat.from_extension(dump.extension)
        store.dump(out, rdf_format, from_graph=name, prefixes=prefixes())  # pyright: ignore[reportArgumentType, reportCallIssue] -- the same


def _serialize(store: ox.Store, dump: Dump, out: Out) -> None:
    quads = quads_of(store, graphs_in(store))
    rdf_format = ox.RdfFormat.from_extension(dump.extension)
    ox.serialize(quads, out, rdf_format, prefixes=prefixes())  # pyright: ignore[reportArgumentType, reportCallIssue] -- the same
