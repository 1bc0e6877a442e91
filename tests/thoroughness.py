"""How much is tried: a part of it in every run, all of it when METAPOLE_THOROUGH is set.

The ordinary run has to end in minutes, and is made for every change; what it tries of a very long
row is always the same part, spread over the whole row.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

IS_THOROUGH = bool(os.environ.get("METAPOLE_THOROUGH"))

Case = TypeVar("Case")


def tried(ordinarily: int, thoroughly: int) -> int:
    """Return how many examples to try, or how long to make one."""
    return thoroughly if IS_THOROUGH else ordinarily


def one_in(every: int, cases: Sequence[Case], first: int = 0) -> list[Case]:
    """Return one in *every* so many of *cases*, the last always; all when it is thorough."""
    if IS_THOROUGH:
        return list(cases)
    return [
        case
        for number, case in enumerate(cases)
        if number % every == first % every or number == len(cases) - 1
    ]
