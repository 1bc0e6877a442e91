"""Tables of a large graph are written apart, by readers that no query waits for."""

import asyncio
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match

from graph.publishing.document import Document
from server.fairness import TURN, TooMuch, Turn
from server.routes.tables import LONG_TRIPLES, tables_routes
from server.settings import Settings

if TYPE_CHECKING:
    from server.reads import Reads


@dataclass
class Recorded:
    """Reads of a graph of so many triples, which remember what they were asked for."""

    triples: int
    asked: list[Document] = field(default_factory=list[Document])

    @property
    def generation(self) -> SimpleNamespace:
        return SimpleNamespace(union_triples=self.triples)

    async def response(self, request: Request, document: Document, **_: object) -> Response:
        del request
        self.asked.append(document)
        return Response()


def answer(path: str, reads: Recorded, turn: Turn) -> Response:
    scope: dict[str, Any] = {
        "type": "http", "method": "GET", "path": path, "headers": [], "query_string": b"",
        TURN: turn,
    }  # fmt: skip
    for route in tables_routes(Settings(), cast("Reads", reads)):
        match, found = route.matches(scope)
        if match is Match.FULL:
            request = Request({**scope, **found})
            return asyncio.run(found["endpoint"](request))
    raise AssertionError(path)


@pytest.mark.parametrize("path", ["/data/figures.csv", "/data/clusters", "/data/network.graphml"])
@pytest.mark.parametrize(("triples", "is_long"), [(LONG_TRIPLES - 1, False), (LONG_TRIPLES, True)])
def test_only_a_large_graph_needs_readers_apart(path: str, triples: int, *, is_long: bool) -> None:
    reads, dumps, left = Recorded(triples), list[str](), list[str]()
    turn = Turn(take_dump=lambda: dumps.append(path), leave=lambda: left.append(path))
    assert answer(path, reads, turn).status_code == 200
    (document,) = reads.asked
    assert document.is_long is is_long
    assert (dumps, left) == (([path], [path]) if is_long else ([], []))


def test_a_client_has_only_so_many_of_them_at_once() -> None:
    def refuse() -> None:
        raise TooMuch("dumps", "2 dumps are on their way to you; wait until one has arrived", 5)

    reads = Recorded(LONG_TRIPLES)
    refused = answer("/data/figures.csv", reads, Turn(take_dump=refuse))
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "5")
    assert reads.asked == []
