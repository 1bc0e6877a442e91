"""Ask the validator, which is the front's, about a change in the writer before it is kept."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Literal

from graph.errors import EngineUnavailable
from graph.gate.judge import judge, not_judged
from graph.gate.profile import profile_from
from graph.processes import frames

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graph.gate.profile import Profile
    from graph.processes.inside import Parent
    from graph.writing.transaction import Transaction


class AskedGate:
    """The gate of a writer: "warn" tells what a change breaks, "reject" refuses the change."""

    def __init__(self, parent: Parent, mode: Literal["warn", "reject"]) -> None:
        self._parent = parent
        self._mode = mode
        self._profile: Profile | None = None

    def __call__(self, transaction: Transaction) -> Mapping[str, Any]:
        """Return what there is to say of the change; ShapesViolated when it is refused."""
        try:
            judgement = judge(
                transaction.store,
                transaction.added,
                transaction.removed,
                self._known_profile(),
                self._ask,
            )
        except EngineUnavailable as error:
            if self._mode == "reject":
                raise
            return {"findings": [not_judged(error)]}
        refusal = judgement.refusal()
        if refusal and self._mode == "reject":
            raise refusal
        return {"findings": judgement.findings, "gate_ms": judgement.milliseconds}

    def _known_profile(self) -> Profile:
        if self._profile is None:
            answer = self._ask(b"")
            if "failure" in answer:
                raise EngineUnavailable(answer["message"])
            self._profile = profile_from(answer["profile"])
        return self._profile

    def _ask(self, extract: bytes) -> dict[str, Any]:
        self._parent.send(extract, frames.EXTRACT)
        _, payload = self._parent.receive()
        return json.loads(payload)
