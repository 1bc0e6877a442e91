"""Who may write: from what a request shows to its author, or a refusal (RFC 6750)."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Protocol
from urllib.parse import quote, urlsplit

from graph.writing.wishes import Author
from server.scopes import UPDATE, Scope
from server.tokens import Token, is_token

REALM = "metapole"
TOKEN_FIELDS = ("access_token", "token")
"""Parameters in which clients send tokens that belong into a header."""

_BEARER = re.compile(r"bearer +(\S+)", re.IGNORECASE | re.ASCII)
_ORIGIN = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/?#@\s]+")
_DEFAULT_PORTS = {"http": 80, "https": 443}
_SEND_IT = "send it in the header 'Authorization: Bearer TOKEN'"


class NotAuthorised(Exception):  # noqa: N818 -- it says what the request is
    """A request that is not let through, with all that its answer says. None of it is the token."""

    def __init__(
        self, status: HTTPStatus, title: str, detail: str, challenge: dict[str, str] | None = None
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.title = title
        self.detail = detail
        self.headers = {} if challenge is None else {"WWW-Authenticate": _challenge(challenge)}


class Tokens(Protocol):
    """Where tokens are looked up."""

    def find(self, value: str) -> Token | None:
        """Return the token with *value*, if there is one."""
        ...


@dataclass(frozen=True, slots=True)
class Presented:
    """What a request shows of who sends it, and from where; None of it is believed yet."""

    authorization: tuple[str, ...] = field(default=(), repr=False)
    """The values of all headers of this name; kept out of logs."""
    origins: tuple[str, ...] = ()
    fetch_sites: tuple[str, ...] = ()


def presented_by(headers: Iterable[tuple[bytes, bytes]]) -> Presented:
    """Pick what matters from the *headers* of a request, as ASGI has them (names in lower case)."""
    found: dict[bytes, list[str]] = {b"authorization": [], b"origin": [], b"sec-fetch-site": []}
    for name, value in headers:
        if name in found:
            found[name].append(value.decode("latin-1").strip())
    return Presented(*map(tuple, found.values()))


def scope_to_write(graph: str | None) -> Scope:
    """Return what is needed to write to *graph*; None is the default graph."""
    return UPDATE if graph is None else Scope("write", graph)


def authorise(
    presented: Presented,
    needed: Scope,
    tokens: Tokens | None,
    public_url: str,
    fields: Collection[str] = (),
) -> Author:
    """Return the author of a change that needs the scope *needed*; NotAuthorised if it has none.

    *tokens* is None where no file of tokens is configured, *fields* are the names of the
    parameters in the query string and in a form.
    """
    if tokens is None:
        raise NotAuthorised(
            HTTPStatus.FORBIDDEN,
            "Writing is off",
            "the data of this server cannot be changed: it has no file of tokens. Whoever runs it "
            "makes one with 'metapole token add --token-file FILE --name NAME --scope update' and "
            "starts it with 'metapole serve --token-file FILE'",
        )
    refuse_cross_site(presented, public_url)
    refuse_token_in_fields(fields)
    token = tokens.find(_bearer(presented.authorization))
    if token is None:
        raise NotAuthorised(
            HTTPStatus.UNAUTHORIZED,
            "The token is not valid",
            "this token is not known here, or was revoked; ask whoever runs this server for "
            "another one",
            {"error": "invalid_token"},
        )
    if not token.allows(needed):
        raise _too_narrow(token, needed)
    return author_of(token)


def author_of(token: Token) -> Author:
    """Return who *token* stands for, and to which graphs it lets them write."""
    if token.allows(UPDATE):
        return Author(token.name)
    prefixes = (scope.graphs for scope in token.scopes if scope.kind == "write")
    return Author(token.name, tuple(prefixes))


def refuse_token_in_fields(fields: Collection[str]) -> None:
    """Refuse a token among the parameters, where it is seen by logs, histories and proxies."""
    found = next((name for name in fields if name.lower() in TOKEN_FIELDS), None)
    if found:
        raise NotAuthorised(
            HTTPStatus.BAD_REQUEST,
            "A token is in the wrong place",
            f"a token is not taken from the parameter '{found.lower()}'; {_SEND_IT}. Have the one "
            "that was sent revoked and take a new one, as it may be in logs by now",
            {"error": "invalid_request"},
        )


def refuse_cross_site(presented: Presented, public_url: str) -> None:
    """Refuse what the page of another site has a browser send."""
    for origin in presented.origins:
        there = _origin(origin) if _ORIGIN.fullmatch(origin) else None
        if there is None or there != _origin(public_url):
            raise NotAuthorised(
                HTTPStatus.FORBIDDEN,
                "Another site may not write",
                f"the request comes from a page of {origin[:200]!r}, and changes are taken from "
                f"pages of {public_url} alone; send it from a program, without 'Origin'",
            )
    if any(site.lower() == "cross-site" for site in presented.fetch_sites):
        raise NotAuthorised(
            HTTPStatus.FORBIDDEN,
            "Another site may not write",
            "the browser says that a page of another site sends this ('Sec-Fetch-Site: "
            f"cross-site'), and changes are taken from pages of {public_url} alone",
        )


def _bearer(authorization: tuple[str, ...]) -> str:
    """Return the token of the headers *authorization* (RFC 6750, 2.1 and 3.1)."""
    if len(authorization) > 1:
        raise _malformed(f"there are {len(authorization)} headers 'Authorization'; send one")
    sent = "".join(authorization)
    if not sent:
        raise _missing(f"a change needs a token; {_SEND_IT}")
    scheme = sent.split(" ", 1)[0]
    if scheme.lower() != "bearer":
        raise _missing(f"'Authorization' is not of the kind that is taken here; {_SEND_IT}")
    found = _BEARER.fullmatch(sent)
    if not found or not is_token(found[1]):
        raise _malformed(
            "'Authorization' cannot be read; send 'Bearer', a space and a token, which is of "
            "A-Z a-z 0-9 - . _ ~ + / and, at the end, ="
        )
    return found[1]


def _missing(detail: str) -> NotAuthorised:
    return NotAuthorised(HTTPStatus.UNAUTHORIZED, "A token is needed", detail, {})


def _malformed(detail: str) -> NotAuthorised:
    return NotAuthorised(
        HTTPStatus.BAD_REQUEST, "The token cannot be read", detail, {"error": "invalid_request"}
    )


def _too_narrow(token: Token, needed: Scope) -> NotAuthorised:
    has = " ".join(map(str, token.scopes))
    enough = f"{needed}, or its beginning, or update" if needed.kind == "write" else str(needed)
    return NotAuthorised(
        HTTPStatus.FORBIDDEN,
        "The token does not allow this",
        f"the token of {token.name} has the scope {has}; this needs {enough}. Ask whoever runs "
        "this server for a token with that scope",
        {"error": "insufficient_scope", "scope": _sendable(str(needed))},
    )


def _challenge(parameters: dict[str, str]) -> str:
    pairs = {"realm": REALM, **parameters}
    return "Bearer " + ", ".join(f'{name}="{value}"' for name, value in pairs.items())


def _sendable(scope: str) -> str:
    """Return *scope* with only what a header may say of scopes (RFC 6750, 3)."""
    return quote(scope, safe="!#$%&'()*+,-./:;<=>?@[]^_`{|}~")


def _origin(url: str) -> tuple[str, str | None, int | None] | None:
    """Return scheme, host and port of *url* (RFC 6454, 4), or None if it has no such thing."""
    try:
        parts = urlsplit(url)
        port = parts.port or _DEFAULT_PORTS.get(parts.scheme)
    except ValueError:
        return None
    return parts.scheme, parts.hostname, port
