"""What each type of W3C test of queries demands."""

from __future__ import annotations

import zlib
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

from graph.errors import ForbiddenOperation, QueryRejected, UnsupportedFeature
from graph.formats import format_named
from tests.spec.manifests import MF
from tests.spec.results import compare, compare_csv, expected_from, graph_from, table_from

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from graph.formats import Format
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
    """A text is refused because it is no query, not because of what it asks for."""
    try:
        asker.check(test)
    except (ForbiddenOperation, UnsupportedFeature):
        raise
    except QueryRejected:
        return "exactly"
    raise AssertionError("it is no query, and was accepted")


def check_update(_: SpecTest, __: Asker) -> Likeness:
    """Fail: no update is taken yet, which is no merit even where the test says it is wrong."""
    raise ForbiddenOperation("updates are not taken yet")


CHECKS: dict[str, Callable[[SpecTest, Asker], Likeness]] = {
    "QueryEvaluationTest": check_evaluation,
    "CSVResultFormatTest": check_csv,
    "PositiveSyntaxTest": check_positive_syntax,
    "PositiveSyntaxTest11": check_positive_syntax,
    "NegativeSyntaxTest": check_negative_syntax,
    "NegativeSyntaxTest11": check_negative_syntax,
    "PositiveUpdateSyntaxTest": check_update,
    "NegativeUpdateSyntaxTest": check_update,
    "UpdateEvaluationTest": check_update,
}


def _one_of(names: tuple[str, ...], test: SpecTest, result: Path) -> Format:
    """Return the format in which to ask: that of the result where we have it, or each in turn."""
    formats = [format_named(name) for name in names]
    turn = formats[zlib.crc32(test.iri.encode()) // 3 % len(formats)]
    return next((each for each in formats if f".{each.extension}" == result.suffix), turn)
