"""Every fact of the reference list is in the graph, with evidence at its place."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

from graph.namespaces import ID, MP

if TYPE_CHECKING:
    from pathlib import Path

ROWS_LEFT_OUT_AT_MOST = 25
ROWS_HELD_BY_CLAIMS_AT_MOST = 60
FACTS = 530


@dataclass(frozen=True)
class Fact:
    row: str
    subject: str
    file: str
    start: int
    end: int
    has_number: bool


@dataclass(frozen=True)
class Place:
    """A range of characters of one source file, and the nodes that give it as evidence."""

    file: str
    start: int
    end: int
    statements: frozenset[str]


def facts_of(shared: Path) -> list[Fact]:
    with (shared / "truth" / "facts.csv").open(encoding="utf-8", newline="") as lines:
        return [
            Fact(
                row["id"],
                row["subject"],
                row["seed_file"],
                int(row["char_start"]),
                int(row["char_end"]),
                bool(re.fullmatch(r"\d+(\.\d+)?", row["value"])) and bool(row["unit"]),
            )
            for row in csv.DictReader(lines)
        ]


def subjects_of(project: Path) -> dict[str, list[tuple[str, set[str]]]]:
    """Return for each subject of the list the IRIs it has here, with the rows if it has two."""
    table: dict[str, list[tuple[str, set[str]]]] = defaultdict(list)
    with (project / "data" / "subjects.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            table[row["subject"]].append((row["iri"], rows_between(row["rows"])))
    return table


def rows_between(text: str) -> set[str]:
    """Return the row ids of "A004-A019"; nothing means every row."""
    if not text:
        return set()
    first, last = text.split("-")
    return {f"{first[0]}{n:03d}" for n in range(int(first[1:]), int(last[1:]) + 1)}


def left_out(project: Path) -> set[str]:
    readme = (project / "data" / "README.md").read_text(encoding="utf-8")
    return set(re.findall(r"^\| ([A-E]\d{3}) \|", readme, flags=re.MULTILINE))


class Graph:
    """The shipped data as this test needs it: by evidence and by subject."""

    def __init__(self, data: Path) -> None:
        self.types: dict[str, set[str]] = defaultdict(set)
        self.neighbours: dict[str, set[str]] = defaultdict(set)
        self.evidence: dict[str, set[str]] = defaultdict(set)
        literals: dict[tuple[str, str], str] = {}
        documents: dict[str, str] = {}
        for path in sorted((data / "sources").glob("*.ttl")):
            for triple in ox.parse(path=str(path), format=ox.RdfFormat.TURTLE):
                subject = str(getattr(triple.subject, "value", ""))
                name = triple.predicate.value.removeprefix(MP)
                value = getattr(triple.object, "value", "")
                if triple.predicate.value.endswith("#type"):
                    self.types[subject].add(value.removeprefix(MP))
                elif name == "evidence":
                    self.evidence[value].add(subject)
                elif name == "document":
                    documents[subject] = value
                elif isinstance(triple.object, ox.NamedNode):
                    self.neighbours[subject].add(value)
                else:
                    literals[subject, name] = value
        self.places = [
            Place(
                literals[documents[node], "fileName"],
                int(literals[node, "charFrom"]),
                int(literals[node, "charTo"]),
                frozenset(self.evidence[node]),
            )
            for node in documents
        ]

    def statements_for(self, fact: Fact, subject: str) -> set[str]:
        """Return the nodes about *subject* whose evidence overlaps the place of the fact."""
        return {
            statement
            for place in self.places
            if place.file == fact.file and place.start < fact.end and fact.start < place.end
            for statement in place.statements
            if subject == statement or subject in self.neighbours[statement]
        }


@pytest.fixture(scope="module")
def shipped(project: Path) -> Graph:
    return Graph(project / "data")


def subjects_for(fact: Fact, table: dict[str, list[tuple[str, set[str]]]]) -> list[str]:
    return [iri for iri, rows in table[fact.subject] if not rows or fact.row in rows]


def held_by(shared: Path, project: Path, shipped: Graph) -> dict[str, set[str]]:
    """Return for each row that is not left out the statements that hold it for every subject."""
    table, omitted = subjects_of(project), left_out(project)
    held: dict[str, set[str]] = {}
    for fact in facts_of(shared):
        if fact.row in omitted:
            continue
        by_subject = [shipped.statements_for(fact, iri) for iri in subjects_for(fact, table)]
        held[fact.row] = set().union(*by_subject) if by_subject and all(by_subject) else set()
    return held


def test_every_fact_has_a_statement_with_evidence_at_its_place(
    shared: Path, project: Path, shipped: Graph
) -> None:
    held = held_by(shared, project, shipped)

    assert len(held) + len(left_out(project)) == FACTS
    assert [row for row, statements in held.items() if not statements] == []


def test_few_rows_are_left_out(shared: Path, project: Path) -> None:
    rows = {fact.row for fact in facts_of(shared)}

    assert left_out(project) <= rows
    assert len(left_out(project)) <= ROWS_LEFT_OUT_AT_MOST


def test_few_rows_are_held_by_claims_alone(shared: Path, project: Path, shipped: Graph) -> None:
    held = held_by(shared, project, shipped)
    only_claims = [
        row
        for row, statements in held.items()
        if all(shipped.types[statement] == {"Claim"} for statement in statements)
    ]

    assert len(only_claims) <= ROWS_HELD_BY_CLAIMS_AT_MOST, only_claims


def test_rows_with_a_number_are_key_figures(shared: Path, project: Path, shipped: Graph) -> None:
    """A year and a date are numbers too, but they are milestones."""
    held = held_by(shared, project, shipped)
    numbers = [fact.row for fact in facts_of(shared) if fact.has_number and fact.row in held]
    typed = {"KeyFigure", "Milestone"}

    assert len(numbers) > 50
    assert [
        row for row in numbers if not any(shipped.types[node] & typed for node in held[row])
    ] == []


def test_every_subject_of_the_list_has_an_iri(shared: Path, project: Path, shipped: Graph) -> None:
    table = subjects_of(project)

    assert {fact.subject for fact in facts_of(shared)} == set(table)
    known = set(shipped.types)
    things = [iri for pairs in table.values() for iri, _ in pairs if iri.startswith(ID)]
    assert [iri for iri in things if iri not in known] == []


def test_the_unnamed_row_is_not_merged_with_moveo(
    shared: Path, project: Path, shipped: Graph
) -> None:
    facts = [f for f in facts_of(shared) if f.subject == "cluster/moveo" and f.row.startswith("A")]
    unnamed = ID + "cluster/unnamed-normandy-idf-automotive"

    assert len(facts) == 15  # A004 to A012 and A014 to A019; A013 is about the area
    for fact in facts:
        assert shipped.statements_for(fact, unnamed), fact
        assert not shipped.statements_for(fact, ID + "cluster/moveo"), fact
    assert project.is_dir()
