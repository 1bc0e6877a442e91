# pyright: basic
"""Ask a query with SERVICE on a file, with rdflib: service_with_rdflib.py FILE QUERY-FILE."""

import json
import sys
from pathlib import Path

from rdflib import Graph, Variable

data, query = sys.argv[1:]
rows = Graph().parse(data, format="nt").query(Path(query).read_text(encoding="utf-8")).bindings
json.dump(
    {str(row[Variable("p")]): str(row[Variable("label")]) for row in rows},
    sys.stdout,
    ensure_ascii=False,
)
