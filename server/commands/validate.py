"""`metapole validate`: say what is wrong in the data and the ontology; write nothing."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "files", nargs="*", type=Path, metavar="FILE",
        help="report only what is found in these files; they are checked together with the data",
    )  # fmt: skip
    add_inputs(parser)


def add_inputs(parser: argparse.ArgumentParser) -> None:
    """Declare the options that `validate` and `build` have in common."""
    for name, what in (
        ("data", "folder of Turtle and TriG files instead of the data that ships with metapole"),
        ("ontology", "folder of terms, shapes, checks and rules instead of those that ship"),
        ("sources", "folder of the source documents, to compare the evidence with them"),
    ):
        parser.add_argument(f"--{name}", type=Path, metavar="DIR", help=what)


def run(args: argparse.Namespace) -> int:
    """Print the findings to stdout, a summary to stderr; return 1 if there is an error."""
    from graph.build import check
    from graph.errors import GraphError

    try:
        report = check(
            data=args.data, ontology=args.ontology, sources=args.sources, files=args.files
        )
    except GraphError as error:
        sys.stderr.write(f"metapole validate: {error}\n")
        return 1
    for finding in report.findings:
        sys.stdout.write(f"{finding}\n")
    sys.stderr.write(f"{report.summary}\n")
    return 1 if report.errors else 0
