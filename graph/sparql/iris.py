"""Resolve an IRI reference against a base (RFC 3986, section 5.2; RFC 3987, section 6.5)."""

import re

# RFC 3986, appendix B: it matches every text.
_PARTS = re.compile(
    r"(?:(?P<scheme>[A-Za-z][A-Za-z0-9+.\-]*):)?"
    r"(?://(?P<authority>[^/?#]*))?"
    r"(?P<path>[^?#]*)"
    r"(?:\?(?P<query>[^#]*))?"
    r"(?:#(?P<fragment>.*))?",
    re.DOTALL,
)
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:")


def is_absolute(iri: str) -> bool:
    """Tell whether *iri* begins with a scheme."""
    return _ABSOLUTE.match(iri) is not None


def resolve(reference: str, base: str) -> str:
    """Return *reference* as an absolute IRI (RFC 3986, 5.2.2); *base* is one.

    A reference with a scheme stays as it is: 5.2.2 would take dot segments out of it, but the
    engine keeps them when it loads data, and IRIs are compared as text.
    """
    if is_absolute(reference):
        return reference
    part, origin = _split(reference), _split(base)
    if part["authority"] is not None:
        return _join(origin["scheme"], part["authority"], _without_dots(part["path"] or ""), part)
    path = part["path"] or ""
    if not path:
        query = origin["query"] if part["query"] is None else part["query"]
        return _join(
            origin["scheme"], origin["authority"], origin["path"] or "", {**part, "query": query}
        )
    if not path.startswith("/"):
        path = _merged(path, origin)
    return _join(origin["scheme"], origin["authority"], _without_dots(path), part)


def _split(iri: str) -> dict[str, str | None]:
    match = _PARTS.fullmatch(iri)
    return match.groupdict() if match is not None else {}


def _merged(path: str, base: dict[str, str | None]) -> str:
    """Put a relative path in the place of the last segment of the base (5.2.3)."""
    before = base["path"] or ""
    if base["authority"] is not None and not before:
        return "/" + path
    return before[: before.rfind("/") + 1] + path


def _without_dots(path: str) -> str:
    """Take `.` and `..` out of *path* (5.2.4)."""
    if "." not in path:
        return path
    kept: list[str] = []
    segments = path.split("/")
    for segment in segments:
        if segment == "..":
            # The empty segment before the first slash stays.
            if len(kept) > 1 or (kept and kept[0]):
                kept.pop()
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in (".", ".."):
        kept.append("")
    return "/".join(kept) if kept != [""] or not path.startswith("/") else "/"


def _join(scheme: str | None, authority: str | None, path: str, rest: dict[str, str | None]) -> str:
    """Put the parts together again (5.3)."""
    iri = f"{scheme}:"
    if authority is not None:
        iri += f"//{authority}"
    iri += path
    if rest["query"] is not None:
        iri += f"?{rest['query']}"
    if rest["fragment"] is not None:
        iri += f"#{rest['fragment']}"
    return iri
