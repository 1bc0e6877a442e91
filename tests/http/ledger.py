"""What clients were told of their changes, and whether a store holds just that."""

from __future__ import annotations

import csv
import io
import threading
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Literal

MINE = "http://example.org/ledger/"
TRIPLES = 3
"""So many triples are one batch, all with the same subject: half of one would be seen."""
BATCHES = f"""
    SELECT ?graph ?number (COUNT(*) AS ?triples) {{
        GRAPH ?graph {{ ?batch <x:number> ?number . ?batch ?p ?o }}
        FILTER(STRSTARTS(STR(?batch), "{MINE}"))
    }} GROUP BY ?graph ?number
"""
STRAYS = f"""
    SELECT ?graph ?batch {{
        GRAPH ?graph {{ ?batch ?p ?o }}
        FILTER(STRSTARTS(STR(?batch), "{MINE}"))
        FILTER NOT EXISTS {{ GRAPH ?graph {{ ?batch <x:number> ?number }} }}
        FILTER(?graph NOT IN (
            <https://w3id.org/metapole/graph/derived>, <https://w3id.org/metapole/graph/union>))
    }}
"""
COMMITS = """
    PREFIX mp: <https://w3id.org/metapole/def#>
    SELECT ?number ?graph {
        GRAPH <https://w3id.org/metapole/graph/commits> {
            ?commit mp:commitNumber ?number OPTIONAL { ?commit mp:changedGraph ?graph }
        }
    }
"""

State = frozenset[int]
"""The numbers of the batches that a graph holds."""
Outcome = Literal["acknowledged", "refused", "unknown"]
_KEPT_BY_THE_SERVER = "https://w3id.org/metapole/graph/union"


def batch(number: int) -> str:
    """Return a batch as N-Triples: a thing that the shapes look at, and rules derive from."""
    subject = f"<{MINE}{number}>"
    return (
        f"{subject} a <https://w3id.org/metapole/def#Person> ; <x:number> {number} ; "
        f'<http://www.w3.org/2004/02/skos/core#prefLabel> "batch {number}"@en .\n'
    )


@dataclass(frozen=True)
class Change:
    """A change of one graph that a client has asked for."""

    graph: str
    before: State
    after: State


class Ledger:
    """Keeps what may be in each graph; each graph has one client, who changes it in turn."""

    def __init__(self, first_commit: int = 1) -> None:
        self._lock = threading.Lock()
        self._first_commit = first_commit
        self._states: dict[str, tuple[State, ...]] = {}
        self._commits: dict[int, str] = {}
        self.outcomes = Counter[Outcome]()
        self.faults: list[str] = []
        """What clients were told that cannot be."""

    def note(self, change: Change, outcome: Outcome, commit: int | None = None) -> None:
        """Keep what became of *change*."""
        possible = {
            "acknowledged": (change.after,),
            "refused": (change.before,),
            "unknown": (change.before, change.after),
        }
        with self._lock:
            self.outcomes[outcome] += 1
            self._states[change.graph] = possible[outcome]
            if commit is not None:
                if commit in self._commits:
                    self.faults.append(f"commit {commit} was told of twice")
                self._commits[commit] = change.graph
            elif outcome == "acknowledged" and change.before != change.after:
                self.faults.append(f"<{change.graph}> was changed, and no commit was told")

    def compare(self, batches: str, commits: str) -> list[str]:
        """Return what the answers to BATCHES and COMMITS, as CSV, say otherwise than clients."""
        with self._lock:
            return [*self.faults, *self._compare_graphs(batches), *self._compare_log(commits)]

    def _compare_graphs(self, batches: str) -> list[str]:
        found: defaultdict[str, set[int]] = defaultdict(set)
        faults: list[str] = []
        for row in csv.DictReader(io.StringIO(batches)):
            if row["graph"] == _KEPT_BY_THE_SERVER:
                continue
            found[row["graph"]].add(int(row["number"]))
            if int(row["triples"]) != TRIPLES:
                faults.append(f"batch {row['number']} of <{row['graph']}> is half there: {row}")
        for graph in found.keys() | self._states.keys():
            possible = self._states.get(graph, (frozenset[int](),))
            if frozenset(found[graph]) not in possible:
                told = " or ".join(str(sorted(state)) for state in possible)
                faults.append(f"<{graph}> holds {sorted(found[graph])}, and clients know of {told}")
        return faults

    def _compare_log(self, commits: str) -> list[str]:
        logged: defaultdict[int, set[str]] = defaultdict(set)
        count = 0
        for row in csv.DictReader(io.StringIO(commits)):
            if int(row["number"]) >= self._first_commit:
                logged[int(row["number"])].add(row["graph"])
                count += 1
        faults: list[str] = []
        expected = range(self._first_commit, self._first_commit + len(logged))
        if sorted(logged) != list(expected) or count != len(logged):
            faults.append(f"the log has gaps, or commits of several graphs: {sorted(logged)}")
        for number, graph in self._commits.items():
            if logged[number] != {graph}:
                faults.append(f"commit {number} was of <{graph}>, and the log has {logged[number]}")
        untold = len(logged) - len(self._commits)
        if untold > self.outcomes["unknown"]:
            faults.append(f"{untold} commits are of nobody, of {self.outcomes}")
        return faults
