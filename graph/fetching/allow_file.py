"""Reading the list of addresses that may be asked: from the command line, and from a TOML file.

    [[remote]]
    name = "wikidata"
    url = "https://query.wikidata.org/sparql"
    total_s = 60

What is wrong is told with the line where it is.
"""

from __future__ import annotations

import dataclasses
import re
import tomllib
from collections import Counter
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from graph.errors import UnreadableList
from graph.fetching.allowed import Allowed, AllowList, BadAddress, is_loopback, normal_url
from graph.limits import FetcherLimits, FetchLimits

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,61}[a-z0-9])?")
_OWN_KEYS = ("name", "url", "kind", "private", "certificates")
_LIMITS = {field.name: isinstance(field.default, int) for field in dataclasses.fields(FetchLimits)}
"""Those that an entry may name, and whether they are whole numbers."""

_HEADER = re.compile(r"^\s*\[\[\s*remote\s*\]\]")


def read_allow_list(
    urls: Sequence[str],
    file: Path | None,
    limits: FetchLimits = FetchLimits(),  # noqa: B008 -- it never changes
    fetchers: FetcherLimits = FetcherLimits(),  # noqa: B008 -- the same
) -> AllowList:
    """Return the list of the endpoints *urls* and of what *file* names; UnreadableList if bad.

    An entry without limits of its own has *limits*; one for files, those of *fetchers*.
    """
    entries = list(_named_by_host(urls, limits))
    if file:
        entries += _entries_of(file, limits, fetchers)
    for value, number in Counter(entry.name for entry in entries).items():
        if number > 1:
            raise UnreadableList(
                f"{number} addresses that may be asked are called {value}; give each its own name"
            )
    for (url, kind), number in Counter((entry.url, entry.kind) for entry in entries).items():
        if number > 1:
            raise UnreadableList(f"{url} ({kind}) may be asked {number} times; say it once")
    return AllowList(entries)


def _named_by_host(urls: Sequence[str], limits: FetchLimits) -> Iterator[Allowed]:
    """Yield the endpoints *urls*, each named after its host."""
    names = Counter[str]()
    for url in dict.fromkeys(urls):
        try:
            normal = normal_url(url)
        except BadAddress as error:
            raise UnreadableList(f"--federate {ascii(url)[1:-1]}: {error}") from error
        host = re.sub(r"[^a-z0-9.-]", "-", urlsplit(normal).hostname or "").strip("-.")
        names[host] += 1
        name = host if names[host] == 1 else f"{host}-{names[host]}"
        yield Allowed(name, normal, limits, is_private=is_loopback(normal))


def _entries_of(file: Path, limits: FetchLimits, fetchers: FetcherLimits) -> Iterator[Allowed]:
    try:
        text = file.read_text(encoding="utf-8")
        content = tomllib.loads(text)
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableList(f"{file} cannot be read ({error}); name another file") from error
    except tomllib.TOMLDecodeError as error:
        raise UnreadableList(f"{file} is no TOML: {error}") from error
    places = _Places(file, text)
    for key in content:
        if key != "remote":
            raise places.fault(None, key, f"{key!r} is no part of it; write [[remote]]")
    remotes = content.get("remote", [])
    if not isinstance(remotes, list) or not all(isinstance(each, dict) for each in remotes):  # pyright: ignore[reportUnknownVariableType] -- TOML can hold anything
        raise places.fault(None, "remote", "write each address as a part that begins [[remote]]")
    for number, remote in enumerate(remotes):  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType] -- the same
        yield _Entry(places, number, remote, file.parent).allowed(limits, fetchers)  # pyright: ignore[reportUnknownArgumentType] -- the same


