# pyright: basic
"""Send an update with rdflib's SPARQLUpdateStore: update_with_rdflib.py ENDPOINT FILE TOKEN."""

import sys
from pathlib import Path

from rdflib.plugins.stores.sparqlstore import SPARQLUpdateStore

endpoint, update, token = sys.argv[1:]
store = SPARQLUpdateStore(endpoint, endpoint, headers={"Authorization": f"Bearer {token}"})
store.update(Path(update).read_text(encoding="utf-8"))
