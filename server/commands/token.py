"""`metapole token`: add, list and revoke the tokens of a file."""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from server.scopes import KINDS, BadScope, Scope, scope_from_text
from server.token_changes import add_token, new_value, revoke_token
from server.tokens import Token, TokenError, check_name, open_to_others, read_tokens

_SCOPES = """\
scopes:
  read           what everybody may do who can reach the server
  write:PREFIX   Graph Store writes to the graphs whose names start with PREFIX
  update         SPARQL updates and Graph Store writes, to any graph
  admin          everything
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the actions of `token` with their options."""
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    add = actions.add_parser(
        "add",
        help="make a token and print it, once",
        epilog=_SCOPES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _common(add, _add)
    _name(add)
    add.add_argument(
        "--scope", type=_scope, action="append", required=True, metavar="SCOPE", dest="scopes",
        help=f"what it allows: {', '.join(KINDS)}; may be given again",
    )  # fmt: skip
    add.add_argument(
        "--value", help="the token itself, 20 characters or more; - reads it from stdin (random)"
    )
    listing = actions.add_parser("list", help="show which tokens there are, but not their values")
    _common(listing, _list)
    revoke = actions.add_parser("revoke", help="have a token no longer accepted")
    _common(revoke, _revoke)
    _name(revoke)
    revoke.add_argument("--id", help="which of two, as 'list' shows them")


def run(arguments: argparse.Namespace) -> int:
    """Do what was asked for; return the exit status."""
    try:
        arguments.action(arguments)
    except TokenError as error:
        _say(f"metapole token: {error}")
        return 1
    return 0


def _add(arguments: argparse.Namespace) -> None:
    path: Path = arguments.token_file
    value = _value(arguments.value)
    was_open = open_to_others(path)
    token = add_token(path, arguments.name, arguments.scopes, value)
    sys.stdout.write(f"{value}\n")
    sys.stdout.flush()
    if was_open:
        _say(f"{was_open.replace(' is ', ' was ')}; now only its owner may read it")
    _say(
        f"Added {token.id} for {token.name}: {_scopes(token)}.\n"
        "Keep the token, as it is not shown again; only its hash is kept.\n"
        "Clients send it as 'Authorization: Bearer TOKEN'."
    )
    if arguments.value not in (None, "-"):
        _say("It was on the command line, so it may be in the history of the shell.")


def _list(arguments: argparse.Namespace) -> None:
    path: Path = arguments.token_file
    tokens = read_tokens(path)
    if warning := open_to_others(path):
        _say(f"{warning}; chmod 600 it")
    if not tokens:
        _say(f"{path} has no tokens")
        return
    rows = [("NAME", "ID", "CREATED", "SCOPES")]
    rows += ((token.name, token.id, token.created, _scopes(token)) for token in tokens)
    sys.stdout.writelines(f"{line}\n" for line in _aligned(rows))


def _revoke(arguments: argparse.Namespace) -> None:
    path: Path = arguments.token_file
    was_open = open_to_others(path)
    token = revoke_token(path, arguments.name, arguments.id)
    if was_open:
        _say(f"{was_open.replace(' is ', ' was ')}; now only its owner may read it")
    _say(
        f"Revoked {token.id} of {token.name} ({_scopes(token)}, of {token.created}).\n"
        "A server that uses this file does not take it any more."
    )


def _value(given: str | None) -> str:
    if given == "-":
        return sys.stdin.readline().rstrip("\r\n")
    return new_value() if given is None else given


def _aligned(rows: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = (zip(row, widths, strict=True) for row in rows)
    return ["  ".join(cell.ljust(width) for cell, width in line).rstrip() for line in lines]


def _scopes(token: Token) -> str:
    return " ".join(map(str, token.scopes))


def _common(parser: argparse.ArgumentParser, action: Callable[[argparse.Namespace], None]) -> None:
    parser.add_argument(
        "--token-file", type=Path, required=True, metavar="FILE", help="the file of tokens"
    )
    parser.set_defaults(action=action)


def _name(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--name", type=_checked_name, required=True, help="whom it is for; commits are signed by it"
    )


def _checked_name(text: str) -> str:
    try:
        check_name(text)
    except TokenError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    return text


def _scope(text: str) -> Scope:
    try:
        return scope_from_text(text)
    except BadScope as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
