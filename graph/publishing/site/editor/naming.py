"""What many things are called, at once."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from graph.publishing.labels import Names
from graph.publishing.site.editor.answer import cut

if TYPE_CHECKING:
    from graph.publishing.edition import Edition


def write_names(edition: Edition) -> None:
    """Write the names of the `iris`, which are separated by ends of line, as JSON by IRI."""
    names = Names(edition)
    found = {iri: names.named(iri) for iri in edition.arguments["iris"].split("\n") if iri}
    shown = {iri: {**each, "label": cut(each["label"])} for iri, each in found.items()}
    edition.out.write(json.dumps(shown, ensure_ascii=False).encode())
