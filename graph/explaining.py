"""What becomes of a query before the engine gets it: the plan, who is asked, what text is left."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from graph.federation.outcome import Asked
    from graph.generations import Generation
    from graph.sparql.admission import Admitted


@dataclass(frozen=True, slots=True)
class Explanation:
    """A query, and what is done with it on a generation."""

    text: str
    reading: Admitted
    generation: Generation
    asked: tuple[Asked, ...] = ()
    failure: str = ""
    """Why the other endpoints were not all asked."""
    seconds: float = 0.0
    """How long asking them took."""

    def as_values(self) -> dict[str, Any]:
        """Return it as JSON can hold it."""
        reading = self.reading
        calls = reading.federation.calls if reading.federation else ()
        return {
            "query": self.text,
            "form": reading.form,
            "generation": self.generation.number,
            "built": self.generation.built,
            "fingerprint": reading.fingerprint,
            "default_graphs": reading.default_graphs,
            "named_graphs": reading.named_graphs,
            "is_volatile": reading.is_volatile,
            "searches_names": reading.searches,
            "repairs": reading.repairs,
            "engine_text": reading.engine_text,
            "services": [asdict(call) for call in calls],
            "asked": [asdict(each) for each in self.asked],
            "failure": self.failure,
            "seconds": self.seconds,
        }
