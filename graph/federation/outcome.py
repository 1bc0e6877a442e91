"""What came of asking other endpoints, for whoever reads the answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Status = Literal["complete", "not-asked", "failed", "not-allowed"]


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of one SERVICE at one endpoint."""

    number: int
    """Which SERVICE of the text it was, from 0 on."""
    place: str
    name: str
    """What this server calls the endpoint; its address if it may not be asked."""
    url: str
    status: Status
    keys: int | None = None
    """For how many keys it was asked; None: for all that it has."""
    requests: int = 0
    rows: int = 0
    bytes_up: int = 0
    bytes_down: int = 0
    seconds: float = 0.0
    is_cached: bool = False
    """Nothing had to be sent: it is known from shortly before."""
    left_out: str = ""
    """What is missing from the answer, in words; nothing unless SERVICE was SILENT."""
    request: str = ""
    """The text that was sent, or the first of them; of a long one its beginning."""
