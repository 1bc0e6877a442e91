"""A running server as the target of imports: the Graph Store Protocol, with preconditions.

async with connected("https://data.example.org/", token_file) as client:
    prepared = await prepare(RemoteStore(client), origin, parts, folder)
"""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from graph.errors import ImportRefused, PreconditionFailed, ShapesViolated
from graph.importing.candidate import read_lines
from graph.importing.difference_files import difference_from_patch
from graph.importing.listing import IMPORTS, Import
from graph.importing.target import Done, Found

if TYPE_CHECKING:
    from collections.abc import Mapping

    import httpx2

    from graph.differences import Difference
    from graph.importing.target import Finding

_N_TRIPLES = "application/n-triples"
_LAST_CHANGE = re.compile(r'"(\d+)-')
_FEWER_BYTES = 1 << 20


class RemoteStore:
    """A server that *client* asks."""

    def __init__(self, client: httpx2.AsyncClient) -> None:
        self._client = client

    async def found(self, graph: str) -> Found:
        """Return the graph called *graph* as it is."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "graph.nt"
            answer = await self._fetch(path, graph)
            if answer.status_code == 404:
                return Found(None)
            return Found(read_lines(path), answer.headers["ETag"])

    async def findings(self, difference: Difference, content: Path | None) -> list[Finding]:
        """Return what the server says of *content* in the place of the graph."""
        if content is None:
            return []
        answer = await self._send("POST", "/validate", {"graph": difference.graph}, content, {})
        return list(_checked(answer).json()["findings"])

    async def put(self, graph: str, content: Path | None, version: str) -> Done:
        """Have *graph* hold *content*, or be gone, if it still is as in *version*."""
        condition = {"If-Match": version} if version else {"If-None-Match": "*"}
        method = "PUT" if content else "DELETE"
        answer = await self._send(method, "/graph-store", {"graph": graph}, content, condition)
        headers = _checked(answer).headers
        commit, generation = headers.get("X-Commit"), headers.get("X-Generation")
        return Done(int(commit) if commit else None, int(generation) if generation else None)

    async def before(self, graph: str, activity: str) -> Difference:  # noqa: ARG002 -- a server tells of generations
        """Return what takes back the last change of *graph*."""
        with tempfile.TemporaryDirectory() as folder:
            answer = await self._fetch(Path(folder) / "graph.nt", graph)
            found = _LAST_CHANGE.match(_checked(answer).headers["ETag"].removeprefix("W/"))
            if found is None:
                raise ImportRefused("the server does not say when the graph changed last")
            last = int(found[1])
            patch = Path(folder) / "patch.rdfp"
            await self._stream(patch, f"/changes/{last}..{last - 1}.rdfp", {}, {"Accept": "*/*"})
            return difference_from_patch(graph, patch)

    async def _fetch(self, path: Path, graph: str) -> httpx2.Response:
        accept = {"Accept": _N_TRIPLES}
        return await self._stream(path, "/graph-store", {"graph": graph}, accept, missing=True)

    async def _stream(
        self, path: Path, address: str, fields: Mapping[str, str], headers: Mapping[str, str],
        *, missing: bool = False,
    ) -> httpx2.Response:  # fmt: skip
        """Write what is at *address* to the file *path*."""
        async with self._client.stream("GET", address, params=fields, headers=headers) as answer:
            if answer.status_code != 200 and not (missing and answer.status_code == 404):
                await answer.aread()
                _checked(answer)
            with path.open("wb") as file:
                async for piece in answer.aiter_bytes(_FEWER_BYTES):
                    file.write(piece)
            return answer

    async def _send(
        self, method: str, address: str, fields: Mapping[str, str], content: Path | None,
        headers: Mapping[str, str],
    ) -> httpx2.Response:  # fmt: skip
        body = content.read_bytes() if content else None
        types = {"Content-Type": _N_TRIPLES} if content else {}
        return await self._client.request(
            method, address, params=fields, content=body, headers={**headers, **types}
        )


async def imports_at(client: httpx2.AsyncClient) -> list[Import]:
    """Return the imports that the server holds that *client* asks."""
    accept = {"Accept": "application/sparql-results+json"}
    answer = await client.get("/sparql", params={"query": IMPORTS}, headers=accept)
    rows = _checked(answer).json()["results"]["bindings"]
    return [Import.from_row({name: value["value"] for name, value in row.items()}) for row in rows]


def _checked(answer: httpx2.Response) -> httpx2.Response:
    """Return *answer* if it is good news; raise what it says otherwise."""
    if answer.is_success:
        return answer
    problem = _problem(answer)
    detail = problem.get("detail") or f"the server answers with status {answer.status_code}"
    match answer.status_code:
        case 412:
            raise PreconditionFailed(f"somebody else was faster; import again ({detail})")
        case 422 if problem.get("findings"):
            raise ShapesViolated(detail, problem["findings"])
        case 401 | 403:
            raise ImportRefused(f"{detail} (give a token with --token-file)")
        case _:
            raise ImportRefused(detail)


def _problem(answer: httpx2.Response) -> dict[str, Any]:
    try:
        problem: Any = answer.json()
    except ValueError:
        return {}
    return cast("dict[str, Any]", problem) if isinstance(problem, dict) else {}
