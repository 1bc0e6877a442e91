"""Everything the server can be told; built once, by the command line, and handed down."""

import os
from dataclasses import dataclass, field
from pathlib import Path

from graph.limits import Limits, Validate
from graph.query import DefaultGraph


def default_readers() -> int:
    """Return how many queries this machine can work on at once."""
    return min(2 * (os.cpu_count() or 1) + 2, 16)


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything the server can be told."""

    store: Path = Path("metapole-store")
    public_url: str = "http://127.0.0.1:8000"
    """Where clients find the server; its links and the base of relative IRIs come from it."""
    limits: Limits = field(default_factory=lambda: Limits(readers=default_readers()))
    default_graph: DefaultGraph = "union"
    max_query_bytes: int = 256 * 1024
    max_body_bytes: int = 1024 * 1024
    """A form may need three bytes for one of its text."""
    max_update_bytes: int = 4 * 1024 * 1024
    max_upload_bytes: int = 256 * 1024 * 1024
    """How long the body may be that writes a graph."""
    token_file: Path | None = None
    """Who may write; None: nobody."""
    validate: Validate = "reject"
    """What happens to a change after which data would break a shape."""
    max_cache_bytes: int = 64_000_000
    """How many bytes of answers are kept; 0: none."""

    @property
    def sparql_url(self) -> str:
        """The address of the SPARQL endpoint."""
        return self.public_url.rstrip("/") + "/sparql"

    @property
    def graph_store_url(self) -> str:
        """The address of the graph store."""
        return self.public_url.rstrip("/") + "/graph-store"

    @property
    def graphs_url(self) -> str:
        """Where the addresses of graphs start that stand for the graphs of our namespace."""
        return self.public_url.rstrip("/") + "/graph/"
