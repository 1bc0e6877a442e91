"""A finding: what is wrong in a file, on which line, and what to do about it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

_WHERE_IN_QUERY = re.compile(r"error at (\d+):(\d+): ", re.DOTALL)
Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One defect of the sources, as a line that an editor can jump to.

    >>> print(Finding("data/links.ttl", 14, "mapping:x has no mp:subject", "name it"))
    data/links.ttl:14: mapping:x has no mp:subject; name it
    """

    path: str
    line: int
    what: str
    remedy: str
    severity: Severity = "error"
    rule: str = ""

    def __str__(self) -> str:
        """Return `path:line: what; what to do`; a warning says so after the line."""
        grade = "warning: " if self.severity == "warning" else ""
        text = f"{self.path}:{self.line}: {grade}{self.what}; {self.remedy}"
        return text.replace("\n", "\\n")


def errors(findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings that forbid a build."""
    return [finding for finding in findings if finding.severity == "error"]


def unreadable_query(path: str, error: SyntaxError) -> Finding:
    """Return the finding for a query file that the engine cannot read."""
    place = _WHERE_IN_QUERY.match(str(error))
    line = int(place[1]) if place else 1
    column = f" at column {place[2]}" if place else ""
    return Finding(path, line, f"the query cannot be read{column}", "correct it", rule="syntax")
