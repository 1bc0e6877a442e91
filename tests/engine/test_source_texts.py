"""The text of a document is shown only if it is the document that was read."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from graph.errors import UnreadableSource
from graph.source_texts import AROUND, SourceTexts

if TYPE_CHECKING:
    from pathlib import Path

TEXT = "Über uns: 380 members, ‘more than’ 11 billion.\n" * 30
DIGEST = hashlib.sha256(TEXT.encode()).hexdigest()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "000.txt").write_text(TEXT, encoding="utf-8")
    (tmp_path / "001.txt").write_text("another version", encoding="utf-8")
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "002.txt").write_text("not looked at", encoding="utf-8")
    return tmp_path


def test_a_place_is_shown_with_the_text_around_it(folder: Path) -> None:
    first = TEXT.index("380", 600)
    passage = SourceTexts(folder).passage(DIGEST, "000.txt", first, first + 11)

    assert passage.state == "shown"
    assert passage.printed == "380 members"
    assert passage.before == "…" + TEXT[first - AROUND : first]
    assert passage.after == TEXT[first + 11 : first + 11 + AROUND] + "…"


def test_at_the_ends_of_a_document_nothing_is_left_out(folder: Path) -> None:
    whole = SourceTexts(folder).passage(DIGEST, "000.txt", 0, len(TEXT))

    assert (whole.before, whole.printed, whole.after) == ("", TEXT, "")


@pytest.mark.parametrize(
    ("sha256", "file_name", "state"),
    [
        (DIGEST, "another name", "shown"),
        ("0" * 64, "001.txt", "differs"),
        ("0" * 64, "002.txt", "absent"),
        ("0" * 64, "../000.txt", "absent"),
        ("../../etc/passwd", "/etc/passwd", "absent"),
        ("", "", "absent"),
    ],
)
def test_a_document_is_known_by_its_digest_alone(
    folder: Path, sha256: str, file_name: str, state: str
) -> None:
    texts = SourceTexts(folder)
    assert texts.state(sha256, file_name) == state
    assert texts.passage(sha256, file_name, 0, 3).state == state
    assert bool(texts.text(sha256)) is (state == "shown")


@pytest.mark.parametrize(
    ("first", "end"), [(0, 0), (5, 3), (-4, 2), (0, 10**9), (len(TEXT), len(TEXT) + 1)]
)
def test_a_place_outside_of_the_document_shows_nothing(folder: Path, first: int, end: int) -> None:
    passage = SourceTexts(folder).passage(DIGEST, "000.txt", first, end)
    assert passage == ("outside", "", "", "")


def test_a_file_that_was_changed_since_is_not_shown(folder: Path) -> None:
    texts = SourceTexts(folder)
    (folder / "000.txt").write_text("replaced", encoding="utf-8")
    assert texts.state(DIGEST, "000.txt") == "differs"
    assert texts.passage(DIGEST, "000.txt", 0, 3).printed == ""


def test_what_is_no_text_is_not_shown(folder: Path) -> None:
    content = b"\xff\xfe\x00"
    (folder / "image.txt").write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    assert SourceTexts(folder).state(digest, "image.txt") == "differs"


def test_without_a_folder_there_is_no_text() -> None:
    assert SourceTexts().passage(DIGEST, "000.txt", 0, 3) == ("none", "", "", "")


def test_a_folder_that_is_none_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnreadableSource, match=r"nowhere cannot be read \(No such file"):
        SourceTexts(tmp_path / "nowhere")
