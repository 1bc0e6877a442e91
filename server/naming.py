"""What an address of this server names: a thing or a concept, and a file about it.

/id/{type}/{slug}                 the thing itself
/{type}/{slug}                    the page about it
/{type}/{slug}?page=1             all that is said of it, entry by entry
/data/{type}/{slug}[.extension]   what there is to say about it
/def/{scheme}[/{concept}]         a scheme, a concept
/sector/{slug}, /specialty/{slug} the pages about the concepts of these schemes
/data/def/{scheme}[/{concept}][.extension]
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import Literal
from urllib.parse import unquote_to_bytes

from starlette.exceptions import HTTPException

from graph.addresses import CONCEPT_PAGES
from graph.iris import fault_of
from graph.namespaces import DEF, ID
from graph.publishing.things.formats import THING_FORMATS
from server.protocol import BadProtocolRequest, parameters_from

EXTENSIONS = tuple(each.extension for each in THING_FORMATS)
LINKSET = "linkset"

_LONGEST = 500
"""How long the name of a thing may be in an address, in bytes."""
_DECODED = re.compile(
    rb"(?:%[89A-Fa-f][0-9A-Fa-f])+"
    rb"|%(?:2[DdEe]|3[0-9]|4[1-9A-Fa-f]|5[0-9AaFf]|6[1-9A-Fa-f]|7[0-9AaEe])"
)
"""What is not ASCII, and what need not be encoded (RFC 3986, 2.3): the name is the same."""
_PARAMETERS = ("asof", "page", "profile")
_OF_PAGES = (*_PARAMETERS, "part")


Kind = Literal["id", "def", "page", "data"]


@dataclass(frozen=True, slots=True)
class Naming:
    """What an address names."""

    kind: Kind
    iri: str
    extension: str = ""
    """That of a file; "linkset" for the typed links; nothing where the client has to choose."""
    stray: str = ""
    """What looks like an extension, and is none."""
    page: str = "1"
    day: str | None = None
    part: str = "1"
    """Which part of what a page about a thing lists."""
    is_listing: bool = False
    """Whether the address names one of the pages with all that is said, entry by entry."""

    @property
    def arguments(self) -> tuple[tuple[str, str], ...]:
        """What a writer has to be told; nothing that goes without saying."""
        page = (("page", self.page),) if self.page != "1" else ()
        day = (("asof", self.day),) if self.day is not None else ()
        return (("iri", self.iri), *page, *day)


def name_at(kind: Kind, raw_path: bytes, query_string: bytes = b"") -> Naming:
    """Read what the address *raw_path*, which is of that *kind*, names."""
    parameters = _parameters(query_string, _OF_PAGES if kind == "page" else _PARAMETERS)
    parts = _decoded(raw_path).split("/")[1 if kind == "page" else 2 :]
    is_concept = kind == "def" or (kind == "data" and parts[0] == "def")
    if kind == "data" and is_concept:
        parts = parts[1:]
    extension = stray = ""
    if kind == "data" and parts[1:] and parts[-1] == LINKSET:
        extension = parts.pop()
    elif kind == "data" and parts:
        parts[-1], extension, stray = _split(parts[-1])
    if not all(parts) or len(parts) not in ((1, 2) if is_concept else (2,)):
        raise HTTPException(HTTPStatus.NOT_FOUND)
    is_of_concept = is_concept or (kind == "page" and parts[0] in CONCEPT_PAGES)
    iri = (DEF if is_of_concept else ID) + "/".join(parts)
    if fault := fault_of(iri):
        raise BadProtocolRequest(
            f"the address names no thing ({fault[:200]}); things are at /id/type/name"
        )
    page, day = parameters.get("page", "1"), parameters.get("asof")
    part, is_listing = parameters.get("part", "1"), "page" in parameters
    return Naming(kind, iri, extension, stray, page, day, part, is_listing)


def _split(name: str) -> tuple[str, str, str]:
    """Return *name* without its extension, that, and what only looks like one."""
    head, _, tail = name.rpartition(".")
    if head and tail in EXTENSIONS:
        return head, tail, ""
    return name, "", tail if head else ""


def _decoded(raw_path: bytes) -> str:
    """Return the path as it names things, whatever way of writing it a client has."""
    if len(raw_path) > _LONGEST:
        raise HTTPException(
            HTTPStatus.REQUEST_URI_TOO_LONG,
            f"the address has more than {_LONGEST} bytes; names of things are shorter",
        )
    try:
        return _DECODED.sub(lambda match: unquote_to_bytes(match[0]), raw_path).decode()
    except UnicodeDecodeError as error:
        raise BadProtocolRequest(
            "the address is not percent-encoded UTF-8; encode it as UTF-8, then percent-encode it"
        ) from error


def _parameters(query_string: bytes, taken: tuple[str, ...]) -> dict[str, str]:
    parameters = parameters_from(query_string, taken)
    if "profile" in parameters:
        raise BadProtocolRequest(
            "there are no profiles of things; leave 'profile' out, and choose a format by its "
            f"extension: {', '.join(EXTENSIONS)}",
            HTTPStatus.NOT_ACCEPTABLE,
        )
    return parameters
