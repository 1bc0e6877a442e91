"""What can be wrong with another server, as the process that asked it tells the front."""

from __future__ import annotations

from typing import Any, Literal

from graph.errors import GraphError, RemoteBusy, RemoteFailed, RemoteTooMuch, RemoteTooSlow

What = Literal["broken", "much", "slow", "busy"]


class Fault(Exception):  # noqa: N818 -- it becomes an error when the name of the server is known
    """Another server does not behave; the message goes on after its name."""

    def __init__(
        self, what: What, message: str, *, status: int = 0, retry_after_s: float = 0
    ) -> None:
        super().__init__(message)
        self.what: What = what
        self.status = status
        self.retry_after_s = retry_after_s

    def told(self) -> dict[str, Any]:
        """Return it as JSON can hold it."""
        return {
            "fault": self.what,
            "message": str(self),
            "status": self.status,
            "retry_after_s": self.retry_after_s,
        }


def error_of(told: dict[str, Any], remote: str) -> GraphError:
    """Return the error that tells of a fault of *remote*."""
    text = f"{remote} {told['message']}"
    match told["fault"]:
        case "much":
            return RemoteTooMuch(text, remote)
        case "slow":
            return RemoteTooSlow(text, remote)
        case "busy":
            return RemoteBusy(text, remote, told["retry_after_s"], told["status"])
        case _:
            return RemoteFailed(text, remote, told.get("status", 0))
