"""The W3C tests that fail, and why. Take a test out when it passes: until then the run fails."""

from __future__ import annotations

from dataclasses import dataclass

_OXIGRAPH = "https://github.com/oxigraph/oxigraph/"
_10 = "http://www.w3.org/2001/sw/DataAccess/tests/data-r2/"
_11 = "http://www.w3.org/2009/sparql/docs/tests/data-sparql11/"
_12 = "https://w3c.github.io/rdf-tests/sparql/sparql12/"


@dataclass(frozen=True, slots=True)
class KnownFailure:
    """Why some tests fail."""

    reason: str
    tests: tuple[str, ...]
    upstream: str | None = None
    """Where the engine's own people deal with it."""
    is_over_http_only: bool = False
    """They pass in process."""

    def __str__(self) -> str:
        """Return the reason, with the address of the upstream issue."""
        return f"{self.reason} ({self.upstream})" if self.upstream else self.reason


def _tests(folder: str, names: str) -> tuple[str, ...]:
    return tuple(f"{folder}/manifest#{name}" for name in names.split())


_KNOWN_FAILURES = (
    KnownFailure(
        "the store keeps the value of a literal, not its form: `01` is `1`, `1.0e0` is `1`",
        (
            *_tests(f"{_10}open-world", "open-eq-01"),
            *_tests(
                f"{_10}expr-builtin",
                "dawg-str-1 dawg-str-2 sameTerm-simple sameTerm-eq sameTerm-not-eq",
            ),
            *_tests(f"{_10}expr-equals", "eq-graph-1 eq-graph-2"),
            *_tests(f"{_10}distinct", "distinct-1 distinct-9"),
            *_tests(f"{_12}grouping", "group01"),
        ),
        f"{_OXIGRAPH}issues/526",
    ),
    KnownFailure(
        "dates with and without a time zone are compared as XSD 1.1 says, the test follows 1.0",
        _tests(f"{_10}open-world", "date-2"),
    ),
    KnownFailure(
        "the store keeps the value of a literal, not its form",
        _tests(f"{_11}csv-tsv-res", "csv03"),
        f"{_OXIGRAPH}issues/526",
    ),
)

WHY_IT_FAILS = {test: each for each in _KNOWN_FAILURES for test in each.tests}
"""By the IRI of the test."""
