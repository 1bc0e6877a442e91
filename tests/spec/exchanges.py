"""The requests that a W3C test of a protocol sends, and what it expects of each answer.

The manifests use the vocabulary HTTP in RDF (https://www.w3.org/TR/HTTP-in-RDF10/).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyoxigraph as ox

from tests.spec.manifests import MF

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.spec.manifests import Description, SpecTest, Term

_HT = "http://www.w3.org/2011/http#"
_CNT = "http://www.w3.org/2011/content#"
_STATUSES = {
    "StatusCode2xx": range(200, 300),
    "StatusCode3xx": range(300, 400),
    "StatusCode4xx": range(400, 500),
    "OK": range(200, 201),
    "Created": range(201, 202),
    "NoContent": range(204, 205),
    "NotFound": range(404, 405),
}


@dataclass(frozen=True, slots=True)
class Message:
    """The headers and the body that are sent, or expected."""

    headers: tuple[tuple[str, str], ...]
    body: bytes | None


@dataclass(frozen=True, slots=True)
class Expectation:
    """What the answer to a request must be; None where it may be anything."""

    statuses: tuple[range, ...]
    boolean: bool | None
    format: str | None
    """`boolean`, `tabular` or `RDF`."""
    location: str | None
    """What stands for the Location of the answer in the requests that follow."""
    message: Message


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and what is expected of its answer."""

    method: str
    target: str
    message: Message
    expected: Expectation


def exchanges_of(test: SpecTest) -> Iterator[Exchange]:
    """Yield what *test* sends, in order."""
    about = test.about
    for request in about.listed(test.action, f"{_HT}requests"):
        method, target = (
            about.text(request, _HT + name) for name in ("methodName", "absolutePath")
        )
        response = about.one(request, f"{_HT}resp")
        assert method, f"{test.iri}: a request without a method"
        assert target, f"{test.iri}: a request without a path"
        assert response, f"{test.iri}: a request without a response"
        yield Exchange(method, target, _message(about, request), _expectation(about, response))


def _expectation(about: Description, response: Term) -> Expectation:
    statuses = about.all(response, f"{MF}expectedStatus")
    boolean = about.text(response, f"{MF}expectedBoolean")
    return Expectation(
        tuple(_STATUSES[_local_name(each)] for each in statuses),
        None if boolean is None else boolean == "true",
        about.text(response, f"{MF}expectedFormat"),
        about.text(response, f"{MF}expectedLocation"),
        _message(about, response),
    )


def _message(about: Description, node: Term) -> Message:
    headers = tuple(
        (about.text(each, f"{_HT}fieldName") or "", about.text(each, f"{_HT}fieldValue") or "")
        for each in about.listed(node, f"{_HT}headers")
    )
    content = about.one(node, f"{_HT}body")
    if content is None:
        return Message(headers, None)
    encoding = about.text(content, f"{_CNT}characterEncoding") or "utf-8"
    return Message(headers, (about.text(content, f"{_CNT}chars") or "").encode(encoding))


def _local_name(term: Term) -> str:
    assert isinstance(term, ox.NamedNode), f"{term} is no status"
    return term.value.rpartition("#")[2]
