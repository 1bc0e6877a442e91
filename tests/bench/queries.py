"""The questions that are asked: 25 that people ask, three that the engine plans badly, one by one
as files, and two that are made here: lookups of many things, and a large result."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from tests.bench.answers import GRAPH, TABLE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

QUERIES = Path(__file__).parent / "queries"
PLANS = Path(__file__).parent / "plans"

_LOOKUPS = 200_000
_SAID_OF = "SELECT ?property ?value {{ {subject} ?property ?value }}"
_BYTES_PER_ROW = 255
"""About as long is a row of all triples as JSON, in the graph that is grown."""


@dataclass(frozen=True, slots=True)
class Query:
    """A question that people ask, and its text."""

    name: str
    text: str

    @property
    def title(self) -> str:
        """The question in words."""
        return self.text.partition("\n")[0].removeprefix("# ")

    @property
    def media_type(self) -> str:
        """What the answer is wanted in."""
        is_graph = any(line.startswith(("CONSTRUCT", "DESCRIBE")) for line in self.text.split("\n"))
        return GRAPH if is_graph else TABLE

    @property
    def is_free(self) -> bool:
        """Whether engines may answer as they see fit."""
        return any(line.startswith("DESCRIBE") for line in self.text.split("\n"))


def read_queries(parts_of_names: Sequence[str] = (), folder: Path = QUERIES) -> list[Query]:
    """Return the queries whose names contain one of the parts given, or all."""
    queries = [Query(path.stem, path.read_text("utf-8")) for path in sorted(folder.glob("*.rq"))]
    if not parts_of_names:
        return queries
    return [query for query in queries if any(part in query.name for part in parts_of_names)]


def large_query(megabytes: float) -> Query:
    """Return a query for about so many megabytes of rows."""
    rows = int(megabytes * 1e6 / _BYTES_PER_ROW)
    text = f"SELECT ?subject ?property ?value {{ ?subject ?property ?value }} LIMIT {rows}"
    return Query("large result", text)


def lookups(quads: Path, seed: int) -> list[str]:
    """Return queries of one template, each about another thing of the file *quads*, shuffled."""
    subjects = list(itertools.islice(_subjects(quads), _LOOKUPS))
    Random(seed).shuffle(subjects)  # noqa: S311 -- it has to repeat
    return [_SAID_OF.format(subject=subject) for subject in subjects]


def _subjects(quads: Path) -> Iterator[str]:
    """Yield every subject once, as long as what is said of it stands together, or nearly."""
    seen: set[bytes] = set()
    with quads.open("rb") as file:
        for line in file:
            subject = line.partition(b" ")[0]
            if subject.startswith(b"<") and subject not in seen:
                seen.add(subject)
                yield subject.decode()
