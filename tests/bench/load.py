"""Load a file of N-Quads into a new store of ours, as a restored archive or a build does.

    python -m tests.bench.load STORE FILE

A process of its own, as the loaders of the other servers are.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pyoxigraph as ox

from graph.generations import publish_generation
from graph.paths import bundled
from graph.rules import rules_digest


def load(store: Path, file: Path) -> None:
    """Make what *file* says the next generation of *store*."""
    quads = ox.parse(path=file, format=ox.RdfFormat.N_QUADS)
    rules = rules_digest(bundled("ontology") / "rules")
    publish_generation(store, quads, built_from="tests/bench", rules=rules)


if __name__ == "__main__":
    load(*map(Path, sys.argv[1:]))
