"""`metapole build`: make the next generation of the store from the files."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from server.commands.validate import add_inputs
from server.terminal import bars

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

    from graph.build import Report
    from graph.generations import Generation, Lock
    from graph.shipped import Choice, Outcome, ShippedGraph
    from graph.upgrade import Plan

_STEPS = {
    "read": "Reading the files",
    "validate": "Checking them",
    "derive": "Deriving",
    "load": "Loading",
    "publish": "Publishing",
}
_SHOWN = 20
"""So many statements of a difference are shown unasked."""
_OUTCOMES: dict[Outcome, str] = {
    "added": "added",
    "replaced": "replaced",
    "removed": "removed",
    "kept": "kept as changed here",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "--store", type=Path, default=Path("metapole-store"), metavar="DIR",
        help="folder of the store (default: %(default)s)",
    )  # fmt: skip
    add_inputs(parser)
    parser.add_argument(
        "--touched", choices=("ask", "keep", "replace"), default="ask",
        help="what to do with graphs that shipped and were changed here: keep them, have them as "
        "in the files, or ask on the terminal (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--diff", type=Path, metavar="FILE",
        help="write what replacing the changed graphs would remove and add, as RDF Patch",
    )  # fmt: skip
    parser.add_argument(
        "--dry-run", action="store_true", help="say what would be done, and do nothing"
    )
    parser.add_argument(
        "--from-scratch", action="store_true",
        help="forget all that the store holds, the graphs of users and the log of commits included",
    )  # fmt: skip


def run(args: argparse.Namespace) -> int:
    """Build; print findings and a summary to stderr; return 1 if nothing was built."""
    from graph.build import check
    from graph.errors import GraphError
    from graph.generations import writing
    from graph.upgrade import AGENT

    try:
        with bars(_STEPS) as progress:
            report = check(
                data=args.data, ontology=args.ontology, sources=args.sources, progress=progress
            )
        for finding in report.findings:
            _say(str(finding))
        _say(report.summary)
        if report.errors:
            return _refuse()
        if args.dry_run:
            return _rehearse(args, report)
        with writing(args.store, AGENT) as lock:
            return _build(args, report, lock)
    except (GraphError, OSError) as error:
        _say(f"metapole build: {error}")
        return 1


def _build(args: argparse.Namespace, report: Report, lock: Lock) -> int:
    from graph.upgrade import make_build, plan_build

    release = report.release
    plan = plan_build(args.store, release, from_scratch=args.from_scratch)
    _tell_notes(args, plan)
    choices = _choices(args.touched, plan)
    if choices is None:
        return _refuse()
    with bars(_STEPS) as progress:
        generation = make_build(args.store, release, plan, choices, lock, progress=progress)
    if generation == plan.base:
        _say(f"The store is as the files have it; generation {generation.number} stays current")
    else:
        _say(f"Built generation {generation.number} in {args.store}")
    _tell_outcomes(plan, choices)
    _index_names(generation)
    return 0


def _index_names(generation: Generation) -> None:
    """Make the index that names are searched in; without it, a server makes it when it is asked."""
    from graph.search.making import make_index

    try:
        make_index(generation)
    except OSError as error:
        _say(f"metapole build: the index of names was not made ({error})")


def _rehearse(args: argparse.Namespace, report: Report) -> int:
    """Say what a build would do."""
    from graph.upgrade import plan_build

    plan = plan_build(args.store, report.release, from_scratch=args.from_scratch)
    _tell_notes(args, plan)
    choices = _answers(plan, args.touched)
    if plan.base is None:
        _say(f"{args.store} would be filled from the files alone.")
    else:
        _say(f"A build would go on from generation {plan.base.number}:")
    undecided = [each for each in plan.upgrade.questions if each.name not in choices]
    _tell_outcomes(plan, choices, frozenset(each.name for each in undecided))
    for graph in undecided:
        _show(graph, _SHOWN)
    if undecided:
        _say(_OPTIONS)
    _say("Nothing was done; this was a dry run.")
    return 0


def _choices(touched: str, plan: Plan) -> dict[str, Choice] | None:
    """Return what is to become of the graphs that were changed; None if nobody says."""
    choices = _answers(plan, touched)
    undecided = [each for each in plan.upgrade.questions if each.name not in choices]
    if not undecided:
        return choices
    count = "1 graph was" if len(undecided) == 1 else f"{len(undecided)} graphs were"
    _say(f"{count} changed here, and the files have something else:")
    can_ask = sys.stdin.isatty() and sys.stderr.isatty()
    for graph in undecided:
        _show(graph, _SHOWN)
        if can_ask:
            choice = _ask(graph)
            if choice is None:
                return None
            choices[graph.name] = choice
    if not can_ask:
        _say(_OPTIONS)
        return None
    return choices


def _answers(plan: Plan, touched: str) -> dict[str, Choice]:
    """Return the choices that the option --touched makes."""
    if touched == "keep":
        return {graph.name: "keep" for graph in plan.upgrade.questions}
    if touched == "replace":
        return {graph.name: "replace" for graph in plan.upgrade.touched}
    return {}


def _ask(graph: ShippedGraph) -> Choice | None:
    """Ask on the terminal what is to become of *graph*; None: of nothing, stop here."""
    while True:
        sys.stderr.write("[k]eep it as it is here, [r]eplace it, [s]how all, or [q]uit? ")
        sys.stderr.flush()
        answer = sys.stdin.readline()
        match answer.strip().lower():
            case "k" | "keep":
                return "keep"
            case "r" | "replace":
                return "replace"
            case "s" | "show" | "show all":
                _show(graph, None)
            case "q" | "quit":
                return None
            case _ if not answer:
                return None
            case _:
                _say("Answer with k, r, s or q.")


def _show(graph: ShippedGraph, limit: int | None) -> None:
    from graph.differences import counted, shown_graph

    difference = graph.difference
    _say(
        f"{shown_graph(graph.name)}: replacing it removes "
        f"{counted(len(difference.removed), 'statement')} and adds {len(difference.added):,}"
    )
    for line in difference.lines(limit):
        _say(line)


def _tell_notes(args: argparse.Namespace, plan: Plan) -> None:
    """Say what is the matter with the store, and write the difference if that is wanted."""
    from graph.differences import rdf_patch

    for note in plan.notes:
        _say(note)
    if args.diff:
        lines = rdf_patch(graph.difference for graph in plan.upgrade.touched)
        args.diff.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def _tell_outcomes(
    plan: Plan, choices: Mapping[str, Choice], undecided: frozenset[str] = frozenset()
) -> None:
    """Say what becomes of each graph, but for those that are *undecided*."""
    from graph.differences import counted, shown_graph

    if plan.base is None:
        return
    outcomes = plan.upgrade.outcomes(choices)
    for outcome, words in _OUTCOMES.items():
        for graph in outcomes.get(outcome, ()):
            if graph.name in undecided:
                continue
            came, went = len(graph.difference.added), len(graph.difference.removed)
            size = "" if outcome == "kept" else f" (+{came:,} -{went:,} statements)"
            _say(f"  {words}: {shown_graph(graph.name)}{size}")
    same = len(outcomes.get("same", ()))
    if same:
        _say(f"  the same: {counted(same, 'graph')}")
    if plan.upgrade.of_users:
        _say(
            f"  of users: {counted(len(plan.upgrade.of_users), 'graph')}, not changed and not "
            "checked (the checks are about the files)"
        )


_OPTIONS = """\
Say what to do with them:
  --touched keep      keep them as they are here
  --touched replace   have them as in the files; what was changed here is gone from them
  --touched ask       on a terminal: ask for each
  --diff FILE         write the whole difference to FILE"""


def _refuse() -> int:
    _say("Nothing was built; the store is as it was.")
    return 1


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
