"""Errors as problem documents."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from graph import errors
from graph.errors import GraphError
from graph.limits import Limits
from graph.query import Engine
from server.app import create_app
from server.limits import AllLimits
from server.problems import STATUS, TITLES
from server.settings import Settings


def every_error(base: type[GraphError] = GraphError) -> Iterator[type[GraphError]]:
    for each in base.__subclasses__():
        yield each
        yield from every_error(each)


def test_every_error_of_the_engine_has_a_status_and_a_title() -> None:
    known = set(every_error())
    assert known == set(STATUS) == set(TITLES)
    assert all(each.__name__ in (errors.__doc__ or "") for each in known)


@pytest.fixture
def client(small_store: Path) -> Iterator[TestClient]:
    settings = Settings(store=small_store, limits=AllLimits(Limits(readers=1, spares=0)))
    with TestClient(create_app(settings), raise_server_exceptions=False) as each:
        yield each


def test_what_nobody_foresaw_is_told_to_the_log_and_not_to_the_client(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("secret")

    monkeypatch.setattr(Engine, "answer", broken)
    response = client.get("/sparql", params={"query": "ASK {}"})
    assert response.status_code == 500
    assert response.headers["content-type"] == "application/problem+json"
    assert "secret" not in response.text
    assert "ZeroDivisionError" in caplog.text


@pytest.mark.parametrize("error", list(STATUS))
def test_an_error_of_the_engine_becomes_a_problem(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, error: type[GraphError]
) -> None:
    arguments: dict[type[GraphError], tuple[object, ...]] = {
        errors.BuildRejected: ([],),
        errors.ShapesViolated: ("why", [{"message": "no label"}]),
        errors.MovedThing: ("why", "https://example.org/new"),
        errors.RemoteFailed: ("why", "portal"),
        errors.RemoteTooMuch: ("why", "portal"),
        errors.RemoteTooSlow: ("why", "portal"),
        errors.RemoteBusy: ("why", "portal", 6.2),
    }

    async def failing(*_: object, **__: object) -> None:
        raise error(*arguments.get(error, ("why",)))

    monkeypatch.setattr(Engine, "answer", failing)
    response = client.get("/sparql", params={"query": "ASK {}"}, follow_redirects=False)
    assert response.status_code == STATUS[error]
    assert response.headers.get("location") == (
        "https://example.org/new" if error is errors.MovedThing else None
    )
    assert response.headers["content-type"] == "application/problem+json"
    assert ("retry-after" in response.headers) == (response.status_code == 503)
    if error is errors.RemoteBusy:
        assert response.headers["retry-after"] == "7"
    document = response.json()
    assert document.get("remote") == ("portal" if issubclass(error, errors.RemoteFailed) else None)
    assert {"type", "title", "status", "detail"} <= set(document)
    assert document["status"] == response.status_code
    if error is errors.ShapesViolated:
        assert document["findings"] == [{"message": "no label"}]
