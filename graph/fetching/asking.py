"""HTTP with another server: what is sent, where redirects may lead, and when it is asked again.

The library underneath keeps connections and speaks HTTP/1.1, and nothing else: there are no
cookies, no passwords of the user's, and no proxies that the environment names.
"""

from __future__ import annotations

import contextlib
import email.utils
import math
import ssl
import time
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urljoin, urlsplit

import httpcore2

from graph.fetching.allowed import BadAddress, normal_url, origin_of
from graph.fetching.body import Body
from graph.fetching.dialling import Account, Dialler, resolve
from graph.fetching.faults import Fault

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping, Sequence

    from graph.limits import FetchLimits

LONGEST_GET = 2048
"""How long an address may be, with a query in it; what is longer goes as a form."""

_ANSWERS = frozenset({200, 203, 206})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_NOT_CHANGED = 304
_BUSY = frozenset({429, 503})
MOST_REDIRECTS = 3
_KEPT_S = 15.0
_LONGEST_WAIT_S = 86_400.0
_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Errand:
    """One thing to ask."""

    url: str
    query: str | None
    accept: str
    etag: str = ""
    last_modified: str = ""
    is_file: bool = False
    """Whether the answer is wanted as it is sent."""

    @property
    def is_conditional(self) -> bool:
        """Tell whether there may be no answer because it would be the same."""
        return bool(self.etag or self.last_modified)


@dataclass(frozen=True, slots=True)
class Origin:
    """A scheme, host and port that may be connected to."""

    is_private: bool
    certificates: str


