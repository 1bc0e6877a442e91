"""The gate of the reader: every syntax test of the W3C suites for SPARQL 1.0, 1.1 and 1.2."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from graph.errors import QueryRejected
from graph.sparql import printer
from graph.sparql.template import parse
from tests.spec import manifests

if TYPE_CHECKING:
    from pathlib import Path

    from tests.spec.manifests import SpecTest

# Counted in the manifests with grep, not by this file.
COUNTS = {
    "sparql/sparql10/manifest.ttl": {"PositiveSyntaxTest": 149, "NegativeSyntaxTest": 50},
    "sparql/sparql11/manifest-all.ttl": {
        "PositiveSyntaxTest11": 66,
        "NegativeSyntaxTest11": 48,
        "PositiveUpdateSyntaxTest11": 42,
        "NegativeUpdateSyntaxTest11": 13,
    },
    "sparql/sparql12/manifest.ttl": {
        "PositiveSyntaxTest": 102,
        "NegativeSyntaxTest": 81,
        "PositiveUpdateSyntaxTest": 18,
        "NegativeUpdateSyntaxTest": 2,
    },
}


def _cases(sign: str) -> list[object]:
    folder = manifests.suites_folder()
    if folder is None:
        return [pytest.param(None, id="all")]
    return [
        pytest.param(test, id=test.iri)
        for manifest in COUNTS
        for test in manifests.tests_of(folder, manifest)
        if "Syntax" in test.kind and sign in test.kind
    ]


def _is_update(test: SpecTest) -> bool:
    return "Update" in test.kind


@pytest.mark.usefixtures("shared")
@pytest.mark.parametrize("test", _cases("Positive"))
def test_what_is_well_formed_is_read(test: SpecTest) -> None:
    kind = "update" if _is_update(test) else "query"
    operation = parse(test.text, kind, test.text_iri)
    assert parse(printer.text(operation), kind) == operation


@pytest.mark.usefixtures("shared")
@pytest.mark.parametrize("test", _cases("Negative"))
def test_what_is_not_well_formed_is_refused_with_its_place(test: SpecTest) -> None:
    kind = "update" if _is_update(test) else "query"
    with pytest.raises(QueryRejected, match=r"^line \d+, column \d+: \S"):
        parse(test.text, kind, test.text_iri)


@pytest.mark.parametrize("manifest", COUNTS)
def test_no_test_is_lost(shared: Path, manifest: str) -> None:
    found = Counter(test.kind for test in manifests.tests_of(shared / "w3c-rdf-tests", manifest))
    assert {kind: n for kind, n in found.items() if "Syntax" in kind} == COUNTS[manifest]
