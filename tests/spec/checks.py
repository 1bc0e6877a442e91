"""What each type of W3C test of queries and updates demands."""

from __future__ import annotations

import zlib
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

from graph.errors import ForbiddenOperation, QueryRejected, UnsupportedFeature
from graph.formats import format_named
from tests.spec.datasets import store_after
from tests.spec.manifests import MF
from tests.spec.results import (
    Differ,
    compare,
    compare_csv,
    expected_from,
    graph_from,
    quads_from,
    table_from,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from graph.formats import Format
    from tests.spec.datasets import GraphStore
    from tests.spec.manifests import SpecTest
    from tests.spec.results import Likeness


class Asker(Protocol):
    """A way to ask the project the query of a test."""

    def answer(self, test: SpecTest, format_name: str) -> bytes:
        """Return the answer to the query of *test*; GraphError when there is none."""
        ...

    def check(self, test: SpecTest) -> None:
        """Return when the text of *test* is a query; GraphError when it is not answered."""
        ...

    def update(self, test: SpecTest) -> GraphStore:
        """Return what the update of *test* makes of its data; GraphError when it is not made."""
        ...

    def check_update(self, test: SpecTest) -> None:
        """Return when the text of *test* is an update; GraphError when it is not taken."""
        ...


def check_evaluation(test: SpecTest, asker: Asker) -> Likeness:
    """A query has the expected result."""
    assert test.result_iri, "no result is expected"
    path = test.path(test.result_iri)
    expected = expected_from(path.read_bytes(), path.suffix[1:], test.result_iri)
    is_lax = test.about.text(test.node, f"{MF}resultCardinality") == f"{MF}LaxCardinality"
    if isinstance(expected, bool) or expected.kind == "table":
        ours = _one_of(("json", "xml", "tsv"), test, path)
        answer = table_from(asker.answer(test, ours.name), ours.extension)
        return compare(expected, answer, is_lax=is_lax)
    ours = _one_of(("turtle", "ntriples", "trig"), test, path)
    return compare(expected, graph_from(asker.answer(test, ours.name), ours.extension))


def check_csv(test: SpecTest, asker: Asker) -> Likeness:
    """A query has the expected result, as CSV."""
    assert test.result_iri, "no result is expected"
    expected = test.path(test.result_iri).read_bytes()
    return compare_csv(expected, asker.answer(test, "csv"))


def check_positive_syntax(test: SpecTest, asker: Asker) -> Likeness:
    """A text is read as a query, even if it asks for a function that is not there."""
    with suppress(UnsupportedFeature):
        asker.check(test)
    return "exactly"


def check_negative_syntax(test: SpecTest, asker: Asker) -> Likeness:
    """A text is refused because it is not well-formed, not because of what it asks for."""
    # Some tests of updates have the type of those of queries.
    check = asker.check_update if test.text_iri.endswith(".ru") else asker.check
    return _refused(lambda: check(test))


def check_update(test: SpecTest, asker: Asker) -> Likeness:
    """An update leaves the expected graphs behind, and in them the expected triples."""
    expected, actual = store_after(test), asker.update(test)
    missing = expected.named_graphs - actual.named_graphs
    surplus = actual.named_graphs - expected.named_graphs
    if missing or (surplus and not expected.may_have_more):
        raise Differ(f"expected the graphs {expected.named_graphs}, got {actual.named_graphs}")
    return compare(quads_from(expected.quads), quads_from(actual.quads))


def check_positive_update_syntax(test: SpecTest, asker: Asker) -> Likeness:
    """A text is read as an update, even if it asks for LOAD, which is refused once it is read."""
    with suppress(UnsupportedFeature, ForbiddenOperation):
        asker.check_update(test)
    return "exactly"


def check_negative_update_syntax(test: SpecTest, asker: Asker) -> Likeness:
    """A text is refused because it is no update, not because of what it asks for."""
    return _refused(lambda: asker.check_update(test))


CHECKS: dict[str, Callable[[SpecTest, Asker], Likeness]] = {
    "QueryEvaluationTest": check_evaluation,
    "CSVResultFormatTest": check_csv,
    "PositiveSyntaxTest": check_positive_syntax,
    "PositiveSyntaxTest11": check_positive_syntax,
    "NegativeSyntaxTest": check_negative_syntax,
    "NegativeSyntaxTest11": check_negative_syntax,
    "PositiveUpdateSyntaxTest": check_positive_update_syntax,
    "PositiveUpdateSyntaxTest11": check_positive_update_syntax,
    "NegativeUpdateSyntaxTest": check_negative_update_syntax,
    "NegativeUpdateSyntaxTest11": check_negative_update_syntax,
    "UpdateEvaluationTest": check_update,
}


def _refused(check: Callable[[], None]) -> Likeness:
    try:
        check()
    except (ForbiddenOperation, UnsupportedFeature):
        raise
    except QueryRejected:
        return "exactly"
    raise AssertionError("it is not well-formed, and was accepted")


def _one_of(names: tuple[str, ...], test: SpecTest, result: Path) -> Format:
    """Return the format in which to ask: that of the result where we have it, or each in turn."""
    formats = [format_named(name) for name in names]
    turn = formats[zlib.crc32(test.iri.encode()) // 3 % len(formats)]
    return next((each for each in formats if f".{each.extension}" == result.suffix), turn)
