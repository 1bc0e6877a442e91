"""From a request to an operation, without a server."""

from http import HTTPStatus
from urllib.parse import urlencode

import pytest

from graph.query import Operation
from graph.writing.wishes import Update
from server.protocol import (
    FORM,
    QUERY,
    UPDATE,
    BadProtocolRequest,
    Received,
    fields_of,
    operation_from_request,
    short_fields_from,
)

LIMIT = 1000
UPDATE_LIMIT = 2000
ASK = "ASK { ?s ?p 'é+&' }"
CHANGE = "INSERT DATA { <x:s> <x:p> 'é+&' }"
GRAPHS = [("default-graph-uri", "x:a"), ("named-graph-uri", "x:b"), ("named-graph-uri", "x:c")]
USING = [("using-graph-uri", "x:a"), ("using-named-graph-uri", "x:b"), ("using-graph-uri", "x:c")]


def encoded(*fields: tuple[str, str]) -> bytes:
    return urlencode(fields).encode()


def read(request: Received) -> Operation | Update:
    return operation_from_request(request, fields_of(request), LIMIT, UPDATE_LIMIT)


@pytest.mark.parametrize(
    ("request_", "operation"),
    [
        pytest.param(Received("GET", encoded(("query", ASK))), Operation(ASK), id="GET"),
        pytest.param(Received("HEAD", encoded(("query", ASK))), Operation(ASK), id="HEAD"),
        pytest.param(
            Received("GET", encoded(("query", ASK), ("other", "x"))), Operation(ASK), id="unknown"
        ),
        pytest.param(
            Received("POST", b"", FORM, None, encoded(("query", ASK))), Operation(ASK), id="form"
        ),
        pytest.param(
            Received("POST", b"", f"{FORM}; charset=UTF-8", "identity", encoded(("query", ASK))),
            Operation(ASK),
            id="form that names its charset",
        ),
        pytest.param(Received("POST", b"", QUERY, None, ASK.encode()), Operation(ASK), id="direct"),
        pytest.param(
            Received("GET", encoded(("query", ASK), *GRAPHS)),
            Operation(ASK, ("x:a",), ("x:b", "x:c")),
            id="graphs in GET",
        ),
        pytest.param(
            Received("POST", encoded(*GRAPHS), QUERY, None, ASK.encode()),
            Operation(ASK, ("x:a",), ("x:b", "x:c")),
            id="graphs in the URL of a direct POST",
        ),
        pytest.param(
            Received(
                "POST", encoded(*GRAPHS[:1]), FORM, None, encoded(("query", ASK), *GRAPHS[1:])
            ),
            Operation(ASK, ("x:a",), ("x:b", "x:c")),
            id="graphs in the URL and the form",
        ),
        pytest.param(
            Received("POST", b"", UPDATE, None, CHANGE.encode()), Update(CHANGE), id="update"
        ),
        pytest.param(
            Received("POST", b"", f"{UPDATE};charset=utf-8", "identity", CHANGE.encode()),
            Update(CHANGE),
            id="update that names its charset",
        ),
        pytest.param(
            Received("POST", b"", FORM, None, encoded(("update", CHANGE))),
            Update(CHANGE),
            id="update in a form",
        ),
        pytest.param(
            Received("POST", encoded(*USING), UPDATE, None, CHANGE.encode()),
            Update(CHANGE, ("x:a", "x:c"), ("x:b",)),
            id="graphs in the URL of a direct update",
        ),
        pytest.param(
            Received("POST", b"version=1.2", FORM, None, encoded(("update", CHANGE), *USING)),
            Update(CHANGE, ("x:a", "x:c"), ("x:b",)),
            id="graphs in the form of an update",
        ),
        pytest.param(
            Received("POST", b"", UPDATE, None, b"#" * UPDATE_LIMIT),
            Update("#" * UPDATE_LIMIT),
            id="update longer than a query may be",
        ),
    ],
)
def test_a_request_is_read_as_an_operation(
    request_: Received, operation: Operation | Update
) -> None:
    assert read(request_) == operation


def form(*fields: tuple[str, str], query: bytes = b"", method: str = "POST") -> Received:
    return Received(method, query, FORM, None, encoded(*fields))


def direct(text: bytes, query: bytes = b"", content_type: str = UPDATE) -> Received:
    return Received("POST", query, content_type, None, text)


CLEAR = ("update", "CLEAR ALL")


