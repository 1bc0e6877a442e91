"""What a client likes best: of media types (RFC 9110, 12.5.1), and of codings (12.5.3).

Headers are read leniently: what cannot be read is left out, since clients in wide use send such
things. Only when nothing can be read is the client told.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

REMEMBERED = 256
"""For how many headers it is remembered what they come to: programs send the same again."""
REMEMBERED_LENGTH = 500
"""How long such a header may be: what it says takes memory, and its client chooses it."""

_LONGEST = 4_000
"""How long a header may be to be read, in characters: browsers send some hundred."""


class UnreadableAccept(ValueError):  # noqa: N818 -- it names what the client sent
    """An Accept header that says nothing at all."""


@dataclass(frozen=True, slots=True)
class MediaType:
    """A media type, or in a client's wish a range of them, with its parameters."""

    type: str
    subtype: str
    parameters: frozenset[tuple[str, str]] = frozenset()

    def __str__(self) -> str:
        """Return it as a header has it."""
        parameters = "".join(f"; {name}={value}" for name, value in sorted(self.parameters))
        return f"{self.type}/{self.subtype}{parameters}"


@dataclass(frozen=True, slots=True)
class Wish:
    """One element of an Accept header."""

    range: MediaType
    quality: float

    def covers(self, offer: MediaType) -> bool:
        """Tell whether *offer* is in this range."""
        wanted = self.range
        return (
            wanted.type in ("*", offer.type)
            and wanted.subtype in ("*", offer.subtype)
            and wanted.parameters <= offer.parameters
        )

    @property
    def specificity(self) -> tuple[int, int]:
        """Order ranges: `text/turtle;charset=utf-8` before `text/turtle`, `text/*` and `*/*`."""
        concrete = (self.range.type != "*") + (self.range.subtype != "*")
        return concrete, len(self.range.parameters)


def media_type(text: str) -> MediaType | None:
    """Read a media type with its parameters; None when *text* is none."""
    wish = _wish(text) if len(text) <= _LONGEST else None
    return wish.range if wish else None


def choose(accept: str | None, offers: Sequence[str]) -> str | None:
    """Return the offer that *accept* likes best, the earlier of equals; None when it likes none.

    UnreadableAccept when there is something in it, and none of it can be read.
    The most specific range that covers an offer says how good it is. Of offers that are equally
    good the one that was asked for by name comes first: `text/csv, */*` means CSV.
    """
    accept = accept or ""
    chosen = _chosen if len(accept) <= REMEMBERED_LENGTH else _chosen.__wrapped__
    return chosen(accept, tuple(offers))


@lru_cache(REMEMBERED)
def _chosen(accept: str, offers: tuple[str, ...]) -> str | None:
    wishes = wishes_from(accept)
    if not wishes:
        return offers[0]
    best: tuple[float, tuple[int, int]] = (0.0, (0, 0))
    chosen: str | None = None
    for offer in offers:
        offered = media_type(offer)
        covering = [wish for wish in wishes if offered and wish.covers(offered)]
        if not covering:
            continue
        closest = max(covering, key=lambda wish: wish.specificity)
        worth = (closest.quality, closest.specificity)
        if closest.quality > 0 and (chosen is None or worth > best):
            best, chosen = worth, offer
    return chosen


def wishes_from(accept: str) -> list[Wish]:
    """Read an Accept header; elements that are none are left out, unless all are."""
    if len(accept) > _LONGEST:
        raise UnreadableAccept(
            f"the Accept header has {len(accept)} characters, and no more than {_LONGEST} are "
            f"read (it starts with {accept[:80]!r}); send the few media types that you like best, "
            "with weights from 0 to 1"
        )
    elements = [element.strip() for element in _split(accept, ",")]
    wishes = [wish for element in elements if (wish := _wish(element))]
    if not wishes and (unread := [element for element in elements if element]):
        raise UnreadableAccept(
            f"nothing in the Accept header can be read (it starts with {unread[0][:80]!r}); send "
            "media types with weights from 0 to 1, such as 'text/csv, application/json;q=0.5'"
        )
    return wishes


def weights_from(accept_encoding: str) -> dict[str, float]:
    """Read a header of tokens with weights, as Accept-Encoding; a very long one says nothing."""
    weights: dict[str, float] = {}
    if len(accept_encoding) > _LONGEST:
        return weights
    for element in accept_encoding.split(","):
        token, _, parameter = element.partition(";")
        name, _, value = parameter.partition("=")
        weight = _quality(value.strip()) if name.strip().lower() == "q" else 1.0
        if token.strip() and weight is not None:
            weights[token.strip().lower()] = weight
    return weights


def _wish(text: str) -> Wish | None:
    name, *parameters = (part.strip() for part in _split(text, ";"))
    name = "*/*" if name == "*" else name  # Java's URLConnection sends `*; q=.2`
    kind, slash, subtype = name.lower().partition("/")
    if not (slash and kind.strip() and subtype.strip()) or (kind == "*" and subtype != "*"):
        return None
    quality, kept = 1.0, set[tuple[str, str]]()
    for parameter in parameters:
        key, _, value = (part.strip() for part in parameter.partition("="))
        value = value[1:-1] if value[:1] == value[-1:] == '"' else value
        if key.lower() == "q":
            weight = _quality(value)
            if weight is None:
                return None
            quality = weight
        elif key:
            kept.add((key.lower(), value.lower()))
    return Wish(MediaType(kind.strip(), subtype.strip(), frozenset(kept)), quality)


def _quality(text: str) -> float | None:
    """Read a weight: 0 to 1 with at most three decimals; None when it is none."""
    whole, dot, decimals = text.partition(".")
    digits = decimals.isascii() and (decimals.isdigit() or not decimals) and len(decimals) <= 3
    is_number = whole in ("0", "1") or (not whole and decimals)  # `.2` comes from Java
    if not is_number or not digits or (decimals and not dot):
        return None
    weight = float(text)
    return weight if weight <= 1 else None


def _split(text: str, separator: str) -> list[str]:
    """Split *text* at *separator*, but not inside quotes."""
    if '"' not in text:
        return text.split(separator)
    parts, inside = [""], False
    for character in text:
        inside ^= character == '"'
        if character == separator and not inside:
            parts.append("")
        else:
            parts[-1] += character
    return parts
