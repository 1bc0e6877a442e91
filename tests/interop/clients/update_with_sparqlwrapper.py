# pyright: basic, reportMissingImports=false
"""Send an update with SPARQLWrapper: update_with_sparqlwrapper.py ENDPOINT FILE TOKEN."""

import sys
from pathlib import Path

from SPARQLWrapper import POST, SPARQLWrapper

endpoint, update, token = sys.argv[1:]
wrapper = SPARQLWrapper(endpoint)
wrapper.setMethod(POST)
wrapper.addCustomHttpHeader("Authorization", f"Bearer {token}")
wrapper.setQuery(Path(update).read_text(encoding="utf-8"))
wrapper.query()
