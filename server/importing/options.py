"""The options that all imports have in common."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

LICENCES = {
    "cc0": "https://creativecommons.org/publicdomain/zero/1.0/",
    "cc-by-4.0": "https://creativecommons.org/licenses/by/4.0/",
    "cc-by-sa-4.0": "https://creativecommons.org/licenses/by-sa/4.0/",
    "etalab-2.0": "https://www.etalab.gouv.fr/licence-ouverte-open-licence",
    "odbl-1.0": "https://opendatacommons.org/licenses/odbl/1-0/",
}


def add_target(parser: argparse.ArgumentParser) -> None:
    """Declare where it goes to: a store on this machine, or a server."""
    target = parser.add_argument_group("where to")
    where = target.add_mutually_exclusive_group()
    where.add_argument(
        "--store", type=Path, default=Path("metapole-store"), metavar="DIR",
        help="folder of the store (default: %(default)s)",
    )  # fmt: skip
    where.add_argument("--to", metavar="URL", help="a running server instead, by its address")
    target.add_argument(
        "--token-file", type=Path, metavar="FILE",
        help="file with the token for that server, and nothing else",
    )  # fmt: skip


def add_consent(parser: argparse.ArgumentParser) -> None:
    """Declare what is asked and shown before something is changed."""
    consent = parser.add_argument_group("before it is done")
    consent.add_argument(
        "--dry-run", action="store_true", help="say what would be changed, and change nothing"
    )
    consent.add_argument("--yes", action="store_true", help="do not ask")
    consent.add_argument(
        "--all", action="store_true", help="show all that comes and goes, not the first 20"
    )
    consent.add_argument(
        "--report", type=Path, metavar="FILE",
        help="write what is wrong to a file: .csv, .html, or text",
    )  # fmt: skip
    consent.add_argument(
        "--diff", type=Path, metavar="FILE", help="write what comes and goes as RDF Patch"
    )


def add_origin(parser: argparse.ArgumentParser) -> None:
    """Declare what the import is called, and what there is to say of the data."""
    origin = parser.add_argument_group("what it is")
    origin.add_argument(
        "--name", help="what the import is called; the same name replaces it (from the file)"
    )
    origin.add_argument(
        "--licence", type=licence, metavar="IRI",
        help=f"the licence of the data: an IRI, or {', '.join(LICENCES)}",
    )  # fmt: skip
    origin.add_argument(
        "--source", metavar="IRI", help="where the data are from: a page, a dataset, an endpoint"
    )


def licence(text: str) -> str:
    """Return the IRI of the licence that *text* names."""
    return LICENCES.get(text.lower(), text)
