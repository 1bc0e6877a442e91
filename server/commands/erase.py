"""`metapole erase`: remove a thing from every generation and every backup that is named."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable

    from graph.survey import InGeneration, Survey

_SHOWN = 20
"""So many of anything are listed."""
_OUT_OF_REACH = """\
Not reached, see to them yourself:
  exports and dumps that were made before, and what other people have fetched
  caches between this store and its readers, and logs of requests
  backups that were not named with --also, and snapshots of the disk"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("iri", metavar="IRI", help="the thing; person:jane-doe for short")
    parser.add_argument(
        "--store", type=Path, default=Path("metapole-store"), metavar="DIR",
        help="folder of the store (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--also", type=Path, action="append", default=[], metavar="DIR",
        help="folder of a backup of the store; may be given several times",
    )  # fmt: skip
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.add_argument(
        "--dry-run", action="store_true", help="say what would be erased, and erase nothing"
    )
    parser.add_argument(
        "--rewrite", action="store_true",
        help="go on if the thing is nowhere: the files may still hold the bytes of what was "
        "deleted, until they are written anew",
    )  # fmt: skip
    parser.add_argument(
        "--ontology", type=Path, metavar="DIR",
        help="folder of terms and rules instead of those that ship",
    )  # fmt: skip
    parser.add_argument(
        "--data", type=Path, metavar="DIR",
        help="folder of the data that the store was built from, instead of those that ship",
    )  # fmt: skip


def run(args: argparse.Namespace) -> int:
    """Show what there is, ask, erase, and say what was erased; return the exit status."""
    from graph.errors import GraphError
    from graph.paths import bundled
    from graph.survey import iris_meant, survey

    try:
        iris_meant(args.iri)
    except ValueError as error:
        return _fail(str(error), 2)
    ontology, data = args.ontology or bundled("ontology"), args.data or bundled("data")
    stores = [args.store, *args.also]
    try:
        found = survey(stores, args.iri, ontology, data)
        if not (found.is_known or found.is_unfinished or args.rewrite):
            return _fail(_unknown(found), 1)
        _show(found)
        if args.dry_run:
            _say("Nothing was erased; this was a dry run.")
            return 0
        if not args.yes:
            if not (sys.stdin.isatty() and sys.stderr.isatty()):
                return _fail("nothing was erased; add --yes to erase without being asked", 2)
            if not _is_confirmed(found):
                _say("Nothing was erased.")
                return 1
        _erase(stores, found, ontology)
    except (GraphError, OSError) as error:
        return _fail(str(error), 1)
    return 0


def _unknown(found: Survey) -> str:
    from graph.differences import counted

    near = f"; did you mean {' or '.join(found.near)}?" if found.near else ""
    kept = counted(len(found.generations), "kept generation")
    return (
        f"nothing in {kept} names <{found.thing}>{near}\n"
        "If it was deleted before, the files may still hold its bytes: add --rewrite"
    )


def _show(found: Survey) -> None:
    """Say what will be erased, and what somebody has to look at."""
    _say(f"<{found.thing}>")
    named = [each for each in found.generations if each.total]
    if not named:
        _say("  is in no generation; all files are written anew")
    for each in named:
        current = ", the current one" if each.is_current else ""
        _say(f"  {each.store}, generation {each.generation}{current}: {_count(each.total)}")
    if named:
        _show_one(next((each for each in reversed(named) if each.is_current), named[-1]))
    _list(
        "Its names occur in what stays. Look at it: erasing cannot tell whether it is about it",
        found.mentions,
    )
    if found.is_term:
        _say("It is described by the ontology: what is said with it will be gone, too.")
    for graph, files in found.shipped_in.items():
        _show_shipped(graph, files)
    if found.has_other_rules:
        _say("What is derived will be derived by the rules that ship; --ontology names others.")


def _show_one(found: InGeneration) -> None:
    from graph.differences import shown_graph

    _say(f"What goes from generation {found.generation}:")
    for name, count in found.quads.items():
        _say(f"  {shown_graph(name) if name else 'the default graph'}: {_count(count)}")
    _list("Statements about it, which go as a whole", found.statements)
    _list("Evidence that nothing else uses", found.evidence)
    if found.blank_nodes:
        _say(f"Blank nodes that nothing else uses: {found.blank_nodes:,}")
    _list("These stay and lose what they say of it", found.gaps)


def _show_shipped(graph: str, files: tuple[str, ...]) -> None:
    from graph.differences import shown_graph

    where = f", and {', '.join(files)} has it" if files else ""
    _say(
        f"{shown_graph(graph)} ships with metapole{where}: "
        "a build that replaces the graph brings it back, unless the files are changed"
    )


def _erase(stores: list[Path], found: Survey, ontology: Path) -> None:
    from graph.erasure import erase

    for each in erase(stores, found.thing, ontology):
        what = {
            "current": "is the current one now",
            "made anew": "was made anew",
            "removed": "was damaged, and is removed",
        }[each.how]
        _say(f"{each.store}: generation {each.generation} {what}; {_count(each.quads)} erased")
    _say(_OUT_OF_REACH)


def _is_confirmed(found: Survey) -> bool:
    sys.stderr.write(f"Erase <{found.thing}> for good? [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _list(title: str, items: Iterable[str]) -> None:
    lines = list(items)
    if not lines:
        return
    _say(f"{title}: {len(lines):,}")
    for line in lines[:_SHOWN]:
        _say(f"  {line}")
    if len(lines) > _SHOWN:
        _say(f"  and {len(lines) - _SHOWN:,} more")


def _count(count: int) -> str:
    from graph.differences import counted

    return counted(count, "quad")


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def _fail(text: str, status: int) -> int:
    _say(f"metapole erase: {text}")
    return status
