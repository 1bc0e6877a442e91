"""A server that takes writes, and who writes to it."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import httpx2

from server.scopes import scope_from_text
from server.token_changes import add_token

from .conftest import Serve, Server, wait_until

BASE = "https://w3id.org/metapole/graph/"
PUBLIC = "https://data.example.org/kg"
UPDATE = "application/sparql-update"
FORM = "application/x-www-form-urlencoded"
TURTLE = "text/turtle"
OURS = "http://example.org/our/"
TOKENS = {
    "updater": ("update", "a-token-that-may-update"),
    "ours": (f"write:{OURS}", "a-token-for-our-graphs"),
    "reader": ("read", "a-token-to-read-only"),
}
_EVERYTHING = """
    SELECT ?g ?s ?p ?o WHERE {
        { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } }
        FILTER(!BOUND(?g) || ?g NOT IN (<https://w3id.org/metapole/graph/union>))
    } ORDER BY ?g ?s ?p ?o
"""


@dataclass(frozen=True)
class Writer:
    """A client of a server that takes writes."""

    server: Server

    def send(
        self,
        method: str,
        target: str,
        content: bytes | str = b"",
        content_type: str | None = TURTLE,
        author: str | None = "updater",
        **headers: str,
    ) -> httpx2.Response:
        """Send *content* with the token of *author*; other headers are named with _ for -."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if author:
            named["Authorization"] = f"Bearer {TOKENS[author][1]}"
        if content_type:
            named["Content-Type"] = content_type
        url = self.server.url + target
        return httpx2.request(method, url, content=content, headers=named, timeout=60)

    def update(self, text: str, query: str = "", **headers: str) -> httpx2.Response:
        return self.send("POST", f"/sparql{query}", text, UPDATE, **headers)

    def get(self, target: str, **headers: str) -> httpx2.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return httpx2.get(
            self.server.url + target, headers={"Accept": "application/n-triples"} | named
        )

    def everything(self) -> tuple[str, str]:
        """Return all that the store holds, and the number of its generation."""
        response = self.server.ask(_EVERYTHING)
        assert response.status_code == 200, response.text
        return response.text, response.headers["x-generation"]


@contextmanager
def writing(
    serve: Serve,
    store: Path,
    *options: object,
    in_place: bool = False,
    through: Sequence[str] = (),
) -> Generator[Writer]:
    """Serve a copy of *store*, or itself, with somebody who may change it."""
    token_file = store.parent / "tokens"
    if not token_file.exists():
        for name, (scope, value) in TOKENS.items():
            add_token(token_file, name, [scope_from_text(scope)], value)
    with serve(
        store, "--token-file", token_file, "--public-url", PUBLIC, "--validate", "off",
        "--readers", 2, "--default-graph", "own", *options,
        in_place=in_place, through=through,
    ) as server:  # fmt: skip
        # Queries are answered a little before changes are made.
        wait_until(lambda: httpx2.get(f"{server.url}/healthz").json()["writer"] != "down")
        yield Writer(server)


def indirect(iri: str) -> str:
    return f"/graph-store?graph={quote(iri, safe='')}"
