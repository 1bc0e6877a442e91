"""What became of a wish, as plain values that fit into JSON: how the writer tells the desk.

    {"commit": 12, "added": 3, "removed": 0, "created": false, "is_replay": false, ...}
    {"failure": "GraphNotAllowed", "message": "..."}

A failure is named after its class in `graph.errors`, or OSError when the disk is the trouble; any
other name is a fault of our own, and its message a traceback.
"""

from __future__ import annotations

import traceback
from typing import Any

from graph import errors
from graph.errors import GraphError, QueryOutOfMemory, ShapesViolated

Outcome = dict[str, Any]


def failure(error: Exception) -> Outcome:
    """Return what there is to say of a wish that ended with *error*."""
    outcome: Outcome = {"failure": type(error).__name__, "message": str(error)}
    match error:
        case ShapesViolated():
            outcome["findings"] = list(error.findings)
        case MemoryError():
            outcome["failure"] = QueryOutOfMemory.__name__
            outcome["message"] = "the change needed more memory than it may use; send smaller ones"
        case GraphError() | OSError():
            pass
        case _:
            outcome["message"] = "".join(traceback.format_exception(error))
    return outcome


def error_of(outcome: Outcome) -> Exception:
    """Return the error that *outcome*, which is a failure, tells of."""
    kind, message = outcome["failure"], outcome["message"]
    if kind == ShapesViolated.__name__:
        return ShapesViolated(message, outcome.get("findings", ()))
    error_type = getattr(errors, kind, None)
    if isinstance(error_type, type) and issubclass(error_type, GraphError):
        return error_type(message)
    return RuntimeError(f"the writer failed:\n{message}")
