"""What `rollback` and `restore` have in common: show what it means, ask, and do it."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING

from graph.differences import counted, shown_graph
from graph.errors import GraphError
from graph.generations import writing
from graph.recovery.restoring import make_restore, plan_restore
from server.terminal import bars, can_ask, fail, is_confirmed, say

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable
    from pathlib import Path

    from graph.recovery.restoring import Plan
    from graph.recovery.sources import State
    from graph.writing.commits import Commit

_SHOWN = 20
"""So many commits are listed."""
_STEPS = {
    "verify": "Reading what is to come back",
    "copy": "Copying",
    "load": "Loading",
    "publish": "Publishing",
}


def add_answers(parser: argparse.ArgumentParser) -> None:
    """Declare the options that say what to do without being asked."""
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.add_argument(
        "--dry-run", action="store_true", help="say what would be done, and do nothing"
    )


def go_back(args: argparse.Namespace, agent: str, find: Callable[[], State]) -> int:
    """Have the store hold what *find* finds, after asking; return the exit status.

    The lock of the store is held from before the look at it until the end, so what was shown is
    what is done. A server that runs goes on answering queries, and takes changes again afterwards.
    """
    store: Path = args.store
    try:
        with nullcontext() if args.dry_run else writing(store, agent, asks=True):
            state = find()
            with bars(_STEPS) as progress:
                plan = plan_restore(store, state, progress=progress)
            _show(store, plan)
            if args.dry_run:
                say("Nothing was done; this was a dry run.")
                return 0
            if not args.yes and not plan.is_exact:
                if not can_ask():
                    return fail(
                        agent, "nothing was done; add --yes to do it without being asked", 2
                    )
                if not is_confirmed(f"Make this generation {plan.number} of {store}?"):
                    say("Nothing was done.")
                    return 1
            with bars(_STEPS) as progress:
                made = make_restore(store, plan, agent, progress=progress)
    except (GraphError, OSError) as error:
        return fail(agent, str(error), 1)
    say(f"{store}: generation {made.number} (commit {made.commit}) is the current one now")
    if plan.damaged:
        say(
            f"What is damaged was set aside in {store / 'generations'} (damaged-*); remove it when "
            "nobody needs it any more"
        )
    return 0


def _show(store: Path, plan: Plan) -> None:
    """Say what will be lost, and what comes back."""
    back = plan.state.generation
    if plan.fallback:
        for finding in plan.fallback.findings:
            say(finding)
    if plan.base:
        base = plan.base
        say(
            f"{store} has generation {base.number} (commit {base.commit}, {base.built}), "
            f"{counted(base.quads, 'quad')}"
        )
    elif plan.is_exact:
        say(f"{store} is empty")
    else:
        say(f"{store} has no generation that can be read")
    say(
        f"What comes back: {plan.state.place}: commit {back.commit}, {back.built}, "
        f"{counted(back.quads, 'quad')}"
    )
    _show_undone(plan)
    if plan.is_foreign:
        say("It is of another store: the log of commits stays that of this one.")
    for each in plan.erasures:
        say(
            f"WARNING: what was erased on {_time(each)} (commit {each.number}) may come back: "
            "erase it again"
        )


def _show_undone(plan: Plan) -> None:
    if plan.missing:
        first, last = plan.missing[0], plan.missing[-1]
        which = f"commit {first}" if first == last else f"commits {first} to {last}"
        say(f"Given up, for nothing whole has them: {which}")
    if plan.undone:
        say(f"Undone: {counted(len(plan.undone), 'commit')}")
    for each in plan.undone[-_SHOWN:][::-1]:
        graphs = ", ".join(shown_graph(name) for name in each.changed)
        say(
            f"  {each.number}  {_time(each)}  {each.author}  +{each.added:,} -{each.removed:,}"
            f"{'  ' if graphs else ''}{graphs}"
        )
    if len(plan.undone) > _SHOWN:
        say(f"  and {len(plan.undone) - _SHOWN:,} before them")


def _time(commit: Commit) -> str:
    return commit.time.strftime("%Y-%m-%dT%H:%M:%SZ")