@pytest.mark.parametrize(
    ("request_", "status", "complaint"),
    [
        (Received("GET"), 400, "no 'query'"),
        (Received("GET", b"query=ASK%20%7B%7D&query=ASK%20%7B%7D"), 400, "got 2"),
        (Received("GET", b"update=CLEAR+ALL"), 400, "an update in the address; send an update as"),
        (Received("GET", b"query=ASK%20%7B%7D&update=CLEAR+ALL"), 400, "an update in the address"),
        (Received("GET", b"query=%FF"), 400, "not percent-encoded UTF-8"),
        (Received("GET", "query=é".encode()), 400, "not percent-encoded UTF-8"),
        (Received("GET", b"query=ASK%20%7B%7D&using-graph-uri=x:a"), 400, "belongs to an update"),
        (Received("GET", b"&".join([b"a=b"] * 1001)), 400, "more than 1000 fields"),
        (Received("GET", b"query=" + b"x" * (LIMIT + 1)), 413, "the query is longer than 1000"),
        (Received("POST", b"", QUERY, None, b"x" * (LIMIT + 1)), 413, "longer than 1000 bytes"),
        (Received("POST", b"", QUERY, None, b"\xff"), 400, "the query is not UTF-8"),
        (Received("POST", b"query=ASK+%7B%7D", QUERY, None, b"ASK {}"), 400, "one in the body"),
        (Received("POST", b"query=a", FORM, None, b"query=b"), 400, "got 2"),
        (Received("POST", b"", "text/plain", None, b"ASK {}"), 415, "text/plain"),
        (Received("POST", b"", None, None, b"ASK {}"), 415, "without Content-Type"),
        (Received("POST", b"", f"{QUERY};charset=utf-16", None, b"ASK {}"), 415, "in utf-16"),
        (Received("POST", b"", QUERY, "gzip", b"ASK {}"), 415, "without Content-Encoding"),
        (form(CLEAR, CLEAR), 400, "exactly one 'update'; got 2"),
        (form(CLEAR, ("query", ASK)), 400, "a 'query' and an 'update'; send one"),
        (form(CLEAR, query=b"query=ASK+%7B%7D"), 400, "a 'query' and an 'update'"),
        (form(query=b"update=CLEAR+ALL"), 400, "an update in the address"),
        (form(CLEAR, method="QUERY"), 400, "the method QUERY changes nothing"),
        (form(CLEAR, ("using-graph-uri", "a")), 400, "'using-graph-uri' is 'a', which is no"),
        (form(CLEAR, ("using-named-graph-uri", "/a")), 400, "'using-named-graph-uri' is '/a'"),
        (form(CLEAR, ("default-graph-uri", "x:a")), 400, "'default-graph-uri' belongs to a query"),
        (form(CLEAR, ("named-graph-uri", "x:a")), 400, "'using-named-graph-uri'"),
        (form(CLEAR, ("version", "3")), 400, "'version' is '3'"),
        (form(("query", ASK), ("using-named-graph-uri", "x:a")), 400, "belongs to an update"),
        (form(("update", "\n\nCLEAR\0ALL")), 400, "3:6: the update has the character U+0000"),
        (form(("update", "#" * (UPDATE_LIMIT + 1))), 413, "the update is longer than 2000 bytes"),
        (direct("#é".encode() * UPDATE_LIMIT), 413, "the update is longer than 2000 bytes"),
        (direct(b"CLEAR ALL", b"query=ASK+%7B%7D"), 400, "one in the body"),
        (direct(b"CLEAR ALL", b"update=CLEAR+ALL"), 400, "an update in the address"),
        (direct(b"CLEAR ALL", b"using-graph-uri="), 400, "'using-graph-uri' is ''"),
        (direct(b"CLEAR ALL", b"default-graph-uri=x:a"), 400, "belongs to a query"),
        (direct(b"CLEAR \xff"), 400, "the update is not UTF-8"),
        (direct(b"CLEAR ALL", content_type=f"{UPDATE};charset=UTF-16"), 415, "in utf-16"),
        (Received("POST", b"", UPDATE, "gzip", b"x"), 415, "without Content-Encoding"),
        (Received("QUERY", b"", UPDATE, None, b"CLEAR ALL"), 400, "QUERY changes nothing"),
        (direct(b"CLEAR ALL", content_type="text/plain"), 415, "application/sparql-update"),
    ],
)
def test_another_request_is_refused_with_a_reason(
    request_: Received, status: int, complaint: str
) -> None:
    with pytest.raises(BadProtocolRequest) as raised:
        read(request_)
    assert raised.value.status == HTTPStatus(status)
    assert complaint in str(raised.value)


def test_parameters_beside_no_query_are_short() -> None:
    assert short_fields_from(b"graph=x:a&default=") == {"graph": ["x:a"], "default": [""]}
    with pytest.raises(BadProtocolRequest, match="more than 65536 bytes") as refused:
        short_fields_from(b"graph=x:" + b"%2F" * 30_000)
    assert refused.value.status == HTTPStatus.REQUEST_URI_TOO_LONG
