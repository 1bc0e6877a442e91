"""A generation in figures: which it is, and how much each of its graphs holds."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from graph.addresses import address_of

if TYPE_CHECKING:
    from graph.publishing.edition import Edition


def write_about(edition: Edition) -> None:
    """Write what is known of the generation, as JSON."""
    facts = edition.generation
    about = {
        "generation": facts.number,
        "commit": facts.commit,
        "built": facts.built,
        "quads": facts.quads,
        "triples": facts.union_triples,
        "graphs": [
            {"iri": iri, "address": address_of(iri, edition.public_url), "triples": triples}
            for iri, triples in sorted(facts.graphs.items())
        ],
    }
    edition.out.write(json.dumps(about, ensure_ascii=False).encode())
