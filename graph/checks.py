"""Checks: queries of which every row is a defect."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from graph.held import held
from graph.paths import bundled

if TYPE_CHECKING:
    from pathlib import Path

    from graph.findings import Severity


@dataclass(frozen=True, slots=True)
class Check:
    """A query whose rows are defects; its first comments say the rule, the remedy, the severity."""

    path: Path
    text: str
    rule: str
    remedy: str
    severity: Severity


def read_checks(folder: Path) -> list[Check]:
    """Read the checks of *folder* (`*.rq`)."""
    checks: list[Check] = []
    for path in sorted(folder.glob("*.rq")):
        text = path.read_text(encoding="utf-8")
        rule, options = "", {"remedy": "", "severity": "error"}
        for line in text.splitlines():
            if not line.startswith("#"):
                break
            name, colon, value = line.lstrip("# ").partition(": ")
            if colon and name in options:
                options[name] = value.strip()
            elif not rule:
                rule = line.lstrip("# ").rstrip(".")
        severity: Severity = "warning" if options["severity"] == "warning" else "error"
        checks.append(Check(path, text, rule, options["remedy"], severity))
    return checks


@held
def shipped_checks() -> list[Check]:
    """Return the checks that ship."""
    return read_checks(bundled("ontology") / "checks")
