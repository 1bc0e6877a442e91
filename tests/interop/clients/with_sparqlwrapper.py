# pyright: basic, reportMissingImports=false
"""Ask a query with SPARQLWrapper: with_sparqlwrapper.py ENDPOINT QUERY-FILE MEDIA-TYPE."""

import json
import sys
from pathlib import Path

from SPARQLWrapper import JSON, TURTLE, SPARQLWrapper

endpoint, query, media_type = sys.argv[1:]
wrapper = SPARQLWrapper(endpoint)
wrapper.setQuery(Path(query).read_text(encoding="utf-8"))
if media_type == "application/n-triples":
    # It knows no N-Triples; what it is given for Turtle is read by rdflib.
    wrapper.setReturnFormat(TURTLE)
    from rdflib import Graph

    graph = Graph().parse(data=wrapper.query().convert(), format="turtle")
    sys.stdout.write(graph.serialize(format="nt"))
else:
    wrapper.setReturnFormat(JSON)
    json.dump(wrapper.query().convert(), sys.stdout)
