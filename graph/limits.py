"""What one client may use of the server, and how many may use it at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Validate = Literal["off", "warn", "reject"]
"""What happens to a change after which data would break a shape."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one query may use, and how many may run at once."""

    readers: int = 4
    spares: int = 1
    timeout_s: float = 30.0
    memory_mb: int = 512
    queue_length: int = 16
    queue_wait_s: float = 5.0


@dataclass(frozen=True, slots=True)
class WriteLimits:
    """What one change may use, and how many may wait."""

    timeout_s: float = 60.0
    memory_mb: int = 2048
    publish_timeout_s: float = 60.0
    queue_length: int = 256
    queue_wait_s: float = 30.0
    batch: int = 64
    """How many changes may share a generation."""
    attempts: int = 3
    """How often a change is tried when the writer is lost for a reason that is not its fault."""


@dataclass(frozen=True, slots=True)
class Writing:
    """How changes are taken."""

    limits: WriteLimits = WriteLimits()
    validate: Validate = "reject"
