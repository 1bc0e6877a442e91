"""Bearer tokens: a file with a hash of each, and what it allows.

`server.token_changes` is what writes the file.
"""

import hashlib
import hmac
import json
import logging
import os
import re
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from server.scopes import BadScope, Scope, scope_from_text

FORMAT = 1
"""The version of the file's form."""

_B64TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*")
_NAME = re.compile(r"\w[\w.@+-]{0,63}")
_TEXTS = {
    "id": re.compile(r"[0-9a-z-]{1,32}"),
    "name": _NAME,
    "created": re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z"),
    "sha256": re.compile(r"[0-9a-f]{64}"),
}
_LOG = logging.getLogger("metapole.tokens")


class TokenError(Exception):
    """A token, or the file of tokens, is not as it has to be; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Token:
    """What is kept of a token: all but its value."""

    name: str
    id: str
    scopes: tuple[Scope, ...]
    created: str
    digest: str = field(repr=False)
    """The SHA-256 of its value, in hexadecimal."""

    def allows(self, needed: Scope) -> bool:
        """Tell whether one of its scopes is enough for *needed*."""
        return any(scope.covers(needed) for scope in self.scopes)


def is_token(text: str) -> bool:
    """Tell whether *text* can stand behind `Bearer` (b64token of RFC 6750, 2.1)."""
    return _B64TOKEN.fullmatch(text) is not None


def check_name(name: str) -> None:
    """Refuse a name that would be hard to read in a log."""
    if not _NAME.fullmatch(name):
        raise TokenError(
            f"{name[:100]!r} is no name; give up to 64 letters, digits and . _ @ + -, "
            "such as 'nightly-import'"
        )


def digest_of(value: str) -> str:
    """Return what is kept of *value*: its SHA-256, in hexadecimal."""
    # What is no token has no hash in the file, whatever it becomes here.
    return hashlib.sha256(value.encode(errors="backslashreplace")).hexdigest()


def read_tokens(path: Path) -> list[Token]:
    """Return the tokens of the file *path*; TokenError if there is none, or it is damaged."""
    return _read(path)[0]


def open_to_others(path: Path) -> str | None:
    """Say how others may use the file *path*, if they may."""
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
    except OSError:
        return None
    return f"{path} is open to others (mode {mode:o})" if mode & 0o077 else None


class TokenFile:
    """A file of tokens, looked at again whenever it has changed.

    While it is missing or damaged no token is known, and the log says so, once: a server goes on
    to answer what needs no token. Whoever starts one asks `read_tokens` first.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._tokens: list[Token] = []
        self._stamp: tuple[int, ...] | None = None
        self._complaint = ""
        self._refresh()

    def find(self, value: str) -> Token | None:
        """Return the token with *value*, if there is one now."""
        self._refresh()
        digest = digest_of(value)
        found = [each for each in self._tokens if hmac.compare_digest(each.digest, digest)]
        return found[0] if found else None

    def _refresh(self) -> None:
        if self._is_current():
            return
        try:
            self._tokens, self._stamp = _read(self._path)
        except TokenError as error:
            self._tokens, self._stamp = [], None
            if str(error) != self._complaint:
                self._complaint = str(error)
                _LOG.error("no token is accepted: %s", error)
            return
        self._complaint = ""
        _LOG.debug("%s was read, tokens: %d", self._path, len(self._tokens))
        self._warn_if_open()

    def _is_current(self) -> bool:
        try:
            return self._stamp == _stamp(self._path.stat())
        except OSError:
            return False

    def _warn_if_open(self) -> None:
        if complaint := open_to_others(self._path):
            _LOG.warning("%s; chmod 600 it", complaint)


def _read(path: Path) -> tuple[list[Token], tuple[int, ...]]:
    """Return the tokens of the file *path*, and what tells this state of it from others."""
    try:
        with path.open("rb") as file:
            stamp = _stamp(os.fstat(file.fileno()))
            text = file.read().decode("utf-8")
    except FileNotFoundError as error:
        raise TokenError(
            f"{path} is not there; make it with 'metapole token add --token-file {path} "
            "--name NAME --scope SCOPE'"
        ) from error
    except OSError as error:
        raise TokenError(f"{path}: cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise _damaged(path, "it is not UTF-8") from error
    return _tokens_from(text, path), stamp


def _stamp(status: os.stat_result) -> tuple[int, ...]:
    # The time of the last change tells of a file that was copied with its time of writing, too.
    return (status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino)


def _tokens_from(text: str, path: Path) -> list[Token]:
    try:
        document: object = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _damaged(path, "it is not JSON") from error
    if not isinstance(document, dict):
        raise _damaged(path, "it is no JSON object")
    found = cast("dict[str, object]", document)
    if found.get("format") != FORMAT:
        raise _damaged(path, f"its 'format' is {found.get('format')!r} and not {FORMAT}")
    entries = found.get("tokens")
    if not isinstance(entries, list):
        raise _damaged(path, "it has no list 'tokens'")
    return [
        _token_from(entry, f"token {number}", path)
        for number, entry in enumerate(cast("list[object]", entries), start=1)
    ]


def _token_from(entry: object, which: str, path: Path) -> Token:
    fields = cast("dict[str, object]", entry) if isinstance(entry, dict) else {}
    if fields.keys() != {*_TEXTS, "scopes"}:
        raise _damaged(path, f"{which} has not {', '.join(_TEXTS)} and scopes, or has more")
    texts: dict[str, str] = {}
    for name, pattern in _TEXTS.items():
        text = fields[name]
        if not (isinstance(text, str) and pattern.fullmatch(text)):
            raise _damaged(path, f"{which} has a wrong '{name}'")
        texts[name] = text
    try:
        scopes = _scopes_from(fields["scopes"])
    except BadScope as error:
        raise _damaged(path, f"{which}: {error}") from error
    return Token(texts["name"], texts["id"], scopes, texts["created"], texts["sha256"])


def _scopes_from(found: object) -> tuple[Scope, ...]:
    if not isinstance(found, list):
        raise BadScope("its 'scopes' are no list")
    return tuple(scope_from_text(str(each)) for each in cast("list[object]", found))


def _damaged(path: Path, what: str) -> TokenError:
    return TokenError(f"{path} is damaged: {what}; mend it, or make a new file and new tokens")
