"""The version of the dataset, and under which terms it may be used."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from graph.publishing.edition import Facts


def version_of(facts: Facts) -> str:
    """Return the version of the dataset: the day of the generation, and its number."""
    return f"{facts.built[:10]}.{facts.number}"
