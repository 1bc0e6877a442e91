"""What one table may hold, and what reading it may use."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TableLimits:
    """The bounds of one file; all of them are told in messages."""

    rows: int = 250_000
    cell_characters: int = 100_000
    defects: int = 1_000
    """How many are told; what comes after them is not read."""
    memory_mb: int = 768
    timeout_s: float = 600.0
    written_bytes: int = 1_000_000_000
