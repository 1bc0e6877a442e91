"""The command `metapole`: one table of commands, each imported only when it is asked for."""

import argparse
import importlib
import importlib.metadata
import sys
from collections.abc import Sequence
from typing import NamedTuple

_EPILOG = "Data goes to stdout, talk to stderr. Exit status: 0 done, 1 failed, 2 wrong usage."


class _Command(NamedTuple):
    summary: str
    example: str


COMMANDS = {
    "serve": _Command(
        "publish the graph over HTTP",
        "metapole serve --port 8000",
    ),
    "build": _Command(
        "make a store from the ontology and the data",
        "metapole build --store metapole-store",
    ),
    "validate": _Command(
        "check the ontology and the data, and build nothing",
        "metapole validate",
    ),
    "query": _Command(
        "run a SPARQL query on a store",
        "metapole query -q 'SELECT (COUNT(*) AS ?triples) { ?s ?p ?o }'",
    ),
    "import": _Command(
        "take data in from a file, as a graph of its own",
        "metapole import rdf clusters.ttl --licence cc-by-4.0",
    ),
    "mcp": _Command(
        "offer the graph to assistants, over the Model Context Protocol",
        "metapole mcp --store metapole-store",
    ),
    "export": _Command(
        "write all that is published as files, into a folder",
        "metapole export --to metapole-files --public-url https://data.example.org/",
    ),
    "generations": _Command(
        "list the generations that a store has kept",
        "metapole generations --store metapole-store",
    ),
    "check": _Command(
        "read what a store keeps to the last quad, and say what is wrong",
        "metapole check --store metapole-store",
    ),
    "rollback": _Command(
        "go back to a generation that the store has kept",
        "metapole rollback --store metapole-store --commits 1",
    ),
    "backup": _Command(
        "copy what a store holds to another place, while it is in use",
        "metapole backup --store metapole-store --to /backup/metapole --keep 14",
    ),
    "restore": _Command(
        "have a store hold what a backup holds, or what it held at some time",
        "metapole restore --store metapole-store --from /backup/metapole --at 2026-11-20T10:00",
    ),
    "match": _Command(
        "suggest which things of two graphs are the same, and decide about it",
        "metapole match suggest --graph members",
    ),
    "erase": _Command(
        "remove a thing from every generation and backup, for good",
        "metapole erase person:jane-doe --store metapole-store --also backups/2026-11",
    ),
    "token": _Command(
        "say who may write: add, list and revoke tokens",
        "metapole token add --token-file tokens.json --name importer --scope update",
    ),
}
_MODULES = {"import": "imports"}
"""Commands whose modules are called otherwise: some words are not for names in Python."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command that *arguments* name; return the exit status."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    chosen = next((word for word in words if not word.startswith("-")), None)
    parser = _parser(chosen)
    parsed = parser.parse_args(words)
    if "run" not in parsed:
        parser.print_help(sys.stderr)
        return 2
    return int(parsed.run(parsed))


def _parser(chosen: str | None) -> argparse.ArgumentParser:
    """Return the parser of all commands, with the options of the *chosen* one."""
    parser = argparse.ArgumentParser(
        prog="metapole",
        description="An open knowledge graph of industrial clusters, and the server for it.",
        epilog=_EPILOG,
    )
    parser.add_argument("--version", action=_ShowVersion, nargs=0, help="show the version and exit")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    for name, command in COMMANDS.items():
        subparser = commands.add_parser(
            name,
            help=command.summary,
            description=f"{command.summary[0].upper()}{command.summary[1:]}.",
            epilog=f"Example: {command.example}",
        )
        if name == chosen:
            module = importlib.import_module(f"server.commands.{_MODULES.get(name, name)}")
            module.add_arguments(subparser)
            subparser.set_defaults(run=module.run)
    return parser


class _ShowVersion(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        try:
            number = importlib.metadata.version("metapole")
        except importlib.metadata.PackageNotFoundError:
            number = "(not installed)"
        sys.stdout.write(f"metapole {number}\n")
        parser.exit()
