"""The endpoints that tests of SERVICE ask: each is served, and found at another address.

An endpoint that has no data in the manifest is one that nobody answers at.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

import pyoxigraph as ox

from tests.spec.datasets import dataset_of
from tests.spec.manifests import QT

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable

    from tests.spec.manifests import SpecTest

_ENDPOINT = re.compile(r"<(http://[^>]*/sparql)>")


def services_of(test: SpecTest) -> dict[str, ox.Store | None]:
    """Return the endpoints that *test* is about, and what each has; None where nobody answers."""
    found: dict[str, ox.Store | None] = {}
    if "/service/" not in test.iri:
        return found
    found.update(dict.fromkeys(_ENDPOINT.findall(test.text)))
    for each in test.about.all(test.action, f"{QT}serviceData"):
        store, data = ox.Store(), test.about.text(each, f"{QT}data")
        assert data
        store.load(path=test.path(data), format=ox.RdfFormat.TURTLE)
        found[test.about.text(each, f"{QT}endpoint") or ""] = store
    return found


@dataclass(slots=True)
class Addresses:
    """Where the endpoints of all tests are served."""

    base: str
    by_test: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]])
    """By the IRI of the test, the address of each of its endpoints."""
    _tests: dict[str, SpecTest] = field(default_factory=dict[str, "SpecTest"])

    @property
    def all(self) -> list[str]:
        """All addresses."""
        return [url for each in self.by_test.values() for url in each.values()]

    def test_of(self, file: str) -> SpecTest | None:
        """Return the test that is about the data in *file*, if it asks endpoints."""
        return self._tests.get(file)

    def add(self, test: SpecTest, endpoint: str, address: str) -> None:
        """Note where an *endpoint* of *test* is served."""
        self.by_test.setdefault(test.iri, {})[endpoint] = address
        self._tests.update((data.iri, test) for data in dataset_of(test).default)

    def there(self, test: SpecTest, text: str) -> str:
        """Return *text* with the addresses in the place of the endpoints."""
        return self._replaced(self.by_test.get(test.iri, {}).items(), text)

    def back(self, test: SpecTest, text: str) -> str:
        """Return *text* with the endpoints again."""
        pairs = self.by_test.get(test.iri, {}).items()
        return self._replaced([(url, endpoint) for endpoint, url in pairs], text)

    def _replaced(self, pairs: Iterable[tuple[str, str]], text: str) -> str:
        for before, after in pairs:
            text = text.replace(before, after)
        return text


@contextmanager
def serving_services(tests: Iterable[SpecTest]) -> Generator[Addresses]:
    """Serve the endpoints of *tests*; SERVICE in what they are sent is left to the engine."""
    stores: dict[str, ox.Store | None] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(parse_qs(self.path.partition("?")[2])["query"][0])

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            is_form = "form" in self.headers["Content-Type"]
            self._answer(parse_qs(body)["query"][0] if is_form else body)

        def _answer(self, query: str) -> None:
            store = stores[self.path.partition("?")[0]]
            if store is None:
                self.send_error(404)
                return
            found = store.query(query)
            assert isinstance(found, ox.QuerySolutions)
            body = found.serialize(format=ox.QueryResultsFormat.JSON) or b""
            self.send_response(200)
            self.send_header("Content-Type", "application/sparql-results+json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- so it is called
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    addresses = Addresses(f"http://127.0.0.1:{server.server_address[1]}")
    for test in tests:
        for endpoint, store in services_of(test).items():
            path = f"/{len(stores)}"
            stores[path] = store
            addresses.add(test, endpoint, addresses.base + path)
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield addresses
    finally:
        server.shutdown()
        server.server_close()