@dataclass(frozen=True, slots=True)
class Reply:
    """How an answer begins, and what there is to read of it."""

    status: int
    url: str
    headers: Mapping[str, str]
    body: Body

    @property
    def media_type(self) -> str:
        """The media type, without parameters; empty when none is named."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def is_as_known(self) -> bool:
        """Tell whether there is nothing to read, for it would be the same."""
        return self.status == _NOT_CHANGED

    @property
    def has_known_end(self) -> bool:
        """Tell whether an answer that is cut off would have been noticed."""
        return bool({"content-length", "transfer-encoding"} & self.headers.keys())


class Client:
    """Asks those servers that are *origins*, as *agent*."""

    def __init__(
        self,
        origins: Mapping[str, Origin],
        agent: str,
        resolve: Callable[[str, int], Sequence[str]] = resolve,
    ) -> None:
        self._origins = origins
        self._agent = agent
        self._resolve = resolve
        self._trust = httpcore2.default_ssl_context()
        self._pools: dict[str, tuple[httpcore2.ConnectionPool, Dialler]] = {}

    @contextlib.contextmanager
    def answer(self, errand: Errand, limits: FetchLimits, account: Account) -> Generator[Reply]:
        """Ask, and give what is answered; Fault when that is nothing to be read."""
        with _faults(limits, account), contextlib.ExitStack() as answers:
            url, form = _address_and_form(errand)
            for _ in range(MOST_REDIRECTS + 1):
                response = self._asked(_Request(errand, url, form, limits, account), answers)
                status, headers = response.status, _read_headers(response)
                if status not in _REDIRECTS or "location" not in headers:
                    break
                response.close()
                url = self._next(url, headers["location"])
                form = None if status == HTTPStatus.SEE_OTHER else form
            else:
                raise Fault("broken", f"redirected more than {MOST_REDIRECTS} times")
            if status not in _ANSWERS and not (status == _NOT_CHANGED and errand.is_conditional):
                shown = _shown_status(status)
                raise Fault("broken", f"answered with status {shown}", status=status)
            coding = headers.get("content-encoding", "")
            yield Reply(status, url, headers, Body(response.iter_stream(), coding, limits.bytes))

    def close(self) -> None:
        """Close the connections that are kept."""
        for pool, _ in self._pools.values():
            pool.close()

    def _asked(self, request: _Request, answers: contextlib.ExitStack) -> httpcore2.Response:
        """Send *request*, and once more if the server says when, and there is time."""
        response = self._sent(request)
        answers.callback(response.close)
        if response.status not in _BUSY:
            return response
        wait_s = _retry_after(_read_headers(response).get("retry-after", ""))
        if wait_s is None or wait_s >= request.account.left():
            raise _busy(response.status, wait_s)
        response.close()
        time.sleep(wait_s)
        response = self._sent(request)
        answers.callback(response.close)
        if response.status in _BUSY:
            again_s = _retry_after(_read_headers(response).get("retry-after", ""))
            raise _busy(response.status, again_s)
        return response

    def _sent(self, request: _Request) -> httpcore2.Response:
        account = request.account
        pool, dialler = self._pool(origin_of(request.url))
        dialler.account = account
        connections = account.connections
        account.requests += 1
        try:
            return pool.handle_request(request.written(self._agent))
        except (httpcore2.RemoteProtocolError, httpcore2.ReadError, httpcore2.WriteError):
            if account.connections > connections:
                raise
        # A connection that was kept has ended meanwhile, which tells nothing.
        pool.close()
        account.requests += 1
        return pool.handle_request(request.written(self._agent))

    def _pool(self, origin: str) -> tuple[httpcore2.ConnectionPool, Dialler]:
        if origin not in self._pools:
            each = self._origins[origin]
            trust = self._trust
            if each.certificates:
                trust = ssl.create_default_context(cadata=each.certificates)
            dialler = Dialler(Account(0), is_private=each.is_private, resolve=self._resolve)
            pool = httpcore2.ConnectionPool(
                trust, max_connections=1, keepalive_expiry=_KEPT_S, network_backend=dialler
            )
            self._pools[origin] = pool, dialler
        return self._pools[origin]

    def _next(self, url: str, location: str) -> str:
        """Return where a redirect leads, if that may be asked."""
        try:
            target = normal_url(urljoin(url, location).partition("#")[0])
        except (BadAddress, ValueError) as error:
            raise Fault("broken", f"redirected to what is no address ({_shown(error)})") from error
        if origin_of(target) not in self._origins:
            raise Fault(
                "broken",
                f"redirected to {target[:_SHOWN]}, and nothing there may be asked; "
                "if that is meant, allow that address, too",
            )
        return target


@dataclass(frozen=True, slots=True)
class _Request:
    """One request of those that an errand takes."""

    errand: Errand
    url: str
    form: bytes | None
    limits: FetchLimits
    account: Account

    def written(self, agent: str) -> httpcore2.Request:
        """Return it as the library takes it."""
        headers: list[tuple[bytes | str, bytes | str]] = [
            ("Host", urlsplit(self.url).netloc),
            ("Accept", self.errand.accept),
            ("Accept-Encoding", "gzip"),
            ("User-Agent", agent),
        ]
        if self.form is not None:
            headers.append(("Content-Type", "application/x-www-form-urlencoded"))
            headers.append(("Content-Length", str(len(self.form))))
        if self.errand.etag:
            headers.append(("If-None-Match", self.errand.etag))
        if self.errand.last_modified:
            headers.append(("If-Modified-Since", self.errand.last_modified))
        silent_s = self.limits.read_s
        timeouts = {"connect": self.limits.connect_s, "read": silent_s, "write": silent_s}
        return httpcore2.Request(
            "GET" if self.form is None else "POST",
            self.url,
            headers=headers,
            content=self.form,
            extensions={"timeout": {**timeouts, "pool": 1.0}},
        )


def _address_and_form(errand: Errand) -> tuple[str, bytes | None]:
    if errand.query is None:
        return errand.url, None
    form = urlencode({"query": errand.query})
    url = f"{errand.url}{'&' if '?' in errand.url else '?'}{form}"
    return (url, None) if len(url) <= LONGEST_GET else (errand.url, form.encode())


def _read_headers(response: httpcore2.Response) -> dict[str, str]:
    pairs = response.headers
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in pairs}


def _retry_after(text: str) -> float | None:
    """Return for how many seconds to wait (RFC 9110, 10.2.3); None when that is not said."""
    if text.strip().isdecimal():
        return min(float(text), _LONGEST_WAIT_S)
    try:
        wait_s = email.utils.parsedate_to_datetime(text).timestamp() - time.time()
    except (ValueError, OverflowError):
        return None
    return min(max(0.0, wait_s), _LONGEST_WAIT_S)


def _busy(status: int, wait_s: float | None) -> Fault:
    when = "without saying when to come back" if wait_s is None else f"for {math.ceil(wait_s)} s"
    shown = _shown_status(status)
    return Fault(
        "busy", f"is busy {when} (status {shown})", status=status, retry_after_s=wait_s or 0
    )


def _shown_status(status: int) -> str:
    try:
        return f"{status}, {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


@contextlib.contextmanager
def _faults(limits: FetchLimits, account: Account) -> Generator[None]:
    """Say in our words what the library finds."""
    try:
        yield
    except httpcore2.ConnectTimeout as error:
        account.left()
        raise Fault("slow", f"could not be connected to in {limits.connect_s:g} s") from error
    except httpcore2.TimeoutException as error:
        account.left()
        raise Fault("slow", f"was silent for {limits.read_s:g} s") from error
    except httpcore2.ConnectError as error:
        raise Fault("broken", f"cannot be connected to ({_shown(error)})") from error
    except httpcore2.ProtocolError as error:
        raise Fault("broken", f"broke off, or does not speak HTTP ({_shown(error)})") from error
    except httpcore2.NetworkError as error:
        raise Fault("broken", f"broke off ({_shown(error)})") from error


def _shown(error: Exception) -> str:
    return ascii(str(error)[:_SHOWN])[1:-1] or type(error).__name__
