"""From a request to an operation, without a server."""

from http import HTTPStatus
from urllib.parse import urlencode

import pytest

from graph.query import Operation
from server.protocol import (
    FORM,
    QUERY,
    UPDATE,
    BadProtocolRequest,
    Received,
    operation_from_request,
)

LIMIT = 1000
ASK = "ASK { ?s ?p 'é+&' }"
GRAPHS = [("default-graph-uri", "x:a"), ("named-graph-uri", "x:b"), ("named-graph-uri", "x:c")]


def encoded(*fields: tuple[str, str]) -> bytes:
    return urlencode(fields).encode()


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
    ],
)
def test_a_request_is_read_as_an_operation(request_: Received, operation: Operation) -> None:
    assert operation_from_request(request_, LIMIT) == operation


@pytest.mark.parametrize(
    ("request_", "status", "complaint"),
    [
        (Received("GET"), 400, "no 'query'"),
        (Received("GET", b"query=ASK%20%7B%7D&query=ASK%20%7B%7D"), 400, "got 2"),
        (Received("GET", b"update=CLEAR+ALL"), 403, "updates are off"),
        (Received("GET", b"query=ASK%20%7B%7D&update=CLEAR+ALL"), 403, "updates are off"),
        (Received("GET", b"query=%FF"), 400, "not percent-encoded UTF-8"),
        (Received("GET", "query=é".encode()), 400, "not percent-encoded UTF-8"),
        (Received("GET", b"query=ASK%20%7B%7D&using-graph-uri=x:a"), 400, "belongs to an update"),
        (Received("GET", b"&".join([b"a=b"] * 1001)), 400, "more than 1000 fields"),
        (Received("GET", b"query=" + b"x" * (LIMIT + 1)), 413, "longer than 1000 bytes"),
        (Received("POST", b"", QUERY, None, b"x" * (LIMIT + 1)), 413, "longer than 1000 bytes"),
        (Received("POST", b"", QUERY, None, b"\xff"), 400, "not UTF-8"),
        (Received("POST", b"query=ASK+%7B%7D", QUERY, None, b"ASK {}"), 400, "one in the body"),
        (Received("POST", b"query=a", FORM, None, b"query=b"), 400, "got 2"),
        (Received("POST", b"", FORM, None, b"update=CLEAR+ALL"), 403, "updates are off"),
        (Received("POST", b"", UPDATE, None, b"CLEAR ALL"), 403, "updates are off"),
        (Received("POST", b"", "text/plain", None, b"ASK {}"), 415, "text/plain"),
        (Received("POST", b"", None, None, b"ASK {}"), 415, "without Content-Type"),
        (Received("POST", b"", f"{QUERY};charset=utf-16", None, b"ASK {}"), 415, "in utf-16"),
        (Received("POST", b"", QUERY, "gzip", b"ASK {}"), 415, "without Content-Encoding"),
    ],
)
def test_another_request_is_refused_with_a_reason(
    request_: Received, status: int, complaint: str
) -> None:
    with pytest.raises(BadProtocolRequest) as raised:
        operation_from_request(request_, LIMIT)
    assert raised.value.status == HTTPStatus(status)
    assert complaint in str(raised.value)
