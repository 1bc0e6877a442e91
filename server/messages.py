"""What pages say in each language: one file of messages for each, with the same keys.

A message stands at `[table] key` in `web/messages/{language}.toml`; in a template it is
`say.table.key`.
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

from server.negotiate import weights_from

LANGUAGES = {"en": "English", "fr": "Français", "de": "Deutsch"}
"""The languages that pages come in and what each calls itself; the first is for who has no wish."""

FOLDER = Path(__file__).with_name("web") / "messages"

Messages = dict[str, dict[str, str]]


@cache
def messages(language: str) -> Messages:
    """Return the messages in *language*, by table and key."""
    return tomllib.loads((FOLDER / f"{language}.toml").read_text(encoding="utf-8"))


def choose_language(accept_language: str) -> str:
    """Return which language a client likes best (RFC 9110, 12.5.4); `fr-CA` is a kind of `fr`."""
    weights = weights_from(accept_language)
    liked = {
        language: max(
            (weight for tag, weight in weights.items() if tag.partition("-")[0] == language),
            default=weights.get("*", 0.0),
        )
        for language in LANGUAGES
    }
    return max(liked, key=lambda language: liked[language])
