"""What all tests share: where the reference material is, and the graph that ships."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def project() -> Path:
    """Return the folder of the checkout."""
    return PROJECT


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder with the sources and the truth, or skip where it is absent.

    METAPOLE_SHARED names it; while that is set, a missing folder is a failure.
    """
    named = os.environ.get("METAPOLE_SHARED")
    folder = Path(named) if named else PROJECT.parent / "shared"
    if not folder.is_dir():
        if named:
            pytest.fail(f"METAPOLE_SHARED names {folder}, which is not a folder")
        pytest.skip("the reference material is not here; set METAPOLE_SHARED to its folder")
    return folder
