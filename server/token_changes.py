"""Adding and revoking bearer tokens, one change of their file at a time."""

import fcntl
import json
import os
import secrets
import tempfile
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from server.scopes import Scope
from server.tokens import (
    FORMAT,
    Token,
    TokenError,
    check_name,
    digest_of,
    is_token,
    read_tokens,
)

LIVE_AT_ONCE = 2
"""How many tokens one name may have: the old and the new one, while clients change over."""
PREFIX = "metapole_"
"""What tokens begin with that are made here, so that scanners for secrets find them."""

_BITS = 256
_SHORTEST = 20


def new_value() -> str:
    """Return the value of a new token: 256 random bits behind a prefix."""
    return PREFIX + secrets.token_urlsafe(_BITS // 8)


def check_value(value: str) -> None:
    """Refuse what is too short to be a secret, or cannot be sent."""
    if len(value) < _SHORTEST:
        raise TokenError(
            f"the value has {len(value)} characters; give at least {_SHORTEST}, or none, and a "
            "random one is made"
        )
    if not is_token(value):
        raise TokenError(
            "the value has characters that cannot be sent as a token; use A-Z a-z 0-9 - . _ ~ + / "
            "and, at the end, ="
        )


def add_token(path: Path, name: str, scopes: Iterable[Scope], value: str) -> Token:
    """Add the token *value* to the file *path*, which is made if it is not there."""
    check_name(name)
    check_value(value)
    digest = digest_of(value)
    with _changing(path, may_make=True) as tokens:
        if any(each.digest == digest for each in tokens):
            raise TokenError(f"{path} has a token of this value; give another one")
        live = _named(tokens, name)
        if len(live) >= LIVE_AT_ONCE:
            raise TokenError(
                f"{name} has {len(live)} tokens: {_told(live)}; revoke the one that is no longer "
                f"used: metapole token revoke --token-file {path} --name {name} --id {live[0].id}"
            )
        token = Token(name, _new_id(tokens), tuple(dict.fromkeys(scopes)), _now(), digest)
        tokens.append(token)
    return token


def revoke_token(path: Path, name: str, token_id: str | None = None) -> Token:
    """Remove from the file *path* the token of *name*, the one with *token_id* if it has two."""
    with _changing(path) as tokens:
        live = _named(tokens, name)
        found = [each for each in live if token_id in (None, each.id)]
        if not live:
            names = ", ".join(sorted({each.name for each in tokens})) or "no one"
            raise TokenError(f"{path} has no token of the name {name[:100]!r}; it has: {names}")
        if not found:
            raise TokenError(f"{name} has no token {token_id!r}; it has {_told(live)}")
        if len(found) > 1:
            raise TokenError(f"{name} has {len(found)} tokens; say --id with one of {_told(live)}")
        tokens.remove(found[0])
    return found[0]


@contextmanager
def _changing(path: Path, *, may_make: bool = False) -> Generator[list[Token]]:
    """Give the tokens of the file *path* to be changed, to one at a time; then write them."""
    target = path.resolve()
    try:
        with _locked(target.parent) as folder:
            tokens = [] if may_make and not target.exists() else read_tokens(path)
            yield tokens
            _write(target, tokens)
            os.fsync(folder)
    except OSError as error:
        raise TokenError(
            f"{path}: cannot be written ({error.strerror}); change it as its owner, in a "
            "directory that is there"
        ) from error


@contextmanager
def _locked(folder: Path) -> Generator[int]:
    """Wait until nobody else changes a file in *folder* this way; give its descriptor."""
    # A lock on the file itself would be on the one that is about to be replaced.
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor
    finally:
        os.close(descriptor)


def _write(target: Path, tokens: Iterable[Token]) -> None:
    """Replace the file *target*, so that it is whole at any time; only its owner may read it."""
    text = json.dumps({"format": FORMAT, "tokens": [*map(_entry, tokens)]}, indent=2)
    descriptor, unfinished = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            if target.exists() and (owner := target.stat()).st_uid != os.geteuid():
                os.fchown(descriptor, owner.st_uid, owner.st_gid)
            file.write(f"{text}\n")
            file.flush()
            os.fsync(descriptor)
        Path(unfinished).replace(target)
    except BaseException:
        Path(unfinished).unlink(missing_ok=True)
        raise


def _entry(token: Token) -> dict[str, object]:
    return {
        "id": token.id,
        "name": token.name,
        "scopes": [str(scope) for scope in token.scopes],
        "created": token.created,
        "sha256": token.digest,
    }


def _named(tokens: Iterable[Token], name: str) -> list[Token]:
    return sorted((each for each in tokens if each.name == name), key=lambda each: each.created)


def _told(tokens: Iterable[Token]) -> str:
    return ", ".join(f"{each.id} of {each.created}" for each in tokens)


def _new_id(tokens: Iterable[Token]) -> str:
    taken = {each.id for each in tokens}
    return next(each for each in iter(lambda: secrets.token_hex(4), "") if each not in taken)


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
