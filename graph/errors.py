"""Everything that can go wrong in `graph`, as one tree.

GraphError
├── QueryRejected        the text is not a query this server answers
│   ├── ForbiddenOperation   it asks for something switched off (SERVICE, LOAD, updates)
│   │   └── NotAllowed           it asks for an address that is not on the list
│   └── UnsupportedFeature   it asks for something the engine does not have (a function)
├── WriteRejected        a change that is not made
│   ├── ReservedGraph        it is to a graph that the server keeps itself
│   ├── GraphNotAllowed      its author may not write to that graph
│   ├── PreconditionFailed   the graph is not as its author takes it to be
│   ├── KeyReused            its idempotency key stands for another change
│   └── ShapesViolated       the data would break shapes; carries the report
├── UnreadableUpload     the file that was sent cannot be read
│   └── UploadTooLarge       it is, or becomes, more than is taken
├── UnknownGraph         the store has no graph of that name
├── UnknownThing         nothing is known of what is asked for; carries near names
├── WithdrawnThing       it was there and is not any more; carries what has taken its place
├── MovedThing           it has another name; carries it
├── UnknownGeneration    there is no generation of that number, and never was
│   └── GoneGeneration       there was, and it is no longer kept
├── UnwritableAnswer     the format that was asked for cannot say what there is to say
├── AnswerTooLong        the answer has more bytes than are given
├── QueryTimedOut        the query used up its time
├── QueryOutOfMemory     the query used up its memory
├── QueryStopped         an administrator stopped the query
├── RemoteFailed         another server gave no answer that can be used; carries its name
│   ├── RemoteTooMuch        it sent more than is taken
│   ├── RemoteTooSlow        it took too long
│   └── RemoteBusy           it, or the line of those who ask it, is busy; carries when to come back
├── EngineUnavailable    no reader could answer; trying again may help
├── StoreUnusable        the store directory is missing, damaged, in use or of another version
│   └── NothingWhole         no generation that was kept is whole
├── UnreadableList       the list of other servers that may be asked cannot be read
├── ImportRefused        a file cannot be imported; carries what is wrong, row by row
├── UnreadableSource     a file of the ontology or the data cannot be read at all
├── ExportRefused        the files cannot be written where they should be
└── BuildRejected        the sources have findings; carries them
"""

# ruff: noqa: N818 -- the names say what happened; "Error" would add nothing

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from graph.findings import Finding


class GraphError(Exception):
    """Base of all errors that `graph` raises on purpose."""


class QueryRejected(GraphError):
    """The text is not a query this server answers."""


class ForbiddenOperation(QueryRejected):
    """The text asks for something that is switched off here."""


class NotAllowed(ForbiddenOperation):
    """What is to be asked is not on the list of addresses that may be."""


class UnsupportedFeature(QueryRejected):
    """The text asks for something that the engine does not have."""


class WriteRejected(GraphError):
    """A change that is not made; the store is as it was."""


class ReservedGraph(WriteRejected):
    """The change is to a graph that the server keeps itself."""


class GraphNotAllowed(WriteRejected):
    """The author of the change may not write to that graph."""


class PreconditionFailed(WriteRejected):
    """The graph is not as the author of the change takes it to be."""


class KeyReused(WriteRejected):
    """The idempotency key of the change stands for another change."""


class ShapesViolated(WriteRejected):
    """The data would break shapes."""

    def __init__(self, message: str, findings: Sequence[Mapping[str, Any]]) -> None:
        super().__init__(message)
        self.findings = tuple(findings)
        """Each as plain values: severity, focus, path, value, message, remedy, shape."""


class UnreadableUpload(GraphError):
    """The file that was sent cannot be read."""


class UploadTooLarge(UnreadableUpload):
    """The file that was sent is, or becomes, more than is taken."""


class UnknownGraph(GraphError):
    """The store has no graph of that name."""


class UnknownThing(GraphError):
    """Nothing is known of what is asked for."""

    def __init__(self, message: str, suggestions: Sequence[Mapping[str, str]] = ()) -> None:
        super().__init__(message)
        self.suggestions = tuple(suggestions)
        """Things with near names, each as plain values: iri, address, label."""


class WithdrawnThing(GraphError):
    """What is asked for was there once, and is not any more."""

    def __init__(self, message: str, successors: Sequence[Mapping[str, str]] = ()) -> None:
        super().__init__(message)
        self.successors = tuple(successors)
        """What has taken its place, each as plain values: iri, address, label."""


class MovedThing(GraphError):
    """What is asked for has another name, for good."""

    def __init__(self, message: str, address: str) -> None:
        super().__init__(message)
        self.address = address
        """Where it is found now: an absolute URL of this server."""


class UnknownGeneration(GraphError):
    """There is no generation of that number, and never was."""


class GoneGeneration(UnknownGeneration):
    """The generation was there, and is no longer kept."""


class UnwritableAnswer(GraphError):
    """The format that was asked for cannot say what there is to say."""


class AnswerTooLong(GraphError):
    """The answer has more bytes than are given."""


class QueryTimedOut(GraphError):
    """The query used up its time and was stopped."""


class QueryOutOfMemory(GraphError):
    """The query used up its memory and was stopped."""


class QueryStopped(GraphError):
    """An administrator stopped the query."""


class RemoteFailed(GraphError):
    """Another server gave no answer that can be used."""

    def __init__(self, message: str, remote: str, status: int = 0) -> None:
        super().__init__(message)
        self.remote = remote
        """Its name on the list of those that may be asked."""
        self.status = status
        """The status that it answered with, if that is what was wrong; else 0."""


class RemoteTooMuch(RemoteFailed):
    """Another server sent more than is taken."""


class RemoteTooSlow(RemoteFailed):
    """Another server took too long."""


class RemoteBusy(RemoteFailed):
    """Another server, or the line of those who ask it, is busy."""

    def __init__(self, message: str, remote: str, retry_after_s: float, status: int = 0) -> None:
        super().__init__(message, remote, status)
        self.retry_after_s = retry_after_s
        """After how many seconds it may be asked again."""


class EngineUnavailable(GraphError):
    """No reader could answer; the same query may succeed later."""


class StoreUnusable(GraphError):
    """The store directory is missing, damaged, in use or of another version."""


class NothingWhole(StoreUnusable):
    """No generation that the store has kept is whole."""

    def __init__(self, message: str, damaged: Sequence[int] = ()) -> None:
        super().__init__(message)
        self.damaged = tuple(damaged)
        """The numbers of its generations."""


class UnreadableList(GraphError):
    """The list of other servers cannot be read; the message says where and why."""


class ImportRefused(GraphError):
    """A file cannot be imported; nothing was changed."""

    def __init__(self, message: str, defects: Sequence[Mapping[str, Any]] = ()) -> None:
        super().__init__(message)
        self.defects = tuple(defects)
        """Each as plain values: row, column, found, message, remedy, severity."""


class UnreadableSource(GraphError):
    """A file of the ontology or the data cannot be read at all."""


class ExportRefused(GraphError):
    """The files of an export cannot be written where they should be."""


class BuildRejected(GraphError):
    """The sources have findings, so nothing was built."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        wrong = sum(finding.severity == "error" for finding in findings)
        noun = "error" if wrong == 1 else "errors"
        super().__init__(f"{wrong} {noun} in the sources; the store is as it was")
        self.findings = tuple(findings)
