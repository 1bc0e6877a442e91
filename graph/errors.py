"""Everything that can go wrong in `graph`, as one tree.

GraphError
├── QueryRejected        the text is not a query this server answers
│   ├── ForbiddenOperation   it asks for something switched off (SERVICE, LOAD, updates)
│   └── UnsupportedFeature   it asks for something the engine does not have (a function)
├── UnknownGraph         the store has no graph of that name
├── UnwritableAnswer     the format that was asked for cannot say what there is to say
├── QueryTimedOut        the query used up its time
├── QueryOutOfMemory     the query used up its memory
├── EngineUnavailable    no reader could answer; trying again may help
├── StoreUnusable        the store directory is missing, damaged, in use or of another version
├── UnreadableSource     a file of the ontology or the data cannot be read at all
└── BuildRejected        the sources have findings; carries them
"""

# ruff: noqa: N818 -- the names say what happened; "Error" would add nothing

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graph.findings import Finding


class GraphError(Exception):
    """Base of all errors that `graph` raises on purpose."""


class QueryRejected(GraphError):
    """The text is not a query this server answers."""


class ForbiddenOperation(QueryRejected):
    """The text asks for something that is switched off here."""


class UnsupportedFeature(QueryRejected):
    """The text asks for something that the engine does not have."""


class UnknownGraph(GraphError):
    """The store has no graph of that name."""


class UnwritableAnswer(GraphError):
    """The format that was asked for cannot say what there is to say."""


class QueryTimedOut(GraphError):
    """The query used up its time and was stopped."""


class QueryOutOfMemory(GraphError):
    """The query used up its memory and was stopped."""


class EngineUnavailable(GraphError):
    """No reader could answer; the same query may succeed later."""


class StoreUnusable(GraphError):
    """The store directory is missing, damaged, in use or of another version."""


class UnreadableSource(GraphError):
    """A file of the ontology or the data cannot be read at all."""


class BuildRejected(GraphError):
    """The sources have findings, so nothing was built."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        wrong = sum(finding.severity == "error" for finding in findings)
        noun = "error" if wrong == 1 else "errors"
        super().__init__(f"{wrong} {noun} in the sources; the store is as it was")
        self.findings = tuple(findings)
