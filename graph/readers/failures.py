"""What went wrong in a reader, in the terms of the client whose query it was."""

import difflib
import re
from collections.abc import Callable
from typing import Any, NoReturn

from graph.errors import (
    EngineUnavailable,
    ForbiddenOperation,
    GraphError,
    MovedThing,
    QueryOutOfMemory,
    QueryRejected,
    ReservedGraph,
    UnknownGraph,
    UnknownThing,
    UnsupportedFeature,
    UnwritableAnswer,
    WithdrawnThing,
)
from graph.generations import Generation
from graph.limits import DumpLimits, Limits
from graph.search.missing import NoIndex


def raise_failure(
    ending: dict[str, Any], limits: Limits | DumpLimits, generation: Generation
) -> NoReturn:
    """Raise what *ending*, the last word of a reader on *generation*, tells of."""
    kind, message = ending["failure"], ending["message"]
    match kind:
        case "unknown graph":
            raise unknown_graph(message, generation)
        case "unknown thing":
            raise UnknownThing(message, ending["suggestions"])
        case "withdrawn thing":
            raise WithdrawnThing(message, ending["successors"])
        case "moved thing":
            raise MovedThing(message, ending["address"])
        case "no index":
            raise NoIndex(message)
        case "memory":
            raise out_of_memory(limits)
        case _ if kind in _PLAIN:
            raise _PLAIN[kind](message)
        case _:
            raise RuntimeError(f"a reader failed:\n{message}")


def unknown_graph(name: str, generation: Generation) -> UnknownGraph:
    """Return the error that *generation* has no graph called *name*; it tells of near names."""
    near = difflib.get_close_matches(name, generation.graphs or (), n=3, cutoff=0.8)
    hint = f"; names near it are {', '.join(f'<{each}>' for each in near)}" if near else ""
    return UnknownGraph(
        f"there is no graph <{name}> in generation {generation.number}{hint}; "
        "SELECT DISTINCT ?g { GRAPH ?g {} } lists all"
    )


def out_of_memory(limits: Limits | DumpLimits) -> GraphError:
    """Return the error that a query needed too much memory."""
    return QueryOutOfMemory(
        f"the query needed more than {limits.memory_mb} MB and was stopped; ask for less: "
        "a LIMIT, no ORDER BY or DISTINCT over everything, patterns that share variables"
    )


_PLAIN: dict[str, Callable[[str], GraphError]] = {
    "syntax": lambda message: QueryRejected(_readable(message)),
    "forbidden": ForbiddenOperation,
    "reserved": ReservedGraph,
    "refused": UnsupportedFeature,
    "unsupported": lambda message: UnsupportedFeature(f"{message}; write the query without it"),
    "unsuitable": UnwritableAnswer,
    "unwritable": lambda message: UnwritableAnswer(
        f"the format that was asked for cannot say all of the answer: {message}; "
        "ask for text/turtle"
    ),
    "store": lambda message: EngineUnavailable(f"the store could not be read: {message}"),
}
"""Failures of which nothing but their message is known."""

_PLACE = re.compile(r"error at \d+:\d+: (?:expected )?(?:one of )?")


def _readable(message: str) -> str:
    """Return the engine's message without what means nothing to a client.

    It names a place in the text that the engine got, which is not the client's, and all that could
    have stood there, and among it, if we are lucky, one sentence.
    """
    place = _PLACE.match(message)
    if place is None:
        return message
    expected = message[place.end() :].replace("\n", " ").split(", ")
    words = [word for word in expected if not re.search(r"\['|\\u\{|\[_\]|\.\.|<unreported>", word)]
    sentences = [word for word in words if word.count(" ") > 2]
    return f"the engine does not take this query: {', '.join(sentences) or 'it cannot read it'}"
