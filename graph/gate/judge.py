"""Judge a change where it was made: what does it break that was whole before?

A node that breaks a shape already may be edited: only what a change adds to the findings counts
against it. So most changes take one question; a second, about the state before, is asked of nodes
with findings.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any

from graph.errors import EngineUnavailable, ShapesViolated
from graph.gate.affected import affected_nodes
from graph.gate.extract import NODES_AT_ONCE, extract, name_of
from graph.gate.stated import Stated
from graph.namespaces import short

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    import pyoxigraph as ox

    from graph.gate.profile import Profile
    from graph.gate.stated import Node

Finding = dict[str, Any]
"""severity, focus, path, value, message, remedy, shape and component, as plain values."""

Ask = Callable[[bytes], dict[str, Any]]
"""Return what the validator says of an extract: its findings, or a failure and a message."""

MOST_FINDINGS = 1000
"""A change that breaks more is not looked at to its end."""


@dataclass(slots=True)
class Judgement:
    """What there is to say of one change."""

    nodes: int
    """How many nodes it can concern."""
    findings: list[Finding] = field(default_factory=list[Finding])
    """What it breaks that was whole before."""
    standing: int = 0
    """How many more findings there are at these nodes: they were there before."""
    is_complete: bool = True
    milliseconds: float = 0.0

    def refusal(self) -> ShapesViolated | None:
        """Return why the change is not to be made, if there is a violation among the findings."""
        errors = [each for each in self.findings if each["severity"] == "error"]
        if not errors:
            return None
        first = errors[0]
        count = f"{'' if self.is_complete else 'at least '}{len(errors):,}"
        places = "place" if len(errors) == 1 else "places"
        return ShapesViolated(
            f"the change breaks shapes at {count} {places}, first {short(first['shape'])} at "
            f"{_shown(first['focus'])}: {first['message']}; {first['remedy']}",
            self.findings,
        )


def judge(
    store: ox.Store,
    added: Collection[ox.Quad],
    removed: Collection[ox.Quad],
    profile: Profile,
    ask: Ask,
) -> Judgement:
    """Return what the change that *store* has seen breaks; *ask* gets extracts, one at a time.

    What was *added* and *removed* is as a `Transaction` has it: as the store gives it back.
    EngineUnavailable when the validator did not come to a verdict.
    """
    return judge_states(
        Stated(store, without=added, also=removed),
        Stated(store),
        (*added, *removed),
        profile,
        ask,
    )


def judge_states(
    before: Stated, after: Stated, changed: Iterable[ox.Quad], profile: Profile, ask: Ask
) -> Judgement:
    """Return what leads from *before* to *after* breaks, by the quads that are *changed*."""
    start = time.perf_counter()
    nodes = affected_nodes(before, after, changed, profile)
    judgement = Judgement(len(nodes))
    waiting = iter(nodes)
    while some := list(islice(waiting, NODES_AT_ONCE)):
        if len(judgement.findings) >= MOST_FINDINGS:
            judgement.is_complete = False
            break
        found = _findings(ask, after, some, profile)
        if found:
            names = {each["focus"] for each in found}
            broken = [each for each in some if name_of(each) in names]
            known = {tuple(each.items()) for each in _findings(ask, before, broken, profile)}
            caused = [each for each in found if tuple(each.items()) not in known]
            judgement.findings += caused
            judgement.standing += len(found) - len(caused)
    judgement.milliseconds = (time.perf_counter() - start) * 1000
    return judgement


def not_judged(error: EngineUnavailable) -> Finding:
    """Return what to say of a change that was made though nobody came to a verdict."""
    return {
        "severity": "warning",
        "focus": None,
        "path": None,
        "value": None,
        "message": f"the change was made, and not checked by shapes: {error}",
        "remedy": "check it with 'metapole validate' or POST /validate",
        "shape": None,
        "component": None,
    }


def _findings(ask: Ask, stated: Stated, nodes: Sequence[Node], profile: Profile) -> list[Finding]:
    content = extract(stated, nodes, profile)
    if not content:
        return []
    verdict = ask(content)
    if "failure" in verdict:
        raise EngineUnavailable(verdict["message"])
    return verdict["findings"]


def _shown(focus: str) -> str:
    return focus if focus.startswith("_:") else short(focus)
