"""SERVICE over HTTP: another portal is asked, which counts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

from tests.http.conftest import publish
from tests.http.portal import Portal, running_portal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.http.conftest import Serve, Server

_LABELS = 20_000
_LINKS = 10_000
_EX = "http://example.org/"


@pytest.fixture(scope="module")
def portal() -> Iterator[Portal]:
    """A portal with labels of 20,000 things."""
    store = ox.Store()
    label = ox.NamedNode(f"{_EX}label")
    store.bulk_extend(
        ox.Quad(ox.NamedNode(f"{_EX}r{number}"), label, ox.Literal(f"Organisation {number}"))
        for number in range(_LABELS)
    )
    with running_portal(store) as portal:
        yield portal


@pytest.fixture(scope="module")
def asking(
    serve: Serve, portal: Portal, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A server with links to half of these things, which may ask the portal."""
    store: Path = tmp_path_factory.mktemp("asking") / "store"
    links = " ".join(f":l{n} :same :r{n} ; :number {n} ." for n in range(_LINKS))
    publish(store, f"PREFIX : <{_EX}> GRAPH :links {{ {links} }}")
    with serve(store, "--federate", portal.url) as server:
        yield server


@pytest.fixture(autouse=True)
def _forget(portal: Portal) -> None:
    portal.forget()


@pytest.mark.parametrize(
    ("number", "requests", "bytes_down"),
    [(1, 1, 1_000), (100, 1, 30_000), (_LINKS, 25, 2_500_000)],
    ids=["1 binding", "100 bindings", "10,000 bindings"],
)
def test_the_portal_is_asked_only_for_what_can_matter(
    asking: Server, portal: Portal, number: int, requests: int, bytes_down: int
) -> None:
    text = f"""PREFIX : <{_EX}> SELECT ?l ?label {{
        ?l :same ?r ; :number ?n FILTER(?n < {number}) SERVICE <{portal.url}> {{ ?r :label ?label }}
    }}"""
    answer = asking.ask(text)
    assert answer.status_code == 200, answer.text
    assert answer.text.count("\r\n") == number + 1
    assert f"{_EX}l{number - 1},Organisation {number - 1}\r\n" in answer.text
    assert portal.requests <= requests
    assert portal.bytes_down < bytes_down
    said = answer.headers["X-Federation"]
    assert re.search(rf";status=complete;.*;rows={number};", said), said
    assert answer.headers["Cache-Control"] == "no-store"
