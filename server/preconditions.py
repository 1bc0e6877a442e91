"""What a client takes a graph to be when it writes: If-Match and If-None-Match (RFC 9110, 13.1).

A strong tag tells in which generation the graph changed last, so the tags of a graph as it is now
are all that can ever match again: what changed since has another number, for good.
"""

import re
from collections.abc import Mapping, Sequence

from graph.writing.wishes import Conditions
from server.protocol import BadProtocolRequest

_ELEMENT = re.compile(r'[ \t]*+((?:W/)?"[\x21\x23-\x7e\x80-\xff]*+")?+[ \t]*+(?:,|$)')
"""A tag, or nothing: empty elements of lists are to be ignored (5.6.1.2)."""
_WEAK = "W/"


def conditions_from(
    if_match: Sequence[str], if_none_match: Sequence[str], versions: Mapping[str, int]
) -> Conditions:
    """Return what the values of both headers demand.

    *versions* has every tag of the graph as it is now, and in which generation it changed last.
    """
    wanted, unwanted = _tags_from(if_match, "If-Match"), _tags_from(if_none_match, "If-None-Match")
    return Conditions(
        None if wanted is None or "*" in wanted else _matching(wanted, versions),
        _existence(wanted, unwanted),
        () if unwanted is None else _matching([_opaque(tag) for tag in unwanted], versions),
    )


def refuse_preconditions(names: Mapping[str, str]) -> None:
    """Refuse conditions, given the headers of the request, where no graph is there to meet them."""
    for name in ("If-Match", "If-None-Match"):
        if name.lower() in names:
            raise BadProtocolRequest(
                f"'{name}' is about one graph, and this request is not; leave it out, or write to "
                "a graph by name, with PUT, POST or DELETE"
            )


def _existence(wanted: Sequence[str] | None, unwanted: Sequence[str] | None) -> bool | None:
    must, must_not = wanted is not None and "*" in wanted, unwanted is not None and "*" in unwanted
    if must and must_not:
        raise BadProtocolRequest(
            "'If-Match: *' and 'If-None-Match: *' contradict each other; send one of them"
        )
    return True if must else False if must_not else None


def _matching(tags: Sequence[str], versions: Mapping[str, int]) -> tuple[int, ...]:
    return tuple(sorted({versions[tag] for tag in tags if tag in versions}))


def _opaque(tag: str) -> str:
    """Return *tag* without what makes it weak, as If-None-Match compares tags (8.8.3.2)."""
    return tag.removeprefix(_WEAK)


def _tags_from(values: Sequence[str], name: str) -> list[str] | None:
    """Read the entity tags of all headers called *name*; None when there is no such header."""
    if not values:
        return None
    text = ",".join(values)
    if text.strip() == "*":
        return ["*"]
    tags: list[str] = []
    position = 0
    while found := _ELEMENT.match(text, position):
        if found[1]:
            tags.append(found[1])
        position = found.end()
        if position == len(text):
            break
    if found and tags:
        return tags
    raise BadProtocolRequest(
        f"'{name}' is {text[:200]!r}; send * or entity tags as they came, in quotes and "
        'with commas between them, such as "12-0f3a"'
    )
