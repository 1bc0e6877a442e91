"""Which W3C suites are run, and how many tests each has, counted by hand so that none gets lost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.spec.manifests import tests_of

if TYPE_CHECKING:
    from pathlib import Path

    from tests.spec.manifests import SpecTest


@dataclass(frozen=True, slots=True)
class Suite:
    """A manifest, and the tests it must list."""

    name: str
    manifest: str
    size: int

    def tests(self, folder: Path) -> tuple[SpecTest, ...]:
        """Return the tests; AssertionError when one is missing or new."""
        tests = tests_of(folder, self.manifest)
        assert len(tests) == self.size, f"{self.manifest} lists {len(tests)} tests, not {self.size}"
        return tests


QUERY_SUITES = (
    Suite("SPARQL 1.0 query", "sparql/sparql10/manifest.ttl", 482),
    Suite("SPARQL 1.1 query", "sparql/sparql11/manifest-sparql11-query.ttl", 328),
    Suite("SPARQL 1.1 CSV and TSV results", "sparql/sparql11/csv-tsv-res/manifest.ttl", 6),
    Suite("SPARQL 1.1 JSON results", "sparql/sparql11/json-res/manifest.ttl", 4),
    Suite("SPARQL 1.1 federation", "sparql/sparql11/manifest-sparql11-fed.ttl", 10),
    Suite("SPARQL 1.2 query and update", "sparql/sparql12/manifest.ttl", 269),
)
"""They are run twice: in process, and over HTTP."""

UPDATE_SUITES = (Suite("SPARQL 1.1 update", "sparql/sparql11/manifest-sparql11-update.ttl", 157),)
"""They are run twice, too."""

HTTP_SUITES = (
    Suite("SPARQL 1.1 protocol", "sparql/sparql11/protocol/manifest.ttl", 34),
    Suite("SPARQL 1.1 graph store", "sparql/sparql11/graph-store-protocol/manifest.ttl", 13),
    Suite("SPARQL 1.1 service description", "sparql/sparql11/service-description/manifest.ttl", 3),
)
"""They are about HTTP itself."""

NOT_RUN = {
    "RDF 1.1 and 1.2 syntaxes (1324)": "documents are read by the engine's own parsers",
    "SPARQL 1.1 entailment (70), RDF 1.1 and 1.2 semantics (77)": "not claimed: "
    "what is derived is stated in the graph `derived`, and queries entail nothing else",
}
