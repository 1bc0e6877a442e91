"""The dumps: which files there are of all that a generation holds, and what is in each.

    metapole.nq.zst             all graphs but the union and the log of commits
    metapole.ttl                the union: every triple once, in whatever graphs it is
    metapole-annotated.ttl      the same in RDF 1.2: shortcuts tell which statements they are from
    graph/enrichment.jsonld     one graph

Each can be had as it is, and compressed by gzip (.gz) or Zstandard (.zst).
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from graph.errors import UnknownThing
from graph.formats import Format, format_named, formats_of
from graph.namespaces import GRAPH, UNION_GRAPH
from graph.publishing.document import Document

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Compression = Literal["", "gz", "zst"]

WHOLE = "metapole"
ANNOTATED = "metapole-annotated"
OF_ONE_GRAPH = "graph/"

COMPRESSIONS: tuple[Compression, ...] = ("", "gz", "zst")
_COMPRESSED_TYPES: dict[Compression, str] = {"gz": "application/gzip", "zst": "application/zstd"}
_EXTENSIONS: dict[str, tuple[str, ...]] = {
    WHOLE: ("nq", "trig", "ttl", "nt", "jsonld", "rdf"),
    ANNOTATED: ("ttl", "trig", "nq"),
    OF_ONE_GRAPH: ("ttl", "nt", "jsonld", "rdf"),
}
_WITH_GRAPHS = frozenset(("nq", "trig", "jsonld"))
_FORMATS = {each.extension: each for each in formats_of("graph")}
_PLAIN_NAME = re.compile(r"(?:[A-Za-z0-9_][A-Za-z0-9._~-]*/)*[A-Za-z0-9_][A-Za-z0-9._~-]*")


@dataclass(frozen=True, slots=True)
class Dump:
    """One dump. Its *content* is WHOLE, ANNOTATED, or `graph/` and the name of one graph."""

    content: str
    extension: str
    compression: Compression = ""

    @property
    def name(self) -> str:
        """Return its address below `/data/`."""
        return ".".join(filter(None, (self.content, self.extension, self.compression)))

    @property
    def file_name(self) -> str:
        """Return how to call the file where there are no folders."""
        return self.name.rpartition("/")[2]

    @property
    def format(self) -> Format:
        """Return the format that its bytes have, compression included."""
        plain = _FORMATS[self.extension]
        if not self.compression:
            return plain
        media_type = _COMPRESSED_TYPES[self.compression]
        return Format(
            f"{plain.name}.{self.compression}", "document", media_type,
            f"{self.extension}.{self.compression}", plain.iri,
        )  # fmt: skip

    @property
    def media_type(self) -> str:
        """Return the media type of what is in it once it is unpacked."""
        return _FORMATS[self.extension].media_type

    @property
    def graph(self) -> str | None:
        """Return the IRI of the graph that it is of, if it is of one."""
        if self.content.startswith(OF_ONE_GRAPH):
            return GRAPH + self.content.removeprefix(OF_ONE_GRAPH)
        return None

    @property
    def has_graphs(self) -> bool:
        """Tell whether it says in which graph each triple is."""
        return self.graph is None and self.extension in _WITH_GRAPHS

    @property
    def meaning(self) -> str:
        """Return a name for what it says, the same for all that say the same; "" for no name.

        There is no canonical form of what has triple terms.
        """
        if self.content == ANNOTATED:
            return ""
        return self.content if self.has_graphs or self.graph else "union"

    def document(self) -> Document:
        """Return the wish for it."""
        arguments = (("name", self.name),)
        return Document("dump", (self.format,), arguments, is_long=True, graph=self.graph)


def checksum_of(dump: Dump) -> Document:
    """Return the wish for the checksum of *dump*."""
    arguments = (("name", dump.name),)
    text = format_named("plain-text")
    return Document("checksums", (text,), arguments, is_long=True, graph=dump.graph)


def all_checksums(extension: str) -> Document:
    """Return the wish for the checksums of all dumps, as `txt` or as `json`."""
    named = format_named({"txt": "plain-text", "json": "plain-json"}[extension])
    return Document("checksums", (named,), is_long=True)


def canonical_hashes() -> Document:
    """Return the wish for the canonical hashes of what the dumps say."""
    return Document("canonical-hashes", (format_named("plain-json"),), is_long=True)


def dumps_of(content: str) -> Iterator[Dump]:
    """Yield all dumps of *content*."""
    for extension in _EXTENSIONS[_kind_of(content)]:
        for compression in COMPRESSIONS:
            yield Dump(content, extension, compression)


def contents(graphs: Iterable[str]) -> list[str]:
    """Return what there are dumps of, when there are graphs of these names; not the log.

    A graph has a file if it is one of ours, and its name can be that of a file anywhere.
    """
    names = sorted(iri.removeprefix(GRAPH) for iri in graphs if iri.startswith(GRAPH))
    hidden = {"union", "commits"}
    plain = [name for name in names if _PLAIN_NAME.fullmatch(name) and name not in hidden]
    return [WHOLE, ANNOTATED, *(OF_ONE_GRAPH + name for name in plain)]


def all_dumps(graphs: Iterable[str]) -> Iterator[Dump]:
    """Yield all dumps that there are when there are *graphs*."""
    for content in contents(graphs):
        yield from dumps_of(content)


def dump_called(name: str, data_url: str = "/data/") -> Dump:
    """Return the dump that is found at *data_url* + *name*; UnknownThing tells which there are."""
    for content, extensions in _EXTENSIONS.items():
        ends = "|".join(extensions)
        start = f"{content}.+" if content == OF_ONE_GRAPH else content
        if match := re.fullmatch(rf"({start})\.({ends})(?:\.(gz|zst))?", name):
            dump = Dump(match[1], match[2], match[3] or "")  # pyright: ignore[reportArgumentType] -- the pattern names its values
            if dump.graph != UNION_GRAPH:
                return dump
    raise UnknownThing(
        f"there is no file {name[:200]!r}; the whole can be had as {_listed(WHOLE)}, with "
        f"annotations as {_listed(ANNOTATED)}, a graph as {_listed(OF_ONE_GRAPH + 'NAME')}, each "
        "with .gz or .zst behind it, too",
        [{"address": data_url + near, "label": near} for near in _near(name[:200])],
    )


def _near(name: str) -> list[str]:
    known = [each.name for content in (WHOLE, ANNOTATED) for each in dumps_of(content)]
    return difflib.get_close_matches(name, known, n=3, cutoff=0.6)


def _listed(content: str) -> str:
    return ", ".join(f"{content}.{each}" for each in _EXTENSIONS[_kind_of(content)])


def _kind_of(content: str) -> str:
    return OF_ONE_GRAPH if content.startswith(OF_ONE_GRAPH) else content
