"""How every write is answered: who may, once or again, on what conditions, and what came of it."""

import json
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any, Literal, Protocol

from starlette.requests import Request
from starlette.responses import Response

from graph.namespaces import GRAPH
from graph.writing.wishes import Author, Conditions, GraphWrite, Update, Wish, Written
from server.auth import Tokens, authorise, presented_by, scope_to_write
from server.idempotency import key_from, keyed
from server.preconditions import conditions_from, refuse_preconditions
from server.problems import OWN_SITE_HEADERS
from server.reads import Reads
from server.scopes import UPDATE, Scope
from server.settings import Settings
from server.streaming import while_connected
from server.uploads import SpooledPart, checked_head, spooled

Method = Literal["put", "post", "delete"]

NEW_GRAPHS = f"{GRAPH}upload/"
"""What the names of graphs start with that clients have made without naming them."""


class WritingEngine(Protocol):
    """Who makes changes."""

    @property
    def takes_writes(self) -> bool:
        """Tell whether changes are made at all."""
        ...

    @property
    def spool(self) -> Path:
        """Where what is sent is kept while it is worked on."""
        ...

    async def write(self, wish: Wish) -> Written:
        """Have *wish* made, and return when everyone can see it; raise why it is not made."""
        ...

    async def accept_upload(
        self, spooled: Sequence[SpooledPart], graph: str | None, base_iri: str
    ) -> Path:
        """Parse and check what was sent; return a file of N-Triples."""
        ...


@dataclass(frozen=True, slots=True)
class Target:
    """The graph that a request is about."""

    graph: str | None
    """Its name; None for the store's own default graph."""
    is_new: bool = False
    """Whether the server finds the name for it."""


class Writes:
    """Answers writes. *tokens* is None where nobody may write."""

    def __init__(
        self, engine: WritingEngine, reads: Reads, tokens: Tokens | None, settings: Settings
    ) -> None:
        self._engine = engine
        self._reads = reads
        self._tokens = tokens if engine.takes_writes else None
        self._settings = settings

    @property
    def is_on(self) -> bool:
        """Tell whether anybody may write."""
        return self._tokens is not None

    def author_of_update(self, request: Request, fields: Collection[str]) -> Author:
        """Return who sends an update; NotAuthorised when that is nobody who may.

        *fields* are the names of the parameters of the request.
        """
        request.scope["metapole.operation"] = "update"
        return self._author(request, UPDATE, fields)

    async def update(self, request: Request, update: Update, author: Author) -> Response:
        """Make *update*, which *author* sent."""
        refuse_preconditions(request.headers)
        change = ("update", update.text, update.using_graphs, update.using_named_graphs)
        key = keyed(key_from(request.headers.getlist("idempotency-key")), *change)
        return answer_to(await self._written(request, Wish(update, author, key)))

    async def graph(
        self, request: Request, method: Method, target: Target, fields: Collection[str]
    ) -> Response:
        """Write to the graph *target*, or delete it; *fields* are the names of the parameters."""
        scope = Scope("write", NEW_GRAPHS) if target.is_new else scope_to_write(target.graph)
        author = self._author(request, scope, fields)
        key = key_from(request.headers.getlist("idempotency-key"))
        if target.is_new:
            target = Target(_new_name(author, key), is_new=True)
        conditions = self._conditions(request, target)
        named = None if target.is_new else [target.graph]
        if method == "delete":
            delete = GraphWrite(method, target.graph)
            wish = Wish(delete, author, keyed(key, method, named), conditions)
            return answer_to(await self._written(request, wish))
        limit = self._settings.max_upload_bytes
        head = checked_head(request.headers, limit, may_have_parts=method == "post")
        async with spooled(request.stream(), head, self._engine.spool, limit) as parts:
            content = await self._content(request, parts, target.graph)
            try:
                change = (method, named, [(part.media_type, part.digest) for part in parts])
                write = GraphWrite(method, target.graph, content)
                wish = Wish(write, author, keyed(key, *change), conditions)
                written = await self._written(request, wish)
            finally:
                content.unlink(missing_ok=True)
        return answer_to(written, self._address(target) if target.is_new else None)

    def _author(self, request: Request, needed: Scope, fields: Collection[str]) -> Author:
        presented = presented_by(request.scope["headers"])
        return authorise(presented, needed, self._tokens, self._settings.public_url, fields)

    def _conditions(self, request: Request, target: Target) -> Conditions:
        if target.is_new:
            refuse_preconditions(request.headers)
            return Conditions(exists=False)
        return conditions_from(
            request.headers.getlist("if-match"),
            request.headers.getlist("if-none-match"),
            self._reads.versions(target.graph),
        )

    async def _content(
        self, request: Request, parts: Sequence[SpooledPart], graph: str | None
    ) -> Path:
        base_iri = f"{self._settings.graph_store_url}?default" if graph is None else graph
        work = self._engine.accept_upload(parts, graph, base_iri)
        return await while_connected(request.scope, request.receive, work)

    async def _written(self, request: Request, wish: Wish) -> Written:
        return await while_connected(request.scope, request.receive, self._engine.write(wish))

    def _address(self, target: Target) -> str:
        return self._settings.graphs_url + (target.graph or "").removeprefix(GRAPH)


def answer_to(written: Written, location: str | None = None) -> Response:
    """Return the response that tells what became of a write.

    It has no ETag: what was sent is not kept byte for byte (RFC 9110, 9.3.4).
    """
    headers = {
        **OWN_SITE_HEADERS,
        "Cache-Control": "no-store",
        "X-Generation": str(written.generation.number),
    }
    if written.commit is not None:
        headers["X-Commit"] = str(written.commit)
    if written.is_replay:
        headers["Idempotency-Replayed"] = "true"
    if written.gate_ms is not None:
        headers["Server-Timing"] = f"gate;dur={written.gate_ms:.1f}"
    if location:
        headers["Location"] = location
    if not written.findings:
        status = HTTPStatus.CREATED if written.created else HTTPStatus.NO_CONTENT
        return Response(status_code=status, headers=headers)
    status = HTTPStatus.CREATED if written.created else HTTPStatus.OK
    return Response(
        json.dumps(_report(written), ensure_ascii=False), status, headers, "application/json"
    )


def _report(written: Written) -> dict[str, Any]:
    return {
        "generation": written.generation.number,
        "commit": written.commit,
        "added": written.added,
        "removed": written.removed,
        "findings": [dict(finding) for finding in written.findings],
    }


def _new_name(author: Author, key: str | None) -> str:
    """Return the name of a new graph: for the same key always the same."""
    if key is None:
        return f"{NEW_GRAPHS}{uuid.uuid4()}"
    return f"{NEW_GRAPHS}{uuid.uuid5(uuid.NAMESPACE_URL, f'{NEW_GRAPHS}{author.name}/{key}')}"
