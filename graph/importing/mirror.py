"""A CONSTRUCT that is asked for page by page: by a variable whose values are the keys of pages.

LIMIT and OFFSET would sort all solutions anew for each page, and some endpoints refuse that; and
what comes and goes meanwhile would move what is on the pages.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from graph.errors import ImportRefused, QueryRejected
from graph.sparql import printer, tree
from graph.sparql.constants import written_string
from graph.sparql.scope import Scopes
from graph.sparql.template import TemplateCache

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Mirror:
    """What is to be kept of an endpoint."""

    construct: tree.Construct
    key: str
    """The variable whose values make the pages."""
    text: str
    """As somebody wrote it."""

    @classmethod
    def read(cls, text: str, key: str | None = None) -> Self:
        """Read a CONSTRUCT; ImportRefused says where and why it cannot be asked for in pages."""
        try:
            operation = TemplateCache().read(text).operation
        except QueryRejected as error:
            raise ImportRefused(f"the query cannot be read: {error}") from error
        if not isinstance(operation, tree.Construct):
            raise ImportRefused("the query is no CONSTRUCT, so it makes no graph")
        if operation.modifiers != tree.Modifiers():
            raise ImportRefused(
                "the query sorts, groups or limits what it finds, so it cannot be asked for in "
                "pages; put that into a sub-query, or leave it out"
            )
        if any(isinstance(node, tree.Service) for node in tree.walk(operation)):
            raise ImportRefused("the query has a SERVICE; make a mirror of each endpoint")
        key = key.lstrip("?$") if key else _first_subject(operation)
        scope = Scopes(operation).of(operation.where)
        if key not in scope:
            raise ImportRefused(
                f"the query has no variable ?{key} to make pages by; --key takes one of "
                f"{', '.join(f'?{each}' for each in scope)}"
            )
        return cls(operation, key, text)

    def keys_after(self, last: str | None, most: int) -> str:
        """Return the query for the next *most* keys after the IRI *last*."""
        start = f" && STR(?{self.key}) > {written_string(last)}" if last is not None else ""
        return (
            f"SELECT DISTINCT ?{self.key} {self._from}WHERE {{ {self._where} "
            f"FILTER (isIRI(?{self.key}){start}) }} ORDER BY STR(?{self.key}) LIMIT {most}"
        )

    def page(self, keys: Sequence[str]) -> str:
        """Return the query for the statements of the solutions with *keys*."""
        where = tree.Group((self._values(keys), self.construct.where))
        page = tree.Construct(
            self.construct.template, where, self.construct.dataset, values=self.construct.values
        )
        return printer.text(page)

    def solutions(self, keys: Sequence[str]) -> str:
        """Return the query for the number of solutions with *keys*."""
        values = printer.text(self._values(keys))
        return f"SELECT (COUNT(*) AS ?n) {self._from}WHERE {{ {values} {self._where} }}"

    def number_of_keys(self) -> str:
        """Return the query for the number of keys."""
        return (
            f"SELECT (COUNT(DISTINCT ?{self.key}) AS ?n) {self._from}"
            f"WHERE {{ {self._where} FILTER (isIRI(?{self.key})) }}"
        )

    def number_without_key(self) -> str:
        """Return the query for the number of solutions that are on no page."""
        return (
            f"SELECT (COUNT(*) AS ?n) {self._from}WHERE {{ {self._where} "
            f"FILTER (!BOUND(?{self.key}) || !isIRI(?{self.key})) }}"
        )

    @property
    def _where(self) -> str:
        values = f" {printer.text(self.construct.values)}" if self.construct.values else ""
        return printer.text(self.construct.where) + values

    @property
    def _from(self) -> str:
        return "".join(f"{printer.text(each)} " for each in self.construct.dataset)

    def _values(self, keys: Sequence[str]) -> tree.Values:
        return tree.Values((tree.Variable(self.key),), tuple((tree.IRI(key),) for key in keys))


def _first_subject(construct: tree.Construct) -> str:
    for triple in construct.template:
        if isinstance(triple.subject, tree.Variable):
            return triple.subject.name
    raise ImportRefused(
        "no statement that the query makes is about a variable; --key names one to make pages by"
    )
