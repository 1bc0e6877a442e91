"""Pages say the same in every language, and choose the one that the reader likes best."""

import re

import pytest

from server.messages import LANGUAGES, choose_language, messages

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


@pytest.mark.parametrize(
    ("accept_language", "language"),
    [
        ("", "en"),
        ("fr", "fr"),
        ("de-CH, fr;q=0.9", "de"),
        ("en;q=0.5, de;q=0.7", "de"),
        ("FR-ca", "fr"),
        ("it, *;q=0.1", "en"),
        ("en;q=0, *", "fr"),
        ("fra, deu", "en"),
        ("fr;q=nonsense", "en"),
        (",,;;q=", "en"),
        ("de" * 4000, "en"),
    ],
)
def test_the_language_is_the_one_that_is_liked_best(accept_language: str, language: str) -> None:
    assert choose_language(accept_language) == language
