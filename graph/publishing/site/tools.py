"""What can be done with a page: ask the query behind it, and take it as a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from graph.formats import Format


TABLE_FILES = ("csv", "json", "tsv", "xml")
"""The endings at which what a SELECT query finds can be had."""
GRAPH_FILES = ("ttl", "jsonld", "nt", "rdf")
"""The same for CONSTRUCT."""


def tools(
    public_url: str,
    query: str,
    extensions: Sequence[str] = TABLE_FILES,
    files: Iterable[tuple[Format, str]] = (),
    **more: object,
) -> dict[str, Any]:
    """Return what `tools.html` shows: *query*, its address, the *extensions* of what it finds.

    There may be other *files*, each with its address. *more* may have `permalink`, and `pictures`
    in the form of files.
    """
    return {
        "query": query.strip(),
        "query_address": address_of_query(query, public_url),
        "extensions": list(extensions),
        "files": [file_values(each, address) for each, address in files],
        **more,
    }


def address_of_query(query: str, public_url: str) -> str:
    """Return where *query* is asked, and shown in the editor to who has a browser."""
    return f"{public_url}sparql?query={quote(query, safe='')}"


def file_values(file_format: Format, address: str) -> dict[str, str]:
    """Return a file as pages show it."""
    return {
        "extension": file_format.extension,
        "media_type": file_format.media_type,
        "address": address,
    }


def address_in(
    language: str, path: str, public_url: str, asked: Mapping[str, str] | None = None
) -> str:
    """Return where the page at *path* is in *language*, with the parameters that have a value."""
    prefix = "" if language == "en" else f"{language}/"
    query = urlencode({name: value for name, value in (asked or {}).items() if value})
    return f"{public_url}{prefix}{path}{'?' if query else ''}{query}"
