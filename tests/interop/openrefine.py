"""OpenRefine of the Debian package, without a window, and what its window asks of it."""

from __future__ import annotations

import csv
import io
import json
import os
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from tests.bench.servers import free_port, running

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

_HOME = Path("/usr/share/openrefine")
_SECONDS = 120
_ALL_ROWS = json.dumps({"facets": [], "mode": "row-based"})
_AS_CSV = {"separator": ",", "encoding": "UTF-8", "headerLines": 1, "guessCellValueTypes": False}

Values = dict[str, Any]


class Project:
    """A project of OpenRefine, over a table whose first row names its columns."""

    def __init__(self, client: httpx2.Client, table: Sequence[Sequence[str]]) -> None:
        self._client = client
        content = io.StringIO()
        csv.writer(content).writerows(table)
        made = client.post(
            "/create-project-from-upload",
            params={"csrf_token": self._token()},
            files={"project-file": ("table.csv", content.getvalue().encode(), "text/csv")},
            data={
                "project-name": "names",
                "format": "text/line-based/*sv",
                "options": json.dumps(_AS_CSV),
            },
        )
        assert made.status_code == 302, made.text
        self._id = parse_qs(urlsplit(made.headers["location"]).query)["project"][0]

    def types_of(self, column: str, service: str) -> list[Values]:
        """Return the types that are offered for *column*."""
        return self._do("guess-types-of-column", columnName=column, service=service)["types"]

    def reconcile(self, column: str, config: Values) -> None:
        self._do("reconcile", columnName=column, config=config, engine=_ALL_ROWS)
        self._wait()

    def matched(self) -> dict[str, str]:
        """Return what each cell of the first column was matched with; "" is nothing."""
        parameters = {"project": self._id, "start": 0, "limit": 100}
        said = self._client.get("/get-rows", params=parameters).json()
        cells = [row["cells"][0] for row in said["rows"]]
        found = [said["pool"]["recons"][each["r"]] for each in cells]
        return {
            cell["v"]: recon["m"]["id"] if recon["j"] == "matched" else ""
            for cell, recon in zip(cells, found, strict=True)
        }

    def preview(self, column: str, rows: Sequence[int], properties: Sequence[Values]) -> Values:
        extension = {"properties": properties}
        return self._do(
            "preview-extend-data", columnName=column, rowIndices=list(rows), extension=extension
        )

    def extend(self, column: str, service: Values, properties: Sequence[Values]) -> None:
        self._do(
            "extend-data",
            baseColumnName=column,
            **service,
            columnInsertIndex="1",
            extension={"properties": properties},
            engine=_ALL_ROWS,
        )
        self._wait()

    def rows(self) -> list[list[str]]:
        """Return the table as it is exported."""
        fields = {"project": self._id, "format": "csv", "engine": _ALL_ROWS}
        exported = self._client.post(
            "/export-rows/table.csv", data={**fields, "csrf_token": self._token()}
        )
        return list(csv.reader(io.StringIO(exported.content.decode())))

    def _do(self, command: str, **fields: object) -> Values:
        texts = {
            name: each if isinstance(each, str) else json.dumps(each)
            for name, each in fields.items()
        }
        said: Values = self._client.post(
            f"/{command}", data={"project": self._id, **texts, "csrf_token": self._token()}
        ).json()
        assert said["code"] in ("ok", "pending"), said
        return said

    def _token(self) -> str:
        return self._client.get("/get-csrf-token").json()["token"]

    def _wait(self) -> None:
        deadline = time.monotonic() + _SECONDS
        while self._client.get("/get-processes", params={"project": self._id}).json()["processes"]:
            assert time.monotonic() < deadline
            time.sleep(0.2)


@contextmanager
def openrefine(folder: Path) -> Generator[httpx2.Client]:
    """Run it, or skip where it is not installed; give a client of its commands."""
    if not (_HOME / "refine").exists():
        pytest.skip("OpenRefine is not installed; apt-get install openrefine")
    port, log = free_port(), folder / "log"
    words = ["-p", str(port), "-i", "127.0.0.1", "-d", str(folder), "-m", "600M"]
    words += ["-x", "refine.headless=true"]
    shell = ["/bin/sh", "-c", f'cd {_HOME} && exec ./refine "$@"', "refine", *words]
    with (
        log.open("w") as output,
        running(shell, output.fileno(), {**os.environ, "HOME": str(folder)}),
        httpx2.Client(
            base_url=f"http://127.0.0.1:{port}/command/core", timeout=60, verify=False
        ) as client,
    ):
        _wait_for(client, log)
        yield client


def _wait_for(client: httpx2.Client, log: Path) -> None:
    deadline = time.monotonic() + _SECONDS
    while True:
        try:
            if client.get("/get-version").status_code == 200:
                return
        except httpx2.HTTPError:
            pass
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.5)
