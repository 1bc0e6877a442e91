"""Where the IRIs of the graph are found on a server: their names do not change, servers do.

`https://w3id.org/metapole/X` is answered at `{public-url}/X`.
"""

from __future__ import annotations

from graph.namespaces import BASE, DEF, ID

_TERMS = BASE + "def"
_COMMITS = ID + "commit/"
CONCEPT_PAGES = ("sector", "specialty")
"""The schemes whose concepts have pages of their own, with all that is in such a field."""


def address_of(iri: str, public_url: str) -> str:
    """Return where *iri* is answered; as it is, when it is not of our namespace."""
    return public_url + iri.removeprefix(BASE) if iri.startswith(BASE) else iri


def iri_at(address: str, public_url: str) -> str:
    """Return the IRI that is answered at *address*; the opposite of `address_of`."""
    is_here = address.startswith(public_url)
    return BASE + address.removeprefix(public_url) if is_here else address


def page_of(iri: str, public_url: str) -> str:
    """Return the address of the page about *iri*: a thing, a term, a concept or a graph."""
    if iri.startswith(_COMMITS):  # the log of them is no part of what pages tell of
        return f"{public_url}changes"
    if iri.startswith(ID):
        return public_url + iri.removeprefix(ID)
    if iri.startswith(_TERMS + "#"):
        return f"{public_url}ontology#{iri.removeprefix(_TERMS + '#')}"
    if iri.startswith(DEF):
        scheme, slash, concept = iri.removeprefix(DEF).partition("/")
        if concept and scheme in CONCEPT_PAGES:
            return public_url + iri.removeprefix(DEF)
        return f"{public_url}ontology/{scheme}" + (f"#{concept}" if slash else "")
    return address_of(iri, public_url)


def data_of(iri: str, extension: str, public_url: str) -> str:
    """Return the address of the file about *iri*, a thing or a concept, with *extension*."""
    name = iri.removeprefix(ID) if iri.startswith(ID) else iri.removeprefix(BASE)
    return f"{public_url}data/{name}.{extension}"
