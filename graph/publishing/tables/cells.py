"""Cells as plain values: what a lexical form stands for, and what is kept as text."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from graph.publishing.tables.columns import SEPARATOR

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graph.publishing.tables.columns import Column
    from graph.publishing.tables.rows import Row

_DIGITS = 15
"""Of how many digits a number of double precision is sure to keep every one."""

Plain = str | int | float | bool


def values_of(column: Column, row: Row) -> list[str]:
    """Return the values of a cell, as text."""
    text = row.get(column.name, "")
    return (text.split(SEPARATOR) if column.is_many else [text]) if text else []


def plain_cell(column: Column, row: Row) -> Plain | list[Plain] | None:
    """Return a cell as JSON has it: a list where there may be several, None where there is none."""
    values = [plain(column, text) for text in values_of(column, row)]
    return values if column.is_many else (values[0] if values else None)


def plain(column: Column, text: str) -> Plain:
    """Return what *text* stands for; as it is, where a number could not keep all its digits."""
    if column.datatype == "boolean" and text in ("true", "false"):
        return text == "true"
    if column.datatype in ("integer", "decimal"):
        number = number_from(text)
        return text if number is None else number
    return text


def number_from(text: str) -> int | float | None:
    """Return the number that *text* is, if it is one that programs read as what it is."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    if not number.is_finite() or len(number.normalize().as_tuple().digits) > _DIGITS:
        return None
    if abs(number.adjusted()) > _DIGITS:
        return None
    return int(number) if number == number.to_integral_value() else float(number)


def plain_row(columns: tuple[Column, ...], row: Row) -> Mapping[str, Plain | list[Plain] | None]:
    """Return *row* as JSON has it: every column by its name."""
    return {column.name: plain_cell(column, row) for column in columns}
