"""A finding: what is wrong in a file, on which line, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

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
        return f"{self.path}:{self.line}: {grade}{self.what}; {self.remedy}"


def errors(findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings that forbid a build."""
    return [finding for finding in findings if finding.severity == "error"]
