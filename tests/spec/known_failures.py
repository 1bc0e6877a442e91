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
    KnownFailure(
        "SERVICE is refused: the server asks no other endpoint yet",
        (
            *_tests(f"{_11}syntax-fed", "test_1 test_2 test_3"),
            *_tests(
                f"{_11}service",
                "service1 service2 service3 service4a service5 service6 service7",
            ),
        ),
    ),
    KnownFailure(
        "the server takes no updates yet",
        (
            *_tests(
                f"{_12}syntax-triple-terms-negative",
                "syntax-update-anonreifier-01 syntax-update-anonreifier-02",
            ),
            *_tests(
                f"{_12}syntax-triple-terms-positive",
                "update-anonreifier-01 update-anonreifier-02 update-anonreifier-03 "
                "update-anonreifier-04 update-anonreifier-05 update-anonreifier-06 "
                "update-reifier-01 update-reifier-02 update-reifier-03 update-reifier-04 "
                "update-reifier-05 update-reifier-06 update-reifier-07 update-reifier-08 "
                "update-tripleterm-01 update-tripleterm-03 update-tripleterm-04 "
                "update-tripleterm-05",
            ),
            *_tests(f"{_12}eval-triple-terms", "update-1 update-2 update-3"),
            *_tests(
                f"{_11}protocol",
                "update_dataset_default_graph update_dataset_default_graphs "
                "update_dataset_named_graphs update_dataset_full update_post_form "
                "update_post_direct update_base_uri bad_update_get bad_multiple_updates "
                "bad_update_non_utf8 bad_update_syntax bad_update_dataset_conflict",
            ),
        ),
        is_over_http_only=True,
    ),
    KnownFailure(
        "the graph store protocol is served for reading only yet",
        _tests(
            f"{_11}http-rdf-update",
            "put_get_repeat_direct put_delete_get_delete_direct post_get_post_get_direct "
            "head_existing_direct put_get_repeat_indirect put_get_default "
            "put_delete_get_delete_indirect post_get_post_get_indirect post_get_new_graph "
            "head_existing_indirect put_get_uri_pct_encoded_indirect "
            "put_get_uri_pct_encoded_twice",
        ),
    ),
)

WHY_IT_FAILS = {test: each for each in _KNOWN_FAILURES for test in each.tests}
"""By the IRI of the test."""