class _Places:
    """Where the parts and keys of a file are: the reader of TOML does not tell."""

    def __init__(self, file: Path, text: str) -> None:
        self._file = file
        self._lines = text.splitlines()
        self._starts = [n for n, line in enumerate(self._lines) if _HEADER.match(line)]

    def fault(self, part: int | None, key: str | None, message: str) -> UnreadableList:
        """Return the error that says *message* of *key* in the part with that number."""
        first, last = 0, len(self._lines)
        if part is not None and part < len(self._starts):
            first = self._starts[part]
            last = (*self._starts, last)[part + 1]
        at = first
        if key is not None:
            pattern = re.compile(rf"""^\s*\[*\s*["']?{re.escape(key)}\b""")
            found = (n for n in range(first, last) if pattern.match(self._lines[n]))
            at = next(found, first)
        return UnreadableList(f"{self._file}:{at + 1}: {message}")


@dataclasses.dataclass(frozen=True, slots=True)
class _Entry:
    places: _Places
    number: int
    content: dict[str, Any]
    folder: Path

    def allowed(self, limits: FetchLimits, fetchers: FetcherLimits) -> Allowed:
        """Return what the part allows; UnreadableList when something in it is wrong."""
        for key in self.content:
            if key not in _OWN_KEYS and key not in _LIMITS:
                known = ", ".join((*_OWN_KEYS, *_LIMITS))
                raise self._fault(key, f"{key!r} is not known; there are {known}")
        kind = self._one_of("kind", ("endpoint", "files"))
        url = self._url(kind)
        if kind == "files":
            limits = dataclasses.replace(limits, bytes=fetchers.file_bytes, total_s=fetchers.file_s)
        return Allowed(
            name=self._name(),
            url=url,
            limits=dataclasses.replace(limits, **dict(self._limits())),
            is_private=self._truth("private") or is_loopback(url),
            kind=kind,
            certificates=self._certificates(),
        )

    def _fault(self, key: str | None, message: str) -> UnreadableList:
        return self.places.fault(self.number, key, message)

    def _text(self, key: str) -> str:
        value = self.content.get(key)
        if not isinstance(value, str) or not value:
            where = key if key in self.content else None
            raise self._fault(where, f'{key} is missing; write {key} = "..."')
        return value

    def _name(self) -> str:
        name = self._text("name")
        if not _NAME.fullmatch(name):
            raise self._fault(
                "name",
                f"the name {name!r} is not taken; "
                "use up to 63 small letters, digits, dots and hyphens",
            )
        return name

    def _url(self, kind: str) -> str:
        try:
            url = normal_url(self._text("url"))
        except BadAddress as error:
            raise self._fault("url", str(error)) from error
        if kind == "files" and not urlsplit(url).path.endswith("/"):
            raise self._fault("url", "an address of files ends in /; name the folder")
        if kind == "files" and "?" in url:
            raise self._fault("url", "an address of files has no ?; name the folder")
        return url

    def _one_of(self, key: str, values: tuple[Any, ...]) -> Any:  # noqa: ANN401 -- one of the values
        value = self.content.get(key, values[0])
        if value not in values:
            raise self._fault(key, f"{key} is {value!r}; give one of {', '.join(values)}")
        return value

    def _truth(self, key: str) -> bool:
        value = self.content.get(key, False)
        if not isinstance(value, bool):
            raise self._fault(key, f"{key} is {value!r}; write true or false")
        return value

    def _limits(self) -> Iterator[tuple[str, float]]:
        for key in _LIMITS.keys() & self.content.keys():
            value, is_whole = self.content[key], _LIMITS[key]
            kinds = (int,) if is_whole else (int, float)
            least = 0 if key in ("cache_ttl_s", "waiting") else 1 if is_whole else 0.001
            if isinstance(value, bool) or not isinstance(value, kinds) or not least <= value < 1e12:
                noun = "a whole number" if is_whole else "a number"
                raise self._fault(key, f"{key} is {value!r}; give {noun} of at least {least:g}")
            yield key, value

    def _certificates(self) -> str:
        """Return the certificates of those who vouch for it."""
        if "certificates" not in self.content:
            return ""
        path = self.folder / self._text("certificates")
        try:
            text = path.read_text(encoding="ascii")
        except (OSError, UnicodeDecodeError) as error:
            raise self._fault("certificates", f"{path} cannot be read ({error})") from error
        if "-----BEGIN CERTIFICATE-----" not in text:
            raise self._fault("certificates", f"{path} holds no certificates (PEM)")
        return text
