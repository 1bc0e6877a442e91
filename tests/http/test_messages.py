"""Pages say the same in every language."""

import re

import pytest

from server.messages import LANGUAGES, messages

PLACEHOLDER = re.compile(r"\{[^}]*\}")
OTHERS = [language for language in LANGUAGES if language != "en"]


@pytest.mark.parametrize("language", OTHERS)
def test_every_message_is_there_in_every_language(language: str) -> None:
    ours, theirs = messages("en"), messages(language)

    assert {table: set(keys) for table, keys in theirs.items()} == {
        table: set(keys) for table, keys in ours.items()
    }


@pytest.mark.parametrize("language", OTHERS)
def test_what_is_put_into_a_message_is_put_into_it_in_every_language(language: str) -> None:
    for table, keys in messages("en").items():
        for key, text in keys.items():
            found = PLACEHOLDER.findall(messages(language)[table][key])
            assert sorted(found) == sorted(PLACEHOLDER.findall(text)), f"{table}.{key}"
