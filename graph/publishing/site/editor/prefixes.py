"""The prefixes that queries are written with here, and how an IRI is written with one."""

from __future__ import annotations

import re
from functools import cache

from graph.namespaces import DEF, ID, prefixes, short
from graph.publishing.catalogue.questions import questions

_MORE = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "schema": "https://schema.org/",
    "sh": "http://www.w3.org/ns/shacl#",
    "void": "http://rdfs.org/ns/void#",
}
_LOCAL = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


@cache
def known_prefixes() -> dict[str, str]:
    """Return the namespaces that queries are likely to need, by prefix."""
    declared = {name: space for each in questions() for name, space in each.prefixes.items()}
    return dict(sorted({**_MORE, **declared, **prefixes()}.items()))


def written(iri: str) -> str:
    """Return *iri* as a query has it: with a prefix if one is known, and nothing is to escape."""
    prefix, _, local = short(iri).partition(":")
    if prefix in known_prefixes() and _LOCAL.fullmatch(local):
        return f"{prefix}:{local}"
    for name, space in known_prefixes().items():
        rest = iri.removeprefix(space)
        if rest != iri and _LOCAL.fullmatch(rest) and space not in (ID, DEF):
            return f"{name}:{rest}"
    return f"<{iri}>"
