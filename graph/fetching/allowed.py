"""Which addresses of other servers may be asked, and how much each may take."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit, urlunsplit

from graph.errors import NotAllowed
from graph.limits import FetchLimits

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Kind = Literal["endpoint", "files"]

_PORTS = {"http": 80, "https": 443}
_URL = re.compile(r"[!-~]+")
_STEPS = re.compile(r"/(?:\.|%2e){1,2}(?:/|$)", re.IGNORECASE)
_LONGEST_URL = 2000


class BadAddress(ValueError):  # noqa: N818 -- it says what was given
    """A text is no address that could be asked; the message says why."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """One address that may be asked: a SPARQL endpoint, or all files below a folder."""

    name: str
    url: str
    limits: FetchLimits = field(default_factory=FetchLimits)
    is_private: bool = False
    """Whether it may be in this machine or in a private network."""
    kind: Kind = "endpoint"
    certificates: str = ""
    """Who vouches for it, if that is not one of those whom the system trusts: PEM."""

    @property
    def origin(self) -> str:
        """The scheme, host and port."""
        return origin_of(self.url)

    def covers(self, url: str) -> bool:
        """Tell whether *url*, which is normal, may be asked because of this entry."""
        if self.kind == "endpoint":
            return url == self.url
        return url.startswith(self.url)


class AllowList:
    """All addresses that may be asked."""

    def __init__(self, entries: Iterable[Allowed] = ()) -> None:
        self._entries = tuple(entries)

    def __iter__(self) -> Iterator[Allowed]:
        """Yield them in the order in which they were named."""
        return iter(self._entries)

    @property
    def endpoints(self) -> tuple[Allowed, ...]:
        """Those that a query may ask; SERVICE is switched off where there are none."""
        return tuple(entry for entry in self._entries if entry.kind == "endpoint")

    def find(self, url: str, kind: Kind = "endpoint") -> Allowed:
        """Return the entry that allows to ask *url*; NotAllowed says how to have one."""
        try:
            normal = normal_url(url)
        except BadAddress as error:
            raise NotAllowed(f"<{_shown(url)}> cannot be asked: {error}") from error
        for entry in self._entries:
            if entry.kind == kind and entry.covers(normal):
                return entry
        raise NotAllowed(self._refusal(normal, kind))

    def _refusal(self, url: str, kind: Kind) -> str:
        names = [entry.url for entry in self._entries if entry.kind == kind]
        there = f"it may ask {', '.join(names)}" if names else "it may ask none"
        what = "endpoint" if kind == "endpoint" else "address of files"
        remedy = f"start it with --federate {url}" if kind == "endpoint" else "name its folder"
        return (
            f"this server may not ask the {what} <{_shown(url)}>; {there}. "
            f"Whoever runs it can allow more: {remedy}, or in the file of --federate-file"
        )


def normal_url(url: str) -> str:
    """Return *url* as all that mean the same are written; BadAddress when it cannot be asked."""
    if len(url) > _LONGEST_URL or not _URL.fullmatch(url):
        raise BadAddress(
            f"an address has up to {_LONGEST_URL} visible characters of ASCII; "
            "write a host in Punycode and all else percent-encoded"
        )
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError as error:
        raise BadAddress(f"it is no address ({error})") from error
    if parts.scheme not in _PORTS or not host:
        raise BadAddress("an address begins with http:// or https:// and a host")
    if "@" in parts.netloc:
        raise BadAddress("an address that names a user or a password is not taken; leave it out")
    if "#" in url:
        raise BadAddress("what follows # is never sent; leave it out")
    path = parts.path or "/"
    if _STEPS.search(path) or "\\" in url:
        raise BadAddress("a path with /./, /../ or \\ is not taken; write where it leads")
    if ":" in host:
        host = f"[{host}]"
    netloc = host if port in (None, _PORTS[parts.scheme]) else f"{host}:{port}"
    return urlunsplit((parts.scheme, netloc, path, parts.query, ""))


def origin_of(url: str) -> str:
    """Return the scheme, host and port of *url*, which is normal."""
    return urlunsplit((*urlsplit(url)[:2], "", "", ""))


def is_loopback(url: str) -> bool:
    """Tell whether *url*, which is normal, names this machine by what can be nothing else."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _shown(url: str) -> str:
    return ascii(url[:200])[1:-1]
