"""What a token allows: `read`, `write:PREFIX`, `update`, `admin`."""

import re
from dataclasses import dataclass
from typing import Literal, get_args

Kind = Literal["read", "write", "update", "admin"]
KINDS: tuple[Kind, ...] = get_args(Kind)

_KNOWN = "read, write:PREFIX, update and admin"
_IRI_START = re.compile(r"""[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20\x7f-\x9f<>"{}|^`\\\s]+""")
_NO_WHOLE_HOST = re.compile(r"[^:]*:/{0,2}[^/]*")


class BadScope(Exception):  # noqa: N818 -- it names what was given
    """The text is no scope."""


@dataclass(frozen=True, slots=True)
class Scope:
    """One thing that a token allows, or that a request needs."""

    kind: Kind
    graphs: str = ""
    """Of "write" alone: what the names of the graphs start with; a whole name, if it is needed."""

    def __str__(self) -> str:
        """Return the scope as it is written on the command line and in headers."""
        return f"{self.kind}:{self.graphs}" if self.graphs else self.kind

    def covers(self, needed: "Scope") -> bool:
        """Tell whether this scope is enough for what *needed* stands for.

        An update may change any graph, so who may update may write to any graph as well.
        """
        if self.kind == "admin" or needed.kind == "read":
            return True
        if self.kind == "write":
            return needed.kind == "write" and needed.graphs.startswith(self.graphs)
        return self.kind == "update" and needed.kind in ("write", "update")


UPDATE = Scope("update")
"""What a SPARQL update needs, and a write to the default graph, which has no name."""


def scope_from_text(text: str) -> Scope:
    """Read a scope as it is given on the command line; BadScope says what to give instead."""
    kind, colon, graphs = text.partition(":")
    if kind == "write":
        return Scope("write", _checked(graphs))
    for known in KINDS:
        if known == kind and not colon:
            return Scope(known)
    raise BadScope(f"{text[:200]!r} is no scope; give one of {_KNOWN}")


def _checked(graphs: str) -> str:
    """Return the prefix *graphs*, unless it stands for more graphs than it seems to."""
    if not graphs:
        raise BadScope(
            "'write' names no graphs; give 'write:' and what their names start with, such as "
            "write:https://example.org/our/, or 'update' for any graph"
        )
    if not _IRI_START.fullmatch(graphs):
        raise BadScope(
            f"{graphs[:200]!r} is not the start of an absolute IRI; give one such as "
            "write:https://example.org/our/"
        )
    if re.match("https?:", graphs, re.IGNORECASE) and _NO_WHOLE_HOST.fullmatch(graphs):
        raise BadScope(
            f"{graphs[:200]!r} is the start of other hosts' names as well; end the host with a "
            "slash, such as write:https://example.org/"
        )
    return graphs
