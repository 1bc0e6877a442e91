# pyright: basic, reportMissingImports=false
"""Print the typed links of an address, as JSON, and those that its linkset has about it."""

import json
import sys
import urllib.request

from signposting import Signposting, find_signposting_http, find_signposting_linkset

RELATIONS = {
    "cite-as": "citeAs",
    "describedby": "describedBy",
    "license": "license",
    "linkset": "linksets",
    "type": "types",
}


def links(signposts: Signposting) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for relation, name in RELATIONS.items():
        value = getattr(signposts, name)
        each = [] if value is None else [value] if not hasattr(value, "__iter__") else value
        found[relation] = sorted({getattr(link, "target", link) for link in each})
    return found


url = sys.argv[1]
found = links(find_signposting_http(url))
with urllib.request.urlopen(url) as answer:
    page = answer.url
linkset = find_signposting_linkset(found["linkset"][0])
within = {"of the linkset": links(linkset.for_context(page))}
sys.stdout.write(json.dumps({**found, **within}))
