"""From files to a generation: parse, validate, derive, count, publish; all findings at once."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from graph.derivation import derive
from graph.errors import BuildRejected
from graph.evidence import evidence_findings
from graph.findings import Finding, errors
from graph.generations import writing
from graph.paths import bundled, files_digest
from graph.rules import rule_files
from graph.sources import Sources, read_sources, shown_path
from graph.upgrade import AGENT, Release, make_build, plan_build
from graph.validation import check_findings, count_findings, count_things, shape_findings

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pyoxigraph as ox

    from graph.generations import Generation, Progress
    from graph.shipped import Choice


@dataclass(frozen=True, slots=True)
class Report:
    """What the sources amount to: every finding, and the quads unless a file is unreadable."""

    findings: tuple[Finding, ...]
    quads: tuple[ox.Quad, ...] = ()
    counts: Counter[str] = field(default_factory=Counter[str])
    inputs: tuple[Path, ...] = ()
    rules: Path | None = None
    """The folder of the rules that some of the quads follow from."""
    stopped_at_syntax: bool = False

    @property
    def errors(self) -> int:
        """The number of findings that forbid a build."""
        return len(errors(self.findings))

    @property
    def release(self) -> Release:
        """What to build; BuildRejected when there are errors."""
        if self.errors or self.rules is None:
            raise BuildRejected(self.findings)
        return Release(self.quads, files_digest(self.inputs), self.rules)

    @property
    def summary(self) -> str:
        """Say in one line how many findings there are, and how much data."""
        warnings = len(self.findings) - self.errors
        text = f"{_number(self.errors, 'error')}, {_number(warnings, 'warning')}"
        if self.stopped_at_syntax:
            return f"{text}; shapes and checks wait until all files can be read"
        graphs = [count for name, count in self.counts.items() if name.startswith("graph/")]
        size = f"{_number(sum(graphs), 'statement')} in {_number(len(graphs), 'graph')}"
        return f"{text}; {size}"


def build(
    store: Path,
    *,
    data: Path | None = None,
    ontology: Path | None = None,
    sources: Path | None = None,
    touched: Choice = "keep",
    progress: Progress | None = None,
) -> Generation:
    """Make a generation of *store* from the files, or raise BuildRejected and leave it alone.

    What becomes of graphs that were changed there and in the files, too, *touched* says.
    """
    report = check(data=data, ontology=ontology, sources=sources, progress=progress)
    release = report.release
    with writing(store, AGENT) as lock:
        plan = plan_build(store, release)
        choices: dict[str, Choice] = {each.name: touched for each in plan.upgrade.questions}
        return make_build(store, release, plan, choices, lock, progress=progress)


def check(
    *,
    data: Path | None = None,
    ontology: Path | None = None,
    sources: Path | None = None,
    files: Sequence[Path] = (),
    progress: Progress | None = None,
) -> Report:
    """Read and judge the files, and derive what follows from them; no store is touched.

    Without *data* or *ontology*, those that ship with the project. *sources* is a folder with
    the documents the evidence cites. *files* are more files of data; if there are any,
    only what is found in them is reported, once all files can be read.
    """
    tell = progress or _silent
    data, ontology = data or bundled("data"), ontology or bundled("ontology")
    tell("read", 0.0)
    read = read_sources(data, ontology, files)
    inputs = _inputs(read, ontology)
    if read.have_syntax_errors:
        return Report(tuple(sorted(read.findings)), inputs=inputs, stopped_at_syntax=True)
    tell("validate", 0.0)
    findings = [*read.findings, *shape_findings(read, ontology / "shapes")]
    findings += check_findings(read, ontology / "checks")
    if sources:
        findings += evidence_findings(read, sources)
    tell("derive", 0.0)
    quads = (*read.quads, *derive(read.quads, ontology / "rules"))
    counts = count_things(quads)
    expected = ontology / "expected-counts.csv"
    if data.resolve() == bundled("data").resolve() and expected.exists():
        findings += count_findings(counts, expected)
    tell("derive", 1.0)
    found = tuple(sorted(set(_in_files(findings, files))))
    return Report(found, quads, counts, inputs, ontology / "rules")


def _silent(step: str, done: float) -> None:
    """Tell nobody."""


def _in_files(findings: list[Finding], files: Sequence[Path]) -> list[Finding]:
    shown = {shown_path(path) for path in files}
    return [finding for finding in findings if not shown or finding.path in shown]


def _inputs(read: Sources, ontology: Path) -> tuple[Path, ...]:
    """Return every file that the result depends on."""
    return (*(file.path for file in read.files), *rule_files(ontology / "rules"))


def _number(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
