"""The text of source documents on the pages about them, where the operator has them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graph.source_texts import SourceTexts

_LONGEST_TEXT = 60_000
"""How many characters of a document a page shows, around the places that it lists."""

Values = dict[str, Any]


def with_text(texts: SourceTexts, said: Values) -> Values:
    """Return *said*, which a page about a thing shows, with the text that belongs to it."""
    if place := said.get("evidence"):
        return {**said, "text": _passage(texts, place)}
    if document := said.get("document"):
        return {**said, "text": _whole(texts, document)}
    return said


def _passage(texts: SourceTexts, place: Values) -> Values:
    source = place["source"] or {"sha256": "", "file_name": ""}
    sha256 = place["sha256"] or source["sha256"]
    passage = texts.passage(sha256, source["file_name"], place["char_from"], place["char_to"])
    return passage._asdict()


def _whole(texts: SourceTexts, document: Values) -> Values:
    source = document["source"]
    state = texts.state(source["sha256"], source["file_name"])
    if state != "shown":
        return {"state": state}
    text = texts.text(source["sha256"])
    places = [each for each in document["places"] if each["sha256"] == source["sha256"]]
    return {"state": state, "pieces": list(_pieces(text, places))}


def _pieces(text: str, places: list[Values]) -> Iterator[Values]:
    """Cut *text* into what is marked and what is not; where marks overlap, the first one counts.

    A long document is shown from the first of the places on.
    """
    places = [each for each in places if 0 <= each["char_from"] < each["char_to"] <= len(text)]
    is_long = len(text) > _LONGEST_TEXT
    position = places[0]["char_from"] if is_long and places else 0
    last = min(len(text), position + _LONGEST_TEXT)
    if position:
        yield {"text": "…", "address": ""}
    for place in places:
        first, end = place["char_from"], min(place["char_to"], last)
        if first < position or first >= last:
            continue
        yield {"text": text[position:first], "address": ""}
        yield {"text": text[first:end], "address": place["address"]}
        position = end
    yield {"text": text[position:last] + ("…" if last < len(text) else ""), "address": ""}
