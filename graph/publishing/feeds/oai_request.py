"""What a harvester asks for by OAI-PMH 2.0, read from plain values; and what it gets wrong."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_SECOND = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)
_LIST = frozenset(("metadataPrefix", "from", "until", "set", "resumptionToken"))
_TAKEN: dict[str, frozenset[str]] = {
    "Identify": frozenset(),
    "ListMetadataFormats": frozenset(("identifier",)),
    "ListSets": frozenset(("resumptionToken",)),
    "GetRecord": frozenset(("identifier", "metadataPrefix")),
    "ListIdentifiers": _LIST,
    "ListRecords": _LIST,
}
"""Which arguments each verb takes."""
_NEEDED: dict[str, tuple[str, ...]] = {
    "GetRecord": ("identifier", "metadataPrefix"),
    "ListIdentifiers": ("metadataPrefix",),
    "ListRecords": ("metadataPrefix",),
}
"""And which it cannot do without, unless there is a resumption token."""


class OaiError(Exception):
    """What the protocol has to say of a request, with one of its own codes (3.6)."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Selection:
    """Which records are wanted, and from which on."""

    prefix: str
    since: str = ""
    until: str = ""
    group: str = ""
    """The name of a set."""
    after: tuple[str, str] = ("", "")
    """The datestamp and the identifier of the last record that was sent."""
    sent: int = 0
    """How many were."""

    def covers(self, datestamp: str, sets: Sequence[str]) -> bool:
        """Tell whether a record of that time, and in those *sets*, is selected."""
        return (
            (not self.since or datestamp >= self.since)
            and (not self.until or datestamp <= self.until)
            and (not self.group or self.group in sets)
        )

    def following(self, datestamp: str, identifier: str, sent: int) -> Selection:
        """Return the selection of what comes after the record of that time and name."""
        return replace(self, after=(datestamp, identifier), sent=self.sent + sent)


@dataclass(frozen=True, slots=True)
class OaiRequest:
    """A request that the protocol knows."""

    verb: str
    arguments: Mapping[str, str]
    selection: Selection | None = None
    """What is wanted of a list."""


def request_from(fields: Mapping[str, Sequence[str]], secret: str) -> OaiRequest:
    """Read a request from its *fields*; OaiError when the protocol does not know it.

    A resumption token is of those that `token_of` makes with the same *secret*.
    """
    verbs = fields.get("verb", [])
    if len(verbs) != 1 or verbs[0] not in _TAKEN:
        found = (
            f"'verb' is {verbs[0][:40]!a}" if len(verbs) == 1 else f"there are {len(verbs)} verbs"
        )
        raise OaiError("badVerb", f"{found}; send one of {', '.join(_TAKEN)}")
    verb = verbs[0]
    arguments = _arguments(verb, fields)
    if token := arguments.get("resumptionToken"):
        if len(arguments) > 1:
            raise OaiError("badArgument", "a resumptionToken comes without any other argument")
        return OaiRequest(verb, arguments, _resumed(token, verb, secret))
    for name in _NEEDED.get(verb, ()):
        if not arguments.get(name):
            raise OaiError("badArgument", f"{verb} needs {name}")
    is_list = _TAKEN[verb] is _LIST
    return OaiRequest(verb, arguments, _selection(arguments) if is_list else None)


def token_of(selection: Selection, verb: str, secret: str) -> str:
    """Return a resumption token that says all of *selection*, and by which it can be told again."""
    said = [verb, *_said(selection)]
    content = json.dumps(said, separators=(",", ":")).encode()
    return f"{base64.urlsafe_b64encode(content).decode().rstrip('=')}.{_check(content, secret)}"


def _arguments(verb: str, fields: Mapping[str, Sequence[str]]) -> dict[str, str]:
    arguments: dict[str, str] = {}
    for name, values in fields.items():
        if name == "verb":
            continue
        if name not in _TAKEN[verb]:
            known = ", ".join(sorted(_TAKEN[verb])) or "none"
            raise OaiError("badArgument", f"{verb} has no argument {name[:40]!a}; it takes {known}")
        if len(values) != 1:
            raise OaiError("badArgument", f"{name!r} is there {len(values)} times; send it once")
        if not values[0].isprintable():
            raise OaiError("badArgument", f"{name!r} has a character that is not for text")
        arguments[name] = values[0]
    return arguments


def _selection(arguments: Mapping[str, str]) -> Selection:
    since, until = arguments.get("from", ""), arguments.get("until", "")
    for name, value in (("from", since), ("until", until)):
        if name in arguments and not _is_time(value):
            raise OaiError(
                "badArgument", f"'{name}' is {value[:40]!a}; send a day, or a time such as "
                "2026-11-27T10:00:00Z",
            )  # fmt: skip
    if since and until and len(since) != len(until):
        raise OaiError("badArgument", "'from' and 'until' are not of the same granularity")
    selection = Selection(
        arguments["metadataPrefix"],
        f"{since}T00:00:00Z" if _DAY.fullmatch(since) else since,
        f"{until}T23:59:59Z" if _DAY.fullmatch(until) else until,
        arguments.get("set", ""),
    )
    if selection.since and selection.until and selection.since > selection.until:
        raise OaiError("badArgument", "'from' is later than 'until'")
    return selection


def _is_time(text: str) -> bool:
    if not (_DAY.fullmatch(text) or _SECOND.fullmatch(text)):
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _resumed(token: str, verb: str, secret: str) -> Selection:
    """Read a resumption token; OaiError when nobody here has made it."""
    bad = OaiError(
        "badResumptionToken", "this resumptionToken is none of this repository; begin the list anew"
    )
    body, _, check = token.partition(".")
    try:
        content = base64.b64decode(f"{body}{'=' * (-len(body) % 4)}", b"-_", validate=True)
        if check != _check(content, secret):
            raise bad
        told_verb, prefix, since, until, group, stamp, identifier, sent = json.loads(content)
    except (binascii.Error, ValueError, TypeError) as error:
        raise bad from error
    if told_verb != verb:
        raise bad
    return Selection(prefix, since, until, group, (stamp, identifier), int(sent))


def _said(selection: Selection) -> list[Any]:
    return [
        selection.prefix,
        selection.since,
        selection.until,
        selection.group,
        *selection.after,
        selection.sent,
    ]


def _check(content: bytes, secret: str) -> str:
    """Return what tells a token from one that somebody has changed by mistake, or to try things.

    There is nothing to gain by making one: a list holds nothing but what anybody may read.
    """
    return hashlib.sha256(secret.encode() + b"\0" + content).hexdigest()[:16]


def utc(time: str) -> str:
    """Return *time*, an xsd:dateTime or a day, as datestamps are: in UTC and whole seconds."""
    made = datetime.fromisoformat(time)
    aware = made if made.tzinfo else made.replace(tzinfo=UTC)
    return aware.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
