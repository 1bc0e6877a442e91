"""Which of the offered media types a client wants (RFC 9110, 12.5.1)."""

from collections.abc import Sequence
from dataclasses import dataclass


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
    wish = _wish(text)
    return wish.range if wish else None


def choose(accept: str | None, offers: Sequence[str]) -> str | None:
    """Return the offer that *accept* likes best, the earlier of equals; None when it likes none.

    The most specific range that covers an offer says how good it is. Of offers that are equally
    good the one that was asked for by name comes first: `text/csv, */*` means CSV.
    """
    wishes = wishes_from(accept or "")
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
    """Read an Accept header; elements that are none are left out."""
    return [wish for element in _split(accept, ",") if (wish := _wish(element))]


def _wish(text: str) -> Wish | None:
    name, *parameters = (part.strip() for part in _split(text, ";"))
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
    if whole not in ("0", "1") or not digits or (decimals and not dot):
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
