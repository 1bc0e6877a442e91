"""Judge what was read: SHACL shapes, checks (queries whose every row is a defect), counts."""

from __future__ import annotations

import csv
import re
from collections import Counter
from typing import TYPE_CHECKING

import pyoxigraph as ox

from graph.checks import Check, read_checks
from graph.errors import UnreadableSource
from graph.findings import Finding, unreadable_query
from graph.namespaces import BASE, RDF_TYPE, short
from graph.shacl import Processor
from graph.shapes import read_shapes
from graph.sources import Sources, shown_path

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from graph.shacl import Result

_OUR_IRI = re.compile(re.escape(BASE) + r"(id|def)[/#][a-zA-Z0-9/-]*")


def shape_findings(sources: Sources, folder: Path) -> list[Finding]:
    """Return where the statements break a shape of *folder* (`*.ttl`)."""
    shapes = read_shapes(folder)
    if shapes.findings:
        return shapes.findings
    return [
        _finding_of_result(sources, result, shapes)
        for result in Processor(shapes.quads).judge(sources.quads).results
    ]


def _finding_of_result(sources: Sources, result: Result, shapes: Sources) -> Finding:
    focus = result.focus.value
    value = None if result.value is None else result.value.value
    place = sources.locate(focus, result.path, value)
    if place is None:
        place = shapes.locate(result.shape) or ("", 1)
    what, _, remedy = result.message.partition("; ")
    found = f" (found {_shortened(value)})" if value and value != focus else ""
    rule = "shape:" + result.shape.rpartition("#")[2]
    what = f"{short(focus)}: {what}{found}"
    return Finding(*place, what, remedy or "correct it", result.severity, rule)


def _shortened(value: str) -> str:
    if value.startswith(("http://", "https://")):
        return short(value)
    return repr(value if len(value) < 60 else value[:57] + "...")


def check_findings(sources: Sources, folder: Path) -> list[Finding]:
    """Return the rows of the checks in *folder*, run on what is stated (nothing derived).

    A query without GRAPH sees every triple once, however many graphs state it.
    """
    store = ox.Store()
    store.bulk_extend(sources.quads)
    store.bulk_extend(ox.Quad(quad.subject, quad.predicate, quad.object) for quad in sources.quads)
    findings: list[Finding] = []
    for check in read_checks(folder):
        try:
            rows = store.query(check.text)
        except SyntaxError as error:
            findings.append(unreadable_query(shown_path(check.path), error))
            continue
        if not isinstance(rows, ox.QuerySolutions):
            raise UnreadableSource(f"{check.path} is not a SELECT query; a check has to be one")
        names = [variable.value for variable in rows.variables]
        for row in rows:
            values = {
                name: value.value
                for name, value in zip(names, row, strict=True)
                if isinstance(value, ox.NamedNode | ox.BlankNode | ox.Literal)
            }
            findings.append(_finding_of_row(sources, check, values))
    return findings


def _finding_of_row(sources: Sources, check: Check, row: dict[str, str]) -> Finding:
    subject = row.get("subject", "")
    place = sources.locate(subject, row.get("predicate"), row.get("value"))
    return Finding(
        *(place or (shown_path(check.path), 1)),
        f"{short(subject)}: {_OUR_IRI.sub(_short_match, row.get('message', check.rule))}",
        row.get("remedy", check.remedy),
        check.severity,
        f"check:{check.path.stem}",
    )


def _short_match(match: re.Match[str]) -> str:
    return short(match.group())


def count_things(quads: Iterable[ox.Quad]) -> Counter[str]:
    """Count the members of each class and the statements of each graph."""
    counts: Counter[str] = Counter()
    members: set[tuple[str, str]] = set()
    for quad in quads:
        if isinstance(quad.graph_name, ox.NamedNode):
            counts[quad.graph_name.value.removeprefix(BASE)] += 1
        if quad.predicate.value == RDF_TYPE and isinstance(quad.object, ox.NamedNode):
            members.add((quad.object.value, str(quad.subject)))
    counts.update(short(class_iri) for class_iri, _ in members)
    return counts


def count_findings(counts: Counter[str], expected: Path) -> list[Finding]:
    """Return the classes and graphs whose size is outside the range the file *expected* gives."""
    findings: list[Finding] = []
    with expected.open(encoding="utf-8", newline="") as lines:
        for number, row in enumerate(csv.DictReader(lines), start=2):
            name, count = row["class_or_graph"], counts[row["class_or_graph"]]
            low, high = int(row["minimum"]), int(row["maximum"])
            if not low <= count <= high:
                findings.append(
                    Finding(
                        shown_path(expected), number,
                        f"{name} has {count} members, expected {low} to {high}",
                        "look for a file that was not loaded, or widen the range",
                        rule="count",
                    )
                )  # fmt: skip
    return findings
