"""Everything the server can be told; built once, by the command line, and handed down."""

import os
from dataclasses import dataclass, field
from pathlib import Path

from graph.fetching.allowed import AllowList
from graph.generations.fallback import Fallback
from graph.limits import Limits, Validate
from graph.publishing.publisher import Publisher
from graph.query import DefaultGraph
from graph.source_texts import SourceTexts
from server.fairness import ClientLimits
from server.limits import AllLimits


def default_readers() -> int:
    """Return how many queries this machine can work on at once."""
    return min(2 * (os.cpu_count() or 1) + 2, 16)


def default_limits(readers: int | None = None) -> AllLimits:
    """Return the limits that are right for this machine, or for that number of *readers*.

    A client has half of the readers at most, so that there are some for the others.
    """
    number = readers or default_readers()
    return AllLimits(
        query=Limits(readers=number), client=ClientLimits(parallel=max(1, number // 2))
    )


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything the server can be told."""

    store: Path = Path("metapole-store")
    public_url: str = "http://127.0.0.1:8000"
    """Where clients find the server; its links and the base of relative IRIs come from it."""
    limits: AllLimits = field(default_factory=default_limits)
    default_graph: DefaultGraph = "union"
    token_file: Path | None = None
    """Who may write; None: nobody."""
    validate: Validate = "reject"
    """What happens to a change after which data would break a shape."""
    lock: int | None = None
    """The descriptor of the lock of the store, where it is written to."""
    fallback: Fallback | None = None
    """What is read because the current generation is damaged, and nothing is written to."""
    proxies: tuple[str, ...] = ()
    """The addresses of proxies, whose X-Forwarded-For tells who the client is."""
    max_cache_bytes: int = 64_000_000
    """How many bytes of answers are kept; 0: none."""
    publisher: Publisher = field(default_factory=Publisher)
    """Who answers for the data, as the catalogue tells portals."""
    federation: AllowList = field(default_factory=AllowList)
    """Which other servers queries and imports may ask."""
    sources: SourceTexts = field(default_factory=SourceTexts)
    """The source documents that the operator has, whose text pages may show."""

    @property
    def max_query_bytes(self) -> int:
        """How long the text of a query may be."""
        return self.limits.message.query_bytes

    @property
    def max_body_bytes(self) -> int:
        """How long a form with a query may be."""
        return self.limits.message.form_bytes

    @property
    def max_update_bytes(self) -> int:
        """How long the text of an update may be."""
        return self.limits.message.update_bytes

    @property
    def max_upload_bytes(self) -> int:
        """How long a body may be that writes a graph."""
        return self.limits.message.upload_bytes

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
