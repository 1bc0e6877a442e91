"""The queries that the page about SPARQL teaches by."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from graph.publishing.site.tools import address_of_query
from graph.query_texts import texts_in

if TYPE_CHECKING:
    from graph.publishing.edition import Edition


def write_help(edition: Edition) -> None:
    """Write the queries by name, each with where it is asked, as JSON."""
    values = {
        name: {"query": text, "address": address_of_query(text, edition.public_url)}
        for name, text in examples().items()
    }
    edition.out.write(json.dumps({"examples": values}, ensure_ascii=False).encode())


def examples() -> dict[str, str]:
    """Return the queries by name."""
    return {name: text.strip() for name, text in texts_in("help").items()}
