"""When the dataset was made, and what its version is called."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from graph.publishing.edition import Facts


def version_of(facts: Facts) -> str:
    """Return the version of the dataset: the day of the generation, and its number."""
    return f"{facts.built[:10]}.{facts.number}"


def moment_of(facts: Facts) -> datetime:
    """Return when the generation was made, in UTC; the first moment of 1970 if it does not say."""
    if not facts.built:
        return datetime.fromtimestamp(0, UTC)
    return datetime.fromisoformat(facts.built).astimezone(UTC)
