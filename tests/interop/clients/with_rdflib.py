# pyright: basic
"""Ask a query with rdflib's SPARQLStore: with_rdflib.py ENDPOINT QUERY-FILE MEDIA-TYPE."""

import sys
from pathlib import Path

from rdflib import Graph
from rdflib.plugins.stores.sparqlstore import SPARQLStore

endpoint, query, media_type = sys.argv[1:]
graph = Graph(SPARQLStore(endpoint))
result = graph.query(Path(query).read_text(encoding="utf-8"))
content = result.serialize(format="nt" if media_type == "application/n-triples" else "json")
assert content is not None
sys.stdout.buffer.write(content)
