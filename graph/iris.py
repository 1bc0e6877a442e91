"""What is an absolute IRI, as the store sees it (RFC 3987)."""

import pyoxigraph as ox


def fault_of(iri: str) -> str | None:
    """Say why the store takes *iri* for no absolute IRI; None when it takes it."""
    try:
        ox.NamedNode(iri)
    except ValueError as error:
        return str(error)
    return None
