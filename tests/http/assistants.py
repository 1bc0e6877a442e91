"""Sessions of the SDK's own client with `metapole mcp`, in processes of their own."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from anyio.from_thread import start_blocking_portal
from mcp import Client
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp_types import CallToolResult, TextContent

from .conftest import ROOT, wait_until

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from anyio.from_thread import BlockingPortal

_READY = re.compile(r"offers its tools at (http://\S+)")


@dataclass(frozen=True)
class Session:
    """A session of a client, which validates what it gets by the schemas of the tools."""

    portal: BlockingPortal
    client: Client

    def result(self, tool: str, **arguments: object) -> CallToolResult:
        result = self.portal.call(self.client.call_tool, tool, arguments)
        assert isinstance(result, CallToolResult)
        return result

    def ask(self, tool: str, **arguments: object) -> dict[str, Any]:
        """Return the structured content of an answer that is no error."""
        result = self.result(tool, **arguments)
        assert not result.is_error, result.content
        assert result.structured_content is not None
        return result.structured_content

    def error(self, tool: str, **arguments: object) -> str:
        """Return what is said of a call that fails."""
        result = self.result(tool, **arguments)
        assert result.is_error
        (content,) = result.content
        assert isinstance(content, TextContent)
        return content.text


@contextmanager
def over_stdio(store: Path, *options: object) -> Generator[Session]:
    """Start `metapole mcp` as an assistant does, and speak with it."""
    words = ["-m", "server", "mcp", "--store", *map(str, (store, *options))]
    program = StdioServerParameters(command=sys.executable, args=words, cwd=ROOT)
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(Client(stdio_client(program))) as client,
    ):
        yield Session(portal, client)


@contextmanager
def served(store: Path, log: Path, *options: object) -> Generator[str]:
    """Run `metapole mcp --http`; return its address, and see that it ends well."""
    words = ["mcp", "--http", "--port", 0, "--store", store, *options]
    with (
        log.open("w") as stderr,
        subprocess.Popen(
            [sys.executable, "-m", "server", *map(str, words)], cwd=ROOT, stderr=stderr
        ) as process,
    ):
        try:
            wait_until(lambda: process.poll() is not None or _READY.search(log.read_text()), 30)
            ready = _READY.search(log.read_text())
            assert ready, log.read_text()
            yield ready[1]
        finally:
            process.send_signal(signal.SIGTERM)
            status = process.wait(15)
    assert status == 0, log.read_text()


@contextmanager
def over_http(address: str) -> Generator[Session]:
    """Speak with the server at *address*."""
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(Client(address)) as client,
    ):
        yield Session(portal, client)
