"""What pages say in each language: a folder of tables for each, with the same keys.

A message stands at `key` in `web/messages/{language}/{table}.toml`; in a template it is
`say.table.key`.
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

LANGUAGES = {"en": "English", "fr": "Français", "de": "Deutsch"}
"""The languages that pages come in and what each calls itself; the first is for who has no wish."""

FOLDER = Path(__file__).with_name("web") / "messages"

Messages = dict[str, dict[str, str]]


@cache
def messages(language: str) -> Messages:
    """Return the messages in *language*, by table and key."""
    return {
        path.stem: tomllib.loads(path.read_text(encoding="utf-8"))
        for path in sorted((FOLDER / language).glob("*.toml"))
    }
